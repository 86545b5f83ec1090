//! Processes: programs that outlive whoever has started them.

use super::connection::REQUEST_OPTIONS;
use crate::surface::operation::class;
use crate::surface::shape::shape;

shape! {
    /// Options of {@link Processes.start}.
    PROCESS_OPTIONS = ProcessOptions extends REQUEST_OPTIONS {
        /// A name by which it is found: 1 to 64 letters, digits, and any of `.`, `_`, `-`, of which the first is no dot. It is free
        /// again once that process has ended: the next of the name takes its place, logs and all.
        ///
        /// @defaultValue none: it has an id only
        optional name - Text(1, 64);
        /// Arguments: then the command is a program, which gets them as they are, and no shell reads either.
        ///
        /// @defaultValue none: `/bin/sh -c` reads the command
        optional args - List;
        /// Working directory, an absolute path.
        ///
        /// @defaultValue the template's, else `/home/user`
        optional cwd - Text(1, 4096);
        /// Environment variables, over those of the sandbox. They are kept in no record.
        optional env - Map;
        /// Name of the user that it runs as. That takes root, or `sudo` without a password.
        ///
        /// @defaultValue the user that all commands run as
        optional user - Text(1, 64);
        /// Whether it is started again when it ends with an exit code other than 0: after a second, then 2, 4, and so on up to
        /// 30. Not after {@link Process.kill} with a signal that ends programs.
        ///
        /// @defaultValue "never"
        optional restart - Among("\"never\" | \"on-failure\"");
        /// Most bytes of its output that are kept in the sandbox, half for each of the two streams: the oldest go first. At
        /// least 65536.
        ///
        /// @defaultValue 67108864
        optional maxLogBytes - Int(65536, 1_099_511_627_776);
    }

    /// A place in what a process wrote, in bytes from its start.
    PROCESS_POSITION = ProcessPosition {
        /// In its standard output.
        ///
        /// @defaultValue 0
        optional stdout stdout Int;
        /// In its standard error.
        ///
        /// @defaultValue 0
        optional stderr stderr Int;
    }

    /// Options of {@link Process.logs} and {@link Process.follow}.
    PROCESS_LOG_OPTIONS = ProcessLogOptions extends REQUEST_OPTIONS {
        /// Where to begin: a position that was told before.
        ///
        /// @defaultValue the oldest that is kept
        optional from - One(PROCESS_POSITION);
        /// How many of the last lines of each stream are told, in place of `from`; 0 for what comes from now on.
        ///
        /// @defaultValue all that are kept
        optional tail - Int(0, 1_000_000);
        /// Which of them.
        ///
        /// @defaultValue "both"
        optional stream - Among("\"both\" | \"stdout\" | \"stderr\"");
    }

    /// Options of {@link Process.waitForPort}. `timeoutMs` is that of the whole: 60,000 by default.
    WAIT_FOR_PORT_OPTIONS = WaitForPortOptions extends REQUEST_OPTIONS {
        /// A path, `/health` say: then it has to answer an HTTP request for that. The sandbox needs `bash` for it.
        ///
        /// @defaultValue none: it is enough that something listens
        optional path - Text(1, 2048);
        /// The status of that answer.
        ///
        /// @defaultValue any from 200 to 399
        optional status - Int(100, 599);
    }

    /// Options of one connection that follows or waits.
    PROCESS_STREAM_OPTIONS = ProcessStreamOptions extends REQUEST_OPTIONS [internal] {
        /// Gets what the script tells.
        optional onStdout - Callback("(data: string) => void");
    }
}

