// A command's output as a stream. Text comes as the events of a request, which waits for whoever reads; bytes, and the output of a
// command that is written to, come over a session.
import { CONNECT_COMMAND, PIPE, RUN, SANDBOX, STDERR, STDOUT } from "#constants";
import { SIGNAL } from "#scripts";

/** @import { Rest } from "../index.js" */

/**
 * @typedef {{ stream: string, text?: string, bytes?: Uint8Array }} Piece
 * @typedef {IteratorResult<any, undefined>} Step
 */

/** So many characters or bytes wait for their reader before the command does. */
const ENOUGH = 1 << 18;
/** The same where nothing can make the command wait, and for a line whose end does not come. */
const MOST = 1 << 26;
/** Pieces that were read are let go of when there are so many. */
const READ = 1_024;

/** What the script ends with where the sandbox has no such signal. */
const UNKNOWN = 2;

/** By the channels. @type {Record<number, string>} */
const STREAMS = { [STDOUT]: "stdout", [STDERR]: "stderr" };

/** @type {Step} */
const END = { done: true, value: undefined };

/** A byte order mark is a character like any other. */
const decoder = () => new TextDecoder("utf-8", { ignoreBOM: true });

/** @param {Piece} piece */
const contentOf = ({ text, bytes }) => /** @type {string | Uint8Array} */ (text ?? bytes);

const nothing = () => {};

/** The output of a command, which begins. @type {(options: any, rest: Rest) => CommandStream} */
export const stream = (options, rest) => new CommandStream(options, rest);

class CommandStream {
  /** The session, where there is one. @type {Promise<any> | undefined} */
  session;
  #rest;
  /** What the command's processes are found by. */
  #name;
  #isText;
  #own = new AbortController();
  /** What has come, of which the first `#at` are read. @type {Piece[]} */
  #pieces = [];
  #at = 0;
  /** How much waits to be read. */
  #size = 0;
  /** Whether the result would be whole. */
  #isWhole = true;
  /** The output, once the result was asked for. @type {Record<string, string> | undefined} */
  #kept;
  /** Those who wait for something to read. @type {(() => void)[]} */
  #waiting = [];
  /** Resolves once enough was read. @type {Promise<void> | undefined} */
  #held;
  /** @type {() => void} */
  #resume = nothing;
  /** @type {Record<string, TextDecoder>} */
  #decoders = { stdout: decoder(), stderr: decoder() };
  /** @type {Promise<any>} */
  #done;
  #isOver = false;
  #isLeft = false;
  /** @type {{ error: unknown } | undefined} */
  #failed;

