// The relay on node:http. WebSockets are joined byte by byte, and a slow side holds the other back: of what the sandbox's
// side sends, only the last frame is read.
import { createHash } from "node:crypto";
import { request as httpRequest, ServerResponse } from "node:http";
import { request as httpsRequest } from "node:https";

import { clearedClose } from "./closing.js";

const WEBSOCKET_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/** How long a connection may go on after the answer, so that the answer arrives and no reset takes it along. */
const LINGER_MS = 2000;

/** @import { EventEmitter } from "node:events" */
/** @import { IncomingMessage } from "node:http" */
/** @import { Duplex, Transform } from "node:stream" */
/** @import { Socket } from "node:net" */
/** @import { Host, Line } from "./types.js" */
/** @typedef {(request: Request, host?: Partial<Host>) => Promise<unknown>} Handle */
/** @typedef {((request: Request) => Promise<unknown>) & { handle?: Handle, covers?: (path: string) => boolean }} Handler */

/**
 * A listener for "request" (or a middleware), with one for "upgrade" beside it. `relay` may be any fetch handler.
 *
 * @param {Handler} relay
 */
export function nodeListener(relay) {
  /** @type {{ handle?: Handle, covers?: (path: string) => boolean }} */
  const { handle = (request) => relay(request), covers = () => false } = relay;
  if (typeof relay !== "function") throw new TypeError("nodeListener takes a relay, or a fetch handler");

  /**
   * @param {IncomingMessage} request
   * @param {ServerResponse} response
   */
  async function listener(request, response) {
    const made = toRequest(request, response, bodyOf(request));
    if (!made) return void response.writeHead(400).end();
    // Where there is a listener for upgrades, this was none.
    const upgrades = upgradersOf(request.socket) > 0;
    const answer = await answerOf(() => handle(made, upgrades ? {} : undefined));
    await send(/** @type {Response} */ (answer), response);
    if (!request.complete) {
      // Nobody reads the rest.
      request.removeAllListeners("data").resume();
      linger(request.socket, request, "end");
    }
  }

  /**
   * @param {IncomingMessage} request
   * @param {Socket} socket
   * @param {Buffer} head
   */
  async function upgrade(request, socket, head) {
    socket.on("error", () => socket.destroy());
    if (!covers((request.url ?? "").split("?")[0])) {
      // Another listener's, if there is one.
      if (upgradersOf(socket) <= 1) socket.destroy();
      return;
    }
    const made = isHandshake(request) && toRequest(request, socket);
    if (!made) return void socket.end("HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n");
    // Pipelined behind a request that is not answered yet, as no browser does: this answer would run into that one's.
    if (isTaken(socket, request)) return void socket.destroy();
    const unwatched = watched(socket);
    /** @type {Host} */
    const host = { connect: (line) => connect(line, request, socket, head, unwatched) };
    const answer = await answerOf(() => handle(made, host), UPGRADED);
    unwatched();
    if (!(answer instanceof Response)) return;
    const response = new ServerResponse(request);
    response.shouldKeepAlive = false;
    response.assignSocket(socket);
    await send(answer, response);
    socket.end();
    socket.resume();
    linger(socket, socket, "close");
  }

  return Object.assign(listener, { upgrade });
}

/**
 * How many listeners for upgrades the socket's server has.
 *
 * @param {Socket & { server?: EventEmitter }} socket
 */
const upgradersOf = ({ server }) => server?.listenerCount("upgrade") ?? 0;

/**
 * @param {Socket} socket
 * @param {IncomingMessage} request
 */
function isTaken(socket, request) {
  const probe = new ServerResponse(request);
  try {
    probe.assignSocket(socket);
    probe.detachSocket(socket);
    return false;
  } catch {
    return true;
  }
}

/** In place of an answer: the socket is the sandbox's now. */
const UPGRADED = Symbol("upgraded");

/**
 * What a handler answers, or what stands for no answer. One that fails must not take the server with it.
 *
 * @param {() => unknown} handle
 * @param {symbol} [instead]
 */
