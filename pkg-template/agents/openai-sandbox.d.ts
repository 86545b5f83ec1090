/**
 * Sandboxes for the `SandboxAgent` of OpenAI's Agents SDK (`@openai/agents`, 0.18 and later).
 *
 * @packageDocumentation
 */
import type { Editor, ToolOutputImage } from "@openai/agents";
import type {
  ExecCommandArgs,
  ExposedPortEndpoint,
  ListDirectoryArgs,
  Manifest,
  MaterializeEntryArgs,
  ReadFileArgs,
  SandboxClient,
  SandboxClientCreateArgs,
  SandboxClientOptions,
  SandboxClientResumeOptions,
  SandboxDirectoryEntry,
  SandboxSession,
  SandboxSessionState,
  ViewImageArgs,
  WorkspaceArchiveData,
  WriteStdinArgs,
} from "@openai/agents/sandbox";
import type { Sandbox, SandboxCreateOptions } from "./index.js";
import type { SandboxProvider } from "./tools.js";

/**
 * A sandbox that is there, as the session that a `SandboxAgent` works in. It stays as it is when a run ends.
 *
 * The agent's manifest must have the same `root`, and no environment of its own: the framework refuses another.
 *
 * @example
 * ```typescript
 * import { run } from "@openai/agents"
 * import { SandboxAgent } from "@openai/agents/sandbox"
 * import { sandboxSession } from "@superserve/sdk/openai-sandbox"
 *
 * const agent = new SandboxAgent({ name: "Coder", model })
 * const session = await sandboxSession(sandbox, { root: "/home/user/project" })
 * const { finalOutput } = await run(agent, "Mend the failing test.", { sandbox: { session } })
 * ```
 */
export declare function sandboxSession(
  sandbox: Sandbox | SandboxProvider,
  options?: SandboxSessionOptions,
): Promise<SuperserveSandboxSession>;

/** Options of {@link sandboxSession}. */
export interface SandboxSessionOptions {
  /**
   * The directory that it works in, an absolute path; it is made if it is not there. No path of the framework's tools may lead out
   * of it; a command may.
   *
   * @defaultValue "/home/user/workspace"
   */
  root?: string | undefined;
  /** Environment variables of its commands. */
  environment?: Record<string, string> | undefined;
  /** Ends what is under way, and the processes that were begun. The framework hands its own to no session. */
  signal?: AbortSignal | undefined;
}

/**
 * Makes a sandbox for each run of a `SandboxAgent` that needs one.
 *
 * Of a manifest it takes the environment and entries of the types `dir`, `file`, `local_dir` (where there is a file system; below
 * the working directory or what `extraPathGrants` names) and `git_repo` (where the sandbox has git). Others, users and groups are a
 * `SandboxUnsupportedFeatureError`.
 *
 * @example
 * ```typescript
 * import { run } from "@openai/agents"
 * import { SandboxAgent } from "@openai/agents/sandbox"
 * import { SuperserveSandboxClient } from "@superserve/sdk/openai-sandbox"
 *
 * const client = new SuperserveSandboxClient({ create: { fromTemplate: "agent" }, onClose: "pause" })
 * const agent = new SandboxAgent({ name: "Coder", model })
 * const { finalOutput } = await run(agent, "Which version of Python is there?", { sandbox: { client } })
 * ```
 */
export declare class SuperserveSandboxClient
  implements SandboxClient<SuperserveClientOptions, SuperserveSessionState>
{
  /** Options that each sandbox is made with, unless a run's `sandbox.options` say otherwise. */
  constructor(options?: SuperserveClientOptions);
  /** What a run's state says of whose its sandbox is. */
  readonly backendId: "superserve";
  /** Makes a sandbox, with what a manifest wants in it. Where that fails, it is deleted again. */
  create(
    args?: SandboxClientCreateArgs<SuperserveClientOptions> | Manifest,
    options?: SuperserveClientOptions,
  ): Promise<SuperserveSandboxSession>;
  /** Connects to the sandbox of a state. */
  resume(
    state: SuperserveSessionState,
    options?: SandboxClientResumeOptions<SuperserveClientOptions>,
  ): Promise<SuperserveSandboxSession>;
  /** What is kept of a state, beside the framework's own: the sandbox's id. */
  serializeSessionState(state: SuperserveSessionState): Promise<Record<string, unknown>>;
  /** The state again. */
  deserializeSessionState(state: Record<string, unknown>): Promise<SuperserveSessionState>;
  /** Whether a sandbox outlives its run: with `onClose` other than `kill`. */
  canPersistOwnedSessionState(state: SuperserveSessionState): boolean;
  /** A manifest with the root that it has in a sandbox. */
  resolveTrustedManifestForResume(manifest: Manifest, options?: SuperserveClientOptions): Manifest;
}

