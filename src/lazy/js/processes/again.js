// What is asked for in a request that lasts, and is asked for again where that was cut off.
import { SANDBOX } from "#constants";
import { Core } from "../module.js";

/** @import { Rest } from "../index.js" */

/** A request waits so many seconds in the sandbox; then the next is sent. */
const WAIT_SECONDS = 540;

/** Until it is resumed a paused sandbox is looked at so often, and ever more seldom up to so many times that. */
const LOOK_MS = 1_000;
const MOST_TIMES = 10;

/**
 * What is done between a request that was cut off and the next: a sandbox that was paused is not resumed for that.
 *
 * @param {AbortSignal} signal
 */
export function patience(signal) {
  const core = new Core();
  let losses = 0;
  let looks = 0;

  /** Until that time has passed, or it is over. @param {number} ms */
  const pause = (ms) =>
    new Promise((/** @type {(value?: unknown) => void} */ resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener("abort", done);
      if (signal.aborted) done();
    });

  return {
    /** Whether a sandbox that sleeps is woken: whoever has paused it later wants it to stay so. */
    mayWake: true,
    /** Something came: what was lost before no longer counts. */
    renew() {
      losses = looks = 0;
    },
    /** Waits until it may be asked for again; throws the error where it may not. @param {any} error */
    async again(error) {
      if (signal.aborted) throw error;
      this.mayWake = false;
      if (error.code === "paused") {
        losses = 0;
        await pause(LOOK_MS * Math.min(++looks, MOST_TIMES));
      } else {
        const ms = core.watchPause(error, losses++);
        if (ms < 0) throw error;
        await pause(ms);
      }
      if (signal.aborted) throw error;
    },
  };
}

/**
 * A signal that ends with another, if there is one, or once so many milliseconds have passed.
 *
 * @param {AbortSignal | undefined} signal
 * @param {number} [ms]
 */
export function limited(signal, ms = Infinity) {
  const own = new AbortController();
  const abort = () => own.abort(signal?.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort);
  const limit = { isOver: false };
  const timer = Number.isFinite(ms)
    ? setTimeout(() => {
        limit.isOver = true;
        own.abort();
      }, ms)
    : undefined;
  return {
    signal: own.signal,
    limit,
    end() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      own.abort();
    },
  };
}

/**
 * What `taken` says of what a script has told that waits in the sandbox for some seconds, which `ask` asks for. While that is
 * undefined it is asked for again, until the time is over: then it is `late`.
 *
 * @template T
 * @param {{ signal?: AbortSignal, timeoutMs?: number, late: () => Error }} options
 * @param {(wake: boolean, seconds: number, options: object) => Promise<void>} ask
 * @param {(text: string) => Promise<T | undefined>} taken
 * @param {Rest} rest
 * @returns {Promise<T>}
 */
export async function waited({ signal: outer, timeoutMs = Infinity, late }, ask, taken, { make }) {
  const { signal, limit, end } = limited(outer, timeoutMs);
  const requests = patience(signal);
  const until = performance.now() + timeoutMs;
  try {
    for (;;) {
      const left = Math.ceil((until - performance.now()) / 1000);
      const seconds = Math.max(Math.min(left, WAIT_SECONDS), 0);
      let text = "";
      const onStdout = (/** @type {string} */ piece) => {
        text += piece;
      };
      try {
        await ask(requests.mayWake, seconds, { signal, onStdout });
        if (!text) throw make(SANDBOX, "the sandbox told nothing", 0, "stream_ended");
      } catch (error) {
        if (limit.isOver) throw late();
        await requests.again(error).catch((/** @type {unknown} */ last) => {
          throw limit.isOver ? late() : last;
        });
        continue;
      }
      requests.renew();
      const value = await taken(text.trim());
      if (value !== undefined) return value;
      if (performance.now() >= until) throw late();
    }
  } finally {
    end();
  }
}
