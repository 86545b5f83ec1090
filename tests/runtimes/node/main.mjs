// What runs in each Node: the suite, and the tests of what only shows between processes.

import { AsyncLocalStorage } from "node:async_hooks";
import { inspect } from "node:util";

import { WebSocket } from "ws";

import { loadEntry } from "../../contract/node/load-sdk.mjs";
import processes from "../../contract/node/processes.mjs";
import { runSuite, webRuntime } from "../suite.mjs";

// Node 18 and 20 have none: users bring one, and this is it.
globalThis.WebSocket ??= WebSocket;

/**
 * `sdkPath` is a module that re-exports the package.
 *
 * @param {() => Promise<any>} load
 * @param {{ filter: string, sdkPath: string, serverPath: string } & import("../frame/types.js").Servers} options
 */
export async function main(load, { filter, sdkPath, serverPath, ...settings }) {
  await runSuite({
    sdk: await load(),
    tools: await loadEntry(sdkPath, "tools"),
    settings,
    filter,
    runtime: webRuntime(`Node ${process.versions.node}`, {
      AsyncLocalStorage,
      inspect: (/** @type {unknown} */ value) => inspect(value, { depth: Infinity, breakLength: Infinity }),
    }),
    subjects: { processes },
    environment: { sdkPath, serverPath },
    measured: { version: process.versions.node },
    report: (/** @type {unknown} */ message) => console.log(JSON.stringify(message)),
  });
  // What a test left open must not keep the process.
  process.exit(0);
}
