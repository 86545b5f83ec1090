// Calls and streams on several engines, beside the peer: node engines.mjs [engine…]
//
// BENCH_PACKAGE and BENCH_OUTPUT are those of bench.mjs; the engines are those of tests/runtimes.
import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { engines as browsers, installEngine } from "../runtimes/browsers/engines.mjs";
import { startSite } from "../runtimes/browsers/site.mjs";
import { bunCommand } from "../runtimes/bun/index.mjs";
import { denoCommand } from "../runtimes/deno/index.mjs";
import { makeContext } from "../runtimes/frame/context.mjs";
import { outcomeOf } from "../runtimes/frame/outcome.mjs";
import { installNodes, nodeProgram } from "../runtimes/node/programs.mjs";
import { bothSides, report } from "./report.mjs";

/** @typedef {import("../runtimes/frame/types.js").Context} Context */

const PROGRAM = fileURLToPath(new URL("children/engine.mjs", import.meta.url));
const RUNTIMES = fileURLToPath(new URL("../runtimes/", import.meta.url));

const urls = bothSides();

/**
 * The messages of `children/engine.mjs` in a process.
 *
 * @param {(ctx: Context) => Promise<void>} install
 * @param {() => string[]} command
 */
const inProcess = (install, command) => async (/** @type {Context} */ ctx) => {
  await install(ctx);
  const [program, ...args] = command();
  const child = ctx.spawn(program, [...args, urls.ours, urls.peer], {
    env: { DENO_DIR: join(ctx.scratch, "deno"), DENO_NO_UPDATE_CHECK: "1" },
  });
  child.stderr.pipe(process.stderr);
  return child.stdout;
};

const npm = (/** @type {Context} */ ctx) => ctx.npmCi(RUNTIMES);
const node = (/** @type {string} */ major) =>
  inProcess(installNodes, () => [nodeProgram(major), "--expose-gc", PROGRAM]);

/** Those of `engine.html`. @param {Context} ctx */
async function inChromium(ctx) {
  const chromium = /** @type {any} */ (browsers.find(({ name }) => name === "chromium"));
  await installEngine(ctx, chromium);
  const project = join(ctx.scratch, "project");
  for (const [name, url] of Object.entries({ "@superserve/sdk": urls.ours, "superserve-peer": urls.peer })) {
    const directory = join(dirname(fileURLToPath(url)), "..");
    await cp(directory, join(project, "node_modules", name), { recursive: true });
  }
  const site = await startSite(ctx, /** @type {any} */ ({ project }));
  const browser = await chromium.start(ctx, ["--js-flags=--expose-gc"]);
  ctx.defer(() => browser.close());
  const messages = site.messages();
  await browser.open(`${site.origin}/tests/bench/engine.html`);
  return messages;
}

/** @type {Record<string, (ctx: Context) => Promise<AsyncIterable<string | Uint8Array>>>} */
const ENGINES = {
  "node-20": node("20"),
  "node-24": node("24"),
  bun: inProcess(npm, () => {
    const [bun, ...args] = bunCommand(PROGRAM);
    return [bun, "--expose-gc", ...args];
  }),
  deno: inProcess(npm, () => denoCommand(["--allow-all", "--v8-flags=--expose-gc"])(PROGRAM)),
  chromium: inChromium,
};

const asked = process.argv.slice(2);
const unknown = asked.find((name) => !(name in ENGINES));
if (unknown) {
  console.error(`no engine is called "${unknown}"; there are ${Object.keys(ENGINES).join(", ")}`);
  process.exit(2);
}

const results = [];
const workDir = await mkdtemp(join(tmpdir(), "superserve-bench-"));
try {
  for (const [engine, messages] of Object.entries(ENGINES)) {
    if (asked.length > 0 && !asked.includes(engine)) continue;
    const nothing = { tarball: "", server: "", filter: "", installTarball: async () => {} };
    const context = await makeContext(engine, { ...nothing, workDir, logDir: workDir });
    try {
      const outcome = await outcomeOf(await messages(context.ctx));
      console.log(engine);
      for (const result of /** @type {any[]} */ (outcome.results)) {
        report(result);
        results.push({ engine, ...result });
      }
    } finally {
      await context.close();
    }
  }
} finally {
  await rm(workDir, { recursive: true, force: true });
}

await writeFile(process.env.BENCH_OUTPUT ?? "", `${JSON.stringify(results, null, 2)}\n`);
