// What the runtime offers, found by feature.

/** An environment variable; empty where there is no environment or it may not be read. */
function env(name) {
  try {
    const value = permissions ? ofDeno(name) : globalThis.process?.env?.[name];
    return typeof value === "string" ? value : "";
  } catch {
    return "";
  }
}

const permissions = globalThis.Deno?.permissions;

const setting = (option, name) => option?.trim() || env(name).trim();

let last;

/** Makes a connection of them in the module, or throws. */
let configure;

/** Told once how to. */
export const connect = (functions) => {
  ({ configure } = functions);
};

/** Sees to it that the module's connection is what a call's options and the environment say: most often it is already. */
export function settings(given) {
  const apiKey = setting(given.apiKey, "SUPERSERVE_API_KEY");
  const baseUrl = setting(given.baseUrl, "SUPERSERVE_BASE_URL");
  const sandboxUrl = setting(given.sandboxUrl, "SUPERSERVE_SANDBOX_URL");
  const all = [apiKey, baseUrl, sandboxUrl];
  if (last && all.every((one, i) => one === last[i])) return;
  configure(...all);
  last = all;
}

/** Asks first: reading without permission would prompt a person at a terminal. */
function ofDeno(name) {
  const { state } = permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? globalThis.Deno.env.get(name) : undefined;
}

/** A page or a worker of a browser, where CORS decides which headers may be sent. */
const inBrowser =
  typeof window === "object" || (typeof importScripts === "function" && typeof location === "object");

/** Undefined in browsers, which send their own, and where CORS would refuse ours. */
export let userAgent;

/** Told once which version of the package this is. Answers whether it runs in a browser. */
export function begin(version) {
  if (!inBrowser) userAgent = `@superserve/sdk/${version} (${runtime()})`;
  return inBrowser;
}

function runtime() {
  const { Deno, Bun, process, navigator } = globalThis;
  if (Deno?.version) return `deno/${Deno.version.deno}`;
  if (Bun?.version) return `bun/${Bun.version}`;
  if (process?.versions?.node) return `node/${process.versions.node}`;
  const name = navigator?.userAgent;
  return name && /^[\w.-]+(\/[\w.-]+)?$/.test(name) ? name : "unknown";
}

let ofUtf8;
let toUtf8;

/** Made when they are first needed: jsdom, in which pages are tested, has neither while a file is loaded. */
export const decoder = () => (ofUtf8 ??= new TextDecoder());
export const encoder = () => (toUtf8 ??= new TextEncoder());
