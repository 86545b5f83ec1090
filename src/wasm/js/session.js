// Sessions: a command or a terminal over one WebSocket. Rust dials, and says when one ends (session.rs).
import {
  EXEC_PROTOCOL,
  FIRST_TERMINAL_SIZE,
  MAX_TERMINAL_SIDE,
  STDERR,
  STDIN,
  STDOUT,
  TERMINAL_PROTOCOL,
} from "#constants";
import { make, refusal, SANDBOX } from "./errors.js";
import { module } from "./module.js";
import { asyncDispose, encoder } from "./runtime.js";
import { int, sendable } from "./shape.js";
import { objectsOf, Sink } from "./stream.js";

/**
 * @import { Arguments } from "./arguments.js"
 * @import { Call } from "./call.js"
 */

/** @typedef {{ code: number, reason: string }} Close How a connection ended. */

/** Most bytes of input in one frame: older servers refuse messages over 64 KiB. */
const FRAME_BYTES = 32_768;
/** How long a closing handshake may take. */
const CLOSE_MS = 2_000;
const SWITCHED = /** @type {Response} */ ({ status: 101 });
const OPEN = 1;
const CLOSING = 2;
const NORMAL = 1000;
const TOO_BIG = 1009;
const ABNORMAL = 1006;
const LOST = "connection_closed";
const SIGTERM = "SIGTERM";
const SIGHUP = "SIGHUP";
const side = int(1, MAX_TERMINAL_SIDE);

/** @type {(message: string, code: string) => Error} */
const failure = (message, code) => make(SANDBOX, message, 0, code);

/** Those of the caller, or of the runtime. @param {Arguments} given */
const webSocketOf = ({ link }) => link?.webSocket ?? globalThis.WebSocket;

/** @param {Arguments} given */
export const hasWebSocket = (given) => typeof webSocketOf(given) === "function";

/**
 * Dials. `kind` says what the token is; an empty `hint` is none.
 *
 * @param {Call} call
 * @param {string} url
 * @param {boolean} isTerminal
 * @param {string} kind
 * @param {string} token
 * @param {string} hint
 */
export function dial(call, url, isTerminal, kind, token, hint) {
  const protocols = [isTerminal ? TERMINAL_PROTOCOL : EXEC_PROTOCOL, `${kind}.${token}`];
  if (hint) protocols.push(`route.${hint}`);
  const secrets = `${token}\0${hint}`;
  const told = call.dial(url, secrets);
  const socket = new (webSocketOf(call.given))(url, protocols);
  const line = new Line(call, socket, secrets, isTerminal);
  line.on("open", () => {
    // What it is opened for goes over it at once.
    call.given.mayHaveRun = true;
    told?.answered(SWITCHED);
  });
  return line;
}

/** The session that the line is for. @type {(line: Line, given: Arguments) => object} */
export const begin = (line, given) => (line.isTerminal ? terminal : command)(line, given);

/** A WebSocket, and how it ends. */
class Line {
  /** @type {Promise<unknown> | undefined} What the session comes to. */
  over;
  /** @type {Promise<unknown> | undefined} What its `wait` answers. */
  result;
  /** The signal that ends what is on the other side. */
  farewell;
  #socket;
  /** The promise that what comes is held back for. @type {Promise<unknown> | undefined} */
  #held;
  #secrets;
  /** @type {any} Settles `closed`. */
  #end;
  /** @type {any} Ends a dial. */
  #giveUp;
  #closing = false;

