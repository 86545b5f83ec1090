// One file an entry: the glue, the error classes, and where the entry wants it the module itself.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { rollup } from "rollup";

import { ADAPTERS, APART } from "./adapters.mjs";
import { adapted } from "./glue.mjs";
import { minified } from "./minify.mjs";
import { shortenNames, withoutNames } from "./names.mjs";
import { withoutPlaces } from "./places.mjs";

/** @param {string} entry @param {string} name @param {string} [apart] */
const ofAdapter = (entry, name, apart) => [
  { entry, format: /** @type {const} */ ("es"), file: `${name}.js`, lazy: `${apart}.js` },
  { entry, format: /** @type {const} */ ("cjs"), file: `${name}.cjs`, lazy: `${apart}.cjs` },
];

/**
 * `lazy` is the file that such an entry loads when a program first needs what is in it.
 *
 * @type {{ entry: string, format: "es" | "cjs", file: string, lazy?: string }[]}
 */
export const BUNDLES = [
  { entry: "index.js", format: "es", file: "index.js", lazy: "lazy.js" },
  { entry: "index.js", format: "cjs", file: "index.cjs", lazy: "lazy.cjs" },
  { entry: "workerd.js", format: "es", file: "workerd.js", lazy: "lazy-workerd.js" },
  { entry: "edge-light.js", format: "es", file: "edge-light.js", lazy: "lazy-edge-light.js" },
  { entry: "slim.js", format: "es", file: "slim.js", lazy: "lazy.js" },
  { entry: "slim.js", format: "cjs", file: "slim.cjs", lazy: "lazy.cjs" },
  { entry: "lazy/index.js", format: "es", file: "lazy.js" },
  { entry: "lazy/index.js", format: "cjs", file: "lazy.cjs" },
  { entry: "lazy/workerd.js", format: "es", file: "lazy-workerd.js" },
  { entry: "lazy/edge-light.js", format: "es", file: "lazy-edge-light.js" },
  { entry: "otel.js", format: "es", file: "otel.js" },
  { entry: "otel.js", format: "cjs", file: "otel.cjs" },
  { entry: "xterm.js", format: "es", file: "xterm.js" },
  { entry: "xterm.js", format: "cjs", file: "xterm.cjs" },
  { entry: "tools/index.js", format: "es", file: "tools.js" },
  { entry: "tools/index.js", format: "cjs", file: "tools.cjs" },
  ...ADAPTERS.flatMap((name) => [
    ...ofAdapter(`agents/${name}.js`, name, `${name}-apart`),
    ...(APART.includes(name) ? ofAdapter(`agents/${name}/apart.js`, `${name}-apart`) : []),
  ]),
  { entry: "cli.js", format: "es", file: "cli.js" },
  { entry: "relay/index.js", format: "es", file: "relay.js" },
  { entry: "relay/index.js", format: "cjs", file: "relay.cjs" },
  { entry: "relay/node.js", format: "es", file: "relay-node.js" },
  { entry: "relay/node.js", format: "cjs", file: "relay-node.cjs" },
];

/**
 * The modules, by the names that their bytes are imported by: their files, and what stands for their hex until all else is
 * minified, a name of whose value a minifier knows nothing.
 *
 * @type {Record<string, { file: string, hex: string }>}
 */
const MODULES = {
  "#wasm": { file: "superserve.wasm", hex: "WASM_IN_HEX" },
  "#lazy-wasm": { file: "lazy.wasm", hex: "LAZY_IN_HEX" },
};

/** Its lines. Longer than those of code, which are shown when something fails there: each costs three bytes compressed. */
const HEX_LINES = /.{1,2000}/g;

/** What is written from the crate's tables, by the names that it is imported by. */
const GENERATED = ["#constants", "#routes", "#scripts", "#tables", "#tools"];

/** What the program has too: the entries that others are made of, and what some entries are for. */
function isShared(/** @type {string} */ source, /** @type {string[]} */ peers) {
  const isOf = (/** @type {string} */ name) => source === name || source.startsWith(`${name}/`);
  return ["@superserve/sdk", ...peers].some(isOf);
}

/** Modules that are no files, as rollup wants such named. */
const INLINE = "\0inline:";
const VERSION = "\0version";

/**
 * Writes the bundles and the module to `dist`.
 *
 * Anything the bundler has to say against them is an error.
 *
 * @param {{ wasmDir: string, generatedDir: string, template: string, dist: string, version: string,
 *   bundles?: typeof BUNDLES }} places
 */
