// What Node has, for tests that ask by feature.

import { AsyncLocalStorage } from "node:async_hooks";
import { inspect } from "node:util";

export function nodeRuntime() {
  return {
    name: `Node ${process.versions.node}`,
    browser: false,
    features: {
      env: true,
      process: true,
      asyncLocalStorage: true,
      inspect: true,
      websocket: true,
      import: true,
    },
    env: {
      get: (name) => process.env[name],
      set(name, value) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      },
    },
    AsyncLocalStorage,
    inspect: (value) => inspect(value, { depth: Infinity, breakLength: Infinity }),
  };
}

let listener = stray;
const strays = [];

function stray(reason) {
  strays.push(reason);
  console.error("outside of any test:", reason);
}

for (const kind of ["unhandledRejection", "uncaughtException"]) {
  process.on(kind, (reason) => listener(reason));
}

/** Reports rejections that nobody handles; returns a function that ends the watch. */
export function watchUnhandled(watcher) {
  listener = watcher;
  return () => {
    listener = stray;
  };
}

/** How many there were while no test ran. */
export const strayCount = () => strays.length;
