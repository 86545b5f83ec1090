import { passes } from "./errors.js";

const TRIES = 7;
const FIRST_WAIT_MS = 400;
const LONGEST_WAIT_MS = 5000;

/**
 * Resolves after `ms`; rejects when the signal is aborted.
 *
 * @param {number} ms
 * @param {AbortSignal} [signal]
 * @returns {Promise<void>}
 */
export function sleep(ms, signal) {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, ms);
    signal?.addEventListener("abort", abort, { once: true });
  });
}

/**
 * How long to wait before a try: longer each time.
 *
 * @param {number} attempt The first is 1.
 */
export const waitBefore = (attempt) => Math.min(FIRST_WAIT_MS * 2 ** (attempt - 1), LONGEST_WAIT_MS);

/**
 * Does what may be done more than once, again while what goes wrong may pass. `onRetry` is told of each such error;
 * `ready` says when a try may begin.
 *
 * @template Value
 * @param {() => Promise<Value> | Value} work
 * @param {import("./types.d.ts").Retrying} how
 * @returns {Promise<Value>}
 */
export async function retrying(work, { signal, onRetry, ready }) {
  for (let attempt = 1; ; attempt++) {
    try {
      await ready?.();
      return await work();
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      if (attempt === TRIES || !passes(error)) throw error;
      onRetry?.(error, attempt);
      await sleep(waitBefore(attempt), signal);
    }
  }
}
