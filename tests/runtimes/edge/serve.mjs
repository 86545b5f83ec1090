// Serves a bundled edge function as Vercel's CLI does: node serve.mjs <bundle.json>. The bundle is `{ code, modules }`:
// a script that listens to `fetch`, and the files of its WebAssembly modules by the names of globals.

import { AsyncLocalStorage } from "node:async_hooks";
import { readFile } from "node:fs/promises";

import { EdgeRuntime, runServer } from "edge-runtime";

const { code, modules } = JSON.parse(await readFile(process.argv[2], "utf8"));
const compiled = {};
for (const [name, file] of Object.entries(modules)) {
  compiled[name] = await WebAssembly.compile(await readFile(file));
}

const runtime = new EdgeRuntime({
  // What the platform has beside the runtime's own globals.
  extend: (context) =>
    Object.assign(context, { AsyncLocalStorage, process: { env: {} }, module: {}, ...compiled }),
});
const started = performance.now();
runtime.evaluate(code);
const startMs = performance.now() - started;
const { url } = await runServer({ runtime });
console.log(JSON.stringify({ url, startMs }));

// Whoever started it holds its stdin.
process.stdin.resume().on("end", () => process.exit(0));
