// A stand-in for globalThis.fetch that notes every call.

import { KEY, json, wireSandbox } from "./fixtures.mjs";
import { watchReads } from "./virtual-time.mjs";

/** @typedef {import("./types.d.ts").Call} Call */
/** @typedef {import("./types.d.ts").Ctx} Ctx */
/** @typedef {import("./types.d.ts").Handler} Handler */

/**
 * Headers of a call, by lower-case name.
 *
 * @param {Record<string, string>} [headers]
 */
const lowered = (headers = {}) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

/**
 * Replaces `globalThis.fetch` until the test ends. `handler(call, index)` answers with a `Response`,
 * a promise of one, or a throw. Returns the list of calls, which grows.
 *
 * @param {Ctx} ctx
 * @param {Handler} handler
 */
export function stubFetch(ctx, handler) {
  watchReads(ctx);
  /** @type {Call[]} */
  const calls = [];
  const original = globalThis.fetch;
  globalThis.fetch = (/** @type {any[]} */ ...args) => {
    const [url, init] = args;
    /** @type {Call} */
    const call = {
      args,
      url,
      init,
      method: init?.method ?? "GET",
      headers: lowered(init?.headers),
      get path() {
        const { pathname, search } = new URL(url);
        return pathname + search;
      },
      get json() {
        return JSON.parse(init.body);
      },
    };
    calls.push(call);
    const answer = handler(call, calls.length - 1);
    // A handler may answer plainly; fetch never does.
    return answer instanceof Response ? Promise.resolve(answer) : answer;
  };
  ctx.defer(() => {
    globalThis.fetch = original;
  });
  return calls;
}

/**
 * Answers nothing until the call is aborted, then rejects as fetch does.
 *
 * @param {Call} call
 * @returns {Promise<never>}
 */
export function hang(call) {
  return new Promise((_, reject) => {
    const { signal } = call.init;
    if (signal?.aborted) reject(signal.reason);
    signal?.addEventListener("abort", () => reject(signal.reason));
  });
}

/**
 * A sandbox object over a stub: `handler` gets every call after the create. Returns the sandbox and
 * the calls after the create.
 *
 * @param {Ctx} ctx
 * @param {Handler} handler
 * @param {{ wire?: object, options?: object }} [how]
 * @returns {Promise<{ sandbox: import("./types.d.ts").Sandbox, calls: Call[] }>}
 */
export async function stubbedSandbox(ctx, handler, { wire = {}, options = {} } = {}) {
  const calls = stubFetch(ctx, () => json(201, wireSandbox(wire)));
  const sandbox = await ctx.sdk.Sandbox.create({
    name: "fixture",
    apiKey: KEY,
    baseUrl: "http://localhost:9",
    ...options,
  });
  // All of them, to see by a failure what came in between.
  ctx.assert.deepEqual(
    calls.map(({ method, path }) => `${method} ${path}`),
    ["POST /sandboxes"],
  );
  return { sandbox, calls: stubFetch(ctx, handler) };
}
