// Vercel's edge runtime, and Nitro for Cloudflare: as for the main entry, the module is imported, and is of another realm.
import module from "./folders.wasm?module";
import { use } from "../../src/folders/js/module.js";

use(Object.setPrototypeOf(module, WebAssembly.Module.prototype));

export { SCRIPTS_APART as scripts } from "#scripts";
export { folders } from "../../src/folders/js/folders.js";
