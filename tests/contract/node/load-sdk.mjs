// Loads the package under test from a module that re-exports it.

import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

/** `.cjs` is loaded with `require`, anything else with `import`. */
export async function loadSdk(path) {
  if (path.endsWith(".cjs")) return createRequire(import.meta.url)(path);
  return import(pathToFileURL(path).href);
}

/** Another entry of that package, in the same form. */
export async function loadEntry(path, name) {
  if (path.endsWith(".cjs")) return createRequire(path)(`@superserve/sdk/${name}`);
  return import(pathToFileURL(join(dirname(path), `node_modules/@superserve/sdk/dist/${name}.js`)).href);
}
