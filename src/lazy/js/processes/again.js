// What is asked for in a request that lasts, and is asked for again where that was cut off.
import { GET_INFO } from "#constants";
import { Core } from "../module.js";

/** @import { Rest } from "../index.js" */

/** Until it is resumed a paused sandbox is looked at so often, and ever more seldom up to so many times that. */
const LOOK_MS = 1_000;
const MOST_TIMES = 10;

/**
 * What is done between a request that was cut off and the next: a sandbox that was paused is not resumed for that.
 *
 * @param {Rest} rest
 * @param {AbortSignal} signal
 */
export function patience({ run }, signal) {
  const core = new Core();
  let losses = 0;

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

  async function resumed() {
    for (let times = 1; !signal.aborted; times++) {
      /** @type {{ status: string }} */
      const { status } = await run(GET_INFO, [{ signal }]).catch((/** @type {any} */ error) => {
        if (error.statusCode === 404) throw error;
        // The next request will tell.
        return {};
      });
      if (status !== "paused" && status !== "pausing") return;
      await pause(LOOK_MS * Math.min(times, MOST_TIMES));
    }
  }

  return {
    /** Something came: what was lost before no longer counts. */
    renew() {
      losses = 0;
    },
    /** Waits until it may be asked for again; throws the error where it may not. @param {unknown} error */
    async again(error) {
      const ms = signal.aborted ? -1 : core.watchPause(error, losses++);
      if (ms < 0) throw error;
      await pause(ms);
      await resumed();
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
