// 256 MiB up and down through the local server: how long, and how much memory at the peak.
import { inChild } from "../child.mjs";
import { interleaved } from "../measure.mjs";

/** @typedef {import("../measure.mjs").Urls} Urls */

/**
 * @param {"upload" | "download"} direction
 * @param {Urls} urls
 */
async function transfer(direction, urls) {
  const { ours, peer } = await interleaved({ rounds: 5, warmups: 1 }, (side) =>
    inChild("transfer.mjs", [direction, urls[side], "256"]),
  );
  return [
    { unit: "ms", ours: ours.ms, peer: peer.ms },
    { name: `${direction}-256mb-rss`, unit: "MB", ours: ours.peakMb, peer: peer.peakMb },
  ];
}

export const transfers = {
  /** @param {Urls} urls */
  "upload-256mb": (urls) => transfer("upload", urls),
  /** @param {Urls} urls */
  "download-256mb": (urls) => transfer("download", urls),
};
