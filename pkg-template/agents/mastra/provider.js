// What the providers of a workspace have in common.

/** @import { Sandbox } from "#types" */
/** @import { LazySandbox, SandboxProvider } from "#tool-types" */

/** @param {Sandbox | SandboxProvider} sandbox @param {string} name @returns {SandboxProvider & Partial<LazySandbox>} */
export function providerOf(sandbox, name) {
  const given = /** @type {any} */ (sandbox);
  if (typeof given?.use === "function") return given;
  if (!given?.commands) throw new TypeError(`${name}: sandbox must be a Sandbox or a provider`);
  return { use: async (work) => work(given) };
}

/** An absolute path in which nothing leads up. @param {string} path */
export function normal(path) {
  /** @type {string[]} */
  const parts = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

/** A directory that was given, if one was. @param {string | undefined} path @param {string} option */
export function directory(path, option) {
  if (path !== undefined && !path.startsWith("/")) throw new TypeError(`${option} must be an absolute path`);
  return path && normal(path);
}
