/**
 * A sandbox: a virtual machine of your own, to run commands and keep files in.
 *
 * @example
 * ```typescript
 * import { Sandbox } from "@superserve/sdk"
 *
 * const sandbox = await Sandbox.create({ name: "my-sandbox" })
 * const { stdout } = await sandbox.commands.run("echo hello")
 * await sandbox.kill()
 * ```
 *
 * @example It may end with its scope.
 * ```typescript
 * await using sandbox = await Sandbox.create({ name: "my-sandbox" })
 * ```
 */
export declare class Sandbox {
  private constructor();
  /**
   * UUID.
   */
  readonly id: string;
  /**
   * Name.
   */
  readonly name: string;
  /**
   * State when this object was made; {@link Sandbox.getInfo} tells the present one.
   */
  readonly status: SandboxStatus;
  /**
   * Tags when this object was made.
   */
  readonly metadata: Record<string, string>;
  /**
   * Who may open preview URLs, as it was when this object was made.
   */
  readonly previewAccess: PreviewAccess;
  /**
   * Secrets bound to environment variables when this object was made.
   */
  readonly secrets?: SandboxSecretBinding[];
  /**
   * UUID of the {@link Snapshot} it was made from.
   */
  readonly sourceSnapshotId?: string;
  /**
   * Runs commands.
   */
  readonly commands: Commands;
  /**
   * Moves files.
   */
  readonly files: Files;
  /**
   * Its processes.
   */
  readonly processes: Processes;
  /**
   * Runs code, and keeps its state.
   */
  readonly code: Code;
  /**
   * Lists and ends terminals that have a name.
   */
  readonly terminals: Terminals;
  /**
   * Looks at and uses its screen, where it has one.
   */
  readonly desktop: Desktop;
  /**
   * Creates a sandbox. It is active once the promise resolves.
   *
   * @throws {@link ValidationError} for options that are not as documented, before any request.
   * @throws {@link NotFoundError} when there is no such template; {@link ConflictError} when it is not
   * ready; {@link RateLimitError} with code `too_many_sandboxes`.
   *
   * A call that is aborted or times out rejects at once, and deletes what its answer still brings within 30
   * seconds. Where no answer comes, a sandbox may be left: give it a tag of its own in `metadata` to find it by
   * {@link Sandbox.list}.
   *
   * @example
   * ```typescript
   * const sandbox = await Sandbox.create({
   *   name: "worker-1",
   *   timeoutSeconds: 600,
   *   metadata: { team: "search" },
   *   envVars: { MODE: "test" },
   * })
   * ```
   */
  static create(options?: SandboxCreateOptions): Promise<Sandbox>;
  /**
   * Connects to a sandbox by its id, and resumes it if it is paused.
   *
   * Where another caller is resuming it just then, this waits for that (30 seconds at most), and where it is being
   * paused, until it is paused (five minutes at most).
   *
   * @throws {@link NotFoundError} when there is no such sandbox.
   */
  static connect(sandboxId: string, options?: SandboxConnectOptions): Promise<Sandbox>;
  /**
   * Finds a sandbox by its id, and leaves it as it is: one that is paused stays so until the first command, file
   * or terminal wakes it. `status` tells which it is.
   *
   * @throws {@link NotFoundError} when there is no such sandbox.
   */
  static get(sandboxId: string, options?: SandboxConnectOptions): Promise<Sandbox>;
  /**
   * Lists the team's sandboxes.
   *
   * @throws {@link AuthenticationError} when the key is not valid.
   *
   * @example
   * ```typescript
   * const active = await Sandbox.list({ metadata: { team: "search" }, status: "active", limit: 50 })
   * const others = await Sandbox.list({ status: ["pausing", "paused"], sort: "name" })
   * ```
   */
  static list(options?: SandboxListOptions): Promise<SandboxInfo[]>;
  /**
   * The team's sandboxes, read page by page as they are iterated.
   *
   * A list that changes under way is read so that nothing is told twice and nothing that stays is missed. What is
   * created meanwhile may come or not.
   *
   * @throws {@link AuthenticationError} from the iteration, when the key is not valid.
   *
   * @example
   * ```typescript
   * for await (const { id, name } of Sandbox.iterate({ status: "paused", sort: "name" })) {
   *   console.log(id, name)
   * }
   * ```
   */
  static iterate(options?: SandboxIterateOptions): Listing<SandboxInfo>;
  /**
   * The newest sandbox that has some tags, awake; or a new one, if there is none that lives.
   *
   * Callers that find none at the same time end with one sandbox: each looks again once it has created its own,
   * and all take the oldest of those that were created within 30 seconds of each other, and delete theirs. They
   * end with several where they cannot know of each other: where the service took longer than that for one of
   * them, or did not list yet what another had created. Whoever makes sandboxes with these tags in another way may
   * see one of them taken by this.
   *
   * @throws As {@link Sandbox.create} and {@link Sandbox.connect}.
   *
   * A call that is aborted or times out leaves no sandbox of its own, as {@link Sandbox.create}.
   *
   * @example
   * ```typescript
   * const sandbox = await Sandbox.getOrCreate({ match: { user: "u-17" }, timeoutSeconds: 600 })
   * ```
   */
  static getOrCreate(options: SandboxGetOrCreateOptions): Promise<Sandbox>;
  /**
   * Pauses a sandbox by its id. See {@link Sandbox.pause}.
   *
   * @throws As {@link Sandbox.pause}, and {@link NotFoundError} when there is no such sandbox.
   */
  static pauseById(sandboxId: string, options?: SandboxPauseByIdOptions): Promise<void>;
  /**
   * Resumes a sandbox by its id. Objects that stand for it find out by themselves.
   *
   * @throws As {@link Sandbox.resume}, and {@link NotFoundError} when there is no such sandbox.
   */
  static resumeById(sandboxId: string, options?: SandboxResumeByIdOptions): Promise<void>;
  /**
   * Reads a page of a sandbox's network log by its id. See {@link Sandbox.getNetworkLog}.
   *
   * @throws {@link NotFoundError} when there is no such sandbox.
   */
  static getNetworkLog(sandboxId: string, options?: NetworkLogOptions): Promise<NetworkLogPage>;
  /**
   * Deletes a sandbox by its id. One that is gone already is no error.
   *
   * @throws As {@link Sandbox.kill}.
   */
  static killById(sandboxId: string, options?: ConnectionOptions): Promise<void>;
  /**
   * Changes a sandbox by its id, and leaves it paused if it is. See {@link Sandbox.update}.
   *
   * @throws As {@link Sandbox.update}, and {@link NotFoundError} when there is no such sandbox.
   */
  static updateById(sandboxId: string, options: SandboxUpdateOptions, connection?: ConnectionOptions): Promise<void>;
  /**
   * A sandbox as a web page has it: through the relay of the application's backend
   * (`@superserve/sdk/relay`), with a ticket in place of an API key, and without a request.
   *
   * Its methods work as everywhere, as far as the ticket allows; what it does not allow rejects with an
   * {@link AuthenticationError} with code `not_allowed` before any request. The relay wakes a paused sandbox within
   * the request, so `timeoutMs` is for both, but for that of a command. `status` is what the ticket's maker knew
   * (`active` for a ticket made of an id) and `metadata` empty: {@link Sandbox.getInfo} tells them.
   *
   * @throws {@link ValidationError} for a ticket that `createTicket` did not make, or a `relayUrl` that is none.
   *
   * @example
   * ```typescript
   * const newTicket = async () => {
   *   const response = await fetch("/api/ticket", { method: "POST" })
   *   if (!response.ok) throw new Error("please sign in again")
   *   return response.text()
   * }
   *
   * const sandbox = Sandbox.fromTicket(await newTicket(), {
   *   relayUrl: "/api/sandbox",
   *   refreshTicket: newTicket,
   * })
   * const { stdout } = await sandbox.commands.run("ls -l")
   * ```
   */
  static fromTicket(ticket: string, options: FromTicketOptions): Sandbox;
  /**
   * Reads what the service knows of this sandbox now. The properties of this object stay as they are.
   *
   * @throws {@link NotFoundError} when it was deleted.
   */
  getInfo(options?: RequestOptions): Promise<SandboxInfo>;
  /**
   * The same, as a callback has it: without options.
   */
  getInfo(): Promise<SandboxInfo>;
  /**
   * Pauses this sandbox. Its memory, processes and files are kept; they go on when it is resumed.
   *
   * Resolves once it is paused, or deleted where `autoDeleteSeconds` is 0. A pause that another call has begun is
   * waited for likewise. The request is sent once: where its answer is lost, a look at the sandbox tells whether
   * it arrived.
   *
   * @throws {@link ConflictError} unless it is active or pausing; with code `not_paused` when it is active again, with
   * code `pause_failed` when it fails meanwhile.
   * @throws {@link TimeoutError} after `timeoutMs`.
   */
  pause(options?: SandboxPauseOptions): Promise<void>;
  /**
   * The same, as a callback has it: without options.
   */
  pause(): Promise<void>;
  /**
   * Resumes this sandbox. Commands, files and terminals do that by themselves when they find it paused.
   *
   * A pause under way is waited out first, five minutes at most, and another caller's resume, 30 seconds at most.
   *
   * @throws {@link ConflictError} unless it is paused, or becomes so in that time.
   * @throws {@link TimeoutError} after `timeoutMs`.
   */
  resume(options?: SandboxResumeOptions): Promise<void>;
  /**
   * The same, as a callback has it: without options.
   */
  resume(): Promise<void>;
  /**
   * Deletes this sandbox and all that is in it. One that is gone already is no error.
   *
   * One that is pausing, resuming, starting or migrating cannot be deleted just then: this tries again, for 30
   * seconds at most.
   *
   * @throws {@link ConflictError} when it is in transition for longer.
   */
  kill(options?: RequestOptions): Promise<void>;
  /**
   * The same, as a callback has it: without options.
   */
  kill(): Promise<void>;
  /**
   * Ends the use of this sandbox as `onDispose` says, which {@link Sandbox.create} and others take: deletes it, or
   * pauses it. One that is gone already is no error, nor one that is to be paused and is.
   *
   * @example
   * ```typescript
   * await using sandbox = await Sandbox.create({ name: "scratch", onDispose: "pause" })
   * ```
   */
  [Symbol.asyncDispose](): Promise<void>;
  /**
   * Takes a snapshot of this sandbox: its files, memory and processes. A running sandbox stands still meanwhile,
   * mostly for less than a second. The snapshot outlives the sandbox.
   *
   * Resolves once the snapshot is ready. The request may be sent again where its answer is lost: its
   * `idempotencyKey` keeps the service from taking two.
   *
   * A call that is aborted or times out deletes what it has begun, unless `idempotencyKey` is given: with the same
   * key a further call waits for the same snapshot.
   *
   * @throws {@link RateLimitError} with code `too_many_snapshots` or `too_many_snapshots_in_flight`;
   * {@link ConflictError} with code `snapshot_in_progress`, or unless the sandbox is active or paused.
   * @throws {@link SandboxError} with code `snapshot_failed` or `snapshot_deleted`.
   * @throws {@link TimeoutError} after `timeoutMs`.
   *
   * @example
   * ```typescript
   * const snapshot = await sandbox.snapshot({ name: "installed" })
   * const copy = await Sandbox.create({ name: "worker-2", fromSnapshot: snapshot })
   * ```
   */
  snapshot(options?: SnapshotCreateOptions): Promise<Snapshot>;
  /**
   * Lists the snapshots of this sandbox, newest first.
   *
   * @throws {@link NotFoundError} when there is no such sandbox.
   */
  snapshots(options?: SnapshotListOptions): Promise<SnapshotInfo[]>;
  /**
   * Changes this sandbox. What the options leave out stays as it is; `null` clears a number.
   *
   * @throws {@link ValidationError} when nothing is to be changed.
   * @throws {@link ConflictError} for `network` unless the sandbox is active.
   */
  update(options: SandboxUpdateOptions): Promise<void>;
  /**
   * Opens a terminal: a shell (`/bin/bash`) that a person can type into, such as through xterm.js.
   *
   * A paused sandbox is resumed first. The service closes a terminal after ten minutes without input or
   * output, and after four hours.
   *
   * With a `name` the shell outlives its connection, this program, and a pause of the sandbox, until it ends or is
   * killed by its name. Several may look at it at once, and it has the size of whoever opened it, typed or resized
   * last. It is held by a script of 14 KB for `python3` (3.6 or newer), which this package puts below
   * `~/.superserve/terminals` once; where there is no `python3`, by `tmux` (3.1 or newer). Closing it leaves it
   * running; `kill` is a request of its own then.
   *
   * @throws As {@link Commands.spawn}.
   * @throws {@link SandboxError} with code `tool_missing` for a `name` in a sandbox that has neither tool,
   * `terminal_failed` where the shell ended before it showed that terminal.
   *
   * @example
   * ```typescript
   * const terminal = await sandbox.terminal({
   *   cols: xterm.cols,
   *   rows: xterm.rows,
   *   onData: (data) => xterm.write(data),
   * })
   * xterm.onData((typed) => terminal.write(typed))
   * xterm.onResize(({ cols, rows }) => terminal.resize(cols, rows))
   * await terminal.closed
   *
   * // Another page, or this one after a reload, goes on where it was.
   * const same = await sandbox.terminal({ name: "build", onData: (data) => xterm.write(data) })
   * ```
   */
  terminal(options?: TerminalOptions): Promise<TerminalSession>;
  /**
   * Resolves once something listens at that port of the sandbox, or answers there. The request waits inside the sandbox, and
   * goes on over a pause, as {@link Process.follow} does. A paused sandbox is resumed first.
   *
   * @throws {@link TimeoutError} when nothing did in time.
   *
   * @example
   * ```typescript
   * await sandbox.waitForPort(8080, { path: "/health", status: 200, timeoutMs: 30_000 })
   * ```
   */
  waitForPort(port: number, options?: WaitForPortOptions): Promise<void>;
  /**
   * Lists the TCP ports at which something listens, in order. A paused sandbox is resumed first.
   *
   * @example
   * ```typescript
   * for (const { port, pid, command } of await sandbox.ports()) console.log(port, pid, command)
   * ```
   */
  ports(options?: RequestOptions): Promise<ListeningPort[]>;
  /**
   * Binds a secret to an environment variable of this sandbox. The sandbox sees a stand-in; the value
   * takes its place in requests that leave for the secret's hosts. Processes that start from now on see
   * it; a paused sandbox does once it is resumed.
   *
   * @throws {@link NotFoundError} when there is no such secret.
   */
  attachSecret(envKey: string, secretName: string, options?: RequestOptions): Promise<void>;
  /**
   * The same, as a callback has it: without options.
   */
  attachSecret(envKey: string, secretName: string): Promise<void>;
  /**
   * Unbinds the secret of an environment variable. Requests with its stand-in are refused from then on,
   * within about a minute for processes that run already.
   *
   * @throws {@link NotFoundError} when nothing is bound to the variable.
   */
  detachSecret(envKey: string, options?: RequestOptions): Promise<void>;
  /**
   * The same, as a callback has it: without options.
   */
  detachSecret(envKey: string): Promise<void>;
  /**
   * Reads a page of this sandbox's network log, newest first: its outbound connections, and the requests
   * in which a secret was used.
   *
   * @throws {@link NotFoundError} when the sandbox was deleted.
   *
   * @example
   * ```typescript
   * let page = await sandbox.getNetworkLog({ verdict: "blocked" })
   * while (page.hasMore) page = await sandbox.getNetworkLog({ verdict: "blocked", before: page.nextCursor })
   * ```
   */
  getNetworkLog(options?: NetworkLogOptions): Promise<NetworkLogPage>;
  /**
   * This sandbox's network log, newest first, read page by page as it is iterated.
   *
   * @throws {@link NotFoundError} from the iteration, when the sandbox was deleted.
   *
   * @example
   * ```typescript
   * for await (const { host } of sandbox.iterateNetworkLog({ verdict: "blocked" })) console.log(host)
   * ```
   */
  iterateNetworkLog(options?: NetworkLogIterateOptions): Listing<NetworkEvent>;
  /**
   * The URL under which a port of this sandbox can be opened, without a request.
   *
   * The sandbox has to be active with a server on the port for the URL to answer. Where previews are
   * private, {@link Sandbox.getSignedPreviewUrl} makes one that opens.
   *
   * @throws {@link ValidationError} unless `port` is an integer from 1024 to 65535, and not 49983.
   */
  getPreviewUrl(port: number): string;
  /**
   * Lists the ports of this sandbox that are published.
   *
   * @throws {@link NotFoundError} when the sandbox was deleted.
   */
  listPreviewPorts(options?: RequestOptions): Promise<PreviewPorts>;
  /**
   * Publishes a port of this sandbox, so that its preview URL answers, or changes who may open it.
   *
   * @throws {@link ValidationError} unless `port` is an integer from 1024 to 65535, and not 49983.
   */
  publishPreviewPort(port: number, options?: PreviewPublishOptions): Promise<PreviewPort>;
  /**
   * Takes a port back. One that is not published is no error.
   *
   * @throws {@link ValidationError} unless `port` is an integer from 1024 to 65535, and not 49983.
   */
  unpublishPreviewPort(port: number, options?: RequestOptions): Promise<void>;
  /**
   * Gets a token that opens the private preview of a port, as a header or a query parameter.
   *
   * @throws {@link NotFoundError} when the port is not published.
   */
  getPreviewToken(port: number, options?: PreviewTokenOptions): Promise<PreviewToken>;
  /**
   * Gets a preview URL with a token in it: whoever has the URL can open the preview, for a minute unless
   * `expiresInSeconds` says otherwise.
   *
   * @throws {@link NotFoundError} when the port is not published.
   */
  getSignedPreviewUrl(port: number, options?: PreviewTokenOptions): Promise<string>;
  /**
   * Voids all tokens of a port, and gets a new one.
   *
   * @throws {@link NotFoundError} when the port is not published.
   */
  rotatePreviewToken(port: number, options?: PreviewTokenOptions): Promise<PreviewToken>;
}

