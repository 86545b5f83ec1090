// A sandbox, or what gives one.

/** @import { Sandbox } from "#types" */
/** @import { SandboxProvider } from "#tool-types" */

/**
 * @param {Sandbox | SandboxProvider} sandbox
 * @returns {SandboxProvider}
 */
export const providerOf = (sandbox) => ("use" in sandbox ? sandbox : { use: async (work) => work(sandbox) });
