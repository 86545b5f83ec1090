// Vercel's edge runtime, and Nitro for Cloudflare, whose condition is `unwasm`: `?module` imports a compiled module, but
// one of another realm, which `instanceof` does not know. Its prototype is all that tells it from one of this realm.
import { initSync } from "#glue";
import module from "./superserve.wasm?module";

initSync({ module: Object.setPrototypeOf(module, WebAssembly.Module.prototype) });

export * from "./exports.js";
