// Vercel's edge runtime, and Nitro for Cloudflare: as for the main entry, the module is imported, and is of another realm.
import module from "./lazy.wasm?module";
import { use } from "../../src/lazy/js/module.js";

use(Object.setPrototypeOf(module, WebAssembly.Module.prototype));

export { SCRIPTS_APART as scripts } from "#scripts";
export { methods } from "../../src/lazy/js/index.js";
