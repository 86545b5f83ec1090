// What the build writes from the crate's tables: that it ships, and how JavaScript reads it. SUPERSERVE_CONSUMER names a
// project that has the package installed, SUPERSERVE_GENERATED and SUPERSERVE_WASM the folders that it was built from.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { test } from "node:test";
import { rollup } from "rollup";

import { BUNDLES, bundle } from "../../xtask/js/bundle.mjs";

const { SUPERSERVE_CONSUMER: consumer = "", SUPERSERVE_GENERATED: generatedDir = "" } = process.env;
const { SUPERSERVE_WASM: wasmDir = "" } = process.env;
const root = fileURLToPath(new URL("../..", import.meta.url));
const home = join(consumer, "node_modules/@superserve/sdk");

test("what ships is made of what the tables say now", async () => {
  const { version } = JSON.parse(readFileSync(join(home, "package.json"), "utf8"));
  const dist = mkdtempSync(join(tmpdir(), "superserve-tables-"));
  try {
    const bundles = BUNDLES.filter(({ file }) => file === "workerd.js" || file === "relay.js");
    const template = join(root, "pkg-template");
    await bundle({ wasmDir, generatedDir, template, dist, version, bundles });
    for (const file of ["superserve.wasm", ...bundles.map(({ file }) => file)]) {
      assert.ok(readFileSync(join(dist, file)).equals(readFileSync(join(home, "dist", file))), file);
    }
  } finally {
    rmSync(dist, { recursive: true });
  }
});

/**
 * A module of the crate's JavaScript, with other tables in the place of the generated ones.
 *
 * @param {string} name
 * @param {string} tables
 */
async function withTables(name, tables) {
  const own = (/** @type {string} */ file) => join(root, "src/wasm/js", file);
  /** @type {import("rollup").Plugin} */
  const plugin = {
    name: "tables",
    resolveId(source) {
      if (source === "#tables") return source;
      if (["#constants", "#scripts"].includes(source)) return join(generatedDir, `${source.slice(1)}.js`);
      return source.startsWith("#js/") ? own(source.slice("#js/".length)) : null;
    },
    load: (id) => (id === "#tables" ? tables : null),
  };
  const made = await rollup({ input: own(name), plugins: [plugin] });
  const { output } = await made.generate({ format: "es" });
  return import(`data:text/javascript,${encodeURIComponent(output[0].code)}`);
}

/** Names of what every object has, or of what the reader of options has itself. */
const NAMES = [
  ...["query", "body", "wire", "has", "read", "sink", "locals", "hidden", "signal", "timeoutMs", "change"],
  ...["toString", "valueOf", "constructor", "hasOwnProperty", "__proto__", "then", "length", "name"],
];

const { Arguments } = await withTables(
  "arguments.js",
  `import { text } from "#js/shape.js";
  const fields = (more) => ${JSON.stringify(NAMES)}.map((name) => ({ name, kind: text(2), ...more(name) }));
  export const operations = [
    { args: fields(() => ({ isRequired: true, wire: null })) },
    { maybe: fields(() => ({ wire: null })) },
    { maybe: fields((name) => ({ wire: name + "_" })), content: 2 },
  ];`,
);

/** What is left of a call with those values. @param {number} number @param {unknown[]} values */
function read(number, ...values) {
  const given = new Arguments(number, values);
  return { given, content: given.read(false) };
}

/**
 * An object with a member of that name, whatever the name.
 *
 * @type {(name: string, value: unknown) => object}
 */
const only = (name, value) => JSON.parse(`{${JSON.stringify(name)}:${JSON.stringify(value)}}`);

for (const name of NAMES) {
  test(`an option may be called ${name}`, () => {
    const { given } = read(1, only(name, "kept"));
    assert.equal(given.locals[name], "kept");
    for (const other of NAMES) {
      if (other !== name) assert.equal(given.locals[other], undefined, other);
    }
    assert.deepEqual(given.wire, {});
    assert.equal(typeof given.read, "function");
    for (const wrong of [1, "x", {}, null]) {
      if (wrong === null) assert.equal(read(1, only(name, wrong)).given.locals[name], undefined);
      else assert.throws(() => read(1, only(name, wrong)), { name: "ValidationError" });
    }
  });

  test(`an option that goes over the wire may be called ${name}`, () => {
    const { content } = read(2, only(name, "sent"));
    assert.deepEqual(JSON.parse(content), { [`${name}_`]: "sent" });
  });
}

test("what every object has is no option that was given", () => {
  for (const options of [{}, undefined, null, Object.create({}), new (class {})()]) {
    const { given } = read(1, options);
    assert.equal(Object.keys(given.locals).length, 0);
    assert.equal(read(2, options).content, "{}");
  }
});

test("arguments may have those names, too", () => {
  const { given } = read(0, ...NAMES.map((_, i) => `value ${i}`));
  NAMES.forEach((name, i) => assert.equal(given.locals[name], `value ${i}`, name));
  assert.throws(() => read(0, "only one"), { name: "ValidationError", message: `${NAMES[1]} must be given` });
});

test("options that a class gives by getters are read", () => {
  class Options {
    get query() {
      return "of a getter";
    }
  }
  assert.equal(read(1, new Options()).given.locals.query, "of a getter");
});
