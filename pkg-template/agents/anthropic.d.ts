/**
 * The tools of a sandbox for the tool runner of Anthropic's SDK (`@anthropic-ai/sdk`, from 0.84 on), and the tools that
 * Anthropic has defined itself, by their versions: `bash`, the text editor, `memory` and `computer`.
 *
 * What a tool cannot do it throws, as the runner wants it: that makes a result with `is_error` of it, in whose text the
 * model reads what to do next. Each tool is a plain object: `{ ...tool, cache_control: { type: "ephemeral" } }` is one, too.
 *
 * @packageDocumentation
 */
import type { BetaRunnableTool, BetaToolRunContext } from "@anthropic-ai/sdk/lib/tools/BetaRunnableTool";
import type { Sandbox } from "./index.js";
import type { SandboxProvider, SandboxToolsOptions, ToolName } from "./tools.js";

/**
 * The tools of a sandbox, as `client.beta.messages.toolRunner` takes them. A request whose signal is aborted ends the calls that
 * go on, in the sandbox too.
 *
 * @throws `TypeError` for options that are not as documented.
 *
 * @example
 * ```typescript
 * import Anthropic from "@anthropic-ai/sdk"
 * import { Sandbox } from "@superserve/sdk"
 * import { sandboxTools } from "@superserve/sdk/anthropic"
 *
 * const sandbox = await Sandbox.create({ name: "agent-1" })
 * const message = await new Anthropic().beta.messages.toolRunner({
 *   model: "claude-sonnet-4-5",
 *   max_tokens: 4096,
 *   messages: [{ role: "user", content: "Which of this machine's directories is the largest?" }],
 *   tools: sandboxTools(sandbox),
 * })
 * ```
 */
export declare function sandboxTools(
  sandbox: Sandbox | SandboxProvider,
  options?: AnthropicToolsOptions,
): BetaRunnableTool<unknown>[];

/** Options of {@link sandboxTools}. */
export interface AnthropicToolsOptions extends SandboxToolsOptions {
  /**
   * Tools whose inputs the API itself holds to their schemas (`strict`). It has limits for how many such tools a request may
   * have, and how many of their members may be `null`. Every input is checked before it is used, strict or not.
   *
   * @defaultValue none
   */
  strict?: readonly ToolName[] | undefined;
}

/**
 * Anthropic's `bash` tool: a shell in the sandbox that goes on from one command to the next, with its directory, variables and
 * background jobs, also over a pause of the sandbox. It is started with the first command, and ends with the sandbox or by `close`.
 *
 * A command that takes longer than `timeoutMs`, or is aborted, ends the shell and all that it has started; then the model has
 * to ask for a new one by `restart`. Commands have no standard input.
 *
 * @throws `TypeError` for a version that there is not.
 *
 * @example
 * ```typescript
 * const bash = bashTool(sandbox, { cwd: "/home/user/project" })
 * const message = await client.beta.messages.toolRunner({
 *   model: "claude-sonnet-4-5",
 *   max_tokens: 4096,
 *   messages: [{ role: "user", content: "Make the tests pass." }],
 *   tools: [bash, textEditorTool(sandbox)],
 * })
 * await bash.close()
 * ```
 */
export declare function bashTool(sandbox: Sandbox | SandboxProvider, options?: BashToolOptions): BashTool;

/** A `bash` tool, from {@link bashTool}. */
export type BashTool = BetaRunnableTool<BashToolInput> & {
  /** Ends the shell and all that it has started. The next command starts another. */
  close(): Promise<void>;
};

/** What `bash` takes. */
export interface BashToolInput {
  /** The command. */
  command?: string | undefined;
  /** Ends the shell and all that it has started; the next command starts another. No command is run. */
  restart?: boolean | undefined;
}

/** Options of all these tools. */
export interface DefinedToolOptions {
  /**
   * Asked before each call that changes something: `true` lets it be; `false`, or a sentence that tells the model why, refuses it.
   * Should it throw, the call is refused.
   */
  approve?: ((call: DefinedToolCall) => boolean | string | Promise<boolean | string>) | undefined;
}

/** A call that is to be approved. */
export interface DefinedToolCall {
  /** Name of the tool. */
  name: string;
  /** Its input, in which what was left out is `null`. */
  input: Record<string, unknown>;
  /** That of the call. */
  signal?: AbortSignal;
}