  /**
   * @param {any} options
   * @param {Rest} rest
   */
  constructor({ command, args, cwd, env, timeoutMs, encoding, stdin, signal }, rest) {
    this.#rest = rest;
    this.#name = rest.fresh();
    this.#isText = encoding !== "bytes";
    const abort = () => {
      this.#forget();
      this.#own.abort(signal.reason);
    };
    if (signal?.aborted) abort();
    else signal?.addEventListener("abort", abort);
    const what = { args, cwd, env, timeoutMs, signal: this.#own.signal };
    /** @type {(channel: number, data: string | Uint8Array) => unknown} */
    const onOutput = (channel, data) => this.#take(channel, data);
    if (stdin || !this.#isText) {
      this.session = rest.run(CONNECT_COMMAND, [command, { ...what, onOutput }]);
    }
    const started = { started: this.#name, env: { ...env, SUPERSERVE_CALL: this.#name } };
    const ended = this.session
      ? this.session.then((session) => {
          if (!stdin) session.stdin.close();
          return session.wait();
        })
      : rest.run(PIPE, [command, { ...what, ...started, onOutput }]);
    this.#done = this.#end(ended).finally(() => signal?.removeEventListener("abort", abort));
    this.#done.catch(nothing);
  }

  /** Resolves with the result, which from now on is kept. */
  get result() {
    if (!this.#kept) {
      this.#kept = { stdout: "", stderr: "" };
      for (const { stream, text, bytes } of this.#pieces.slice(this.#at)) {
        this.#kept[stream] += text ?? this.#textOf(stream, bytes);
      }
      this.#release();
    }
    const kept = this.#kept;
    return this.#done.then(({ exitCode, truncated }) => {
      const { stdout, stderr } = kept;
      return { stdout, stderr, exitCode, truncated: truncated || !this.#isWhole };
    });
  }

  /** @returns {Promise<Step>} */
  next() {
    if (this.#at === this.#pieces.length) return this.#more();
    const value = this.#pieces[this.#at++];
    this.#size -= contentOf(value).length;
    this.#isWhole &&= this.#kept !== undefined;
    if (this.#at === this.#pieces.length || this.#at === READ) {
      this.#pieces.splice(0, this.#at);
      this.#at = 0;
    }
    if (this.#size <= ENOUGH / 2) this.#release();
    return Promise.resolve({ done: false, value });
  }

  /** @returns {Promise<Step>} */
  async #more() {
    return (await this.#isThere()) ? this.next() : END;
  }

  /** All that is there to be read, once there is something; nothing at the end. @returns {Promise<Piece[] | undefined>} */
  async rest() {
    if (!(await this.#isThere())) return undefined;
    const pieces = this.#pieces.slice(this.#at);
    this.#isWhole &&= this.#kept !== undefined;
    this.#forget();
    return pieces;
  }

  /** Whether there is something to be read, once that is known. */
  async #isThere() {
    while (this.#at === this.#pieces.length) {
      if (this.#isOver && this.#failed && !this.#isLeft) throw this.#failed.error;
      if (this.#isOver) return false;
      await new Promise((/** @type {(value?: unknown) => void} */ resolve) => this.#waiting.push(resolve));
    }
    return true;
  }

  /** @returns {Promise<Step>} */
  async return() {
    this.#isLeft = true;
    if (!this.#isOver) this.#own.abort();
    this.#forget();
    await this.#done.catch(nothing);
    return END;
  }

  /** @param {string} [only] */
  lines(only) {
    return new Lines(this, this.#rest.make, only);
  }

  /** The next piece of standard output alone. @returns {Promise<Step>} */
  async content() {
    for (;;) {
      const { done, value } = await this.next();
      if (done) return END;
      if (value.stream === STREAMS[STDOUT]) return { done, value: contentOf(value) };
    }
  }

  async kill(signal = "SIGTERM") {
    const { run, make, refusal } = this.#rest;
    if (typeof signal !== "string" || !/^SIG[A-Z0-9+-]+$/.test(signal))
      throw refusal("signal", "be a name such as SIGTERM");
    if (this.#isOver) return;
    if (this.session) return (await this.session).kill(signal);
    // The script waits for a command that does not run yet, and is not waited for once the command is over.
    const args = ["-c", scriptOf(SIGNAL), this.#name, signal];
    const own = new AbortController();
    const over = this.#done.then(nothing, nothing).then(() => own.abort());
    const sent = run(RUN, ["/bin/sh", { args, signal: own.signal }]).catch(
      async (/** @type {unknown} */ error) => {
        if (!this.#isOver) throw error;
      },
    );
    const answer = await Promise.race([sent, over]);
    if (this.#isOver || answer?.exitCode === 0) return;
    if (answer?.exitCode === UNKNOWN) throw refusal("signal", "be one that the sandbox knows");
    throw make(SANDBOX, "no process of the command was found", 0, "process_not_found");
  }

  /**
   * Takes a piece of the output. The promise that it may answer with is waited for before the next.
   *
   * @param {number} channel
   * @param {string | Uint8Array} data
   */
  #take(channel, data) {
    const stream = STREAMS[channel];
    if (!this.#isText) {
      if (this.#kept) this.#keep(stream, this.#textOf(stream, data));
      return this.#add({ stream, bytes: bytesOf(data) });
    }
    const text = this.#textOf(stream, data);
    this.#keep(stream, text);
    return this.#add({ stream, text });
  }

  /**
   * @param {string} stream
   * @param {string} text
   */
  #keep(stream, text) {
    if (!this.#kept) return;
    try {
      this.#kept[stream] += text;
    } catch {
      throw this.#rest.make(SANDBOX, "the output is longer than a string can be", 0, "too_large");
    }
  }

  /** @param {Piece} piece */
  #add(piece) {
    const { length } = contentOf(piece);
    if (length === 0) return undefined;
    this.#pieces.push(piece);
    this.#size += length;
    this.#wake();
    if (this.#kept || this.#size < ENOUGH) return undefined;
    if (this.session && this.#size > MOST) {
      throw this.#rest.make(
        SANDBOX,
        "more output waits to be read than is kept for a reader",
        0,
        "reader_too_slow",
      );
    }
    this.#held ??= new Promise((resolve) => {
      this.#resume = resolve;
    });
    return this.#held;
  }

  /**
   * @param {string} stream
   * @param {string | Uint8Array | undefined} data
   */
  #textOf(stream, data) {
    return typeof data === "string" ? data : this.#decoders[stream].decode(data, { stream: true });
  }

  /** What the command comes to. @param {Promise<any>} ended */
  async #end(ended) {
    try {
      const result = await ended;
      for (const [stream, own] of Object.entries(this.#decoders)) {
        // Half a character, whose bytes whoever wants bytes has.
        const text = own.decode();
        this.#keep(stream, text);
        if (this.#isText) this.#add({ stream, text });
      }
      return result;
    } catch (error) {
      const { make } = this.#rest;
      const left = () =>
        make(SANDBOX, "the stream was left before the command had ended", 0, "stream_closed");
      this.#failed = { error: this.#isLeft ? left() : error };
      throw this.#failed.error;
    } finally {
      this.#isOver = true;
      this.#wake();
    }
  }

  #wake() {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  /** What waits to be read is no longer there. */
  #forget() {
    this.#pieces = [];
    this.#at = 0;
    this.#size = 0;
    this.#release();
  }

  /** Lets more come. */
  #release() {
    this.#held = undefined;
    this.#resume();
  }
}

/** The lines of a command's output. They are cut one by one: many at once would grow old before they are read. */
class Lines {
  #stream;
  #make;
  #only;
  /** What has come and is not looked at yet: of one stream each. @type {{ stream: string, text: string }[]} */
  #parts = [];
  /** What lines are cut off, from `#at` on, and its stream. */
  #text = "";
  #at = 0;
  #name = "stdout";
  /** By the stream, the beginning of its next line. @type {Record<string, string>} */
  #rests = { stdout: "", stderr: "" };
  /** @type {Record<string, TextDecoder>} */
  #decoders = { stdout: decoder(), stderr: decoder() };
  /** Whether there is more, once that is known. @type {Promise<boolean> | undefined} */
  #coming;

  /**
   * @param {CommandStream} stream
   * @param {Rest["make"]} make
   * @param {string} [only]
   */
  constructor(stream, make, only) {
    this.#stream = stream;
    this.#make = make;
    this.#only = only;
  }

  /** @returns {Promise<Step>} */
  next() {
    const end = this.#text.indexOf("\n", this.#at);
    if (end < 0) return this.#more();
    let value = this.#text.slice(this.#at, end);
    this.#at = end + 1;
    const rest = this.#rests[this.#name];
    if (rest) {
      value = rest + value;
      this.#rests[this.#name] = "";
    }
    if (value.endsWith("\r")) value = value.slice(0, -1);
    return Promise.resolve({ done: false, value });
  }

  return() {
    this.#parts = [];
    this.#text = "";
    this.#rests = { stdout: "", stderr: "" };
    return this.#stream.return();
  }

  /** @returns {Promise<Step>} */
  async #more() {
    while (!this.#text.includes("\n", this.#at)) {
      this.#rests[this.#name] += this.#text.slice(this.#at);
      if (this.#rests[this.#name].length > MOST) {
        await this.return();
        throw this.#make(SANDBOX, "a line is longer than is kept for a reader", 0, "too_large");
      }
      const part = this.#parts.shift();
      this.#text = part?.text ?? "";
      this.#at = 0;
      this.#name = part?.stream ?? this.#name;
      if (part) continue;
      this.#coming ??= this.#read();
      if (!(await this.#coming)) return this.#last();
    }
    return this.next();
  }

  async #read() {
    try {
      const pieces = await this.#stream.rest();
      if (pieces) this.#take(pieces);
      return pieces !== undefined;
    } finally {
      this.#coming = undefined;
    }
  }

  /** @param {Piece[]} pieces */
  #take(pieces) {
    for (let at = 0; at < pieces.length; ) {
      const { stream } = pieces[at];
      let all = "";
      // What came of one stream is cut in one go.
      for (; pieces[at]?.stream === stream; at++) {
        const { text, bytes } = pieces[at];
        all += text ?? this.#decoders[stream].decode(bytes, { stream: true });
      }
      if ((this.#only ?? stream) === stream) this.#parts.push({ stream, text: all });
    }
  }

  /** What is behind the last end of a line. @returns {Step} */
  #last() {
    for (const [stream, rest] of Object.entries(this.#rests)) {
      this.#rests[stream] = "";
      const value = rest + this.#decoders[stream].decode();
      if (value) return { done: false, value };
    }
    return END;
  }
}

/** @param {Record<number, string>} lines */
const scriptOf = (lines) => Object.values(lines).join("\n");

/** @param {string | Uint8Array} data */
const bytesOf = (data) => (typeof data === "string" ? new TextEncoder().encode(data) : data);
