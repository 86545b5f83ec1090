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
    /** What led to it: the error of `fetch`, or the reason of the caller's signal. */
    readonly cause?: unknown;
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
/** A template's build failed. `code` says in which stage: `step_failed`, `image_pull_failed`, … */
export declare class BuildError extends SandboxError {
    /** Stage that failed. */
    readonly code: string;
    /** Build that failed. */
    readonly buildId: string;
    /** Template it was for. */
    readonly templateId: string;
    constructor(
    message: string,
    options: { code: string; buildId: string; templateId: string; statusCode?: number },
    );
}

/**
 * State of a sandbox. The service may report others, such as `starting` or `pausing`: take what you do
 * not know for a state in between.
 */
export type SandboxStatus = "active" | "paused" | "resuming" | "failed";
/** Who may open preview URLs: everybody, or those who have a token. */
export type PreviewAccess = "public" | "private" | "legacy_public";
/** What {@link Files.write} takes. */
export type FileInput = string | Uint8Array | ArrayBuffer | Blob;
/** Lowest port that a preview URL can name. */
export declare const MIN_PREVIEW_PORT = 1024;
/** Highest port that a preview URL can name. */
export declare const MAX_PREVIEW_PORT = 65535;

// The properties of the class, as they were when the object was made: the interface merges with it.
export interface Template extends Readonly<TemplateInfo> {}
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
| { run: string }
| { env: { key: string; value: string } }
| { workdir: string }
| { user: { name: string; sudo?: boolean } };

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
 * A sandbox: a virtual machine of your own, to run commands and keep files in.
 */
