// What runs in those processes: the suite, printed.

import { AsyncLocalStorage } from "node:async_hooks";
import { inspect } from "node:util";

import { runSuite, webRuntime } from "../suite.mjs";

/**
 * @param {{ sdk: any, tools: any }} entries
 * @param {string} version
 * @param {{ name: string, filter: string } & import("./types.js").Servers} options
 */
export async function main(entries, version, { name, filter, ...settings }) {
  await runSuite({
    ...entries,
    settings,
    filter,
    runtime: webRuntime(name, {
      AsyncLocalStorage,
      inspect: (/** @type {unknown} */ value) => inspect(value, { depth: Infinity, breakLength: Infinity }),
    }),
    measured: { version },
    report: (/** @type {unknown} */ message) => console.log(JSON.stringify(message)),
  });
  // What a test left open must not keep the process.
  process.exit(0);
}
