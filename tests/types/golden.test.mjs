// The public surface, reviewed: the declaration files here are what the package has. A change to one is made on
// purpose, with UPDATE_GOLDEN=1. SUPERSERVE_CONSUMER names a project that has the package installed.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import ts from "typescript";

import { ADAPTERS } from "../../xtask/js/adapters.mjs";

const FILES = [
  "index.d.ts",
  "otel.d.ts",
  "relay.d.ts",
  "relay-node.d.ts",
  "slim.d.ts",
  "tools.d.ts",
  "xterm.d.ts",
];
const dist = join(process.env.SUPERSERVE_CONSUMER, "node_modules/@superserve/sdk/dist");
const built = join(dist, "index.d.ts");

test("the golden copies are of all declarations that are made, or that others take up", () => {
  assert.deepEqual(
    readdirSync(dist)
      .filter((file) => file.endsWith(".d.ts") && !ADAPTERS.includes(file.slice(0, -".d.ts".length)))
      .sort(),
    [...FILES].sort(),
  );
});

for (const file of FILES) {
  test(`${file} is that of the golden copy`, () => {
    const golden = fileURLToPath(new URL(file, import.meta.url));
    const ours = join(dist, file);
    if (process.env.UPDATE_GOLDEN) copyFileSync(ours, golden);
    const labels = ["--label", "golden", "--label", "built"];
    const { status, stdout, stderr } = spawnSync("diff", ["-u", ...labels, golden, ours]);
    const update = "If the change is meant: UPDATE_GOLDEN=1 cargo xtask test types";
    assert.equal(status, 0, `${stdout}${stderr}\n${update}`);
  });

  test(`CommonJS gets the same ${file}`, () => {
    const text = readFileSync(join(dist, file), "utf8");
    const required = readFileSync(join(dist, file.replace(/ts$/, "cts")), "utf8");
    // Which of the two kinds a file is of, its imports are too.
    assert.equal(required, text.replaceAll(/(from "\.\/[\w-]+)\.js"/g, '$1.cjs"'));
  });
}

test("every name of the TypeScript package is here, and compared with it", () => {
  const peer = fileURLToPath(import.meta.resolve("superserve-peer")).replace(/\.js$/, ".d.ts");
  const ours = exportsOf(built);
  const compared = readFileSync(new URL("programs/compare/compare.ts", import.meta.url), "utf8");
  const names = [...exportsOf(peer)];
  assert.ok(names.length > 50, `${names.length} names`);
  for (const [name, isValue] of names) {
    assert.equal(ours.get(name), isValue, name);
    assert.match(compared, new RegExp(`\\b[oO]urs\\.${name}\\b`));
  }
});

/** The names that a declaration file exports, and whether each is a value. */
function exportsOf(path) {
  const program = ts.createProgram([path], { lib: ["lib.esnext.d.ts", "lib.dom.d.ts"], types: [] });
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(program.getSourceFile(path));
  const target = (symbol) =>
    symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  return new Map(
    checker
      .getExportsOfModule(module)
      .map((symbol) => [symbol.name, (target(symbol).flags & ts.SymbolFlags.Value) !== 0]),
  );
}
