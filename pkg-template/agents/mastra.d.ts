/**
 * A sandbox for Mastra (`@mastra/core`): its tools, and a sandbox and a filesystem for a workspace.
 *
 * @packageDocumentation
 */
import type { Tool } from "@mastra/core/tools";
import type {
  CommandResult,
  CopyOptions,
  ExecuteCommandOptions,
  FileContent,
  FileEntry,
  FileStat,
  FilesystemGrepOptions,
  FilesystemGrepResult,
  ListOptions,
  MastraFilesystem,
  MastraFilesystemOptions,
  MastraSandbox,
  MastraSandboxOptions,
  ProviderStatus,
  ReadOptions,
  RemoveOptions,
  SandboxFileInput,
  SandboxNetworking,
  SandboxProcessManager,
  WalkEntry,
  WalkOptions,
  WriteFilesOptions,
  WriteOptions,
} from "@mastra/core/workspace";
import type { Sandbox } from "./index.js";
import type { SandboxProvider, SandboxToolsOptions, ToolResult } from "./tools.js";

/**
 * The tools of a sandbox, by their names, as an `Agent` takes them: each is made by Mastra's `createTool`, so that workflows and
 * MCP servers take them too.
 *
 * What a tool could not do is a result that says so, an `error-text` to the model. What a command writes is told as it comes, as
 * the chunks `data-sandbox-stdout` and `data-sandbox-stderr` of the stream, which are those of Mastra's own workspaces.
 *
 * @throws `TypeError` for options that are not as documented.
 *
 * @example
 * ```typescript
 * import { Agent } from "@mastra/core/agent"
 * import { Sandbox } from "@superserve/sdk"
 * import { sandboxTools } from "@superserve/sdk/mastra"
 *
 * const sandbox = await Sandbox.create()
 * const agent = new Agent({
 *   id: "coder",
 *   name: "Coder",
 *   instructions: "You work in a sandbox.",
 *   model: "anthropic/claude-sonnet-4-5",
 *   tools: sandboxTools(sandbox, { root: "/home/user/project" }),
 * })
 * const { text } = await agent.generate("Mend the test that fails.", { maxSteps: 20 })
 * ```
 */
export declare function sandboxTools(
  sandbox: Sandbox | SandboxProvider,
  options?: MastraToolsOptions,
): Record<string, Tool<unknown, ToolResult>>;

/** Options of {@link sandboxTools}. */
export interface MastraToolsOptions extends SandboxToolsOptions {
  /**
   * Whether Mastra asks for approval before a tool changes something (one whose `annotations.readOnlyHint` is false), or what
   * decides that by a call's input.
   *
   * @defaultValue false
   */
  requireApproval?: Tool<unknown>["requireApproval"] | undefined;
}

/**
 * A sandbox for a workspace of Mastra's: commands, background processes that outlive this program and are found again by their
 * ids, and ports.
 *
 * Commands are run by `bash`, where the sandbox has that. One that is aborted or whose time is over is ended with all that it
 * has started, and is a result with `killed` or `timedOut`. There are no checkpoints, no clones, and no
 * screen: that is among {@link sandboxTools}.
 *
 * @example
 * ```typescript
 * import { Agent } from "@mastra/core/agent"
 * import { Workspace } from "@mastra/core/workspace"
 * import { Sandbox } from "@superserve/sdk"
 * import { SuperserveFilesystem, SuperserveSandbox } from "@superserve/sdk/mastra"
 *
 * const sandbox = await Sandbox.create()
 * const workspace = new Workspace({
 *   sandbox: new SuperserveSandbox({ sandbox, workingDirectory: "/home/user/project" }),
 *   filesystem: new SuperserveFilesystem({ sandbox, basePath: "/home/user/project" }),
 * })
 * await workspace.init()
 * const agent = new Agent({ id: "coder", name: "Coder", instructions, model, workspace })
 * ```
 *
 * @example One sandbox a conversation, made when it is needed, and paused in between.
 * ```typescript
 * import { lazySandbox } from "@superserve/sdk/tools"
 *
 * const sandbox = new SuperserveSandbox({ sandbox: lazySandbox({ key: conversationId }) })
 * ```
 */
export declare class SuperserveSandbox extends MastraSandbox {
  /** The sandbox's id, or one that was given or made up where it is a provider's. */
  readonly id: string;
  /** `SuperserveSandbox`. */
  readonly name: string;
  /** `superserve`. */
  readonly provider: string;
  /** What Mastra has begun with it. */
  status: ProviderStatus;
  /** Background processes: all of the sandbox, by whom ever they were started. A `pid` is the id of a process of this package. */
  readonly processes: SandboxProcessManager;
  /**
   * Addresses of ports. A port is published when its address is asked for; where that is private, the address has a token in it
   * that is good for an hour.
   */
  readonly networking: SandboxNetworking;
  /**
   * A sandbox for a workspace.
   *
   * @throws `TypeError` for options that are not as documented.
   */
  constructor(options: SuperserveSandboxOptions);
  /** Does nothing: the sandbox is made, or woken, by what is first done in it. */
  start(): Promise<void>;
  /** Pauses the sandbox; a provider of `lazySandbox` is released. */
  stop(): Promise<void>;
  /** Deletes the sandbox; a provider of `lazySandbox` is released, and what becomes of it its `idle` says. */
  destroy(): Promise<void>;
  /**
   * Runs a command, and resolves with what it left behind. `cwd` may be a path that is relative to `workingDirectory`.
   *
   * @throws Errors of this package, when it could not be run.
   */
  executeCommand(command: string, args?: string[], options?: ExecuteCommandOptions): Promise<CommandResult>;
  /** Writes files, with their modes. Relative paths start at `workingDirectory`. */
  writeFiles(files: SandboxFileInput[], options?: WriteFilesOptions): Promise<void>;
  /** What a model is told of it. */
  getInstructions(): string;
}

