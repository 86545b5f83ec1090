/**
 * The tools of a sandbox for OpenAI's own client (`openai`, 6 and 7): the Responses API, and Chat Completions.
 *
 * @packageDocumentation
 */
import type {
  ChatCompletionFunctionTool,
  ChatCompletionMessageToolCall,
  ChatCompletionToolMessageParam,
  ChatCompletionUserMessageParam,
} from "openai/resources/chat/completions";
import type {
  FunctionTool,
  ResponseFunctionToolCall,
  ResponseInputItem,
  ResponseOutputItem,
} from "openai/resources/responses/responses";
import type { Sandbox } from "./index.js";
import type { SandboxProvider, SandboxToolsOptions, ToolProgress } from "./tools.js";

/**
 * The tools of a sandbox for `responses.create`, and what answers its calls.
 *
 * @throws `TypeError` for options that are not as documented.
 *
 * @example
 * ```typescript
 * import OpenAI from "openai"
 * import { responsesTools } from "@superserve/sdk/openai-api"
 *
 * const client = new OpenAI()
 * const { tools, execute } = responsesTools(sandbox)
 * let response = await client.responses.create({ model, tools, input: "Which version of Python is there?" })
 * while (response.output.some(({ type }) => type === "function_call")) {
 *   const input = await execute(response)
 *   response = await client.responses.create({ model, tools, input, previous_response_id: response.id })
 * }
 * ```
 */
export declare function responsesTools(
  sandbox: Sandbox | SandboxProvider,
  options?: SandboxToolsOptions,
): ResponsesTools;

/** What {@link responsesTools} gives. */
export interface ResponsesTools {
  /** For `tools` of a request. */
  tools: FunctionTool[];
  /**
   * Calls what a response asks for, all at once, and resolves with the items to send back, one a call in their order. What goes
   * wrong is an answer that begins with `Error:`, a call of a tool that is not among these, too: pass on calls of your own tools
   * yourself, and give this the others.
   *
   * It rejects only when `signal` ends it, with the signal's reason, and with what `onProgress` throws.
   */
  execute(
    response: { output: readonly ResponseOutputItem[] },
    options?: ToolCallsOptions<ResponseFunctionToolCall>,
  ): Promise<ResponseInputItem.FunctionCallOutput[]>;
}

/**
 * The tools of a sandbox for `chat.completions.create`, and what answers its calls.
 *
 * @throws `TypeError` for options that are not as documented.
 *
 * @example
 * ```typescript
 * const { tools, execute } = chatTools(sandbox)
 * const messages = [{ role: "user", content: "Which version of Python is there?" }]
 * for (;;) {
 *   const { choices } = await client.chat.completions.create({ model, tools, messages })
 *   const { message } = choices[0]
 *   if (!message.tool_calls) break
 *   messages.push(message, ...(await execute(message)))
 * }
 * ```
 */
export declare function chatTools(
  sandbox: Sandbox | SandboxProvider,
  options?: SandboxToolsOptions,
): ChatTools;

/** What {@link chatTools} gives. */
export interface ChatTools {
  /** For `tools` of a request. */
  tools: ChatCompletionFunctionTool[];
  /**
   * Calls what a message asks for, all at once, and resolves with the messages to send after it: one a call in their order, and
   * one of the user's with the images, if there are any, since those of tools can have none. Otherwise as
   * {@link ResponsesTools.execute}.
   */
  execute(
    message: { tool_calls?: readonly ChatCompletionMessageToolCall[] | null | undefined },
    options?: ToolCallsOptions<ChatCompletionMessageToolCall>,
  ): Promise<(ChatCompletionToolMessageParam | ChatCompletionUserMessageParam)[]>;
}

/** Options of {@link ResponsesTools.execute} and {@link ChatTools.execute}. */
export interface ToolCallsOptions<Call> {
  /** Ends the calls, and what they have begun in the sandbox. */
  signal?: AbortSignal | undefined;
  /** Gets what a command or code writes, as it comes, and the call that it is of. */
  onProgress?: ((progress: ToolProgress, call: Call) => void) | undefined;
}
