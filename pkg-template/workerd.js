// Cloudflare Workers: code may not be compiled at run time, an imported module already is.
import { initSync } from "#glue";
import module from "./superserve.wasm";

initSync({ module });

export * from "./exports.js";
