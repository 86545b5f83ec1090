// The tools of a sandbox for OpenAI's own client: the Responses API, and Chat Completions.
import { sandboxTools as toolsOf } from "@superserve/sdk/tools";

/** @import { Sandbox } from "#types" */
/** @import { SandboxProvider, SandboxToolsOptions, ToolContent, ToolProgress } from "#tool-types" */

/**
 * @typedef {{ signal?: AbortSignal, onProgress?: (progress: ToolProgress, call: any) => void }} Options
 * @typedef {{ name: string, arguments: string }} Call
 */

/**
 * @param {Sandbox | SandboxProvider} sandbox
 * @param {SandboxToolsOptions} [options]
 */
export function responsesTools(sandbox, options) {
  const { tools, result } = parts(sandbox, options);
  return {
    tools: tools.map(({ name, description, inputSchema }) => ({
      type: "function",
      name,
      description,
      parameters: inputSchema,
      strict: true,
    })),
    /** @param {{ output: any[] }} response @param {Options} [options] */
    execute: ({ output }, options) =>
      Promise.all(
        output
          .filter(({ type }) => type === "function_call")
          .map(async (call) => {
            const content = await result(call, call, options);
            return {
              type: "function_call_output",
              call_id: call.call_id,
              output: hasImages(content)
                ? content.map((part) =>
                    part.type === "text"
                      ? { type: "input_text", text: part.text }
                      : { type: "input_image", image_url: url(part), detail: "auto" },
                  )
                : text(content),
            };
          }),
      ),
  };
}

/**
 * @param {Sandbox | SandboxProvider} sandbox
 * @param {SandboxToolsOptions} [options]
 */
export function chatTools(sandbox, options) {
  const { tools, result } = parts(sandbox, options);
  return {
    tools: tools.map(({ name, description, inputSchema }) => ({
      type: "function",
      function: { name, description, parameters: inputSchema, strict: true },
    })),
    /** @param {{ tool_calls?: any[] | null }} message @param {Options} [options] */
    async execute({ tool_calls }, options) {
      const calls = (tool_calls ?? []).filter(({ type }) => type === "function");
      const contents = await Promise.all(calls.map((call) => result(call.function, call, options)));
      const messages = contents.map((content, index) => ({
        role: "tool",
        tool_call_id: calls[index].id,
        content: text(content),
      }));
      // These messages have no images, and nothing may stand between them.
      const images = contents.flat().filter((part) => part.type === "image");
      if (images.length === 0) return messages;
      const content = images.map((part) => ({ type: "image_url", image_url: { url: url(part) } }));
      return [...messages, { role: "user", content }];
    },
  };
}

/**
 * @param {Sandbox | SandboxProvider} sandbox
 * @param {SandboxToolsOptions} [options]
 */
function parts(sandbox, options) {
  const tools = toolsOf(sandbox, options);
  /**
   * What a call comes to. Each has an answer: without one the conversation cannot go on.
   *
   * @param {Call} call
   * @param {unknown} whole
   * @param {Options} [options]
   * @returns {Promise<ToolContent[]>}
   */
  async function result({ name, arguments: input }, whole, { signal, onProgress } = {}) {
    const tool = tools.find((tool) => tool.name === name);
    if (!tool) {
      const names = tools.map(({ name }) => name).join(", ");
      return [{ type: "text", text: `Error: There is no tool ${name.slice(0, 60)}: there are ${names}.` }];
    }
    const { content, isError } = await tool.execute(input, {
      signal,
      onProgress: onProgress && ((progress) => onProgress(progress, whole)),
    });
    return isError ? [{ type: "text", text: `Error: ${text(content)}` }] : content;
  }
  return { tools, result };
}

/** @param {ToolContent[]} content */
const hasImages = (content) => content.some(({ type }) => type === "image");

/** @param {ToolContent[]} content */
const text = (content) => content.map((part) => (part.type === "text" ? part.text : "")).join("");

/** @param {any} image */
const url = ({ mimeType, data }) => `data:${mimeType};base64,${data}`;
