// Vercel's edge runtime: a function bundled with esbuild as Vercel's CLI does, run by `edge-runtime`.

import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { median } from "../frame/cold-start.mjs";
import { brotliSize } from "../frame/bundle-size.mjs";
import { outcomeOf } from "../frame/outcome.mjs";
import { startServing } from "../frame/serve.mjs";

const require = createRequire(import.meta.url);
const runtimes = fileURLToPath(new URL("..", import.meta.url));
const SUITE = fileURLToPath(new URL("../suite.mjs", import.meta.url));
const SERVE = fileURLToPath(new URL("serve.mjs", import.meta.url));
const COLD_STARTS = 7;

/** A handler as users write it. */
const SMALL_FUNCTION = `
import { Sandbox } from "@superserve/sdk";

export default async () => Response.json(await Sandbox.list());
`;

const SUITE_FUNCTION = `
import * as sdk from "@superserve/sdk";
import * as tools from "@superserve/sdk/tools";
import { streamSuite, webRuntime } from ${JSON.stringify(SUITE)};

export default async (request) => {
  const options = await request.json();
  return new Response(streamSuite({ ...options, sdk, tools, runtime: webRuntime("the edge runtime") }));
};
`;

const LISTEN = `
import handle from "./function.mjs";

addEventListener("fetch", (event) => event.respondWith(handle(event.request)));
`;

/** What the platform does with \`import module from "./x.wasm?module"\`: the file's compiled module is a global. */
const wasmModules = (modules) => ({
  name: "wasm modules",
  setup(build) {
    build.onResolve({ filter: /\.wasm\?module$/ }, ({ path, resolveDir }) => ({
      path: join(resolveDir, path.replace(/\?module$/, "")),
      namespace: "wasm-module",
    }));
    build.onLoad({ filter: /.*/, namespace: "wasm-module" }, ({ path }) => {
      const name = `wasm_${Object.keys(modules).length}`;
      modules[name] = path;
      return { contents: `export default ${name};` };
    });
  },
});

/** Bundles a function; returns the path of what `serve.mjs` takes, and its size. */
async function bundle(ctx, source) {
  // Installed only now.
  const { build } = require("esbuild");
  await ctx.installTarball(ctx.scratch);
  await writeFile(join(ctx.scratch, "function.mjs"), source);
  await writeFile(join(ctx.scratch, "listen.mjs"), LISTEN);
  const modules = {};
  const { outputFiles, warnings } = await build({
    absWorkingDir: ctx.scratch,
    entryPoints: ["listen.mjs"],
    bundle: true,
    write: false,
    format: "cjs",
    target: "es2022",
    conditions: ["edge-light", "worker", "import"],
    plugins: [wasmModules(modules)],
    logLevel: "silent",
  });
  if (warnings.length > 0) throw new Error(`esbuild warns: ${JSON.stringify(warnings)}`);
  const code = outputFiles[0].text;
  const path = join(ctx.scratch, "bundle.json");
  await writeFile(path, JSON.stringify({ code, modules }));
  const files = [
    Buffer.from(code),
    ...(await Promise.all(Object.values(modules).map((file) => readFile(file)))),
  ];
  return { path, size: await brotliSize(files) };
}

const serve = (ctx, path) => startServing(ctx, process.execPath, [SERVE, path]);

export const edge = [
  {
    name: "edge",
    label: "Vercel edge runtime",
    lacks: { inspect: "no way to see what `console.log` prints" },
    install: (ctx) => ctx.npmCi(runtimes),

    async measure(ctx) {
      const manifest = join(dirname(require.resolve("edge-runtime")), "../package.json");
      const { version } = JSON.parse(await readFile(manifest, "utf8"));
      const { path, size } = await bundle(ctx, SMALL_FUNCTION);
      const times = [];
      for (let i = 0; i < COLD_STARTS; i++) {
        const { startMs, stop } = await serve(ctx, path);
        times.push(startMs);
        await stop();
      }
      return { version, bundle: size, coldStartMs: median(times) };
    },

    async run(ctx) {
      const settings = await ctx.servers();
      const { path } = await bundle(ctx, SUITE_FUNCTION);
      const { url } = await serve(ctx, path);
      const response = await fetch(url, {
        method: "POST",
        body: JSON.stringify({ settings, filter: ctx.filter }),
      });
      if (!response.ok) throw new Error(`the function answers ${response.status}: ${await response.text()}`);
      return outcomeOf(response.body, ctx.log);
    },
  },
];
