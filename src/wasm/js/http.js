// One call's requests, and what ends them: the caller's signal, or time.
const ABORTED = 1;
const TIMED_OUT = 2;
/** The longest wait that setTimeout knows. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Calls under way by the signal that ends them: one listener a signal, however many calls share it. */
const watched = new WeakMap();

function callsOf(signal) {
  let calls = watched.get(signal);
  if (!calls) {
    watched.set(signal, (calls = new Set()));
    signal.addEventListener("abort", () => calls.forEach((call) => call.end(ABORTED, signal.reason)), { once: true });
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

  constructor(signal) {
    this.#signal = signal;
    if (signal?.aborted) this.end(ABORTED, signal.reason);
    else if (signal) callsOf(signal).add(this);
  }

  /** Ends everything that waits, at once. */
  end(how, reason) {
    this.ended = how;
    this.reason = reason;
    this.close(false, reason);
    this.#reject?.(reason);
  }

  /** Lets go of the timer, the signal and, unless its answer was read to the end, the connection. */
  close(complete, reason) {
    clearTimeout(this.#timer);
    if (this.#signal) watched.get(this.#signal)?.delete(this);
    if (!complete) this.#controller?.abort(reason);
  }

  /** `promise`, or a rejection as soon as the call ends. */
  wait(promise) {
    return new Promise((resolve, reject) => {
      if (this.ended) return reject(this.reason);
      this.#reject = reject;
      promise.then(resolve, reject);
    });
  }

  sleep(ms) {
    clearTimeout(this.#timer);
    return this.wait(new Promise((resolve) => (this.#timer = setTimeout(resolve, ms))));
  }

  /** Sends a request that has `ms` for everything up to the last byte; `touch` starts the time anew. */
  fetch(url, method, headers, body, ms) {
    if (this.ended) return this.wait();
    this.#controller = new AbortController();
    this.#ms = ms;
    clearTimeout(this.#timer);
    this.#arm(ms);
    const fields = {};
    const flat = headers.split("\n");
    for (let i = 0; i < flat.length; i += 2) fields[flat[i]] = flat[i + 1];
    const init = { method, headers: fields, redirect: "manual", signal: this.#controller.signal };
    if (body !== undefined) init.body = body;
    return this.wait(globalThis.fetch(url, init));
  }

  #arm(ms) {
    const step = Math.min(ms, MAX_TIMER_MS);
    this.#touched = undefined;
    this.#timer = setTimeout(() => {
      const left = this.#touched === undefined ? ms - step : this.#touched + this.#ms - Date.now();
      if (left > 0) this.#arm(left);
      else this.end(TIMED_OUT);
    }, step);
  }

  json(response) {
    return this.wait(response.json());
  }

  /** The next chunk of a body, undefined at its end. */
  async chunk(reader) {
    const { done, value } = await this.wait(reader.read());
    this.#touched = Date.now();
    return done ? undefined : value;
  }

  /**
   * The whole body, or undefined when it has more than `limit` bytes. With a Content-Length it is read
   * into one buffer of that size, so that a large file is never held twice.
   */
  async bytes(response, limit) {
    const announced = Number(response.headers.get("content-encoding") ? NaN : response.headers.get("content-length") ?? NaN);
    if (announced > limit) return undefined;
    if (!response.body) return new Uint8Array(await this.wait(response.arrayBuffer()));
    const reader = response.body.getReader();
    let buffer = announced > 0 ? new Uint8Array(announced) : undefined;
    const chunks = [];
    let size = 0;
    for (let chunk; (chunk = await this.chunk(reader)); size += chunk.length) {
      if (size + chunk.length > limit) return undefined;
      if (buffer && size + chunk.length <= buffer.length) buffer.set(chunk, size);
      else {
        if (buffer) chunks.push(buffer.subarray(0, size));
        buffer = undefined;
        chunks.push(chunk);
      }
    }
    if (buffer) return size === buffer.length ? buffer : buffer.slice(0, size);
    if (chunks.length === 1) return chunks[0];
    buffer = new Uint8Array(size);
    size = 0;
    for (const chunk of chunks) {
      buffer.set(chunk, size);
      size += chunk.length;
    }
    return buffer;
  }

  async jsonWithin(response, limit) {
    const bytes = await this.bytes(response, limit);
    return bytes && JSON.parse(decoder.decode(bytes));
  }

  async text(response, limit) {
    const bytes = await this.bytes(response, limit);
    return bytes && decoder.decode(bytes);
  }

  /** The first bytes of an error's body as text; whatever goes wrong while reading it leaves it empty. */
  async errorText(response, limit) {
    let text = "";
    try {
      const reader = response.body.getReader();
      const stream = new TextDecoder();
      for (let chunk; text.length < limit && (chunk = await this.chunk(reader)); ) text += stream.decode(chunk, { stream: true });
    } catch (error) {
      if (this.ended) throw error;
    }
    return text;
  }

  /** A finished stream's last bytes are read in the background, so that its connection can serve again. */
  drain(reader) {
    const timer = setTimeout(() => reader.cancel().catch(() => {}), 1_000);
    timer.unref?.();
    const rest = async () => {
      while (!(await reader.read()).done);
    };
    rest().catch(() => {}).then(() => clearTimeout(timer));
  }
}

const decoder = new TextDecoder();

/** The status of an answer; 0 for a redirect that a browser keeps to itself. */
export const statusOf = (response) => response.status;

export const header = (response, name) => response.headers?.get(name) ?? undefined;

/** `Retry-After` in milliseconds from now, either form. */
export function retryAfterMs(response) {
  const value = header(response, "retry-after")?.trim();
  if (!value) return undefined;
  const ms = /^\d+$/.test(value) ? value * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(ms) ? undefined : ms;
}

export const readerOf = (response) => response.body.getReader();

export const random = () => Math.random();

export const now = () => Date.now();

/** The words of whatever was thrown, with the reason that undici hides behind "fetch failed". */
export function messageOf(error) {
  const text = (value) => (value instanceof Error ? value.message || value.code : undefined);
  const message = text(error) ?? (typeof error === "string" ? error : "the request failed");
  const cause = text(error?.cause);
  return cause && cause !== message ? `${message}: ${cause}` : message;
}
