// The hooks of wasm-imports.mjs. A `?module` import gives a module of another realm, as it does
// where the platform compiles and a sandbox within it runs the code.

/** @type {import("node:module").LoadHook} */
export async function load(url, context, nextLoad) {
  const { pathname, search } = new URL(url);
  if (!pathname.endsWith(".wasm")) return nextLoad(url, context);
  const path = JSON.stringify(pathname);
  const compiled =
    search === "?module"
      ? `vm.runInNewContext("new WebAssembly.Module(bytes)", { bytes })`
      : "new WebAssembly.Module(bytes)";
  return {
    format: "module",
    shortCircuit: true,
    source: `
      import { readFileSync } from "node:fs";
      import vm from "node:vm";
      const bytes = readFileSync(decodeURIComponent(${path}));
      export default ${compiled};
    `,
  };
}