/**
 * Runs commands in a sandbox: `sandbox.commands`.
 *
 * A paused sandbox is resumed first.
 */
declare class Commands {
  private constructor();
  /**
   * Runs a command under `/bin/sh -c`, or a program with `args`, and resolves with what it left behind.
   *
   * With `onStdout` or `onStderr` the output is streamed to them as it comes. An exit code other than 0
   * is a result, not an error.
   *
   * @throws {@link TimeoutError} when no answer came in time.
   * @throws {@link SandboxError} when the stream ended before the command did; with code `too_large` when
   * streamed output is longer than a string can be (half a gigabyte in V8).
   *
   * @example
   * ```typescript
   * const { stdout, exitCode } = await sandbox.commands.run("ls -l", { cwd: "/app" })
   *
   * // What comes from elsewhere is safe as an argument, whatever is in it.
   * await sandbox.commands.run("cp", { args: ["--", "a name; $(with) quotes'.txt", "/tmp/"] })
   *
   * await sandbox.commands.run("npm install", {
   *   timeoutMs: 120_000,
   *   onStdout: (data) => process.stdout.write(data),
   *   onStderr: (data) => process.stderr.write(data),
   * })
   * ```
   */
  run(command: string, options?: CommandOptions): Promise<CommandResult>;
  /**
   * Starts a command under `/bin/sh -c`, or a program with `args`, at once, and answers with its output as a stream: a loop
   * over it gets each piece as it comes.
   *
   * A reader that is slow slows the command: what is not read yet stays within some 300 KB, however much there is. Over a
   * WebSocket (`stdin`, bytes) only where that can be paused, which that of the package `ws` can and those of browsers,
   * Deno, Bun and Node.js cannot: there the command ends, with a {@link SandboxError} with code `reader_too_slow`, once 64 MiB
   * wait to be read. Whoever leaves the loop ends the command and all that it has started, in the background too; over a
   * WebSocket the command alone.
   *
   * @throws What fails is thrown to whoever reads, and rejects `result`: a {@link SandboxError} when the stream ended before
   * the command did; with code `no_websocket` where one is needed and the runtime has none (Node.js before version 22).
   * @throws {@link ValidationError} at once, for what it was called with.
   *
   * @example
   * ```typescript
   * for await (const { stream, text } of sandbox.commands.stream("npm test")) {
   *   process[stream].write(text)
   * }
   *
   * const log = sandbox.commands.stream("tail -f /var/log/app.log")
   * for await (const line of log.lines()) {
   *   if (line.includes("ready")) break
   * }
   *
   * const { exitCode, stdout } = await sandbox.commands.stream("make").result
   * ```
   */
  stream(command: string, options: CommandStreamOptions & { encoding: "bytes" }): CommandStream<CommandBytes>;
  /**
   * Starts a command under `/bin/sh -c`, or a program with `args`, at once, and answers with its output as a stream: a loop
   * over it gets each piece as it comes.
   *
   * A reader that is slow slows the command: what is not read yet stays within some 300 KB, however much there is. Over a
   * WebSocket (`stdin`, bytes) only where that can be paused, which that of the package `ws` can and those of browsers,
   * Deno, Bun and Node.js cannot: there the command ends, with a {@link SandboxError} with code `reader_too_slow`, once 64 MiB
   * wait to be read. Whoever leaves the loop ends the command and all that it has started, in the background too; over a
   * WebSocket the command alone.
   *
   * @throws What fails is thrown to whoever reads, and rejects `result`: a {@link SandboxError} when the stream ended before
   * the command did; with code `no_websocket` where one is needed and the runtime has none (Node.js before version 22).
   * @throws {@link ValidationError} at once, for what it was called with.
   *
   * @example
   * ```typescript
   * for await (const { stream, text } of sandbox.commands.stream("npm test")) {
   *   process[stream].write(text)
   * }
   *
   * const log = sandbox.commands.stream("tail -f /var/log/app.log")
   * for await (const line of log.lines()) {
   *   if (line.includes("ready")) break
   * }
   *
   * const { exitCode, stdout } = await sandbox.commands.stream("make").result
   * ```
   */
  stream(command: string, options?: CommandStreamOptions): CommandStream;
  /**
   * Starts a command under `/bin/sh -c`, or a program with `args`, and resolves with a session: its input, output and signals over
   * one WebSocket. The command ends with the session.
   *
   * @throws {@link SandboxError} with code `no_websocket` where the runtime has no global `WebSocket`
   * (Node.js before version 22), `network_error` when no connection could be made.
   * @throws {@link TimeoutError} when none was made in 30 seconds.
   *
   * @example
   * ```typescript
   * await using session = await sandbox.commands.spawn("python3 -i", {
   *   onStdout: (data) => process.stdout.write(data),
   * })
   * session.stdin.write("print(6 * 7)\n")
   * session.stdin.close()
   * const { exitCode } = await session.wait()
   * ```
   */
  spawn(command: string, options?: SpawnOptions): Promise<CommandSession>;
}
export type { Commands };

/**
 * Moves files to and from a sandbox: `sandbox.files`.
 *
 * Paths are absolute and have no `..` segment. A paused sandbox is resumed first.
 *
 * What fails is a {@link NotFoundError} where there is nothing by that path, a {@link ConflictError} with code
 * `already_exists` or `not_empty`, a {@link ValidationError} with code `is_directory`, `not_directory`, `name_too_long` or
 * `too_many_links`, and else a {@link SandboxError} with code `permission_denied`, `read_only`, `sandbox_storage_full` or
 * `tool_missing`: a template without such a tool.
 */
declare class Files {
  private constructor();
  /**
   * Writes a file. Directories on the way are made; a file that exists is replaced.
   *
   * Bytes, text and a `Blob` are sent by one request, of at most 4 GiB. Bytes must stay as they are until the promise
   * settles: they may be sent twice.
   *
   * What gives its content piece by piece (a stream, an async iterable, a `Response`) is sent as it comes, in little
   * memory: by one request where the runtime can, else in parts of 8 MiB. It goes to a file with a name of its own in
   * the same directory, `.superserve-…`, which then takes the place of the other in one step; so does what comes with
   * any of `mode`, `append`, `createNew` and `onProgress`. So the file is there whole or not at all, and what fails or
   * is aborted leaves nothing. A symbolic link stays, and what it leads to is replaced. `timeoutMs` is the time of
   * each request then, of a stream that of each piece: 300,000 by default.
   *
   * @throws {@link ValidationError} for a path or content that is none, before any request.
   * @throws {@link ConflictError} with code `already_exists`, with `createNew`.
   * @throws {@link ServerError} with code `send_again` when the sandbox fell asleep at the very moment in which a
   * stream was sent, which cannot be sent twice.
   *
   * @example
   * ```typescript
   * await sandbox.files.write("/app/config.json", JSON.stringify({ debug: true }))
   * await sandbox.files.write("/app/data.bin", new Uint8Array([1, 2, 3]))
   * await sandbox.files.write("/app/video.mp4", await fetch("https://example.com/video.mp4"), {
   *   onProgress: (sent, total) => console.log(sent, total),
   * })
   * await sandbox.files.write("/app/run.log", "one more line\n", { append: true })
   * ```
   */
  write(path: string, content: FileInput | FileSource, options?: FileWriteOptions): Promise<void>;
  /**
   * Writes several files, as {@link Files.write} does, six at a time. The first error ends the rest, and its message
   * names the path: what was written by then stays, the others are as they were.
   *
   * @throws As {@link Files.write}.
   *
   * @example
   * ```typescript
   * await sandbox.files.writeMany([
   *   { path: "/app/index.js", content: "console.log(1)" },
   *   { path: "/app/run.sh", content: "#!/bin/sh\nnode index.js", mode: 0o755 },
   * ])
   * ```
   */
  writeMany(files: FileToWrite[], options?: RequestOptions): Promise<void>;
  /**
   * Replaces a text in a file by another, whatever else is in the file: bytes that are no UTF-8 stay as they are. Its
   * mode stays, too. Resolves with how often the text was there.
   *
   * @throws {@link ConflictError} with code `count_mismatch` when the old text is not there as often as `count` says,
   * once by default; with code `changed` when somebody else has changed the file meanwhile. Then nothing is changed.
   * @throws {@link NotFoundError} when there is no such file.
   * @throws {@link ValidationError} when it has more than 2 GiB.
   *
   * @example
   * ```typescript
   * await sandbox.files.replace("/app/config.py", "DEBUG = False", "DEBUG = True")
   * const { count } = await sandbox.files.replace("/app/main.py", "foo(", "bar(", { count: "all" })
   * ```
   */
  replace(path: string, oldText: string, newText: string, options?: ReplaceOptions): Promise<FileReplacement>;
  /**
   * Reads a file, or a part of it, as bytes, text, a `Blob` or a stream: as the option `format` says
   * ({@link FileFormats}). A transfer that breaks off is an error; a stream goes on by itself.
   *
   * A proxy on the way that takes the answer's length away, and then breaks off, is found out only where the
   * runtime tells of it or shows the answer's `Connection` header, as Node.js does.
   *
   * @throws {@link NotFoundError} when there is no such file.
   * @throws {@link SandboxError} with code `incomplete` when it came short.
   * @throws {@link ValidationError} when it has more than `maxBytes` (2 GiB by default).
   *
   * @example
   * ```typescript
   * const bytes = await sandbox.files.read("/app/data.bin")
   * const head = await sandbox.files.read("/app/big.log", { length: 1000, format: "text" })
   * const stream = await sandbox.files.read("/app/video.mp4", { format: "stream" })
   * ```
   */
  read<Format extends keyof FileFormats>(path: string, options: FileReadOptions & { format: Format }): Promise<FileFormats[Format]>;
  /**
   * Reads a file, or a part of it, as bytes, text, a `Blob` or a stream: as the option `format` says
   * ({@link FileFormats}). A transfer that breaks off is an error; a stream goes on by itself.
   *
   * A proxy on the way that takes the answer's length away, and then breaks off, is found out only where the
   * runtime tells of it or shows the answer's `Connection` header, as Node.js does.
   *
   * @throws {@link NotFoundError} when there is no such file.
   * @throws {@link SandboxError} with code `incomplete` when it came short.
   * @throws {@link ValidationError} when it has more than `maxBytes` (2 GiB by default).
   *
   * @example
   * ```typescript
   * const bytes = await sandbox.files.read("/app/data.bin")
   * const head = await sandbox.files.read("/app/big.log", { length: 1000, format: "text" })
   * const stream = await sandbox.files.read("/app/video.mp4", { format: "stream" })
   * ```
   */
  read(path: string, options?: FileReadOptions): Promise<Bytes>;
  /**
   * Reads a file as UTF-8 text; what is not valid becomes U+FFFD.
   *
   * @throws As {@link Files.read}.
   *
   * @example
   * ```typescript
   * const config = JSON.parse(await sandbox.files.readText("/app/config.json"))
   * ```
   */
  readText(path: string, options?: FileDownloadOptions): Promise<string>;
  /**
   * Reads a directory: as a zip archive, as a tar archive, or into a folder of this machine.
   *
   * The zip's entries start with the directory's name, and symbolic links are left out; a path that is a file comes back
   * as it is. A large directory may take longer than the default 30 seconds: pass `timeoutMs`.
   *
   * With `format: "tar"` it is a stream, whose entries start with `./`: modes, times, empty directories and symbolic links
   * are in it. Cancel it if you do not read it to its end.
   *
   * With a path of this machine, in Node.js (20.16 or later), Deno and Bun, it is unpacked there: files appear whole or not
   * at all, and in place of others of their names. Nothing is written outside of that folder, whatever the archive says:
   * links in it are not followed, those that lead out of it are left out, as are devices and pipes, and what is left out
   * is told. What this machine's file system fails with is thrown as it is.
   *
   * The last two are put together in the sandbox's `/tmp` first, and by default each of their requests may take five
   * minutes.
   *
   * @throws As {@link Files.read}; {@link ConflictError} with code `already_exists` where a link or a directory of this
   * machine is in the way; {@link ValidationError} for a path where there is no file system.
   *
   * @example
   * ```typescript
   * const zip = await sandbox.files.downloadDir("/app/output", { timeoutMs: 120_000 })
   * const tar = await sandbox.files.downloadDir("/app/output", { format: "tar" })
   * const { files, skipped } = await sandbox.files.downloadDir("/app/output", "./output")
   * ```
   */
  downloadDir(path: string, options: FolderOptions & { format: "tar" }): Promise<ReadableStream<Bytes>>;
  /**
   * Reads a directory: as a zip archive, as a tar archive, or into a folder of this machine.
   *
   * The zip's entries start with the directory's name, and symbolic links are left out; a path that is a file comes back
   * as it is. A large directory may take longer than the default 30 seconds: pass `timeoutMs`.
   *
   * With `format: "tar"` it is a stream, whose entries start with `./`: modes, times, empty directories and symbolic links
   * are in it. Cancel it if you do not read it to its end.
   *
   * With a path of this machine, in Node.js (20.16 or later), Deno and Bun, it is unpacked there: files appear whole or not
   * at all, and in place of others of their names. Nothing is written outside of that folder, whatever the archive says:
   * links in it are not followed, those that lead out of it are left out, as are devices and pipes, and what is left out
   * is told. What this machine's file system fails with is thrown as it is.
   *
   * The last two are put together in the sandbox's `/tmp` first, and by default each of their requests may take five
   * minutes.
   *
   * @throws As {@link Files.read}; {@link ConflictError} with code `already_exists` where a link or a directory of this
   * machine is in the way; {@link ValidationError} for a path where there is no file system.
   *
   * @example
   * ```typescript
   * const zip = await sandbox.files.downloadDir("/app/output", { timeoutMs: 120_000 })
   * const tar = await sandbox.files.downloadDir("/app/output", { format: "tar" })
   * const { files, skipped } = await sandbox.files.downloadDir("/app/output", "./output")
   * ```
   */
  downloadDir(path: string, localDir: string, options?: FolderOptions): Promise<FolderDownload>;
  /**
   * Reads a directory: as a zip archive, as a tar archive, or into a folder of this machine.
   *
   * The zip's entries start with the directory's name, and symbolic links are left out; a path that is a file comes back
   * as it is. A large directory may take longer than the default 30 seconds: pass `timeoutMs`.
   *
   * With `format: "tar"` it is a stream, whose entries start with `./`: modes, times, empty directories and symbolic links
   * are in it. Cancel it if you do not read it to its end.
   *
   * With a path of this machine, in Node.js (20.16 or later), Deno and Bun, it is unpacked there: files appear whole or not
   * at all, and in place of others of their names. Nothing is written outside of that folder, whatever the archive says:
   * links in it are not followed, those that lead out of it are left out, as are devices and pipes, and what is left out
   * is told. What this machine's file system fails with is thrown as it is.
   *
   * The last two are put together in the sandbox's `/tmp` first, and by default each of their requests may take five
   * minutes.
   *
   * @throws As {@link Files.read}; {@link ConflictError} with code `already_exists` where a link or a directory of this
   * machine is in the way; {@link ValidationError} for a path where there is no file system.
   *
   * @example
   * ```typescript
   * const zip = await sandbox.files.downloadDir("/app/output", { timeoutMs: 120_000 })
   * const tar = await sandbox.files.downloadDir("/app/output", { format: "tar" })
   * const { files, skipped } = await sandbox.files.downloadDir("/app/output", "./output")
   * ```
   */
  downloadDir(path: string, options?: DownloadDirOptions): Promise<Bytes>;
  /**
   * Sends a folder: what is in it comes to be in `path`, which is made if it is not there. What is there by other names
   * stays.
   *
   * It goes as one archive, which is unpacked beside its place: a file appears whole or not at all. Modes, times (to the
   * second), empty directories and symbolic links are kept; sockets, pipes and devices are left out, as is what vanishes
   * while it is read.
   *
   * @throws {@link ValidationError} for a source that is none, or with code `is_directory` or `not_directory` where one is
   * in the place of the other; {@link ConflictError} with code `changed` for a file that got shorter as it was read;
   * {@link SandboxError} with code `tool_missing` for a template without `tar`. What this machine's file system fails
   * with is thrown as it is.
   *
   * @example
   * ```typescript
   * await sandbox.files.uploadDir("./project", "/app", { gitignore: true, ignore: ["*.log", ".git/"] })
   * // In a page: `uploadDir(input.files, "/app")` with an `<input type="file" webkitdirectory>`.
   * await sandbox.files.uploadDir([{ path: "run.sh", content: "make", mode: 0o755 }, { path: "out" }], "/app")
   * ```
   */
  uploadDir(source: FolderSource, path: string, options?: UploadDirOptions): Promise<FolderUpload>;
  /**
   * Makes a folder of the sandbox as one of this machine is, and sends only what differs: files by size, modes or time,
   * links by what they lead to. Two requests look at what is there and send, however many files there are.
   *
   * Without `delete` nothing is removed but what is of another kind here, and no directory for that. What the ignore rules
   * leave out is neither sent nor removed.
   *
   * @throws As {@link Files.uploadDir}; {@link ConflictError} with code `is_directory` where a file is to be in the place
   * of a directory, without `delete` or with something in it that is ignored.
   *
   * @example
   * ```typescript
   * const { sent, removed } = await sandbox.files.sync("./project", "/app", { gitignore: true, delete: true, dryRun: true })
   * ```
   */
  sync(source: FolderSource, path: string, options?: SyncOptions): Promise<FolderSync>;
  /**
   * Lists a directory, sorted by path. A directory that cannot be read on the way down is listed without what is in it.
   *
   * @throws {@link NotFoundError}, or {@link ValidationError} with code `not_directory`.
   *
   * @example
   * ```typescript
   * for (const { path, size } of await sandbox.files.list("/app", { depth: 2, hidden: false })) {
   *   console.log(path, size)
   * }
   * ```
   */
  list(path: string, options?: FileListOptions): Promise<FileEntry[]>;
  /**
   * Tells what is below a directory, on all levels. Symbolic links are told of, and not followed.
   *
   * A pattern has `*` for any part of a name, `?` for a character, `[a-z]` and `[!a-z]` for one of some and of all
   * others, `{a,b}` for either, and `**` for any directories; a backslash takes the meaning away. One without `/` is
   * for names on any level, one with `/` for paths below `path`. What begins with a dot is like all else.
   *
   * @throws {@link NotFoundError}, or {@link ValidationError} with code `not_directory`, and for what is no pattern.
   *
   * @example
   * ```typescript
   * const { entries } = await sandbox.files.find("/app", {
   *   pattern: "*.{ts,tsx}",
   *   type: "file",
   *   ignore: ["node_modules", "dist/**"],
   * })
   * ```
   */
  find(path: string, options?: FindOptions): Promise<FindResult>;
  /**
   * Looks for a text in the files below a directory, or in one file: tells the lines that have it. Binary files, those
   * with a NUL, are passed over, as are symbolic links below the directory and what cannot be read.
   *
   * @throws {@link NotFoundError} when there is no such path; {@link ValidationError} for what is no pattern, with code
   * `bad_pattern` for what `grep` does not take as a regular expression.
   *
   * @example
   * ```typescript
   * const { matches } = await sandbox.files.grep("/app/src", "TODO", { glob: "*.ts", ignore: ["node_modules"] })
   * for (const { path, line, column, text } of matches) console.log(`${path}:${line}:${column}: ${text}`)
   * ```
   */
  grep(path: string, pattern: string, options?: GrepOptions): Promise<GrepResult>;
  /**
   * Tells what is by a path. A symbolic link is told of itself.
   *
   * @throws {@link NotFoundError} when there is nothing.
   */
  stat(path: string, options?: RequestOptions): Promise<FileEntry>;
  /**
   * Tells whether there is anything by a path, a symbolic link that leads nowhere included.
   */
  exists(path: string, options?: RequestOptions): Promise<boolean>;
  /**
   * Makes a directory.
   *
   * @throws {@link ConflictError} with code `already_exists`; {@link NotFoundError} when the directory above is not there.
   * With `recursive` neither.
   */
  mkdir(path: string, options?: MkdirOptions): Promise<void>;
  /**
   * Removes a file, a symbolic link or an empty directory; with `recursive`, a directory and all that is in it.
   *
   * @throws {@link NotFoundError} when there is nothing; {@link ConflictError} with code `not_empty`.
   */
  remove(path: string, options?: FileTreeOptions): Promise<void>;
  /**
   * Renames or moves a file or a directory, in one step where both are on one file system.
   *
   * @throws {@link ConflictError} with code `already_exists` unless `overwrite`; {@link NotFoundError}.
   */
  rename(from: string, to: string, options?: RenameOptions): Promise<void>;
  /**
   * Copies a file, or a directory with `recursive`. Modes and times are kept; symbolic links stay links.
   *
   * @throws {@link ConflictError} with code `already_exists` unless `overwrite`; {@link ValidationError} with code
   * `is_directory` for one without `recursive`; {@link NotFoundError}.
   */
  copy(from: string, to: string, options?: CopyOptions): Promise<void>;
  /**
   * Sets who may do what with a file: `0o755` say.
   *
   * @throws {@link NotFoundError} when there is nothing; {@link SandboxError} with code `permission_denied`.
   */
  chmod(path: string, mode: number, options?: FileTreeOptions): Promise<void>;
  /**
   * Makes a symbolic link at `path`, which leads to `target`: an absolute path, or one that starts from the link's
   * directory. Whether anything is there does not matter.
   *
   * @throws {@link ConflictError} with code `already_exists`.
   */
  symlink(target: string, path: string, options?: RequestOptions): Promise<void>;
  /**
   * Tells what happens in a directory, until the loop is left or `signal` ends it.
   *
   * It goes on over connections that are cut, and over a pause of the sandbox, which it does not resume: what happened
   * meanwhile is told then. Each event is about the state that is found: a file that is made and removed between two
   * looks is not told of, and one that is written again and again is told of once until it is asked for the next event.
   *
   * @throws {@link NotFoundError} when the directory is not there, or no longer; {@link ValidationError} with code
   * `not_directory`; {@link SandboxError} with code `permission_denied` or `tool_missing`; what else keeps it from going on,
   * once a dozen connections were lost one after another.
   *
   * @example
   * ```typescript
   * for await (const event of sandbox.files.watch("/app", { recursive: true, ignore: ["node_modules"] })) {
   *   if (event.type === "changed") console.log(event.path, event.entry.size)
   * }
   * ```
   */
  watch(path: string, options?: FileWatchOptions): FileWatcher;
}
export type { Files };

