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
        /// rejects while the call lasts, the call rejects with that. Such promises slow the command: while they have more than
        /// 64 KB to take, no more is read.
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

    /// Options of {@link Commands.stream}.
    COMMAND_STREAM_OPTIONS = CommandStreamOptions {
        /// Arguments: then the command is a program, which gets them as they are, and no shell reads either.
        ///
        /// @defaultValue none: `/bin/sh -c` reads the command
        optional args - List;
        /// Working directory.
        ///
        /// @defaultValue the template's, else `/home/user`
        optional cwd - Text(0, 4096);
        /// Environment variables, over those of the sandbox.
        optional env - Map;
        /// Milliseconds the command may take, rounded up to whole seconds; the service ends it then. Those in which it waits
        /// for its reader count.
        ///
        /// @defaultValue none, but a stream ends once nothing came for 300 seconds, and after 12 hours in any case; neither
        /// with `stdin` or as bytes
        optional timeoutMs - Millis;
        /// What the output comes as: text, or bytes as the command wrote them. Bytes come over a WebSocket.
        ///
        /// @defaultValue `"text"`
        optional encoding - Among("\"text\" | \"bytes\"");
        /// Whether the command is written to, by {@link CommandStream.stdin}. Then all goes over a WebSocket.
        ///
        /// @defaultValue false: it has no input
        optional stdin - Flag;
        /// Ends the command, and all that it has started. The error is a `SandboxError` whose `cause` is the signal's reason.
        optional signal - Signal;
    }

    /// The same for the request, or the session.
    COMMAND_PIPE_OPTIONS = CommandPipeOptions [internal] {
        /// Arguments.
        optional args args List;
        /// Working directory.
        optional cwd working_dir Text(0, 4096);
        /// Environment variables.
        optional env env Map;
        /// Milliseconds the command may take.
        optional timeoutMs timeout_s Seconds;
        /// Gets each piece of the output with its channel: of a request text, of a session bytes.
        optional onOutput - Callback("(channel: number, data: string | Uint8Array) => unknown");
        /// What the command has in its environment, so that it is ended with the call.
        optional started - Text;
        /// Ends it.
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

        /// Starts a command under `/bin/sh -c`, or a program with `args`, at once, and answers with its output as a stream: a loop
        /// over it gets each piece as it comes.
        ///
        /// A reader that is slow slows the command: what is not read yet stays within some 300 KB, however much there is. Over a
        /// WebSocket (`stdin`, bytes) only where that can be paused, which that of the package `ws` can and those of browsers,
        /// Deno, Bun and Node.js cannot: there the command ends, with a {@link SandboxError} with code `reader_too_slow`, once 64 MiB
        /// wait to be read. Whoever leaves the loop ends the command and all that it has started, in the background too; over a
        /// WebSocket the command alone.
        ///
        /// @throws What fails is thrown to whoever reads, and rejects `result`: a {@link SandboxError} when the stream ended before
        /// the command did; with code `no_websocket` where one is needed and the runtime has none (Node.js before version 22).
        /// @throws {@link ValidationError} at once, for what it was called with.
        ///
        /// @example
        /// ```typescript
        /// for await (const { stream, text } of sandbox.commands.stream("npm test")) {
        ///   process[stream].write(text)
        /// }
        ///
        /// const log = sandbox.commands.stream("tail -f /var/log/app.log")
        /// for await (const line of log.lines()) {
        ///   if (line.includes("ready")) break
        /// }
        ///
        /// const { exitCode, stdout } = await sandbox.commands.stream("make").result
        /// ```
        method stream(command - Literal("string"); options?: COMMAND_STREAM_OPTIONS) -> "CommandStream"
            or "stream(command: string, options: CommandStreamOptions & { encoding: \"bytes\" }): CommandStream<CommandBytes>"
            = Chain;

        /// Its request.
        internal pipe(command command Literal("string"); options?: COMMAND_PIPE_OPTIONS) -> "Promise<CommandResult>"
            = Request(Post "/exec" Json => Command(COMMAND_RESULT)) on Data allow "exec";

        /// The same as a session.
        internal connect(command command Literal("string"); options?: COMMAND_PIPE_OPTIONS) -> "Promise<CommandSession>"
            = Session(Get "/exec/connect" Json) on Data speaks "superserve.exec.v1" allow "session";

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
/** A piece of a command's output. */
export interface CommandText {
  /** Where the command wrote it. */
  stream: "stdout" | "stderr";
  /** What it wrote: as much as came at once, cut anywhere but within a character. */
  text: string;
}
/** The same as the command wrote it. */
export interface CommandBytes {
  /** Where the command wrote it. */
  stream: "stdout" | "stderr";
  /** What it wrote, cut anywhere. */
  bytes: Bytes;
}
/**
 * The output of a command, from {@link Commands.stream}. It is read once: by a loop over it, over its lines, or by `readable`.
 */
export interface CommandStream<Piece extends CommandText | CommandBytes = CommandText>
  extends AsyncIterableIterator<Piece> {
  /**
   * The lines of standard output and standard error, as they come, or of one of them. They are without their ends, `\n` or
   * `\r\n`; bytes are read as UTF-8. What is behind the last end is a line, too.
   *
   * @throws {@link ValidationError} at once, for another `stream`. A line of more than 64 Mi characters ends the command, and the
   * loop with a {@link SandboxError} with code `too_large`.
   */
  lines(stream?: "stdout" | "stderr"): AsyncIterableIterator<string>;
  /**
   * Standard output alone, to be piped. To cancel it ends the command.
   *
   * @example
   * ```typescript
   * const { readable } = sandbox.commands.stream("cat app.log.gz", { encoding: "bytes" })
   * const text = readable.pipeThrough(new DecompressionStream("gzip")).pipeThrough(new TextDecoderStream())
   * ```
   */
  readonly readable: ReadableStream<Piece extends CommandBytes ? Bytes : string>;
  /**
   * What the command has come to. To ask for it is to have the output kept, from then on, and the command no longer waits
   * for a reader: so ask at once for the whole output, and after the loop for no more than the exit code. `truncated` is
   * true where there was output before. Bytes are read as UTF-8.
   *
   * It rejects with what whoever reads is thrown; with a {@link SandboxError} with code `stream_closed` when the stream was left
   * before the command ended, with code `too_large` when the output is longer than a string can be (half a gigabyte in V8).
   * Nobody has to hear of that.
   */
  readonly result: Promise<CommandResult>;
  /** Its standard input, with the option `stdin`; else it is closed. What is written before there is a connection waits for it. */
  readonly stdin: CommandStdin;
  /**
   * Sends a signal to the command, and to all that it has started; over a WebSocket, to the command alone. It waits until the command
   * runs; once it has ended this does nothing.
   *
   * @param signal - Name of the signal; `SIGTERM` by default.
   * @throws {@link SandboxError} with code `process_not_found` when there was none within 10 seconds. Processes are found by a
   * variable of their environment, `SUPERSERVE_CALL`, which a program may have taken away.
   * @throws {@link ValidationError} when that is no name of a signal, or, but over a WebSocket, the sandbox knows no such one.
   */
  kill(signal?: string): Promise<void>;
  /** Ends the command, as leaving a loop does. Resolves once nothing more comes. */
  return(): Promise<IteratorResult<Piece, undefined>>;
  /** The same, for `await using`. It never rejects. */
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
