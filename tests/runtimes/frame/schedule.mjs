/** Runs `work` for every item, at most `limit` at once, in order. */
export async function inParallel(items, limit, work) {
  const queue = items.values();
  const worker = async () => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: limit }, worker));
}

/** `promise`, or after `ms` what `late` makes of it. */
export function within(promise, ms, late) {
  let timer;
  const limit = new Promise((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  return Promise.race([promise, limit.then(late)]).finally(() => clearTimeout(timer));
}
