import { copyFile } from "node:fs/promises";
import { join } from "node:path";

import webpack from "webpack";

export const { version } = webpack;

export const moduleUrl = 'export default new URL("@superserve/sdk/superserve.wasm", import.meta.url);';

export async function page({ root, outDir, part }) {
  const warnings = await run({
    entry: join(root, "main.js"),
    // Its own guess needs a script element, and a page may import() the bundle.
    output: { path: outDir, filename: "main.js", publicPath: "/" },
    // The suite is as large as no page should be.
    ...(part === "suite" && { performance: { hints: false } }),
  });
  await copyFile(join(root, "index.html"), join(outDir, "index.html"));
  return warnings;
}

const forNode =
  (entry) =>
  ({ root, outDir, file }) =>
    run({ target: "node", entry: join(root, entry), output: { path: outDir, filename: file } });

export const node = { "main.cjs": forNode("main.js"), "required.cjs": forNode("main.cjs") };

async function run(config) {
  const compiler = webpack({ mode: "production", ...config });
  const stats = await new Promise((resolve, reject) => {
    compiler.run((error, stats) => (error ? reject(error) : resolve(stats)));
  });
  await new Promise((resolve) => compiler.close(resolve));
  const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true });
  if (errors.length > 0) throw new Error(messages(errors).join("\n"));
  return messages(warnings);
}

const messages = (diagnostics) => diagnostics.map(({ message }) => message);
