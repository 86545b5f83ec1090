// What the runtime offers, found by feature.

/** An environment variable; undefined where there is no environment or it may not be read. */
export function env(name) {
  try {
    const { Deno, process } = globalThis;
    // Asking first: reading without permission would prompt a person at a terminal.
    if (Deno?.permissions?.querySync) {
      const { state } = Deno.permissions.querySync({ name: "env", variable: name });
      return state === "granted" ? Deno.env.get(name) : undefined;
    }
    const value = process?.env?.[name];
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}

/** A page or a worker of a browser, where CORS decides which headers may be sent. */
const inBrowser =
  typeof window === "object" || (typeof WorkerGlobalScope === "function" && typeof importScripts === "function");

/** `name/version` for the User-Agent; undefined in browsers, which send their own. */
export function runtime() {
  if (inBrowser) return undefined;
  const { Deno, Bun, process, navigator } = globalThis;
  if (Deno?.version) return `deno/${Deno.version.deno}`;
  if (Bun?.version) return `bun/${Bun.version}`;
  if (process?.versions?.node) return `node/${process.versions.node}`;
  return /^[\w.-]+(\/[\w.-]+)?$/.test(navigator?.userAgent) ? navigator.userAgent : "unknown";
}
