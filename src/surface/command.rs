//! Commands: run to their end, or lived with in a session.

use crate::resources::commands::MAX_TERMINAL_SIDE;
use crate::surface::operation::class;
use crate::surface::shape::shape;

shape! {
    /// Options of {@link Commands.run}.
    COMMAND_OPTIONS = CommandOptions {
        /// Arguments: then the command is a program, which gets them as they are, and no shell reads either.
        ///
        /// @defaultValue none: `/bin/sh -c` reads the command
        optional args args List;
        /// Working directory.
        ///
        /// @defaultValue the template's, else `/home/user`
        optional cwd working_dir Text(0, 4096);
        /// Environment variables, over those of the sandbox.
        optional env env Map;
        /// Milliseconds the command may take, rounded up to whole seconds; the service ends it then. The
        /// call itself waits five seconds more, so that the service's answer comes first.
        ///
        /// `fetch` of Node.js gives up after five minutes of silence, which is a `TimeoutError`: a command that may be
        /// silent for longer is for {@link Commands.spawn}.
        ///
        /// @defaultValue the service's, 30000. A call with callbacks then ends once nothing came for 300
        /// seconds, and after 12 hours in any case.
        optional timeoutMs timeout_s Seconds;
        /// Called with each piece of standard output as it comes. If it throws, or the promise it returns
        /// rejects while the call lasts, the call rejects with that.
        optional onStdout - Callback("(data: string) => void");
        /// Called with each piece of standard error as it comes. If it throws, or the promise it returns
        /// rejects while the call lasts, the call rejects with that.
        optional onStderr - Callback("(data: string) => void");
        /// Ends the call at once. The command itself goes on in the sandbox.
        optional signal - Signal;
        /// Most bytes that the answer of a call without callbacks may have; more is a `ValidationError`.
        ///
        /// @defaultValue 10485760
        optional maxOutputBytes - Bytes;
    }

    /// What a command left behind.
    COMMAND_RESULT = CommandResult {
        /// All it wrote to standard output.
        defaulted stdout stdout Text;
        /// All it wrote to standard error.
        defaulted stderr stderr Text;
        /// Its exit code. A code other than 0 is a result, not an error. 0 where the service tells none, which it may
        /// do when an error ended the command: `stderr` then ends with it.
        defaulted exitCode exit_code Int;
        /// True when the service cut the output short.
        defaulted truncated truncated Flag;
    }

    /// Options of {@link Commands.spawn}.
    SPAWN_OPTIONS = SpawnOptions {
        /// Arguments: then the command is a program, which gets them as they are, and no shell reads either.
        ///
        /// @defaultValue none: `/bin/sh -c` reads the command
        optional args args List;
        /// Working directory.
        ///
        /// @defaultValue the template's, else `/home/user`
        optional cwd working_dir Text(0, 4096);
        /// Environment variables, over those of the sandbox.
        optional env env Map;
        /// Milliseconds the command may take, rounded up to whole seconds; the service ends it then.
        ///
        /// @defaultValue no limit: a session is there to live
        optional timeoutMs timeout_s Seconds;
        /// Called with each piece of standard output as it comes. If it throws, the session is closed and
        /// {@link CommandSession.wait} rejects with what it threw.
        optional onStdout - Callback("(data: string) => void");
        /// Called with each piece of standard error as it comes. If it throws, the session is closed and
        /// {@link CommandSession.wait} rejects with what it threw.
        optional onStderr - Callback("(data: string) => void");
        /// Kills the command and closes the session.
        optional signal - Signal;
    }

    /// Options of {@link Sandbox.terminal}.
    TERMINAL_OPTIONS = TerminalOptions {
        /// Name of a terminal that survives its connection, 1 to 64 characters: it is made unless it runs, and whoever opens
        /// it again, from anywhere, has its screen as it is, with up to 64 KiB of what was above. `onData` then gets all that
        /// anew, after a reset. See {@link Sandbox.terminals}.
        ///
        /// @defaultValue none: the shell ends with its connection
        optional name - Text(1, 64);
        /// Columns, 1 to 1000.
        ///
        /// @defaultValue 80
        optional cols cols Int(1, MAX_TERMINAL_SIDE);
        /// Rows, 1 to 1000.
        ///
        /// @defaultValue 24
        optional rows rows Int(1, MAX_TERMINAL_SIDE);
        /// Called with the bytes that the terminal shows, as they come: text and control sequences, cut
        /// anywhere. If it throws, the session is closed and {@link TerminalSession.wait} rejects with what
        /// it threw.
        optional onData - Callback("(data: Bytes) => void");
        /// Closes the session.
        optional signal - Signal;
    }
}

