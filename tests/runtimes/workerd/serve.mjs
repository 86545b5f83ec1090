// Serves what wrangler made of a worker: node serve.mjs <directory> <main module> <compatibility date> [flag…]

import { readFile, readdir } from "node:fs/promises";
import { extname, join } from "node:path";

import { Miniflare } from "miniflare";

const [directory, mainModule, compatibilityDate, ...compatibilityFlags] = process.argv.slice(2);

const TYPES = { ".js": "esm", ".mjs": "esm", ".wasm": "wasm" };
const modules = {};
for (const name of await readdir(directory, { recursive: true })) {
  const type = TYPES[extname(name)];
  if (type) modules[name] = { type, contents: await readFile(join(directory, name)) };
}

const started = performance.now();
const miniflare = new Miniflare({
  workers: [
    { config: { name: "app", compatibilityDate, compatibilityFlags, manifest: { mainModule, modules } } },
  ],
});
const url = await miniflare.ready;
console.log(JSON.stringify({ url: url.href, startMs: performance.now() - started }));

// Whoever started it holds its stdin.
process.stdin.resume().on("end", async () => {
  await miniflare.dispose();
  process.exit(0);
});
