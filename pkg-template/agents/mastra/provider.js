// What the providers of a workspace have in common.

/** @import { LazySandbox, SandboxProvider } from "#tool-types" */

/** @param {any} sandbox @returns {SandboxProvider & Partial<LazySandbox>} */
export function providerOf(sandbox) {
  if (sandbox?.use) return sandbox;
  if (!sandbox?.commands) throw new TypeError("sandbox must be a Sandbox or a provider");
  return { use: async (work) => work(sandbox) };
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
