// Entries of runtimes that run as a process of their own and print messages: all but Node, whose tests include more.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { measureColdStart } from "./cold-start.mjs";
import { outcomeOf } from "./outcome.mjs";

const runtimes = fileURLToPath(new URL("..", import.meta.url));
const MAIN = new URL("process-main.mjs", import.meta.url).href;

/** @import { Context, Entry } from "./types.js" */

/**
 * Runs `source` as a program in the project; its messages are the outcome. `command(file)` is what runs a file.
 *
 * @param {Context} ctx
 * @param {(file: string) => string[]} command
 * @param {string} source
 */
export async function runMain(ctx, command, source) {
  await writeFile(join(ctx.scratch, "main.mjs"), source);
  const [program, ...args] = command("main.mjs");
  const child = ctx.spawn(program, args, inScratch(ctx));
  child.stderr.setEncoding("utf8").on("data", ctx.log);
  return outcomeOf(child.stdout, ctx.log);
}

// Deno keeps what it compiles in its user's home otherwise.
const inScratch = (/** @type {Context} */ ctx) => ({
  env: { DENO_DIR: join(ctx.scratch, "deno"), DENO_NO_UPDATE_CHECK: "1" },
});

/**
 * `command(file)` is the program and its arguments that run `file`; `version` is an expression there.
 *
 * @param {Entry & { command: (file: string) => string[], version: string }} entry
 */
export function processRuntime({ command, version, ...entry }) {
  return {
    ...entry,
    install: (/** @type {Context} */ ctx) => ctx.npmCi(runtimes),

    async measure(/** @type {Context} */ ctx) {
      await ctx.installTarball(ctx.scratch);
      const source = [
        "const started = performance.now();",
        'await import("@superserve/sdk");',
        "console.log(performance.now() - started);",
      ];
      await writeFile(join(ctx.scratch, "cold.mjs"), source.join("\n"));
      const [program, ...args] = command("cold.mjs");
      return { coldStartMs: await measureColdStart(ctx, program, args, inScratch(ctx)) };
    },

    async run(/** @type {Context} */ ctx) {
      await ctx.installTarball(ctx.scratch);
      const settings = { ...(await ctx.servers()), filter: ctx.filter, name: entry.label };
      const source = [
        'import * as sdk from "@superserve/sdk";',
        'import * as tools from "@superserve/sdk/tools";',
        `import { main } from "${MAIN}";`,
        `await main({ sdk, tools }, ${version}, ${JSON.stringify(settings)});`,
      ];
      return runMain(ctx, command, source.join("\n"));
    },
  };
}
