// From nothing loaded to the first sandbox, in fresh processes.
import { inChild } from "../child.mjs";
import { interleaved } from "../measure.mjs";

/** @typedef {import("../measure.mjs").Urls} Urls */

/** @param {Urls} urls */
async function measure(urls) {
  const medians = await interleaved({ rounds: 21, warmups: 2 }, async (side) => {
    const { ms } = await inChild("cold-start.mjs", [urls[side]]);
    return ms;
  });
  return [{ unit: "ms", ...medians }];
}

export const coldStart = { "cold-start": measure };
