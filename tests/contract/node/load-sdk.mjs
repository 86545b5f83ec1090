// Loads the package under test from a module that re-exports it.

import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

/** `.cjs` is loaded with `require`, anything else with `import`. */
export async function loadSdk(path) {
  if (path.endsWith(".cjs")) return createRequire(import.meta.url)(path);
  return import(pathToFileURL(path).href);
}
