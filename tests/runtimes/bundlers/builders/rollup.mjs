import { copyFile } from "node:fs/promises";
import { join } from "node:path";

import resolve from "@rollup/plugin-node-resolve";
import { VERSION, rollup } from "rollup";

const MODULE = "@superserve/sdk/dist/superserve.wasm";

export const version = VERSION;

// Without a plugin, files that are no scripts are copied by hand.
export const moduleUrl = 'export default "/superserve.wasm";';

export async function page({ root, outDir, part }) {
  const warnings = await run(join(root, "main.js"), { dir: outDir, format: "es" });
  await copyFile(join(root, "index.html"), join(outDir, "index.html"));
  if (part === "slim") {
    await copyFile(join(root, "../node_modules", MODULE), join(outDir, "superserve.wasm"));
  }
  return warnings;
}

const forNode =
  (format) =>
  ({ root, outDir, file }) =>
    // One file has to be asked for, since the package loads a part of itself later.
    run(join(root, "main.js"), { file: join(outDir, file), format, inlineDynamicImports: true });

export const node = { "main.mjs": forNode("es"), "main.cjs": forNode("cjs") };

async function run(input, output) {
  const warnings = [];
  const onwarn = ({ message }) => warnings.push(message);
  // Rollup alone finds no package in node_modules.
  const bundle = await rollup({ input, plugins: [resolve()], onwarn });
  await bundle.write(output);
  await bundle.close();
  return warnings;
}
