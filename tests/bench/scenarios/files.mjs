// What a directory of 10,000 files has: the list of it, beside what `ls -l` writes there.
import { inChild } from "../child.mjs";
import { interleaved } from "../measure.mjs";

/** @typedef {import("../measure.mjs").Urls} Urls */

export const files = {
  /** @param {Urls} urls */
  "files-list-10k": async (urls) => {
    const how = { ours: "list", peer: "ls" };
    const medians = await interleaved({ rounds: 3, warmups: 0 }, async (side) => {
      const { ms } = await inChild("list-files.mjs", [how[side], urls[side]]);
      return ms;
    });
    return [{ unit: "ms", ...medians }];
  },
};
