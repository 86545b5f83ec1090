// A line of Python in a context that is there, beside the peer's command that does nothing: on the local server.
import { inChild } from "../child.mjs";
import { interleaved } from "../measure.mjs";

/** @typedef {import("../measure.mjs").Urls} Urls */

export const code = {
  /** @param {Urls} urls */
  "code-run": async (urls) => {
    const how = { ours: "code", peer: "command" };
    const medians = await interleaved({ rounds: 5 }, async (side) => {
      const { ms } = await inChild("code.mjs", [how[side], urls[side]]);
      return ms;
    });
    return [{ unit: "ms", ...medians }];
  },
};
