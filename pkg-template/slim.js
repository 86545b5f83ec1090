// For those who serve the module as a file of its own: nothing works until `init` has loaded it.
import { initSync } from "#glue";
import { beforeInit } from "#js/object.js";
import { SandboxError } from "#js/errors.js";

const ready = beforeInit(
  () => new SandboxError("call init() of @superserve/sdk/slim first", undefined, "not_initialized"),
);

/** @type {Promise<void> | undefined} */
let loading;

/** @typedef {string | URL | Response | BufferSource | WebAssembly.Module} InitSource */

/**
 * Loads the module, once: later calls wait for the first. One that fails may be tried again.
 *
 * @param {InitSource | PromiseLike<InitSource>} source
 */
export function init(source) {
  loading ??= load(source).catch((error) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

/** @param {InitSource | PromiseLike<InitSource>} source */
async function load(source) {
  const given = await source;
  const isModule = Object.prototype.toString.call(given) === "[object WebAssembly.Module]";
  const module = isModule ? given : await WebAssembly.compile(await bytesOf(given));
  // One of another realm is no instance of this realm's class.
  initSync({ module: Object.setPrototypeOf(module, WebAssembly.Module.prototype) });
  ready();
}

/**
 * @param {InitSource} source
 * @returns {Promise<BufferSource>}
 */
async function bytesOf(source) {
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source))
    return /** @type {BufferSource} */ (source);
  const isUrl = typeof source === "string" || source instanceof URL;
  const response = isUrl ? await fetch(source) : /** @type {Response} */ (source);
  if (typeof response?.arrayBuffer !== "function") {
    throw new TypeError("init takes a URL, a Response, bytes or a WebAssembly.Module");
  }
  if (response.ok === false)
    throw new SandboxError(`the module could not be loaded: status ${response.status}`);
  return response.arrayBuffer();
}

export * from "./exports.js";
