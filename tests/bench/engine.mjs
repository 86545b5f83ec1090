// The benchmarks that any engine runs: calls and streams on a stubbed fetch.
import { calls } from "./scenarios/calls.mjs";
import { streams } from "./scenarios/streams.mjs";

/**
 * Runs them one by one; results are messages, as the tests of runtimes have them.
 *
 * @param {import("./measure.mjs").Urls} urls
 * @param {(message: object) => unknown} tell
 */
export async function run(urls, tell) {
  for (const [name, scenario] of Object.entries({ ...calls, ...streams })) {
    for (const { unit, ours, peer } of await scenario(urls)) {
      await tell({ result: { name, unit, ours, peer, ratio: ours / peer } });
    }
  }
  await tell({ end: {} });
}