async function answerOf(handle, instead) {
  try {
    const answer = (await handle()) ?? instead;
    if (answer !== undefined && answer === instead) return answer;
    if (!(answer instanceof Response)) throw new TypeError("the handler's answer is no Response");
    if (answer.bodyUsed || answer.body?.locked) throw new TypeError("the handler's answer was given before");
    return answer;
  } catch (error) {
    console.error(error);
    return new Response("internal error", { status: 500 });
  }
}

/**
 * The request for the relay, aborted when `connection` closes; undefined for one that `fetch` knows no form of.
 *
 * @param {IncomingMessage & { originalUrl?: string }} incoming
 * @param {ServerResponse | Duplex} connection
 * @param {ReadableStream<Uint8Array>} [body]
 */
function toRequest(incoming, connection, body) {
  const { socket, method, url, originalUrl } = incoming;
  const target = originalUrl ?? url ?? "";
  // A host with more in it would make another URL.
  if (!target.startsWith("/") || !/^[\w.:[\]-]+$/.test(`${incoming.headers.host}`)) return undefined;
  const controller = new AbortController();
  // One that has been answered to its end has nothing to abort, and an abort costs as much as all that is done for a header.
  connection.once("close", () => connection.writableFinished || controller.abort());
  /** @type {[string, string][]} */
  const headers = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]);
  try {
    const { signal } = controller;
    const { encrypted } = /** @type {Socket & { encrypted?: boolean }} */ (socket);
    const scheme = encrypted ? "https" : "http";
    /** @type {RequestInit & { duplex: "half" }} */
    const init = { method, headers, body, duplex: "half", signal };
    return new Request(`${scheme}://${incoming.headers.host}${target}`, init);
  } catch {
    // TRACE, say, or a host that is none.
    return undefined;
  }
}

/**
 * The body, read as fast as it is asked for.
 *
 * @param {IncomingMessage} incoming
 * @returns {ReadableStream<Uint8Array> | undefined}
 */
function bodyOf(incoming) {
  if (incoming.method === "GET" || incoming.method === "HEAD") return undefined;
  let over = false;
  return new ReadableStream(
    {
      start(controller) {
        if (incoming.readableDidRead || incoming.readableEnded) {
          over = true;
          controller.error(new Error("the body was read already: mount the relay before any body parser"));
          return;
        }
        /** @param {() => void} how */
        const end = (how) => {
          if (!over) how();
          over = true;
        };
        incoming.on("data", (chunk) => {
          if (over) return;
          controller.enqueue(chunk);
          incoming.pause();
        });
        incoming.on("end", () => end(() => controller.close()));
        incoming.on("error", (error) => end(() => controller.error(error)));
        incoming.on("close", () => end(() => controller.error(new Error("the page went away"))));
        incoming.pause();
      },
      pull: () => void (over || incoming.resume()),
      cancel() {
        over = true;
      },
    },
    { highWaterMark: 0 },
  );
}

/**
 * @param {Response} answer
 * @param {ServerResponse} response
 */
async function send(answer, response) {
  if (response.destroyed) {
    // The page left before there was an answer.
    answer.body?.cancel().catch(() => {});
    return;
  }
  const reader = answer.body?.getReader();
  /** @type {(() => void) | undefined} */
  let ready;
  const wake = () => ready?.();
  response.on("drain", wake);
  response.on("close", () => {
    wake();
    reader?.cancel().catch(() => {});
  });
  try {
    response.statusCode = answer.status;
    response.setHeaders(answer.headers);
    // What of the body is there already goes out in one write with the headers. It is the socket that holds it: a response that ends
    // while it is held itself loses its last chunks in Node.js 22.
    const { socket } = response;
    socket?.cork();
    setImmediate(() => socket?.uncork());
    response.flushHeaders();
    for (let chunk; reader && !(chunk = await reader.read()).done && !response.destroyed; ) {
      if (!response.write(chunk.value))
        await /** @type {Promise<void>} */ (new Promise((resolve) => (ready = resolve)));
    }
    response.end();
  } catch {
    // The page must not take what has arrived for the whole.
    response.destroy();
  }
}

