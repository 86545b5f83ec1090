// A sandbox for the AI SDK: its tools, and what the SDK and its companions call a sandbox.
import { sandboxTools as toolsOf } from "@superserve/sdk/tools";
import { jsonSchema, simulateStreamingMiddleware } from "ai";

export { bashToolSandbox } from "./ai/bash-tool.js";
export { harnessSandboxProvider, networkSandboxSession } from "./ai/harness.js";
export { sandboxSession } from "./ai/session.js";

/** @import { ToolSet } from "ai" */
/** @import { Sandbox } from "#types" */
/** @import { SandboxProvider, SandboxTool, ToolCallOptions, ToolContent, ToolResult, ToolSchema } from "#tool-types" */
/** @import { SandboxToolsOptions } from "./ai.js" */

/** Those that tell of their progress. */
const WRITING = ["bash", "run_code"];

/** Characters of what such a tool has written that are shown while it goes on. */
const SHOWN = 4_000;

/**
 * @param {Sandbox | SandboxProvider} sandbox
 * @param {SandboxToolsOptions} [options]
 * @returns {ToolSet}
 */
export function sandboxTools(sandbox, { needsApproval, preliminary, strict, ...options } = {}) {
  const tools = toolsOf(sandbox, options).map((tool) => {
    const { name, title, description, annotations, inputSchema, outputSchema } = tool;
    const asks = typeof needsApproval === "function" ? needsApproval : undefined;
    const forAi = {
      title,
      description,
      inputSchema: jsonSchema(/** @type {any} */ (inputSchema)),
      outputSchema: jsonSchema(resultSchema(outputSchema)),
      ...(strict !== undefined && { strict }),
      ...(needsApproval !== undefined &&
        !annotations.readOnlyHint && {
          needsApproval: asks
            ? (/** @type {any} */ input) => asks({ name, input, annotations: { ...annotations } })
            : needsApproval,
        }),
      execute: executor(tool, preliminary === true && WRITING.includes(name)),
      toModelOutput,
    };
    return [name, forAi];
  });
  return Object.fromEntries(tools);
}

/** JSON Schema of what a call comes to. @param {ToolSchema} structured @returns {any} */
const resultSchema = (structured) => ({
  type: "object",
  properties: {
    content: {
      type: "array",
      items: {
        type: "object",
        properties: {
          type: { enum: ["text", "image"] },
          text: { type: "string" },
          data: { type: "string" },
          mimeType: { type: "string" },
        },
        required: ["type"],
      },
    },
    structured,
    isError: { const: true },
  },
  required: ["content"],
});

/**
 * @param {SandboxTool} tool
 * @param {boolean} isShown whether its progress is
 */
function executor(tool, isShown) {
  return (/** @type {unknown} */ input, /** @type {{ abortSignal?: AbortSignal }} */ { abortSignal } = {}) =>
    isShown
      ? withProgress((options) => tool.execute(input, options), abortSignal)
      : tool.execute(input, { signal: abortSignal });
}

/**
 * What a tool has written so far, as often as somebody looks, and its result at last.
 *
 * @param {(options: ToolCallOptions) => Promise<ToolResult>} execute
 * @param {AbortSignal} [signal]
 * @returns {AsyncGenerator<ToolResult, void>}
 */
async function* withProgress(execute, signal) {
  const left = new AbortController();
  let text = "";
  let isNew = false;
  let wake = () => {};
  const result = execute({
    signal: AbortSignal.any([left.signal, ...(signal ? [signal] : [])]),
    onProgress(piece) {
      text = (text + piece.text).slice(-SHOWN);
      isNew = true;
      wake();
    },
  });
  let isOver = false;
  const over = () => {
    isOver = true;
    wake();
  };
  result.then(over, over);
  try {
    while (!isOver) {
      if (isNew) {
        isNew = false;
        yield { content: [{ type: "text", text }] };
      } else {
        await new Promise((resolve) => {
          wake = () => resolve(undefined);
        });
      }
    }
    yield await result;
  } finally {
    // Nobody looks any longer.
    left.abort();
  }
}

/** @param {{ output: ToolResult }} call @returns {any} */
function toModelOutput({ output: { content, isError } }) {
  const text = content.map((part) => (part.type === "text" ? part.text : "")).join("\n");
  if (isError) return { type: "error-text", value: text };
  if (content.every(({ type }) => type === "text")) return { type: "text", value: text };
  return { type: "content", value: content.map(modelPart) };
}

/** @param {ToolContent} part */
function modelPart(part) {
  if (part.type === "text") return part;
  const { data, mimeType: mediaType } = part;
  // Version 6 has a kind of its own for images, which 7 deprecates: the models that they speak to differ.
  return simulateStreamingMiddleware().specificationVersion === "v3"
    ? { type: "image-data", data, mediaType }
    : { type: "file", data: { type: "data", data }, mediaType };
}
