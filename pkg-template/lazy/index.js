// Node.js, Deno, Bun, browsers, bundlers: the module travels inside this file.
import bytes from "#lazy-wasm";
import { use } from "../../src/lazy/js/module.js";

use(new WebAssembly.Module(bytes));

export { SCRIPTS_APART as scripts } from "#scripts";
export { methods } from "../../src/lazy/js/index.js";
