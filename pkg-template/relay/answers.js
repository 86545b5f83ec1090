import { through } from "./bodies.js";
import { SAFE } from "./refusal.js";

/** The answer to the page as the sandbox streams it. */
export function streamed({ status, headers: given, body }, watch) {
  const headers = { ...SAFE };
  for (const name of ["content-type", "content-length", "x-request-id"]) {
    if (given.has(name)) headers[name] = given.get(name);
  }
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

/** The answer to the page with the service's JSON, but for its access tokens. */
export function described(value, redact) {
  const status = value === undefined ? 204 : 200;
  const headers = { ...SAFE, "content-type": "application/json" };
  const shown = (key, inner) => (key === "access_token" ? undefined : inner);
  return new Response(value && redact(JSON.stringify(value, shown), value.access_token), { status, headers });
}