/**
 * Closes a socket that the other side has left, as long as nobody reads it: that alone would tell. Gives the way to end that.
 *
 * @param {Socket} socket
 */
function watched(socket) {
  const look = () => {
    if (socket.readableLength === 0) socket.read();
  };
  const left = () => socket.destroy();
  socket.on("readable", look).on("end", left);
  return () => socket.off("readable", look).off("end", left);
}

/**
 * @param {Duplex} socket
 * @param {EventEmitter} emitter
 * @param {string} event
 */
function linger(socket, emitter, event) {
  const timer = setTimeout(() => socket.destroy(), LINGER_MS);
  emitter.once(event, () => clearTimeout(timer));
}

/** @param {string} key */
const acceptOf = (key) =>
  createHash("sha1")
    .update(key + WEBSOCKET_GUID)
    .digest("base64");

/** @param {IncomingMessage} request */
const isHandshake = ({ method, headers }) =>
  method === "GET" &&
  /^[a-z0-9+/]{22}==$/i.test(headers["sec-websocket-key"] ?? "") &&
  headers["sec-websocket-version"] === "13";

/**
 * Sends the page's own handshake to the sandbox, and what follows both ways. `ready` frees the page's socket.
 *
 * @param {Line} line
 * @param {IncomingMessage} incoming
 * @param {Socket} page
 * @param {Buffer} head
 * @param {() => void} ready
 * @returns {Promise<undefined>}
 */
function connect({ url, protocols, userAgent, signal, clear, onEnd }, incoming, page, head, ready) {
  return new Promise((resolve, reject) => {
    const key = `${incoming.headers["sec-websocket-key"]}`;
    const headers = {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-key": key,
      "sec-websocket-version": "13",
      "sec-websocket-protocol": protocols.join(", "),
      "user-agent": userAgent,
    };
    const send = url.startsWith("https:") ? httpsRequest : httpRequest;
    const dial = send(url, { headers, agent: false, signal });
    dial.on("error", reject);
    dial.on("response", (response) => {
      response.destroy();
      reject(new Error(`the WebSocket was answered with status ${response.statusCode}`));
    });
    dial.on("upgrade", (response, sandbox, first) => {
      const { "sec-websocket-accept": accept, "sec-websocket-protocol": protocol } = response.headers;
      sandbox.on("error", () => sandbox.destroy());
      if (accept !== acceptOf(key) || protocol !== protocols[0] || page.destroyed) {
        sandbox.destroy();
        return reject(new Error("the answer is not this WebSocket's"));
      }
      const lines = [
        "HTTP/1.1 101 Switching Protocols",
        "connection: Upgrade",
        "upgrade: websocket",
        `sec-websocket-accept: ${accept}`,
        `sec-websocket-protocol: ${protocol}`,
      ];
      ready();
      page.write(`${lines.join("\r\n")}\r\n\r\n`);
      join(page, sandbox, clearedClose(clear), head, first);
      page.once("close", onEnd);
      resolve(undefined);
    });
    dial.end();
  });
}

/**
 * @param {Socket} page
 * @param {Socket} sandbox
 * @param {Transform} cleared
 * @param {Buffer} fromPage
 * @param {Buffer} fromSandbox
 */
function join(page, sandbox, cleared, fromPage, fromSandbox) {
  for (const socket of [page, sandbox]) {
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 30_000);
    socket.setTimeout(0);
  }
  cleared.write(fromSandbox);
  sandbox.write(fromPage);
  page.pipe(sandbox);
  sandbox.pipe(cleared).pipe(page);
  page.once("close", () => sandbox.destroy());
  sandbox.once("close", () => cleared.end());
  cleared.once("end", () => {
    page.resume();
    linger(page, page, "close");
  });
}