/** Options of {@link bashTool}. */
export interface BashToolOptions extends DefinedToolOptions {
  /**
   * Of `20241022` requests need the beta `computer-use-2024-10-22`.
   *
   * @defaultValue "20250124"
   */
  version?: "20250124" | "20241022" | undefined;
  /**
   * Directory in which the shell starts.
   *
   * @defaultValue the template's, else `/home/user`
   */
  cwd?: string | undefined;
  /** Environment variables of the shell, over those of the sandbox. */
  env?: Record<string, string> | undefined;
  /**
   * Milliseconds that a command may take.
   *
   * @defaultValue 120000
   */
  timeoutMs?: number | undefined;
}

/**
 * Anthropic's text editor: views files, images and directories of the sandbox, creates and edits files. It makes no file anew that
 * exists, changes nothing but the lines that it is told to, whatever bytes are in the others, and takes relative paths, too.
 *
 * Versions `20250124` and `20241022` also undo edits: the last twenty of each file.
 *
 * @throws `TypeError` for a version that there is not.
 *
 * @example
 * ```typescript
 * const editor = textEditorTool(sandbox, { version: "20250728", root: "/home/user/project", maxCharacters: 20_000 })
 * ```
 */
export declare function textEditorTool(
  sandbox: Sandbox | SandboxProvider,
  options?: TextEditorToolOptions,
): BetaRunnableTool<TextEditorToolInput>;

/** What the text editor takes. */
export interface TextEditorToolInput {
  /** What to do; `undo_edit` only of `20250124` and `20241022`. */
  command: "view" | "create" | "str_replace" | "insert" | "undo_edit";
  /** File; of `view` also a directory. */
  path: string;
  /** What is in the file that `create` makes. */
  file_text?: string | undefined;
  /** First and last line that `view` shows, from 1; -1 is the file's last. */
  view_range?: number[] | undefined;
  /** The text that `str_replace` replaces. It has to be there once. */
  old_str?: string | undefined;
  /** The text in its place, nothing if left out; of older versions also what `insert` inserts. */
  new_str?: string | undefined;
  /** Number of the line behind which `insert` inserts; 0 for the file's beginning. */
  insert_line?: number | undefined;
  /** What `insert` inserts. */
  insert_text?: string | undefined;
}

/** Options of {@link textEditorTool}. */
export interface TextEditorToolOptions extends DefinedToolOptions {
  /**
   * `20250728` and `20250429` are known to models as `str_replace_based_edit_tool`, the others as `str_replace_editor`. Of
   * `20241022` requests need the beta `computer-use-2024-10-22`.
   *
   * @defaultValue "20250728"
   */
  version?: "20250728" | "20250429" | "20250124" | "20241022" | undefined;
  /** As {@link SandboxToolsOptions.root}. */
  root?: string | undefined;
  /**
   * Most characters of a file that are shown at once: of more whole lines are left out, and how to see them is told. Version
   * `20250728` tells it the API as `max_characters`.
   *
   * @defaultValue 100000
   */
  maxCharacters?: number | undefined;
}

/**
 * Anthropic's `memory` tool: a directory of the sandbox, which the model knows as `/memories`, and out of which no path leads,
 * be it by `..` or by a symbolic link. What is in it lasts as long as the sandbox.
 *
 * @throws `TypeError` for a version that there is not, and for a directory that is no absolute path.
 *
 * @example
 * ```typescript
 * const memory = memoryTool(lazySandbox({ key: `memory-of-${userId}` }))
 * ```
 */
export declare function memoryTool(
  sandbox: Sandbox | SandboxProvider,
  options?: MemoryToolOptions,
): BetaRunnableTool<MemoryToolInput>;

/** What `memory` takes. */
export interface MemoryToolInput extends Omit<TextEditorToolInput, "command" | "path"> {
  /** What to do. */
  command: "view" | "create" | "str_replace" | "insert" | "delete" | "rename";
  /** File or directory, `/memories` or below; of all commands but `rename`. */
  path?: string | undefined;
  /** What `rename` renames. */
  old_path?: string | undefined;
  /** Its new path. There may be nothing yet. */
  new_path?: string | undefined;
}

/** Options of {@link memoryTool}. */
export interface MemoryToolOptions extends DefinedToolOptions {
  /**
   * The only one.
   *
   * @defaultValue "20250818"
   */
  version?: "20250818" | undefined;
  /**
   * The directory, an absolute path. It is made if it is not there.
   *
   * @defaultValue "/home/user/memories"
   */
  directory?: string | undefined;
}

