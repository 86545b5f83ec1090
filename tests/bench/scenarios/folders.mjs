// 5,000 files of 2 KB up, down, and in step: beside a request for each.
import { inChild } from "../child.mjs";
import { interleaved } from "../measure.mjs";

/** @typedef {import("../measure.mjs").Urls} Urls */

/**
 * @param {"upload" | "download" | "sync"} what
 * @param {Urls} urls
 */
async function folder(what, urls) {
  const { ours, peer } = await interleaved({ rounds: 3, warmups: 0 }, (side) =>
    inChild("folder.mjs", [what, side, urls[side]]),
  );
  const name = what === "sync" ? "sync-dir" : `${what}-dir`;
  return [
    { name, unit: "ms", ours: ours.ms, peer: peer.ms },
    { name: `${name}-requests`, unit: "", ours: ours.requests, peer: peer.requests },
  ];
}

export const folders = {
  /** @param {Urls} urls */
  "upload-dir": (urls) => folder("upload", urls),
  /** @param {Urls} urls */
  "download-dir": (urls) => folder("download", urls),
  /** @param {Urls} urls */
  "sync-dir": (urls) => folder("sync", urls),
};
