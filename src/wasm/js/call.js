// What of a call runs in JavaScript: its timer, one request at a time, and its callbacks. Rust says when it ends (call.rs).
import {
  BLOB,
  BODY_HEADERS,
  BYTES,
  CREDENTIALS,
  ERROR_CLASSES,
  JSON_BODY,
  METHODS,
  NOTHING,
  RESPONSE,
  ROUTING_HINT_HEADER,
  SANDBOX_ID_HEADER,
  STREAM,
  TEXT,
  TICKET,
} from "#constants";
import {
  ALL,
  BEHIND_THE_END,
  beginningOf,
  bytesOf,
  chunkOf,
  mayBeCut,
  responseOf,
  wantedOf,
} from "./body.js";
import { unexpected } from "./errors.js";
import { Refused } from "./failures.js";
import { module, protect } from "./module.js";
import { isObserved, told } from "./observe.js";
import { copiesBodies, decoder, userAgent } from "./runtime.js";

export { now } from "./runtime.js";

/** @typedef {ReturnType<typeof told>} Told What tells of a request, if anything does. */

/** The status of an answer that comes before what was asked for is done. */
const ACCEPTED = 202;

/** The status of an answer that has the part of a file that was asked for. */
const PARTIAL = 206;

/** Callbacks may have so many characters or bytes to take before no more are read. */
const MOST_UNTAKEN = 65_536;

/** Bytes beyond this are sent in pieces of that size where `fetch` would copy them. */
const PIECE = 1 << 18;

/** The longest wait that setTimeout knows. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** @type {WeakMap<AbortSignal, Set<Call>>} Calls under way by the signal that ends them: one listener a signal. */
const watched = new WeakMap();

/** @param {AbortSignal} signal */
function callsOf(signal) {
  let calls = watched.get(signal);
  if (!calls) {
    /** @type {Set<Call>} */
    const all = new Set();
    signal.addEventListener("abort", () => all.forEach((call) => call.abort(signal.reason)), { once: true });
    watched.set(signal, all);
    calls = all;
  }
  return calls;
}

/** Where requests go, and for whom. */
export class Route {
  /**
   * `credential` is the number of the header that has the secret; `sandboxId` is empty where no header has to name the
   * sandbox, and so is `hint` where none goes along.
   *
   * @param {string} origin
   * @param {number} credential
   * @param {string} secret
   * @param {string} sandboxId
   * @param {string} hint
   */
  constructor(origin, credential, secret, sandboxId, hint) {
    this.origin = origin;
    this.secret = secret;
    this.isTicket = credential === TICKET;
    const [name, scheme] = CREDENTIALS[credential];
    /** @type {Record<string, string>} */
    this.headers = { [name]: scheme + secret };
    if (sandboxId) this.headers[SANDBOX_ID_HEADER] = sandboxId;
    if (hint) this.headers[ROUTING_HINT_HEADER] = hint;
  }
}

export class Call {
  /** Whether it has ended: then nothing more may come of it. */
  ended = false;
  #number;
  #signal;
  /** @type {any} */
  #timer;
  /** @type {() => void} */
  #wake = () => {};
  #controller = /** @type {AbortController | undefined} */ (undefined);
  /** The answer is held as long as its body is read: Deno forgets the signal of a fetch together with its answer. */
  #response = /** @type {Response | undefined} */ (undefined);
  #reader = /** @type {any} */ (undefined);
  /** Whether the last answer was read to its end. */
  #complete = true;
  #kept = false;
  /** @type {Record<string, string> | undefined} Headers of a page's request, in place of this side's. */
  #passed;
  #type = 0;
  #content = /** @type {unknown} */ (undefined);
  #onProgress;
  /** How many bytes of a file were sent before the next request, where that is one of several. @type {number | undefined} */
  #sent;
  /** How many bytes the file has, if that is known. @type {number | undefined} */
  #total;
  /** The path of the next request, as its entry has it. */
  #template = "";
  /** The request under way, or the last, if anybody is told of it. @type {Told} */
  #told;
  #attempt = 1;
  /** The number that the next attempt has. */
  #next = 1;
  /** Whether the service may have acted before the last request. */
  #hadRun = false;
  /** What the last request came to. */
  outcome = /** @type {Promise<unknown> | undefined} */ (undefined);
  /** Where the last file ended. */
  size = 0;
  /** What more output waits for, while callbacks have much to take. @type {Promise<void> | undefined} */
  held;
  /** @type {(value?: any) => void} Resolves that. */
  #release = () => {};
  /** How much callbacks have not taken yet, as their promises say. */
  #untaken = 0;
  /** The part of a file that is wanted, if not all of it. @type {import("./body.js").Range | undefined} */
  range;

