// A sandbox, or what gives one, and where commands and relative paths start in it.
import { normal } from "../../tools/paths.js";
import { providerOf } from "../../tools/provider.js";

/** @import { Sandbox } from "#types" */
/** @import { SandboxProvider } from "#tool-types" */

/** By `bash`, where the sandbox has that. */
const SHELL = 'if command -v bash >/dev/null; then exec bash -c "$1"; fi; exec sh -c "$1"';

/** The directory is made if it was asked for. */
const START = 'if [ -n "$1" ]; then mkdir -p -- "$1" && cd -P -- "$1" || exit; fi; pwd -P';

/** What `/bin/sh` takes to run a command. @param {string} command */
export const shell = (command) => ["-c", SHELL, "sh", command];

/** @param {any} error */
export const isNotFound = (error) => error?.name === "NotFoundError";

export class Place {
  #provider;
  #directory;
  /** @type {WeakMap<Sandbox, string>} */
  #starts = new WeakMap();

  /**
   * @param {Sandbox | SandboxProvider} sandbox
   * @param {{ workingDirectory?: string | undefined }} options
   */
  constructor(sandbox, { workingDirectory }) {
    if (workingDirectory !== undefined && !workingDirectory.startsWith("/")) {
      throw new TypeError("workingDirectory must be an absolute path");
    }
    /** Whether the sandbox may be paused as soon as nobody uses it. */
    this.isLent = "use" in sandbox;
    this.#provider = providerOf(sandbox);
    this.#directory = workingDirectory;
  }

  /**
   * What `work` comes to; once it is aborted, that it is.
   *
   * @template Value
   * @param {(sandbox: Sandbox) => Promise<Value>} work
   * @param {AbortSignal} [signal]
   * @returns {Promise<Value>}
   */
  async use(work, signal) {
    signal?.throwIfAborted();
    try {
      return await this.#provider.use(work, { signal });
    } catch (error) {
      throw signal?.aborted ? signal.reason : error;
    }
  }

  /**
   * Where a command starts; nothing is where those of the sandbox do.
   *
   * @param {Sandbox} sandbox
   * @param {string} [path]
   * @param {AbortSignal} [signal]
   */
  async cwd(sandbox, path, signal) {
    if (path !== undefined) return this.find(sandbox, path, signal);
    return this.#directory === undefined ? undefined : this.start(sandbox, signal);
  }

  /**
   * An absolute path.
   *
   * @param {Sandbox} sandbox
   * @param {string} path
   * @param {AbortSignal} [signal]
   */
  async find(sandbox, path, signal) {
    return normal(path.startsWith("/") ? path : `${await this.start(sandbox, signal)}/${path}`);
  }

  /**
   * Where all starts.
   *
   * @param {Sandbox} sandbox
   * @param {AbortSignal} [signal]
   */
  async start(sandbox, signal) {
    const known = this.#starts.get(sandbox);
    if (known !== undefined) return known;
    const args = ["-c", START, "sh", this.#directory ?? ""];
    const { exitCode, stdout, stderr } = await sandbox.commands.run("/bin/sh", { args, signal });
    if (exitCode !== 0) throw new Error(`${this.#directory} cannot be made in the sandbox: ${stderr}`);
    const start = stdout.slice(0, -1);
    this.#starts.set(sandbox, start);
    return start;
  }
}

/**
 * What a command comes to. Its end is the call's, and the other way round.
 *
 * @param {Sandbox} sandbox
 * @param {string} command
 * @param {{ cwd?: string, env?: Record<string, string>, signal?: AbortSignal, timeoutMs?: number }} options
 */
export async function run(sandbox, command, options) {
  const stream = sandbox.commands.stream("/bin/sh", { args: shell(command), ...options });
  const { exitCode, stdout, stderr } = await stream.result;
  return { exitCode, stdout, stderr };
}
