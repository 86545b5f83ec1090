/**
 * Runs `work` for every item, at most `limit` at once, in order.
 *
 * @template T
 * @param {T[]} items
 * @param {number} limit
 * @param {(item: T) => unknown} work
 */
export async function inParallel(items, limit, work) {
  const queue = items.values();
  const worker = async () => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: limit }, worker));
}

/**
 * `promise`, or after `ms` what `late` makes of it.
 *
 * @template T, L
 * @param {Promise<T>} promise
 * @param {number} ms
 * @param {() => L | Promise<L>} late
 */
export function within(promise, ms, late) {
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const limit = new Promise((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  return Promise.race([promise, limit.then(late)]).finally(() => clearTimeout(timer));
}
