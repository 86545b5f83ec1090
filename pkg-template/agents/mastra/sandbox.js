// A sandbox as Mastra's workspaces have one.
import { MastraSandbox } from "@mastra/core/workspace";

import { providerOf } from "../../tools/provider.js";
import { Command, ProcessManager, programOf } from "./commands.js";

/** @import { Sandbox } from "#types" */
/** @import { SandboxProvider } from "#tool-types" */

const NAME = "SuperserveSandbox";

/** How long the address of a private port is good. */
const SIGNED_SECONDS = 3600;

export class SuperserveSandbox extends MastraSandbox {
  name = NAME;
  provider = "superserve";
  status = "pending";
  #sandbox;
  #provider;
  #cwd;

  /** @param {any} options */
  constructor({ sandbox, id, workingDirectory: cwd, ...options }) {
    const provider = providerOf(sandbox);
    const processes = new ProcessManager(provider, cwd);
    super({ ...options, name: NAME, workingDirectory: cwd, processes });
    this.id = id ?? sandbox.id ?? crypto.randomUUID();
    this.#sandbox = provider === sandbox ? undefined : sandbox;
    this.#provider = provider;
    this.#cwd = cwd;
    this.networking = { getPortUrl: (/** @type {number} */ port) => this.#use((one) => portUrl(one, port)) };
  }

  /**
   * @template Value
   * @param {(sandbox: Sandbox) => Promise<Value>} work
   * @param {{ signal?: AbortSignal }} [options]
   */
  async #use(work, options) {
    await this.ensureRunning();
    return this.#provider.use(work, options);
  }

  // It is made, or woken, once something is done in it.
  async start() {}

  async stop() {
    await this.#leave((sandbox) => sandbox.pause());
  }

  async destroy() {
    await this.#leave((sandbox) => sandbox.kill());
  }

  /** What becomes of a provider's, that says. @param {(sandbox: Sandbox) => Promise<void>} end */
  async #leave(end) {
    this.processes.leave();
    await (this.#sandbox ? end(this.#sandbox) : this.#provider.release?.());
  }

  /** @param {string} command @param {string[]} [args] @param {any} [options] */
  async executeCommand(command, args = [], options = {}) {
    const { timeout, abortSignal: signal } = options;
    const env = { ...this.getEnv(), ...options.env };
    const { program, ...rest } = programOf(command, args, { ...options, env });
    const ended = await this.#use(
      ({ commands }) => {
        const stream = commands.stream(program, { ...rest, cwd: this.#cwd, timeoutMs: timeout, signal });
        return new Command(stream, options).wait();
      },
      { signal },
    );
    return { ...ended, command, args };
  }

  /** @param {{ path: string, content: string | Uint8Array, mode?: number }[]} files @param {{ abortSignal?: AbortSignal }} [options] */
  async writeFiles(files, { abortSignal: signal } = {}) {
    const at = this.#cwd ?? "/home/user";
    const given = files.map((file) => ({
      ...file,
      path: file.path.startsWith("/") ? file.path : `${at}/${file.path}`,
    }));
    await this.#use((sandbox) => sandbox.files.writeMany(given, { signal }), { signal });
  }

  getInstructions() {
    const start = this.#cwd === undefined ? "" : ` Commands start in ${this.#cwd}.`;
    return `A Linux sandbox, whose commands bash runs.${start}`;
  }
}

/** The address of a port, which is published for that. @param {Sandbox} sandbox @param {number} port */
async function portUrl(sandbox, port) {
  const { access } = await sandbox.publishPreviewPort(port);
  return access === "private"
    ? sandbox.getSignedPreviewUrl(port, { expiresInSeconds: SIGNED_SECONDS })
    : sandbox.getPreviewUrl(port);
}