export async function bundle({ wasmDir, generatedDir, template, dist, version, bundles = BUNDLES }) {
  const shipped = (/** @type {string} */ file) =>
    withoutPlaces(withoutNames(readFileSync(join(wasmDir, file))));
  const { wasm, names } = shortenNames(shipped("superserve_sdk_bg.wasm"));
  writeFileSync(join(dist, MODULES["#wasm"].file), wasm);
  // Its names are its own: it has no glue.
  writeFileSync(join(dist, MODULES["#lazy-wasm"].file), shipped("lazy.wasm"));
  for (const { entry, format, file, lazy } of bundles) {
    const bundle = await rollup({
      input: join(template, entry),
      plugins: [parts({ wasmDir, generatedDir, template, version, lazy })],
      onLog: (_, { message }) => {
        throw new Error(`${file}: ${message}`);
      },
    });
    const { output } = await bundle.generate({
      format,
      freeze: false,
      // `import` is not what it should be in all that runs CommonJS: Jest for one.
      dynamicImportInCjs: false,
      interop: "esModule",
      generatedCode: { preset: "es2015", symbols: false },
    });
    if (output.length !== 1) throw new Error(`${file}: one file became ${output.length}`);
    // Users see the exported names in stack traces and logs.
    const [{ code, exports }] = output;
    let text = await minified(code, { module: format === "es", kept: exports, properties: names });
    for (const { file: wasm, hex } of Object.values(MODULES)) {
      const [before, ...after] = text.split(hex);
      if (after.length > 1) throw new Error(`${file}: ${wasm} would be in it ${after.length} times`);
      if (after.length > 0) text = [before, ...after].join(literal(inHex(readFileSync(join(dist, wasm)))));
    }
    writeFileSync(join(dist, file), text);
  }
}

/**
 * What the entries import by a name with `#`, and the module files that stay files. The crate's JavaScript is always that
 * of the source tree: the copies that wasm-bindgen makes would be other classes.
 *
 * @param {{ wasmDir: string, generatedDir: string, template: string, version: string, lazy?: string }} places
 * @returns {import("rollup").Plugin}
 */
function parts({ wasmDir, generatedDir, template, version, lazy }) {
  const glue = join(wasmDir, "superserve_sdk.js");
  const wanted = importsOf(readFileSync(join(wasmDir, "superserve_sdk_bg.wasm")));
  const { peerDependencies } = JSON.parse(readFileSync(join(template, "package.json"), "utf8"));
  const peers = Object.keys(peerDependencies);
  return {
    name: "parts",
    resolveId(source) {
      if (source === "#glue") return { id: glue, moduleSideEffects: false };
      const own = /^(?:#js|.*\/src\/wasm\/js)\/(.*)$/.exec(source);
      if (own) return join(template, "../src/wasm/js", own[1]);
      if (GENERATED.includes(source)) return join(generatedDir, `${source.slice(1)}.js`);
      if (source in MODULES) return INLINE + source;
      if (source === "#lazy" || /^\.\/\w+\/apart\.js$/.test(source))
        return { id: `./${lazy}`, external: "absolute" };
      if (source === "#version") return VERSION;
      // No entry has a copy of its own of what the program has.
      if (source.startsWith("node:") || isShared(source, peers)) return { id: source, external: true };
      if (/^\.\/(superserve|lazy)\.wasm(\?module)?$/.test(source))
        return { id: source, external: "absolute" };
      return null;
    },
    transform(code, id) {
      if (id !== glue) return null;
      const parse = /** @type {(code: string) => any} */ (this.parse);
      return adapted(code, { parse, text: join(template, "text.js"), wanted });
    },
    load(id) {
      if (id.startsWith(INLINE)) return inlined(template, MODULES[id.slice(INLINE.length)].hex);
      return id === VERSION ? `export default ${JSON.stringify(version)}` : null;
    },
  };
}

/**
 * What a module imports, by where that is.
 *
 * @param {Buffer} wasm
 */
function importsOf(wasm) {
  /** @type {Map<string, string[]>} */
  const names = new Map();
  for (const { module, name } of WebAssembly.Module.imports(new WebAssembly.Module(new Uint8Array(wasm))))
    names.set(module, [...(names.get(module) ?? []), name]);
  return names;
}

/**
 * A module whose default export is the bytes that the digits stand for.
 *
 * @param {string} template
 * @param {string} hex
 */
function inlined(template, hex) {
  return `
    import { fromHex } from ${JSON.stringify(join(template, "hex.js"))};
    export default fromHex(${hex});
  `;
}

/**
 * A string literal on lines of its own, which a minifier would join.
 *
 * @param {string} text
 */
function literal(text) {
  return `"${["", ...(text.match(HEX_LINES) ?? [])].join("\\\n")}"`;
}

/**
 * Hex digits, the high one of each byte upper case and the low one lower case.
 *
 * To a decoder that is all the same, but brotli, which predicts a character from the one before,
 * can tell the two apart: it then makes less of them than of the bytes themselves, and a third
 * less than of base64.
 *
 * @param {Uint8Array} bytes
 */
function inHex(bytes) {
  const digits = [...bytes].map((byte) => byte.toString(16).padStart(2, "0"));
  return digits.map(([high, low]) => high.toUpperCase() + low).join("");
}
