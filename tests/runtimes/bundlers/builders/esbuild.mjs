import { copyFile } from "node:fs/promises";
import { join } from "node:path";

import { build, version } from "esbuild";

export { version };

export const moduleUrl = 'export { default } from "@superserve/sdk/superserve.wasm";';

export async function page({ root, outDir, part }) {
  const warnings = await run({
    entryPoints: [join(root, "main.js")],
    outdir: outDir,
    minify: true,
    ...(part === "slim" && { loader: { ".wasm": "file" } }),
  });
  await copyFile(join(root, "index.html"), join(outDir, "index.html"));
  return warnings;
}

const forNode =
  (format, entry) =>
  ({ root, outDir, file }) =>
    run({ platform: "node", format, entryPoints: [join(root, entry)], outfile: join(outDir, file) });

export const node = {
  "main.mjs": forNode("esm", "main.js"),
  "main.cjs": forNode("cjs", "main.js"),
  "required.cjs": forNode("cjs", "main.cjs"),
};

async function run(options) {
  const { warnings } = await build({ bundle: true, logLevel: "silent", ...options });
  return warnings.map(({ text }) => text);
}
