// The one minifier: what ships, and what it is measured against, go through the same.
import { minify } from "terser";

/**
 * Minified `code` of a module or a CommonJS file in which the `kept` names stay as they are.
 *
 * `properties` are renamed too, each to what the map says.
 *
 * @param {string} code
 * @param {{ module: boolean, kept: string[], properties?: Map<string, string> }} how
 */
export async function minified(code, { module, kept, properties = new Map() }) {
  const keep = exactly(kept);
  const result = await minify(code, {
    ecma: 2020,
    module,
    toplevel: true,
    keep_classnames: keep,
    keep_fnames: keep,
    mangle: { properties: { regex: exactly([...properties.keys()]) } },
    nameCache: { props: { props: renaming(properties) } },
    // Node.js shows the whole line that an uncaught error came from, and another to point at the place.
    // An engine keeps a file with another character than ASCII's as two bytes each, and takes longer to read it.
    format: { max_line_len: 500, ascii_only: true },
    // A helper inlined as a function expression would be made anew at every call. What has arguments is not inlined: that is
    // shorter, and compresses worse. Nothing makes objects with a function that is not a class: those of object literals may be
    // methods.
    compress: { passes: 2, reduce_funcs: false, inline: 1, unsafe_methods: true },
  });
  return `${result.code}\n`;
}

/** @param {string[]} names */
function exactly(names) {
  const escaped = names.map((name) => name.replace(/[^\w]/g, "\\$&"));
  return new RegExp(`^(?:${escaped.join("|")})$`);
}

/**
 * As terser keeps names from one file to the next.
 *
 * @param {Map<string, string>} properties
 */
function renaming(properties) {
  return Object.fromEntries([...properties].map(([from, to]) => [`$${from}`, to]));
}
