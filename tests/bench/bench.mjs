// Ours and the peer, side by side: node bench.mjs [--check] [name…]
//
// BENCH_PACKAGE names the directory of our installed package, BENCH_BASE_URL and BENCH_API_KEY a
// local server for the file transfers, BENCH_OUTPUT the file for the results.
import { writeFileSync } from "node:fs";

import { bothSides, report } from "./report.mjs";
import { bigStreams } from "./scenarios/big-streams.mjs";
import { calls } from "./scenarios/calls.mjs";
import { coldStart } from "./scenarios/cold-start.mjs";
import { endurance } from "./scenarios/endurance.mjs";
import { files } from "./scenarios/files.mjs";
import { folders } from "./scenarios/folders.mjs";
import { list } from "./scenarios/list.mjs";
import { relay } from "./scenarios/relay.mjs";
import { session } from "./scenarios/session.mjs";
import { smallCalls } from "./scenarios/small-calls.mjs";
import { streamLines } from "./scenarios/stream-lines.mjs";
import { streams } from "./scenarios/streams.mjs";
import { streamsAtOnce } from "./scenarios/streams-at-once.mjs";
import { transfers } from "./scenarios/transfers.mjs";

/** @type {Record<string, (urls: import("./measure.mjs").Urls) => Promise<any[]>>} */
const SCENARIOS = {
  ...calls,
  ...list,
  ...streams,
  ...streamsAtOnce,
  ...streamLines,
  ...coldStart,
  ...session,
  ...transfers,
  ...files,
  ...bigStreams,
  ...folders,
  ...relay,
  ...smallCalls,
  ...endurance,
};

const args = process.argv.slice(2);
const check = args.includes("--check");
const asked = args.filter((arg) => arg !== "--check");
const unknown = asked.find((name) => !(name in SCENARIOS));
if (unknown) {
  console.error(`no benchmark is called "${unknown}"; there are ${Object.keys(SCENARIOS).join(", ")}`);
  process.exit(2);
}

const sides = bothSides();
const results = [];
let missed = 0;

for (const [name, scenario] of Object.entries(SCENARIOS)) {
  // What takes an hour runs only when it is asked for.
  if (asked.length > 0 ? !asked.includes(name) : name in endurance) continue;
  for (const { ours, peer, unit, ...rest } of await scenario(sides)) {
    const result = { name: rest.name ?? name, unit, ours, peer, ratio: ours / peer };
    results.push(result);
    if (report(result)) missed++;
  }
}

writeFileSync(process.env.BENCH_OUTPUT ?? "", `${JSON.stringify(results, null, 2)}\n`);
if (check && missed > 0) {
  console.error(`${missed} of the goals missed`);
  process.exit(1);
}
