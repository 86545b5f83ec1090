//! Code: runs that keep their state from one to the next.

use super::connection::REQUEST_OPTIONS;
use crate::surface::operation::class;
use crate::surface::shape::shape;

shape! {
    /// Options of {@link Code.run}.
    CODE_OPTIONS = CodeOptions extends REQUEST_OPTIONS {
        /// What the code is written in. It may be left out where `context` is there already.
        optional language - Among("\"python\" | \"javascript\" | \"bash\"");
        /// The context that it runs in, whose state it finds and leaves: an id that was told, or a name of one's own of 1 to 64
        /// letters, digits, and any of `.`, `_`, `-`, of which the first is no dot. With `language` it is made where there is
        /// none.
        ///
        /// @defaultValue the context that has the name of the language
        optional context - Text(1, 64);
        /// Working directory of this run, an absolute path: a {@link NotFoundError} where there is none.
        ///
        /// @defaultValue where the run before has left the context
        optional cwd - Text(1, 4096);
        /// Environment variables of this run, over those of the context. Their names are of letters, digits and `_`, and begin with
        /// no digit.
        optional env - Map;
        /// Gets what is written to standard output, as it comes.
        optional onStdout - Callback("(data: string) => void");
        /// Gets what is written to standard error, as it comes.
        optional onStderr - Callback("(data: string) => void");
        /// Gets each result, as it comes.
        optional onResult - Callback("(result: CodeResult) => void");
    }

    /// Options of the one request that a run is.
    CODE_STREAM_OPTIONS = CodeStreamOptions extends REQUEST_OPTIONS [internal] {
        /// Gets what the script tells.
        optional onStdout - Callback("(data: string) => void");
    }
}

class! {
    /// Runs code in contexts that keep their state: variables, functions and imports of one run are there in the next.
    /// `sandbox.code`.
    ///
    /// A context is a process in the sandbox, and a directory of plain files: in `~/.superserve/code`; where that cannot be
    /// written, in `/var/tmp/superserve-<uid>` or `/tmp/superserve-<uid>`. It lives on when its caller goes, and whoever has the
    /// sandbox's id goes on with it by its own. It takes Python 3.8, Node.js 18 or Bash, or newer, and of the sandbox's tools
    /// `setsid`, `flock` and `mkfifo`: without one of them the error is a {@link SandboxError} with code `tool_missing`.
    CODE = "Code" [part] {
        /// Runs code, and resolves once it has ended, whether well or by an error of its own: that is told in the outcome. Runs in
        /// one context come in turn. The first in a context starts it. A run lasts ten minutes at most, and its code is of one
        /// megabyte of UTF-8.
        ///
        /// The value of the last expression is a result. Python: `display(value)` gives more, `_repr_html_` and its kin give forms,
        /// figures of matplotlib that are open are shown and closed, and `await` may stand anywhere. JavaScript: `display(value)`
        /// likewise, `await` may stand anywhere, `const` may be declared anew, `require` and `import()` are there, and
        /// `[Symbol.for("Jupyter.display")]()` gives forms. Bash: has no results; a last command that fails is an error. Nothing
        /// can be read from standard input.
        ///
        /// With `signal` or `timeoutMs`, which has no default, a run is interrupted, as by {@link Code.interrupt}; the context keeps
        /// its state. A caller that is killed cannot do that: its run goes on where the service lets commands go on, ten minutes at
        /// most, and later ones in the context wait meanwhile, unless {@link Code.interrupt} ends it.
        ///
        /// @throws {@link TimeoutError} when it has not ended after `timeoutMs`.
        /// @throws {@link NotFoundError} when there is no such context and no `language`, or no such directory.
        /// @throws {@link ConflictError} with code `other_language` when the context is one of another language.
        ///
        /// @example
        /// ```typescript
        /// const { context } = await sandbox.code.run("import math; r = 2", { language: "python" })
        /// const { results, error } = await sandbox.code.run("math.pi * r", { context })
        /// if (error) console.error(error.traceback)
        /// else console.log(results[0]["text/plain"]) // 6.283185307179586
        /// ```
        method run(source - Literal("string"); options?: CODE_OPTIONS) -> "Promise<CodeOutcome>" = Chain allow "code";

        /// Lists the contexts, in no order.
        method contexts(; options?: REQUEST_OPTIONS) -> "Promise<CodeContext[]>" = Chain allow "code";

        /// Ends what runs in a context, and its process. The next run begins in a new one, without the state.
        ///
        /// @throws {@link NotFoundError} when there is no such context.
        method restart(context - Text(1, 64); options?: REQUEST_OPTIONS) -> "Promise<void>" = Chain allow "code";

        /// Interrupts what runs in a context, if anything does, whoever has asked for it: that ends with an error whose name is
        /// `Interrupted`, and the state is kept. Runs that wait for their turn are not touched. Python may catch it as
        /// `KeyboardInterrupt`.
        ///
        /// @throws {@link NotFoundError} when there is no such context.
        method interrupt(context - Text(1, 64); options?: REQUEST_OPTIONS) -> "Promise<void>" = Chain allow "code";

        /// Ends a context, and removes all that is kept of it.
        ///
        /// @throws {@link NotFoundError} when there is no such context.
        method remove(context - Text(1, 64); options?: REQUEST_OPTIONS) -> "Promise<void>" = Chain allow "code";

        /// Sees to it that a context runs. With a language it is made where there is none.
        internal begin(id id Path, language language Path; options?: REQUEST_OPTIONS) -> ""
            = Request(Post "/code/start" Script => Script) on Data allow "code";

        /// One run. `words` are so many variables, and then the source in pieces.
        internal stream(id id Path, run run Path, language language Path, cwd cwd Path, variables variables Int, words words Paths; options?: CODE_STREAM_OPTIONS) -> "Promise<void>"
            = Request(Post "/code/run" Script => Script) on Data allow "code" preset { timeout_s: 600 };

        /// Tells of all.
        internal all(; options?: REQUEST_OPTIONS) -> ""
            = Request(Post "/code/list" Script => Script) on Data allow "code";

        /// Interrupts a context, or one run of it, restarts or removes it.
        internal end(id id Path, how how Path, run run Path, wake wake Flag; options?: REQUEST_OPTIONS) -> ""
            = Request(Post "/code/end" Script => Script) on Data allow "code";
    }
}

