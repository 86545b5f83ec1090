/**
 * The tools of a sandbox for OpenAI's Agents SDK (`@openai/agents`, 0.18 and later).
 *
 * @packageDocumentation
 */
import type { Editor, FunctionTool, RunContext, Shell } from "@openai/agents";
import type { Sandbox } from "./index.js";
import type { SandboxProvider, SandboxToolsOptions, ToolAnnotations, ToolName } from "./tools.js";

/**
 * The tools of a sandbox, as an `Agent` takes them: strict, and ended with the run's signal. What goes wrong is a result that
 * begins with `Error:`, and images are images.
 *
 * @throws `TypeError` for options that are not as documented.
 *
 * @example
 * ```typescript
 * import { Agent, run } from "@openai/agents"
 * import { Sandbox } from "@superserve/sdk"
 * import { sandboxTools } from "@superserve/sdk/openai"
 *
 * const sandbox = await Sandbox.create({ name: "agent-1" })
 * const agent = new Agent({ name: "Coder", tools: sandboxTools(sandbox, { needsApproval: ["bash"] }) })
 * const { finalOutput } = await run(agent, "Which version of Python is there?")
 * ```
 */
export declare function sandboxTools(
  sandbox: Sandbox | SandboxProvider,
  options?: OpenAIToolsOptions,
): FunctionTool[];

/** Options of {@link sandboxTools}. */
export interface OpenAIToolsOptions extends SandboxToolsOptions {
  /**
   * Which calls interrupt the run until somebody has approved or rejected them: `true` for all that change something, the names
   * of tools, or a function that decides. With a function the framework interrupts for input, too, that is no JSON object.
   *
   * @defaultValue false
   */
  needsApproval?:
    | boolean
    | readonly ToolName[]
    | ((call: OpenAIToolCall, context: RunContext) => boolean | Promise<boolean>)
    | undefined;
}

/** A call that may need approval. */
export interface OpenAIToolCall {
  /** Name of the tool. */
  name: ToolName;
  /** Its input as the model gave it, not checked yet. */
  input: Record<string, unknown>;
  /** What the tool does. */
  annotations: ToolAnnotations;
}

/**
 * The shell that the framework's `shellTool` runs commands in: one after another, each in a shell of its own.
 *
 * @example
 * ```typescript
 * import { Agent, shellTool } from "@openai/agents"
 *
 * const agent = new Agent({ name: "Coder", tools: [shellTool({ shell: sandboxShell(sandbox) })] })
 * ```
 */
export declare function sandboxShell(
  sandbox: Sandbox | SandboxProvider,
  options?: SandboxShellOptions,
): Shell;

/** Options of {@link sandboxShell}. */
export interface SandboxShellOptions extends SandboxEditorOptions, Pick<SandboxToolsOptions, "limits"> {}

/**
 * The editor that the framework's `applyPatchTool` changes files with. A patch that does not fit is a failed call, and leaves the
 * file as it is.
 *
 * @example
 * ```typescript
 * import { Agent, applyPatchTool } from "@openai/agents"
 *
 * const editor = sandboxEditor(sandbox, { root: "/home/user/project" })
 * const agent = new Agent({ name: "Coder", tools: [applyPatchTool({ editor })] })
 * ```
 */
export declare function sandboxEditor(
  sandbox: Sandbox | SandboxProvider,
  options?: SandboxEditorOptions,
): Editor;

/** Options of {@link sandboxEditor}. */
export interface SandboxEditorOptions extends Pick<SandboxToolsOptions, "root"> {
  /** Ends what is under way. The framework hands its own to neither shells nor editors, so give both the same. */
  signal?: AbortSignal | undefined;
}
