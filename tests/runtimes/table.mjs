// Puts the table of a complete run that passed into docs/runtimes.md:
//
//   node tests/runtimes/table.mjs [target/runtimes.json]

import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { entries } from "./entries.mjs";
import { table } from "./frame/report.mjs";

const repository = (/** @type {string} */ path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const PAGE = repository("docs/runtimes.md");
const BEGIN = "<!-- runtimes: of tests/runtimes/table.mjs -->\n";
const END = "<!-- /runtimes -->\n";

/** @type {import("./frame/types.js").Report[]} */
const reports = JSON.parse(await readFile(process.argv[2] ?? repository("target/runtimes.json"), "utf8"));
const passed = reports.filter(({ status, filter }) => status === "passed" && !filter).map(({ name }) => name);
const lacking = entries.map(({ name }) => name).filter((name) => !passed.includes(name));
if (lacking.length > 0) {
  console.error(`not of a complete run that passed: ${lacking.join(", ")}`);
  process.exit(1);
}

const page = await readFile(PAGE, "utf8");
const [before, rest] = page.split(BEGIN);
const after = rest?.split(END)[1];
if (after === undefined) {
  console.error(`docs/runtimes.md has no place for it: ${BEGIN}${END}`);
  process.exit(1);
}
await writeFile(PAGE, `${before}${BEGIN}\n${table(reports)}\n${END}${after}`);
