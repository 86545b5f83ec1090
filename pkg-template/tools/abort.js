// The end of a wait.

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