/** Options of {@link SuperserveSandboxClient}. */
export interface SuperserveClientOptions extends SandboxClientOptions {
  /** How a sandbox is made. */
  create?: SandboxCreateOptions | undefined;
  /**
   * The directory that agents work in, where their manifest names none of its own.
   *
   * @defaultValue "/home/user/workspace"
   */
  root?: string | undefined;
  /**
   * What becomes of a sandbox when its run ends. With `pause` and `keep` a run's state may be resumed in it later.
   *
   * @defaultValue "kill"
   */
  onClose?: "kill" | "pause" | "keep" | undefined;
  /**
   * The class whose `create` and `connect` are called: that of `@superserve/sdk/slim`, or a client's.
   *
   * @defaultValue that of `@superserve/sdk`, which is imported when it is needed
   */
  Sandbox?: Pick<typeof Sandbox, "create" | "connect"> | undefined;
}

/** What is known of a session. */
export interface SuperserveSessionState extends SandboxSessionState {
  /** What is in the workspace. */
  manifest: Manifest;
  /** Environment variables of its commands. */
  environment: Record<string, string>;
  /** The sandbox's id, where a client has made it. */
  sandboxId?: string;
}

/** A sandbox as a session of the framework, from {@link sandboxSession} or a {@link SuperserveSandboxClient}. */
export declare class SuperserveSandboxSession implements SandboxSession<SuperserveSessionState> {
  private constructor();
  /** What is known of it. */
  state: SuperserveSessionState;
  /** Whether the sandbox runs. */
  running(): Promise<boolean>;
  /** That commands may have a terminal, and can be written to. A terminal is made by the sandbox's `script`. */
  supportsPty(): boolean;
  /**
   * Runs a command, and tells what it wrote, its exit code, or after `yieldTimeMs`, when it goes on, its session id for
   * {@link SuperserveSandboxSession.writeStdin}. What goes wrong is told, too, after `Error:`: the framework shows a model nothing
   * of what is thrown.
   */
  execCommand(args: ExecCommandArgs): Promise<string>;
  /** Writes to a command that goes on, and tells what it has written since. Ctrl-C interrupts it, with or without a terminal. */
  writeStdin(args: WriteStdinArgs): Promise<string>;
  /** What `apply_patch` changes files with. Not as another user. */
  createEditor(runAs?: string): Editor;
  /** An image for a model: PNG, JPEG, GIF or WebP, of at most 10 MiB. */
  viewImage(args: ViewImageArgs): Promise<ToolOutputImage>;
  /** Reads a file, or its first `maxBytes`. */
  readFile(args: ReadFileArgs): Promise<Uint8Array>;
  /** Lists a directory. */
  listDir(args: ListDirectoryArgs): Promise<SandboxDirectoryEntry[]>;
  /** Whether there is anything by a path. */
  pathExists(path: string, runAs?: string): Promise<boolean>;
  /** Whether there is a directory by a path. */
  directoryExists(path: string, runAs?: string): Promise<boolean>;
  /** Puts an entry of a manifest into the workspace. */
  materializeEntry(args: MaterializeEntryArgs): Promise<void>;
  /** Puts the entries of a manifest into the workspace. */
  applyManifest(manifest: Manifest, runAs?: string): Promise<void>;
  /** The workspace as a tar archive. */
  persistWorkspace(): Promise<Uint8Array>;
  /** Unpacks such an archive into the workspace. */
  hydrateWorkspace(data: WorkspaceArchiveData): Promise<void>;
  /** Publishes a port, and tells its address: a signed one, which opens for a while, where the sandbox is private. */
  resolveExposedPort(port: number): Promise<ExposedPortEndpoint>;
  /** Ends the commands that go on, and does with a client's sandbox what `onClose` says. */
  close(): Promise<void>;
}
