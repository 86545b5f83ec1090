// What the runtime offers, found by feature.
import { module } from "./module.js";

/** @typedef {{ Deno?: any, Bun?: { version: string } }} Runtimes What `globalThis` has in one runtime or another. */

/** An environment variable; empty where there is no environment or it may not be read. @param {string} name */
export function env(name) {
  try {
    const value = permissions ? ofDeno(name) : globalThis.process?.env?.[name];
    return typeof value === "string" ? value : "";
  } catch {
    return "";
  }
}

const permissions = /** @type {Runtimes} */ (globalThis).Deno?.permissions;

/** @type {(option: string | undefined, name: string) => string} */
const setting = (option, name) => option?.trim() || env(name).trim();

/** @type {string | undefined} The settings that the module has. */
let last;

/** @typedef {{ apiKey?: string, baseUrl?: string, sandboxUrl?: string, machineCredential?: string }} Settings */

/**
 * Sees to it that the module's connection is what a call's options and the environment say: most often it is already.
 *
 * Answers with the key.
 *
 * @param {Settings} given
 */
export function settings(given) {
  const machineCredential = given.machineCredential?.trim() ?? "";
  // A machine's is told where to go.
  /** @type {typeof setting} */
  const ofKey = (option, name) => (machineCredential ? (option?.trim() ?? "") : setting(option, name));
  const apiKey = ofKey(given.apiKey, "SUPERSERVE_API_KEY");
  const baseUrl = ofKey(given.baseUrl, "SUPERSERVE_BASE_URL");
  const sandboxUrl = setting(given.sandboxUrl, "SUPERSERVE_SANDBOX_URL");
  /** @type {[string, string, string, string]} */
  const all = [apiKey, baseUrl, sandboxUrl, machineCredential];
  const told = all.join("\n");
  if (told !== last) {
    module.configure(...all);
    last = told;
  }
  return apiKey || machineCredential;
}

/** Deno is asked first: reading without permission would prompt a person at a terminal. @param {string} name */
function ofDeno(name) {
  const { state } = permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? /** @type {Runtimes} */ (globalThis).Deno.env.get(name) : undefined;
}

/** Whether this is a page or a worker of a browser, where CORS decides which headers may be sent. */
const inBrowser =
  typeof window === "object" || (typeof importScripts === "function" && typeof location === "object");

/** Whether `fetch` makes a copy of the bytes that it is to send, as that of Node.js does, which sends streams as well. */
export let copiesBodies = false;

/** @type {string | undefined} It is undefined in browsers, which send their own, and where CORS would refuse ours. */
export let userAgent;

/**
 * The module calls this once, with the package's version. Answers whether it runs in a browser.
 *
 * @param {string} version
 */
export function begin(version) {
  if (inBrowser) return true;
  const name = runtime();
  userAgent = `@superserve/sdk/${version} (${name})`;
  copiesBodies = name.startsWith("node/");
  return false;
}

/** The name and the version of the runtime, as far as it tells. */
function runtime() {
  const { Deno, Bun, process, navigator } = /** @type {typeof globalThis & Runtimes} */ (globalThis);
  if (Deno?.version) return `deno/${Deno.version.deno}`;
  if (Bun?.version) return `bun/${Bun.version}`;
  if (process?.versions?.node) return `node/${process.versions.node}`;
  const name = navigator?.userAgent;
  return name && /^[\w.-]+(\/[\w.-]+)?$/.test(name) ? name : "unknown";
}

/**
 * What names a method that ends the use of an object: `await using` calls it. Engines that lack it get it, unless the
 * program forbids that; what compilers make of `await using` finds it by the same name then.
 */
export const asyncDispose = Symbol.asyncDispose ?? Symbol.for("Symbol.asyncDispose");
Reflect.defineProperty(Symbol, "asyncDispose", { value: asyncDispose });

/** @type {TextDecoder | undefined} */
let ofUtf8;
/** @type {TextDecoder | undefined} */
let ofUtf16;
/** @type {TextEncoder | undefined} */
let toUtf8;

// They are made when they are first needed: jsdom, in which pages are tested, has none while a file is loaded.
export const decoder = () => (ofUtf8 ??= new TextDecoder());
/** Of UTF-16. To this a byte order mark is a character like any other. */
export const wideDecoder = () => (ofUtf16 ??= new TextDecoder("utf-16le", { ignoreBOM: true }));
export const encoder = () => (toUtf8 ??= new TextEncoder());

/** A clock for durations: that of the day may be set. */
export const now = () => (globalThis.performance ?? Date).now();
