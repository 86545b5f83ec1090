// What a scripted server does with a request: find the route, play its next reply, note what happened.

import { setImmediate as nextTurn, setTimeout as sleep } from "node:timers/promises";

// Between the parts of a piece, so that they arrive apart.
const CUT_MS = 4;
// The log is asked for often: what it keeps of a body is sent each time.
const BODY_KEPT = 128 * 1024;

/** @typedef {import("node:http").IncomingMessage} IncomingMessage */
/** @typedef {import("node:http").ServerResponse} ServerResponse */
/** @typedef {import("./support/types.d.ts").Definition} Definition */
/** @typedef {import("./support/types.d.ts").Entry} Entry */
/** @typedef {import("./support/types.d.ts").Piece} Piece */
/** @typedef {import("./support/types.d.ts").Reply} Reply */
/** @typedef {(how: Entry["ended"]) => void} End */

export class Script {
  /** @param {Definition} definition */
  constructor({ routes, cors = true }) {
    if (!Array.isArray(routes)) throw new TypeError("a script has routes");
    this.cors = cors;
    /** @type {Entry[]} */
    this.log = [];
    // Those of WebSockets, which the HTTP server no longer knows.
    this.sockets = new Set();
    this.routes = routes.map((route) => {
      if (!Array.isArray(route.replies) || route.replies.length === 0) {
        throw new TypeError("a route has replies");
      }
      return { ...route, played: 0 };
    });
  }

  /**
   * Begins a request's entry in the log; `end(how)` completes it.
   *
   * @param {IncomingMessage} request
   * @param {Partial<Entry>} [more]
   */
  note(request, more = {}) {
    /** @type {any} */
    const entry = {
      method: request.method,
      url: request.url,
      headers: request.headers,
      body: "",
      bodyBytes: 0,
      startedAt: Date.now(),
      status: null,
      sentBytes: 0,
      // null while open; then "complete", "client" (it went away), "reset" or "close" (as scripted)
      ended: null,
      endedAt: null,
      ...more,
    };
    this.log.push(entry);
    /** @type {End} */
    const end = (how) => {
      entry.ended ??= how;
      entry.endedAt ??= Date.now();
    };
    return { entry, end };
  }

  /**
   * @param {IncomingMessage} request
   * @param {ServerResponse} response
   */
  async handle(request, response) {
    const { entry, end } = this.note(request);
    response.on("finish", () => end("complete"));
    response.on("close", () => end("client"));
    response.on("error", () => end("client"));

    const reply = this.nextReply(request);
    // A server that does not read sees neither the body nor that the client has gone.
    if (reply.readAfterMs) await sleep(reply.readAfterMs);
    await readBody(request, entry);
    await play(reply, response, entry, end);
  }

  /** @param {IncomingMessage} request */
  nextReply(request) {
    const { pathname } = new URL(request.url ?? "", "http://fault");
    const route = this.routes.find(
      ({ method, path, headers = {}, offers }) =>
        (method === undefined || method === request.method) &&
        (path === undefined || new RegExp(`^(?:${path})$`).test(pathname)) &&
        (offers === undefined || offered(request).includes(offers)) &&
        Object.entries(headers).every(([name, value]) => request.headers[name] === value),
    );
    if (route === undefined) {
      return { status: 404, json: { error: { code: "no_route", message: "not in the script" } } };
    }
    // The last reply repeats.
    return route.replies[Math.min(route.played++, route.replies.length - 1)];
  }
}

/**
 * The subprotocols that a WebSocket's client offers.
 *
 * @param {IncomingMessage} request
 */
export function offered({ headers }) {
  return (headers["sec-websocket-protocol"] ?? "").split(",").map((name) => name.trim());
}

/**
 * @param {IncomingMessage} request
 * @param {Entry} entry
 */
async function readBody(request, entry) {
  const pieces = [];
  try {
    for await (const piece of request) {
      entry.bodyBytes += piece.length;
      if (entry.bodyBytes <= BODY_KEPT) pieces.push(piece);
    }
  } catch {
    // The client went away while sending; the log says so by `ended`.
  }
  entry.body = Buffer.concat(pieces).toString();
}

/**
 * Answers a request.
 *
 * @param {Reply} reply
 * @param {ServerResponse} response
 * @param {Entry} entry
 * @param {End} end
 */
export async function play(reply, response, entry, end) {
  if (reply.delayMs) await sleep(reply.delayMs);
  if (reply.status !== null) {
    const headers = { ...reply.headers };
    if (reply.json !== undefined) headers["content-type"] ??= "application/json";
    entry.status = reply.status ?? 200;
    response.writeHead(entry.status, headers);
    response.flushHeaders();
  }
  const body = reply.json !== undefined ? [JSON.stringify(reply.json)] : [reply.body ?? []].flat();
  for (const given of body) {
    const piece = typeof given === "string" ? { text: given } : given;
    if (response.destroyed) return;
    if (piece.waitMs !== undefined) await sleep(piece.waitMs);
    else if (piece.stall) return;
    else if (piece.reset || piece.close) {
      // Let what was written arrive first.
      await sleep(20);
      end(piece.reset ? "reset" : "close");
      if (piece.reset) response.socket?.resetAndDestroy();
      else response.socket?.destroy();
      return;
    } else await send(piece, response, entry);
  }
  if (reply.status === null) response.socket?.destroy();
  else response.end();
}

/**
 * What a piece says.
 *
 * @param {Piece} piece
 */
export function bytesOf({ text, json, base64 }) {
  if (base64 !== undefined) return Buffer.from(base64, "base64");
  return Buffer.from(json === undefined ? (text ?? "") : JSON.stringify(json));
}

/** After each write: those that the system takes at once follow each other before anything is read, a close too. */
export const turn = () => nextTurn();

/**
 * @param {Piece} piece
 * @param {ServerResponse} response
 * @param {Entry} entry
 */
async function send(piece, response, entry) {
  const bytes = bytesOf(piece);
  const times = piece.repeat === "forever" ? Infinity : (piece.repeat ?? 1);
  const cuts = [...(piece.cuts ?? []), bytes.length];
  for (let i = 0; i < times; i++) {
    let from = 0;
    for (const to of cuts) {
      if (response.destroyed) return;
      const part = bytes.subarray(from, to);
      from = to;
      if (part.length === 0) continue;
      entry.sentBytes += part.length;
      if (!response.write(part)) await drained(response);
      await turn();
      if (cuts.length > 1) await sleep(CUT_MS);
    }
    if (piece.everyMs) await sleep(piece.everyMs);
  }
}

/**
 * @param {ServerResponse} response
 * @returns {Promise<void>}
 */
function drained(response) {
  return new Promise((resolve) => {
    response.once("drain", resolve);
    response.once("close", resolve);
  });
}