/**
 * Anthropic's `computer` tool: the screen of a sandbox from a template that has one, `superserve/desktop` say. Every action but
 * `cursor_position` ends with a picture.
 *
 * With the first call the screen gets the size that the model is told. What this screen cannot do is told to the model: hold a key
 * (`hold_key`, and `text` of clicks) and `zoom`. A button that is held by `left_mouse_down` drags once `left_mouse_up` releases it,
 * from the one place to the other. The mouse is where this tool has put it last.
 *
 * @throws `TypeError` for a version that there is not.
 *
 * @example
 * ```typescript
 * const sandbox = await Sandbox.create({ fromTemplate: "superserve/desktop" })
 * const message = await client.beta.messages.toolRunner({
 *   model: "claude-sonnet-4-5",
 *   max_tokens: 4096,
 *   messages: [{ role: "user", content: "What is on the screen?" }],
 *   tools: [computerTool(sandbox, { version: "20250124" })],
 *   betas: ["computer-use-2025-01-24"],
 * })
 * ```
 */
export declare function computerTool(
  sandbox: Sandbox | SandboxProvider,
  options: ComputerToolOptions & { version: "20260801" },
): ComputerToolset;
/**
 * Anthropic's `computer` tool: the screen of a sandbox from a template that has one, `superserve/desktop` say. Every action but
 * `cursor_position` ends with a picture.
 *
 * With the first call the screen gets the size that the model is told. What this screen cannot do is told to the model: hold a key
 * (`hold_key`, and `text` of clicks) and `zoom`. A button that is held by `left_mouse_down` drags once `left_mouse_up` releases it,
 * from the one place to the other. The mouse is where this tool has put it last.
 *
 * @throws `TypeError` for a version that there is not.
 *
 * @example
 * ```typescript
 * const sandbox = await Sandbox.create({ fromTemplate: "superserve/desktop" })
 * const message = await client.beta.messages.toolRunner({
 *   model: "claude-sonnet-4-5",
 *   max_tokens: 4096,
 *   messages: [{ role: "user", content: "What is on the screen?" }],
 *   tools: [computerTool(sandbox, { version: "20250124" })],
 *   betas: ["computer-use-2025-01-24"],
 * })
 * ```
 */
export declare function computerTool(
  sandbox: Sandbox | SandboxProvider,
  options?: ComputerToolOptions,
): BetaRunnableTool<ComputerToolInput>;

/** What `computer` takes. */
export interface ComputerToolInput {
  /** What to do. */
  action: string;
  /** Where, as [x, y]; of clicks, where the mouse is if left out. */
  coordinate?: number[] | undefined;
  /** Where a drag begins; where the mouse is if left out. */
  start_coordinate?: number[] | undefined;
  /** The text to type, or the key to press. */
  text?: string | undefined;
  /** How often a key is pressed. */
  repeat?: number | undefined;
  /** Where to scroll. */
  scroll_direction?: "up" | "down" | "left" | "right" | undefined;
  /** Turns of the wheel. */
  scroll_amount?: number | undefined;
  /** Seconds to wait, at most 100. */
  duration?: number | undefined;
}

/**
 * The computer toolset `computer_toolset_20260801`, from {@link computerTool}, for SDKs from 1.0 on: one entry of `tools`, each
 * action of which is a call of its own. Only `screenshot` answers with a picture.
 */
export interface ComputerToolset {
  /** Its version. */
  type: "computer_toolset_20260801";
  /** What the screen cannot do is not offered. */
  configs: Record<"hold_key" | "zoom", ComputerToolsetAction>;
  /** Does what the model asks for. */
  run(
    context: BetaToolRunContext,
    call: { name: string; input: unknown },
  ): Promise<Exclude<Awaited<ReturnType<BetaRunnableTool["run"]>>, string>>;
}

/** What a {@link ComputerToolset} says of an action. */
export interface ComputerToolsetAction {
  /** Whether it is offered to the model. */
  enabled: boolean;
}

/** Options of {@link computerTool}. */
export interface ComputerToolOptions extends DefinedToolOptions {
  /**
   * Requests need the beta of the version: `computer-use-2025-11-24`, `computer-use-2025-01-24` or `computer-use-2024-10-22`.
   * `20260801` is the toolset {@link ComputerToolset}.
   *
   * @defaultValue "20251124"
   */
  version?: "20260801" | "20251124" | "20250124" | "20241022" | undefined;
  /**
   * Width of the screen in pixels, a multiple of 8 from 320 on. Models see best what is no larger than the default.
   *
   * @defaultValue 1280
   */
  width?: number | undefined;
  /**
   * Height of the screen in pixels, from 200 on.
   *
   * @defaultValue 800
   */
  height?: number | undefined;
}
