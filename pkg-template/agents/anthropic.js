// The tools of a sandbox for the tool runner of Anthropic's SDK. What is thrown becomes a result that has failed there: of that
// SDK nothing is imported.
import { sandboxTools as toolsOf } from "@superserve/sdk/tools";

import { image, text } from "./anthropic/blocks.js";

/** @import { Sandbox } from "#types" */
/** @import { SandboxProvider, SandboxToolsOptions, ToolName } from "#tool-types" */
/** @import { Context } from "./anthropic/runnable.js" */

export { bashTool } from "./anthropic/bash.js";
export { computerTool } from "./anthropic/computer.js";
export { textEditorTool } from "./anthropic/editor.js";
export { memoryTool } from "./anthropic/memory.js";

/** What the schemas of strict tools may not have. The tools check it themselves. */
const NOT_STRICT = ["minimum", "maximum", "minItems", "maxItems"];

/** @param {object} schema */
const strictly = (schema) =>
  JSON.parse(JSON.stringify(schema, (key, value) => (NOT_STRICT.includes(key) ? undefined : value)));

/**
 * @param {Sandbox | SandboxProvider} sandbox
 * @param {SandboxToolsOptions & { strict?: readonly ToolName[] }} [options]
 */
export function sandboxTools(sandbox, { strict = [], ...options } = {}) {
  return toolsOf(sandbox, options).map(({ name, description, inputSchema, execute }) => ({
    type: /** @type {const} */ ("custom"),
    name,
    description,
    ...(strict.includes(name)
      ? { strict: true, input_schema: strictly(inputSchema) }
      : { input_schema: inputSchema }),
    parse: (/** @type {unknown} */ input) => input,
    /** @param {unknown} input @param {Context} [context] */
    async run(input, context) {
      const { content, isError } = await execute(input, { signal: context?.signal ?? undefined });
      const blocks = content.map((one) => (one.type === "image" ? image(one) : text(one.text)));
      if (isError) throw new Error(blocks.map((one) => ("text" in one ? one.text : "")).join("\n"));
      return blocks;
    },
  }));
}