/**
 * Programs that live on when their caller goes, when its connection drops, and when the sandbox is paused and resumed, until
 * they end or are killed: `sandbox.processes`.
 *
 * Whoever has the sandbox's id finds them: another program, another machine, another version of this package. What is known
 * of them lies in the sandbox, in plain files: a directory for each, with its record and its output, in
 * `~/.superserve/processes`; where that cannot be written, in `/var/tmp/superserve-<uid>` or `/tmp/superserve-<uid>`.
 * A paused sandbox is resumed first.
 *
 * What fails is a {@link NotFoundError} where there is no such process, and else a {@link SandboxError} with code
 * `permission_denied`, `read_only`, `sandbox_storage_full` or `tool_missing`: a sandbox without such a tool. These are
 * `setsid`, `flock`, `mkfifo`, `dd` and `base64`.
 */
declare class Processes {
  private constructor();
  /**
   * Starts a command under `/bin/sh -c`, or a program with `args`, and resolves once it runs. It is the first of a session
   * and a group of its own.
   *
   * @throws {@link ConflictError} with code `already_exists` when a process of that name runs: of two that start it at
   * once one does.
   * @throws {@link NotFoundError} when there is no such working directory; {@link SandboxError} with code `tool_missing`
   * when there is no such user, or no way to become it.
   *
   * @example
   * ```typescript
   * const server = await sandbox.processes.start("npm run dev", { name: "web", cwd: "/app", restart: "on-failure" })
   * await server.waitForPort(3000, { path: "/" })
   *
   * // Elsewhere, later.
   * const web = await sandbox.processes.get("web")
   * for await (const { stream, text } of web.follow({ tail: 10 })) console.log(stream, text)
   * ```
   */
  start(command: string, options?: ProcessOptions): Promise<Process>;
  /**
   * Lists all that were started and not removed, in no order, those that have ended too.
   */
  list(options?: RequestOptions): Promise<ProcessInfo[]>;
  /**
   * The process of that id or name.
   *
   * @throws {@link NotFoundError} when there is none.
   */
  get(idOrName: string, options?: RequestOptions): Promise<Process>;
  /**
   * Removes a process and all that is kept of it. One that runs is killed first, with all that it has started.
   *
   * @throws {@link NotFoundError} when there is none.
   */
  remove(idOrName: string, options?: RequestOptions): Promise<void>;
}
export type { Processes };

/**
 * Runs code in contexts that keep their state: variables, functions and imports of one run are there in the next.
 * `sandbox.code`.
 *
 * A context is a process in the sandbox, and a directory of plain files: in `~/.superserve/code`; where that cannot be
 * written, in `/var/tmp/superserve-<uid>` or `/tmp/superserve-<uid>`. It lives on when its caller goes, and whoever has the
 * sandbox's id goes on with it by its own. It takes Python 3.8, Node.js 18 or Bash, or newer, and of the sandbox's tools
 * `setsid`, `flock` and `mkfifo`: without one of them the error is a {@link SandboxError} with code `tool_missing`.
 */
declare class Code {
  private constructor();
  /**
   * Runs code, and resolves once it has ended, whether well or by an error of its own: that is told in the outcome. Runs in
   * one context come in turn. The first in a context starts it. A run lasts ten minutes at most, and its code is of one
   * megabyte of UTF-8.
   *
   * The value of the last expression is a result. Python: `display(value)` gives more, `_repr_html_` and its kin give forms,
   * figures of matplotlib that are open are shown and closed, and `await` may stand anywhere. JavaScript: `display(value)`
   * likewise, `await` may stand anywhere, `const` may be declared anew, `require` and `import()` are there, and
   * `[Symbol.for("Jupyter.display")]()` gives forms. Bash: has no results; a last command that fails is an error. Nothing
   * can be read from standard input.
   *
   * With `signal` or `timeoutMs`, which has no default, a run is interrupted, as by {@link Code.interrupt}; the context keeps
   * its state. A caller that is killed cannot do that: its run goes on where the service lets commands go on, ten minutes at
   * most, and later ones in the context wait meanwhile, unless {@link Code.interrupt} ends it.
   *
   * @throws {@link TimeoutError} when it has not ended after `timeoutMs`.
   * @throws {@link NotFoundError} when there is no such context and no `language`, or no such directory.
   * @throws {@link ConflictError} with code `other_language` when the context is one of another language.
   *
   * @example
   * ```typescript
   * const { context } = await sandbox.code.run("import math; r = 2", { language: "python" })
   * const { results, error } = await sandbox.code.run("math.pi * r", { context })
   * if (error) console.error(error.traceback)
   * else console.log(results[0]["text/plain"]) // 6.283185307179586
   * ```
   */
  run(source: string, options?: CodeOptions): Promise<CodeOutcome>;
  /**
   * Lists the contexts, in no order.
   */
  contexts(options?: RequestOptions): Promise<CodeContext[]>;
  /**
   * Ends what runs in a context, and its process. The next run begins in a new one, without the state.
   *
   * @throws {@link NotFoundError} when there is no such context.
   */
  restart(context: string, options?: RequestOptions): Promise<void>;
  /**
   * Interrupts what runs in a context, if anything does, whoever has asked for it: that ends with an error whose name is
   * `Interrupted`, and the state is kept. Runs that wait for their turn are not touched. Python may catch it as
   * `KeyboardInterrupt`.
   *
   * @throws {@link NotFoundError} when there is no such context.
   */
  interrupt(context: string, options?: RequestOptions): Promise<void>;
  /**
   * Ends a context, and removes all that is kept of it.
   *
   * @throws {@link NotFoundError} when there is no such context.
   */
  remove(context: string, options?: RequestOptions): Promise<void>;
}
export type { Code };

/**
 * Terminals that have a name, as {@link Sandbox.terminal} makes them: `sandbox.terminals`.
 *
 * What runs in a sandbox is found by all who have its id. A paused sandbox is resumed first.
 */
declare class Terminals {
  private constructor();
  /**
   * Lists those that run, by their names.
   *
   * @example
   * ```typescript
   * for (const { name, viewers } of await sandbox.terminals.list()) console.log(name, viewers)
   * ```
   */
  list(options?: RequestOptions): Promise<TerminalInfo[]>;
  /**
   * Ends the terminal of that name: its shell and what runs in front get a `SIGHUP`, and the sessions of all who look
   * at it end. Resolves once it is over. One that is gone already is no error.
   */
  kill(name: string, options?: RequestOptions): Promise<void>;
}
export type { Terminals };

/**
 * A snapshot: a sandbox's files, memory and processes at one moment, to make further sandboxes of.
 *
 * Its properties are those of when the object was made; {@link Snapshot.getInfo} tells the present ones.
 *
 * @example
 * ```typescript
 * const snapshot = await sandbox.snapshot({ name: "installed" })
 * const copy = await Sandbox.create({ name: "worker-2", fromSnapshot: snapshot })
 * ```
 */
export declare class Snapshot {
  private constructor();
  /**
   * UUID.
   */
  readonly id: string;
  /**
   * Id of the sandbox that it was taken of.
   */
  readonly sandboxId: string;
  /**
   * What it holds.
   */
  readonly kind: SnapshotKind;
  /**
   * State at the time of the call.
   */
  readonly status: SnapshotStatus;
  /**
   * Size in bytes, 0 until it is ready.
   */
  readonly sizeBytes: number;
  /**
   * What the sandboxes have that are made of it.
   */
  readonly resources: SnapshotResources;
  /**
   * When it was begun.
   */
  readonly createdAt: Date;
  /**
   * UUID of the template of its sandbox.
   */
  readonly templateId?: string;
  /**
   * Name.
   */
  readonly name?: string;
  /**
   * When it was ready.
   */
  readonly readyAt?: Date;
  /**
   * Finds a snapshot by its id.
   *
   * @throws {@link NotFoundError} when there is no such snapshot.
   */
  static get(snapshotId: string, options?: ConnectionOptions): Promise<Snapshot>;
  /**
   * Lists the snapshots of a sandbox, which may be deleted, newest first.
   *
   * @throws {@link NotFoundError} when there is no such sandbox.
   */
  static list(sandboxId: string, options?: SnapshotListOptions): Promise<SnapshotInfo[]>;
  /**
   * The snapshots of a sandbox, which may be deleted, newest first, read page by page as they are iterated. See
   * {@link Sandbox.iterate}.
   *
   * @throws {@link NotFoundError} from the iteration, when there is no such sandbox.
   */
  static iterate(sandboxId: string, options?: SnapshotIterateOptions): Listing<SnapshotInfo>;
  /**
   * Deletes a snapshot by its id. One that is gone already is no error.
   *
   * @throws {@link ConflictError} with code `snapshot_in_progress` while it is being taken.
   */
  static deleteById(snapshotId: string, options?: ConnectionOptions): Promise<void>;
  /**
   * Reads what the service knows of this snapshot now. The properties of this object stay as they are.
   *
   * @throws {@link NotFoundError} when it was deleted.
   */
  getInfo(options?: RequestOptions): Promise<SnapshotInfo>;
  /**
   * The same, as a callback has it: without options.
   */
  getInfo(): Promise<SnapshotInfo>;
  /**
   * Gives this snapshot another name, and resolves with it as it is then.
   *
   * @throws {@link NotFoundError} when it was deleted.
   */
  rename(name: string, options?: RequestOptions): Promise<Snapshot>;
  /**
   * The same, as a callback has it: without options.
   */
  rename(name: string): Promise<Snapshot>;
  /**
   * Deletes this snapshot. One that is gone already is no error. The sandboxes that were made of it stay.
   *
   * @throws {@link ConflictError} with code `snapshot_in_progress` while it is being taken.
   */
  delete(options?: RequestOptions): Promise<void>;
  /**
   * The same, as a callback has it: without options.
   */
  delete(): Promise<void>;
  /**
   * Waits until this snapshot is ready, and resolves with it as it is then.
   *
   * @throws {@link SandboxError} with code `snapshot_failed` or `snapshot_deleted`.
   * @throws {@link TimeoutError} after `timeoutMs`.
   */
  waitUntilReady(options?: SnapshotWaitOptions): Promise<Snapshot>;
}

/**
 * Looks at and uses the screen of a sandbox: `sandbox.desktop`.
 *
 * The sandbox has to be made from a template with a screen, such as `superserve/desktop`; of another the service says
 * that it has none, which is a {@link SandboxError}. Coordinates are whole pixels from the upper left corner. A paused
 * sandbox is resumed first.
 *
 * @example
 * ```typescript
 * const sandbox = await Sandbox.create({ fromTemplate: "superserve/desktop" })
 * await sandbox.desktop.click(200, 120)
 * await sandbox.desktop.write("hello")
 * await sandbox.desktop.press("ctrl+s")
 * const { data, width, height } = await sandbox.desktop.screenshot()
 * ```
 */
declare class Desktop {
  private constructor();
  /**
   * Takes a picture of the screen.
   *
   * @throws {@link SandboxError} for a sandbox without a screen.
   */
  screenshot(options?: RequestOptions): Promise<Screenshot>;
  /**
   * The same, as a callback has it: without options.
   */
  screenshot(): Promise<Screenshot>;
  /**
   * Moves the mouse to a place and clicks there.
   *
   * @throws {@link ValidationError} for a coordinate that is no integer from 0 on, before any request.
   */
  click(x: number, y: number, options?: ClickOptions): Promise<void>;
  /**
   * The same, twice.
   *
   * @throws As {@link Desktop.click}.
   */
  doubleClick(x: number, y: number, options?: ClickOptions): Promise<void>;
  /**
   * The same, with the right button.
   *
   * @throws As {@link Desktop.click}.
   */
  rightClick(x: number, y: number, options?: RequestOptions): Promise<void>;
  /**
   * The same, with the middle button.
   *
   * @throws As {@link Desktop.click}.
   */
  middleClick(x: number, y: number, options?: RequestOptions): Promise<void>;
  /**
   * Moves the mouse.
   *
   * @throws As {@link Desktop.click}.
   */
  moveMouse(x: number, y: number, options?: RequestOptions): Promise<void>;
  /**
   * Drags with the left button from one place, `[x, y]`, to another, in one request.
   *
   * @throws As {@link Desktop.click}.
   */
  drag(from: [x: number, y: number], to: [x: number, y: number], options?: RequestOptions): Promise<void>;
  /**
   * Turns the wheel, where the mouse is.
   *
   * @throws {@link ValidationError} for turns that are no integers, before any request.
   *
   * @example
   * ```typescript
   * await sandbox.desktop.moveMouse(400, 300)
   * await sandbox.desktop.scroll({ dy: 5 })
   * ```
   */
  scroll(options: ScrollOptions): Promise<void>;
  /**
   * Types a text.
   *
   * @throws {@link SandboxError} for a sandbox without a screen.
   */
  write(text: string, options?: RequestOptions): Promise<void>;
  /**
   * Presses a key, with the modifiers before it held: `"enter"`, `"ctrl+c"`, or `["ctrl", "shift", "t"]`.
   *
   * Modifiers are `ctrl`, `alt`, `shift` and `super` (or `cmd`). Keys are named as people do, in either case
   * (`enter`, `esc`, `tab`, `backspace`, `delete`, `pageup`, `up`, `space`, `cmd`, …); every other name is X's own, such
   * as `F5`, `a`, `A` or `eacute`.
   *
   * @throws {@link ValidationError} for what is no modifier before the key, before any request.
   */
  press(keys: string | string[], options?: RequestOptions): Promise<void>;
  /**
   * Does several things in one request. The service checks them as a whole, then does one after another, and stops
   * at the first that fails.
   *
   * @throws {@link ValidationError} for an action that is none, before any request.
   *
   * @example
   * ```typescript
   * await sandbox.desktop.actions([
   *   { type: "click", x: 300, y: 80 },
   *   { type: "write", text: "superserve.ai" },
   *   { type: "press", keys: "enter" },
   * ])
   * ```
   */
  actions(actions: DesktopAction[], options?: RequestOptions): Promise<void>;
  /**
   * Gives the screen another size: a width of 320 to 8192 that is a multiple of 8, a height of 200 to 8192.
   *
   * @throws {@link ValidationError} for another size, before any request.
   */
  resize(width: number, height: number, options?: RequestOptions): Promise<void>;
  /**
   * Gets the URL of a page that shows the screen, and lets whoever opens it use it. The sandbox is resumed if it is
   * paused, and {@link DESKTOP_STREAM_PORT} is published as by {@link Sandbox.publishPreviewPort}.
   *
   * Where previews are private the URL has a token in it, good for a minute unless `expiresInSeconds` says
   * otherwise; else anybody can open it. A page's ticket has to allow `preview`, since this publishes a port.
   *
   * @throws {@link NotFoundError} when the sandbox was deleted.
   *
   * @example
   * ```typescript
   * const url = await sandbox.desktop.getStreamUrl({ viewOnly: true })
   * ```
   */
  getStreamUrl(options?: StreamUrlOptions): Promise<string>;
}
export type { Desktop };

