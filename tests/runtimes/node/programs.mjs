// Node.js at several versions: those of package.json here, and the one that other runtimes' tools need, of the folder above.

import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const require = createRequire(import.meta.url);
const here = fileURLToPath(new URL(".", import.meta.url));
const runtimes = fileURLToPath(new URL("..", import.meta.url));

/** The program of that major version, once it is installed. @param {string} major */
export function nodeProgram(major) {
  return join(dirname(require.resolve(`node-${major}-${process.arch}/package.json`)), "bin/node");
}

export async function installNodes(/** @type {import("../frame/types.js").Context} */ ctx) {
  await ctx.npmCi(runtimes);
  await ctx.npmCi(here);
}
