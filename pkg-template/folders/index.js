// Node.js, Deno, Bun, browsers, bundlers: the module travels inside this file.
import bytes from "#folders-wasm";
import { use } from "../../src/folders/js/module.js";

use(new WebAssembly.Module(bytes));

export { SCRIPTS_APART as scripts } from "#scripts";
export { folders } from "../../src/folders/js/folders.js";
