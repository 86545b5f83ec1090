// The same with our module beside it: its bytes are read from a file, compiled, and started on imports that do nothing.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const bytes = readFileSync(join(process.env.BENCH_PACKAGE ?? "", "dist/superserve.wasm"));
const module = new WebAssembly.Module(bytes);
/** @type {Record<string, Record<string, () => void>>} */
const imports = {};
for (const { module: from, name } of WebAssembly.Module.imports(module)) {
  imports[from] ??= {};
  imports[from][name] = () => {};
}
export const { exports } = new WebAssembly.Instance(module, imports);

export { Sandbox } from "./floor.mjs";
