// What Node has, for tests that ask by feature.

import { AsyncLocalStorage } from "node:async_hooks";
import { inspect } from "node:util";

export function nodeRuntime() {
  return {
    name: `Node ${process.versions.node}`,
    browser: false,
    features: { env: true, process: true, asyncLocalStorage: true, inspect: true },
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

/** Reports rejections that nobody handles; returns a function that ends the watch. */
export function watchUnhandled(listener) {
  process.on("unhandledRejection", listener);
  process.on("uncaughtException", listener);
  return () => {
    process.off("unhandledRejection", listener);
    process.off("uncaughtException", listener);
  };
}
