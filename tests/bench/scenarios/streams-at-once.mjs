// 1,000 commands at once, whose output comes in turns: how long, and how much memory at the peak.
import { inChild } from "../child.mjs";
import { interleaved } from "../measure.mjs";

/** @typedef {import("../measure.mjs").Urls} Urls */

const STREAMS = 1000;

export const streamsAtOnce = {
  /** @param {Urls} urls */
  "sse-1000-streams": async (urls) => {
    const { ours, peer } = await interleaved({ rounds: 5 }, (side) =>
      inChild("streams-at-once.mjs", [urls[side], `${STREAMS}`]),
    );
    return [
      { unit: "ms", ours: ours.ms, peer: peer.ms },
      { name: "sse-1000-streams-rss", unit: "MB", ours: ours.peakMb, peer: peer.peakMb },
    ];
  },
};
