// What is small, on the local server: a line of Python in a context that is there, and the start of a process that goes on,
// beside the peer's command that does nothing.
import { inChild } from "../child.mjs";
import { interleaved } from "../measure.mjs";

/** @typedef {import("../measure.mjs").Urls} Urls */

/**
 * @param {Urls} urls
 * @param {"code" | "process"} what
 */
async function beside(urls, what) {
  const how = { ours: what, peer: "command" };
  const medians = await interleaved({ rounds: 5 }, async (side) => {
    const { ms } = await inChild("small-call.mjs", [how[side], urls[side]]);
    return ms;
  });
  return [{ unit: "ms", ...medians }];
}

export const smallCalls = {
  /** @param {Urls} urls */
  "code-run": (urls) => beside(urls, "code"),
  /** @param {Urls} urls */
  "process-start": (urls) => beside(urls, "process"),
};
