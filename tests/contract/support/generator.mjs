// Random numbers that are the same each time.

/** Picks by a seed. */
export function generator(seed) {
  let state = seed >>> 0;
  const next = () => {
    // Mulberry32.
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const below = (n) => next() % n;
  return {
    /** An integer from 0 up to `n`, which is not among them. */
    below,
    /** True once in `n` times. */
    chance: (n) => below(n) === 0,
    pick: (list) => list[below(list.length)],
  };
}

/**
 * How many random things a test makes: `usual`, a tenth of it in a browser, or what `SUPERSERVE_FUZZ` says, divided by
 * `each`.
 */
export function fuzzRounds({ runtime }, usual, each = 1) {
  const asked = Number(environment("SUPERSERVE_FUZZ"));
  return Math.ceil(asked > 0 ? asked / each : runtime.browser ? usual / 10 : usual);
}

function environment(name) {
  try {
    return globalThis.process?.env?.[name];
  } catch {
    // Deno, without permission.
    return undefined;
  }
}
