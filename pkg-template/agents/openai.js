// The tools of a sandbox for the Agents SDK of OpenAI.
import { tool } from "@openai/agents";
import { sandboxTools as toolsOf } from "@superserve/sdk/tools";

/** @import { Sandbox } from "#types" */
/** @import { SandboxProvider, SandboxTool, SandboxToolsOptions, ToolResult } from "#tool-types" */

export { sandboxEditor } from "./openai/editor.js";
export { sandboxShell } from "./openai/shell.js";

/** @typedef {(call: { name: string, input: any, annotations: any }, context: any) => boolean | Promise<boolean>} Asks */

/**
 * @param {Sandbox | SandboxProvider} sandbox
 * @param {SandboxToolsOptions & { needsApproval?: boolean | readonly string[] | Asks }} [options]
 */
export function sandboxTools(sandbox, { needsApproval, ...options } = {}) {
  return toolsOf(sandbox, options).map((one) => {
    const { name, description, inputSchema, execute } = one;
    return tool({
      name,
      description,
      parameters: /** @type {any} */ (inputSchema),
      strict: true,
      needsApproval: approvalOf(one, needsApproval),
      /** @param {unknown} input @param {unknown} _context @param {{ signal?: AbortSignal }} [details] */
      execute: async (input, _context, details) => output(await execute(input, { signal: details?.signal })),
    });
  });
}

/**
 * @param {SandboxTool} tool
 * @param {boolean | readonly string[] | Asks} [needsApproval]
 */
function approvalOf({ name, annotations }, needsApproval) {
  if (typeof needsApproval === "function") {
    return async (/** @type {any} */ context, /** @type {any} */ input) =>
      needsApproval({ name, input, annotations }, context);
  }
  if (typeof needsApproval === "object") return needsApproval.includes(name);
  return needsApproval === true && !annotations.readOnlyHint;
}

/** @param {ToolResult} result */
function output({ content, isError }) {
  const parts = content.map((part) =>
    part.type === "text"
      ? { type: part.type, text: isError ? `Error: ${part.text}` : part.text }
      : { type: part.type, image: { data: part.data, mediaType: part.mimeType } },
  );
  return parts.length === 1 ? parts[0].text : parts;
}
