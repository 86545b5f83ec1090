// Runs a bundled worker in workerd: node worker-host.mjs <bundle> [compatibility flag…]. Its environment is this one's;
// WebAssembly modules lie beside the bundle.
import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(new URL("../runtimes/package.json", import.meta.url));
const { Miniflare } = require("miniflare");

const [bundle, ...compatibilityFlags] = process.argv.slice(2);
/** @type {Record<string, object>} */
const modules = { "worker.js": { type: "esm", contents: await readFile(bundle) } };
for (const name of await readdir(dirname(bundle))) {
  if (!name.endsWith(".wasm")) continue;
  modules[name] = { type: "wasm", contents: await readFile(join(dirname(bundle), name)) };
}
const names = ["SUPERSERVE_API_KEY", "SUPERSERVE_BASE_URL", "RELAY_SECRET"];
const env = Object.fromEntries(names.map((name) => [name, { type: "json", value: process.env[name] }]));
const config = {
  name: "relay",
  compatibilityDate: "2026-11-01",
  compatibilityFlags,
  manifest: { mainModule: "worker.js", modules },
  env,
};
const miniflare = new Miniflare({ workers: [{ config }] });
const { port } = await miniflare.ready;
console.log(`listening on port ${port}`);

// Whoever started it holds its stdin.
process.stdin.resume().on("end", async () => {
  await miniflare.dispose();
  process.exit(0);
});
