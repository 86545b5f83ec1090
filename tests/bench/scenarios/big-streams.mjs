// 2 GB up and down as a stream, beside curl: how long, and how much memory above what the process had before.
import { execFileSync } from "node:child_process";

import { inChild } from "../child.mjs";

/** A stream may take so much memory, in MB. */
const MAX_MB = 150;

/**
 * @param {"upload" | "download"} direction
 * @param {import("../measure.mjs").Urls} urls
 */
async function stream(direction, urls) {
  try {
    execFileSync("curl", ["--version"]);
  } catch {
    console.log(`${direction}-2gb-stream: skipped, there is no curl here`);
    return [];
  }
  // The first of them warms the server up.
  await inChild("stream.mjs", [direction, "curl", urls.ours]);
  const peer = await inChild("stream.mjs", [direction, "curl", urls.ours]);
  const ours = await inChild("stream.mjs", [direction, "ours", urls.ours]);
  return [
    { unit: "ms", ours: ours.ms, peer: peer.ms },
    { name: `${direction}-2gb-stream-rss`, unit: "MB", ours: ours.aboveMb, peer: MAX_MB },
  ];
}

export const bigStreams = {
  /** @param {import("../measure.mjs").Urls} urls */
  "upload-2gb-stream": (urls) => stream("upload", urls),
  /** @param {import("../measure.mjs").Urls} urls */
  "download-2gb-stream": (urls) => stream("download", urls),
};