/**
 * A template: what a sandbox starts from, built in steps on a container image.
 *
 * Its properties are those of when the object was made; {@link Template.getInfo} tells the present ones.
 *
 * @example
 * ```typescript
 * import { Sandbox, Template } from "@superserve/sdk"
 *
 * const template = await Template.create({
 *   name: "my-python-env",
 *   from: "python:3.11",
 *   steps: [{ run: "pip install numpy" }],
 * })
 * await template.waitUntilReady({ onLog: (ev) => console.log(ev.text) })
 * const sandbox = await Sandbox.create({ name: "run-1", fromTemplate: template })
 * ```
 */
export declare class Template {
  private constructor();
  /**
   * UUID.
   */
  readonly id: string;
  /**
   * Name.
   */
  readonly name: string;
  /**
   * UUID of the team.
   */
  readonly teamId: string;
  /**
   * State at the time of the call.
   */
  readonly status: TemplateStatus;
  /**
   * Number of virtual CPUs of its sandboxes.
   */
  readonly vcpu: number;
  /**
   * Memory of its sandboxes in MiB.
   */
  readonly memoryMib: number;
  /**
   * Disk of its sandboxes in MiB.
   */
  readonly diskMib: number;
  /**
   * Size of what was built, in bytes.
   */
  readonly sizeBytes?: number;
  /**
   * Why the last build failed: `<code>: <detail>`.
   */
  readonly errorMessage?: string;
  /**
   * When it was created.
   */
  readonly createdAt: Date;
  /**
   * When it was last built.
   */
  readonly builtAt?: Date;
  /**
   * UUID of the newest build.
   */
  readonly latestBuildId?: string;
  /**
   * Creates a template and begins its first build. {@link Template.waitUntilReady} tells when it can be
   * used.
   *
   * @throws {@link ValidationError} for options that are not as documented, before any request.
   * @throws {@link RateLimitError} with code `too_many_builds` or `too_many_templates`;
   * {@link ConflictError} when the name is taken.
   */
  static create(options: TemplateCreateOptions): Promise<Template>;
  /**
   * Finds a template by its name or id.
   *
   * @throws {@link NotFoundError} when there is no such template.
   */
  static connect(nameOrId: string, options?: ConnectionOptions): Promise<Template>;
  /**
   * Lists the team's templates and those of the service.
   *
   * @throws {@link AuthenticationError} when the key is not valid.
   */
  static list(options?: TemplateListOptions): Promise<TemplateInfo[]>;
  /**
   * The team's templates and those of the service, read page by page as they are iterated. See
   * {@link Sandbox.iterate}.
   *
   * @throws {@link AuthenticationError} from the iteration, when the key is not valid.
   */
  static iterate(options?: TemplateIterateOptions): Listing<TemplateInfo>;
  /**
   * Deletes a template by its name or id. One that is gone already is no error.
   *
   * @throws {@link ConflictError} while a sandbox uses it or a build is under way.
   */
  static deleteById(nameOrId: string, options?: ConnectionOptions): Promise<void>;
  /**
   * Reads what the service knows of this template now. The properties of this object stay as they are.
   *
   * @throws {@link NotFoundError} when it was deleted.
   */
  getInfo(options?: RequestOptions): Promise<TemplateInfo>;
  /**
   * The same, as a callback has it: without options.
   */
  getInfo(): Promise<TemplateInfo>;
  /**
   * Deletes this template. One that is gone already is no error.
   *
   * @throws {@link ConflictError} while a sandbox uses it or a build is under way.
   */
  delete(options?: RequestOptions): Promise<void>;
  /**
   * The same, as a callback has it: without options.
   */
  delete(): Promise<void>;
  /**
   * Builds this template anew. While a build of the same definition is under way, that one is returned.
   *
   * @throws {@link RateLimitError} with code `too_many_builds`.
   */
  rebuild(options?: RequestOptions): Promise<TemplateBuildInfo>;
  /**
   * The same, as a callback has it: without options.
   */
  rebuild(): Promise<TemplateBuildInfo>;
  /**
   * Lists the builds of this template, newest first.
   *
   * @throws {@link NotFoundError} when the template was deleted.
   */
  listBuilds(options?: TemplateBuildsListOptions): Promise<TemplateBuildInfo[]>;
  /**
   * Reads a build.
   *
   * @throws {@link NotFoundError} when there is no such build.
   */
  getBuild(buildId: string, options?: RequestOptions): Promise<TemplateBuildInfo>;
  /**
   * The same, as a callback has it: without options.
   */
  getBuild(buildId: string): Promise<TemplateBuildInfo>;
  /**
   * Cancels a build. One that has ended already is no error.
   *
   * @throws {@link AuthenticationError} when the key is not valid.
   */
  cancelBuild(buildId: string, options?: RequestOptions): Promise<void>;
  /**
   * The same, as a callback has it: without options.
   */
  cancelBuild(buildId: string): Promise<void>;
  /**
   * Follows the log of a build from its start to its last event.
   *
   * A connection that breaks is made again; each event is still delivered once and in order.
   *
   * @throws {@link SandboxError} when the log cannot be read, or the template has no build.
   */
  streamBuildLogs(options: BuildLogsOptions): Promise<void>;
  /**
   * Waits until a build has ended, and resolves with the template as it is then: the build that this object
   * began, else the newest of when it was made. Where there is none, as with the service's own templates,
   * the template itself tells whether it is ready.
   *
   * @throws {@link BuildError} when the build failed: its `code` says in which stage.
   * @throws {@link ConflictError} with code `cancelled` when somebody cancelled it.
   * @throws {@link TimeoutError} after `timeoutMs`.
   */
  waitUntilReady(options?: WaitUntilReadyOptions): Promise<TemplateInfo>;
}

/**
 * A secret: a credential that the service keeps, and puts into requests that leave a sandbox.
 *
 * The value never enters a sandbox. Its processes see a stand-in in an environment variable; in requests to
 * the secret's hosts the value takes its place. The properties are those of when the object was made;
 * {@link Secret.getInfo} tells the present ones.
 *
 * @example
 * ```typescript
 * import { Sandbox, Secret } from "@superserve/sdk"
 *
 * await Secret.create({ name: "anthropic-prod", value: key, provider: "anthropic" })
 * const sandbox = await Sandbox.create({
 *   name: "agent-1",
 *   secrets: { ANTHROPIC_API_KEY: "anthropic-prod" },
 * })
 * ```
 */
export declare class Secret {
  private constructor();
  /**
   * UUID.
   */
  readonly id: string;
  /**
   * Name.
   */
  readonly name: string;
  /**
   * How it is put into a request.
   */
  readonly authType: SecretAuthType;
  /**
   * The rest of that: header names and such.
   */
  readonly authConfig: Record<string, unknown>;
  /**
   * Provider it was made for, if any: `anthropic`, say.
   */
  readonly providerShortcut?: string;
  /**
   * Hosts it may be sent to.
   */
  readonly hosts: string[];
  /**
   * When it was created.
   */
  readonly createdAt: Date;
  /**
   * When its value was last replaced; when it was created, if never.
   */
  readonly updatedAt: Date;
  /**
   * When it was last used.
   */
  readonly lastUsedAt?: Date;
  /**
   * Creates a secret.
   *
   * @throws {@link ValidationError} unless it has `provider`, or `auth` and `hosts`, before any request.
   * @throws {@link ConflictError} when the name is taken.
   *
   * @example
   * ```typescript
   * await Secret.create({
   *   name: "search",
   *   value: key,
   *   auth: { type: "api-key", header: "x-api-key" },
   *   hosts: ["api.search.example"],
   * })
   * ```
   */
  static create(options: SecretCreateOptions): Promise<Secret>;
  /**
   * Finds a secret by its name.
   *
   * @throws {@link NotFoundError} when there is no such secret.
   */
  static get(name: string, options?: ConnectionOptions): Promise<Secret>;
  /**
   * Lists the team's secrets.
   *
   * @throws {@link AuthenticationError} when the key is not valid.
   */
  static list(options?: SecretListOptions): Promise<SecretInfo[]>;
  /**
   * Deletes a secret by its name. One that is gone already is no error.
   *
   * @throws {@link AuthenticationError} when the key is not valid.
   */
  static deleteByName(name: string, options?: ConnectionOptions): Promise<void>;
  /**
   * Reads what the service tells of this secret now. The properties of this object stay as they are.
   *
   * @throws {@link NotFoundError} when it was deleted.
   */
  getInfo(options?: RequestOptions): Promise<SecretInfo>;
  /**
   * The same, as a callback has it: without options.
   */
  getInfo(): Promise<SecretInfo>;
  /**
   * Replaces the value. Sandboxes keep their stand-ins; requests from now on carry the new value.
   *
   * @throws {@link NotFoundError} when it was deleted.
   */
  rotate(value: string, options?: RequestOptions): Promise<Secret>;
  /**
   * The same, as a callback has it: without options.
   */
  rotate(value: string): Promise<Secret>;
  /**
   * Deletes this secret. One that is gone already is no error.
   *
   * @throws {@link AuthenticationError} when the key is not valid.
   */
  delete(options?: RequestOptions): Promise<void>;
  /**
   * The same, as a callback has it: without options.
   */
  delete(): Promise<void>;
  /**
   * Lists the requests in which this secret was used, in all sandboxes, newest first.
   *
   * @throws {@link NotFoundError} when the secret was deleted.
   */
  getAudit(options?: SecretAuditOptions): Promise<ProxyAuditEvent[]>;
  /**
   * The requests in which this secret was used, newest first, read page by page as they are iterated.
   *
   * @throws {@link NotFoundError} from the iteration, when the secret was deleted.
   */
  iterateAudit(options?: SecretAuditIterateOptions): Listing<ProxyAuditEvent>;
  /**
   * Lists the sandboxes that this secret is bound to.
   *
   * @throws {@link NotFoundError} when the secret was deleted.
   */
  getSandboxes(options?: RequestOptions): Promise<SecretSandboxBinding[]>;
  /**
   * The same, as a callback has it: without options.
   */
  getSandboxes(): Promise<SecretSandboxBinding[]>;
}

/**
 * The catalogue of providers: services that a secret needs only a name and a value for.
 */
export declare class Provider {
  private constructor();
  /**
   * Lists the providers.
   *
   * @throws {@link AuthenticationError} when the key is not valid.
   *
   * @example
   * ```typescript
   * const names = (await Provider.list()).map((provider) => provider.name)
   * ```
   */
  static list(options?: ConnectionOptions): Promise<ProviderShortcut[]>;
}

/**
 * The connection that explicit options and the environment make, without a request.
 *
 * @throws {@link AuthenticationError} when there is no API key.
 * @throws {@link ValidationError} for a URL that is not one, or for plain `http` to another machine.
 */
export declare function resolveConfig(options?: ConnectionOptions): ResolvedConfig;

/**
 * The URL under which a port of a sandbox can be opened, without a request.
 *
 * The sandbox has to be active with a server on the port for the URL to answer.
 *
 * @throws {@link ValidationError} unless `port` is an integer from 1024 to 65535, and not 49983.
 *
 * @example
 * ```typescript
 * previewUrl(sandbox.id, "sandbox.superserve.ai", 8000)
 * ```
 */
export declare function previewUrl(sandboxId: string, sandboxHost: string, port: number): string;

/**
 * What every call that reaches the network takes.
 */
export interface RequestOptions {
  /**
   * Ends the call at once. The error is a `SandboxError` whose `cause` is the signal's reason.
   */
  signal?: AbortSignal | undefined;
  /**
   * Milliseconds that a try may take, the body of the answer included. Waking a paused sandbox on the
   * way has a time of its own, 30 seconds a try.
   *
   * @defaultValue 30000
   */
  timeoutMs?: number | undefined;
}

/**
 * How requests are made and who is told of them.
 */
export interface TransportOptions {
  /**
   * Sends every request, in place of the global `fetch`. WebSockets are for `webSocket`.
   */
  fetch?: ((url: string, init: any) => Promise<any>) | undefined;
  /**
   * Class whose objects are the WebSockets of sessions, such as that of `ws`.
   *
   * @defaultValue the global `WebSocket`
   */
  webSocket?: (WebSocketClass) | undefined;
  /**
   * Headers that every request has beside this package's own, such as a gateway wants them. Those of credentials, and
   * those that this package sets itself, are refused. No error shows their values. WebSockets have none, and from a
   * page only what the other side's CORS allows gets there.
   */
  headers?: Record<string, string> | undefined;
  /**
   * How reads and deletions are tried again, or `false` for not at all. What creates or acts is never sent again.
   */
  retry?: RetryOptions | false | undefined;
  /**
   * Functions that are told of every request.
   */
  hooks?: Hooks | undefined;
  /**
   * Logs requests (`debug`), wake-ups (`info`), further attempts (`warn`) and requests without an answer (`error`):
   * to an object with such methods, or from the level of that name on to the console. No line shows a secret.
   *
   * @defaultValue the level that the environment variable `SUPERSERVE_LOG` names when the first call is made; else
   * nothing is logged
   */
  logger?: Logger | "debug" | "info" | "warn" | "error" | undefined;
}

/**
 * How to reach the service. Each call that is not a method of an instance takes these.
 */
export interface ConnectionOptions extends RequestOptions, TransportOptions {
  /**
   * API key.
   *
   * @defaultValue the environment variable `SUPERSERVE_API_KEY`
   */
  apiKey?: string | undefined;
  /**
   * Origin of the API. Plain `http` is for this machine only.
   *
   * @defaultValue the environment variable `SUPERSERVE_BASE_URL`, else the origin of the key's
   * region, else `https://api.superserve.ai`
   */
  baseUrl?: string | undefined;
  /**
   * Origin of the sandboxes' own API, for a self-hosted service.
   *
   * @defaultValue the environment variable `SUPERSERVE_SANDBOX_URL`, else what belongs to `baseUrl`
   */
  sandboxUrl?: string | undefined;
  /**
   * What a machine has in place of an `apiKey`. It needs an explicit `baseUrl` that is a plain origin, and is good for
   * making, listing, reading, changing, pausing, resuming and deleting sandboxes; what these need beside it they do
   * with their own tokens. Any other call with it is a {@link ValidationError} before any request.
   */
  machineCredential?: string | undefined;
}

/**
 * The connection that the options and the environment make. See {@link resolveConfig}.
 */
export interface ResolvedConfig {
  /**
   * API key.
   */
  apiKey: string;
  /**
   * Origin of the API, without a trailing slash.
   */
  baseUrl: string;
  /**
   * Host in which the sandboxes' own host names end.
   */
  sandboxHost: string;
  /**
   * Origin of every sandbox's API, when it is not a host of its own: a local or self-hosted service.
   */
  sandboxUrl?: string;
}

/**
 * Rules for a sandbox's outbound connections.
 */
export interface NetworkConfig {
  /**
   * CIDRs or domains (`*.github.com`) that may be reached.
   */
  allowOut?: string[] | undefined;
  /**
   * CIDRs that may not be reached.
   */
  denyOut?: string[] | undefined;
}

/**
 * A secret bound to an environment variable of a sandbox.
 */
export interface SandboxSecretBinding {
  /**
   * Environment variable.
   */
  envKey: string;
  /**
   * Name of the secret.
   */
  secretName: string;
  /**
   * True once the secret was deleted, so that its stand-in no longer works.
   */
  revoked?: boolean;
}

/**
 * What the service knows of a sandbox.
 */
