// A clock that a test moves. Timers fire when everything else has come to rest, in order, so a retry's
// sleep takes no time and its length can be read off.

const { setTimeout: realSetTimeout, setImmediate: realSetImmediate } = globalThis;

/** @typedef {import("./types.d.ts").Ctx} Ctx */
/** @typedef {{ at: number, every?: number, fire: () => void }} Timer */

/**
 * Reads of bodies that are under way, and how often each was waited for.
 *
 * @type {Map<Promise<unknown>, number>}
 */
const reads = new Map();
let watching = false;

/** One that was waited for so often, some milliseconds each, waits for more than another thread. */
const LOOKS = 50;

/**
 * Calls `callback` in the next turn of the loop, without the milliseconds of `setTimeout` where there is a way.
 *
 * @type {(callback: (value?: any) => void) => void}
 */
export const nextTurn = realSetImmediate ?? messageTurn() ?? ((callback) => realSetTimeout(callback, 0));

/**
 * Pages and workers, which have a location, make nested timers wait 4 ms, and messages not at all.
 *
 * @returns {((callback: () => void) => void) | undefined}
 */
function messageTurn() {
  if (globalThis.location === undefined || globalThis.MessageChannel === undefined) return undefined;
  const { port1, port2 } = new MessageChannel();
  /** @type {(() => void)[]} */
  const callbacks = [];
  port1.onmessage = () => callbacks.shift()?.();
  return (callback) => {
    callbacks.push(callback);
    port2.postMessage(undefined);
  };
}

/** Lets everything that is ready run: promise reactions, stream reads, a few turns of the loop. */
export async function settle(turns = 3) {
  for (let i = 0; i < turns; i++) {
    await new Promise((resolve) => nextTurn(resolve));
    let waiting = false;
    for (const [read, looks] of reads) {
      if (looks >= LOOKS) continue;
      reads.set(read, looks + 1);
      waiting = true;
    }
    if (!waiting) continue;
    i = -1;
    await new Promise((resolve) => realSetTimeout(resolve, 4));
  }
}

/**
 * Firefox reads bodies in other threads, which no number of turns waits for: `settle` does, until the test ends.
 *
 * @param {Ctx} ctx
 */
export function watchReads(ctx) {
  if (!ctx.runtime.browser || watching) return;
  watching = true;
  /**
   * @param {any} prototype
   * @param {string} name
   */
  const watch = (prototype, name) => {
    const original = prototype[name];
    prototype[name] = function (/** @type {unknown[]} */ ...args) {
      const promise = original.apply(this, args);
      const done = () => reads.delete(promise);
      reads.set(promise, 0);
      promise.then(done, done);
      return promise;
    };
    ctx.defer(() => {
      prototype[name] = original;
    });
  };
  for (const name of ["json", "text", "arrayBuffer"]) watch(Response.prototype, name);
  watch(ReadableStreamDefaultReader.prototype, "read");
  ctx.defer(() => {
    reads.clear();
    watching = false;
  });
}

/** Without end, a test's own or of an interval, time passes no further. */
const MOST_TIMERS = 200_000;

/**
 * Replaces `setTimeout` and `setInterval`, what clears them, `Date.now`, `performance.now` and `Math.random` until the
 * test ends. `random` is what `Math.random` answers.
 *
 * @param {Ctx} ctx
 */
export function virtualTime(ctx, { start = Date.UTC(2026, 7, 1), random = 0.5 } = {}) {
  watchReads(ctx);
  /** @type {Map<number, Timer>} */
  const timers = new Map();
  let now = start;
  /** What the clock of the day was set forward by. */
  let set = 0;
  let nextId = 1;
  const originals = {
    setTimeout: globalThis.setTimeout,
    clearTimeout: globalThis.clearTimeout,
    setInterval: globalThis.setInterval,
    clearInterval: globalThis.clearInterval,
    now: Date.now,
    performance: Object.getOwnPropertyDescriptor(performance, "now"),
    random: Math.random,
  };
  // What every engine does with a delay that it cannot hold.
  /** @param {number} ms */
  const delayOf = (ms) => (Number.isFinite(ms) && ms >= 1 && ms <= 2 ** 31 - 1 ? ms : 1);
  /** @type {any} */
  const place = globalThis;
  /** @type {(callback: (...args: any) => void, ms?: number, ...args: any) => number} */
  place.setTimeout = (callback, ms = 0, ...args) => {
    timers.set(nextId, { at: now + delayOf(ms), fire: () => callback(...args) });
    return nextId++;
  };
  /** @type {(callback: (...args: any) => void, ms?: number, ...args: any) => number} */
  place.setInterval = (callback, ms = 0, ...args) => {
    timers.set(nextId, { at: now + delayOf(ms), every: delayOf(ms), fire: () => callback(...args) });
    return nextId++;
  };
  /** @param {number} id */
  place.clearTimeout = (id) => timers.delete(id);
  place.clearInterval = place.clearTimeout;
  Date.now = () => now + set;
  Object.defineProperty(performance, "now", { value: () => now - start, configurable: true });
  Math.random = () => random;
  ctx.defer(() => {
    Object.assign(globalThis, {
      setTimeout: originals.setTimeout,
      clearTimeout: originals.clearTimeout,
      setInterval: originals.setInterval,
      clearInterval: originals.clearInterval,
    });
    Date.now = originals.now;
    Reflect.deleteProperty(performance, "now");
    if (originals.performance) Object.defineProperty(performance, "now", originals.performance);
    Math.random = originals.random;
  });

  const earliest = () => [...timers].sort(([a, x], [b, y]) => x.at - y.at || a - b)[0];
  const fireNext = () => {
    const [id, timer] = earliest();
    now = Math.max(now, timer.at);
    if (timer.every) timer.at = now + timer.every;
    else timers.delete(id);
    timer.fire();
  };

  return {
    /** Milliseconds passed. */
    elapsed: () => now - start,
    /** Timers that wait. */
    pending: () => timers.size,
    /**
     * Passes `ms`, firing what falls due.
     *
     * @param {number} ms
     */
    async advance(ms) {
      const end = now + ms;
      await settle();
      while (timers.size > 0 && earliest()[1].at <= end) {
        fireNext();
        await settle();
      }
      now = end;
    },
    /**
     * Passes `ms`, and no timer gets its turn.
     *
     * @param {number} ms
     */
    leap(ms) {
      now += ms;
    },
    /**
     * Sets the clock of the day forward, or back; no time passes.
     *
     * @param {number} ms
     */
    setClock(ms) {
      set += ms;
    },
    /**
     * Passes time until `promise` settles, and returns it.
     *
     * @template Value
     * @param {Promise<Value>} promise
     * @returns {Promise<Value>}
     */
    async run(promise) {
      let done = false;
      promise.then(
        () => (done = true),
        () => (done = true),
      );
      for (let fired = 0; ; fired++) {
        await settle();
        if (done) return promise;
        if (fired === MOST_TIMERS) throw new Error(`the promise hangs, whatever timers fire`);
        if (timers.size === 0) throw new Error("the promise hangs: no timer is left to fire");
        fireNext();
      }
    },
  };
}
