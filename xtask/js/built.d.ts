// What bundle.mjs puts in the place of the names with `#`.

declare module "#glue" {
  export function initSync(options: { module: BufferSource | WebAssembly.Module }): void;
  export function invoke(...call: unknown[]): unknown;
  export function release(handle: number): void;
  export function abandon(task: number): void;
  export function poll(task: number): void;
  export function settle(task: number, failed: boolean, value: unknown): void;
}

declare module "#wasm" {
  const bytes: Uint8Array;
  export default bytes;
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
