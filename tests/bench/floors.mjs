// What no client can do without, in our place: node floors.mjs [name…]
//
// The environment is that of bench.mjs. Goals below these figures cannot be reached.
import { writeFileSync } from "node:fs";

import { bothSides, report } from "./report.mjs";
import { calls } from "./scenarios/calls.mjs";
import { coldStart } from "./scenarios/cold-start.mjs";
import { relayOf } from "./scenarios/relay.mjs";
import { session } from "./scenarios/session.mjs";
import { streams } from "./scenarios/streams.mjs";
import { streamsAtOnce } from "./scenarios/streams-at-once.mjs";
import { transfers } from "./scenarios/transfers.mjs";

/** @type {Record<string, (urls: import("./measure.mjs").Urls) => Promise<any[]>>} */
const SCENARIOS = {
  ...calls,
  ...streams,
  ...streamsAtOnce,
  ...coldStart,
  ...session,
  "download-256mb": transfers["download-256mb"],
};
/** Beside a call of ours without it. */
const RELAY = relayOf("floor-relay.mjs");

const asked = process.argv.slice(2);
const both = bothSides();
const results = [];
for (const [name, scenario] of Object.entries({ ...SCENARIOS, ...RELAY })) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const file = name in coldStart ? "./floor-module.mjs" : "./floor.mjs";
  const floor = new URL(file, import.meta.url).href;
  const sides = name in RELAY ? both : { ...both, ours: floor };
  for (const { unit, ours, peer, ...rest } of await scenario(sides)) {
    const result = { name: rest.name ?? name, unit, ours, peer, ratio: ours / peer };
    results.push(result);
    report(result);
  }
}
writeFileSync(process.env.BENCH_OUTPUT ?? "", `${JSON.stringify(results, null, 2)}\n`);
