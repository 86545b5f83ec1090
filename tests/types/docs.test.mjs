// The package's documentation as TypeDoc renders it, without a warning: every name has its text, every link
// its target. SUPERSERVE_CONSUMER names a project that has the package installed.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Application, LogLevel, Logger, ReflectionKind } from "typedoc";

class Warnings extends Logger {
  messages = [];
  log(message, level) {
    if (level >= LogLevel.Warn) this.messages.push(this.addContext(message, level));
  }
}

const entry = join(process.env.SUPERSERVE_CONSUMER, "node_modules/@superserve/sdk/dist/index.d.ts");
const out = mkdtempSync(join(tmpdir(), "superserve-docs-"));
after(() => rmSync(out, { recursive: true }));

const tsconfig = join(out, "tsconfig.json");
const compilerOptions = { lib: ["es2022", "dom"], module: "nodenext", types: [], strict: true };
writeFileSync(tsconfig, JSON.stringify({ compilerOptions, files: [entry] }));
const app = await Application.bootstrap({
  entryPoints: [entry],
  tsconfig,
  logLevel: "Warn",
  readme: "none",
  excludeExternals: false,
  disableGit: true,
  disableSources: true,
  validation: { notExported: true, invalidLink: true, rewrittenLink: true, notDocumented: true },
});
app.logger = new Warnings();
const project = await app.convert();

test("TypeDoc renders it without a warning", async () => {
  assert.ok(project, app.logger.messages.join("\n"));
  app.validate(project);
  await app.generateDocs(project, out);
  assert.deepEqual(app.logger.messages, []);
  assert.match(readFileSync(join(out, "classes/Sandbox.html"), "utf8"), /virtual machine/);
});

const numbers = project
  .getReflectionsByKind(ReflectionKind.Property)
  .filter(({ type, comment }) => /\bnumber\b/.test(`${type}`) && type.type !== "reflection" && comment);

test("numbers say what they count", () => {
  const units = { Ms: /millisecond/i, Seconds: /\bseconds\b/i, Mib: /\bMiB\b/, Bytes: /\bbytes\b/i };
  const measured = numbers.filter(({ name }) => Object.keys(units).some((unit) => name.endsWith(unit)));
  assert.ok(measured.length > 10, `${measured.length} numbers with a unit`);
  const silent = measured.filter((property) => {
    const [, says] = Object.entries(units).find(([unit]) => property.name.endsWith(unit));
    return !says.test(text(property));
  });
  assert.deepEqual(
    silent.map((property) => property.getFullName()),
    [],
  );
});

test("options that are numbers say what holds without them", () => {
  // An update leaves as it is what it does not name.
  const options = numbers.filter(
    ({ parent, flags }) =>
      flags.isOptional && /Options$/.test(parent.name) && parent.name !== "SandboxUpdateOptions",
  );
  assert.ok(options.length > 5, `${options.length} options`);
  const silent = options.filter((property) => !property.comment.getTag("@defaultValue"));
  assert.deepEqual(
    silent.map((property) => property.getFullName()),
    [],
  );
});

function text({ comment }) {
  return comment.summary.map((part) => part.text).join("");
}
