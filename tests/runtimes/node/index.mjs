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

function entry(version, kind) {
  const [major] = version.split(".");
  const { label, file, load, reexport } = KINDS[kind];
  return {
    name: `node-${major}-${kind}`,
    label: `Node ${version}, ${label}`,
    install: installNodes,

    async measure(ctx) {
      await ctx.installTarball(ctx.scratch);
      const script = `const started = performance.now(); ${load}.then(() => console.log(performance.now() - started))`;
      await writeFile(join(ctx.scratch, file), script);
      return { coldStartMs: await measureColdStart(ctx, nodeProgram(major), [file]) };
    },

    async run(ctx) {
      await ctx.installTarball(ctx.scratch);
      const [sdkFile, source] = reexport;
      const sdkPath = join(ctx.scratch, sdkFile);
      await writeFile(sdkPath, source);
      const settings = { ...(await ctx.servers()), filter: ctx.filter, sdkPath, serverPath: ctx.server };
      const call = `main(() => ${load}, ${JSON.stringify(settings)})`;
      await writeFile(join(ctx.scratch, file), `import("${MAIN}").then(({ main }) => ${call});\n`);
      const child = ctx.spawn(nodeProgram(major), [file]);
      child.stderr.setEncoding("utf8").on("data", ctx.log);
      return outcomeOf(child.stdout, ctx.log);
    },
  };
}

export const node = ["18.20", "20", "22", "24", "26"].flatMap((version) => [
  entry(version, "esm"),
  entry(version, "cjs"),
]);