class! {
    /// Programs that live on when their caller goes, when its connection drops, and when the sandbox is paused and resumed, until
    /// they end or are killed: `sandbox.processes`.
    ///
    /// Whoever has the sandbox's id finds them: another program, another machine, another version of this package. What is known
    /// of them lies in the sandbox, in plain files: a directory for each, with its record and its output, in
    /// `~/.superserve/processes`; where that cannot be written, in `/var/tmp/superserve-<uid>` or `/tmp/superserve-<uid>`.
    /// A paused sandbox is resumed first.
    ///
    /// What fails is a {@link NotFoundError} where there is no such process, and else a {@link SandboxError} with code
    /// `permission_denied`, `read_only`, `sandbox_storage_full` or `tool_missing`: a sandbox without such a tool. These are
    /// `setsid`, `flock`, `mkfifo`, `dd` and `base64`.
    PROCESSES = "Processes" [part] {
        /// Starts a command under `/bin/sh -c`, or a program with `args`, and resolves once it runs. It is the first of a session
        /// and a group of its own.
        ///
        /// @throws {@link ConflictError} with code `already_exists` when a process of that name runs: of two that start it at
        /// once one does.
        /// @throws {@link NotFoundError} when there is no such working directory; {@link SandboxError} with code `tool_missing`
        /// when there is no such user, or no way to become it.
        ///
        /// @example
        /// ```typescript
        /// const server = await sandbox.processes.start("npm run dev", { name: "web", cwd: "/app", restart: "on-failure" })
        /// await server.waitForPort(3000, { path: "/" })
        ///
        /// // Elsewhere, later.
        /// const web = await sandbox.processes.get("web")
        /// for await (const { stream, text } of web.follow({ tail: 10 })) console.log(stream, text)
        /// ```
        method start(command - Literal("string"); options?: PROCESS_OPTIONS) -> "Promise<Process>" = Chain allow "processes";

        /// Lists all that were started and not removed, in no order, those that have ended too.
        method list(; options?: REQUEST_OPTIONS) -> "Promise<ProcessInfo[]>" = Chain allow "processes";

        /// The process of that id or name.
        ///
        /// @throws {@link NotFoundError} when there is none.
        method get(idOrName - Text(1, 128); options?: REQUEST_OPTIONS) -> "Promise<Process>" = Chain allow "processes";

        /// Removes a process and all that is kept of it. One that runs is killed first, with all of its session.
        ///
        /// @throws {@link NotFoundError} when there is none.
        method remove(idOrName - Text(1, 128); options?: REQUEST_OPTIONS) -> "Promise<void>" = Chain allow "processes";

        /// Starts one. `spec` is its record, `segment` how many bytes of its output a file has, and `words` its variables and
        /// then the program with its arguments.
        internal begin(cwd cwd Path, id id Path, spec spec Text, user user Path, restart restart Path, segment segment Int, words words Paths; options?: REQUEST_OPTIONS) -> ""
            = Request(Post "/processes/start" Script => Script) on Data allow "processes";

        /// Tells of one.
        internal describe(id id Path; options?: REQUEST_OPTIONS) -> ""
            = Request(Post "/processes/describe" Script => Script) on Data allow "processes";

        /// Tells of all.
        internal all(; options?: REQUEST_OPTIONS) -> ""
            = Request(Post "/processes/list" Script => Script) on Data allow "processes";

        /// Tells what it writes from some places on, -1 for none and -2 for the end: so many bytes at most, until it ends where
        /// `live`. `tail` is a number of lines, or -1.
        internal stream(id id Path, stdout stdout Signed, stderr stderr Signed, most most Int, live live Flag, tail tail Signed; options?: PROCESS_STREAM_OPTIONS) -> "Promise<void>"
            = Request(Post "/processes/follow" Script => Script) on Data allow "processes" preset { timeout_s: 600 };

        /// Tells of one once it has ended, or so many seconds have passed.
        internal end(id id Path, seconds seconds Int; options?: PROCESS_STREAM_OPTIONS) -> "Promise<void>"
            = Request(Post "/processes/wait" Script => Script) on Data allow "processes" preset { timeout_s: 600 };

        /// Sends it a signal.
        internal signal(id id Path, signal signal Path; options?: REQUEST_OPTIONS) -> ""
            = Request(Post "/processes/kill" Script => Script) on Data allow "processes";

        /// Gives it input, as base64, and may end that.
        internal write(id id Path, data data Path, ends ends Flag; options?: REQUEST_OPTIONS) -> ""
            = Request(Post "/processes/write" Script => Script) on Data allow "processes";

        /// Removes it.
        internal discard(id id Path; options?: REQUEST_OPTIONS) -> ""
            = Request(Post "/processes/remove" Script => Script) on Data allow "processes";

        /// Waits for so many seconds until something listens at a port, as long as a process runs, if one is named.
        internal port(port port Int, path path Path, status status Int, seconds seconds Int, id id Path; options?: PROCESS_STREAM_OPTIONS) -> "Promise<void>"
            = Request(Post "/processes/port" Script => Script) on Data allow "processes" preset { timeout_s: 600 };

        /// Checks what methods of a process are called with.
        internal options(; options?: REQUEST_OPTIONS) -> "" = Chain allow "processes";
        /// Likewise.
        internal log(; options?: PROCESS_LOG_OPTIONS) -> "" = Chain allow "processes";
        /// Likewise.
        internal portOptions(port - Int(1, 65535); options?: WAIT_FOR_PORT_OPTIONS) -> "" = Chain allow "processes";
    }
}

/// TypeScript of what no table says.
#[cfg(not(target_arch = "wasm32"))]
pub const TYPES: &str = r#"
/**
 * What has become of a process: `running`, which one is too that waits to be started again; `exited`; or `lost`, where all that
 * looked after it was killed, or the sandbox began anew, so that nobody knows how it ended.
 */
