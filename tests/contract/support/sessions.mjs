// The two kinds of sessions, so that what holds for both is tested on both, and short ways to have one.

import { KEY, TOKEN, noContent } from "./fixtures.mjs";
import { accept, stubSockets } from "./stub-socket.mjs";
import { stubbedSandbox } from "./stub-fetch.mjs";

/** @typedef {import("./types.d.ts").Ctx} Ctx */
/** @typedef {import("./types.d.ts").Kind} Kind */
/** @typedef {import("./types.d.ts").StubSocket} StubSocket */

/** @type {Kind[]} */
export const KINDS = [
  {
    name: "spawn",
    path: "/exec/connect",
    protocol: "superserve.exec.v1",
    /** Frames that the client sends by itself. */
    openingFrames: 1,
    start: (sandbox, options) => sandbox.commands.spawn("fixture", options),
    callback: "onStdout",
    /** Sends output. */
    say: (socket, text) => socket.bytes(1, text),
    /** Ends it well. */
    finish(socket) {
      socket.finish();
      socket.end();
    },
    /** A fault server's frames that do the same. */
    saying: (text) => ({ channel: 1, text }),
    finishing: [{ json: { finished: true, exit_code: 0 } }],
    write: (session, data) => session.stdin.write(data),
  },
  {
    name: "terminal",
    path: "/terminal",
    protocol: "superserve.terminal.v1",
    openingFrames: 0,
    start: (sandbox, options) => sandbox.terminal(options),
    callback: "onData",
    say: (socket, text) => socket.bytes(text),
    finish: (socket) => socket.end(1000, "shell exited"),
    saying: (text) => ({ base64: btoa(text) }),
    finishing: [{ closing: { code: 1000, reason: "shell exited" } }],
    write: (session, data) => session.write(data),
  },
];

/**
 * The fixture sandbox over stubs: `calls` are its requests, `sockets` its WebSockets.
 *
 * @param {Ctx} ctx
 * @param {{
 *   socket?: (socket: StubSocket, index: number) => unknown,
 *   fetch?: import("./types.d.ts").Handler,
 *   wire?: object,
 *   options?: object,
 * }} [how]
 */
export async function socketSandbox(
  ctx,
  { socket: onSocket = accept, fetch: onFetch = noContent, ...more } = {},
) {
  const { sandbox, calls } = await stubbedSandbox(ctx, onFetch, more);
  const sockets = stubSockets(ctx, onSocket);
  return { sandbox, calls, sockets };
}

/**
 * A session of the kind over a stub, and its socket.
 *
 * @param {Ctx} ctx
 * @param {Kind} kind
 * @param {object} [options]
 */
export async function stubbedSession(ctx, kind, options) {
  const { sandbox, calls, sockets } = await socketSandbox(ctx);
  const session = await kind.start(sandbox, options);
  return { session, socket: sockets[0], sandbox, calls, sockets };
}

/**
 * How a promise ended: its value or, if it rejected, the error.
 *
 * @param {Promise<any>} promise
 */
export const outcome = (promise) => promise.catch((error) => error);

/**
 * The bytes of all parts.
 *
 * @param {Uint8Array[]} parts
 */
export function joined(parts) {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/**
 * The error that `wait` rejects with, and what must hold whatever it is.
 *
 * @param {Ctx} ctx
 * @param {Kind} kind
 * @param {any} session
 * @param {string} [what]
 */
export async function endOf(ctx, kind, session, what) {
  const error = await ctx.assert.rejects(session.wait(), ctx.sdk.SandboxError, what);
  ctx.assert.equal(error.statusCode, undefined, what);
  for (const secret of [KEY, TOKEN]) ctx.assert.excludes(`${error.stack}${JSON.stringify(error)}`, secret);
  if (kind.name === "terminal") {
    const { code, reason } = await session.closed;
    ctx.assert.equal(typeof code, "number", `${what}: closed tells a code`);
    ctx.assert.equal(typeof reason, "string", `${what}: closed tells a reason`);
  }
  return error;
}
