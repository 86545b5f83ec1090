// Taking turns, so that whatever else the machine does meets both sides alike. Any engine can do this.

/** @typedef {"ours" | "peer"} Side */
/** @typedef {Record<Side, string>} Urls The modules of either side. */

/** Whether that module is the least of clients (floor.mjs), which looks at nothing that a stream says. @param {string} url */
export const isFloor = (url) => url.endsWith("/floor.mjs");

/**
 * Runs `sample(side)` for either side in turn and returns the median of each.
 *
 * A sample returns a number, or an object of numbers whose medians are taken one by one. The first
 * `warmups` rounds do not count. Before each turn the garbage of the one before is collected, unless `collect`
 * is false: a forced collection also drops compiled code, and what follows is then slow for a while.
 *
 * @param {{ rounds: number, warmups?: number, collect?: boolean }} how
 * @param {(side: Side) => Promise<any>} sample
 * @returns {Promise<Record<Side, any>>}
 */
export async function interleaved({ rounds, warmups = 1, collect = true }, sample) {
  /** @type {Record<Side, any[]>} */
  const taken = { ours: [], peer: [] };
  for (let round = -warmups; round < rounds; round++) {
    /** @type {Side[]} */
    const order = round % 2 === 0 ? ["ours", "peer"] : ["peer", "ours"];
    for (const side of order) {
      await settle(collect);
      const value = await sample(side);
      if (round >= 0) taken[side].push(value);
    }
  }
  return { ours: summary(taken.ours), peer: summary(taken.peer) };
}

/**
 * Lets finalizers run, outside of either's time.
 *
 * @param {boolean} collect
 */
async function settle(collect) {
  if (collect) globalThis.gc?.();
  await new Promise((resolve) => setTimeout(resolve));
}

/** @param {any[]} samples */
function summary(samples) {
  if (typeof samples[0] === "number") return median(samples);
  const keys = Object.keys(samples[0]);
  return Object.fromEntries(keys.map((key) => [key, median(samples.map((sample) => sample[key]))]));
}

/** @param {number[]} numbers */
function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
