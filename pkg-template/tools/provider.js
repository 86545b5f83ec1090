// A sandbox, or what gives one.

/** @import { LazySandbox, SandboxProvider } from "#tool-types" */

/**
 * A provider as it is; of a sandbox, one that gives it.
 *
 * @param {any} given
 * @returns {SandboxProvider & Partial<LazySandbox>}
 */
export function providerOf(given) {
  if (given?.use) return given;
  if (!given?.files) throw new TypeError("sandbox must be a Sandbox or a provider");
  return { use: async (work) => work(given) };
}
