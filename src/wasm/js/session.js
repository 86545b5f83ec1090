// Sessions: a command or a terminal over one WebSocket.
import {
  EXEC_PROTOCOL,
  FIRST_TERMINAL_SIZE,
  GRACE_MS,
  MAX_TERMINAL_SIDE,
  STDERR,
  STDIN,
  STDOUT,
  TERMINAL_PROTOCOL,
} from "#constants";
import { SANDBOX, make, refusal } from "./errors.js";
import { failed } from "./failures.js";
import { Call } from "./http.js";
import { encoder } from "./runtime.js";
import { conceal, stamp } from "./secrets.js";
import { int } from "./shape.js";
import { Sink, give, objectsOf } from "./stream.js";

/** Most bytes of input in one frame: older servers refuse messages over 64 KiB. */
const FRAME_BYTES = 32_768;
const DIAL_MS = 30_000;
/** How long a closing handshake may take. */
const CLOSE_MS = 2_000;
const OPEN = 1;
const CLOSING = 2;
const NORMAL = 1000;
const TOO_BIG = 1009;
const ABNORMAL = 1006;
const LOST = "connection_closed";
const SIGTERM = "SIGTERM";
const SIGHUP = "SIGHUP";
const side = int(1, MAX_TERMINAL_SIDE);

const failure = (message, code) => make(SANDBOX, message, 0, code);

/** How to give up dials under way, by the token they use. */
const dialling = new Map();

/** One failed dial tells what the token is worth: Firefox lets each of many others wait longer than the one before. */
function giveUpAll(token) {
  const all = dialling.get(token) ?? [];
  dialling.delete(token);
  for (const giveUp of all) giveUp();
}

/**
 * Dials once, and opens the session that `given` describes. A connection that could not be made rejects with a
 * network error. `kind` says what the token is, `first` that a further dial may follow.
 */
export async function dial(terminal, url, kind, token, given, sandboxId, first) {
  const { WebSocket } = globalThis;
  if (typeof WebSocket !== "function") {
    const how = "Node.js has one from version 22 on; elsewhere set globalThis.WebSocket";
    throw failure(`a session needs a global WebSocket, which this runtime lacks: ${how}`, "no_websocket");
  }
  const call = new Call(given.signal);
  call.check();
  let line;
  try {
    const protocol = terminal ? TERMINAL_PROTOCOL : EXEC_PROTOCOL;
    line = open(WebSocket, url, [protocol, `${kind}.${token}`], token);
  } catch (error) {
    call.close();
    // A page's policy may forbid it. Its words may have the token in them.
    throw failure(
      conceal(`the runtime refuses the WebSocket: ${error?.message}`, [token]),
      "websocket_refused",
    );
  }
  const [over, session] = (terminal ? shell : command)(line, call, given);
  let result;
  session.wait = () => result;
  session.close = async () => {
    call.fail(failure("the session was closed", "session_closed"));
    await line.closed;
  };
  if (Symbol.asyncDispose) session[Symbol.asyncDispose] = session.close;
  const opened = line.opened();
  const dials = dialling.get(token) ?? new Set();
  // A relay refuses for other reasons too, one of them that there are too many.
  const tells = first && kind === "token";
  if (tells) dialling.set(token, dials.add(line.giveUp));
  try {
    call.limit(DIAL_MS);
    await call.wait(opened);
  } catch (error) {
    line.close();
    call.close();
    if (tells && !call.ended) giveUpAll(token);
    throw error;
  } finally {
    dials.delete(line.giveUp);
    if (dials.size === 0) dialling.delete(token);
  }
  call.limit(given.timeoutMs && given.timeoutMs + GRACE_MS);
  result = call.wait(over);
  result
    .catch((error) => {
      stamp(error, terminal ? "Sandbox.terminal" : "Commands.spawn", sandboxId);
      line.signal(terminal ? SIGHUP : SIGTERM);
    })
    .then(() => {
      line.close();
      call.close();
    });
  return session;
}

/** A WebSocket, and how it ends. */
function open(WebSocket, url, protocols, token) {
  const socket = new WebSocket(url, protocols);
  socket.binaryType = "arraybuffer";
  const on = (event, listener) => socket.addEventListener(event, listener);
  let end;
  let giveUp;
  let closing = false;
  /** Resolves with the close code and reason. */
  const closed = new Promise((resolve) => {
    end = resolve;
    // Deno has 0 for a connection that broke.
    on("close", ({ code, reason }) =>
      resolve({ code: code || ABNORMAL, reason: conceal(`${reason ?? ""}`, [token]) }),
    );
  });
  /** The other side may be gone without a word; Node.js 22 has no `close` after an `error`. */
  const endSoon = () => {
    const timer = setTimeout(() => end({ code: ABNORMAL, reason: "" }), CLOSE_MS);
    closed.then(() => clearTimeout(timer));
  };
  on("error", endSoon);
  // A peer may begin to close and never end the connection, of which no event tells.
  const watch = setInterval(() => socket.readyState === CLOSING && line.close(), CLOSE_MS);
  closed.then(() => clearInterval(watch));
  const line = {
    /** Whoever listens to `open` before this is called speaks first: engines let promises run between listeners. */
    opened: () =>
      new Promise((resolve, reject) => {
        giveUp = ({ message } = {}) => {
          const why =
            typeof message === "string" && message ? conceal(message, [token]) : "no WebSocket connection";
          reject(failed(new Error(why)));
        };
        on("open", resolve);
        on("error", giveUp);
        closed.then(() => giveUp());
      }),
    giveUp: () => giveUp(),
    conceal: (text) => conceal(text, [token]),
    closed,
    on,
    send(frame) {
      if (socket.readyState === OPEN) socket.send(frame);
    },
    signal(name) {
      if (typeof name !== "string" || !/^SIG[A-Z0-9+-]+$/.test(name))
        throw refusal("signal", "be a name such as SIGTERM");
      this.send(JSON.stringify({ type: "signal", name }));
    },
    close() {
      if (closing) return;
      closing = true;
      socket.close();
      endSoon();
    },
  };
  return line;
}

