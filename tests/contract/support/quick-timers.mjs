// Real timers that run faster, for what waits for seconds on a real connection.

/**
 * Makes the delays of `setTimeout` shorter by `factor`, and `Date.now` as much faster, until the test ends. Returns
 * `factor`.
 */
export function quickTimers(ctx, factor = 10) {
  const { setTimeout } = globalThis;
  const { now } = Date;
  const start = now();
  globalThis.setTimeout = (callback, ms, ...args) => setTimeout(callback, ms / factor, ...args);
  Date.now = () => start + (now() - start) * factor;
  ctx.defer(() => {
    globalThis.setTimeout = setTimeout;
    Date.now = now;
  });
  return factor;
}
