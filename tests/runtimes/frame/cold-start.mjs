// How long loading the package takes, in a fresh process each time.

const TRIES = 7;

/**
 * The median of what `command` prints, in milliseconds.
 *
 * @param {import("./types.js").Context} ctx
 * @param {string} command
 * @param {string[]} [args]
 * @param {import("./types.js").ExecOptions} [options]
 */
export async function measureColdStart(ctx, command, args, options) {
  const times = [];
  for (let i = 0; i < TRIES; i++) times.push(Number((await ctx.exec(command, args, options)).stdout));
  return median(times);
}

/** @param {number[]} numbers */
export function median(numbers) {
  if (numbers.length === 0 || !numbers.every(Number.isFinite))
    throw new Error(`no times: ${numbers.join(", ")}`);
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}