export interface SandboxInfo {
  /**
   * UUID.
   */
  id: string;
  /**
   * Name.
   */
  name: string;
  /**
   * State at the time of the call.
   */
  status: SandboxStatus;
  /**
   * Number of virtual CPUs.
   */
  vcpuCount: number;
  /**
   * Memory in MiB.
   */
  memoryMib: number;
  /**
   * When it was created.
   */
  createdAt: Date;
  /**
   * Seconds of active time after which it is paused.
   */
  timeoutSeconds?: number;
  /**
   * Seconds of continuous pause after which it is deleted.
   */
  autoDeleteSeconds?: number;
  /**
   * When it will be deleted; only while it is paused and `autoDeleteSeconds` is set.
   */
  autoDeleteAt?: Date;
  /**
   * Snapshot it was made from.
   */
  snapshotId?: string;
  /**
   * UUID of the {@link Snapshot} it was made from.
   */
  sourceSnapshotId?: string;
  /**
   * Rules for outbound connections.
   */
  network?: NetworkConfig;
  /**
   * Your own tags.
   */
  metadata: Record<string, string>;
  /**
   * Who may open preview URLs.
   */
  previewAccess: PreviewAccess;
  /**
   * Secrets bound to environment variables.
   */
  secrets?: SandboxSecretBinding[];
}

/**
 * Options of {@link Sandbox.connect}, and of whatever else gives a `Sandbox`.
 */
export interface SandboxConnectOptions extends ConnectionOptions {
  /**
   * What becomes of the sandbox at the end of the scope of an `await using`: it is deleted, or paused.
   *
   * @defaultValue `"kill"`
   */
  onDispose?: "kill" | "pause" | undefined;
}

/**
 * Options of {@link Sandbox.pause}.
 */
export interface SandboxPauseOptions {
  /**
   * Whether to wait until it is paused. With `false` the call resolves once the service has accepted the pause.
   *
   * @defaultValue true
   */
  wait?: boolean | undefined;
  /**
   * Milliseconds the whole wait may take; with `wait: false` the one request, and then 30000 unless you say
   * otherwise. The pause itself goes on when it is over.
   *
   * @defaultValue 300000
   */
  timeoutMs?: number | undefined;
  /**
   * Milliseconds between two looks at the sandbox.
   *
   * @defaultValue 50 for the first two seconds, then 1000
   */
  pollIntervalMs?: number | undefined;
  /**
   * Ends the call at once; the pause itself goes on.
   */
  signal?: AbortSignal | undefined;
}

/**
 * Options of {@link Sandbox.resume}.
 */
export interface SandboxResumeOptions {
  /**
   * Milliseconds the whole call may take, a pause that is waited out included.
   *
   * @defaultValue 30000 for the request, and 300000 for the wait
   */
  timeoutMs?: number | undefined;
  /**
   * Milliseconds between two looks at a sandbox that is in transition.
   *
   * @defaultValue 50 for the first two seconds, then 1000
   */
  pollIntervalMs?: number | undefined;
  /**
   * Ends the call at once.
   */
  signal?: AbortSignal | undefined;
}

/**
 * Options of {@link Sandbox.resumeById}. `timeoutMs` is for the whole call, as in {@link SandboxResumeOptions}.
 */
export interface SandboxResumeByIdOptions extends ConnectionOptions {
  /**
   * Milliseconds between two looks at a sandbox that is in transition.
   *
   * @defaultValue 50 for the first two seconds, then 1000
   */
  pollIntervalMs?: number | undefined;
}

/**
 * Options of {@link Sandbox.pauseById}. `timeoutMs` is for the whole wait, as in {@link SandboxPauseOptions}.
 */
export interface SandboxPauseByIdOptions extends SandboxResumeByIdOptions {
  /**
   * Whether to wait until it is paused. With `false` the call resolves once the service has accepted the pause.
   *
   * @defaultValue true
   */
  wait?: boolean | undefined;
}

/**
 * Options of {@link Sandbox.create}.
 */
export interface SandboxCreateOptions extends SandboxConnectOptions {
  /**
   * Name, 1 to 64 characters.
   *
   * @defaultValue one is made up, such as `amber-otter-7k3f`
   */
  name?: string | undefined;
  /**
   * Template to start from: its name, its UUID, or a `Template`.
   *
   * @defaultValue `superserve/base`
   */
  fromTemplate?: string | {
    /** Name. */
    name?: string | undefined;
    /** UUID. */
    id: string;
  } | undefined;
  /**
   * Snapshot to start from: its id, or a {@link Snapshot}. The sandbox has its CPUs, memory, disk and processes.
   */
  fromSnapshot?: string | {
    /** UUID. */
    id: string;
  } | undefined;
  /**
   * Seconds of active time (1 to 604800) after which the sandbox is paused.
   *
   * @defaultValue never
   */
  timeoutSeconds?: number | undefined;
  /**
   * Seconds of continuous pause (0 to 2592000) after which the sandbox is deleted; 0 deletes it as
   * soon as it is paused.
   *
   * @defaultValue never
   */
  autoDeleteSeconds?: number | undefined;
  /**
   * Your own tags: up to 64 keys of 256 bytes with values of 2048 bytes, 16384 bytes in all. Keys
   * that start with `superserve.` are the service's.
   */
  metadata?: Record<string, string> | undefined;
  /**
   * Environment variables of every command: up to 64, values of up to 8192 bytes.
   */
  envVars?: Record<string, string> | undefined;
  /**
   * Secrets to bind, as `{ ENV_VAR: secretName }`. The sandbox sees a stand-in under the variable;
   * the value takes its place in requests that leave for the secret's hosts.
   */
  secrets?: Record<string, string> | undefined;
  /**
   * Rules for outbound connections.
   */
  network?: NetworkConfig | undefined;
  /**
   * Who may open preview URLs.
   */
  previewAccess?: "public" | "private" | undefined;
}

/**
 * Which sandboxes {@link Sandbox.list} and {@link Sandbox.iterate} are to find, and in what order.
 */
export interface SandboxFilter extends ConnectionOptions {
  /**
   * Only sandboxes that carry all of these tags.
   */
  metadata?: Record<string, string> | undefined;
  /**
   * Only sandboxes in this state, or in one of these.
   */
  status?: SandboxStatus | SandboxStatus[] | undefined;
  /**
   * Only sandboxes whose name has this in it.
   */
  q?: string | undefined;
  /**
   * What they are sorted by.
   *
   * @defaultValue the service's, `created_at`
   */
  sort?: "created_at" | "name" | (string & {}) | undefined;
  /**
   * Which way they are sorted.
   *
   * @defaultValue the service's: the newest first, names from A to Z
   */
  order?: "asc" | "desc" | undefined;
}

/**
 * Options of {@link Sandbox.list}.
 */
export interface SandboxListOptions extends SandboxFilter {
  /**
   * At most so many.
   *
   * @defaultValue the service's
   */
  limit?: number | undefined;
  /**
   * Pass over so many first.
   *
   * @defaultValue 0
   */
  offset?: number | undefined;
}

/**
 * Options of {@link Sandbox.iterate}.
 */
export interface SandboxIterateOptions extends SandboxFilter {
  /**
   * Most sandboxes of a request, 2 to 1000.
   *
   * @defaultValue 100
   */
  pageSize?: number | undefined;
}

/**
 * Options of {@link Sandbox.getOrCreate}: which sandbox it is to find, and what a new one is to be.
 */
export interface SandboxGetOrCreateOptions extends SandboxCreateOptions {
  /**
   * The tags, one at least, that the sandbox has to have. A new one gets them too.
   */
  match: Record<string, string>;
}

/**
 * Options of {@link Sandbox.update}. What is left out stays as it is.
 */
export interface SandboxUpdateOptions extends RequestOptions {
  /**
   * Replaces all tags.
   */
  metadata?: Record<string, string> | undefined;
  /**
   * Replaces all rules for outbound connections. The sandbox has to be active.
   */
  network?: NetworkConfig | undefined;
  /**
   * Seconds of continuous pause (0 to 2592000) after which the sandbox is deleted, counted from now
   * when it is paused already; `null` for never.
   */
  autoDeleteSeconds?: number | null | undefined;
  /**
   * Seconds of active time (1 to 604800) after which the sandbox is paused; `null` for never.
   */
  timeoutSeconds?: number | null | undefined;
  /**
   * Who may open preview URLs.
   */
  previewAccess?: "public" | "private" | undefined;
}

/**
 * Options of {@link Commands.run}.
 */
export interface CommandOptions {
  /**
   * Arguments: then the command is a program, which gets them as they are, and no shell reads either.
   *
   * @defaultValue none: `/bin/sh -c` reads the command
   */
  args?: string[] | undefined;
  /**
   * Working directory.
   *
   * @defaultValue the template's, else `/home/user`
   */
  cwd?: string | undefined;
  /**
   * Environment variables, over those of the sandbox.
   */
  env?: Record<string, string> | undefined;
  /**
   * Milliseconds the command may take, rounded up to whole seconds; the service ends it then. The
   * call itself waits five seconds more, so that the service's answer comes first.
   *
   * `fetch` of Node.js gives up after five minutes of silence, which is a `TimeoutError`: a command that may be
   * silent for longer is for {@link Commands.spawn}.
   *
   * @defaultValue the service's, 30000. A call with callbacks then ends once nothing came for 300
   * seconds, and after 12 hours in any case.
   */
  timeoutMs?: number | undefined;
  /**
   * Called with each piece of standard output as it comes. If it throws, or the promise it returns
   * rejects while the call lasts, the call rejects with that. Such promises slow the command: while they have more than
   * 64 KB to take, no more is read.
   */
  onStdout?: ((data: string) => void) | undefined;
  /**
   * Called with each piece of standard error as it comes. If it throws, or the promise it returns
   * rejects while the call lasts, the call rejects with that.
   */
  onStderr?: ((data: string) => void) | undefined;
  /**
   * Ends the call at once. The command itself goes on in the sandbox.
   */
  signal?: AbortSignal | undefined;
  /**
   * Most bytes that the answer of a call without callbacks may have; more is a `ValidationError`.
   *
   * @defaultValue 10485760
   */
  maxOutputBytes?: number | undefined;
}

/**
 * What a command left behind.
 */
export interface CommandResult {
  /**
   * All it wrote to standard output.
   */
  stdout: string;
  /**
   * All it wrote to standard error.
   */
  stderr: string;
  /**
   * Its exit code. A code other than 0 is a result, not an error. 0 where the service tells none, which it may
   * do when an error ended the command: `stderr` then ends with it.
   */
  exitCode: number;
  /**
   * True when the service cut the output short.
   */
  truncated: boolean;
}

/**
 * Options of {@link Commands.spawn}.
 */
export interface SpawnOptions {
  /**
   * Arguments: then the command is a program, which gets them as they are, and no shell reads either.
   *
   * @defaultValue none: `/bin/sh -c` reads the command
   */
  args?: string[] | undefined;
  /**
   * Working directory.
   *
   * @defaultValue the template's, else `/home/user`
   */
  cwd?: string | undefined;
  /**
   * Environment variables, over those of the sandbox.
   */
  env?: Record<string, string> | undefined;
  /**
   * Milliseconds the command may take, rounded up to whole seconds; the service ends it then.
   *
   * @defaultValue no limit: a session is there to live
   */
  timeoutMs?: number | undefined;
  /**
   * Called with each piece of standard output as it comes. If it throws, the session is closed and
   * {@link CommandSession.wait} rejects with what it threw.
   */
  onStdout?: ((data: string) => void) | undefined;
  /**
   * Called with each piece of standard error as it comes. If it throws, the session is closed and
   * {@link CommandSession.wait} rejects with what it threw.
   */
  onStderr?: ((data: string) => void) | undefined;
  /**
   * Kills the command and closes the session.
   */
  signal?: AbortSignal | undefined;
}

/**
 * Options of {@link Commands.stream}.
 */
export interface CommandStreamOptions {
  /**
   * Arguments: then the command is a program, which gets them as they are, and no shell reads either.
   *
   * @defaultValue none: `/bin/sh -c` reads the command
   */
  args?: string[] | undefined;
  /**
   * Working directory.
   *
   * @defaultValue the template's, else `/home/user`
   */
  cwd?: string | undefined;
  /**
   * Environment variables, over those of the sandbox.
   */
  env?: Record<string, string> | undefined;
  /**
   * Milliseconds the command may take, rounded up to whole seconds; the service ends it then. Those in which it waits
   * for its reader count.
   *
   * @defaultValue none, but a stream ends once nothing came for 300 seconds, and after 12 hours in any case; neither
   * with `stdin` or as bytes
   */
  timeoutMs?: number | undefined;
  /**
   * What the output comes as: text, or bytes as the command wrote them. Bytes come over a WebSocket.
   *
   * @defaultValue `"text"`
   */
  encoding?: "text" | "bytes" | undefined;
  /**
   * Whether the command is written to, by {@link CommandStream.stdin}. Then all goes over a WebSocket.
   *
   * @defaultValue false: it has no input
   */
  stdin?: boolean | undefined;
  /**
   * Ends the command, and all that it has started. The error is a `SandboxError` whose `cause` is the signal's reason.
   */
  signal?: AbortSignal | undefined;
}

/**
 * Options of {@link Sandbox.terminal}.
 */
export interface TerminalOptions {
  /**
   * Name of a terminal that survives its connection, 1 to 64 characters: it is made unless it runs, and whoever opens
   * it again, from anywhere, has its screen as it is, with up to 64 KiB of what was above. `onData` then gets all that
   * anew, after a reset. See {@link Sandbox.terminals}.
   *
   * @defaultValue none: the shell ends with its connection
   */
  name?: string | undefined;
  /**
   * Columns, 1 to 1000.
   *
   * @defaultValue 80
   */
  cols?: number | undefined;
  /**
   * Rows, 1 to 1000.
   *
   * @defaultValue 24
   */
  rows?: number | undefined;
  /**
   * Called with the bytes that the terminal shows, as they come: text and control sequences, cut
   * anywhere. If it throws, the session is closed and {@link TerminalSession.wait} rejects with what
   * it threw.
   */
  onData?: ((data: Bytes) => void) | undefined;
  /**
   * Closes the session.
   */
  signal?: AbortSignal | undefined;
}

/**
 * Options of {@link Files.readText} and {@link Files.downloadDir}.
 */
export interface FileDownloadOptions extends RequestOptions {
  /**
   * Most bytes to read; more is a `ValidationError`.
   *
   * @defaultValue 2147483648, of a stream any number
   */
  maxBytes?: number | undefined;
  /**
   * Called as the bytes come, with how many have been read, and how many there are if the answer says so. Where
   * the request has to be tried again, it starts anew; of an empty file there is nothing to tell. If it throws, or
   * the promise it returns rejects while the call lasts, the call rejects with that.
   */
  onProgress?: ((received: number, total?: number) => void) | undefined;
}

/**
 * Options of {@link Files.read}. Of a stream `timeoutMs` is the time for its beginning, and for each piece that is
 * waited for: 300,000 by default.
 */
export interface FileReadOptions extends FileDownloadOptions {
  /**
   * Bytes to pass over. At the file's end, or behind it, there is nothing to read: that is no error.
   *
   * @defaultValue 0
   */
  offset?: number | undefined;
  /**
   * Bytes to read; where the file ends before, there are fewer.
   *
   * @defaultValue all that are left
   */
  length?: number | undefined;
}

/**
 * Options of {@link Files.write}.
 */
export interface FileWriteOptions extends RequestOptions {
  /**
   * Who may do what with the file: `0o755` say.
   *
   * @defaultValue that of the file that is replaced; of a new one, what the sandbox gives it
   */
  mode?: number | undefined;
  /**
   * Whether it is added to the end of a file that exists. Should that fail, a part may have been added.
   *
   * @defaultValue false
   */
  append?: boolean | undefined;
  /**
   * Whether there may be no such file yet: one that exists is a `ConflictError` with code `already_exists`.
   *
   * @defaultValue false
   */
  createNew?: boolean | undefined;
  /**
   * Called as the bytes are sent, with how many have been, and how many there are if that is known. If it throws, or
   * the promise it returns rejects while the call lasts, the call rejects with that.
   */
  onProgress?: ((sent: number, total?: number) => void) | undefined;
}

/**
 * A file to be written by {@link Files.writeMany}.
 */
export interface FileToWrite {
  /**
   * Where.
   */
  path: string;
  /**
   * What.
   */
  content: FileInput | FileSource;
  /**
   * Who may do what with it, as in {@link FileWriteOptions}.
   */
  mode?: number | undefined;
}

/**
 * Options of {@link Files.replace}.
 */
export interface ReplaceOptions extends RequestOptions {
  /**
   * How often the old text has to be there, or `"all"` for any number but 0.
   *
   * @defaultValue 1
   */
  count?: number | "all" | undefined;
}

/**
 * What is in a sandbox by some path.
 */
export interface FileEntry {
  /**
   * Last segment of its path. A byte that is no UTF-8 is half a character from U+DC80 to U+DCFF; such a name leads to
   * the file wherever a path is asked for.
   */
  name: string;
  /**
   * Its path.
   */
  path: string;
  /**
   * What it is. A symbolic link is told of itself, not what it leads to.
   */
  type: "file" | "directory" | "symlink" | "other";
  /**
   * Its size in bytes.
   */
  size: number;
  /**
   * Who may do what with it, as `chmod` has it: 0o644 say.
   */
  mode: number;
  /**
   * When it was last changed.
   */
  modifiedAt: Date;
  /**
   * Name of the user that it belongs to, or the number where that has none.
   */
  owner: string;
  /**
   * Where a symbolic link leads, as it was made.
   */
  target?: string;
}

/**
 * Options of {@link Files.list}.
 */
export interface FileListOptions extends RequestOptions {
  /**
   * How many levels are listed, 1 for the directory's own entries alone.
   *
   * @defaultValue 1
   */
  depth?: number | undefined;
  /**
   * Whether what begins with a dot is listed.
   *
   * @defaultValue true
   */
  hidden?: boolean | undefined;
  /**
   * Only what fits this pattern, as {@link Files.find} has it.
   */
  pattern?: string | undefined;
}

