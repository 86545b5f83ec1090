// The tools of a sandbox for the AI SDK.
import { sandboxTools as toolsOf } from "@superserve/sdk/tools";
import { jsonSchema } from "ai";

/** @import { Sandbox } from "#types" */
/** @import { SandboxProvider, SandboxToolsOptions } from "#tool-types" */

/**
 * @param {Sandbox | SandboxProvider} sandbox
 * @param {SandboxToolsOptions} [options]
 */
export function sandboxTools(sandbox, options) {
  const tools = toolsOf(sandbox, options).map(({ name, description, inputSchema, execute }) => {
    const tool = {
      description,
      inputSchema: jsonSchema(/** @type {any} */ (inputSchema)),
      /** @param {unknown} input @param {{ abortSignal?: AbortSignal }} options */
      execute: (input, { abortSignal }) => execute(input, { signal: abortSignal }),
    };
    return [name, tool];
  });
  return Object.fromEntries(tools);
}
