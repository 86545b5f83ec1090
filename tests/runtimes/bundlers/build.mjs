// Builds with one bundler, in a process of its own: what it writes to stderr counts as a warning, too.
//
//   node build.mjs <bundler> <project> app|suite
//
// The last line on stdout is JSON: the bundler's version, and the warnings of each build.

import { join, resolve } from "node:path";

const [name, project, part] = process.argv.slice(2);
const bundler = await import(`./builders/${name}.mjs`);

const root = resolve(project, part);
process.chdir(root);

// The suite is as large as no page should be.
const warnings = { page: await bundler.page({ root, outDir: join(root, "dist"), large: part === "suite" }) };
if (part === "app") {
  for (const [file, build] of Object.entries(bundler.node)) {
    warnings[file] = await build({ root, outDir: join(root, "server", file), file });
  }
}
console.log(JSON.stringify({ version: bundler.version, warnings }));