export type ProcessStatus = "running" | "exited" | "lost";
/** What is known of a process. */
export interface ProcessInfo {
  /** What it is known by; no other process ever has the same. */
  id: string;
  /** Its name, if it has one. */
  name?: string;
  /** The command, or the program. */
  command: string;
  /** The program's arguments. */
  args?: string[];
  /** Its working directory, if it was given one. */
  cwd?: string;
  /** The user that it runs as, if it was given one. */
  user?: string;
  /** Whether it is started again. */
  restart: "never" | "on-failure";
  /** What has become of it. */
  status: ProcessStatus;
  /** Its process id, which its session and its group have too, while it runs. */
  pid?: number;
  /** Its exit code, once it has ended; 128 and the number of a signal that ended it. */
  exitCode?: number;
  /** When it was started, by the sandbox's clock. */
  startedAt: Date;
  /** When it ended. */
  endedAt?: Date;
  /** How often it was started again. */
  restarts: number;
}
/** What a process wrote, as {@link Process.logs} tells it. How the two streams were mixed is not kept. */
export interface ProcessLogs {
  /** Its standard output, as UTF-8 text; what is not valid is U+FFFD. */
  stdout: string;
  /** Its standard error, likewise. */
  stderr: string;
  /** Where what comes later begins. */
  position: ProcessPosition;
  /** Bytes that were asked for and are no longer kept. */
  skipped: number;
}
/** A piece of what a process wrote, as {@link Process.follow} tells it. */
export interface ProcessOutput {
  /** Where it was written to. */
  stream: "stdout" | "stderr";
  /** The text, as UTF-8; what is not valid is U+FFFD. */
  text: string;
  /** Where what comes after it begins: with that as `from` another goes on there. */
  position: ProcessPosition;
  /** How many bytes before it were no longer kept, if any. */
  skipped?: number;
}
/** Options of {@link Process.waitForLine}. `timeoutMs` is that of the whole: 60,000 by default. */
export interface WaitForLineOptions extends ProcessLogOptions {}
/** What a process writes, as it comes. Leaving a loop over it ends its request. */
export interface ProcessFollower extends AsyncIterableIterator<ProcessOutput> {
  /** Ends it, as leaving a loop does. */
  return(): Promise<IteratorResult<ProcessOutput, undefined>>;
}
/** A process, from {@link Processes.start} or {@link Processes.get}. */
export interface Process {
  /** What it is known by; no other process ever has the same. */
  readonly id: string;
  /** Its name, if it has one. */
  readonly name?: string;
  /** The command, or the program. */
  readonly command: string;
  /** What is known of it now. */
  info(options?: RequestOptions): Promise<ProcessInfo>;
  /**
   * What it has written and is kept.
   *
   * @example
   * ```typescript
   * const { stdout, position } = await web.logs({ tail: 100 })
   * const { stdout: more } = await web.logs({ from: position })
   * ```
   */
  logs(options?: ProcessLogOptions): Promise<ProcessLogs>;
  /**
   * Tells what it writes, from the oldest that is kept on, until it has ended and all is told. Every byte is told once: it goes on
   * over connections that are cut, and over a pause of the sandbox, which it does not resume. It asks for no more than is read.
   * `timeoutMs` is the time of silence after which a connection is made anew: 45,000 by default, and the sandbox says every
   * 15 seconds that it is there.
   *
   * A page whose ticket does not allow `info` does resume a sandbox that is paused meanwhile.
   *
   * @throws {@link NotFoundError} when the process was removed; what else keeps it from going on, once a dozen connections
   * were lost one after another.
   */
  follow(options?: ProcessLogOptions): ProcessFollower;
  /**
   * Resolves once it has ended, with what is known of it then. The request waits inside the sandbox. It goes on over a pause,
   * as {@link Process.follow} does.
   *
   * @throws {@link TimeoutError} when it has not ended after `timeoutMs`, which has no default.
   */
  wait(options?: RequestOptions): Promise<ProcessInfo>;
  /**
   * Sends a signal to all of its session: to the process, and to what it has started. Once it has ended this does nothing. After
   * `SIGTERM`, `SIGKILL`, `SIGINT`, `SIGQUIT`, `SIGHUP` and `SIGABRT` it is not started again.
   *
   * @param signal - Name of the signal; `SIGTERM` by default.
   */
  kill(signal?: string, options?: RequestOptions): Promise<void>;
  /**
   * Writes to its standard input: text as UTF-8, or bytes. What one object is told to write comes in that order. Resolves once
   * the process has taken it, or has room for it: 64 KiB wait for it.
   *
   * @throws {@link ConflictError} with code `not_running` when it has ended, `stdin_closed` after
   * {@link Process.closeStdin}. Where it fails in another way, a part may have been written.
   */
  write(data: string | Uint8Array, options?: RequestOptions): Promise<void>;
  /** Ends its standard input: it reads an end of file. */
  closeStdin(options?: RequestOptions): Promise<void>;
  /**
   * Resolves once something listens at that port of the sandbox, or answers there. The request waits inside the sandbox.
   *
   * @throws {@link SandboxError} with code `process_ended` when the process ends first: the message has its last lines.
   * @throws {@link TimeoutError} when nothing did in time.
   */
  waitForPort(port: number, options?: WaitForPortOptions): Promise<void>;
  /**
   * Resolves with the first line that has that text in it, or fits that expression: of what is kept, or of what comes.
   *
   * @throws {@link SandboxError} with code `process_ended` when the process ends first: the message has its last lines.
   * @throws {@link TimeoutError} when none came in time.
   */
  waitForLine(pattern: string | RegExp, options?: WaitForLineOptions): Promise<string>;
  /** Removes it and all that is kept of it, as {@link Processes.remove} does. */
  remove(options?: RequestOptions): Promise<void>;
}
"#;
