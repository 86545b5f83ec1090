// One call's requests, and what ends them: the caller's signal, or time. Every promise that a call hands
// out rejects with an error that is ready to be thrown.
import {
  BYTES,
  CONTENT_TYPES,
  CREDENTIALS,
  JSON_BODY,
  METHODS,
  NOTHING,
  OUTPUT,
  RESPONSE,
  SANDBOX_ID_HEADER,
  STREAM,
  TEXT,
  TICKET,
} from "#constants";
import {
  MAX_ERROR_BODY,
  beginningOf,
  bytesOf,
  chunkOf,
  mayBeCut,
  next,
  readerOf,
  responseOf,
} from "./body.js";
import { SANDBOX, TIMEOUT, VALIDATION, caused, invalid, isOurs, make, shared } from "./errors.js";
import { failed, isDigested, refused } from "./failures.js";
import { decoder, userAgent } from "./runtime.js";
import { give } from "./stream.js";

// Why a call ended.
const ABORTED = 1;
const TIMED_OUT = 2;
const FAILED = 3;
/** The longest wait that setTimeout knows. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** A finished stream's connection is given up when its end does not come in this time, or after so much more. */
const DRAIN_MS = 1_000;
const DRAIN_CHUNKS = 16;
/** No JSON of the service's is larger. */
const MAX_JSON_BYTES = 2 ** 26;
const CREATED = 201;
const ACCEPTED = 202;
const RANGE_NOT_SATISFIABLE = 416;
/** How long the answer is waited for of a call that has ended, and may have created something. */
const LEFTOVER_MS = 30_000;

/** Calls under way by the signal that ends them: one listener a signal, however many calls share it. */
const watched = new WeakMap();

function callsOf(signal) {
  let calls = watched.get(signal);
  if (!calls) {
    calls = new Set();
    signal.addEventListener("abort", () => calls.forEach((call) => call.end(ABORTED, signal.reason)), {
      once: true,
    });
    watched.set(signal, calls);
  }
  return calls;
}

export class Call {
  /** 0 while it may go on. */
  ended = 0;
  reason;
  #signal;
  #controller;
  #timer;
  #ms;
  #touched;
  #reject;
  #awake;
  #secrets;
  /** Held as long as its body is read: Deno forgets the signal of a fetch together with its answer. */
  #response;
  /** Whether the last answer was read to its end. */
  #complete = true;
  #limit;
  #limitMs;
  #due;
  #over;
  #hidden;
  #onProgress;
  #kept = false;
  /** Headers of a page's request, in place of this side's. */
  #passed;
  /** What `fetch` answers, and what is read of that. */
  #sent;
  #reading;
  /** How many bytes the last file had. */
  #size;

  /**
   * `ends` is a signal, `given` what the call was made with: its signal, a text of it that no error may show, beside the key or token, and what is
   * told how much of a file has been read.
   */
  constructor(ends, given) {
    const signal = ends ?? given?.signal;
    this.#signal = signal;
    this.#onProgress = given?.locals.onProgress;
    this.#hidden = given?.hidden ? [given.hidden] : [];
    try {
      if (signal?.aborted) this.end(ABORTED, signal.reason);
      else if (signal) callsOf(signal).add(this);
    } catch (error) {
      this.fail(error);
    }
  }

  /** Ends everything that waits, at once. */
  end(how, reason) {
    if (this.ended) return;
    this.ended = how;
    this.reason = reason;
    this.close();
    this.#over?.abort();
    this.#reject?.(this.#error());
  }

  /** Ends everything with a value that is to be thrown as it is. */
  fail(value) {
    this.end(FAILED, value);
  }

  /** Ends everything: its answer is no longer wanted. */
  stop() {
    this.end(ABORTED);
  }

  /** If `fail` ended it, ends `other` in the same way. */
  handOver(other) {
    if (this.ended === FAILED) other.fail(this.reason);
  }

