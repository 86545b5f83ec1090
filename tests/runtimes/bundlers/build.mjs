// Builds with one bundler, in a process of its own: what it writes to stderr counts as a warning, too.
//
//   node build.mjs <bundler> <project> <part…>
//
// The last line on stdout is JSON: the bundler's version, and the warnings of each build.

import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";

const [name, project, ...parts] = process.argv.slice(2);
const bundler = await import(`./builders/${name}.mjs`);

const warnings = {};
for (const part of parts) {
  const root = resolve(project, part);
  process.chdir(root);
  if (part === "slim") await writeFile(join(root, "module-url.js"), `${bundler.moduleUrl}\n`);
  warnings[part] = await bundler.page({ root, outDir: join(root, "dist"), part });
  if (part !== "app") continue;
  for (const [file, build] of Object.entries(bundler.node)) {
    warnings[file] = await build({ root, outDir: join(root, "server"), file });
  }
}
console.log(JSON.stringify({ version: bundler.version, warnings }));
