// Cloudflare Workers: code may not be compiled at run time, an imported module already is.
import module from "./lazy.wasm";
import { use } from "../../src/lazy/js/module.js";

use(module);

export { SCRIPTS_APART as scripts } from "#scripts";
export { methods } from "../../src/lazy/js/index.js";
