// The tools.
import { createTool } from "@mastra/core/tools";
import { sandboxTools as toolsOf } from "@superserve/sdk/tools";

/** @import { Sandbox } from "#types" */
/** @import { SandboxProvider, SandboxTool, SandboxToolsOptions, ToolProgress, ToolResult, ToolSchema } from "#tool-types" */

/**
 * @param {Sandbox | SandboxProvider} sandbox
 * @param {SandboxToolsOptions & { requireApproval?: unknown }} [options]
 */
export function sandboxTools(sandbox, { requireApproval, ...options } = {}) {
  const tools = toolsOf(sandbox, options).map((tool) => [tool.name, toolOf(tool, requireApproval)]);
  return Object.fromEntries(tools);
}

/** @param {SandboxTool} tool @param {unknown} requireApproval */
function toolOf({ name, title, description, inputSchema, annotations, execute }, requireApproval) {
  return createTool({
    id: name,
    title,
    description,
    inputSchema: schemaOf(inputSchema),
    mcp: { annotations: { title, ...annotations } },
    requireApproval: annotations.readOnlyHint ? false : requireApproval,
    /** @param {unknown} input @param {any} context */
    execute: (input, { abortSignal, agent, writer } = {}) =>
      execute(input, {
        signal: abortSignal,
        onProgress: writer && told(writer, agent?.toolCallId),
      }),
    toModelOutput,
  });
}

/**
 * A schema that Mastra takes all input by: what is wrong with it, the tool tells a model in better words.
 *
 * @param {ToolSchema} schema
 */
function schemaOf(schema) {
  const json = () => schema;
  return {
    "~standard": {
      version: 1,
      vendor: "superserve",
      validate: (/** @type {unknown} */ value) => ({ value }),
      jsonSchema: { input: json, output: json },
    },
  };
}

/**
 * Tells of output as the tools of a workspace do, so that what shows theirs shows this.
 *
 * @param {any} writer
 * @param {string} [toolCallId]
 */
const told =
  (writer, toolCallId) =>
  /** @param {ToolProgress} progress */
  ({ stream, text }) => {
    const data = { output: text, timestamp: Date.now(), toolCallId };
    // Whoever reads may have gone.
    writer.custom({ type: `data-sandbox-${stream}`, data, transient: true }).catch(() => {});
  };

/** What a model sees. @param {ToolResult | undefined} result */
function toModelOutput(result) {
  // A call that was not approved has a text of Mastra's.
  if (!Array.isArray(result?.content)) return undefined;
  const [first, ...images] = /** @type {any[]} */ (result.content);
  if (result.isError) return { type: "error-text", value: first.text };
  if (images.length === 0) return { type: "text", value: first.text };
  const media = images.map(({ data, mimeType }) => ({ type: "media", data, mediaType: mimeType }));
  return { type: "content", value: [first, ...media] };
}
