/**
 * A sandbox as the tools of an agent: of any framework, or of none. What they are told to a model, their schemas and their types
 * are one table.
 *
 * @example
 * ```typescript
 * import { Sandbox } from "@superserve/sdk"
 * import { sandboxTools } from "@superserve/sdk/tools"
 *
 * const sandbox = await Sandbox.create({ name: "agent-1" })
 * const tools = sandboxTools(sandbox, { root: "/home/user/project", exclude: ["preview_url"] })
 * const bash = tools.find(({ name }) => name === "bash")!
 * const { content, isError } = await bash.execute({ command: "npm test" })
 * ```
 *
 * @packageDocumentation
 */
import type { Sandbox, SandboxCreateOptions } from "./index.js";

/**
 * The tools of a sandbox, or of what gives one when it is needed.
 *
 * `computer` is among them only with `screen`, since no sandbox says whether it has one.
 *
 * The inputs are named as models know them from their training: most are those of Claude Code's tools (`command`,
 * `old_string`, `new_string`, `replace_all`, `pattern`, `offset`, `limit`), `path` and `content` those of the files' server among
 * MCP's reference servers, and those of `computer` are Anthropic's.
 *
 * @throws `TypeError` for options that are not as documented.
 *
 * @example With a person who is asked before anything is changed.
 * ```typescript
 * const tools = sandboxTools(lazySandbox({ key: conversation.id }), {
 *   root: "/home/user/project",
 *   approve: async ({ name, input }) => (await ask(`${name} ${JSON.stringify(input)}`)) || "The user said no.",
 * })
 * ```
 */
export declare function sandboxTools(sandbox: Sandbox | SandboxProvider, options?: SandboxToolsOptions): SandboxTool[];

/**
 * A sandbox that is made, or found and woken, when it is first needed; that all share who use this object, at the same time
 * too; and that is paused once nobody has used it for a while.
 *
 * Objects with the same `key`, `id` or `match` in one program count their uses together, so that none pauses what another uses.
 * Programs do not know of each other: a command that is under way when another program pauses the sandbox stands still until
 * something wakes it.
 *
 * @throws `TypeError` for options that are not as documented.
 *
 * @example One sandbox a conversation, found again by the next request, of another process too.
 * ```typescript
 * const tools = sandboxTools(lazySandbox({ key: conversationId, create: { template: "agent" }, idleMs: 60_000 }))
 * ```
 */
export declare function lazySandbox(options?: LazySandboxOptions): LazySandbox;

/** Gives a sandbox to whoever needs one. */
export interface SandboxProvider {
  /**
   * Calls `work` with the sandbox, and resolves with what that resolves with. As long as it goes on, the sandbox is in use.
   *
   * `signal` ends the wait for a sandbox; what is made meanwhile stays for others.
   */
  use<T>(work: (sandbox: Sandbox) => T | Promise<T>, options?: SandboxUseOptions): Promise<T>;
}

/** Options of {@link SandboxProvider.use}. */
export interface SandboxUseOptions {
  /** Ends the wait for a sandbox. */
  signal?: AbortSignal | undefined;
}

