// The examples of agents' frameworks, compiled and run: node run.mjs [NAME…]
//
// SUPERSERVE_AGENTS names the folder where they are installed, SUPERSERVE_LOCAL the local server. Most frameworks want Node.js 22,
// which is got by npm where this is an older one.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const require = createRequire(import.meta.url);
const isNew = Number.parseInt(process.versions.node, 10) >= 22;
const node = isNew
  ? process.execPath
  : join(dirname(require.resolve(`node-22-${process.arch}/package.json`)), "bin/node");

/** @param {string[]} args */
function run(...args) {
  const { status, signal, error } = spawnSync(node, args, { stdio: "inherit" });
  if (status !== 0) throw new Error(`${args[0]}: ${error ?? signal ?? status}`);
}

const all = readdirSync(here)
  .filter((file) => file.endsWith(".test.mjs"))
  .map((file) => file.slice(0, -".test.mjs".length));
const asked = process.argv.slice(2);
const unknown = asked.find((name) => !all.includes(name));
if (unknown) throw new Error(`there is no test of ${unknown}; there are ${all.join(", ")}`);
run(require.resolve("typescript/bin/tsc"), "--project", process.env.SUPERSERVE_AGENTS ?? "");
run(
  "--test",
  "--test-reporter=spec",
  "--test-concurrency=2",
  "--test-timeout=120000",
  ...(asked.length > 0 ? asked : all).map((name) => join(here, `${name}.test.mjs`)),
);
