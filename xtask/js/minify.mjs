// The one minifier: what ships, and what it is measured against, go through the same.
import { minify } from "terser";

/** Minified `code` of a module or a CommonJS file in which the `kept` names stay as they are. */
export async function minified(code, { module, kept }) {
  const keep = new RegExp(`^(${kept.join("|")})$`);
  const result = await minify(code, {
    ecma: 2020,
    module,
    toplevel: true,
    keep_classnames: keep,
    keep_fnames: keep,
    // A helper inlined as a function expression would be made anew at every call.
    compress: { passes: 2, reduce_funcs: false },
  });
  return `${result.code}\n`;
}