/** A sandbox that is there once it is needed, from {@link lazySandbox}. */
export interface LazySandbox extends SandboxProvider {
  /** Whether there is one by now. */
  readonly isStarted: boolean;
  /** Does at once what `idle` says, unless somebody uses the sandbox: then it does so once nobody does. It may be used again. */
  release(): Promise<void>;
  /** The same, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Options of {@link lazySandbox}. */
export interface LazySandboxOptions {
  /**
   * How a sandbox is made: options of `Sandbox.create`, or a function that gives one. With `key` or `match` only where there is
   * none yet, and no function.
   *
   * @defaultValue `Sandbox.create` without options
   */
  create?: SandboxCreateOptions | (() => Sandbox | Promise<Sandbox>) | undefined;
  /** The id of a sandbox that is there: then none is made. */
  id?: string | undefined;
  /** The tags of a sandbox, as `Sandbox.getOrCreate` has them: it is made where there is none. */
  match?: Record<string, string> | undefined;
  /** What a sandbox is for, a conversation's id say: the same as `match` with the tag `agent`. */
  key?: string | undefined;
  /**
   * What becomes of it once nobody has used it for `idleMs`.
   *
   * @defaultValue "pause"
   */
  idle?: "pause" | "kill" | "keep" | undefined;
  /**
   * Milliseconds without use. So long a program under Node.js, Deno or Bun goes on after the last call: it ends sooner by `release`.
   *
   * @defaultValue 120000
   */
  idleMs?: number | undefined;
  /**
   * The class whose `create`, `connect` and `getOrCreate` are called: that of `@superserve/sdk/slim`, or a client's.
   *
   * @defaultValue that of `@superserve/sdk`, which is imported when it is needed
   */
  Sandbox?: Pick<typeof Sandbox, "create" | "connect" | "getOrCreate"> | undefined;
}

/** Options of {@link sandboxTools}. */
export interface SandboxToolsOptions {
  /**
   * Only these.
   *
   * @defaultValue all, `computer` with `screen` alone
   */
  include?: readonly ToolName[] | undefined;
  /** Not these. */
  exclude?: readonly ToolName[] | undefined;
  /**
   * Whether the sandbox has a screen: then `computer` is among the tools.
   *
   * @defaultValue false
   */
  screen?: boolean | undefined;
  /**
   * Directory at which relative paths and commands start, an absolute path, and that no tool's path may lead out of, be it by
   * `..` or by a symbolic link: each is looked up in the sandbox first, which is a request more. This is a fence for tools that
   * go wrong, not a wall: a command or code leaves it as it likes, so leave out `bash`, `start_process` and `run_code` where it has
   * to hold, and something that changes links at the very moment gets around it.
   *
   * @defaultValue none: paths start where commands do, and may lead anywhere
   */
  root?: string | undefined;
  /** How much a tool tells a model, and takes. */
  limits?: ToolLimits | undefined;
  /**
   * Asked before each call of a tool that changes something (whose `annotations.readOnlyHint` is false), with its input as it was
   * checked. `true` lets it be; `false`, or a sentence that tells the model why, refuses it. Should it throw, the call is refused.
   */
  approve?: ((call: ToolCall) => boolean | string | Promise<boolean | string>) | undefined;
}

/** A call that is to be approved. */
export interface ToolCall {
  /** Name of the tool. */
  name: ToolName;
  /** Its input, in which what was left out is `null`. */
  input: Record<string, unknown>;
  /** What the tool does. */
  annotations: ToolAnnotations;
  /** That of the call. */
  signal?: AbortSignal;
}

/** How much a tool tells a model, and takes. */
export interface ToolLimits {
  /**
   * Most characters of a text. Of more the middle is left out, and the whole is in a file in the sandbox that the text names.
   *
   * @defaultValue 30000
   */
  chars?: number | undefined;
  /**
   * Most lines of a text, likewise.
   *
   * @defaultValue 2000
   */
  lines?: number | undefined;
  /**
   * Most characters of one line of a file, of which the rest is left out.
   *
   * @defaultValue 2000
   */
  lineChars?: number | undefined;
  /**
   * Most bytes of a text file that is read.
   *
   * @defaultValue 10485760
   */
  fileBytes?: number | undefined;
  /**
   * Most bytes of an image.
   *
   * @defaultValue 3932160, which is 5 MiB as base64
   */
  imageBytes?: number | undefined;
  /**
   * Most characters of a command's output that are kept in the file.
   *
   * @defaultValue 67108864
   */
  outputChars?: number | undefined;
  /**
   * Milliseconds that a command or code may take, unless the model says otherwise.
   *
   * @defaultValue 120000
   */
  commandMs?: number | undefined;
}

/** What a model is told of a tool, in the form of MCP's `Tool`. */
export interface ToolDeclaration {
  /** Name. */
  name: ToolName;
  /** The same for people. */
  title: string;
  /** What it does and when to use it, for a model. */
  description: string;
  /** JSON Schema of its input, which the strict modes of providers take: all members are required, and some may be `null`. */
  inputSchema: ToolSchema;
  /** JSON Schema of {@link ToolResult.structured}. */
  outputSchema: ToolSchema;
  /** What it does to the sandbox. */
  annotations: ToolAnnotations;
}

/** A tool. */
export interface SandboxTool extends ToolDeclaration {
  /**
   * Calls it. `input` is what a model gave, as an object or as JSON.
   *
   * What is wrong with that, and what fails in the sandbox, is a result with `isError`. The promise rejects only when `signal` ends
   * the call, with the signal's reason, and with what `onProgress` throws; what was begun is ended then.
   */
  execute(input: unknown, options?: ToolCallOptions): Promise<ToolResult>;
}

/** Options of {@link SandboxTool.execute}. */
export interface ToolCallOptions {
  /** Ends the call, and what it has begun in the sandbox. */
  signal?: AbortSignal | undefined;
  /** Gets what a command or code writes, as it comes. */
  onProgress?: ((progress: ToolProgress) => void) | undefined;
}

/** A piece of what a command or code writes. */
export interface ToolProgress {
  /** Which output it is of. */
  stream: "stdout" | "stderr";
  /** The text. */
  text: string;
}

/** What a call comes to: with `structured` as `structuredContent` the result of a tool in MCP. */
export interface ToolResult {
  /** What a model is to see. The first is a text. */
  content: ToolContent[];
  /** The same as fields, as `outputSchema` says; not with `isError`. */
  structured?: Record<string, unknown>;
  /** Whether the tool could not do what was asked. A command that exits with another code than 0 is no such error. */
  isError?: true;
}

/** A part of what a model is to see. */
export type ToolContent = ToolText | ToolImage;

/** A text. */
export interface ToolText {
  /** What it is. */
  type: "text";
  /** The text. */
  text: string;
}

/** An image. */
export interface ToolImage {
  /** What it is. */
  type: "image";
  /** Its bytes as base64. */
  data: string;
  /** Its media type: `image/png`, `image/jpeg`, `image/gif` or `image/webp`. */
  mimeType: string;
}

/** What a tool does to the sandbox, as MCP's hints. */
export interface ToolAnnotations {
  /** Whether it only looks. */
  readOnlyHint: boolean;
  /** Whether it may change or end what is there. */
  destructiveHint: boolean;
  /** Whether the same once more does no more. */
  idempotentHint: boolean;
  /** Whether it reaches what is not the sandbox's own. */
  openWorldHint: boolean;
}

/** JSON Schema (2020-12) of an object. */
export interface ToolSchema {
  /** An object. */
  type: "object";
  /** Its members. */
  properties: Record<string, Record<string, unknown>>;
  /** All of them: one that may be left out may be `null`. */
  required: string[];
  /** No others. */
  additionalProperties: false;
}

/** Name of a tool. */
export type ToolName =
  | "bash"
  | "read_file"
  | "write_file"
  | "edit_file"
  | "list_files"
  | "glob"
  | "grep"
  | "start_process"
  | "process_output"
  | "stop_process"
  | "preview_url"
  | "run_code"
  | "computer";

/**
 * What each tool takes. What may be `null` may be left out.
 */
export interface ToolInputs {
  /**
   * Runs a command in the sandbox's shell and returns its output, standard error included, and its exit code if that is not 0.
   * Only files are kept between calls: no working directory, no variables. It has no standard input. For servers and long work use
   * start_process, for files the file tools.
   */
  bash: BashInput;
  /**
   * Reads a text file and returns its lines, each with its number and a tab before it, which are not part of the file. Shows
   * images (PNG, JPEG, GIF, WebP). Read long files in pieces, by offset and limit.
   */
  read_file: ReadFileInput;
  /**
   * Writes a text file, and makes the directories on the way. A file that exists is replaced as a whole: to change a part use
   * edit_file.
   */
  write_file: WriteFileInput;
  /**
   * Replaces a text in a file by another. The old text has to be there exactly as given, every space and line break included,
   * and just once: give some lines around it, or replace_all. Read the file first; the line numbers that read_file shows are
   * not part of it.
   */
  edit_file: EditFileInput;
  /**
   * Lists a directory: directories end with a slash, files have their size in bytes.
   */
  list_files: ListFilesInput;
  /**
   * Finds files by a pattern of their paths, last changed first. .git and node_modules are passed over unless the path leads
   * there.
   */
  glob: GlobInput;
  /**
   * Searches files for lines that fit an extended regular expression (POSIX, as grep -E: [0-9] for a digit, not \d). .git,
   * node_modules and binary files are passed over unless the path leads there.
   */
  grep: GrepInput;
  /**
   * Starts a command in the background, such as a server, and returns its id. With a port it waits until something listens
   * there.
   */
  start_process: StartProcessInput;
  /**
   * Returns the last lines that a background process has written, and whether it runs. Without an id it lists all processes.
   */
  process_output: ProcessOutputInput;
  /**
   * Ends a background process and all that it has started.
   */
  stop_process: StopProcessInput;
  /**
   * Publishes a port of the sandbox and returns the URL at which a person can open what a server serves there. Start the server
   * first, with start_process; it has to listen at 0.0.0.0.
   */
  preview_url: PreviewUrlInput;
  /**
   * Runs code as a cell of a notebook: variables, imports and functions are kept for the next call. Returns what it printed, the
   * value of its last expression, figures as images, and the error with its traceback.
   */
  run_code: RunCodeInput;
  /**
   * Uses the sandbox's screen with mouse and keyboard, and returns a picture of it. Take a screenshot first; coordinates are its
   * pixels, from the upper left corner.
   */
  computer: ComputerInput;
}

/**
 * What each tool comes to, as {@link ToolResult.structured}.
 */
export interface ToolOutputs {
  /**
   * Runs a command in the sandbox's shell and returns its output, standard error included, and its exit code if that is not 0.
   * Only files are kept between calls: no working directory, no variables. It has no standard input. For servers and long work use
   * start_process, for files the file tools.
   */
  bash: BashOutput;
  /**
   * Reads a text file and returns its lines, each with its number and a tab before it, which are not part of the file. Shows
   * images (PNG, JPEG, GIF, WebP). Read long files in pieces, by offset and limit.
   */
  read_file: ReadFileOutput;
  /**
   * Writes a text file, and makes the directories on the way. A file that exists is replaced as a whole: to change a part use
   * edit_file.
   */
  write_file: WriteFileOutput;
  /**
   * Replaces a text in a file by another. The old text has to be there exactly as given, every space and line break included,
   * and just once: give some lines around it, or replace_all. Read the file first; the line numbers that read_file shows are
   * not part of it.
   */
  edit_file: EditFileOutput;
  /**
   * Lists a directory: directories end with a slash, files have their size in bytes.
   */
  list_files: ListFilesOutput;
  /**
   * Finds files by a pattern of their paths, last changed first. .git and node_modules are passed over unless the path leads
   * there.
   */
  glob: GlobOutput;
  /**
   * Searches files for lines that fit an extended regular expression (POSIX, as grep -E: [0-9] for a digit, not \d). .git,
   * node_modules and binary files are passed over unless the path leads there.
   */
  grep: GrepOutput;
  /**
   * Starts a command in the background, such as a server, and returns its id. With a port it waits until something listens
   * there.
   */
  start_process: StartProcessOutput;
  /**
   * Returns the last lines that a background process has written, and whether it runs. Without an id it lists all processes.
   */
  process_output: ProcessOutputOutput;
  /**
   * Ends a background process and all that it has started.
   */
  stop_process: StopProcessOutput;
  /**
   * Publishes a port of the sandbox and returns the URL at which a person can open what a server serves there. Start the server
   * first, with start_process; it has to listen at 0.0.0.0.
   */
  preview_url: PreviewUrlOutput;
  /**
   * Runs code as a cell of a notebook: variables, imports and functions are kept for the next call. Returns what it printed, the
   * value of its last expression, figures as images, and the error with its traceback.
   */
  run_code: RunCodeOutput;
  /**
   * Uses the sandbox's screen with mouse and keyboard, and returns a picture of it. Take a screenshot first; coordinates are its
   * pixels, from the upper left corner.
   */
  computer: ComputerOutput;
}

/**
 * Input of `bash`.
 */
export interface BashInput {
  /**
   * The command, or a script of several lines.
   */
  command: string;
  /**
   * Directory to run it in; the working directory if null.
   */
  cwd?: string | null | undefined;
  /**
   * Milliseconds after which it is ended, at most 600000; the usual time if null.
   */
  timeout_ms?: number | null | undefined;
}

/**
 * What `bash` comes to.
 */
export interface BashOutput {
  /**
   * What it wrote, the middle left out where that is long.
   */
  output: string;
  /**
   * Its exit code; null if it was ended since its time was over.
   */
  exit_code: number | null;
  /**
   * Whether some of the output is left out.
   */
  truncated: boolean;
  /**
   * File in the sandbox that has the whole output, if some is left out.
   */
  output_path: string | null;
}

/**
 * Input of `read_file`.
 */
export interface ReadFileInput {
  /**
   * Path of the file.
   */
  path: string;
  /**
   * Number of the first line to read, from 1; the first if null.
   */
  offset?: number | null | undefined;
  /**
   * How many lines to read; 2000 if null.
   */
  limit?: number | null | undefined;
}

/**
 * What `read_file` comes to.
 */
export interface ReadFileOutput {
  /**
   * Its path.
   */
  path: string;
  /**
   * The lines with their numbers; of an image, what it is.
   */
  text: string;
  /**
   * Number of the first line; 0 where there is none.
   */
  first_line: number;
  /**
   * Number of the last line; 0 where there is none.
   */
  last_line: number;
  /**
   * How many lines the file has; 0 of an image.
   */
  total_lines: number;
  /**
   * Its size in bytes.
   */
  size: number;
}

/**
 * Input of `write_file`.
 */
export interface WriteFileInput {
  /**
   * Path of the file.
   */
  path: string;
  /**
   * Its whole content.
   */
  content: string;
}

/**
 * What `write_file` comes to.
 */
export interface WriteFileOutput {
  /**
   * Its path.
   */
  path: string;
  /**
   * Its size in bytes.
   */
  size: number;
}

/**
 * Input of `edit_file`.
 */
export interface EditFileInput {
  /**
   * Path of the file.
   */
  path: string;
  /**
   * The text to replace.
   */
  old_string: string;
  /**
   * The text in its place; empty to remove it.
   */
  new_string: string;
  /**
   * Whether each place that has the text is changed; only one may if null.
   */
  replace_all?: boolean | null | undefined;
}

/**
 * What `edit_file` comes to.
 */
export interface EditFileOutput {
  /**
   * Its path.
   */
  path: string;
  /**
   * How often the text was replaced.
   */
  count: number;
}

/**
 * Input of `list_files`.
 */
export interface ListFilesInput {
  /**
   * Directory; the working directory if null.
   */
  path?: string | null | undefined;
  /**
   * How many levels to list, at most 10; 1 if null.
   */
  depth?: number | null | undefined;
}

/**
 * What is in a directory.
 */
export interface ListedFile {
  /**
   * Its path.
   */
  path: string;
  /**
   * What it is.
   */
  type: "file" | "directory" | "symlink" | "other";
  /**
   * Its size in bytes.
   */
  size: number;
}

/**
 * What `list_files` comes to.
 */
export interface ListFilesOutput {
  /**
   * What is there, by path.
   */
  files: ListedFile[];
  /**
   * Whether there is more.
   */
  truncated: boolean;
}

/**
 * Input of `glob`.
 */
export interface GlobInput {
  /**
   * Pattern, such as *.ts (names on any level) or {src,lib}/*.ts (paths below the directory).
   */
  pattern: string;
  /**
   * Directory to look in; the working directory if null.
   */
  path?: string | null | undefined;
}

/**
 * What `glob` comes to.
 */
export interface GlobOutput {
  /**
   * The files.
   */
  paths: string[];
  /**
   * Whether there are more.
   */
  truncated: boolean;
}

/**
 * Input of `grep`.
 */
export interface GrepInput {
  /**
   * Extended regular expression.
   */
  pattern: string;
  /**
   * File or directory to search; the working directory if null.
   */
  path?: string | null | undefined;
  /**
   * Only files that fit this pattern, such as *.ts.
   */
  glob?: string | null | undefined;
  /**
   * Whether capitals are all the same.
   */
  ignore_case?: boolean | null | undefined;
  /**
   * How many lines before and after each to show; 0 if null.
   */
  context?: number | null | undefined;
  /**
   * How many lines to find at most; 200 if null.
   */
  limit?: number | null | undefined;
}

/**
 * A line that `grep` found.
 */
export interface GrepLine {
  /**
   * Path of its file.
   */
  path: string;
  /**
   * Its number, from 1.
   */
  line: number;
  /**
   * The line.
   */
  text: string;
}

/**
 * What `grep` comes to.
 */
export interface GrepOutput {
  /**
   * The lines, by path and number.
   */
  matches: GrepLine[];
  /**
   * Whether there are more.
   */
  truncated: boolean;
}

/**
 * Input of `start_process`.
 */
export interface StartProcessInput {
  /**
   * The command.
   */
  command: string;
  /**
   * A name to know it by, of letters, digits, dots, dashes and underscores; none if null.
   */
  name?: string | null | undefined;
  /**
   * Directory to run it in; the working directory if null.
   */
  cwd?: string | null | undefined;
  /**
   * Port to wait for, a minute at most; none if null.
   */
  port?: number | null | undefined;
}

/**
 * What `start_process` comes to.
 */
export interface StartProcessOutput {
  /**
   * The id, for process_output and stop_process.
   */
  process_id: string;
  /**
   * Whether something listens at the port; null without one.
   */
  listening: boolean | null;
  /**
   * What it has written meanwhile.
   */
  output: string;
}

/**
 * Input of `process_output`.
 */
export interface ProcessOutputInput {
  /**
   * Its id or name; null lists all processes.
   */
  process_id?: string | null | undefined;
  /**
   * How many of the last lines to show; 100 if null.
   */
  limit?: number | null | undefined;
  /**
   * Milliseconds to wait for its end first, at most 600000; 0 if null.
   */
  wait_ms?: number | null | undefined;
}

/**
 * A background process.
 */
export interface ListedProcess {
  /**
   * Its id.
   */
  process_id: string;
  /**
   * Its name; null if it has none.
   */
  name: string | null;
  /**
   * Its command.
   */
  command: string;
  /**
   * Whether it runs.
   */
  running: boolean;
  /**
   * Its exit code; null while it runs.
   */
  exit_code: number | null;
}

/**
 * What `process_output` comes to.
 */
export interface ProcessOutputOutput {
  /**
   * The process, or all of them.
   */
  processes: ListedProcess[];
  /**
   * What it has written; empty where all are listed.
   */
  output: string;
}

/**
 * Input of `stop_process`.
 */
export interface StopProcessInput {
  /**
   * Its id or name.
   */
  process_id: string;
}

/**
 * What `stop_process` comes to.
 */
export interface StopProcessOutput {
  /**
   * Its exit code; null if it is not known yet.
   */
  exit_code: number | null;
}

/**
 * Input of `preview_url`.
 */
export interface PreviewUrlInput {
  /**
   * Port that the server listens at, 1024 to 65535.
   */
  port: number;
}

/**
 * What `preview_url` comes to.
 */
export interface PreviewUrlOutput {
  /**
   * The URL.
   */
  url: string;
  /**
   * Who may open it: private takes a token, which the application adds.
   */
  access: "public" | "private" | "legacy_public";
}

/**
 * Input of `run_code`.
 */
export interface RunCodeInput {
  /**
   * The code.
   */
  code: string;
  /**
   * What it is written in; python if null.
   */
  language?: "python" | "javascript" | "bash" | null | undefined;
}

/**
 * What `run_code` comes to.
 */
export interface RunCodeOutput {
  /**
   * What it printed, its results, and the error's traceback.
   */
  output: string;
  /**
   * The error that ended it; null if none did.
   */
  error: string | null;
  /**
   * How many images there are.
   */
  images: number;
}

/**
 * Input of `computer`.
 */
export interface ComputerInput {
  /**
   * What to do.
   */
  action: "screenshot" | "left_click" | "right_click" | "middle_click" | "double_click" | "mouse_move" | "left_click_drag" | "scroll" | "type" | "key" | "wait";
  /**
   * Where, as [x, y]: for clicks, mouse_move, scroll, and where a drag ends.
   */
  coordinate?: number[] | null | undefined;
  /**
   * Where a left_click_drag begins, as [x, y].
   */
  start_coordinate?: number[] | null | undefined;
  /**
   * The text to type, or the key to press, such as Return or ctrl+s.
   */
  text?: string | null | undefined;
  /**
   * Where to scroll.
   */
  scroll_direction?: "up" | "down" | "left" | "right" | null | undefined;
  /**
   * How many turns of the wheel; 3 if null.
   */
  scroll_amount?: number | null | undefined;
  /**
   * Seconds to wait, at most 30; 1 if null.
   */
  duration?: number | null | undefined;
}

/**
 * What `computer` comes to.
 */
export interface ComputerOutput {
  /**
   * Width of the screen in pixels.
   */
  width: number;
  /**
   * Height of the screen in pixels.
   */
  height: number;
}