  /**
   * The call of that number. It ends with the signal that it was made with.
   *
   * @param {number} number
   * @param {import("./arguments.js").Arguments} given
   */
  constructor(number, given) {
    this.#number = number;
    this.given = given;
    this.isObserved = isObserved(given);
    // A page's has none (forward.rs).
    const { onProgress, offset = 0, length = Infinity, sent, total } = given.locals ?? {};
    this.#onProgress = onProgress;
    this.#sent = sent;
    this.#total = total;
    if (offset > 0 || length < Infinity) this.range = { offset, length };
    const { signal } = given;
    if (!signal) return;
    // What the call does at its end belongs to the async context that it was made in, not to that of whoever ends it.
    /** @type {Promise<void>} */
    const ended = new Promise((resolve) => (this.#wake = resolve));
    ended.then(() => this.#tell(() => module.wake(number)));
    try {
      if (signal.aborted) this.abort(signal.reason);
      else callsOf(signal).add(this);
      this.#signal = signal;
    } catch (error) {
      this.fail(error);
    }
  }

  /** The caller no longer wants it. */
  abort(/** @type {unknown} */ reason) {
    if (!this.ended) this.#tell(() => module.end(this.#number, true, reason));
    this.#wake();
  }

  /** Ends it with a value that is to be thrown as it is. */
  fail(/** @type {unknown} */ error) {
    if (!this.ended) this.#tell(() => module.end(this.#number, false, error));
  }

  /**
   * Calls into the module. What an import throws there ends the call, and is no error of whoever called this.
   *
   * @template T
   * @param {() => T} work
   */
  #tell(work) {
    try {
      return protect(work);
    } catch (error) {
      protect(() => module.end(this.#number, false, unexpected(error)));
      protect(() => module.wake(this.#number));
    }
  }

  /**
   * Whether it goes on. This asks the clock, too: while messages flood in, WebKit's workers (seen in 26) let no timer
   * pass, and a reader that always has more at once lets none pass anywhere.
   */
  goesOn() {
    return !this.ended && this.#tell(() => module.goes_on(this.#number)) === true;
  }

  /**
   * Calls a callback. What it throws, or its promise rejects with, ends the call. Answers whether the call goes on.
   *
   * @param {Function | undefined} callback
   * @param {any[]} values
   */
  give(callback, ...values) {
    try {
      const taken = callback?.(...values)?.then?.(undefined, (/** @type {unknown} */ error) =>
        this.fail(error),
      );
      // An event or a number has no length, and is not waited for.
      if (taken) this.#await(taken, values.at(-1)?.length || 0);
    } catch (error) {
      this.fail(error);
    }
    return !this.ended;
  }

  /**
   * So much output was given to a callback that will have taken it once its promise settles.
   *
   * @param {Promise<unknown>} taken
   * @param {number} size
   */
  #await(taken, size) {
    this.#untaken += size;
    if (this.#untaken > MOST_UNTAKEN) {
      this.held ??= new Promise((resolve) => {
        this.#release = resolve;
      });
    }
    const done = () => {
      this.#untaken -= size;
      if (!this.held || this.#untaken > MOST_UNTAKEN) return;
      this.held = undefined;
      this.#release();
    };
    Promise.resolve(taken).then(done, done);
  }

  /**
   * Tells the caller how many bytes there are by now, and in the end, if that is known.
   *
   * @param {number} size
   * @param {number | undefined} total
   */
  progress(size, total) {
    if (this.#onProgress && !this.ended) this.give(this.#onProgress, size, total);
  }

  /** Asks Rust in `ms` what is due; Infinity is never. */
  arm(/** @type {number} */ ms) {
    clearTimeout(this.#timer);
    if (ms === Infinity) return;
    const due = () => {
      if (ms > MAX_TIMER_MS) return this.arm(ms - MAX_TIMER_MS);
      const left = this.#tell(() => module.tick(this.#number)) ?? 0;
      if (left > 0) this.arm(left);
    };
    this.#timer = setTimeout(due, Math.min(ms, MAX_TIMER_MS));
  }

  /** Its timer keeps no program running. */
  unref() {
    this.#timer?.unref?.();
  }

  /** Lets go of the timer, the signal and, unless its answer was read to the end or is kept, the connection. */
  end() {
    this.ended = true;
    clearTimeout(this.#timer);
    if (this.#signal) watched.get(this.#signal)?.delete(this);
    if (!this.#complete && !this.#kept) this.#controller?.abort();
    this.#response = undefined;
  }

  /** Nobody waits for its request any more. */
  abortRequest() {
    if (!this.#kept) this.#controller?.abort();
  }

  /** Whether its requests go on when it ends: what they create must not be left behind. */
  keep(/** @type {boolean} */ kept) {
    this.#kept = kept;
  }

  /** From now on its requests are a page's, with those headers. */
  passes(/** @type {Record<string, string>} */ headers) {
    this.#passed = headers;
  }

  name(/** @type {string} */ template) {
    this.#template = template;
  }

  /**
   * A request begins. Answers with what tells those who want to hear of it.
   *
   * @param {string} method
   * @param {string} url
   * @param {string} secret
   */
  begin(method, url, secret) {
    const { given } = this;
    this.#attempt = this.#next;
    this.#next = 1;
    this.#told = this.isObserved
      ? told(given, method, this.#template, url, secret, this.#attempt)
      : undefined;
    // A hook may have ended the call.
    if (this.ended) throw new Error("the call has ended");
    given.answer = undefined;
    given.sent++;
    this.#hadRun = given.mayHaveRun;
    if (method !== METHODS[0]) given.mayHaveRun = true;
    return this.#told;
  }

  /**
   * A WebSocket is dialled, for the first time or again.
   *
   * @param {string} url
   * @param {string} token
   */
  dial(url, token) {
    const { given } = this;
    if (given.dial) this.#next = 2;
    given.dial?.repeat(0);
    return (given.dial = this.begin(METHODS[0], url, token));
  }

  /** @type {(which: number, code: string, ran: boolean) => void} */
  lost(which, code, ran) {
    this.given.mayHaveRun = this.#hadRun || ran;
    this.#told?.lost(ERROR_CLASSES[which], code);
  }

  repeat(/** @type {number} */ delayMs) {
    this.#next = this.#attempt + 1;
    this.#told?.repeat(delayMs);
  }

  /**
   * What the next request carries.
   *
   * @param {number} type
   * @param {unknown} content
   */
  carry(type, content) {
    this.#type = type;
    this.#content = content;
  }

  /**
   * Sends a request once, and reads its answer as `read` says: of one with a status up to `most`, so many bytes at most.
   * It rejects with {@link Refused} for an answer with another status, and with what `fetch` and reading throw.
   *
   * @param {Route} route
   * @param {number} method
   * @param {string} target
   * @param {number} read
   * @param {number} most
   * @param {number} maxBytes
   */
  send(route, method, target, read, most, maxBytes) {
    this.#complete = false;
    this.outcome = this.#answer(this.#fetch(route, method, target, route.headers), read, most, maxBytes);
    return this.outcome;
  }

  /**
   * Whether a file has more than the bytes that came of it: not every runtime tells of a body that breaks off.
   *
   * @param {Route} route
   * @param {string} target
   */
  async rest(route, target) {
    this.#complete = false;
    const headers = { ...route.headers, Range: `bytes=${this.size}-` };
    const { status } = this.#heard(await this.#fetch(route, 0, target, headers), this.#told);
    this.#controller?.abort();
    return status;
  }

  /**
   * @param {Route} route
   * @param {number} method
   * @param {string} target
   * @param {Record<string, string>} routed
   */
  #fetch(route, method, target, routed) {
    // A request that failed may still hold a connection.
    this.#controller?.abort();
    this.#controller = new AbortController();
    const { link } = this.given;
    const headers = { ...link?.headers, ...routed };
    /** @type {RequestInit} */
    const init = { method: METHODS[method], headers, redirect: "manual", signal: this.#controller.signal };
    if (this.#type) {
      const [name, value] = BODY_HEADERS[this.#type];
      headers[name] = value;
      const content = /** @type {any} */ (this.#content);
      const isStream = content?.[Symbol.asyncIterator] && !content.getReader;
      const size = copiesBodies && !link?.fetch ? content?.byteLength : 0;
      const inPieces = size > PIECE && piecesOf(content);
      if (inPieces) headers["Content-Length"] = `${size}`;
      init.body = isStream ? this.#streamOf(content) : inPieces || content;
      // No runtime takes a stream without this.
      if (this.#passed || isStream || inPieces) Object.assign(init, { duplex: "half" });
      this.#type = 0;
    }
    if (this.range && !headers.Range) {
      const { offset, length } = this.range;
      // No server can be asked for nothing.
      headers.Range = `bytes=${offset}-${length < Infinity ? offset + Math.max(length, 1) - 1 : ""}`;
    }
    if (userAgent) headers["User-Agent"] = userAgent;
    if (this.#passed) Object.assign(headers, this.#passed);
    // Browsers keep answers for a while, and Next.js does for good, unless told not to.
    if (knows("cache")) init.cache = "no-store";
    // The relay is the application's, which may want to see its cookies there.
    if (route.isTicket && knows("credentials")) init.credentials = "include";
    this.begin(METHODS[method], route.origin, route.secret);
    const url = route.origin + target;
    const own = link?.fetch;
    // Where there is neither, the engine's own words are to name it.
    return own ? own(url, init) : globalThis.fetch(url, init);
  }

  /**
   * A stream of pieces, each of which is asked for when the one before is on its way.
   *
   * @param {AsyncIterator<Uint8Array>} pieces
   */
  #streamOf(pieces) {
    return new ReadableStream(
      {
        pull: async (controller) => {
          try {
            const { done, value } = await pieces.next();
            if (done) return controller.close();
            controller.enqueue(value);
            this.#tell(() => module.touch(this.#number));
            this.#passOn(value.length);
          } catch (error) {
            this.fail(error);
            controller.error(error);
          }
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** So many more bytes of a file are on their way. @param {number} size */
  #passOn(size) {
    if (this.#sent === undefined || size === 0) return;
    this.#sent += size;
    this.progress(this.#sent, this.#total);
  }

  /**
   * What `fetch` answered with.
   *
   * @param {Response} answer
   * @param {Told} heard
   */
  #heard(answer, heard) {
    const response = responseOf(answer);
    this.given.answer = response;
    heard?.answered(response);
    return response;
  }

  /**
   * @param {Promise<Response>} sent
   * @param {number} read
   * @param {number} most
   * @param {number} maxBytes
   */
  async #answer(sent, read, most, maxBytes) {
    const heard = this.#told;
    const response = this.#heard(await sent, heard);
    this.#response = response;
    const { status } = response;
    const isPart = this.range && (status === PARTIAL || status === BEHIND_THE_END);
    if (!isPart && !(status >= 200 && status <= most)) {
      throw new Refused(response, status < 400 ? "" : await this.#beginning(response));
    }
    const value = await this.#read(read, response, maxBytes);
    this.#complete = read !== STREAM && (isPart || !this.range);
    return value;
  }

  /**
   * Undefined stands for more than `maxBytes`.
   *
   * @param {number} read
   * @param {Response} response
   * @param {number} maxBytes
   */
  async #read(read, response, maxBytes) {
    if (read === RESPONSE) return this.#handBack(response);
    if (read === STREAM) this.#reader = wantedOf(response, this.range);
    if (read === NOTHING && response.status !== 204) await this.#beginning(response);
    if (read === NOTHING) this.#passOn(/** @type {any} */ (this.#content)?.byteLength ?? 0);
    // What is accepted is done later.
    if (read === NOTHING) return response.status === ACCEPTED;
    if (read === STREAM) return undefined;
    // What has no stream, a mock most often, may have nothing else.
    if (read === JSON_BODY && !response.body?.getReader && response.json) return response.json();
    const bytes = await bytesOf(
      response,
      maxBytes,
      (size, announced, isLater) => {
        if (read === BYTES || read === TEXT || read === BLOB) this.progress(size, announced);
        // Most answers are one piece, for which nobody need be asked what time it is.
        return (isLater ? this.goesOn() : !this.ended) || this.#kept;
      },
      this.range,
    );
    if (!bytes) {
      this.#controller?.abort();
      return undefined;
    }
    this.size = bytes.length + (this.range?.offset ?? 0);
    if (read === BYTES) return bytes;
    if (read === BLOB) return new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (bytes)]);
    const text = decoder().decode(bytes);
    return read === TEXT ? text : JSON.parse(text);
  }

  /** The answer unread, which still ends with the caller's signal. */
  #handBack(/** @type {Response} */ response) {
    const signal = this.#signal;
    const controller = this.#controller;
    const abort = () => {
      controller?.abort(signal?.reason);
      // This names the answer, so that it is held until then.
      return response;
    };
    signal?.addEventListener("abort", abort, { once: true });
    return response;
  }

  async #beginning(/** @type {Response} */ response) {
    const goesOn = () => this.goesOn() || this.#kept;
    const { text, isWhole } = await beginningOf(response, !this.#passed, goesOn);
    if (!isWhole) this.#controller?.abort();
    return text;
  }

  /** Whether the runtime may have passed off the beginning of the last body as the whole. */
  mayBeCut() {
    const { offset, length } = this.range ?? ALL;
    return this.#response !== undefined && this.size < offset + length && mayBeCut(this.#response);
  }

  /** The next chunk of a stream, undefined at its end. */
  async chunk() {
    return chunkOf(await this.#reader.read());
  }
}

/**
 * The same bytes, piece by piece.
 *
 * @param {ArrayBuffer | ArrayBufferView<ArrayBuffer>} content
 */
function piecesOf(content) {
  const bytes = ArrayBuffer.isView(content)
    ? new Uint8Array(content.buffer, content.byteOffset, content.byteLength)
    : new Uint8Array(content);
  let at = 0;
  return new ReadableStream(
    {
      pull(controller) {
        controller.enqueue(bytes.subarray(at, (at += PIECE)));
        if (at >= bytes.length) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}

/** @type {object | undefined} It is asked for at the first call, since Node.js loads all of `fetch` for it. */
let options;
const knows = (/** @type {string} */ option) => {
  options ??= typeof Request === "function" ? Request.prototype : {};
  return option in options;
};

export const random = () => Math.random();

/** @param {unknown} value */
export const textOf = (value) => `${value}`;

/** A promise that has settled. */
export const settled = () => Promise.resolve();