  /**
   * @param {Call} call
   * @param {WebSocket} socket
   * @param {string} secrets
   * @param {boolean} isTerminal
   */
  constructor(call, socket, secrets, isTerminal) {
    this.call = call;
    this.isTerminal = isTerminal;
    this.farewell = isTerminal ? SIGHUP : SIGTERM;
    this.#socket = socket;
    this.#secrets = secrets;
    socket.binaryType = "arraybuffer";
    /** @type {Promise<Close>} Resolves with the close code and reason. */
    this.closed = new Promise((resolve) => {
      this.#end = resolve;
      // Deno (seen in 2.5) has 0 for a connection that broke.
      this.on("close", ({ code, reason }) =>
        resolve({ code: code || ABNORMAL, reason: this.conceal(`${reason ?? ""}`) }),
      );
    });
    this.on("error", () => this.#endSoon());
    // A peer may begin to close and never end the connection, of which no event tells.
    const watch = setInterval(() => socket.readyState === CLOSING && this.close(), CLOSE_MS);
    this.closed.then(() => clearInterval(watch));
  }

  /**
   * @param {string} event
   * @param {(event: any) => void} listener
   */
  on(event, listener) {
    this.#socket.addEventListener(event, listener);
  }

  /** A text without the token and the hint. @param {string} text */
  conceal(text) {
    return module.redacted(text, this.#secrets) ?? text;
  }

  /** The other side may be gone without a word; Node.js 22 has no `close` after an `error`. */
  #endSoon() {
    const timer = setTimeout(() => this.#end({ code: ABNORMAL, reason: "" }), CLOSE_MS);
    this.closed.then(() => clearTimeout(timer));
  }

  /**
   * Resolves once the connection is made. Whoever listens to `open` before this is called speaks first: engines let
   * promises run between listeners.
   *
   * @returns {Promise<unknown>}
   */
  opened() {
    return new Promise((resolve, reject) => {
      this.#giveUp = (/** @type {{ message?: unknown }} */ { message } = {}) => {
        reject(new Error(typeof message === "string" && message ? message : "no WebSocket connection"));
      };
      this.on("open", resolve);
      this.on("error", this.#giveUp);
      this.closed.then(() => this.#giveUp());
    });
  }

  /** Gives up a dial. */
  giveUp() {
    this.#giveUp();
  }

  /** Sends a frame, unless the connection is over. @param {string | Uint8Array} frame */
  send(frame) {
    // A socket throws for memory that is shared with a thread, which the types forbid.
    if (this.#socket.readyState === OPEN)
      this.#socket.send(/** @type {string | Uint8Array<ArrayBuffer>} */ (frame));
  }

  /**
   * Takes nothing more from the connection until what callbacks were given is taken. No standard says how: `ws` can, and
   * where the WebSocket cannot, all goes on.
   */
  hold() {
    const { held } = this.call;
    if (!held || held === this.#held) return;
    this.#held = held;
    this.#pause("pause");
    held.then(() => this.#pause("resume"));
  }

  /** @param {"pause" | "resume"} how */
  #pause(how) {
    try {
      /** @type {any} */ (this.#socket)[how]?.();
    } catch {
      // Whatever that is.
    }
  }

  /** Sends a signal to what is on the other side. @param {unknown} [name] */
  signal(name = this.farewell) {
    if (typeof name !== "string" || !/^SIG[A-Z0-9+-]+$/.test(name)) {
      throw refusal("signal", "be a name such as SIGTERM");
    }
    this.send(JSON.stringify({ type: "signal", name }));
  }

  /** Tells the other side that it is no longer wanted. */
  hangUp() {
    this.signal();
  }

  /** Begins to close, once. */
  close() {
    if (this.#closing) return;
    this.#closing = true;
    // Else the end would not be heard.
    this.#pause("resume");
    this.#socket.close();
    this.#endSoon();
  }

  /** Adds to a session's own what every session has. @param {object} own */
  session(own) {
    const close = async () => {
      this.call.fail(failure("the session was closed", "session_closed"));
      await this.closed;
    };
    const session = /** @type {any} */ (Object.assign(own, { wait: () => this.result, close }));
    session[asyncDispose] = close;
    return session;
  }
}

/** The session of a command. @type {(line: Line, given: Arguments) => object} */
function command(line, given) {
  const { call } = line;
  const { onStdout, onStderr, onOutput } = given.locals;
  const output = new Sink(inContext(onStdout), inContext(onStderr), onOutput);
  // biome-ignore lint/suspicious/noSparseArray: these are of STDOUT and STDERR, and channel 0, STDIN, has none.
  const decoders = /** @type {TextDecoder[]} */ ([, decoder(), decoder()]);
  let done = false;
  /** @type {Error | undefined} */
  let told;
  const emit = (/** @type {number} */ channel, /** @type {string | Uint8Array} */ text) => {
    if (text.length) attempt(call, () => output.add(channel, text, call));
  };
  line.over = new Promise((resolve, reject) => {
    line.on("open", () => line.send(given.body()));
    line.on("message", ({ data }) => {
      if (done || !call.goesOn()) return;
      if (typeof data !== "string") {
        const bytes = new Uint8Array(data);
        const [channel] = bytes;
        const own = decoders[channel] && bytes.subarray(1);
        if (own) emit(channel, onOutput ? own : decoders[channel].decode(own, { stream: true }));
        return line.hold();
      }
      // A frame that is not the service's is passed over.
      const [frame = {}] = objectsOf(data);
      const { finished, error } = frame;
      if (finished === true) {
        // It closes at once: whoever hears of the end may still signal, and nothing is to reach what the command left
        // behind.
        line.close();
        for (const channel of [STDOUT, STDERR]) emit(channel, decoders[channel].decode());
      }
      if (typeof error === "string") emit(STDERR, error);
      if (finished === true) {
        done = true;
        attempt(call, () => resolve(output.end(frame)), reject);
      } else if (error) {
        // The close comes next, and says less.
        const code = /^[a-z_]+$/.test(frame.code ?? "") ? frame.code : LOST;
        told = failure(line.conceal(`${error}`), code);
        line.close();
      }
    });
    line.closed.then((end) => reject(lost(end, "the command finished", told)));
  });
  line.over.catch(() => {});
  let inputEnded = false;
  const stdin = {
    /** @param {unknown} data */
    write(data) {
      const bytes = bytesOf(data);
      if (inputEnded) throw failure("stdin is closed", "stdin_closed");
      for (const piece of pieces(bytes)) {
        const frame = new Uint8Array(piece.length + 1);
        frame[0] = STDIN;
        frame.set(piece, 1);
        line.send(frame);
      }
    },
    close() {
      if (!inputEnded) line.send('{"type":"stdin_close"}');
      inputEnded = true;
    },
  };
  return line.session({ stdin, kill: (/** @type {unknown} */ signal) => line.signal(signal) });
}

/** The session of a terminal. @type {(line: Line, given: Arguments) => object} */
function terminal(line, given) {
  const { call } = line;
  const onData = inContext(given.locals.onData);
  /** @type {(cols: unknown, rows: unknown) => void} */
  const resize = (cols, rows) => line.send(JSON.stringify({ type: "resize", cols, rows }));
  line.on("open", () => {
    const { cols, rows } = { ...FIRST_TERMINAL_SIZE, ...given.wire };
    if (given.has("cols") || given.has("rows")) resize(cols, rows);
  });
  line.on("message", ({ data }) => {
    if (typeof data !== "string") attempt(call, () => call.give(onData, new Uint8Array(data)));
    line.hold();
  });
  line.over = line.closed.then((end) => {
    if (end.code === NORMAL) return end;
    throw lost(end, "the shell ended");
  });
  line.over.catch(() => {});
  return line.session({
    closed: line.closed,
    /** @param {unknown} data */
    write(data) {
      for (const piece of pieces(bytesOf(data))) line.send(piece);
    },
    /**
     * @param {unknown} cols
     * @param {unknown} rows
     */
    resize(cols, rows) {
      resize(side(cols, "cols"), side(rows, "rows"));
    },
    kill: (/** @type {unknown} */ signal) => line.signal(signal),
  });
}

/**
 * `callback` in the async context of this moment, where the runtime can say which: an event has none of ours.
 *
 * @param {Function | undefined} callback
 * @returns {Function | undefined}
 */
function inContext(callback) {
  const hooks = globalThis.process?.getBuiltinModule?.("node:async_hooks");
  const { AsyncLocalStorage } = /** @type {any} */ (hooks ?? globalThis);
  return callback && (AsyncLocalStorage?.bind?.(callback) ?? callback);
}

/** A byte order mark is a character like any other. */
const decoder = () => new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Does some work for `call`, unless that has ended. What it throws is given to `fail`: an event has nobody to throw to.
 *
 * @param {Call} call
 * @param {() => void} work
 * @param {(error: unknown) => void} [fail]
 */
function attempt(call, work, fail) {
  try {
    if (!call.ended) work();
  } catch (error) {
    fail?.(error);
  }
}

/**
 * The error of a connection that ended too soon. `told` is what the service said of it before.
 *
 * @param {Close} end
 * @param {string} before
 * @param {Error} [told]
 */
function lost({ code, reason }, before, told) {
  if (told) return told;
  const end = `code ${code}${reason ? `: ${reason}` : ""}`;
  const large =
    "; a message was too large, the command most likely: send bulk data through stdin or as a file";
  const message = `the connection closed before ${before} (${end})${code === TOO_BIG ? large : ""}`;
  return failure(message, LOST);
}

/** The bytes of what a caller writes. @param {unknown} data */
export function bytesOf(data) {
  if (typeof data === "string") return encoder().encode(data);
  if (ArrayBuffer.isView(data)) {
    const { buffer, byteOffset, byteLength } = sendable(data);
    return new Uint8Array(buffer, byteOffset, byteLength);
  }
  throw refusal("data", "be a string or a Uint8Array");
}

/** The same in pieces that fit into a frame. @param {Uint8Array} bytes */
function* pieces(bytes) {
  for (let at = 0; at < bytes.length; at += FRAME_BYTES) yield bytes.subarray(at, at + FRAME_BYTES);
}
