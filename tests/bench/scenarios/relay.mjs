// What the relay adds: "ours" is a sandbox held by a ticket, through a relay of its own process, "peer" the same
// sandbox without one. Both are our package, on the local server.
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import { interleaved } from "../measure.mjs";

const CALLS = 50;
const EVENTS = 200;
const PROGRAM = `
import time
for _ in range(${EVENTS}):
    print(time.time_ns(), flush=True)
    time.sleep(0.004)
`;

/** @typedef {import("../measure.mjs").Urls} Urls */

/**
 * Runs `work` with the same sandbox on both ways.
 *
 * @param {string} child The relay's process.
 * @param {Urls} urls
 * @param {(sandboxes: Record<import("../measure.mjs").Side, any>) => Promise<any>} work
 */
async function bothWays(child, { ours }, work) {
  const { Sandbox } = await import(ours);
  const { BENCH_BASE_URL: baseUrl, BENCH_API_KEY: apiKey } = process.env;
  /** @param {string} name */
  const file = (name) => new URL(name, ours).href;
  const program = fileURLToPath(new URL(`../children/${child}`, import.meta.url));
  const relay = fork(program, [file("relay.js"), file("relay-node.js")]);
  const direct = await Sandbox.create({ name: "bench", baseUrl, apiKey });
  try {
    const [{ origin }] = await once(relay, "message");
    relay.send(direct.id);
    const [{ ticket }] = await once(relay, "message");
    const relayed = Sandbox.fromTicket(ticket, { relayUrl: `${origin}/sandbox` });
    return await work({ ours: relayed, peer: direct });
  } finally {
    relay.disconnect();
    await direct.kill();
  }
}

/**
 * A small call: a file of a few bytes is read.
 *
 * @param {string} child
 * @param {Urls} urls
 */
const call = (child, urls) =>
  bothWays(child, urls, async (sandboxes) => {
    await sandboxes.peer.files.write("/tmp/small", "a few bytes");
    const medians = await interleaved({ rounds: 21, warmups: 3, collect: false }, async (side) => {
      const start = performance.now();
      for (let i = 0; i < CALLS; i++) {
        const text = await sandboxes[side].files.readText("/tmp/small");
        if (text !== "a few bytes") throw new Error("not the file");
      }
      return ((performance.now() - start) * 1000) / CALLS;
    });
    return [{ unit: "µs", ...medians }];
  });

/**
 * From the moment that a command prints a line to the moment that the callback has it.
 *
 * @param {string} child
 * @param {Urls} urls
 */
const stream = (child, urls) =>
  bothWays(child, urls, async (sandboxes) => {
    await sandboxes.peer.files.write("/tmp/stamps.py", PROGRAM);
    const medians = await interleaved({ rounds: 7, warmups: 2, collect: false }, async (side) => {
      /** @type {number[]} */
      const late = [];
      await sandboxes[side].commands.run("python3 /tmp/stamps.py", {
        /** @param {string} text */
        onStdout(text) {
          const now = (performance.timeOrigin + performance.now()) * 1000;
          for (const stamp of text.trim().split("\n")) late.push(now - Number(stamp) / 1000);
        },
      });
      if (late.length !== EVENTS) throw new Error(`${late.length} of ${EVENTS} events`);
      return late.sort((a, b) => a - b)[EVENTS / 2];
    });
    return [{ unit: "µs", ...medians }];
  });

/** @param {string} child */
export const relayOf = (child) => ({
  "relay-call": (/** @type {Urls} */ urls) => call(child, urls),
  "relay-stream": (/** @type {Urls} */ urls) => stream(child, urls),
});

export const relay = relayOf("relay.mjs");
