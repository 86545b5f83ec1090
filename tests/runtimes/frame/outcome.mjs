// What an entry reports: read back from messages, and judged.

import { collect } from "../../contract/runner.mjs";
import { suite } from "../../contract/suite/index.mjs";

/** @import { Entry, Log, Outcome, Result } from "./types.js" */
/** @typedef {{ result?: Result, end?: Omit<Outcome, "results">, error?: string }} Message */

/**
 * Reads the messages of `runSuite` from chunks of JSON lines: a child's stdout, a response's body. Results and lines that are
 * no message go to `log`. A stream without an end is an error that names the last test.
 *
 * @param {AsyncIterable<string | Uint8Array>} chunks
 * @param {Log} log
 * @returns {Promise<Outcome>}
 */
export async function outcomeOf(chunks, log = () => {}) {
  /** @type {Result[]} */
  const results = [];
  let end;
  for await (const line of lines(chunks)) {
    const message = parse(line);
    if (message === undefined) log(line);
    else if (message.error) throw new Error(message.error);
    else if (message.end) end = message.end;
    else {
      const { subject, name, status, ms } = /** @type {Result} */ (message.result);
      log(`${status} ${subject}: ${name} (${ms} ms)`);
      results.push(/** @type {Result} */ (message.result));
    }
  }
  if (end === undefined) {
    const last = results.at(-1);
    throw new Error(
      `it ended without a word after ${last ? `${last.subject}: ${last.name}` : "no test at all"}`,
    );
  }
  return { ...end, results };
}

/**
 * What is wrong with an outcome, one text each; nothing when all is well. A `filter` excuses tests that did not run.
 *
 * @param {Entry} entry
 * @param {Outcome} outcome
 * @param {string} filter
 */
export function faults(entry, { results = [], features, strays = [] }, filter) {
  /** @type {string[]} */
  const found = [];
  for (const { subject, name, status, reason } of results) {
    if (status === "failed") found.push(`${subject}: ${name}\n${reason}`);
  }
  const lacks = entry.lacks ?? {};
  // The suite skips by feature, so these two settle whether each skip has a stated reason.
  const missing = Object.keys(features ?? {}).filter(
    (feature) => !(/** @type {Record<string, boolean>} */ (features)[feature]),
  );
  for (const feature of missing) {
    if (!(feature in lacks)) found.push(`it has no ${feature}, and does not say why`);
  }
  for (const feature of Object.keys(lacks)) {
    if (!missing.includes(feature)) found.push(`it says that ${feature} is missing, which it is not`);
  }
  if (features === undefined && results.some(({ status }) => status === "not applicable")) {
    found.push("tests are not applicable, and no features are reported");
  }
  // Only the suite tells of features.
  if (features !== undefined && entry.wholeSuite !== false) {
    const reported = new Set(results.map(fullName));
    const wanted = collect(entry.suite ?? suite).map(fullName);
    const absent = wanted.filter((name) => name.includes(filter) && !reported.has(name));
    if (absent.length > 0) found.push(`${absent.length} tests of the suite did not run: ${absent[0]}, …`);
  }
  for (const stray of strays) found.push(`unhandled outside of any test: ${stray}`);
  if (!results.some(({ status }) => status === "passed")) found.push("no test passed");
  return found;
}

/** @param {{ subject: string, name: string }} test */
const fullName = ({ subject, name }) => `${subject}: ${name}`;

/** @param {AsyncIterable<string | Uint8Array>} chunks */
async function* lines(chunks) {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunks) {
    const parts = (
      rest + (typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true }))
    ).split("\n");
    rest = /** @type {string} */ (parts.pop());
    yield* parts;
  }
  if (rest !== "") yield rest;
}

/**
 * @param {string} line
 * @returns {Message | undefined}
 */
function parse(line) {
  try {
    const message = JSON.parse(line);
    return message?.result || message?.end || message?.error ? message : undefined;
  } catch {
    return undefined;
  }
}
