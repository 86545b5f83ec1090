import { through } from "./bodies.js";
import { SAFE } from "./refusal.js";

/** @import { Watch } from "./types.js" */
/** @import { Secrets } from "./secrets.js" */

/**
 * The answer to the page as the sandbox streams it.
 *
 * @param {Response} answer
 * @param {Secrets} secrets
 * @param {Watch} watch
 */
export function streamed({ status, headers: given, body }, secrets, watch) {
  const passed = ["content-type", "content-length", "last-modified", "x-request-id"];
  /** @type {Record<string, string>} */
  const headers = { ...SAFE, ...secrets.clearedHeaders(passed, given) };
  // Of what `fetch` has unpacked the length is another.
  if (given.has("content-encoding")) delete headers["content-length"];
  if (!body) watch.onEnd();
  let stream = body && through(body, watch);
  const length = headers["content-length"];
  if (stream && length && typeof FixedLengthStream === "function") {
    // In a Worker such a stream's length is told, and no other's.
    stream = stream.pipeThrough(new FixedLengthStream(Number(length)));
  }
  return new Response(stream, { status, headers });
}

/**
 * The answer to the page with the service's JSON.
 *
 * @param {unknown} value
 * @param {Secrets} secrets
 */
export function described(value, secrets) {
  const { access_token: token, routing_hint: hint } = /** @type {Record<string, unknown>} */ (value ?? {});
  for (const one of [token, hint]) if (one && typeof one === "string") secrets.addToken(one);
  const status = value === undefined ? 204 : 200;
  const headers = { ...SAFE, "content-type": "application/json" };
  return new Response(value ? JSON.stringify(secrets.clearedJson(value)) : null, { status, headers });
}
