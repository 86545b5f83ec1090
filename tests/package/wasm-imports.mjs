// `import module from "./x.wasm"` and `"./x.wasm?module"` as the edge platforms have it, in Node.js.
import { register } from "node:module";

register("./wasm-hooks.mjs", import.meta.url);
