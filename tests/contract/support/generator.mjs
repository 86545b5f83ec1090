// Random numbers that are the same each time.

/** @typedef {ReturnType<typeof generator>} Random */

/**
 * Picks by a seed.
 *
 * @param {number} seed
 */
export function generator(seed) {
  let state = seed >>> 0;
  const next = () => {
    // Mulberry32.
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  /** @param {number} n */
  const below = (n) => next() % n;
  return {
    /** An integer from 0 up to `n`, which is not among them. */
    below,
    /**
     * True once in `n` times.
     *
     * @param {number} n
     */
    chance: (n) => below(n) === 0,
    /**
     * @template Item
     * @param {readonly Item[]} list
     */
    pick: (list) => list[below(list.length)],
  };
}

/**
 * How many random things a test makes: `usual`, a tenth of it in a browser, or what `SUPERSERVE_FUZZ` says, divided by
 * `each`.
 *
 * @param {{ runtime: { browser: boolean } }} ctx
 * @param {number} usual
 */
export function fuzzRounds({ runtime }, usual, each = 1) {
  const asked = Number(environment("SUPERSERVE_FUZZ"));
  return Math.ceil(asked > 0 ? asked / each : runtime.browser ? usual / 10 : usual);
}

/** @param {string} name */
function environment(name) {
  try {
    return /** @type {any} */ (globalThis).process?.env?.[name];
  } catch {
    // Deno, without permission.
    return undefined;
  }
}
