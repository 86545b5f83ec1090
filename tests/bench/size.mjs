// How many bytes a user loads: node size.mjs <package dir> <output file>
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

import { minified } from "../../xtask/js/minify.mjs";

const [packageDir, outputFile] = process.argv.slice(2);
const { size: budget } = JSON.parse(readFileSync(new URL("budget.json", import.meta.url), "utf8"));

/** All that a minifier may not rename in the peer's bundle: what it exports. */
async function minifiedPeer() {
  const kept = Object.keys(await import("superserve-peer"));
  const code = readFileSync(fileURLToPath(import.meta.resolve("superserve-peer")), "utf8");
  return Buffer.from(await minified(code, { module: true, kept }));
}

/** @typedef {{ name: string, raw: number, gzip: number, brotli: number }} Size */

/**
 * @param {string} name
 * @param {Uint8Array} bytes
 * @returns {Size}
 */
function measured(name, bytes) {
  const brotli = brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: 11,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
  return { name, raw: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length, brotli: brotli.length };
}

/** @param {string} file */
const dist = (file) => readFileSync(join(packageDir, "dist", file));
const wasm = measured("wasm", dist("superserve.wasm"));
// The entry that takes the module as a file holds all the rest and nothing else.
const glue = measured("glue", dist("workerd.js"));
const both = {
  name: "wasm + glue",
  raw: wasm.raw + glue.raw,
  gzip: wasm.gzip + glue.gzip,
  brotli: wasm.brotli + glue.brotli,
};
const sizes = [
  wasm,
  glue,
  both,
  measured("single file", dist("index.js")),
  measured("peer, minified", await minifiedPeer()),
];

writeFileSync(outputFile, `${JSON.stringify(sizes, null, 2)}\n`);
console.table(Object.fromEntries(sizes.map(({ name, ...bytes }) => [name, bytes])));

let over = 0;
for (const [name, limits] of Object.entries(budget)) {
  const size = sizes.find((size) => size.name === name);
  if (!size) throw new Error(`the budget names "${name}", which is not measured`);
  for (const [form, limit] of Object.entries(limits)) {
    const taken = size[/** @type {"raw" | "gzip" | "brotli"} */ (form)];
    const verdict = taken <= limit ? "within" : "OVER";
    if (verdict === "OVER") over += 1;
    console.log(`${name}, ${form}: ${taken} bytes, ${verdict} the budget of ${limit}`);
  }
}
if (over > 0) process.exit(1);
