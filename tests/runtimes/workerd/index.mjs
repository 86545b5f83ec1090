// Cloudflare workerd: a worker bundled by wrangler as for a deployment, run by miniflare. Once as wrangler's templates have
// it, and once as an old project, without Node compatibility.

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { bundleSize } from "../frame/bundle-size.mjs";
import { median } from "../frame/cold-start.mjs";
import { program } from "../frame/npm-programs.mjs";
import { outcomeOf } from "../frame/outcome.mjs";
import { startServing } from "../frame/serve.mjs";

const runtimes = fileURLToPath(new URL("..", import.meta.url));
const SUITE = fileURLToPath(new URL("../suite.mjs", import.meta.url));
const SERVE = fileURLToPath(new URL("serve.mjs", import.meta.url));
const WRANGLER = program("wrangler", "bin/wrangler.js");
// Both need a newer Node than this may be.
const NODE = program(`node-24-${process.arch}`, "bin/node");
const COLD_STARTS = 7;

/** What users ship at least. */
const SMALL_WORKER = `
import { Sandbox } from "@superserve/sdk";

export default {
  async fetch() {
    return Response.json(await Sandbox.list());
  },
};
`;

/** Clocks stand still in a worker but for I/O, so a timer goes before each look. To the millisecond. */
const COLD_START_WORKER = `
async function now() {
  await new Promise((resolve) => setTimeout(resolve, 0));
  return performance.now();
}

export default {
  async fetch() {
    const started = await now();
    await import("@superserve/sdk");
    return Response.json((await now()) - started);
  },
};
`;

const suiteWorker = (more) => `
import * as sdk from "@superserve/sdk";
import * as tools from "@superserve/sdk/tools";
import { streamSuite, webRuntime } from ${JSON.stringify(SUITE)};
${more.imports ?? ""}

export default {
  async fetch(request) {
    const options = await request.json();
    const runtime = webRuntime("workerd", ${more.found ?? "{}"});
    return new Response(streamSuite({ ...options, sdk, tools, runtime }));
  },
};
`;

/** Bundles a worker as `wrangler deploy` does; returns the directory of its modules. */
async function bundle(ctx, source, { date, flags }) {
  const config = {
    name: "app",
    main: "worker.mjs",
    compatibility_date: date,
    compatibility_flags: flags,
  };
  await ctx.installTarball(ctx.scratch);
  await writeFile(join(ctx.scratch, "worker.mjs"), source);
  await writeFile(join(ctx.scratch, "wrangler.json"), JSON.stringify(config));
  const { stdout, stderr } = await ctx.exec(NODE, [WRANGLER, "deploy", "--dry-run", "--outdir", "dist"], {
    env: { WRANGLER_SEND_METRICS: "false", WRANGLER_LOG_PATH: join(ctx.scratch, "log"), NO_COLOR: "1" },
  });
  const warnings = /.*\b(warn|warning)\b.*/i.exec(stdout + stderr);
  if (warnings) throw new Error(`wrangler warns: ${stdout}${stderr}`);
  return join(ctx.scratch, "dist");
}

const serve = (ctx, directory, { date, flags }) =>
  startServing(ctx, NODE, [SERVE, directory, "worker.js", date, ...flags]);

async function coldStart(ctx, compatibility) {
  const directory = await bundle(ctx, COLD_START_WORKER, compatibility);
  const times = [];
  for (let i = 0; i < COLD_STARTS; i++) {
    const { url, stop } = await serve(ctx, directory, compatibility);
    times.push(await (await fetch(url)).json());
    await stop();
  }
  return median(times);
}

const entry = ({ name, label, compatibility, lacks, more = {} }) => ({
  name,
  label,
  lacks,
  install: (ctx) => ctx.npmCi(runtimes),

  async measure(ctx) {
    const { version } = JSON.parse(await readFile(program("workerd", "package.json"), "utf8"));
    const directory = await bundle(ctx, SMALL_WORKER, compatibility);
    const size = await bundleSize(directory, /\.(js|wasm)$/);
    return { version, bundle: size, coldStartMs: await coldStart(ctx, compatibility) };
  },

  async run(ctx) {
    const settings = await ctx.servers();
    const { url } = await serve(ctx, await bundle(ctx, suiteWorker(more), compatibility), compatibility);
    const response = await fetch(url, {
      method: "POST",
      body: JSON.stringify({ settings, filter: ctx.filter }),
    });
    if (!response.ok) throw new Error(`the worker answers ${response.status}: ${await response.text()}`);
    return outcomeOf(response.body, ctx.log);
  },
});

export const workerd = [
  entry({
    name: "workerd-node",
    label: "workerd",
    compatibility: { date: "2026-11-01", flags: ["nodejs_compat"] },
    more: {
      imports: 'import { AsyncLocalStorage } from "node:async_hooks";\nimport { inspect } from "node:util";',
      found:
        "{ AsyncLocalStorage, inspect: (value) => inspect(value, { depth: Infinity, breakLength: Infinity }) }",
    },
  }),
  entry({
    name: "workerd-old",
    label: "workerd, as of 2024",
    compatibility: { date: "2024-01-01", flags: ["unhandled_rejection_after_microtask_checkpoint"] },
    lacks: {
      env: "no environment variables",
      process: "no `process`",
      asyncLocalStorage: "no `AsyncLocalStorage`",
      inspect: "no way to see what `console.log` prints",
    },
  }),
];
