// The documentation that TypeDoc makes of the package's declarations: all entries, with a page each.
//
//   node tests/types/docs.mjs <consumer project> <directory>
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Application, LogLevel, Logger } from "typedoc";

import { ADAPTERS } from "../../xtask/js/adapters.mjs";

/** The entries, each by its declarations: what users import them as. */
const ENTRIES = {
  index: "@superserve/sdk",
  otel: "@superserve/sdk/otel",
  relay: "@superserve/sdk/relay",
  "relay-node": "@superserve/sdk/relay/node",
  slim: "@superserve/sdk/slim",
  tools: "@superserve/sdk/tools",
  xterm: "@superserve/sdk/xterm",
  ...Object.fromEntries(ADAPTERS.map((name) => [name, `@superserve/sdk/${name}`])),
};

class Warnings extends Logger {
  messages = [];
  log(message, level) {
    if (level >= LogLevel.Warn) this.messages.push(this.addContext(message, level));
  }
}

/** Reads the declarations of the package that `consumer` has installed. `render(out)` writes the pages. */
export async function documentation(consumer) {
  const home = join(consumer, "node_modules/@superserve/sdk");
  const entryPoints = Object.keys(ENTRIES).map((name) => join(home, `dist/${name}.d.ts`));
  const scratch = mkdtempSync(join(tmpdir(), "superserve-docs-"));
  try {
    const tsconfig = join(scratch, "tsconfig.json");
    const types = fileURLToPath(new URL("node_modules/@types", import.meta.url));
    const compilerOptions = {
      lib: ["es2022", "dom", "esnext.disposable"],
      module: "nodenext",
      types: ["node"],
      typeRoots: [types],
      strict: true,
    };
    writeFileSync(tsconfig, JSON.stringify({ compilerOptions, files: entryPoints }));
    const app = await Application.bootstrap({
      name: "@superserve/sdk",
      entryPoints,
      tsconfig,
      logLevel: "Warn",
      readme: join(home, "README.md"),
      // The frameworks of adapters are not installed here. What the entries declare is compiled elsewhere.
      skipErrorChecking: true,
      excludeExternals: false,
      disableGit: true,
      disableSources: true,
      validation: { notExported: true, invalidLink: true, rewrittenLink: true, notDocumented: true },
    });
    app.logger = new Warnings();
    const project = await app.convert();
    if (!project) throw new Error(app.logger.messages.join("\n"));
    for (const module of project.children) module.name = ENTRIES[module.name] ?? module.name;
    app.validate(project);
    return { project, messages: app.logger.messages, render: (out) => app.generateDocs(project, out) };
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [consumer, out] = process.argv.slice(2).map((path) => resolve(path));
  const { messages, render } = await documentation(consumer);
  await render(out);
  for (const message of messages) console.error(message);
  process.exitCode = messages.length > 0 ? 1 : 0;
}