/**
 * Options of {@link Files.find}.
 */
export interface FindOptions extends RequestOptions {
  /**
   * Only what fits this pattern, `*.ts` or `{src,lib}/*.ts` say.
   */
  pattern?: string | undefined;
  /**
   * Only what is that.
   */
  type?: "file" | "directory" | "symlink" | "other" | undefined;
  /**
   * How many entries are told at most.
   *
   * @defaultValue 10000
   */
  limit?: number | undefined;
  /**
   * Whether what begins with a dot is told, and entered.
   *
   * @defaultValue true
   */
  hidden?: boolean | undefined;
  /**
   * Patterns of what is neither told nor entered, `node_modules` say.
   */
  ignore?: string[] | undefined;
}

/**
 * What {@link Files.find} has found.
 */
export interface FindResult {
  /**
   * By their paths.
   */
  entries: FileEntry[];
  /**
   * Whether there are more than were asked for. Which of them are told of is not said then.
   */
  truncated: boolean;
}

/**
 * Options of {@link Files.grep}.
 */
export interface GrepOptions extends RequestOptions {
  /**
   * Only in files that fit this pattern, as {@link Files.find} has it.
   */
  glob?: string | undefined;
  /**
   * Whether it is all the same if an ASCII letter is a capital.
   *
   * @defaultValue false
   */
  ignoreCase?: boolean | undefined;
  /**
   * Whether the pattern is an extended regular expression of POSIX, as `grep -E` has it, in which a character that is
   * no ASCII is as many as it has bytes. It has no back references.
   *
   * @defaultValue false
   */
  regex?: boolean | undefined;
  /**
   * How many lines are told at most, those around them not counted.
   *
   * @defaultValue 1000
   */
  limit?: number | undefined;
  /**
   * How many lines before and after each are told too.
   *
   * @defaultValue 0
   */
  context?: number | undefined;
  /**
   * Whether files are read whose name, or a directory's above, begins with a dot.
   *
   * @defaultValue true
   */
  hidden?: boolean | undefined;
  /**
   * Patterns of what is neither read nor entered.
   */
  ignore?: string[] | undefined;
}

/**
 * A line that fits.
 */
export interface GrepMatch {
  /**
   * Path of its file.
   */
  path: string;
  /**
   * Its number, from 1.
   */
  line: number;
  /**
   * Where in it the first place that fits begins, from 1: `text.slice(column - 1)` starts there. One that is behind
   * what is told of a long line is at its end.
   */
  column: number;
  /**
   * The line without its end. What is not UTF-8 is U+FFFD; behind its first 4000 bytes it is cut off.
   */
  text: string;
  /**
   * The lines before it, where there is `context`.
   */
  before?: string[];
  /**
   * Those after it.
   */
  after?: string[];
}

/**
 * What {@link Files.grep} has found.
 */
export interface GrepResult {
  /**
   * By path and line.
   */
  matches: GrepMatch[];
  /**
   * Whether there are more than were asked for.
   */
  truncated: boolean;
}

/**
 * Options of {@link Files.mkdir}.
 */
export interface MkdirOptions extends RequestOptions {
  /**
   * Whether the directories on the way are made too, and one that exists is as good.
   *
   * @defaultValue false
   */
  recursive?: boolean | undefined;
}

/**
 * Options of {@link Files.remove} and {@link Files.chmod}.
 */
export interface FileTreeOptions extends RequestOptions {
  /**
   * Whether it goes for all that is in a directory.
   *
   * @defaultValue false
   */
  recursive?: boolean | undefined;
}

/**
 * Options of {@link Files.rename}.
 */
export interface RenameOptions extends RequestOptions {
  /**
   * Whether a file that has the new name is replaced.
   *
   * @defaultValue false
   */
  overwrite?: boolean | undefined;
}

/**
 * Options of {@link Files.copy}.
 */
export interface CopyOptions extends RequestOptions {
  /**
   * Whether a directory is copied, with all that is in it.
   *
   * @defaultValue false
   */
  recursive?: boolean | undefined;
  /**
   * Whether what is there already is replaced; a directory gets what the other has.
   *
   * @defaultValue false
   */
  overwrite?: boolean | undefined;
}

/**
 * Options of {@link Files.watch}.
 */
export interface FileWatchOptions {
  /**
   * Whether it is about all that is below the directory, not only its own entries.
   *
   * @defaultValue false
   */
  recursive?: boolean | undefined;
  /**
   * Milliseconds between two looks where the sandbox has no `inotifywait`, 50 to 3,600,000.
   *
   * @defaultValue 1000
   */
  pollIntervalMs?: number | undefined;
  /**
   * Names of files and directories that are passed over, with all that is in them. `*` is any number of characters,
   * `?` one, `[a-z]` one of those: `["node_modules", ".git", "*.log"]`. What this package itself puts there
   * (`.superserve`, `.superserve-…`) is, too.
   */
  ignore?: string[] | undefined;
  /**
   * Whether a sandbox that is paused is resumed for it to begin. Otherwise it begins once somebody resumes the sandbox.
   *
   * @defaultValue true
   */
  wake?: boolean | undefined;
  /**
   * Told of each event as it comes, from the call on. The iteration then has no events, only the end; and what ends it
   * before its time is an unhandled rejection unless it is iterated. If it throws, or the promise it returns rejects, the
   * watch ends with that.
   */
  onEvent?: ((event: FileEvent) => unknown) | undefined;
  /**
   * Ends it. The error is a `SandboxError` whose `cause` is the signal's reason.
   */
  signal?: AbortSignal | undefined;
  /**
   * Milliseconds of silence, of the beginning too, after which a connection is made anew. The sandbox says every 15
   * seconds that it is there.
   *
   * @defaultValue 45000
   */
  timeoutMs?: number | undefined;
}

/**
 * Options of what is done with a whole folder.
 */
export interface FolderOptions extends RequestOptions {
  /**
   * Called as the bytes of files go or come, with how many have, and how many there are if that is known. If it throws,
   * or the promise it returns rejects while the call lasts, the call rejects with that.
   */
  onProgress?: ((bytes: number, total?: number) => void) | undefined;
}

/**
 * Options of {@link Files.uploadDir}.
 */
export interface UploadDirOptions extends FolderOptions {
  /**
   * What is left out, in the language of `.gitignore`.
   */
  ignore?: string[] | undefined;
  /**
   * Whether the `.gitignore` files in the folder are heeded, as git does. What such a file leaves out `ignore` cannot
   * take back.
   *
   * @defaultValue false
   */
  gitignore?: boolean | undefined;
}

/**
 * Options of {@link Files.sync}.
 */
export interface SyncOptions extends UploadDirOptions {
  /**
   * Whether what is not here is removed there.
   *
   * @defaultValue false
   */
  delete?: boolean | undefined;
  /**
   * Whether it is only told what would be done.
   *
   * @defaultValue false
   */
  dryRun?: boolean | undefined;
}

/**
 * Options of {@link Files.downloadDir}.
 */
export interface DownloadDirOptions extends FileDownloadOptions {
  /**
   * What it comes as.
   *
   * @defaultValue `"zip"`
   */
  format?: "zip" | undefined;
}

/**
 * What {@link Files.uploadDir} has done.
 */
export interface FolderUpload {
  /**
   * How many files were sent, without directories and links.
   */
  files: number;
  /**
   * How many bytes they have.
   */
  bytes: number;
}

/**
 * What {@link Files.downloadDir} has done.
 */
export interface FolderDownload {
  /**
   * How many files were written, without directories and links.
   */
  files: number;
  /**
   * How many bytes they have.
   */
  bytes: number;
  /**
   * The paths of what was left out: links that lead out of the folder, devices and pipes.
   */
  skipped: string[];
}

/**
 * What {@link Files.sync} has done, or would do.
 */
export interface FolderSync {
  /**
   * The paths below the folder of what was sent, directories included.
   */
  sent: string[];
  /**
   * Those of what was removed, with all that was in it.
   */
  removed: string[];
  /**
   * How many stayed as they were.
   */
  unchanged: number;
  /**
   * How many bytes were sent.
   */
  bytes: number;
}

/**
 * Options of {@link Processes.start}.
 */
export interface ProcessOptions extends RequestOptions {
  /**
   * A name by which it is found: 1 to 64 letters, digits, and any of `.`, `_`, `-`, of which the first is no dot. It is free
   * again once that process has ended: the next of the name takes its place, logs and all.
   *
   * @defaultValue none: it has an id only
   */
  name?: string | undefined;
  /**
   * Arguments: then the command is a program, which gets them as they are, and no shell reads either.
   *
   * @defaultValue none: `/bin/sh -c` reads the command
   */
  args?: string[] | undefined;
  /**
   * Working directory, an absolute path.
   *
   * @defaultValue the template's, else `/home/user`
   */
  cwd?: string | undefined;
  /**
   * Environment variables, over those of the sandbox. They are kept in no record.
   */
  env?: Record<string, string> | undefined;
  /**
   * Name of the user that it runs as. That takes root, or `sudo` without a password.
   *
   * @defaultValue the user that all commands run as
   */
  user?: string | undefined;
  /**
   * Whether it is started again when it ends with an exit code other than 0: after a second, then 2, 4, and so on up to
   * 30. Not after {@link Process.kill} with a signal that ends programs.
   *
   * @defaultValue "never"
   */
  restart?: "never" | "on-failure" | undefined;
  /**
   * Most bytes of its output that are kept in the sandbox, half for each of the two streams: the oldest go first. At
   * least 65536.
   *
   * @defaultValue 67108864
   */
  maxLogBytes?: number | undefined;
}

/**
 * A place in what a process wrote, in bytes from its start.
 */
export interface ProcessPosition {
  /**
   * In its standard output.
   *
   * @defaultValue 0
   */
  stdout?: number | undefined;
  /**
   * In its standard error.
   *
   * @defaultValue 0
   */
  stderr?: number | undefined;
}

/**
 * Options of {@link Process.logs} and {@link Process.follow}.
 */
export interface ProcessLogOptions extends RequestOptions {
  /**
   * Where to begin: a position that was told before.
   *
   * @defaultValue the oldest that is kept
   */
  from?: ProcessPosition | undefined;
  /**
   * How many of the last lines of each stream are told, in place of `from`; 0 for what comes from now on.
   *
   * @defaultValue all that are kept
   */
  tail?: number | undefined;
  /**
   * Which of them.
   *
   * @defaultValue "both"
   */
  stream?: "both" | "stdout" | "stderr" | undefined;
}

/**
 * Options of {@link Sandbox.waitForPort} and {@link Process.waitForPort}. `timeoutMs` is that of the whole: 60,000 by default.
 */
export interface WaitForPortOptions extends RequestOptions {
  /**
   * A path, `/health` say: then it has to answer an HTTP request for that, at `127.0.0.1` or `::1`. The sandbox needs
   * one of `curl`, `python3`, `bash`, `wget` and `node` for it: else the error has the code `tool_missing`.
   *
   * @defaultValue none: it is enough that something listens
   */
  path?: string | undefined;
  /**
   * The status of that answer.
   *
   * @defaultValue any from 200 to 399
   */
  status?: number | undefined;
}

/**
 * Options of {@link Code.run}.
 */
export interface CodeOptions extends RequestOptions {
  /**
   * What the code is written in. It may be left out where `context` is there already.
   */
  language?: "python" | "javascript" | "bash" | undefined;
  /**
   * The context that it runs in, whose state it finds and leaves: an id that was told, or a name of one's own of 1 to 64
   * letters, digits, and any of `.`, `_`, `-`, of which the first is no dot. With `language` it is made where there is
   * none.
   *
   * @defaultValue the context that has the name of the language
   */
  context?: string | undefined;
  /**
   * Working directory of this run, an absolute path: a {@link NotFoundError} where there is none.
   *
   * @defaultValue where the run before has left the context
   */
  cwd?: string | undefined;
  /**
   * Environment variables of this run, over those of the context. Their names are of letters, digits and `_`, and begin with
   * no digit.
   */
  env?: Record<string, string> | undefined;
  /**
   * Gets what is written to standard output, as it comes.
   */
  onStdout?: ((data: string) => void) | undefined;
  /**
   * Gets what is written to standard error, as it comes.
   */
  onStderr?: ((data: string) => void) | undefined;
  /**
   * Gets each result, as it comes.
   */
  onResult?: ((result: CodeResult) => void) | undefined;
}

/**
 * A picture of the screen.
 */
export interface Screenshot {
  /**
   * A PNG file.
   */
  data: Bytes;
  /**
   * Width in pixels.
   */
  width: number;
  /**
   * Height in pixels.
   */
  height: number;
}

/**
 * Options of {@link Desktop.click} and the like.
 */
export interface ClickOptions extends RequestOptions {
  /**
   * Which button.
   *
   * @defaultValue `left`
   */
  button?: MouseButton | undefined;
}

/**
 * Options of {@link Desktop.scroll}.
 */
export interface ScrollOptions extends RequestOptions {
  /**
   * Turns of the wheel to the right; to the left, where it is negative.
   *
   * @defaultValue 0
   */
  dx?: number | undefined;
  /**
   * Turns of the wheel down; up, where it is negative.
   *
   * @defaultValue 0
   */
  dy?: number | undefined;
}

/**
 * Options of {@link Desktop.getStreamUrl}.
 */
export interface StreamUrlOptions extends PreviewTokenOptions {
  /**
   * Whether the page only shows the screen, and takes neither mouse nor keyboard. This is the page's own
   * courtesy: whoever has the URL can open it without.
   *
   * @defaultValue false
   */
  viewOnly?: boolean | undefined;
}

/**
 * Options of {@link Sandbox.fromTicket}. The object keeps them for all its calls.
 */
export interface FromTicketOptions extends TransportOptions {
  /**
   * Where the relay is: a URL, or in a page a path of the page's own origin, such as `/api/sandbox`. Plain
   * `http` is for this machine and for the page's own origin only.
   */
  relayUrl: string;
  /**
   * Gives a new ticket for the same sandbox when the present one is about to expire, or has: asks the
   * application's backend, say, and not the sandbox. It has 30 seconds, and serves all calls that wait for it. If
   * it throws once the ticket has expired, they reject with that.
   *
   * @defaultValue none: calls then reject with an `AuthenticationError` with code `ticket_expired`
   */
  refreshTicket?: (() => string | Promise<string>) | undefined;
  /**
   * What becomes of the sandbox at the end of the scope of an `await using`: it is deleted, or paused. The ticket has to
   * allow `lifecycle`.
   *
   * @defaultValue `"kill"`
   */
  onDispose?: "kill" | "pause" | undefined;
}

/**
 * A port that is published.
 */
export interface PreviewPort {
  /**
   * Number.
   */
  port: number;
  /**
   * Counts the rotations of its tokens.
   */
  tokenVersion: number;
  /**
   * Who may open it.
   */
  access: PreviewAccess;
}

/**
 * The ports of a sandbox that are published.
 */
export interface PreviewPorts {
  /**
   * Who may open ports that do not say it themselves.
   */
  previewAccess: PreviewAccess;
  /**
   * The ports.
   */
  ports: PreviewPort[];
}

/**
 * A token that opens the private preview of a port.
 */
export interface PreviewToken extends PreviewPort {
  /**
   * The token. Who has it can open the preview.
   */
  token: string;
  /**
   * Name of the header that it goes into.
   */
  header: string;
  /**
   * Name of the query parameter that it goes into, instead.
   */
  queryParam: string;
  /**
   * Who may open ports that do not say it themselves.
   */
  previewAccess: PreviewAccess;
  /**
   * When it expires; never, where there is none.
   */
  expiresAt?: Date;
}

/**
 * Options of {@link Sandbox.publishPreviewPort}.
 */
export interface PreviewPublishOptions extends RequestOptions {
  /**
   * Who may open it.
   *
   * @defaultValue what the sandbox's `previewAccess` says
   */
  access?: "public" | "private" | undefined;
}

/**
 * Options of {@link Sandbox.getPreviewToken}, {@link Sandbox.getSignedPreviewUrl} and
 * {@link Sandbox.rotatePreviewToken}.
 */
export interface PreviewTokenOptions extends RequestOptions {
  /**
   * Seconds after which the token expires, 1 to 604800.
   *
   * @defaultValue never: a token lasts until it is rotated; 60 for {@link Sandbox.getSignedPreviewUrl}
   */
  expiresInSeconds?: number | undefined;
}

/**
 * A line of a sandbox's network log. `kind` says which of the fields there are.
 */
export interface NetworkEvent {
  /**
   * A connection, or a request in which a secret was used.
   */
  kind: "connection" | "request";
  /**
   * Number, unique in the log.
   */
  id: number;
  /**
   * When it happened.
   */
  ts: Date;
  /**
   * Host name.
   */
  host?: string;
  /**
   * IP address.
   */
  dstIp?: string;
  /**
   * Port.
   */
  dstPort?: number;
  /**
   * What became of the connection.
   */
  verdict?: NetworkVerdict;
  /**
   * Rule that decided it.
   */
  matchRule?: string;
  /**
   * Bytes sent.
   */
  bytesSent?: number;
  /**
   * Bytes received.
   */
  bytesRecv?: number;
  /**
   * HTTP method of the request.
   */
  method?: string;
  /**
   * Path of the request.
   */
  path?: string;
  /**
   * HTTP status that the sandbox got.
   */
  status?: number;
  /**
   * HTTP status that the host answered with.
   */
  upstreamStatus?: number;
  /**
   * Milliseconds the request took.
   */
  latencyMs?: number;
  /**
   * UUID of the secret.
   */
  secretId?: string;
  /**
   * Why there was no answer.
   */
  errorCode?: string;
}

/**
 * A page of a sandbox's network log.
 */
export interface NetworkLogPage {
  /**
   * The lines, newest first.
   */
  events: NetworkEvent[];
  /**
   * What {@link NetworkLogOptions.before} has to be for the next page.
   */
  nextCursor?: string;
  /**
   * Whether there is a next page.
   */
  hasMore: boolean;
}

