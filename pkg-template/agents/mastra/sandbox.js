// A sandbox as Mastra's workspaces have one.
import { MastraSandbox, SandboxAbortError, validateSandboxFileMode } from "@mastra/core/workspace";

import { Command, ProcessManager, programOf } from "./commands.js";
import { directory, normal, providerOf } from "./provider.js";

/** @import { Sandbox } from "#types" */
/** @import { SandboxProvider } from "#tool-types" */

const NAME = "SuperserveSandbox";

export class SuperserveSandbox extends MastraSandbox {
  name = NAME;
  provider = "superserve";
  status = "pending";
  #sandbox;
  #provider;
  #cwd;
  #createdAt = new Date();

  /** @param {any} options */
  constructor({ sandbox, id, workingDirectory, screen, ...options }) {
    const provider = providerOf(sandbox, NAME);
    const cwd = directory(workingDirectory, `${NAME}: workingDirectory`);
    super({
      ...options,
      name: NAME,
      workingDirectory: cwd,
      processes: new ProcessManager(provider, cwd),
    });
    this.id = id ?? sandbox.id ?? `superserve-${crypto.randomUUID()}`;
    this.#sandbox = provider === sandbox ? undefined : sandbox;
    this.#provider = provider;
    this.#cwd = cwd;
    this.networking = { getPortUrl: (/** @type {number} */ port) => this.#use((one) => portUrl(one, port)) };
    if (screen) this.computer = computerOf((work) => this.#use(({ desktop }) => work(desktop)));
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
    const given = files.map(({ path, content, mode }) => {
      if (mode !== undefined) validateSandboxFileMode(mode);
      return { path: path.startsWith("/") ? path : normal(`${this.#cwd ?? "/home/user"}/${path}`), content, mode };
    });
    try {
      await this.#use((sandbox) => sandbox.files.writeMany(given, { signal }), { signal });
    } catch (error) {
      throw signal?.aborted ? new SandboxAbortError("writeFiles", signal.reason) : error;
    }
  }

  // Mastra asks for it at each call of a tool: it is without a request.
  getInfo() {
    const { id, name, provider, status } = this;
    return { id, name, provider, status, createdAt: this.#createdAt };
  }

  getInstructions() {
    const start = this.#cwd === undefined ? "" : ` Commands start in ${this.#cwd}.`;
    return `A sandbox of its own: a Linux machine whose commands bash runs.${start}`;
  }
}

/** The address of a port, which is published for that. @param {Sandbox} sandbox @param {number} port */
async function portUrl(sandbox, port) {
  try {
    const { access } = await sandbox.publishPreviewPort(port);
    return access === "private"
      ? await sandbox.getSignedPreviewUrl(port, { expiresInSeconds: SIGNED_SECONDS })
      : sandbox.getPreviewUrl(port);
  } catch (/** @type {any} */ error) {
    if (error?.name === "ValidationError") return null;
    throw error;
  }
}

const SIGNED_SECONDS = 3600;

/**
 * A screen as Mastra has it.
 *
 * @param {<Value>(work: (desktop: Sandbox["desktop"]) => Promise<Value>) => Promise<Value>} use
 */
function computerOf(use) {
  // No sandbox tells where its pointer is.
  let cursor = { x: 0, y: 0 };
  /** @param {"click" | "rightClick" | "doubleClick" | "moveMouse"} action */
  const at = (action) => async (/** @type {number} */ x, /** @type {number} */ y) => {
    await use((desktop) => desktop[action](x, y));
    cursor = { x, y };
  };
  return {
    screenshot: async () => ({
      data: (await use((desktop) => desktop.screenshot())).data,
      mediaType: "image/png",
    }),
    leftClick: at("click"),
    rightClick: at("rightClick"),
    doubleClick: at("doubleClick"),
    moveMouse: at("moveMouse"),
    async drag(/** @type {typeof cursor} */ from, /** @type {typeof cursor} */ to) {
      await use((desktop) => desktop.drag([from.x, from.y], [to.x, to.y]));
      cursor = to;
    },
    scroll: (/** @type {string} */ direction, /** @type {number} */ amount) =>
      use((desktop) => desktop.scroll({ dy: direction === "up" ? -amount : amount })),
    type: (/** @type {string} */ text) => use((desktop) => desktop.write(text)),
    press: (/** @type {string | string[]} */ keys) => use((desktop) => desktop.press(keys)),
    async getScreenSize() {
      const { width, height } = await use((desktop) => desktop.screenshot());
      return { width, height };
    },
    getCursorPosition: async () => cursor,
    streamUrl: () => use((desktop) => desktop.getStreamUrl()),
  };
}
