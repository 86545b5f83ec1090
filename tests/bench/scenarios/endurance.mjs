// What takes longer than a test may: each fails unless it comes to what it must, and tells what that took.
import { inChild } from "../child.mjs";

/** @typedef {import("../measure.mjs").Urls} Urls */

/** A stream whose reader pauses may take so much memory, and its command be so far ahead, in MB. */
const MAX_MB = 100;
const MAX_AHEAD_MB = 50;
/** A log of 1 MB is to be cut behind each of its bytes. */
const CUTS = 999_999;

export const endurance = {
  /** 200 processes at once in one sandbox, beside as many commands that do nothing. @param {Urls} urls */
  "process-200-at-once": async (urls) => {
    const ours = await inChild("many-processes.mjs", ["ours", urls.ours]);
    const peer = await inChild("many-processes.mjs", ["peer", urls.peer]);
    return [{ unit: "ms", ours: ours.ms, peer: peer.ms }];
  },
  /** Programs that are killed while they start a process: it runs and is listed, or there is none. @param {Urls} urls */
  "process-caller-killed": async ({ ours }) => {
    const { callers, running } = await inChild("killed-caller.mjs", [ours]);
    return [{ unit: "of them", ours: running, peer: callers }];
  },
  /** Each operation on what outlives a call, ten times, with a pause in the middle. @param {Urls} urls */
  "paused-operations": async ({ ours }) => {
    const { operations, failed } = await inChild("paused-operations.mjs", [ours]);
    for (const error of failed) console.log(`paused-operations: ${error}`);
    return [{ unit: "failed", ours: failed.length, peer: operations }];
  },
  /** 1 MB of a process's output, followed over a connection that is cut all the time. @param {Urls} urls */
  "process-follow-cut": async ({ ours }) => {
    const { cuts, ms } = await inChild("cut-follower.mjs", [ours]);
    console.log(`process-follow-cut: every byte came once, over ${cuts} cuts in ${ms.toFixed(0)} ms`);
    return [{ unit: "cuts", ours: CUTS, peer: cuts }];
  },
  /** 2 GB of a command's output, of which its reader takes 1 MB a second: the command is to wait for it. @param {Urls} urls */
  "stream-held": async ({ ours }) => {
    const { aboveMb, aheadMb } = await inChild("held-stream.mjs", [ours]);
    return [
      { name: "stream-held-rss", unit: "MB", ours: aboveMb, peer: MAX_MB },
      { name: "stream-held-ahead", unit: "MB", ours: aheadMb, peer: MAX_AHEAD_MB },
    ];
  },
};
