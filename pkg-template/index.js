// Node.js, Deno, Bun, browsers, bundlers: the module travels inside this file.
import { initSync } from "#glue";
import bytes from "#wasm";

initSync({ module: bytes });

export * from "./exports.js";
