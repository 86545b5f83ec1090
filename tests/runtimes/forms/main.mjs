// What runs in the processes of forms.

import { runSuite, webRuntime } from "../suite.mjs";
import { copies } from "./copies.mjs";
import { slim } from "./slim.mjs";

const report = (message) => console.log(JSON.stringify(message));

async function main(options) {
  const { features, ...runtime } = webRuntime(options.name);
  // These tests ask for none.
  await runSuite({ ...options, runtime: { ...runtime, features: {} }, report });
  process.exit(0);
}

/** `fresh` are functions that load a copy of the entry each. */
export const slimMain = (sdk, fresh, version, { name, filter, wasmUrl, ...settings }) =>
  main({
    sdk,
    name,
    filter,
    settings,
    tests: { slim },
    environment: { wasmUrl, copies: () => fresh.shift()() },
    measured: { version },
  });

export const copiesMain = (sdk, packages, others, { name, filter, ...settings }) =>
  main({
    sdk,
    name,
    filter,
    settings,
    tests: { copies },
    environment: { packages, others },
    measured: { version: process.versions.node },
  });
