/**
 * The package without the WebAssembly module in it, for those who serve that as a file of its own: under a strict
 * content security policy, say, or to have it cached apart. The file is `@superserve/sdk/superserve.wasm`.
 *
 * @example
 * ```typescript
 * import { init, Sandbox } from "@superserve/sdk/slim"
 * import url from "@superserve/sdk/superserve.wasm?url" // as Vite has it
 *
 * await init(url)
 * const sandbox = await Sandbox.create({ name: "my-sandbox" })
 * ```
 *
 * @packageDocumentation
 */
export * from "./index.js";

declare global {
  namespace WebAssembly {
    // Its place, for a consumer without the types of the DOM.
    interface Module {}
  }
}

/** What {@link init} takes: a URL, an answer of `fetch`, the bytes, or the compiled module; or a promise of one. */
export type InitSource = string | URL | Response | ArrayBuffer | ArrayBufferView | WebAssembly.Module;

/**
 * Loads the module. Before that every call fails with a {@link SandboxError} with code `not_initialized`.
 *
 * Later calls wait for the first; one that failed may be tried again.
 *
 * @param source - Where the module is.
 * @throws {@link SandboxError} when it could not be fetched.
 */
export declare function init(source: InitSource | PromiseLike<InitSource>): Promise<void>;