  /** Ends everything after `ms`, whatever the requests take; undefined lifts the limit. */
  limit(ms) {
    clearTimeout(this.#limit);
    this.#limitMs = ms;
    this.#due = now() + ms;
    if (ms) this.#limit = setTimeout(() => this.end(TIMED_OUT, ms), Math.min(ms, MAX_TIMER_MS));
  }

  /**
   * Whether it has ended. Asks the clock, too: while messages flood in, WebKit's workers let no timer pass, and a reader
   * that always has more at once lets none pass anywhere.
   */
  hasEnded() {
    if (this.#limitMs && now() > this.#due) this.end(TIMED_OUT, this.#limitMs);
    return this.ended;
  }

  /** A signal for calls that end with this one. */
  get signal() {
    this.#over ??= new AbortController();
    if (this.ended) this.#over.abort();
    return this.#over.signal;
  }

  /** Lets go of the timer, the signal and, unless its answer was read to the end, the connection. */
  close() {
    clearTimeout(this.#timer);
    clearTimeout(this.#limit);
    if (this.#signal) watched.get(this.#signal)?.delete(this);
    if (!this.#complete && !this.#kept) this.#controller?.abort();
    this.#response = undefined;
  }

  /** From now on its requests go on when it ends: what they create must not be left behind. */
  keep() {
    this.#kept = true;
  }

  /**
   * From now on its requests are a page's, with those headers. What a page has a say in, `clear` alone may look through for
   * secrets: it must not tell a guess from the truth.
   */
  passes({ headers, clear }) {
    this.#passed = headers;
    this.#hidden = clear;
  }

  /** The answer that came when the call had ended already; undefined where none came in time. */
  async leftover() {
    const timer = setTimeout(() => this.#controller.abort(), LEFTOVER_MS);
    // An answer under way keeps a program running, and this alone should not.
    timer.unref?.();
    try {
      const response = responseOf(await this.#sent);
      return response.status < 300 ? await (this.#reading ?? this.#json(response)) : undefined;
    } catch {
      // Nothing came of it.
    } finally {
      clearTimeout(timer);
      this.#controller.abort();
    }
  }

  /** `promise`, its value made into another by `map`; or a rejection as soon as the call ends. */
  wait(promise, map) {
    return new Promise((resolve, reject) => {
      const fail = (error) => reject(this.#error(error));
      this.#reject = reject;
      promise.then((value) => {
        try {
          resolve(map ? map(value) : value);
        } catch (error) {
          fail(error);
        }
      }, fail);
      if (this.ended) fail();
    });
  }

  sleep(ms) {
    return this.wait(new Promise((resolve) => this.#after(ms, resolve)));
  }

  /** Ends a sleep before its time. */
  hurry() {
    this.#awake?.();
  }

  #after(ms, resolve) {
    clearTimeout(this.#timer);
    this.#awake = resolve;
    this.#timer = setTimeout(resolve, Math.min(ms, MAX_TIMER_MS));
  }

  /** Waits for a call made for several, which has a time of its own. */
  share(other) {
    return this.#join(other, (error) => {
      if (isOurs(error)) throw shared(error);
      // A caller's own code threw it.
      this.fail(error);
    });
  }

  /** The same, and takes no notice of how it ends. */
  shareQuietly(other) {
    return this.#join(other, () => {});
  }

  async #join(other, onFailure) {
    clearTimeout(this.#timer);
    other.waiters++;
    try {
      await this.wait(other.promise.catch(onFailure));
    } finally {
      other.leave();
    }
  }

  /** Sleeps until `promise` has settled, `ms` at most. */
  async sleepBeside(promise, ms) {
    const hurry = () => this.hurry();
    promise.then(hurry, hurry);
    await this.sleep(ms);
    clearTimeout(this.#timer);
  }

  /** Throws when the call has ended. */
  check() {
    if (this.ended) throw this.#error();
  }

  /** Why this call ended, or why one of its promises was rejected. */
  #error(error) {
    if (this.ended === ABORTED)
      return caused(make(SANDBOX, "the operation was aborted", 0, "aborted"), this.reason);
    if (this.ended === FAILED) return this.reason;
    if (this.ended) return make(TIMEOUT, `timed out after ${this.reason} ms`, 0, "timeout");
    if (isOurs(error) || isDigested(error)) return error;
    return failed(error, this.#secrets);
  }

  /**
   * Sends a request once, and reads its answer as `http::Read` says. It has `ms` for everything up to the last
   * byte; each chunk of a stream starts the time anew, which has `limit` as a whole. `secret` is the key, token or ticket and kept out of every error.
   * `sandboxId` is empty where no header has to name the sandbox.
   */
  async attempt(url, method, credential, secret, sandboxId, type, content, ms, how, limit) {
    this.#complete = false;
    if (how === STREAM) this.limit(limit);
    else [this.#limitMs, this.#due] = [ms, now() + ms];
    try {
      const response = await this.#fetch(url, method, credential, secret, sandboxId, type, content, ms);
      const { status } = response;
      if (!(status >= 200) || (status >= 300 && status < 400)) {
        throw make(
          SANDBOX,
          `unexpected redirect (${status}): redirects are not followed`,
          status,
          "redirect",
        );
      }
      if (status >= 400) throw refused(response, await this.#beginning(response), this.#secrets);
      if (
        how !== NOTHING &&
        how !== RESPONSE &&
        status !== 200 &&
        !(how === JSON_BODY && (status === CREATED || status === ACCEPTED))
      ) {
        throw invalid(`has the status ${status}: that is not the whole of what was asked for`);
      }
      const value = await this.#read(how, response, limit);
      if (
        (how === BYTES || how === TEXT) &&
        credential !== TICKET &&
        mayBeCut(response) &&
        !url.endsWith("=zip")
      ) {
        await this.#confirm(this.#size, url, method, credential, secret, sandboxId, ms);
      }
      this.#complete = how !== STREAM;
      return value;
    } catch (error) {
      throw this.#error(error);
    }
  }

  /** Fails where a file has more than the `size` bytes that came: not every runtime tells of a body that breaks off. */
  async #confirm(size, url, method, credential, secret, sandboxId, ms) {
    const range = `bytes=${size}-`;
    const { status } = await this.#fetch(url, method, credential, secret, sandboxId, 0, undefined, ms, range);
    this.#controller.abort();
    if (status === RANGE_NOT_SATISFIABLE) return;
    throw make(SANDBOX, `the file broke off after ${size} bytes`, 0, "incomplete");
  }

  #fetch(url, method, credential, secret, sandboxId, type, content, ms, range) {
    this.check();
    this.#secrets = this.#passed ? this.#hidden : [secret, ...this.#hidden];
    // An attempt that failed may still hold a connection.
    this.#controller?.abort();
    this.#controller = new AbortController();
    clearTimeout(this.#timer);
    this.#ms = ms;
    this.#arm(ms);
    const [name, scheme] = CREDENTIALS[credential];
    const headers = { [name]: scheme + secret };
    if (type) headers["Content-Type"] = CONTENT_TYPES[type];
    if (sandboxId) headers[SANDBOX_ID_HEADER] = sandboxId;
    if (userAgent) headers["User-Agent"] = userAgent;
    if (range) headers.Range = range;
    Object.assign(headers, this.#passed);
    const init = { method: METHODS[method], headers, redirect: "manual", signal: this.#controller.signal };
    if (type) init.body = content;
    if (this.#passed) init.duplex = "half";
    // Browsers keep answers for a while, and Next.js does for good, unless told not to.
    if (knows("cache")) init.cache = "no-store";
    // The relay is the application's, which may want to see its cookies there.
    if (credential === TICKET && knows("credentials")) init.credentials = "include";
    this.#sent = Promise.resolve(globalThis.fetch(url, init));
    this.#reading = undefined;
    return this.wait(this.#sent, (answer) => (this.#response = responseOf(answer)));
  }

  #arm(ms) {
    const step = Math.min(ms, MAX_TIMER_MS);
    this.#touched = undefined;
    this.#timer = setTimeout(() => {
      const left = this.#touched === undefined ? ms - step : this.#touched + this.#ms - now();
      if (left > 0) this.#arm(left);
      else this.end(TIMED_OUT, this.#ms);
    }, step);
  }

  #read(how, response, limit) {
    if (how === STREAM) return readerOf(response);
    if (how === RESPONSE) return this.#handBack(response);
    if (how === NOTHING) return response.status === 204 ? undefined : this.wait(this.#beginning(response));
    if (how === JSON_BODY) return this.wait((this.#reading = this.#json(response)));
    return this.wait(this.#bytes(response, limit, this.#onProgress), (bytes) => {
      if (!bytes) {
        const option = how === OUTPUT ? "maxOutputBytes" : "maxBytes";
        throw make(VALIDATION, `the answer exceeds ${option} (${limit} bytes)`, 400, "too_large");
      }
      this.#size = bytes.length;
      if (how === BYTES) return bytes;
      const text = decoder().decode(bytes);
      return how === OUTPUT ? JSON.parse(text) : text;
    });
  }

  /** The answer unread, which still ends with the caller's signal. */
  #handBack(response) {
    const signal = this.#signal;
    const controller = this.#controller;
    const abort = () => {
      controller.abort(signal.reason);
      // Named, so that it is held until then.
      return response;
    };
    signal?.addEventListener("abort", abort, { once: true });
    return response;
  }

  #bytes(response, limit, onProgress) {
    return bytesOf(response, limit, (size, announced) => {
      if (onProgress && !this.ended) give(this, onProgress, size, announced);
      return !this.hasEnded() || (this.#kept && now() < this.#due + LEFTOVER_MS);
    });
  }

  async #json(response) {
    // What has no stream, a mock most often, may have nothing else.
    if (!response.body?.getReader && response.json) return response.json();
    const bytes = await this.#bytes(response, MAX_JSON_BYTES);
    if (!bytes) throw make(SANDBOX, `the service's answer exceeds ${MAX_JSON_BYTES} bytes`, 0, "too_large");
    return JSON.parse(decoder().decode(bytes));
  }

  /** The next chunk of a stream, undefined at its end. Each gives the stream its time anew. */
  chunk(reader) {
    this.hasEnded();
    return this.wait(next(reader), (result) => {
      this.#touched = now();
      return chunkOf(result);
    });
  }

  /** The next chunk of a body that has its time as a whole. */
  next(reader) {
    this.hasEnded();
    return this.wait(next(reader), chunkOf);
  }

  async #beginning(response) {
    const text = await beginningOf(this, response, this.#passed !== undefined);
    if (text.length >= MAX_ERROR_BODY) this.#controller.abort();
    return text;
  }

  /** A finished stream's last bytes are read in the background, so that its connection can serve again. */
  drain(reader) {
    this.#complete = true;
    // A reader that is cancelled leaves a stalled connection open in Firefox.
    const controller = this.#controller;
    const response = this.#response;
    const giveUp = () => {
      controller.abort();
      // Named, so that it is held until then.
      return response;
    };
    const timer = setTimeout(giveUp, DRAIN_MS);
    timer.unref?.();
    const rest = async () => {
      for (let i = 0; i < DRAIN_CHUNKS; i++) if ((await reader.read()).done) return;
      giveUp();
    };
    rest()
      .catch(() => {})
      .then(() => clearTimeout(timer));
  }
}

/** Asked at the first call: Node.js loads all of `fetch` for it. */
let options;
const knows = (option) => option in (options ??= typeof Request === "function" ? Request.prototype : {});

/** A call made for several. It ends with the last of those who wait for it. */
export class Shared {
  waiters = 0;
  #follow;
  #begun = false;
  #over = false;
  #controller = new AbortController();
  /** There from the start: what begins it may ask for it. */
  promise = new Promise((resolve) => (this.#follow = resolve));

  constructor() {
    // Who makes it begins it at once, unless something throws in between: then nobody ever would.
    Promise.resolve().then(() => this.#begun || this.begin(Promise.resolve()));
    // Nor may anybody wait.
    this.promise.catch(() => {});
  }

  begin(promise) {
    const over = () => (this.#over = true);
    promise.then(over, over);
    this.#begun = true;
    this.#follow(promise);
  }

  /** Whether one more may wait for it. */
  get alive() {
    return !this.#over && (this.waiters > 0 || !this.#begun);
  }

  get signal() {
    return this.#controller.signal;
  }

  leave() {
    if (--this.waiters === 0) this.#controller.abort();
  }
}

export const random = () => Math.random();

/** A clock for durations: that of the day may be set. */
export const now = () => (globalThis.performance ?? Date).now();
