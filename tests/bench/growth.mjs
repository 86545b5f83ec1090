// What a unit costs where there are 4 and 16 times as many: node growth.mjs [--check] [name…]
//
// The environment is that of bench.mjs. `growth-svg.mjs` draws the results.
import { writeFileSync } from "node:fs";

import { inChild } from "./child.mjs";
import { interleaved } from "./measure.mjs";
import { bothSides, figure, GROWTH } from "./report.mjs";
import { perCall } from "./scenarios/calls.mjs";
import { listing, readList } from "./scenarios/list.mjs";
import { OUTPUTS, readStream, transcript } from "./scenarios/streams.mjs";

/** @typedef {import("./measure.mjs").Side} Side */

/**
 * @typedef {object} Row
 * @property {string} unit What a unit costs.
 * @property {string} of What there is more of.
 * @property {number[]} sizes How many units: 1, 4 and 16 times as many.
 * @property {{ rounds: number, warmups?: number, collect?: boolean }} how
 * @property {(size: number, index: number) => (url: string) => Promise<number>} cost
 */

const IN_PROCESS = { rounds: 7, warmups: 2 };
const IN_CHILDREN = { rounds: 5 };

/** @type {(name: keyof typeof OUTPUTS) => Row} */
const stream = (name) => ({
  unit: "ms/MB",
  of: "MB of output",
  sizes: [5, 20, 80],
  how: IN_PROCESS,
  cost(size) {
    const output = transcript(OUTPUTS[name], size * 1_000_000);
    return async (url) => (await readStream(url, output)) / size;
  },
});

/** @type {(name: string) => Row} */
const call = (name) => ({
  unit: "µs",
  of: "calls at once",
  sizes: [125, 500, 2000],
  how: { rounds: 21, warmups: 6, collect: false },
  cost: (size) => (url) => perCall(url, name, size, true),
});

/** @type {(direction: "upload" | "download") => Row} */
const transfer = (direction) => ({
  unit: "ms/MB",
  of: "MB in a file",
  sizes: [16, 64, 256],
  how: IN_CHILDREN,
  // The first of a process and of its sandbox takes longer.
  cost: (size) => async (url) => (await inChild("transfer.mjs", [direction, url, `${size}`, "16"])).ms / size,
});

/** @type {Record<string, Row>} */
const ROWS = {
  "sse-ascii-100b": stream("sse-ascii-100b"),
  "sse-escaped": stream("sse-escaped"),
  "sse-nonascii": stream("sse-nonascii"),
  "sse-streams": {
    unit: "ms",
    of: "streams at once",
    sizes: [62, 250, 1000],
    how: IN_CHILDREN,
    cost: (size) => async (url) => (await inChild("streams-at-once.mjs", [url, `${size}`])).ms / size,
  },
  create: call("create"),
  run: call("run"),
  list: {
    unit: "µs",
    of: "sandboxes in a list",
    sizes: [1000, 4000, 16_000],
    how: IN_PROCESS,
    cost(size) {
      const answer = listing(size);
      return async (url) => ((await readList(url, answer)) * 1000) / size;
    },
  },
  upload: transfer("upload"),
  download: transfer("download"),
};

const args = process.argv.slice(2);
const asked = args.filter((arg) => arg !== "--check");
const unknown = asked.find((name) => !(name in ROWS));
if (unknown) {
  console.error(`nothing called "${unknown}" grows; there are ${Object.keys(ROWS).join(", ")}`);
  process.exit(2);
}

const urls = bothSides();
const results = [];
let missed = 0;
for (const [name, { unit, of, sizes, how, cost }] of Object.entries(ROWS)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const costs = sizes.map(cost);
  // All sizes in one turn, so that a machine that slows down slows each of them.
  const { ours, peer } = await interleaved(how, async (side) => {
    const taken = [];
    for (const [index, costOf] of costs.entries()) {
      // As many units of each size, or collections would fall into the time of the most alone.
      const times = how === IN_CHILDREN ? 1 : sizes[2] / sizes[index];
      // What a collection made slow shall not be the cost of the fewest.
      if (index === 0 && times > 1) await mean(times, () => costOf(urls[side]));
      taken.push(await mean(times, () => costOf(urls[side])));
    }
    return taken;
  });
  const result = { name, unit, of, sizes, ours: Object.values(ours), peer: Object.values(peer) };
  results.push(result);
  missed += report(result);
}

writeFileSync(process.env.BENCH_OUTPUT ?? "", `${JSON.stringify(results, null, 2)}\n`);
if (args.includes("--check") && missed > 0) {
  console.error(`${missed} of the costs grew by more than ${percent(GROWTH)}`);
  process.exit(1);
}

/** @param {number} times @param {() => Promise<number>} measure */
async function mean(times, measure) {
  let sum = 0;
  for (let i = 0; i < times; i++) sum += await measure();
  return sum / times;
}

/** @param {{ name: string, unit: string, of: string, sizes: number[], ours: number[], peer: number[] }} result */
function report({ name, unit, of, sizes, ...sides }) {
  console.log(`${name}: a unit's cost at ${sizes.join(", ")} ${of}`);
  for (const side of /** @type {Side[]} */ (["ours", "peer"])) {
    const costs = sides[side].map((cost) => figure(cost, unit)).join("");
    const verdict = side === "ours" ? `  ${grew(sides.ours) ? "MISSES" : "meets"} <= ${percent(GROWTH)}` : "";
    console.log(
      `  ${side} ${costs}  ${sides[side]
        .slice(1)
        .map((cost) => percent(cost / sides[side][0]))
        .join(" ")}${verdict}`,
    );
  }
  return grew(sides.ours) ? 1 : 0;
}

/** @param {number[]} costs */
function grew([first, ...more]) {
  return Math.max(...more) > first * GROWTH;
}

/** @param {number} ratio */
function percent(ratio) {
  return `${ratio < 1 ? "" : "+"}${((ratio - 1) * 100).toFixed(0)} %`;
}