/**
 * Which lines of a network log are to be read. The connection is the sandbox's own, whatever these say of it.
 */
export interface NetworkLogFilter extends ConnectionOptions {
  /**
   * Only lines older than this RFC 3339 date; also the cursor of the next page.
   */
  before?: string | undefined;
  /**
   * Only lines of this RFC 3339 date or newer.
   */
  since?: string | undefined;
  /**
   * Only connections that ended so, and no requests.
   */
  verdict?: NetworkVerdict | undefined;
}

/**
 * Options of {@link Sandbox.getNetworkLog}.
 */
export interface NetworkLogOptions extends NetworkLogFilter {
  /**
   * At most so many lines.
   *
   * @defaultValue the service's
   */
  limit?: number | undefined;
}

/**
 * Options of {@link Sandbox.iterateNetworkLog}.
 */
export interface NetworkLogIterateOptions extends NetworkLogFilter {
  /**
   * Most lines of a request, 2 to 1000.
   *
   * @defaultValue 100
   */
  pageSize?: number | undefined;
}

/**
 * What the sandboxes have that are made of a snapshot.
 */
export interface SnapshotResources {
  /**
   * Number of virtual CPUs.
   */
  vcpuCount: number;
  /**
   * Memory in MiB.
   */
  memoryMib: number;
  /**
   * Disk in MiB.
   */
  diskMib: number;
}

/**
 * What the service knows of a snapshot.
 */
export interface SnapshotInfo {
  /**
   * UUID.
   */
  id: string;
  /**
   * Id of the sandbox that it was taken of.
   */
  sandboxId: string;
  /**
   * What it holds.
   */
  kind: SnapshotKind;
  /**
   * State at the time of the call.
   */
  status: SnapshotStatus;
  /**
   * Size in bytes, 0 until it is ready.
   */
  sizeBytes: number;
  /**
   * What the sandboxes have that are made of it.
   */
  resources: SnapshotResources;
  /**
   * When it was begun.
   */
  createdAt: Date;
  /**
   * UUID of the template of its sandbox.
   */
  templateId?: string;
  /**
   * Name.
   */
  name?: string;
  /**
   * When it was ready.
   */
  readyAt?: Date;
}

/**
 * Options of {@link Snapshot.waitUntilReady}.
 */
export interface SnapshotWaitOptions {
  /**
   * Milliseconds the whole wait may take.
   *
   * @defaultValue {@link DEFAULT_SNAPSHOT_TIMEOUT_MS}
   */
  timeoutMs?: number | undefined;
  /**
   * Milliseconds between two looks at the snapshot.
   *
   * @defaultValue 2000
   */
  pollIntervalMs?: number | undefined;
  /**
   * Ends the call at once.
   */
  signal?: AbortSignal | undefined;
}

/**
 * Options of {@link Sandbox.snapshot}. With `wait: false` the time is that of the one request, 30000 unless you say
 * otherwise.
 */
export interface SnapshotCreateOptions extends SnapshotWaitOptions {
  /**
   * Name, 1 to 64 characters.
   */
  name?: string | undefined;
  /**
   * What it holds.
   *
   * @defaultValue `"mem+fs"`
   */
  kind?: SnapshotKind | undefined;
  /**
   * Names this snapshot: a further call with the same key gives the same snapshot, and takes none. 1 to 255
   * characters.
   *
   * @defaultValue one that is made up for the call
   */
  idempotencyKey?: string | undefined;
  /**
   * Whether to wait until it is ready. With `false` it may be `creating` yet: see {@link Snapshot.waitUntilReady}.
   *
   * @defaultValue true
   */
  wait?: boolean | undefined;
}

/**
 * Options of {@link Sandbox.snapshots} and {@link Snapshot.list}.
 */
export interface SnapshotListOptions extends ConnectionOptions {
  /**
   * At most so many.
   *
   * @defaultValue the service's
   */
  limit?: number | undefined;
  /**
   * Pass over so many first.
   *
   * @defaultValue 0
   */
  offset?: number | undefined;
}

/**
 * Options of {@link Snapshot.iterate}.
 */
export interface SnapshotIterateOptions extends ConnectionOptions {
  /**
   * Most snapshots of a request, 2 to 1000.
   *
   * @defaultValue 100
   */
  pageSize?: number | undefined;
}

/**
 * What the service knows of a template.
 */
export interface TemplateInfo {
  /**
   * UUID.
   */
  id: string;
  /**
   * Name.
   */
  name: string;
  /**
   * UUID of the team.
   */
  teamId: string;
  /**
   * State at the time of the call.
   */
  status: TemplateStatus;
  /**
   * Number of virtual CPUs of its sandboxes.
   */
  vcpu: number;
  /**
   * Memory of its sandboxes in MiB.
   */
  memoryMib: number;
  /**
   * Disk of its sandboxes in MiB.
   */
  diskMib: number;
  /**
   * Size of what was built, in bytes.
   */
  sizeBytes?: number;
  /**
   * Why the last build failed: `<code>: <detail>`.
   */
  errorMessage?: string;
  /**
   * When it was created.
   */
  createdAt: Date;
  /**
   * When it was last built.
   */
  builtAt?: Date;
  /**
   * UUID of the newest build.
   */
  latestBuildId?: string;
}

/**
 * What the service knows of a build.
 */
export interface TemplateBuildInfo {
  /**
   * UUID.
   */
  id: string;
  /**
   * UUID of the template.
   */
  templateId: string;
  /**
   * State at the time of the call.
   */
  status: TemplateBuildStatus;
  /**
   * Hash of what is built: the same for the same definition.
   */
  buildSpecHash: string;
  /**
   * Why it failed: `<code>: <detail>`.
   */
  errorMessage?: string;
  /**
   * When it began.
   */
  startedAt?: Date;
  /**
   * When it ended.
   */
  finalizedAt?: Date;
  /**
   * When it was asked for.
   */
  createdAt: Date;
}

/**
 * A line of a build log.
 */
export interface BuildLogEvent {
  /**
   * When it was written; when it was received, where the service does not say.
   */
  timestamp: Date;
  /**
   * Where it comes from.
   */
  stream: BuildLogStream;
  /**
   * The line.
   */
  text: string;
  /**
   * True for the last event.
   */
  finished?: boolean;
  /**
   * How the build ended; only with `finished`.
   */
  status?: "ready" | "failed" | "cancelled";
}

/**
 * Options of {@link Template.create}.
 */
export interface TemplateCreateOptions extends ConnectionOptions {
  /**
   * Name: lower-case letters, digits, and `.` `_` `/` `-` between them.
   */
  name: string;
  /**
   * Number of virtual CPUs of its sandboxes, 1 to 4.
   *
   * @defaultValue 1
   */
  vcpu?: number | undefined;
  /**
   * Memory of its sandboxes in MiB, 256 to 4096.
   *
   * @defaultValue 1024
   */
  memoryMib?: number | undefined;
  /**
   * Disk of its sandboxes in MiB, 1024 to 8192.
   *
   * @defaultValue 4096
   */
  diskMib?: number | undefined;
  /**
   * Container image to build on, such as `python:3.11`.
   */
  from: string;
  /**
   * What to do to it, in turn.
   */
  steps?: BuildStep[] | undefined;
  /**
   * Command that is started after the build and runs in every sandbox.
   */
  startCmd?: string | undefined;
  /**
   * Command that is tried every two seconds, for ten minutes at most, until it exits with 0: then what
   * `startCmd` started is ready.
   */
  readyCmd?: string | undefined;
}

/**
 * Which templates {@link Template.list} and {@link Template.iterate} are to find, and in what order.
 */
export interface TemplateFilter extends ConnectionOptions {
  /**
   * Only templates whose names start like this.
   */
  namePrefix?: string | undefined;
  /**
   * Only templates whose name has this in it.
   */
  q?: string | undefined;
  /**
   * Only templates of this owner, such as `system` or `team`.
   */
  owner?: string | undefined;
  /**
   * What they are sorted by.
   *
   * @defaultValue the service's, `created_at`
   */
  sort?: "created_at" | "name" | (string & {}) | undefined;
  /**
   * Which way they are sorted.
   *
   * @defaultValue the service's: the newest first, names from A to Z
   */
  order?: "asc" | "desc" | undefined;
}

/**
 * Options of {@link Template.list}.
 */
export interface TemplateListOptions extends TemplateFilter {
  /**
   * At most so many.
   *
   * @defaultValue the service's
   */
  limit?: number | undefined;
  /**
   * Pass over so many first.
   *
   * @defaultValue 0
   */
  offset?: number | undefined;
}

/**
 * Options of {@link Template.iterate}.
 */
export interface TemplateIterateOptions extends TemplateFilter {
  /**
   * Most templates of a request, 2 to 1000.
   *
   * @defaultValue 100
   */
  pageSize?: number | undefined;
}

/**
 * Options of {@link Template.listBuilds}. The connection is the template's own, whatever these say of it.
 */
export interface TemplateBuildsListOptions extends ConnectionOptions {
  /**
   * At most so many.
   *
   * @defaultValue the service's
   */
  limit?: number | undefined;
}

/**
 * Options of {@link Template.streamBuildLogs}.
 */
export interface BuildLogsOptions {
  /**
   * Called with each event, once and in order. If it throws, the call rejects with what it threw.
   */
  onEvent: ((ev: BuildLogEvent) => void);
  /**
   * UUID of the build.
   *
   * @defaultValue the one that this object began, else the newest of when it was made
   */
  buildId?: string | undefined;
  /**
   * Ends the call at once.
   */
  signal?: AbortSignal | undefined;
  /**
   * Milliseconds the whole stream may take.
   *
   * @defaultValue 3600000
   */
  timeoutMs?: number | undefined;
}

/**
 * Options of {@link Template.waitUntilReady}.
 */
export interface WaitUntilReadyOptions {
  /**
   * Called with each event of the build log, once and in order. If it throws, the call rejects with
   * what it threw; a log that cannot be read does not fail the wait.
   */
  onLog?: ((ev: BuildLogEvent) => void) | undefined;
  /**
   * Ends the wait at once. The build goes on.
   */
  signal?: AbortSignal | undefined;
  /**
   * Milliseconds between two looks at the build.
   *
   * @defaultValue 2000
   */
  pollIntervalMs?: number | undefined;
  /**
   * Milliseconds the whole wait may take.
   *
   * @defaultValue 86400000
   */
  timeoutMs?: number | undefined;
}

/**
 * How a secret is put into a request: `bearer` as `Authorization: Bearer <value>`, `basic` as the password
 * of HTTP Basic, `api-key` as a header of its own, `custom` as headers written out.
 */
export interface SecretAuthRule {
  /**
   * Which of these.
   */
  type: "bearer" | "basic" | "api-key" | "custom";
  /**
   * Name of the header for `api-key`, such as `x-api-key`.
   */
  header?: string | undefined;
  /**
   * What stands before the value for `api-key`, such as `Token `.
   */
  prefix?: string | undefined;
  /**
   * User name for `basic`.
   */
  username?: string | undefined;
  /**
   * Headers for `custom`; `{{ value }}` in their values stands for the secret.
   */
  headers?: Record<string, string> | undefined;
}

/**
 * A rule, and the hosts it is for.
 */
export interface SecretHostRule extends SecretAuthRule {
  /**
   * Host names.
   */
  hosts: string[];
}

/**
 * Rules for each of several sets of hosts.
 */
export interface SecretAuthPerHost {
  /**
   * The rules; the first whose hosts fit is taken.
   */
  perHost: SecretHostRule[];
}

/**
 * What the service tells of a secret: all but its value.
 */
export interface SecretInfo {
  /**
   * UUID.
   */
  id: string;
  /**
   * Name.
   */
  name: string;
  /**
   * How it is put into a request.
   */
  authType: SecretAuthType;
  /**
   * The rest of that: header names and such.
   */
  authConfig: Record<string, unknown>;
  /**
   * Provider it was made for, if any: `anthropic`, say.
   */
  providerShortcut?: string;
  /**
   * Hosts it may be sent to.
   */
  hosts: string[];
  /**
   * When it was created.
   */
  createdAt: Date;
  /**
   * When its value was last replaced; when it was created, if never.
   */
  updatedAt: Date;
  /**
   * When it was last used.
   */
  lastUsedAt?: Date;
}

/**
 * Options of {@link Secret.create}: with `provider`, or with `auth` and `hosts`.
 */
export interface SecretCreateOptions extends ConnectionOptions {
  /**
   * Name.
   */
  name: string;
  /**
   * The value to keep. It never enters a sandbox, and nothing gives it back.
   */
  value: string;
  /**
   * A provider of {@link Provider.list}, which knows how and where the secret is used.
   */
  provider?: string | undefined;
  /**
   * How the secret is put into requests. Needs `hosts`.
   */
  auth?: SecretAuth | undefined;
  /**
   * Hosts it may be sent to. Needs `auth`.
   */
  hosts?: string[] | undefined;
}

/**
 * Which events of a secret's audit log are to be read. The connection is the secret's own, whatever these say of it.
 */
export interface SecretAuditFilter extends ConnectionOptions {
  /**
   * Only events with a smaller `id`: that of the last event is the cursor of the next page.
   *
   * @defaultValue the newest
   */
  before?: number | undefined;
  /**
   * Only events with such a status.
   */
  status?: AuditStatusFilter | undefined;
}

/**
 * Options of {@link Secret.getAudit}.
 */
export interface SecretAuditOptions extends SecretAuditFilter {
  /**
   * At most so many events.
   *
   * @defaultValue the service's
   */
  limit?: number | undefined;
}

/**
 * Options of {@link Secret.iterateAudit}.
 */
export interface SecretAuditIterateOptions extends SecretAuditFilter {
  /**
   * Most events of a request, 2 to 1000.
   *
   * @defaultValue 100
   */
  pageSize?: number | undefined;
}

/**
 * A request in which a secret was used.
 */
export interface ProxyAuditEvent {
  /**
   * Number, unique in the log.
   */
  id: number;
  /**
   * When it was made.
   */
  ts: Date;
  /**
   * UUID of the sandbox that made it.
   */
  sandboxId: string;
  /**
   * Name of that sandbox, unless it is gone.
   */
  sandboxName?: string;
  /**
   * UUID of the secret.
   */
  secretId?: string;
  /**
   * HTTP method.
   */
  method: string;
  /**
   * Host.
   */
  host: string;
  /**
   * Path.
   */
  path: string;
  /**
   * HTTP status that the sandbox got.
   */
  status: number;
  /**
   * HTTP status that the host answered with.
   */
  upstreamStatus?: number;
  /**
   * Milliseconds it took.
   */
  latencyMs?: number;
  /**
   * Why there was no answer.
   */
  errorCode?: string;
}

/**
 * A sandbox that a secret is bound to.
 */
export interface SecretSandboxBinding {
  /**
   * UUID of the sandbox.
   */
  sandboxId: string;
  /**
   * Its name.
   */
  sandboxName: string;
  /**
   * Environment variable.
   */
  envKey: string;
  /**
   * State of the sandbox.
   */
  status: SandboxStatus;
}

/**
 * A provider that the service knows how to use a secret with.
 */
export interface ProviderShortcut {
  /**
   * Its name, for {@link SecretCreateOptions.provider}.
   */
  name: string;
  /**
   * Its name for people.
   */
  display: string;
  /**
   * How a secret is put into its requests.
   */
  authType: SecretAuthType;
  /**
   * The rest of that: header names and such.
   */
  authConfig: Record<string, unknown>;
  /**
   * Its hosts.
   */
  hosts: string[];
  /**
   * What the stand-ins look like that sandboxes see, such as `sk-ant-api03-...`.
   */
  tokenShape: string;
}

/**
 * A list that is read page by page as it is iterated. A page is asked for when it is needed and not before, so leaving the
 * loop ends it; each iteration starts anew. A page that cannot be read rejects the iteration.
 */
export interface Listing<T> extends AsyncIterable<T> {
  /** Each loop starts anew, and asks for a page when it needs one. */
  [Symbol.asyncIterator](): AsyncGenerator<T, void, undefined>;
  /**
   * How many items the list has: as the newest page says, or by a request of its own before there is one. Undefined where
   * the service does not say, or a page of a browser may not see it.
   */
  total(): Promise<number | undefined>;
}

/**
 * A connection of its own: classes whose calls start from these options. What a call itself says wins; its `headers` join
 * those of the connection. Objects keep the connection of the call that made them, and are instances of the classes that the
 * package exports.
 *
 * @example
 * ```typescript
 * import { Superserve } from "@superserve/sdk"
 *
 * const superserve = new Superserve({
 *   apiKey: process.env.TEAM_KEY,
 *   timeoutMs: 10_000,
 *   headers: { "x-team": "search" },
 *   retry: { attempts: 5 },
 *   hooks: { onResponse: ({ operation, status, durationMs }) => console.log(operation, status, durationMs) },
 * })
 * const sandbox = await superserve.Sandbox.create({ name: "my-sandbox" })
 * ```
 */
export declare class Superserve {
  /**
   * @param options - `timeoutMs` is that of requests that have none of their own, those of the objects' methods too.
   * @throws {@link ValidationError} for options that are not as documented.
   */
  constructor(options?: Omit<ConnectionOptions, "signal">);
  /** {@link Sandbox} on this connection. */
  readonly Sandbox: typeof Sandbox;
  /** {@link Snapshot} on this connection. */
  readonly Snapshot: typeof Snapshot;
  /** {@link Template} on this connection. */
  readonly Template: typeof Template;
  /** {@link Secret} on this connection. */
  readonly Secret: typeof Secret;
  /** {@link Provider} on this connection. */
  readonly Provider: typeof Provider;
}

