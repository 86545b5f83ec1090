// Real timers that run faster, for what waits for seconds on a real connection, or slower.

/**
 * Makes this side's own limits so long that a server's limit always comes first, however busy the machine is, until the
 * test ends.
 *
 * @param {import("./types.d.ts").Ctx} ctx
 */
export const patientTimers = (ctx) => void quickTimers(ctx, 1 / 10);

/**
 * Makes the delays of `setTimeout` and `setInterval` shorter by `factor`, and `performance.now` as much faster, until the test ends.
 * Returns `factor`.
 *
 * @param {import("./types.d.ts").Ctx} ctx
 */
export function quickTimers(ctx, factor = 10) {
  const { setTimeout, setInterval } = globalThis;
  const now = performance.now.bind(performance);
  const own = Object.getOwnPropertyDescriptor(performance, "now");
  const start = now();
  /** @type {any} */
  const place = globalThis;
  /** @type {(callback: () => void, ms: number, ...args: any) => unknown} */
  place.setTimeout = (callback, ms, ...args) => setTimeout(callback, ms / factor, ...args);
  /** @type {(callback: () => void, ms: number, ...args: any) => unknown} */
  place.setInterval = (callback, ms, ...args) => setInterval(callback, ms / factor, ...args);
  Object.defineProperty(performance, "now", {
    value: () => start + (now() - start) * factor,
    configurable: true,
  });
  ctx.defer(() => {
    Object.assign(globalThis, { setTimeout, setInterval });
    Reflect.deleteProperty(performance, "now");
    if (own) Object.defineProperty(performance, "now", own);
  });
  return factor;
}
