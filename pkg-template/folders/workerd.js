// Cloudflare Workers: code may not be compiled at run time, an imported module already is.
import module from "./folders.wasm";
import { use } from "../../src/folders/js/module.js";

use(module);

export { SCRIPTS_APART as scripts } from "#scripts";
export { folders } from "../../src/folders/js/folders.js";
