// Waits, and their end.

/**
 * @template Value
 * @param {Promise<Value>} work
 * @param {AbortSignal} [signal]
 * @returns {Promise<Value>}
 */
export function unlessAborted(work, signal) {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort);
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

/** @param {number} ms @param {AbortSignal} [signal] */
export function pause(ms, signal) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const time = new Promise((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  return unlessAborted(time, signal).finally(() => clearTimeout(timer));
}
