//! The tools that a model is given: for each its name, what it is told, its input and its output, and what it does to the
//! sandbox. [`schema`](crate::surface::schema) writes from them what ships, and its declarations.
//!
//! Names and fields are those that today's models know from their training: `command`, `old_string`, `new_string`,
//! `replace_all`, `pattern`, `offset`, `limit` are those of Claude Code, `path` and `content` those of the reference server of
//! MCP for files, and a screen's are those of Anthropic's `computer`.

use crate::surface::shape::{Kind, Shape, shape};

/// What a model is given.
#[derive(Debug)]
pub struct Tool {
    /// Name.
    pub name: &'static str,
    /// The same for people.
    pub title: &'static str,
    /// What a model is told of it, a line each.
    pub docs: &'static [&'static str],
    /// What it takes.
    pub input: &'static Shape,
    /// What it comes to.
    pub output: &'static Shape,
    /// What it does.
    pub effect: Effect,
    /// Whether it reaches what is not the sandbox's own.
    pub is_open: bool,
}

/// What a tool does to the sandbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It only looks.
    Reads,
    /// It adds something.
    Adds,
    /// It changes or ends what is there; the same once more does no more.
    Replaces,
    /// It changes or ends what is there.
    Changes,
}

/// Declares the tools: documentation, name, title, the shapes of input and output, and the effect, with `open` for what
/// reaches further than the sandbox.
macro_rules! tools {
    ($(
        $(#[doc = $doc:literal])*
        $name:ident $title:literal $input:ident $output:ident $effect:ident $($open:ident)?;
    )*) => {
        /// All tools.
        pub static TOOLS: &[Tool] = &[$(Tool {
            name: stringify!($name),
            title: $title,
            docs: &[$($doc),*],
            input: &$input,
            output: &$output,
            effect: Effect::$effect,
            is_open: tools!(@open $($open)?),
        }),*];
    };
    (@open) => { false };
    (@open open) => { true };
}

tools! {
    /// Runs a command in the sandbox's shell and returns its output, standard error included, and its exit code if that is not 0.
    /// Only files are kept between calls: no working directory, no variables. It has no standard input. For servers and long work use
    /// start_process, for files the file tools.
    bash "Run a command" BASH_INPUT BASH_OUTPUT Changes open;

    /// Reads a text file and returns its lines, each with its number and a tab before it, which are not part of the file. Shows
    /// images (PNG, JPEG, GIF, WebP). Read long files in pieces, by offset and limit.
    read_file "Read a file" READ_FILE_INPUT READ_FILE_OUTPUT Reads;

    /// Writes a text file, and makes the directories on the way. A file that exists is replaced as a whole: to change a part use
    /// edit_file.
    write_file "Write a file" WRITE_FILE_INPUT WRITE_FILE_OUTPUT Replaces;

    /// Replaces a text in a file by another. The old text has to be there exactly as given, every space and line break included,
    /// and just once: give some lines around it, or replace_all. Read the file first; the line numbers that read_file shows are
    /// not part of it.
    edit_file "Edit a file" EDIT_FILE_INPUT EDIT_FILE_OUTPUT Changes;

    /// Lists a directory: directories end with a slash, files have their size in bytes.
    list_files "List files" LIST_FILES_INPUT LIST_FILES_OUTPUT Reads;

    /// Finds files by a pattern of their paths, last changed first. .git and node_modules are passed over unless the path leads
    /// there.
    glob "Find files" GLOB_INPUT GLOB_OUTPUT Reads;

    /// Searches files for lines that fit an extended regular expression (POSIX, as grep -E: [0-9] for a digit, not \d). .git,
    /// node_modules and binary files are passed over unless the path leads there.
    grep "Search files" GREP_INPUT GREP_OUTPUT Reads;

    /// Starts a command in the background, such as a server, and returns its id. With a port it waits until something listens
    /// there.
    start_process "Start a process" START_PROCESS_INPUT START_PROCESS_OUTPUT Adds open;

    /// Returns the last lines that a background process has written, and whether it runs. Without an id it lists all processes.
    process_output "Look at a process" PROCESS_OUTPUT_INPUT PROCESS_OUTPUT_OUTPUT Reads;

    /// Ends a background process and all that it has started.
    stop_process "Stop a process" STOP_PROCESS_INPUT STOP_PROCESS_OUTPUT Replaces;

    /// Publishes a port of the sandbox and returns the URL at which a person can open what a server serves there. Start the server
    /// first, with start_process; it has to listen at 0.0.0.0.
    preview_url "Get a preview URL" PREVIEW_URL_INPUT PREVIEW_URL_OUTPUT Adds open;

    /// Runs code as a cell of a notebook: variables, imports and functions are kept for the next call. Returns what it printed, the
    /// value of its last expression, figures as images, and the error with its traceback.
    run_code "Run code" RUN_CODE_INPUT RUN_CODE_OUTPUT Changes open;

    /// Uses the sandbox's screen with mouse and keyboard, and returns a picture of it. Take a screenshot first; coordinates are its
    /// pixels, from the upper left corner.
    computer "Use the screen" COMPUTER_INPUT COMPUTER_OUTPUT Changes open;
}

shape! {
    /// Input of `bash`.
    BASH_INPUT = BashInput {
        /// The command, or a script of several lines.
        required command command Text;
        /// Directory to run it in; the working directory if null.
        optional cwd cwd Path;
        /// Milliseconds after which it is ended, at most 600000; the usual time if null.
        optional timeout_ms timeout_ms Int(1, 600_000);
    }

    /// What `bash` comes to.
    BASH_OUTPUT = BashOutput {
        /// What it wrote, the middle left out where that is long.
        required output output Text;
        /// Its exit code; null if it was ended since its time was over.
        optional exit_code exit_code Signed;
        /// Whether some of the output is left out.
        required truncated truncated Flag;
        /// File in the sandbox that has the whole output, if some is left out.
        optional output_path output_path Path;
    }

    /// Input of `read_file`.
    READ_FILE_INPUT = ReadFileInput {
        /// Path of the file.
        required path path Path;
        /// Number of the first line to read, from 1; the first if null.
        optional offset offset Int(1, Kind::MAX_SAFE_INTEGER);
        /// How many lines to read; 2000 if null.
        optional limit limit Int(1, Kind::MAX_SAFE_INTEGER);
    }

    /// What `read_file` comes to.
    READ_FILE_OUTPUT = ReadFileOutput {
        /// Its path.
        required path path Path;
        /// The lines with their numbers; of an image, what it is.
        required text text Text;
        /// Number of the first line; 0 where there is none.
        required first_line first_line Int;
        /// Number of the last line; 0 where there is none.
        required last_line last_line Int;
        /// How many lines the file has; 0 of an image.
        required total_lines total_lines Int;
        /// Its size in bytes.
        required size size Int;
    }

    /// Input of `write_file`.
    WRITE_FILE_INPUT = WriteFileInput {
        /// Path of the file.
        required path path Path;
        /// Its whole content.
        required content content Text;
    }

    /// What `write_file` comes to.
    WRITE_FILE_OUTPUT = WriteFileOutput {
        /// Its path.
        required path path Path;
        /// Its size in bytes.
        required size size Int;
    }

    /// Input of `edit_file`.
    EDIT_FILE_INPUT = EditFileInput {
        /// Path of the file.
        required path path Path;
        /// The text to replace.
        required old_string old_string Text;
        /// The text in its place; empty to remove it.
        required new_string new_string Text;
        /// Whether each place that has the text is changed; only one may if null.
        optional replace_all replace_all Flag;
    }

    /// What `edit_file` comes to.
    EDIT_FILE_OUTPUT = EditFileOutput {
        /// Its path.
        required path path Path;
        /// How often the text was replaced.
        required count count Int;
    }

    /// Input of `list_files`.
    LIST_FILES_INPUT = ListFilesInput {
        /// Directory; the working directory if null.
        optional path path Path;
        /// How many levels to list, at most 10; 1 if null.
        optional depth depth Int(1, 10);
    }

    /// What is in a directory.
    LISTED_FILE = ListedFile {
        /// Its path.
        required path path Path;
        /// What it is.
        required type type Among("\"file\" | \"directory\" | \"symlink\" | \"other\"");
        /// Its size in bytes.
        required size size Int;
    }

    /// What `list_files` comes to.
    LIST_FILES_OUTPUT = ListFilesOutput {
        /// What is there, by path.
        required files files Many(LISTED_FILE);
        /// Whether there is more.
        required truncated truncated Flag;
    }

    /// Input of `glob`.
    GLOB_INPUT = GlobInput {
        /// Pattern, such as *.ts (names on any level) or {src,lib}/*.ts (paths below the directory).
        required pattern pattern Text;
        /// Directory to look in; the working directory if null.
        optional path path Path;
    }

    /// What `glob` comes to.
    GLOB_OUTPUT = GlobOutput {
        /// The files.
        required paths paths Paths;
        /// Whether there are more.
        required truncated truncated Flag;
    }

    /// Input of `grep`.
    GREP_INPUT = GrepInput {
        /// Extended regular expression.
        required pattern pattern Text;
        /// File or directory to search; the working directory if null.
        optional path path Path;
        /// Only files that fit this pattern, such as *.ts.
        optional glob glob Text;
        /// Whether capitals are all the same.
        optional ignore_case ignore_case Flag;
        /// How many lines before and after each to show; 0 if null.
        optional context context Int(0, 100);
        /// How many lines to find at most; 200 if null.
        optional limit limit Int(1, 10_000);
    }

    /// A line that `grep` found.
    GREP_LINE = GrepLine {
        /// Path of its file.
        required path path Path;
        /// Its number, from 1.
        required line line Int;
        /// The line.
        required text text Text;
    }

    /// What `grep` comes to.
    GREP_OUTPUT = GrepOutput {
        /// The lines, by path and number.
        required matches matches Many(GREP_LINE);
        /// Whether there are more.
        required truncated truncated Flag;
    }

    /// Input of `start_process`.
    START_PROCESS_INPUT = StartProcessInput {
        /// The command.
        required command command Text;
        /// A name to know it by, of letters, digits, dots, dashes and underscores; none if null.
        optional name name Text;
        /// Directory to run it in; the working directory if null.
        optional cwd cwd Path;
        /// Port to wait for, a minute at most; none if null.
        optional port port Int(1, 65_535);
    }

    /// What `start_process` comes to.
    START_PROCESS_OUTPUT = StartProcessOutput {
        /// The id, for process_output and stop_process.
        required process_id process_id Text;
        /// Whether something listens at the port; null without one.
        optional listening listening Flag;
        /// What it has written meanwhile.
        required output output Text;
    }

    /// Input of `process_output`.
    PROCESS_OUTPUT_INPUT = ProcessOutputInput {
        /// Its id or name; null lists all processes.
        optional process_id process_id Text;
        /// How many of the last lines to show; 100 if null.
        optional limit limit Int(1, 10_000);
        /// Milliseconds to wait for its end first, at most 600000; 0 if null.
        optional wait_ms wait_ms Int(0, 600_000);
    }

    /// A background process.
    LISTED_PROCESS = ListedProcess {
        /// Its id.
        required process_id process_id Text;
        /// Its name; null if it has none.
        optional name name Text;
        /// Its command.
        required command command Text;
        /// Whether it runs.
        required running running Flag;
        /// Its exit code; null while it runs.
        optional exit_code exit_code Signed;
    }

    /// What `process_output` comes to.
    PROCESS_OUTPUT_OUTPUT = ProcessOutputOutput {
        /// The process, or all of them.
        required processes processes Many(LISTED_PROCESS);
        /// What it has written; empty where all are listed.
        required output output Text;
    }

    /// Input of `stop_process`.
    STOP_PROCESS_INPUT = StopProcessInput {
        /// Its id or name.
        required process_id process_id Text;
    }

    /// What `stop_process` comes to.
    STOP_PROCESS_OUTPUT = StopProcessOutput {
        /// Its exit code; null if it is not known yet.
        optional exit_code exit_code Signed;
    }

    /// Input of `preview_url`.
    PREVIEW_URL_INPUT = PreviewUrlInput {
        /// Port that the server listens at, 1024 to 65535.
        required port port Int(1_024, 65_535);
    }

    /// What `preview_url` comes to.
    PREVIEW_URL_OUTPUT = PreviewUrlOutput {
        /// The URL.
        required url url Text;
        /// Who may open it: private takes a token, which the application adds.
        required access access Among("\"public\" | \"private\" | \"legacy_public\"");
    }

    /// Input of `run_code`.
    RUN_CODE_INPUT = RunCodeInput {
        /// The code.
        required code code Text;
        /// What it is written in; python if null.
        optional language language Among("\"python\" | \"javascript\" | \"bash\"");
    }

    /// What `run_code` comes to.
    RUN_CODE_OUTPUT = RunCodeOutput {
        /// What it printed, its results, and the error's traceback.
        required output output Text;
        /// The error that ended it; null if none did.
        optional error error Text;
        /// How many images there are.
        required images images Int;
    }

    /// Input of `computer`.
    COMPUTER_INPUT = ComputerInput {
        /// What to do.
        required action action Among("\"screenshot\" | \"left_click\" | \"right_click\" | \"middle_click\" | \"double_click\" | \"mouse_move\" | \"left_click_drag\" | \"scroll\" | \"type\" | \"key\" | \"wait\"");
        /// Where, as [x, y]: for clicks, mouse_move, scroll, and where a drag ends.
        optional coordinate coordinate Point("");
        /// Where a left_click_drag begins, as [x, y].
        optional start_coordinate start_coordinate Point("");
        /// The text to type, or the key to press, such as Return or ctrl+s.
        optional text text Text;
        /// Where to scroll.
        optional scroll_direction scroll_direction Among("\"up\" | \"down\" | \"left\" | \"right\"");
        /// How many turns of the wheel; 3 if null.
        optional scroll_amount scroll_amount Int(1, 100);
        /// Seconds to wait, at most 30; 1 if null.
        optional duration duration Int(1, 30);
    }

    /// What `computer` comes to.
    COMPUTER_OUTPUT = ComputerOutput {
        /// Width of the screen in pixels.
        required width width Int;
        /// Height of the screen in pixels.
        required height height Int;
    }
}

/// TypeScript of what no table says.
pub static TYPES: &str = r#"
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
"#;
