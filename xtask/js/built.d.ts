// What bundle.mjs puts in the place of the names with `#`.

declare module "#glue" {
  import type { Module } from "#js/module.js";

  export function initSync(options: { module: BufferSource | WebAssembly.Module }): void;
  export const abandon: Module["abandon"];
  export const choose: Module["choose"];
  export const configure: Module["configure"];
  export const end: Module["end"];
  export const forward: Module["forward"];
  export const goes_on: Module["goes_on"];
  export const invoke: Module["invoke"];
  export const cancel: Module["cancel"];
  export const next_page: Module["next_page"];
  export const pull: Module["pull"];
  export const poll: Module["poll"];
  export const redacted: Module["redacted"];
  export const release: Module["release"];
  export const settle: Module["settle"];
  export const tick: Module["tick"];
  export const touch: Module["touch"];
  export const wake: Module["wake"];
}

declare module "#wasm" {
  const bytes: Uint8Array;
  export default bytes;
}

declare module "#lazy-wasm" {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}

declare module "#lazy" {
  export { SCRIPTS_APART as scripts } from "#scripts";
  export { methods } from "../../src/lazy/js/index.js";
}

declare module "#version" {
  const version: string;
  export default version;
}

declare module "*.wasm" {
  const module: WebAssembly.Module;
  export default module;
}

declare module "*.wasm?module" {
  const module: WebAssembly.Module;
  export default module;
}
