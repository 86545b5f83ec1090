// The commands of a session, each of which may go on when it has been told of.
import { explained, Refusal } from "../../tools/failure.js";
import { Kept } from "./kept.js";

/** @import { Process, Sandbox } from "#types" */
/** @import { SandboxProvider } from "#tool-types" */
/** @typedef {ReturnType<typeof import("../../tools/paths.js").placesOf>} Places */

const EXEC_MS = 10_000;
const INPUT_MS = 250;
/** Less is no time to be asked. */
const LEAST_MS = 50;
const TOKENS = 10_000;
const CHARS_A_TOKEN = 4;
const LOG_BYTES = 4_194_304;
/** A command is an argument, for which Linux has a limit, and is quoted. */
const MOST_BYTES = 60_000;

/** @param {string} text */
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** What is run, with both outputs in one. @param {{ cmd: string, shell?: string, login?: boolean, tty?: boolean }} args */
function script({ cmd, shell, login = true, tty }) {
  if (new TextEncoder().encode(cmd).length > MOST_BYTES) {
    throw new Refusal("The command is too long: write it to a file with apply_patch, and run that.");
  }
  const program = shell ? quoted(shell) : '"$(command -v bash || command -v sh)"';
  const line = `exec ${program} ${login ? "-lc" : "-c"} ${quoted(cmd)}`;
  if (!tty) return `exec 2>&1; ${line}`;
  return `exec 2>&1; command -v script >/dev/null || { echo "There is no terminal here: run it without tty."; exit 127; }
exec script -qefc ${quoted(line)} /dev/null`;
}

/** @typedef {{ process: Process, tty: boolean, position?: { stdout?: number } }} Running */

export class SessionCommands {
  #provider;
  #places;
  #signal;
  /** @type {Map<number, Running>} */
  #running = new Map();
  #last = 0;

  /** @param {SandboxProvider} provider @param {Places} places @param {AbortSignal} [signal] */
  constructor(provider, places, signal) {
    this.#provider = provider;
    this.#places = places;
    this.#signal = signal;
    signal?.addEventListener("abort", () => this.stopAll().catch(() => {}), { once: true });
  }

  async stopAll() {
    const all = [...this.#running.values()];
    this.#running.clear();
    await Promise.all(all.map(({ process }) => process.remove()));
  }

  /** What goes wrong is told, since the framework keeps what is thrown from the model. @param {(sandbox: Sandbox) => Promise<string>} work */
  async #answered(work) {
    try {
      return await this.#provider.use(work, { signal: this.#signal });
    } catch (error) {
      if (this.#signal?.aborted) throw this.#signal.reason;
      return `Error: ${explained(error)}`;
    }
  }

  /** @param {any} args @param {Record<string, string>} env */
  async run(args, env) {
    const { workdir, runAs: user, tty = false, yieldTimeMs = EXEC_MS, maxOutputTokens } = args;
    const signal = this.#signal;
    return this.#answered(async (sandbox) => {
      const cwd = workdir
        ? (await this.#places.find(sandbox, signal, workdir)).path
        : await this.#places.cwd(sandbox, signal, null);
      const process = await sandbox.processes.start("/bin/sh", {
        args: ["-c", script(args)],
        cwd,
        env,
        user,
        maxLogBytes: LOG_BYTES,
        signal,
      });
      const id = ++this.#last;
      this.#running.set(id, { process, tty });
      return this.#told(id, yieldTimeMs, maxOutputTokens);
    });
  }

  /** @param {{ sessionId: number, chars?: string, yieldTimeMs?: number, maxOutputTokens?: number }} args */
  async write({ sessionId, chars = "", yieldTimeMs = INPUT_MS, maxOutputTokens }) {
    return this.#answered(async () => {
      const running = this.#running.get(sessionId);
      if (!running) throw new Refusal(`No process runs with session ID ${sessionId}: start it again.`);
      const { process, tty } = running;
      // Where no terminal makes a signal of it.
      if (chars === "\u0003" && !tty) await process.kill("SIGINT", { signal: this.#signal });
      else if (chars) await process.write(chars, { signal: this.#signal });
      return this.#told(sessionId, yieldTimeMs, maxOutputTokens);
    });
  }

  /**
   * Waits for a process, and tells what it has written since, in the words of the framework's other sessions.
   *
   * @param {number} id
   * @param {number} timeoutMs
   * @param {number} [tokens]
   */
  async #told(id, timeoutMs, tokens = TOKENS) {
    const signal = this.#signal;
    const running = /** @type {Running} */ (this.#running.get(id));
    const { process, position } = running;
    const began = performance.now();
    try {
      const info = await process
        .wait({ timeoutMs: Math.max(timeoutMs, LEAST_MS), signal })
        .catch((error) => (error?.name === "TimeoutError" ? undefined : Promise.reject(error)));
      const {
        stdout,
        position: next,
        skipped,
      } = await process.logs({ from: position, stream: "stdout", signal });
      running.position = next;
      const kept = new Kept(tokens * CHARS_A_TOKEN);
      if (skipped > 0) kept.add(`[${skipped} bytes are no longer kept]\n`);
      kept.add(stdout);
      if (info) await this.#forget(id);
      const lines = [`Wall time: ${((performance.now() - began) / 1000).toFixed(4)} seconds`];
      if (!info) lines.push(`Process running with session ID ${id}`);
      else if (info.exitCode !== undefined) lines.push(`Process exited with code ${info.exitCode}`);
      return [...lines, "Output:", kept.text].join("\n");
    } catch (error) {
      await this.#forget(id);
      throw error;
    }
  }

  /** @param {number} id */
  async #forget(id) {
    const running = this.#running.get(id);
    this.#running.delete(id);
    await running?.process.remove().catch(() => {});
  }
}
