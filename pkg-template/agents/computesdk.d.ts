/**
 * The service as a provider of ComputeSDK (`computesdk`).
 *
 * @packageDocumentation
 */
import type {
  CodeResult,
  CreateSandboxOptions,
  ExplicitComputeConfig,
  SandboxFileSystem,
  SandboxInterface,
  Snapshot,
} from "computesdk";
import type { CodeLanguage, ConnectionOptions, Sandbox, SandboxCreateOptions } from "./index.js";

/**
 * A provider, as the packages of ComputeSDK's own providers make one.
 *
 * Of the options of `compute.sandbox.create` it takes `name`, `metadata`, `envs`, `templateId`, `snapshotId`, `signal`, and `timeout`:
 * after so many milliseconds of active time a sandbox is paused, not deleted. Beside them it takes `autoDeleteSeconds`, `fromTemplate`,
 * `network`, `previewAccess`, `secrets` and `timeoutSeconds` of `Sandbox.create`. Others, such as those of sizes, are passed over: a
 * template says these.
 *
 * @example
 * ```typescript
 * import { compute } from "computesdk"
 * import { superserve } from "@superserve/sdk/computesdk"
 *
 * compute.setConfig({ provider: superserve({ apiKey: process.env.SUPERSERVE_API_KEY }) })
 * const sandbox = await compute.sandbox.create({ name: "scratch" })
 * const { stdout } = await sandbox.runCommand("echo hello")
 * await sandbox.destroy()
 * ```
 */
export declare function superserve(config?: SuperserveConfig): SuperserveProvider;

/** What {@link superserve} takes: how the service is reached, and how sandboxes are made. */
export interface SuperserveConfig extends ConnectionOptions {
  /** Options of `Sandbox.create`, over which go those that a sandbox is made with. */
  create?: SandboxCreateOptions | undefined;
}

/** A provider, from {@link superserve}. */
export interface SuperserveProvider extends NonNullable<ExplicitComputeConfig["provider"]> {
  /** `superserve`. */
  readonly name: "superserve";
  /** Sandboxes. */
  readonly sandbox: {
    /**
     * Makes a sandbox.
     *
     * @throws An error with the name `AbortError` when its signal ended it: what was made by then is deleted.
     */
    create(options?: CreateSandboxOptions): Promise<SuperserveComputeSandbox>;
    /** Finds a sandbox, and leaves one that is paused as it is; `null` where there is none. */
    getById(sandboxId: string): Promise<SuperserveComputeSandbox | null>;
    /** Lists all of the team's sandboxes, those that are paused too. */
    list(): Promise<SuperserveComputeSandbox[]>;
    /**
     * Deletes a sandbox.
     *
     * @throws `NotFoundError` where there is none, so that ComputeSDK asks the next provider.
     */
    destroy(sandboxId: string): Promise<void>;
  };
  /** Snapshots. */
  readonly snapshot: {
    /** Takes a snapshot, and resolves once it is ready. Tags are not kept. */
    create(
      sandboxId: string,
      options?: { name?: string; metadata?: Record<string, unknown> },
    ): Promise<Snapshot>;
    /** Lists the snapshots of a sandbox; without one those of all sandboxes that are there, by a request each. */
    list(options?: { sandboxId?: string; limit?: number }): Promise<Snapshot[]>;
    /** Deletes a snapshot. */
    delete(snapshotId: string): Promise<void>;
  };
}

/** A sandbox as ComputeSDK has it. Each of its methods wakes one that is paused. */
export interface SuperserveComputeSandbox extends SandboxInterface {
  /** `superserve`. */
  readonly provider: "superserve";
  /** Its files. Paths are absolute; directories on the way are made, and are removed with all that is in them. */
  readonly filesystem: SandboxFileSystem;
  /**
   * Runs code in a context that keeps its state, as `sandbox.code.run` does. `output` is what it printed, its results and the error
   * that ended it, of which `exitCode` is 1.
   *
   * @param runtime - What it is written in, `node` for JavaScript included; Python by default.
   */
  runCode(code: string, runtime?: CodeLanguage | "node" | "sh"): Promise<CodeResult>;
  /** The sandbox of this package. */
  getInstance(): Promise<Sandbox>;
  /** The provider that it is of. */
  getProvider(): SuperserveProvider;
}