class! {
    /// Runs commands in a sandbox: `sandbox.commands`.
    ///
    /// A paused sandbox is resumed first.
    COMMANDS = "Commands" [part] {
        /// Runs a command under `/bin/sh -c`, or a program with `args`, and resolves with what it left behind.
        ///
        /// With `onStdout` or `onStderr` the output is streamed to them as it comes. An exit code other than 0
        /// is a result, not an error.
        ///
        /// @throws {@link TimeoutError} when no answer came in time.
        /// @throws {@link SandboxError} when the stream ended before the command did; with code `too_large` when
        /// streamed output is longer than a string can be (half a gigabyte in V8).
        ///
        /// @example
        /// ```typescript
        /// const { stdout, exitCode } = await sandbox.commands.run("ls -l", { cwd: "/app" })
        ///
        /// // What comes from elsewhere is safe as an argument, whatever is in it.
        /// await sandbox.commands.run("cp", { args: ["--", "a name; $(with) quotes'.txt", "/tmp/"] })
        ///
        /// await sandbox.commands.run("npm install", {
        ///   timeoutMs: 120_000,
        ///   onStdout: (data) => process.stdout.write(data),
        ///   onStderr: (data) => process.stderr.write(data),
        /// })
        /// ```
        method run(command command Literal("string"); options?: COMMAND_OPTIONS) -> "Promise<CommandResult>"
            = Request(Post "/exec" Json => Command(COMMAND_RESULT)) on Data allow "exec";

        /// The same, with the output as a stream of events: what `run` does for a call with callbacks.
        internal runStream() -> ""
            = Request(Post "/exec/stream" Json => Raw) on Data allow "exec";

        /// Starts a command under `/bin/sh -c`, or a program with `args`, and resolves with a session: its input, output and signals over
        /// one WebSocket. The command ends with the session.
        ///
        /// @throws {@link SandboxError} with code `no_websocket` where the runtime has no global `WebSocket`
        /// (Node.js before version 22), `network_error` when no connection could be made.
        /// @throws {@link TimeoutError} when none was made in 30 seconds.
        ///
        /// @example
        /// ```typescript
        /// await using session = await sandbox.commands.spawn("python3 -i", {
        ///   onStdout: (data) => process.stdout.write(data),
        /// })
        /// session.stdin.write("print(6 * 7)\n")
        /// session.stdin.close()
        /// const { exitCode } = await session.wait()
        /// ```
        method spawn(command command Literal("string"); options?: SPAWN_OPTIONS) -> "Promise<CommandSession>"
            = Session(Get "/exec/connect" Json) on Data speaks "superserve.exec.v1" allow "session";
    }
}

/// TypeScript of what no table says.
#[cfg(not(target_arch = "wasm32"))]
pub const TYPES: &str = r#"
/** Input of a {@link CommandSession}. */
export interface CommandStdin {
  /**
   * Writes to the command's standard input: text as UTF-8, or bytes. Once the command has ended this does
   * nothing.
   *
   * @throws {@link SandboxError} with code `stdin_closed` after {@link CommandStdin.close}.
   */
  write(data: string | Uint8Array): void;
  /** Ends the input: the command reads an end of file. */
  close(): void;
}
/** A running command, from {@link Commands.spawn}. */
export interface CommandSession {
  /** Its standard input. */
  readonly stdin: CommandStdin;
  /**
   * Sends a signal to the command. Once it has ended this does nothing.
   *
   * @param signal - Name of the signal; `SIGTERM` by default.
   */
  kill(signal?: string): void;
  /**
   * Resolves with the command's result when it has ended; the same promise at each call. A session has no limit of
   * its own: set `timeoutMs`, or close it, where a command may never end.
   *
   * It rejects with a {@link SandboxError} when the connection ended first, with code `connection_closed`,
   * `session_closed` (by {@link CommandSession.close}) or `aborted`, or with code `too_large` when the output is
   * longer than a string can be (half a gigabyte in V8); with a {@link TimeoutError} when nothing came five seconds
   * after `timeoutMs`; or with what a callback threw.
   */
  wait(): Promise<CommandResult>;
  /** Kills the command and closes the connection. Resolves when that is done, and never rejects. */
  close(): Promise<void>;
  /** The same, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}
/** A shell on a terminal, from {@link Sandbox.terminal}; where that has a name, a look at it. */
export interface TerminalSession {
  /** Resolves when the session is over, however that came. It never rejects. */
  readonly closed: Promise<TerminalEnd>;
  /** Types: text as UTF-8, or bytes. Once the session is over this does nothing. */
  write(data: string | Uint8Array): void;
  /** Tells the terminal its size, 1 to 1000 each. */
  resize(cols: number, rows: number): void;
  /**
   * Sends a signal to what runs in the foreground.
   *
   * @param signal - Name of the signal; `SIGHUP` by default, which ends a shell.
   */
  kill(signal?: string): void;
  /**
   * Resolves when the shell has ended, or the service closed the terminal after its time; the same promise at
   * each call.
   *
   * It rejects with a {@link SandboxError} when the connection ended first, with code `connection_closed`,
   * `session_closed` (by {@link TerminalSession.close}) or `aborted`; or with what `onData` threw.
   */
  wait(): Promise<TerminalEnd>;
  /**
   * Ends the shell, unless the terminal has a name, and closes the connection. Resolves when that is done, and never
   * rejects.
   */
  close(): Promise<void>;
  /** The same, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}
/** How a terminal's session ended. */
export interface TerminalEnd {
  /** Close code of the WebSocket; 1000 when the shell ended. */
  code: number;
  /** Reason that the service gave, such as `shell exited`. */
  reason: string;
}
"#;
