// Values as the service sends them, and short ways to answer with them.

/** @typedef {import("./types.d.ts").Ctx} Ctx */
/** @typedef {import("./types.d.ts").Piece} Piece */
/** @typedef {import("./types.d.ts").Route} Route */

export const ID = "3f2c9c56-8a53-4a6e-9d0f-0b5a2f4a7c11";
export const KEY = "ss_live_0123456789abcdefghijklmnopqrstuv";
export const TOKEN = "tok_first_5b1f0c";
export const FRESH = "tok_fresh_91ac2e";

/** A sandbox on the wire; a field given as `undefined` is left out. */
export function wireSandbox(fields = {}) {
  return {
    id: ID,
    name: "fixture",
    status: "active",
    vcpu_count: 2,
    memory_mib: 1024,
    created_at: "2026-08-01T12:00:00Z",
    metadata: {},
    access_token: TOKEN,
    ...fields,
  };
}

export const result = (fields = {}) => ({ stdout: "", stderr: "", exit_code: 0, ...fields });

/**
 * A `Response` with a JSON body.
 *
 * @param {number} status
 * @param {unknown} value
 * @param {Record<string, string>} [headers]
 */
export function json(status, value, headers = {}) {
  return new Response(JSON.stringify(value), {
    status,
    headers: { "content-type": "application/json", ...headers },
  });
}

export const noContent = () => new Response(null, { status: 204 });

/**
 * @param {number} status
 * @param {string} code
 * @param {string} message
 * @param {Record<string, string>} [headers]
 */
export const failure = (status, code, message, headers) =>
  json(status, { error: { code, message } }, headers);

/**
 * One event of a command's stream, as the service writes it.
 *
 * @param {unknown} data
 */
export const event = (data) => `data: ${JSON.stringify(data)}\n\n`;

export const finished = (exitCode = 0, more = {}) => event({ finished: true, exit_code: exitCode, ...more });

export const EVENT_STREAM = { "content-type": "text/event-stream" };

/**
 * A fault server's reply that is an event stream of these pieces.
 *
 * @param {(string | Piece)[]} body
 * @returns {import("./types.d.ts").Reply}
 */
export const streamReply = (...body) => ({ headers: EVENT_STREAM, body });

/**
 * A piece that never ends. Of a body that is given up between two reads, Chromium takes in another 16 KB or 5 s
 * before it closes the connection.
 *
 * @returns {Piece}
 */
export const ticks = (everyMs = 20) => ({
  text: `: ${"tick ".repeat(1000)}\n\n`,
  repeat: "forever",
  everyMs,
});

/**
 * A streaming `Response` of these pieces, each a string or bytes, each read on its own.
 *
 * @param {Iterable<string | Uint8Array>} pieces
 * @param {{ status?: number, headers?: Record<string, string>, onCancel?: (reason: unknown) => void }} [how]
 */
export function streamOf(pieces, { status = 200, headers = {}, onCancel } = {}) {
  const encoder = new TextEncoder();
  const source = pieces[Symbol.iterator]();
  const body = new ReadableStream({
    pull(controller) {
      const { done, value } = source.next();
      if (done) controller.close();
      else controller.enqueue(typeof value === "string" ? encoder.encode(value) : value);
    },
    cancel: onCancel,
  });
  return new Response(body, {
    status,
    headers: { ...EVENT_STREAM, ...headers },
  });
}

/**
 * The answer to a call whose stream says nothing but that it is alive, until the call ends.
 *
 * @param {import("./types.d.ts").Call} call
 * @param {number} everyMs
 */
export function commentsAlone({ init: { signal } }, everyMs) {
  const encoder = new TextEncoder();
  /** @type {ReturnType<typeof setInterval>} */
  let timer;
  const body = new ReadableStream({
    start(controller) {
      timer = setInterval(() => controller.enqueue(encoder.encode(": alive\n\n")), everyMs);
      signal.addEventListener("abort", () => {
        clearInterval(timer);
        controller.error(signal.reason);
      });
    },
    cancel: () => clearInterval(timer),
  });
  return new Response(body, { headers: EVENT_STREAM });
}

/**
 * A body that goes on until its reader cancels it. One that nobody stops fails at `limit` bytes, so
 * that careless reading fails a test and not the machine. `state` notes bytes pulled and the cancel.
 */
export function endlessBody({ piece = 65_536, limit = 64 << 20 } = {}) {
  const state = { pulled: 0, cancelled: false };
  const body = new ReadableStream({
    pull(controller) {
      state.pulled += piece;
      if (state.pulled > limit) controller.error(new Error(`read beyond ${limit} bytes`));
      else controller.enqueue(new Uint8Array(piece).fill(120));
    },
    cancel: () => void (state.cancelled = true),
  });
  return { body, state };
}

/**
 * The routes of a fault server that creates the fixture sandbox and serves what else is given.
 *
 * @param {Route[]} routes
 * @returns {Route[]}
 */
export const withSandbox = (...routes) => [
  ...routes,
  { method: "POST", path: "/sandboxes", replies: [{ status: 201, json: wireSandbox() }] },
];

/**
 * A sandbox object that belongs to a fault server.
 *
 * @param {Ctx} ctx
 * @param {{ origin: string }} server
 * @returns {Promise<import("./types.d.ts").Sandbox>}
 */
export function sandboxAt(ctx, server) {
  return ctx.sdk.Sandbox.create({ name: "fixture", apiKey: KEY, baseUrl: server.origin });
}