/** A command: what `wait` waits for, and the session. */
function command(line, call, given) {
  const output = new Sink(inContext(given.locals.onStdout), inContext(given.locals.onStderr));
  const decoders = [, decoder(), decoder()];
  let done = false;
  let told;
  const emit = (channel, text) => {
    if (text) attempt(call, () => output.add(channel, text, call));
  };
  const over = new Promise((resolve, reject) => {
    line.on("open", () => line.send(given.body()));
    line.on("message", ({ data }) => {
      if (done || call.hasEnded()) return;
      if (typeof data !== "string") {
        const bytes = new Uint8Array(data);
        const [channel] = bytes;
        if (decoders[channel]) emit(channel, decoders[channel].decode(bytes.subarray(1), { stream: true }));
        return;
      }
      // What is not the service's is passed over.
      const [frame = {}] = objectsOf(data);
      const { finished, error } = frame;
      if (finished === true) {
        // At once: whoever hears of the end may still signal, and nothing is to reach what the command left behind.
        line.close();
        for (const channel of [STDOUT, STDERR]) emit(channel, decoders[channel].decode());
      }
      if (typeof error === "string") emit(STDERR, error);
      if (finished === true) {
        done = true;
        attempt(call, () => resolve(output.end(frame)), reject);
      } else if (error) {
        // The close comes next, and says less.
        const code = typeof frame.code === "string" && frame.code ? frame.code : LOST;
        told = failure(line.conceal(`${error}`), code);
        line.close();
      }
    });
    line.closed.then((end) => reject(lost(end, "the command finished", told)));
  });
  over.catch(() => {});
  let inputEnded = false;
  const stdin = {
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
  return [over, { stdin, kill: (signal = SIGTERM) => line.signal(signal) }];
}

/** A terminal, likewise. */
function shell(line, call, given) {
  const onData = inContext(given.locals.onData);
  const resize = (cols, rows) => line.send(JSON.stringify({ type: "resize", cols, rows }));
  line.on("open", () => {
    const { cols, rows } = { ...FIRST_TERMINAL_SIZE, ...given.wire };
    if (given.has("cols") || given.has("rows")) resize(cols, rows);
  });
  line.on("message", ({ data }) => {
    if (typeof data !== "string") attempt(call, () => give(call, onData, new Uint8Array(data)));
  });
  const over = line.closed.then((end) => {
    if (end.code === NORMAL) return end;
    throw lost(end, "the shell ended");
  });
  over.catch(() => {});
  const session = {
    closed: line.closed,
    write(data) {
      for (const piece of pieces(bytesOf(data))) line.send(piece);
    },
    resize(cols, rows) {
      resize(side(cols, "cols"), side(rows, "rows"));
    },
    kill: (signal = SIGHUP) => line.signal(signal),
  };
  return [over, session];
}

/** `callback` in the async context of this moment, where the runtime can say which: an event has none of ours. */
function inContext(callback) {
  const hooks = globalThis.process?.getBuiltinModule?.("node:async_hooks");
  const { AsyncLocalStorage } = hooks ?? globalThis;
  return callback && (AsyncLocalStorage?.bind?.(callback) ?? callback);
}

/** A byte order mark is a character like any other. */
const decoder = () => new TextDecoder("utf-8", { ignoreBOM: true });

/** Does what ends `call`, or is given to `fail`, if it throws: an event has nobody to throw it to. */
function attempt(call, work, fail) {
  try {
    if (!call.ended) work();
  } catch (error) {
    fail?.(error);
  }
}

/** The error of a connection that ended too soon. `told` is what the service said of it before. */
function lost({ code, reason }, before, told) {
  if (told) return told;
  const end = `code ${code}${reason ? `: ${reason}` : ""}`;
  const large =
    "; a message was too large, the command most likely: send bulk data through stdin or as a file";
  const message = `the connection closed before ${before} (${end})${code === TOO_BIG ? large : ""}`;
  return failure(message, LOST);
}

function bytesOf(data) {
  if (typeof data === "string") return encoder().encode(data);
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  throw refusal("data", "be a string or a Uint8Array");
}

function* pieces(bytes) {
  for (let at = 0; at < bytes.length; at += FRAME_BYTES) yield bytes.subarray(at, at + FRAME_BYTES);
}
