// The contract suite in Node, against the installed package and a local server it starts itself.
//
//   node tests/contract/run-node.mjs --sdk <module> --server <superserve-local> [--node-only] [--of-form]
//     [--filter text]
//
// `--sdk` is a module that re-exports the package: `.cjs` is loaded with `require`, anything else
// with `import`. `--node-only` leaves out what `tests/runtimes` runs in every Node, `--of-form` all in which the form
// does not show, since another form of the same build has shown it. The last line is "N passed, M failed"; the exit code is 0 only when tests ran and none failed.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { hereOnly, nodeSubjects, ofForm } from "./node/index.mjs";
import { loadEntry, loadSdk } from "./node/load-sdk.mjs";
import { startProgram } from "./node/programs.mjs";
import { nodeRuntime, strayCount, watchUnhandled } from "./node/runtime.mjs";
import "./node/websocket.mjs";
import { count, run } from "./runner.mjs";
import { suite } from "./suite/index.mjs";
import { faultClient } from "./support/fault-client.mjs";

const { values: options } = parseArgs({
  options: {
    sdk: { type: "string" },
    server: { type: "string" },
    "node-only": { type: "boolean" },
    "of-form": { type: "boolean" },
    filter: { type: "string" },
  },
});
const { sdk: sdkOption, server: serverOption } = options;
if (!sdkOption || !serverOption) {
  console.error(
    "usage: run-node.mjs --sdk <module> --server <superserve-local> [--node-only] [--of-form] [--filter text]",
  );
  process.exit(2);
}

// The suite sets these itself; what a developer has in the shell must not reach a test.
for (const name of [
  "SUPERSERVE_API_KEY",
  "SUPERSERVE_BASE_URL",
  "SUPERSERVE_SANDBOX_URL",
  "SUPERSERVE_LOG",
]) {
  delete process.env[name];
}

const scratch = await mkdtemp(join(tmpdir(), "superserve-contract-"));
/** @type {ReturnType<typeof startProgram>[]} */
const programs = [];
/** @param {[command: string, ...args: string[]]} command */
async function start(...command) {
  const program = startProgram(...command);
  programs.push(program);
  return program.ready;
}

let stopping;
function stop() {
  stopping ??= (async () => {
    await Promise.all(programs.map((program) => program.stop()));
    await rm(scratch, { recursive: true, force: true });
  })();
  return stopping;
}
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => stop().finally(() => process.exit(1)));
}

async function main() {
  const server = resolve(serverOption ?? "");
  const sdkPath = resolve(sdkOption ?? "");
  // One test's sessions may still be closing when the next opens a hundred, which is the service's limit.
  const always = ["--port", "0", "--max-sockets-per-address", "1000"];
  /**
   * @param {string} name
   * @param {string[]} more
   */
  const local = (name, ...more) => start(server, ...always, "--data-dir", join(scratch, name), ...more);
  const [fast, slow, stale, hinted, fault] = await Promise.all([
    local("fast", "--ready-lag-ms", "150"),
    local("slow", "--resume-delay-ms", "1500", "--ready-lag-ms", "2500"),
    local("stale", "--stale-routes", "stale"),
    local("hinted", "--stale-routes", "unavailable", "--routing-hint-s", "3600"),
    start(process.execPath, fileURLToPath(new URL("fault-server.mjs", import.meta.url))),
  ]);

  const sdk = await loadSdk(sdkPath);
  /** @param {{ base_url: string, api_key: string }} printed */
  const connection = ({ base_url, api_key }) => ({ baseUrl: base_url, apiKey: api_key });
  const subjects = Object.entries(options["node-only"] ? hereOnly : { ...suite, ...nodeSubjects });
  const unknown = ofForm.filter((name) => !(name in { ...suite, ...nodeSubjects }));
  if (unknown.length > 0) throw new Error(`no such subjects: ${unknown.join(", ")}`);
  const chosen = subjects.filter(([name]) => !options["of-form"] || ofForm.includes(name));
  const results = await run({
    subjects: Object.fromEntries(chosen),
    environment: {
      sdk,
      tools: await loadEntry(sdkPath, "tools"),
      ...connection(fast),
      slow: connection(slow),
      routed: { stale: connection(stale), hinted: connection(hinted) },
      fault: faultClient(fault.origin),
      runtime: nodeRuntime(),
      sdkPath,
      serverPath: server,
    },
    filter: options.filter,
    watchUnhandled,
    onResult({ subject, name, status, ms, reason }) {
      const mark = { passed: "ok  ", failed: "FAIL", "not applicable": "n/a " }[status];
      console.log(`${mark} ${subject}: ${name} (${ms} ms)`);
      if (reason) console.log(reason.replace(/^/gm, "       "));
    },
  });

  const { passed, failed, notApplicable } = count(results);
  // Node has everything that a test may ask for.
  if (notApplicable > 0) console.log(`${notApplicable} not applicable, which Node never is`);
  if (strayCount() > 0) console.log(`${strayCount()} unhandled outside of any test`);
  if (results.length === 0) console.log("no test ran");
  const wrong = failed + notApplicable + strayCount();
  if (wrong > 0) {
    for (const program of programs) if (program.complaints()) console.log(`\n${program.complaints()}`);
  }
  console.log(`${passed} passed, ${wrong} failed`);
  return results.length > 0 && wrong === 0;
}

let good = false;
try {
  good = await main();
} catch (error) {
  console.error(error);
} finally {
  await stop();
}
process.exit(good ? 0 : 1);
