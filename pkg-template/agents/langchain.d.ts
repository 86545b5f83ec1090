/**
 * The tools of a sandbox for LangChain (`@langchain/core` 1, `langchain` 1), and a backend for deep agents (`deepagents`
 * 1.9 and later).
 *
 * @packageDocumentation
 */
import type { DynamicStructuredTool } from "@langchain/core/tools";
// @ts-ignore: whoever has LangChain alone has no such types.
import type * as deepagents from "deepagents";
import type { Sandbox } from "./index.js";
import type { SandboxProvider, SandboxToolsOptions, ToolAnnotations, ToolLimits, ToolName } from "./tools.js";

/**
 * The tools of a sandbox, as `createAgent`, `bindTools` of a model and LangGraph's `ToolNode` take them.
 *
 * What a model is to see is a tool message's content: a text, or blocks where there are images. Its `artifact` has the same as
 * fields (`ToolResult.structured`). What is wrong with an input, or fails in the sandbox, is a message with the status `error`,
 * and the agent goes on. The run's `signal` ends a call, and what it has begun in the sandbox.
 *
 * What commands and code write is told as it comes, as events of the tool (`streamMode: "tools"`, `on_tool_event`), whose data
 * is a `ToolProgress`. `metadata.annotations` says what a tool does: whom `humanInTheLoopMiddleware` is to ask about, say.
 *
 * @throws `TypeError` for options that are not as documented.
 *
 * @example
 * ```typescript
 * import { Sandbox } from "@superserve/sdk"
 * import { sandboxTools } from "@superserve/sdk/langchain"
 * import { createAgent } from "langchain"
 *
 * await using sandbox = await Sandbox.create({ name: "agent-1" })
 * const agent = createAgent({ model: "anthropic:claude-sonnet-4-5", tools: sandboxTools(sandbox) })
 * const { messages } = await agent.invoke({ messages: [{ role: "user", content: "Which Python is there?" }] })
 * console.log(messages.at(-1)?.text)
 * ```
 *
 * @example With a person who is asked before anything is changed.
 * ```typescript
 * const tools = sandboxTools(sandbox)
 * const changing = tools.filter(({ metadata }) => !metadata.annotations.readOnlyHint)
 * const interruptOn = Object.fromEntries(changing.map(({ name }) => [name, true]))
 * const agent = createAgent({ model, tools, checkpointer, middleware: [humanInTheLoopMiddleware({ interruptOn })] })
 * ```
 */
export declare function sandboxTools(
  sandbox: Sandbox | SandboxProvider,
  options?: SandboxToolsOptions,
): SandboxStructuredTool[];

/** A tool of a sandbox. */
export interface SandboxStructuredTool extends DynamicStructuredTool {
  /** Its name. */
  name: ToolName;
  /** What goes along with what is told of it. */
  metadata: SandboxToolMetadata;
}

/** What goes along with what is told of a tool. */
export interface SandboxToolMetadata extends Record<string, unknown> {
  /** What it does to the sandbox. */
  annotations: ToolAnnotations;
}

/**
 * A sandbox as the backend of a deep agent: its `ls`, `read_file`, `write_file`, `edit_file`, `delete`, `glob`, `grep` and
 * `execute` work in there, and so do memories and skills.
 *
 * What fails is a result with `error`, as deepagents has it. The run's `signal` ends what a method does, and what `execute` has
 * begun in the sandbox; what a command writes is told as it comes, as events of the tool (`streamMode: "tools"`). Where deepagents
 * gives no `signal`, since there is no `AsyncLocalStorage`, it goes on to its end.
 *
 * `glob` and `grep` pass over `.git` and `node_modules` unless the path or the pattern leads there, and at `/` over what is no
 * file system of its own (`/proc` and the like).
 *
 * The tools of {@link sandboxTools} that deepagents has none of go well with it.
 *
 * @example
 * ```typescript
 * import { Sandbox } from "@superserve/sdk"
 * import { SuperserveBackend, sandboxTools } from "@superserve/sdk/langchain"
 * import { createDeepAgent } from "deepagents"
 *
 * await using sandbox = await Sandbox.create({ name: "agent-1" })
 * const agent = createDeepAgent({
 *   model: "anthropic:claude-sonnet-4-5",
 *   backend: new SuperserveBackend(sandbox),
 *   tools: sandboxTools(sandbox, { include: ["start_process", "process_output", "stop_process", "preview_url"] }),
 * })
 * const { messages } = await agent.invoke({ messages: [{ role: "user", content: "Make a page of today's news." }] })
 * ```
 */
export declare class SuperserveBackend implements deepagents.SandboxBackendProtocolV2 {
  /**
   * A sandbox, or what gives one when it is needed.
   *
   * @throws `TypeError` for options that are not as documented.
   */
  constructor(sandbox: Sandbox | SandboxProvider, options?: SuperserveBackendOptions);
  /** Which backend it is: the sandbox's id, unless options say otherwise. */
  readonly id: string;
  /**
   * Runs a command in the sandbox's shell. Of a long output the middle is left out, and the whole is in a file in the sandbox that
   * the output names.
   */
  execute(command: string): Promise<deepagents.ExecuteResponse>;
  /** Lists a directory. What a symbolic link to a directory leads to counts as one. */
  ls(path: string): Promise<deepagents.LsResult>;
  /** Reads lines of a text, the first of which is 0, and whatever else there is as a whole. */
  read(path: string, offset?: number, limit?: number): Promise<deepagents.ReadResult>;
  /** Reads a file as a whole. */
  readRaw(path: string): Promise<deepagents.ReadRawResult>;
  /** Searches files for a text, as it stands there. */
  grep(
    pattern: string,
    path?: string | null,
    glob?: string | null,
    maxCount?: number | null,
  ): Promise<deepagents.GrepResult>;
  /** Finds files by a pattern of their paths below `path`. */
  glob(pattern: string, path?: string): Promise<deepagents.GlobResult>;
  /** Writes a file. What is no text by its name, an image say, is given as base64. */
  write(path: string, content: string): Promise<deepagents.WriteResult>;
  /** Replaces a text in a file by another: one that is there once, or all. */
  edit(path: string, before: string, after: string, all?: boolean): Promise<deepagents.EditResult>;
  /** Removes a file, or a directory and all that is in it. */
  delete(path: string): Promise<deepagents.DeleteResult>;
  /**
   * Writes files. What is wrong with one is told of that one.
   *
   * @throws What is no fault of a file.
   */
  uploadFiles(files: [path: string, content: Uint8Array][]): Promise<deepagents.FileUploadResponse[]>;
  /**
   * Reads files. What is wrong with one is told of that one.
   *
   * @throws What is no fault of a file.
   */
  downloadFiles(paths: string[]): Promise<deepagents.FileDownloadResponse[]>;
}

/** Options of {@link SuperserveBackend}. */
export interface SuperserveBackendOptions {
  /**
   * Which backend it is.
   *
   * @defaultValue the sandbox's id; a new one, where that is not known yet
   */
  id?: string | undefined;
  /**
   * Directory at which commands start, and searches that name none, or `/` by itself, which is what deepagents makes of that: an
   * absolute path. Without it such a search goes through all of the sandbox, which may take longer than it has time.
   *
   * @defaultValue where commands of the sandbox start, and `/`
   */
  cwd?: string | undefined;
  /** How much `execute` and `read` tell, and how long a command may take. */
  limits?: ToolLimits | undefined;
}