/// TypeScript of what no table says.
#[cfg(not(target_arch = "wasm32"))]
pub const TYPES: &str = r#"
/** What code can be written in. */
export type CodeLanguage = "python" | "javascript" | "bash";
/**
 * A result in the forms that it has, by their media types: those of images other than SVG are base64, `application/json` is the
 * value itself, and all else is text. A form of more than 16 MiB is left out.
 */
export interface CodeResult {
  /** How the language shows it: of a long one the beginning, a mebibyte. */
  "text/plain"?: string;
  /** HTML. */
  "text/html"?: string;
  /** A PNG, as base64: a figure of matplotlib, for one. */
  "image/png"?: string;
  /** The value, where it is a list or a dictionary, an array or a plain object. */
  "application/json"?: unknown;
  /** Other forms. */
  [type: string]: unknown;
}
/** The error that ended a run. */
export interface CodeError {
  /**
   * Name of its class; `Interrupted` where the run was interrupted, `ContextEnded` where the context's process ended meanwhile,
   * so that its state is lost; of Bash `ExitStatus`.
   */
  name: string;
  /** What it says. */
  message: string;
  /** Where it came from, with the lines of the code, as the language writes that; empty where there is none. */
  traceback: string;
}
/** What a run has come to. */
export interface CodeOutcome {
  /** The id of the context, by which the next run goes on. */
  context: string;
  /** What was written to standard output, as UTF-8; what is not valid is U+FFFD. */
  stdout: string;
  /** What was written to standard error, likewise. */
  stderr: string;
  /** Its results, in the order of their making. */
  results: CodeResult[];
  /** The error that ended it, if one did. */
  error?: CodeError;
}
/** A context. */
export interface CodeContext {
  /** What it is known by. */
  id: string;
  /** What runs in it. */
  language: CodeLanguage;
  /** Whether code runs in it now, or it waits for some; `stopped`, where it has no process, and the next run starts one. */
  status: "running" | "idle" | "stopped";
  /** When its process was started, if it has one, by the sandbox's clock. */
  startedAt?: Date;
}
"#;
