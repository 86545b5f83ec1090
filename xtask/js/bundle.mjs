// One file an entry: the glue, the error classes, and where the entry wants it the module itself.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { rollup } from "rollup";

import { adapted } from "./glue.mjs";
import { minified } from "./minify.mjs";
import { shortenNames } from "./names.mjs";

/** @type {{ entry: string, format: "es" | "cjs", file: string }[]} */
export const BUNDLES = [
  { entry: "index.js", format: "es", file: "index.js" },
  { entry: "index.js", format: "cjs", file: "index.cjs" },
  { entry: "workerd.js", format: "es", file: "workerd.js" },
  { entry: "edge-light.js", format: "es", file: "edge-light.js" },
  { entry: "slim.js", format: "es", file: "slim.js" },
  { entry: "slim.js", format: "cjs", file: "slim.cjs" },
  { entry: "otel.js", format: "es", file: "otel.js" },
  { entry: "otel.js", format: "cjs", file: "otel.cjs" },
  { entry: "relay/index.js", format: "es", file: "relay.js" },
  { entry: "relay/index.js", format: "cjs", file: "relay.cjs" },
  { entry: "relay/node.js", format: "es", file: "relay-node.js" },
  { entry: "relay/node.js", format: "cjs", file: "relay-node.cjs" },
];

/** Stands for the module's hex until all else is minified: a name, of whose value a minifier knows nothing. */
const HEX = "WASM_IN_HEX";

/** Its lines. Longer than those of code, which are shown when something fails there: each costs three bytes compressed. */
const HEX_LINES = /.{1,2000}/g;

/** What is written from the crate's tables, by the names that it is imported by. */
const GENERATED = ["#constants", "#routes", "#tables"];

/** What the program has too. */
const SHARED = ["@superserve/sdk", "@opentelemetry/api"];

/** Modules that are no files, as rollup wants such named. */
const INLINE = "\0wasm";
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
  const { wasm, names } = shortenNames(readFileSync(join(wasmDir, "superserve_sdk_bg.wasm")));
  writeFileSync(join(dist, "superserve.wasm"), wasm);
  for (const { entry, format, file } of bundles) {
    const bundle = await rollup({
      input: join(template, entry),
      plugins: [parts({ wasmDir, generatedDir, template, version })],
      onLog: (_, { message }) => {
        throw new Error(`${file}: ${message}`);
      },
    });
    const { output } = await bundle.generate({
      format,
      freeze: false,
      generatedCode: { preset: "es2015", symbols: false },
    });
    if (output.length !== 1) throw new Error(`${file}: one file became ${output.length}`);
    // Users see the exported names in stack traces and logs.
    const [{ code, exports }] = output;
    const text = await minified(code, { module: format === "es", kept: exports, properties: names });
    const [before, ...after] = text.split(HEX);
    if (after.length > 1) throw new Error(`${file}: the module would be in it ${after.length} times`);
    writeFileSync(join(dist, file), [before, ...after].join(literal(inHex(wasm))));
  }
}

/**
/**
 * What the entries import by a name with `#`, and the module files that stay files. The crate's JavaScript is always that
 * of the source tree: the copies that wasm-bindgen makes would be other classes.
 *
 * @param {{ wasmDir: string, generatedDir: string, template: string, version: string }} places
 * @returns {import("rollup").Plugin}
 */
function parts({ wasmDir, generatedDir, template, version }) {
  const glue = join(wasmDir, "superserve_sdk.js");
  return {
    name: "parts",
    resolveId(source) {
      if (source === "#glue") return { id: glue, moduleSideEffects: false };
      const own = /^(?:#js|.*\/src\/wasm\/js)\/(.*)$/.exec(source);
      if (own) return join(template, "../src/wasm/js", own[1]);
      if (GENERATED.includes(source)) return join(generatedDir, `${source.slice(1)}.js`);
      if (source === "#wasm") return INLINE;
      if (source === "#version") return VERSION;
      // No entry has a copy of its own of what the program has.
      if (source.startsWith("node:") || SHARED.includes(source)) return { id: source, external: true };
      if (/^\.\/superserve\.wasm(\?module)?$/.test(source)) return { id: source, external: "absolute" };
      return null;
    },
    transform(code, id) {
      if (id !== glue) return null;
      const parse = /** @type {(code: string) => any} */ (this.parse);
      return adapted(code, { parse, text: join(template, "text.js") });
    },
    load(id) {
      if (id === INLINE) return inlined(template);
      return id === VERSION ? `export default ${JSON.stringify(version)}` : null;
    },
  };
}

/**
 * A module whose default export is the bytes of the module.
 *
 * @param {string} template
 */
function inlined(template) {
  return `
    import { fromHex } from ${JSON.stringify(join(template, "hex.js"))};
    export default fromHex(${HEX});
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