/** How reads and deletions are tried again: when no connection was made or it broke, and on some statuses. */
export interface RetryOptions {
  /**
   * Attempts of a request at most, 1 to 100, the first included.
   *
   * @defaultValue 3
   */
  attempts?: number | undefined;
  /**
   * Milliseconds between two attempts at most, whatever `Retry-After` says.
   *
   * @defaultValue 30000
   */
  maxDelayMs?: number | undefined;
  /**
   * Statuses, 400 to 599, that are tried again.
   *
   * @defaultValue `[429, 502, 503, 504]`
   */
  retryOn?: number[] | undefined;
}

/** A request, as {@link Hooks} are told of it. */
export interface RequestEvent {
  /** Number of the request: no other of this program has it. */
  id: number;
  /** Number of the call that it is of. A sandbox is woken by a call of its own, `Sandbox.connect`. */
  callId: number;
  /** Method that was called, such as `Sandbox.create`. */
  operation: string;
  /** HTTP method. A WebSocket is dialled by a `GET`. */
  method: string;
  /** Path with names in braces for what differs, such as `/sandboxes/{id}`; no query. */
  path: string;
  /** Where it goes: scheme, host and port. */
  origin: string;
  /** Sandbox that the call is about, where that is known. */
  sandboxId?: string;
  /** 1 for the first time that it is sent. */
  attempt: number;
}
/** Status and headers of an answer are there. */
export interface ResponseEvent extends RequestEvent {
  /** HTTP status; 101 for a WebSocket. */
  status: number;
  /** Milliseconds since the request. */
  durationMs: number;
  /** The service's id of the request. */
  requestId?: string;
}
/** The request failed, and is sent again. */
export interface RetryEvent extends RequestEvent {
  /** Milliseconds until then. */
  delayMs: number;
  /** HTTP status of the answer, if there was one. */
  status?: number;
  /** Code of the failure. */
  code?: string;
}
/** No answer came: there was no connection, the time was over, or the call was aborted. */
export interface RequestErrorEvent extends RequestEvent {
  /** Milliseconds since the request. */
  durationMs: number;
  /** Class of the error, such as `TimeoutError`. */
  name: string;
  /** Its code, such as `network_error`, `timeout` or `aborted`. */
  code?: string;
}
/**
 * Functions that are told of every request. `onRequest` is called before `fetch`, in the async context of the call; then
 * exactly one of `onResponse` and `onError` with the same `id`. They see no key, token, file or output, and change nothing:
 * what they throw or reject with is dropped, nobody waits for them, and of calls that they make at once nobody is told.
 */
export interface Hooks {
  /** A request is about to be sent. */
  onRequest?(event: RequestEvent): unknown;
  /** An answer begins. */
  onResponse?(event: ResponseEvent): unknown;
  /** A request that failed is sent again. */
  onRetry?(event: RetryEvent): unknown;
  /** A request got no answer. */
  onError?(event: RequestErrorEvent): unknown;
}
/** Takes lines of a log. `event` is what a hook is told, too. */
export interface Logger {
  /** A request is sent, or its answer begins. */
  debug?(message: string, event: RequestEvent): unknown;
  /** A sandbox is woken. */
  info?(message: string, event: RequestEvent): unknown;
  /** A request is sent again. */
  warn?(message: string, event: RequestEvent): unknown;
  /** A request got no answer. */
  error?(message: string, event: RequestEvent): unknown;
}
/** What {@link TransportOptions.webSocket} has to be able to do. */
export type WebSocketClass = new (url: string, protocols: string[]) => object;

/** State of a sandbox. The service may report others: take what you do not know for a state in between. */
export type SandboxStatus =
  | "starting"
  | "active"
  | "pausing"
  | "paused"
  | "resuming"
  | "migrating"
  | "failed"
  | "deleted"
  | (string & {});

/**
 * What gives a file piece by piece, as fast as the pieces can be sent: what comes is bytes or text. Of a `Response` it is the
 * body, whatever its status.
 */
export type FileSource = ReadableStream<Uint8Array> | AsyncIterable<Uint8Array | string> | Response;
/** What {@link Files.write} takes at once. */
export type FileInput = string | Uint8Array | ArrayBuffer | Blob;
/** What {@link Files.read} gives, by the option `format`. */
export interface FileFormats {
  /** As `Uint8Array`: the default. */
  bytes: Bytes;
  /** As UTF-8 text; what is not valid becomes U+FFFD. */
  text: string;
  /** As `Blob`, without a type. */
  blob: Blob;
  /**
   * As a stream of pieces, each read from the service when it is asked for, so a file of any size takes little memory.
   * Where the answer breaks off, it goes on there by another request, as long as the file is the same; else it fails with
   * a `ConflictError` with code `changed`. Cancelling it ends the request.
   */
  stream: ReadableStream<Bytes>;
}
/**
 * Bytes in memory of their own: `Uint8Array<ArrayBuffer>` where TypeScript knows that (from 5.7 on), else `Uint8Array`.
 */
export type Bytes = ReturnType<Uint8Array["slice"]>;
/**
 * What {@link Files.watch} tells: first by what means it watches, `inotify` where the sandbox has `inotifywait`, then what
 * happens. A directory that is renamed takes along all that is in it, of which nothing is told.
 */
export type FileEvent = FileReadyEvent | FileChangeEvent | FileRenameEvent | FileRemovalEvent;
/** The first {@link FileEvent}: from now on it is told what happens. */
export interface FileReadyEvent {
  /** What it is about. */
  type: "ready";
  /** By what means it watches. */
  by: "inotify" | "polling";
}
/** Something was made or changed. */
export interface FileChangeEvent {
  /** What it is about. */
  type: "created" | "changed";
  /** Its path. */
  path: string;
  /** What is there now. */
  entry: FileEntry;
}
/** Something was renamed. */
export interface FileRenameEvent {
  /** What it is about. */
  type: "renamed";
  /** Its path. */
  path: string;
  /** Its path before. */
  from: string;
  /** What is there now. */
  entry: FileEntry;
}
/** Something was removed. */
export interface FileRemovalEvent {
  /** What it is about. */
  type: "removed";
  /** Its path. */
  path: string;
}
/** What {@link Files.replace} has done. */
export interface FileReplacement {
  /** How often the text was replaced. */
  count: number;
}
/** What happens in a directory, as {@link Files.watch} tells it. */
export interface FileWatcher extends AsyncIterableIterator<FileEvent> {
  /** Ends it, as leaving a loop does. */
  return(): Promise<IteratorResult<FileEvent, undefined>>;
}

/**
 * What {@link Files.uploadDir} and {@link Files.sync} take:
 *
 * - the path of a folder of this machine, in Node.js (20.16 or later), Deno and Bun
 * - files that a person has picked with their folder, whose own name is left out: `input.files`
 * - a folder that was picked or dropped: what `showDirectoryPicker`, `getAsFileSystemHandle` or `webkitGetAsEntry` gives
 * - anything that can be iterated and has such files, or {@link FolderItem}s
 */
export type FolderSource =
  | string
  | Iterable<FolderItem | FolderFile>
  | AsyncIterable<FolderItem | FolderFile>
  | FolderFileList
  | FolderHandle
  | FolderDropped;

/** A `File`. */
export interface FolderFile extends Blob {
  /** Its name. */
  readonly name: string;
}
/** A `FileList`. */
export interface FolderFileList {
  /** How many files there are. */
  readonly length: number;
  /** One of them. */
  item(index: number): FolderFile | null;
}
/** A `FileSystemDirectoryHandle`. */
export interface FolderHandle {
  /** That it is a folder. */
  readonly kind: "directory";
  /** Its name. */
  readonly name: string;
}
/** A `FileSystemDirectoryEntry`. */
export interface FolderDropped {
  /** That it is a folder. */
  readonly isDirectory: boolean;
  /** What reads it. */
  createReader(): unknown;
}

/** What is to be in a folder. */
export interface FolderItem {
  /** Its path below the folder. */
  path: string;
  /**
   * What a file has in it. The length of an archive's files is known before: a stream is read to its end first.
   *
   * @defaultValue nothing
   */
  content?: FileInput | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array | string> | undefined;
  /**
   * What it is.
   *
   * @defaultValue `"symlink"` with a target, `"file"` with a content, else `"directory"`
   */
  type?: "file" | "directory" | "symlink" | undefined;
  /**
   * Who may do what with it.
   *
   * @defaultValue 0o755 for a directory, else 0o644
   */
  mode?: number | undefined;
  /** What a symbolic link leads to. */
  target?: string | undefined;
  /**
   * When it was last changed, as a `Date` or in milliseconds since 1970.
   *
   * @defaultValue now
   */
  modifiedAt?: Date | number | undefined;
}

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
/** What listens at a port, as {@link Sandbox.ports} tells of it. */
export interface ListeningPort {
  /** The port. */
  port: number;
  /** The address that it listens at, such as `127.0.0.1`, `0.0.0.0` or `::`. */
  address: string;
  /** The process that does, where that may be known: those of other users are not, unless root asks. */
  pid?: number;
  /** Its program and arguments. */
  command?: string;
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
   * const web = await sandbox.processes.get("web")
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
   * Sends a signal to all of its session, and to whatever else it has started: also to what goes on after it has ended. After
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

/** A terminal that has a name, as {@link Terminals.list} tells of it. */
export interface TerminalInfo {
  /** Its name. */
  name: string;
  /** When it was made. */
  createdAt: Date;
  /** How many look at it now. */
  viewers: number;
  /** Its columns. */
  cols: number;
  /** Its rows. */
  rows: number;
  /** Process id of its shell, in the sandbox. */
  pid: number;
}

/** State of a snapshot. The service may report others: take what you do not know for a state in between. */
export type SnapshotStatus = "creating" | "ready" | "failed" | "deleting";
/** What a snapshot holds: memory and files. */
export type SnapshotKind = "mem+fs";
/** Milliseconds that a snapshot is waited for, unless an option says otherwise. */
export declare const DEFAULT_SNAPSHOT_TIMEOUT_MS = 900000;

/** A button of the mouse. */
export type MouseButton = "left" | "right" | "middle";
/** One of {@link Desktop.actions}: `type` is the name of the method that does the same alone, with its arguments beside. */
export type DesktopAction =
  | {
      /** A click, or two. */
      type: "click" | "doubleClick";
      /** Pixels from the left. */
      x: number;
      /** Pixels from the top. */
      y: number;
      /** Which button; `left` by default. */
      button?: MouseButton | undefined;
    }
  | {
      /** A click with another button, or none. */
      type: "rightClick" | "middleClick" | "moveMouse";
      /** Pixels from the left. */
      x: number;
      /** Pixels from the top. */
      y: number;
    }
  | {
      /** With the left button. */
      type: "drag";
      /** Where it begins. */
      from: [x: number, y: number];
      /** Where it ends. */
      to: [x: number, y: number];
    }
  | {
      /** Turns of the wheel. */
      type: "scroll";
      /** To the right, or to the left where it is negative; 0 by default. */
      dx?: number | undefined;
      /** Down, or up where it is negative; 0 by default. */
      dy?: number | undefined;
    }
  | {
      /** Types a text. */
      type: "write";
      /** The text. */
      text: string;
    }
  | {
      /** Presses a key. */
      type: "press";
      /** The key, after its modifiers. */
      keys: string | string[];
    };
/** Port on which a sandbox with a screen serves it as a page: {@link Desktop.getStreamUrl}. */
export declare const DESKTOP_STREAM_PORT = 6080;

/** State of a template. The service may report others. */
export type TemplateStatus = "pending" | "building" | "ready" | "failed";
/** State of a build. The service may report others. */
export type TemplateBuildStatus = "pending" | "building" | "snapshotting" | "ready" | "failed" | "cancelled";
/** Where a line of a build log comes from. */
export type BuildLogStream = "stdout" | "stderr" | "system";
/**
 * One step of a build. `env` holds for later steps and for sandboxes; so do `workdir`, which is made if it is
 * missing, and `user`.
 */
export type BuildStep =
  | {
      /** Command, run under `/bin/sh -c`. */
      run: string;
    }
  | {
      /** Environment variable. */
      env: {
        /** Name. */
        key: string;
        /** Value. */
        value: string;
      };
    }
  | {
      /** Working directory: absolute, or relative to the one before. */
      workdir: string;
    }
  | {
      /** User that later steps and the sandboxes' commands run as. */
      user: {
        /** Name. */
        name: string;
        /** Whether it may become root. */
        sudo?: boolean | undefined;
      };
    };

/** How a secret is put into a request. The service may report others. */
export type SecretAuthType = "bearer" | "basic" | "api-key" | "custom" | "per_host";
/** How a secret is put into requests: one rule for all its hosts, or rules for each. */
export type SecretAuth = SecretAuthRule | SecretAuthPerHost;
/** Options of {@link Secret.list}. */
export type SecretListOptions = ConnectionOptions;
/** A class of HTTP statuses, or `errors` for requests that got no answer. */
export type AuditStatusFilter = "2xx" | "3xx" | "4xx" | "5xx" | "errors";

/** What became of a connection. The service may report others. */
export type NetworkVerdict = "allowed" | "blocked" | "failed";

/** Who may open preview URLs: everybody, or those who have a token. */
export type PreviewAccess = "public" | "private" | "legacy_public";
/** The same, by another name. */
export type PreviewAccessPolicy = PreviewAccess;
/** The same as {@link PreviewPorts}. */
export type PreviewPortList = PreviewPorts;
/** The same as {@link PreviewPort}. */
export type PublishedPreviewPort = PreviewPort;
/** The same as {@link PreviewPublishOptions}. */
export type PublishPreviewPortOptions = PreviewPublishOptions;
/** The same as {@link PreviewTokenOptions}. */
export type SignedPreviewUrlOptions = PreviewTokenOptions;
/** Lowest port that a preview URL can name. */
export declare const MIN_PREVIEW_PORT = 1024;
/** Highest port that a preview URL can name. */
export declare const MAX_PREVIEW_PORT = 65535;
/** Port in between that no preview URL can name: the service's own. */
export declare const RESERVED_PREVIEW_PORT = 49983;

/**
 * Any failure of the SDK, and the base of the other error classes. `code` is stable: switch on it and on the
 * class, not on the message.
 */
export declare class SandboxError extends Error {
  /** HTTP status, where the error is an answer of the service. */
  readonly statusCode?: number;
  /** Stable code: the service's, or this SDK's (`invalid_argument`, `network_error`, `aborted`, …). */
  readonly code?: string;
  /** Method that failed, such as `Sandbox.create`. */
  readonly operation?: string;
  /** Sandbox it was about. */
  readonly sandboxId?: string;
  /** The service's id of the request, for its support. */
  readonly requestId?: string;
  /** How many requests were sent for the call, those that woke a sandbox apart; 0 where nothing was. */
  readonly attempts?: number;
  /**
   * Whether the service may have acted: true for what creates, changes, runs or deletes and whose answer was lost, broke off
   * or does not tell; false for what was refused, was never sent, or only reads.
   */
  readonly mayHaveRun?: boolean;
  /**
   * What led to it: the reason of the caller's signal, or the error of `fetch`; where that one shows a key, a token or a
   * piece of an answer, an error that says the same without.
   */
  readonly cause?: unknown;
  /**
   * Whether a value is an error of this class, made by this copy of the package or by another: a program may have
   * several (one an ES module, one CommonJS; two versions), and `instanceof` knows only its own.
   *
   * @example
   * ```typescript
   * import { NotFoundError, Sandbox } from "@superserve/sdk"
   *
   * try {
   *   await Sandbox.connect("3f2c9c56-8a53-4a6e-9d0f-0b5a2f4a7c11")
   * } catch (error) {
   *   if (!NotFoundError.is(error)) throw error
   * }
   * ```
   */
  static is<T extends abstract new (...args: never) => unknown>(this: T, value: unknown): value is InstanceType<T>;
  /** What `JSON.stringify` shows: name, message, what else says where it happened, and name and message of the cause. */
  toJSON(): Record<string, unknown>;
  constructor(message: string, statusCode?: number, code?: string, options?: { cause?: unknown });
}
/** 401 or 403, or no API key. */
export declare class AuthenticationError extends SandboxError {
  constructor(message?: string, code?: string, statusCode?: number);
}
/** 400, or an argument that was refused before any request. */
export declare class ValidationError extends SandboxError {
  constructor(message: string, code?: string);
}
/** 404. */
export declare class NotFoundError extends SandboxError {
  constructor(message?: string, code?: string);
}
/** 409: not in this state. */
export declare class ConflictError extends SandboxError {
  constructor(message?: string, code?: string);
}
/** No answer, or no further byte of a stream, came in time. */
export declare class TimeoutError extends SandboxError {
  constructor(message?: string);
}
/** 429, with code `rate_limited`, `too_many_sandboxes`, `too_many_builds` or `too_many_templates`. */
export declare class RateLimitError extends SandboxError {
  constructor(message?: string, code?: string);
}
/** 5xx. */
export declare class ServerError extends SandboxError {
  constructor(message?: string, code?: string, statusCode?: number);
}
/**
 * A template's build failed. `code` says in which stage, or why: `bad_reference`, `unsupported_platform`, `image_unsafe`,
 * `image_too_large`, `image_pull_failed`, `step_failed`, `start_cmd_failed`, `ready_cmd_failed`, `boot_failed`,
 * `snapshot_failed`, `dispatch_failed`, or `build_failed` where the service does not say.
 */
export declare class BuildError extends SandboxError {
  /** Stage that failed. The service may have others. */
  readonly code: string;
  /** Build that failed. */
  readonly buildId: string;
  /** Template it was for. */
  readonly templateId: string;
  constructor(
    message: string,
    options: { code: string; buildId: string; templateId: string; statusCode?: number | undefined },
  );
}

declare global {
  interface SymbolConstructor {
    readonly asyncDispose: unique symbol;
  }
}