export interface Sandbox {
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
    readonly previewAccess?: PreviewAccess;
    /**
     * Secrets bound to environment variables when this object was made.
     */
    readonly secrets?: SandboxSecretBinding[];
    /**
     * Runs commands.
     */
    readonly commands: Commands;
    /**
     * Moves files.
     */
    readonly files: Files;
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
 * How to reach the service. Each call that is not a method of an instance takes these.
 */
export interface ConnectionOptions extends RequestOptions {
    /**
     * API key.
     *
     * @defaultValue the environment variable `SUPERSERVE_API_KEY`
     */
    apiKey?: string;
    /**
     * Origin of the API. Plain `http` is for this machine only.
     *
     * @defaultValue the environment variable `SUPERSERVE_BASE_URL`, else the origin of the key's
     * region, else `https://api.superserve.ai`
     */
    baseUrl?: string;
    /**
     * Origin of the sandboxes' own API, for a self-hosted service.
     *
     * @defaultValue the environment variable `SUPERSERVE_SANDBOX_URL`, else what belongs to `baseUrl`
     */
    sandboxUrl?: string;
}

/**
 * Options of {@link Commands.run}.
 */
export interface CommandOptions {
    /**
     * Working directory.
     *
     * @defaultValue the template's, else `/home/user`
     */
    cwd?: string;
    /**
     * Environment variables, over those of the sandbox.
     */
    env?: Record<string, string>;
    /**
     * Milliseconds the command may take, rounded up to whole seconds; the service ends it then. The
     * call itself waits five seconds more, so that the service's answer comes first.
     *
     * @defaultValue the service's, 30000. A call with callbacks then ends once nothing came for 300
     * seconds.
     */
    timeoutMs?: number;
    /**
     * Called with each piece of standard output as it comes. If it throws, the call rejects with what
     * it threw.
     */
    onStdout?: (data: string) => void;
    /**
     * Called with each piece of standard error as it comes. If it throws, the call rejects with what
     * it threw.
     */
    onStderr?: (data: string) => void;
    /**
     * Ends the call at once. The command itself goes on in the sandbox.
     */
    signal?: AbortSignal;
    /**
     * Most bytes that the answer of a call without callbacks may have; more is a `ValidationError`.
     *
     * @defaultValue 10485760
     */
    maxOutputBytes?: number;
}

/**
 * Options of {@link Files.read} and {@link Files.downloadDir}.
 */
export interface FileReadOptions extends RequestOptions {
    /**
     * Most bytes to read; more is a `ValidationError`.
     *
     * @defaultValue 2147483648
     */
    maxBytes?: number;
}

/**
 * Options of {@link Sandbox.create}.
 */
export interface SandboxCreateOptions extends ConnectionOptions {
    /**
     * Name, 1 to 64 characters.
     */
    name: string;
    /**
     * Template to start from: its name, its UUID, or a `Template`.
     *
     * @defaultValue `superserve/base`
     */
    fromTemplate?: string | { name?: string; id?: string };
    /**
     * UUID of a snapshot to start from.
     */
    fromSnapshot?: string;
    /**
     * Seconds of active time (1 to 604800) after which the sandbox is paused.
     *
     * @defaultValue never
     */
    timeoutSeconds?: number;
    /**
     * Seconds of continuous pause (0 to 2592000) after which the sandbox is deleted; 0 deletes it as
     * soon as it is paused.
     *
     * @defaultValue never
     */
    autoDeleteSeconds?: number;
    /**
     * Your own tags: up to 64 keys of 256 bytes with values of 2048 bytes, 16384 bytes in all. Keys
     * that start with `superserve.` are the service's.
     */
    metadata?: Record<string, string>;
    /**
     * Environment variables of every command: up to 64, values of up to 8192 bytes.
     */
    envVars?: Record<string, string>;
    /**
     * Secrets to bind, as `{ ENV_VAR: secretName }`. The sandbox sees a stand-in under the variable;
     * the value takes its place in requests that leave for the secret's hosts.
     */
    secrets?: Record<string, string>;
    /**
     * Rules for outbound connections.
     */
    network?: NetworkConfig;
    /**
     * Who may open preview URLs.
     */
    previewAccess?: PreviewAccess;
}

/**
 * Options of {@link Sandbox.list}.
 */
export interface SandboxListOptions extends ConnectionOptions {
    /**
     * Only sandboxes that carry all of these tags.
     */
    metadata?: Record<string, string>;
    /**
     * Only sandboxes in this state.
     */
    status?: SandboxStatus;
    /**
     * At most so many.
     */
    limit?: number;
    /**
     * Pass over so many first.
     */
    offset?: number;
}

/**
 * Options of {@link Sandbox.update}. What is left out stays as it is.
 */
export interface SandboxUpdateOptions extends RequestOptions {
    /**
     * Replaces all tags.
     */
    metadata?: Record<string, string>;
    /**
     * Replaces all rules for outbound connections. The sandbox has to be active.
     */
    network?: NetworkConfig;
    /**
     * Seconds of continuous pause (0 to 2592000) after which the sandbox is deleted, counted from now
     * when it is paused already; `null` for never.
     */
    autoDeleteSeconds?: number | null;
    /**
     * Seconds of active time (1 to 604800) after which the sandbox is paused; `null` for never.
     */
    timeoutSeconds?: number | null;
    /**
     * Who may open preview URLs.
     */
    previewAccess?: PreviewAccess;
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
    vcpu?: number;
    /**
     * Memory of its sandboxes in MiB, 256 to 4096.
     *
     * @defaultValue 1024
     */
    memoryMib?: number;
    /**
     * Disk of its sandboxes in MiB, 1024 to 8192.
     *
     * @defaultValue 4096
     */
    diskMib?: number;
    /**
     * Container image to build on, such as `python:3.11`.
     */
    from: string;
    /**
     * What to do to it, in turn.
     */
    steps?: BuildStep[];
    /**
     * Command that is started after the build and runs in every sandbox.
     */
    startCmd?: string;
    /**
     * Command that is tried every two seconds, for ten minutes at most, until it exits with 0: then what
     * `startCmd` started is ready.
     */
    readyCmd?: string;
}

/**
 * Options of {@link Template.listBuilds}.
 */
export interface TemplateBuildsListOptions extends ConnectionOptions {
    /**
     * At most so many.
     */
    limit?: number;
}

/**
 * Options of {@link Template.list}.
 */
export interface TemplateListOptions extends ConnectionOptions {
    /**
     * Only templates whose names start like this.
     */
    namePrefix?: string;
}

/**
 * Options of {@link Template.streamBuildLogs}.
 */
export interface BuildLogsOptions {
    /**
     * Called with each event, once and in order. If it throws, the call rejects with what it threw.
     */
    onEvent: (ev: BuildLogEvent) => void;
    /**
     * UUID of the build.
     *
     * @defaultValue the newest
     */
    buildId?: string;
    /**
     * Ends the call at once.
     */
    signal?: AbortSignal;
    /**
     * Milliseconds the whole stream may take.
     *
     * @defaultValue 3600000
     */
    timeoutMs?: number;
}

/**
 * Options of {@link Template.waitUntilReady}.
 */
export interface WaitUntilReadyOptions {
    /**
     * Called with each event of the build log, once and in order. If it throws, the call rejects with
     * what it threw; a log that cannot be read does not fail the wait.
     */
    onLog?: (ev: BuildLogEvent) => void;
    /**
     * Ends the wait at once. The build goes on.
     */
    signal?: AbortSignal;
    /**
     * Milliseconds between two looks at the build.
     *
     * @defaultValue 2000
     */
    pollIntervalMs?: number;
    /**
     * Milliseconds the whole wait may take.
     *
     * @defaultValue no limit: a build ends by itself
     */
    timeoutMs?: number;
}

/**
 * Rules for a sandbox's outbound connections.
 */
export interface NetworkConfig {
    /**
     * CIDRs or domains (`*.github.com`) that may be reached.
     */
    allowOut?: string[];
    /**
     * CIDRs that may not be reached.
     */
    denyOut?: string[];
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
     * Its exit code. A code other than 0 is a result, not an error.
     */
    exitCode: number;
    /**
     * True when the service cut the output short.
     */
    truncated?: boolean;
}

/**
 * What every call that reaches the network takes.
 */
export interface RequestOptions {
    /**
     * Ends the call at once. The error is a `SandboxError` whose `cause` is the signal's reason.
     */
    signal?: AbortSignal;
    /**
     * Milliseconds that a try may take, the body of the answer included. Waking a paused sandbox on the
     * way has a time of its own, 30 seconds a try.
     *
     * @defaultValue 30000
     */
    timeoutMs?: number;
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
    previewAccess?: PreviewAccess;
    /**
     * Secrets bound to environment variables.
     */
    secrets?: SandboxSecretBinding[];
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
 * Runs commands in a sandbox: `sandbox.commands`.
 */
declare class Commands {
    private constructor();
    /**
     * Runs a command under `/bin/sh -c` and resolves with what it left behind.
     *
     * With `onStdout` or `onStderr` the output is streamed to them as it comes. A paused sandbox is
     * resumed first. An exit code other than 0 is a result, not an error.
     *
     * @throws {@link TimeoutError} when no answer came in time.
     * @throws {@link SandboxError} when the stream ended before the command did.
     *
     * @example
     * ```typescript
     * const { stdout, exitCode } = await sandbox.commands.run("ls -l", { cwd: "/app" })
     *
     * await sandbox.commands.run("npm install", {
     *   timeoutMs: 120_000,
     *   onStdout: (data) => process.stdout.write(data),
     *   onStderr: (data) => process.stderr.write(data),
     * })
     * ```
     */
    run(command: string, options?: CommandOptions): Promise<CommandResult>;
}

/**
 * Moves files to and from a sandbox: `sandbox.files`.
 */
declare class Files {
    private constructor();
    /**
     * Reads a directory as a zip archive whose entries start with the directory's name. Symbolic links
     * are left out. A path that is a file comes back as it is.
     *
     * A large directory may take longer than the default 30 seconds: pass `timeoutMs`.
     *
     * @throws As {@link Files.read}.
     */
    downloadDir(path: string, options?: FileReadOptions): Promise<Uint8Array>;
    /**
     * Reads a file as UTF-8 text; what is not valid becomes U+FFFD.
     *
     * @throws As {@link Files.read}.
     */
    readText(path: string, options?: FileReadOptions): Promise<string>;
    /**
     * Reads a file as bytes.
     *
     * @throws {@link NotFoundError} when there is no such file.
     * @throws {@link ValidationError} when it has more than `maxBytes` (2 GiB by default).
     */
    read(path: string, options?: FileReadOptions): Promise<Uint8Array>;
    /**
     * Writes a file. Directories on the way are made; a file that exists is replaced.
     *
     * `path` is absolute and has no `..` segment. `content` is at most 4 GiB.
     *
     * @throws {@link ValidationError} for a path or content that is neither, before any request.
     *
     * @example
     * ```typescript
     * await sandbox.files.write("/app/config.json", JSON.stringify({ debug: true }))
     * await sandbox.files.write("/app/data.bin", new Uint8Array([1, 2, 3]))
     * ```
     */
    write(path: string, content: FileInput, options?: RequestOptions): Promise<void>;
}

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
 */
export class Sandbox {
    private constructor();
    /**
     * Connects to a sandbox by its id, and resumes it if it is paused.
     *
     * Where another caller is resuming it just then, this waits for that (30 seconds at most).
     *
     * @throws {@link NotFoundError} when there is no such sandbox.
     */
    static connect(sandboxId: string, options?: ConnectionOptions): Promise<Sandbox>;
    /**
     * Creates a sandbox. It is active once the promise resolves.
     *
     * @throws {@link ValidationError} for options that are not as documented, before any request.
     * @throws {@link NotFoundError} when there is no such template; {@link ConflictError} when it is not
     * ready; {@link RateLimitError} with code `too_many_sandboxes`.
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
    static create(options: SandboxCreateOptions): Promise<Sandbox>;
    /**
     * Reads what the service knows of this sandbox now. The properties of this object stay as they are.
     */
    getInfo(options?: RequestOptions): Promise<SandboxInfo>;
    /**
     * Deletes a sandbox by its id. One that is gone already is no error.
     */
    static killById(sandboxId: string, options?: ConnectionOptions): Promise<void>;
    /**
     * Deletes this sandbox and all that is in it. One that is gone already is no error.
     */
    kill(options?: RequestOptions): Promise<void>;
    /**
     * Lists the team's sandboxes.
     *
     * @example
     * ```typescript
     * const active = await Sandbox.list({ metadata: { team: "search" }, status: "active", limit: 50 })
     * ```
     */
    static list(options?: SandboxListOptions): Promise<SandboxInfo[]>;
    /**
     * Pauses this sandbox. Its memory, processes and files are kept; they go on when it is resumed.
     *
     * @throws {@link ConflictError} unless it is active.
     */
    pause(options?: RequestOptions): Promise<void>;
    /**
     * Resumes this sandbox. Commands and file operations do that by themselves when they find it paused.
     *
     * @throws {@link ConflictError} unless it is paused, or another caller is resuming it just then.
     */
    resume(options?: RequestOptions): Promise<void>;
    /**
     * Changes a sandbox by its id, and leaves it paused if it is. See {@link Sandbox.update}.
     */
    static updateById(sandboxId: string, options: SandboxUpdateOptions, connection?: ConnectionOptions): Promise<void>;
    /**
     * Changes this sandbox. What the options leave out stays as it is; `null` clears a number.
     *
     * @throws {@link ValidationError} when nothing is to be changed.
     * @throws {@link ConflictError} for `network` unless the sandbox is active.
     */
    update(options: SandboxUpdateOptions): Promise<void>;
}

/**
 * A template: what a sandbox starts from, built in steps on a container image.
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
export class Template {
    private constructor();
    /**
     * Cancels a build. One that has ended already is no error.
     */
    cancelBuild(buildId: string, options?: RequestOptions): Promise<void>;
    /**
     * Finds a template by its name or id.
     *
     * @throws {@link NotFoundError} when there is no such template.
     */
    static connect(nameOrId: string, options?: ConnectionOptions): Promise<Template>;
    /**
     * Creates a template and begins its first build. {@link Template.waitUntilReady} tells when it can be used.
     *
     * @throws {@link ValidationError} for options that are not as documented, before any request.
     * @throws {@link RateLimitError} with code `too_many_builds` or `too_many_templates`;
     * {@link ConflictError} when the name is taken.
     */
    static create(options: TemplateCreateOptions): Promise<Template>;
    /**
     * Deletes a template by its name or id. One that is gone already is no error.
     *
     * @throws {@link ConflictError} while a sandbox uses it or a build is under way.
     */
    static deleteById(nameOrId: string, options?: ConnectionOptions): Promise<void>;
    /**
     * Deletes this template. One that is gone already is no error.
     *
     * @throws {@link ConflictError} while a sandbox uses it or a build is under way.
     */
    delete(options?: RequestOptions): Promise<void>;
    /**
     * Reads a build.
     *
     * @throws {@link NotFoundError} when there is no such build.
     */
    getBuild(buildId: string, options?: RequestOptions): Promise<TemplateBuildInfo>;
    /**
     * Reads what the service knows of this template now. The properties of this object stay as they are.
     */
    getInfo(options?: RequestOptions): Promise<TemplateInfo>;
    /**
     * Lists the builds of this template, newest first.
     */
    listBuilds(options?: TemplateBuildsListOptions): Promise<TemplateBuildInfo[]>;
    /**
     * Lists the team's templates and those of the service.
     */
    static list(options?: TemplateListOptions): Promise<TemplateInfo[]>;
    /**
     * Builds this template anew. While a build of the same definition is under way, that one is returned.
     *
     * @throws {@link RateLimitError} with code `too_many_builds`.
     */
    rebuild(options?: RequestOptions): Promise<TemplateBuildInfo>;
    /**
     * Follows the log of a build from its start to its last event.
     *
     * A connection that breaks is made again; each event is still delivered once and in order.
     *
     * @throws {@link SandboxError} when the log cannot be read, or the template has no build.
     */
    streamBuildLogs(options: BuildLogsOptions): Promise<void>;
    /**
     * Waits until the newest build has ended, and resolves with the template as it is then.
     *
     * @throws {@link BuildError} when the build failed: its `code` says in which stage.
     * @throws {@link ConflictError} with code `cancelled` when somebody cancelled it.
     * @throws {@link TimeoutError} after `timeoutMs`.
     */
    waitUntilReady(options?: WaitUntilReadyOptions): Promise<TemplateInfo>;
}

/**
 * The URL under which a port of a sandbox can be opened, without a request.
 *
 * The sandbox has to be active with a server on the port for the URL to answer.
 *
 * @throws {@link ValidationError} unless `port` is an integer from 1024 to 65535.
 *
 * @example
 * ```typescript
 * previewUrl(sandbox.id, "sandbox.superserve.ai", 8000)
 * ```
 */
export function previewUrl(sandboxId: string, sandboxHost: string, port: number): string;

/**
 * The connection that explicit options and the environment make, without a request.
 *
 * @throws {@link AuthenticationError} when there is no API key.
 * @throws {@link ValidationError} for a URL that is not one, or for plain `http` to another machine.
 */
export function resolveConfig(options?: ConnectionOptions): ResolvedConfig;

export type { Commands, Files };
