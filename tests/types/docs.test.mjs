// The package's documentation as TypeDoc renders it, without a warning: every name has its text, every link
// its target. SUPERSERVE_CONSUMER names a project that has the package installed.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Application, LogLevel, Logger, ReflectionKind } from "typedoc";

const consumer = process.env.SUPERSERVE_CONSUMER;

class Collector extends Logger {
  messages = [];
  log(message, level) {
    if (level >= LogLevel.Warn) this.messages.push(this.addContext(message, level));
  }
}

test("TypeDoc renders it without a warning", async () => {
  const out = mkdtempSync(join(tmpdir(), "superserve-docs-"));
  try {
    const entry = join(consumer, "node_modules/@superserve/sdk/dist/index.d.ts");
    const tsconfig = join(out, "tsconfig.json");
    const compilerOptions = { lib: ["es2022", "dom"], module: "nodenext", types: [], strict: true };
    writeFileSync(tsconfig, JSON.stringify({ compilerOptions, files: [entry] }));
    const logger = new Collector();
    const app = await Application.bootstrap({
      entryPoints: [entry],
      tsconfig,
      out,
      logLevel: "Warn",
      readme: "none",
      excludeExternals: false,
      disableGit: true,
      disableSources: true,
      validation: { notExported: true, invalidLink: true, rewrittenLink: true, notDocumented: true },
    });
    app.logger = logger;
    const project = await app.convert();
    assert.ok(project, logger.messages.join("\n"));
    app.validate(project);
    await app.generateDocs(project, out);
    assert.deepEqual(logger.messages, []);
    assert.ok(project.getReflectionsByKind(ReflectionKind.All).length > 100);
    assert.match(readFileSync(join(out, "classes/Sandbox.html"), "utf8"), /virtual machine/);
  } finally {
    rmSync(out, { recursive: true });
  }
});
