// The contract suite in every runtime and bundle; README.md says how entries are described.
//
//   node tests/runtimes/run.mjs --tarball <tgz> --server <superserve-local> [--jobs N] [--filter text] [--no-measure]
//     [name…]
//   node tests/runtimes/run.mjs --install-only [name…]

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

import { entries as all } from "./entries.mjs";
import { makeContext } from "./frame/context.mjs";
import { tarballProject } from "./frame/install.mjs";
import { faults } from "./frame/outcome.mjs";
import * as program from "./frame/program.mjs";
import { report, table } from "./frame/report.mjs";
import { inParallel, within } from "./frame/schedule.mjs";

const RUN_TIMEOUT_MS = 600_000;
const INSTALL_TIMEOUT_MS = 1_200_000;
const target = fileURLToPath(new URL("../../target/", import.meta.url));

const { values: options, positionals: names } = parseArgs({
  allowPositionals: true,
  options: {
    tarball: { type: "string" },
    server: { type: "string" },
    "install-only": { type: "boolean" },
    // Neither cold starts nor sizes: only whether the suite passes.
    "no-measure": { type: "boolean" },
    // Most of a suite is waiting: so many keep two cores busy.
    jobs: { type: "string", default: "4" },
    filter: { type: "string", default: "" },
    json: { type: "string", default: join(target, "runtimes.json") },
  },
});
const subject = options["install-only"] || (options.tarball && options.server);
if (!subject || !(options.jobs >= 1)) {
  console.error(
    "usage: run.mjs --tarball <tgz> --server <superserve-local> [--jobs N] [--filter text] [--no-measure] [name…]\n" +
      "       run.mjs --install-only [name…]",
  );
  process.exit(2);
}

const chosenBy = (name) => (entry) =>
  entry.name === name || entry.name.startsWith(`${name}-`) || entry.group === name;
for (const name of names) {
  if (all.some(chosenBy(name))) continue;
  console.error(`no runtime \`${name}\`; there are ${all.map((entry) => entry.name).join(", ")}`);
  process.exit(2);
}
const entries = names.length === 0 ? all : all.filter((entry) => names.some((name) => chosenBy(name)(entry)));

const workDir = await mkdtemp(join(tmpdir(), "superserve-runtimes-"));
const logDir = join(target, "runtimes");
await mkdir(logDir, { recursive: true });

const contexts = new Map();
let stopping;
function stop() {
  stopping ??= (async () => {
    await Promise.all([...contexts.values()].map((context) => context.close()));
    await rm(workDir, { recursive: true, force: true });
  })();
  return stopping;
}
for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => stop().finally(() => process.exit(1)));
}

const npm = (command, args, { cwd }) =>
  program.exec(program.spawn(command, args, { cwd }), `${command} ${args[0]}`);
const { tarball = "", server = "" } = options;
const shared = {
  tarball: resolve(tarball),
  server: resolve(server),
  filter: options.filter,
  installTarball: tarballProject(resolve(tarball), join(workDir, "tarball"), npm),
  workDir,
  logDir,
};

/** Runs one step of an entry, in a context of its own that ends with it. */
async function step(entry, name, timeoutMs) {
  const context = await makeContext(`${entry.name}.${name}`, shared);
  contexts.set(entry, context);
  try {
    const work = Promise.resolve(entry[name]?.(context.ctx));
    return await within(work, timeoutMs, async () => {
      await context.close();
      // What ends with the context most often says where it was.
      const where = await within(work.catch(String), 5_000, () => "still goes on");
      throw new Error(`it did not end within ${timeoutMs / 1000} s: ${where}`);
    });
  } finally {
    await context.close();
    contexts.delete(entry);
  }
}

const short = (text) => {
  const lines = text.split("\n");
  return lines.length <= 25 ? text : [...lines.slice(0, 25), `(${lines.length - 25} more lines)`].join("\n");
};
const seconds = (since) => `${((Date.now() - since) / 1000).toFixed(0)} s`;

/** What came of all entries, in their order. */
async function main() {
  const reports = new Map(entries.map((entry) => [entry, { entry, outcome: {}, faults: [] }]));
  const attempt = async (entry, name, timeoutMs) => {
    const report = reports.get(entry);
    if (report.faults.length > 0) return;
    const started = Date.now();
    try {
      Object.assign(report.outcome, await step(entry, name, timeoutMs));
      if (name === "run") report.faults = faults(entry, report.outcome, options.filter);
    } catch (error) {
      report.faults = [`${name} failed: ${error?.stack ?? error}`];
    }
    report.ms = Date.now() - started;
    if (name === "run" || report.faults.length > 0) {
      const verdict = report.faults.length === 0 ? "ok  " : "FAIL";
      console.error(`${verdict} ${entry.label} (${name}, ${seconds(started)})`);
      for (const fault of report.faults) console.error(short(fault).replace(/^/gm, "       "));
    }
  };

  const oneByOne = async (name, timeoutMs) => {
    const started = Date.now();
    for (const entry of entries) await attempt(entry, name, timeoutMs);
    console.error(`${name} (${seconds(started)})`);
  };
  // Installs share caches, and what is measured wants a quiet machine.
  await oneByOne("install", INSTALL_TIMEOUT_MS);
  if (options["install-only"]) return [...reports.values()];
  if (!options["no-measure"]) await oneByOne("measure", RUN_TIMEOUT_MS);
  // The last ones take longest: begun first, they do not go on alone.
  await inParallel(entries.toReversed(), Number(options.jobs), (entry) =>
    attempt(entry, "run", entry.timeoutMs ?? RUN_TIMEOUT_MS),
  );
  return [...reports.values()];
}

/** Writes and prints the reports; whether all entries passed. */
async function tell(reports) {
  await mkdir(dirname(options.json), { recursive: true });
  await writeFile(options.json, `${JSON.stringify(reports, null, 2)}\n`);
  console.log(table(reports));
  const failed = reports.filter(({ status }) => status !== "passed");
  console.log(`${reports.length - failed.length} passed, ${failed.length} failed`);
  return reports.length > 0 && failed.length === 0;
}

let good = false;
try {
  const all = await main();
  if (options["install-only"]) good = all.every(({ faults }) => faults.length === 0);
  else good = await tell(all.map((one) => report(one, options.filter)));
} catch (error) {
  console.error(error);
} finally {
  await stop();
}
process.exit(good ? 0 : 1);
