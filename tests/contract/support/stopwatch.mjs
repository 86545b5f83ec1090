// How long something takes, on a machine that may be busy with other things.

// Tests patch the timers.
const { setTimeout, clearTimeout } = globalThis;
const now = Date.now.bind(Date);

const TICK_MS = 10;
/** A tick that comes later than this was held up by others: the rest of its time is theirs. */
const TICK_AT_MOST_MS = 2 * TICK_MS;

/**
 * Starts to measure. `took(low, high, what)` ends it and fails unless at least `low` milliseconds have passed, and no
 * more than `high` in which this place's event loop could run: what other programs took from it is not counted. With
 * `quickTimers`, `speed` is how much faster time goes.
 *
 * @param {import("./types.d.ts").Ctx} ctx
 */
export function stopwatch(ctx, { speed = 1 } = {}) {
  const started = now();
  let own = 0;
  let last = started;
  /** @type {ReturnType<typeof setTimeout>} */
  let timer;
  const count = () => {
    const at = now();
    own += Math.min(at - last, TICK_AT_MOST_MS);
    last = at;
  };
  const tick = () => {
    count();
    timer = setTimeout(tick, TICK_MS);
  };
  const stop = () => clearTimeout(timer);
  tick();
  ctx.defer(stop);
  return {
    /**
     * @param {number} low
     * @param {number} high
     * @param {string} what
     */
    took(low, high, what) {
      count();
      stop();
      ctx.assert.within((now() - started) * speed, low, Infinity, `${what}, in milliseconds`);
      ctx.assert.within(own * speed, 0, high, `${what}, in milliseconds of its own`);
    },
  };
}