/** Options of {@link SuperserveSandbox}. */
export interface SuperserveSandboxOptions extends Omit<MastraSandboxOptions, "processes"> {
  /** The sandbox, or what gives one when it is needed. */
  sandbox: Sandbox | SandboxProvider;
  /**
   * What Mastra knows it by.
   *
   * @defaultValue the sandbox's id
   */
  id?: string;
  /**
   * Directory that commands start in, an absolute path. It has to be there.
   *
   * @defaultValue the template's, else `/home/user`
   */
  workingDirectory?: string;
}

/**
 * The files of a sandbox as the filesystem of a workspace of Mastra's. Errors are Mastra's, `FileNotFoundError` and the like.
 *
 * A directory is listed, and searched, by one request with all that is below. The lines that fit a regular expression are looked
 * for in the sandbox; for those with other than ASCII, brackets, braces, look-around or back references, Mastra reads the files.
 *
 * @example
 * ```typescript
 * const filesystem = new SuperserveFilesystem({ sandbox, basePath: "/home/user/project" })
 * const workspace = new Workspace({ filesystem, bm25: true, autoIndexPaths: ["docs"] })
 * ```
 */
export declare class SuperserveFilesystem extends MastraFilesystem {
  /** What Mastra knows it by. */
  readonly id: string;
  /** `SuperserveFilesystem`. */
  readonly name: string;
  /** `superserve`. */
  readonly provider: string;
  /** The directory that relative paths start at. */
  readonly basePath: string;
  /** Whether it is only read. */
  readonly readOnly: boolean;
  /** What Mastra has begun with it. */
  status: ProviderStatus;
  /**
   * Files for a workspace.
   *
   * @throws `TypeError` for options that are not as documented.
   */
  constructor(options: SuperserveFilesystemOptions);
  /** Makes `basePath`, if it is not there. */
  init(): Promise<void>;
  /** Reads a file. */
  readFile(path: string, options?: ReadOptions): Promise<string | Buffer>;
  /** Writes a file, whole or not at all. */
  writeFile(path: string, content: FileContent, options?: WriteOptions): Promise<void>;
  /** Adds to the end of a file. */
  appendFile(path: string, content: FileContent): Promise<void>;
  /** Removes a file. */
  deleteFile(path: string, options?: RemoveOptions): Promise<void>;
  /** Copies a file, or with `recursive` a directory. */
  copyFile(src: string, dest: string, options?: CopyOptions): Promise<void>;
  /** Moves a file or a directory. */
  moveFile(src: string, dest: string, options?: CopyOptions): Promise<void>;
  /** Makes a directory. */
  mkdir(path: string, options?: { recursive?: boolean }): Promise<void>;
  /** Removes a directory. */
  rmdir(path: string, options?: RemoveOptions): Promise<void>;
  /** Lists a directory. A symbolic link is told of as a file, with what it leads to. */
  readdir(path: string, options?: ListOptions): Promise<FileEntry[]>;
  /** Lists all that is below a directory. */
  walk(path: string, options?: WalkOptions): Promise<WalkEntry[]>;
  /**
   * Looks for lines.
   *
   * @throws Mastra's `UnsupportedGrepPatternError`, whereupon Mastra looks for itself.
   */
  grep(options: FilesystemGrepOptions): Promise<FilesystemGrepResult[]>;
  /** Whether there is anything by a path. */
  exists(path: string): Promise<boolean>;
  /** Tells what is by a path, or by what a symbolic link leads to; `path` is the absolute one. */
  stat(path: string): Promise<FileStat>;
  /** What a model is told of it. */
  getInstructions(): string;
}

/** Options of {@link SuperserveFilesystem}. */
export interface SuperserveFilesystemOptions extends MastraFilesystemOptions {
  /** The sandbox, or what gives one when it is needed. */
  sandbox: Sandbox | SandboxProvider;
  /** Directory that relative paths start at, an absolute path. */
  basePath: string;
  /** What Mastra knows it by. */
  id?: string;
  /**
   * Whether paths outside of `basePath` are refused. This is a fence for models that go wrong, not a wall: symbolic links lead
   * where they lead, and commands of the same sandbox go where they like.
   *
   * @defaultValue true
   */
  contained?: boolean;
  /**
   * Whether nothing is changed by it.
   *
   * @defaultValue false
   */
  readOnly?: boolean;
}
