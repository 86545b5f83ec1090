// Node, as an ES module and as CommonJS.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { measureColdStart } from "../frame/cold-start.mjs";
import { outcomeOf } from "../frame/outcome.mjs";
import { installNodes, nodeProgram } from "./programs.mjs";

const MAIN = new URL("main.mjs", import.meta.url).href;

// Written into the project, since the package must resolve from there.
const KINDS = {
  esm: {
    label: "ES module",
    file: "main.mjs",
    load: 'import("@superserve/sdk")',
    reexport: ["sdk.mjs", 'export * from "@superserve/sdk";\n'],
  },
  cjs: {
    label: "CommonJS",
    file: "main.cjs",
    load: '(async () => require("@superserve/sdk"))()',
    reexport: ["sdk.cjs", 'module.exports = require("@superserve/sdk");\n'],
  },
};

/**
 * `more` is what makes it another entry than that of every Node: its `name`, its `label`, the `flags` it is run with.
 *
 * @param {string} version
 * @param {keyof typeof KINDS} kind
 * @param {{ name?: string, label?: string, flags?: string[] }} [more]
 */
function entry(version, kind, more = {}) {
  const [major] = version.split(".");
  const { file, load, reexport, ...kinds } = KINDS[kind];
  const { name = `${major}-${kind}`, label = kinds.label, flags = [] } = more;
  return {
    name: `node-${name}`,
    label: `Node ${version}, ${label}`,
    install: installNodes,

    async measure(/** @type {import("../frame/types.js").Context} */ ctx) {
      await ctx.installTarball(ctx.scratch);
      const script = `const started = performance.now(); ${load}.then(() => console.log(performance.now() - started))`;
      await writeFile(join(ctx.scratch, file), script);
      return { coldStartMs: await measureColdStart(ctx, nodeProgram(major), [...flags, file]) };
    },

    async run(/** @type {import("../frame/types.js").Context} */ ctx) {
      await ctx.installTarball(ctx.scratch);
      const [sdkFile, source] = reexport;
      const sdkPath = join(ctx.scratch, sdkFile);
      await writeFile(sdkPath, source);
      const settings = { ...(await ctx.servers()), filter: ctx.filter, sdkPath, serverPath: ctx.server };
      const call = `main(() => ${load}, ${JSON.stringify(settings)})`;
      await writeFile(join(ctx.scratch, file), `import("${MAIN}").then(({ main }) => ${call});\n`);
      const child = ctx.spawn(nodeProgram(major), [...flags, file]);
      child.stderr.setEncoding("utf8").on("data", ctx.log);
      return outcomeOf(child.stdout, ctx.log);
    },
  };
}

/** What an x86 processor lacks that is older than 2008, or that a virtual machine hides. V8 then has no WebAssembly SIMD. */
const NO_SIMD = { name: "no-simd", label: "no SIMD", flags: ["--no-enable-sse4-1"] };

export const node = [
  ...["18.20", "20", "22", "24", "26"].flatMap((version) => [entry(version, "esm"), entry(version, "cjs")]),
  entry("26", "esm", NO_SIMD),
];
