// A stand-in for globalThis.WebSocket that a test drives, as strict as the standard is.

import { nextTurn } from "./virtual-time.mjs";

const encoder = new TextEncoder();

const [CONNECTING, OPEN, CLOSING, CLOSED] = [0, 1, 2, 3];
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** @param {string | Iterable<number>} data */
const bytesOf = (data) => (typeof data === "string" ? encoder.encode(data) : Uint8Array.from(data));

export class StubSocket extends EventTarget {
  static CONNECTING = CONNECTING;
  static OPEN = OPEN;
  static CLOSING = CLOSING;
  static CLOSED = CLOSED;

  /** @type {any} */
  onopen = null;
  /** @type {any} */
  onmessage = null;
  /** @type {any} */
  onerror = null;
  /** @type {any} */
  onclose = null;
  /**
   * Told of each frame that the client sends.
   *
   * @type {((frame: any) => void) | undefined}
   */
  onsent;
  binaryType = "blob";
  /** @type {number} */
  readyState = CONNECTING;
  protocol = "";
  extensions = "";
  bufferedAmount = 0;
  /**
   * What the client sent, as JSON of a text or as bytes.
   *
   * @type {any[]}
   */
  sent = [];
  /**
   * The arguments of each call of `close`.
   *
   * @type {[code: number | undefined, reason: string][]}
   */
  closes = [];
  /** A server that is deaf does not answer a close. */
  deaf = false;

  /**
   * @param {string | URL} url
   * @param {string | string[]} [protocols]
   */
  constructor(url, protocols = []) {
    super();
    this.url = new URL(url).href;
    this.protocols = [protocols].flat();
    const sound = this.protocols.every((name) => TOKEN.test(name));
    if (!sound || new Set(this.protocols).size < this.protocols.length) {
      throw new DOMException("not a list of subprotocols", "SyntaxError");
    }
  }

  /** @param {any} data */
  send(data) {
    if (this.readyState === CONNECTING) throw new DOMException("still connecting", "InvalidStateError");
    if (this.readyState !== OPEN) return;
    // As browsers have it.
    const isShared = Object.prototype.toString.call(data.buffer) === "[object SharedArrayBuffer]";
    if (isShared) throw new TypeError("the memory is shared");
    if (typeof data === "string") this.sent.push(JSON.parse(data));
    else this.sent.push(new Uint8Array(data.buffer ?? data, data.byteOffset, data.byteLength).slice());
    this.onsent?.(this.sent.at(-1));
  }

  /** @param {number} [code] */
  close(code, reason = "") {
    if (code !== undefined && code !== 1000 && !(code >= 3000 && code <= 4999)) {
      throw new DOMException(`a client may not close with ${code}`, "InvalidAccessError");
    }
    if (encoder.encode(reason).length > 123) throw new DOMException("too long a reason", "SyntaxError");
    this.closes.push([code, reason]);
    if (this.readyState >= CLOSING) return;
    const connected = this.readyState === OPEN;
    this.readyState = CLOSING;
    if (this.deaf) return;
    nextTurn(() => (connected ? this.end(code ?? 1005, reason) : this.fail()));
  }

  // What the server does.

  open(protocol = this.protocols[0]) {
    if (this.readyState !== CONNECTING) return;
    this.readyState = OPEN;
    this.protocol = protocol;
    this.#emit("open");
  }

  /**
   * Sends text: a string as it is, anything else as JSON.
   *
   * @param {unknown} value
   */
  text(value) {
    this.#message(typeof value === "string" ? value : JSON.stringify(value));
  }

  /**
   * Sends these bytes, of which each part may be a number, a string or bytes.
   *
   * @param {(number | string | Iterable<number>)[]} parts
   */
  bytes(...parts) {
    const all = parts.flatMap((part) => (typeof part === "number" ? [part] : [...bytesOf(part)]));
    this.binary(Uint8Array.from(all));
  }

  /**
   * Sends these bytes as they are.
   *
   * @param {Uint8Array<ArrayBuffer>} bytes
   */
  binary({ buffer, byteOffset, byteLength }) {
    const own = buffer.byteLength === byteLength ? buffer : buffer.slice(byteOffset, byteOffset + byteLength);
    this.#message(this.binaryType === "arraybuffer" ? own : new Blob([own]));
  }

  /** The command has ended. */
  finish(exitCode = 0, more = {}) {
    this.text({ finished: true, exit_code: exitCode, ...more });
  }

  /** The connection has ended. */
  end(code = 1000, reason = "") {
    if (this.readyState === CLOSED) return;
    this.readyState = CLOSED;
    this.#emit("close", { code, reason, wasClean: code !== 1006 });
  }

  /** The connection has failed. */
  fail() {
    if (this.readyState === CLOSED) return;
    this.readyState = CLOSED;
    this.#emit("error");
    this.#emit("close", { code: 1006, reason: "", wasClean: false });
  }

  /** The connection has failed, which Node 22 tells so of a dial. */
  failQuietly() {
    this.readyState = CLOSED;
    this.#emit("error");
  }

  /** What was sent as text. */
  get controls() {
    return this.sent.filter((frame) => !ArrayBuffer.isView(frame));
  }

  /** What was sent as bytes. */
  get frames() {
    return this.sent.filter((frame) => ArrayBuffer.isView(frame));
  }

  /** @param {unknown} data */
  #message(data) {
    if (this.readyState === OPEN || this.readyState === CLOSING) this.#emit("message", { data });
  }

  /** @param {"open" | "message" | "error" | "close"} type */
  #emit(type, fields = {}) {
    const event = Object.assign(new Event(type), fields);
    this[`on${type}`]?.(event);
    this.dispatchEvent(event);
  }
}

/**
 * Accepts the connection.
 *
 * @param {StubSocket} socket
 */
export const accept = (socket) => socket.open();

/**
 * Refuses it.
 *
 * @param {StubSocket} socket
 */
export const refuse = (socket) => socket.fail();

/**
 * Replaces `globalThis.WebSocket` until the test ends. A turn after each was made, `handler(socket, index)`
 * decides about it. Returns the list of sockets, which grows.
 *
 * @param {Pick<import("./types.d.ts").Ctx, "defer">} ctx
 * @param {(socket: StubSocket, index: number) => unknown} [handler]
 */
export function stubSockets(ctx, handler = accept) {
  /** @type {StubSocket[]} */
  const sockets = [];
  replaceWebSocket(
    ctx,
    class WebSocket extends StubSocket {
      /** @param {[url: string | URL, protocols?: string | string[]]} args */
      constructor(...args) {
        super(...args);
        const index = sockets.push(this) - 1;
        nextTurn(() => handler(this, index));
      }
    },
  );
  return sockets;
}

/**
 * Sets `globalThis.WebSocket` until the test ends; `undefined` is a runtime without one.
 *
 * @param {Pick<import("./types.d.ts").Ctx, "defer">} ctx
 * @param {any} WebSocket
 */
export function replaceWebSocket(ctx, WebSocket) {
  const original = Object.getOwnPropertyDescriptor(globalThis, "WebSocket");
  if (original?.configurable === false) {
    // The edge runtime's can be written all the same.
    globalThis.WebSocket = WebSocket;
    ctx.defer(() => {
      globalThis.WebSocket = original.value;
    });
    return;
  }
  Object.defineProperty(globalThis, "WebSocket", { value: WebSocket, configurable: true, writable: true });
  ctx.defer(() => {
    if (original) Object.defineProperty(globalThis, "WebSocket", original);
    else Reflect.deleteProperty(globalThis, "WebSocket");
  });
}
