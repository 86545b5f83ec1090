// The tools of a sandbox for LangChain, and a backend for its deep agents.
import { ToolMessage } from "@langchain/core/messages";
import { DynamicStructuredTool } from "@langchain/core/tools";
import { sandboxTools as toolsOf } from "@superserve/sdk/tools";

/** @import { Sandbox } from "#types" */
/** @import { SandboxProvider, SandboxTool, SandboxToolsOptions } from "#tool-types" */

export { SuperserveBackend } from "./langchain/backend.js";

/**
 * @param {Sandbox | SandboxProvider} sandbox
 * @param {SandboxToolsOptions} [options]
 */
export function sandboxTools(sandbox, options) {
  return toolsOf(sandbox, options).map(structured);
}

/** @param {SandboxTool} tool */
function structured({ name, description, inputSchema, annotations, execute }) {
  const tool = new DynamicStructuredTool({
    name,
    description,
    schema: inputSchema,
    responseFormat: "content_and_artifact",
    metadata: { annotations },
    func: async (/** @type {unknown} */ input, /** @type {any} */ runManager, /** @type {any} */ config) => {
      const { content, structured, isError } = await execute(input, {
        signal: config?.signal,
        // What a listener throws is its own affair.
        onProgress: (progress) => runManager?.handleToolEvent?.(progress).catch(() => {}),
      });
      const [first] = content;
      const shown = content.length === 1 && "text" in first ? first.text : content;
      const id = config?.toolCall?.id;
      // Without a call's id there is no message, which alone has a status: then the text says it.
      if (!isError || id === undefined) return [shown, structured];
      return [new ToolMessage({ name, content: shown, tool_call_id: id, status: "error" }), undefined];
    },
  });
  // What is wrong with an input the tool itself says. The framework would throw, tell the model all of the input and not what is
  // wrong, and want what may be left out: so where it checks, it sees a schema that takes anything.
  tool.call = tool.call.bind(Object.create(tool, { schema: { value: true } }));
  return tool;
}
