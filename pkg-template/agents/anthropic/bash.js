// `bash`: a shell that goes on from one command to the next.
import { Refusal } from "../../tools/failure.js";
import { calls, TEXT } from "./runnable.js";

/** @import { Process, ProcessFollower, ProcessPosition, Sandbox } from "#types" */
/** @import { SandboxProvider } from "#tool-types" */
/** @import { BashToolOptions } from "../anthropic.js" */

/**
 * @typedef {object} Shell
 * @property {string} sandboxId
 * @property {Process} process
 * @property {ProcessPosition} [position] what was read of its output
 * @property {string} rest what was read and belongs to the next command
 */

/** `bash`, where the sandbox has that. What commands write goes the way that is kept as 3, whatever they do to their own. */
const SHELL = "if command -v bash >/dev/null; then exec bash 3>&1; fi; exec sh 3>&1";

const CHARS = 30_000;

const ENDED = "set restart to true for a new one";

/** @param {string} text */
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/**
 * @param {Sandbox | SandboxProvider} sandbox
 * @param {BashToolOptions} options
 */
export function bash(sandbox, { cwd, env, timeoutMs = 120_000, approve }) {
  /** @type {Shell | undefined} */
  let shell;
  /** Why there is none, until it is started again. */
  let why = "";

  /** Ends the shell and all that it has started. @param {string} [reason] */
  async function end(reason = "") {
    const ended = shell;
    shell = undefined;
    why = reason;
    // It may be gone with its sandbox.
    await ended?.process.remove().catch(() => {});
  }

  /** @param {Sandbox} sandbox @param {AbortSignal} [signal] @returns {Promise<Shell>} */
  async function started(sandbox, signal) {
    if (shell?.sandboxId === sandbox.id) return shell;
    if (why) throw new Refusal(`${why}: ${ENDED}.`);
    const process = await sandbox.processes.start("/bin/sh", { args: ["-c", SHELL], cwd, env, signal });
    shell = { sandboxId: sandbox.id, process, rest: "" };
    return shell;
  }

  /** @param {Sandbox} sandbox @param {string} command @param {AbortSignal} [signal] */
  async function done(sandbox, command, signal) {
    const session = await started(sandbox, signal);
    const { process, rest } = session;
    const mark = `\x1e${Date.now().toString(36)}${Math.random().toString(36).slice(2)} `;
    const output = new Output(rest);
    session.rest = "";
    // Its syntax errors are its own: nothing that it leaves open reaches what comes behind it.
    const line = `command eval ${quoted(command)} </dev/null >&3 2>&3 3>&-; printf '\\036${mark.slice(1)}%d\\036' $? >&3\n`;
    /** @type {ProcessFollower | undefined} */
    let follower;
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      follower?.return();
    }, timeoutMs);
    try {
      await process.write(line, { signal });
      follower = process.follow({ from: session.position, stream: "stdout", signal });
      for await (const { text, position, skipped = 0 } of follower) {
        session.position = position;
        const ends = output.add(text, skipped).split(mark);
        const [exitCode, ...more] = ends[1]?.split("\x1e") ?? [];
        if (more.length === 0) continue;
        session.rest = more.join("\x1e");
        const says = exitCode === "0" ? [] : [`Exit code: ${exitCode}`];
        return [output.told(mark) || "(no output)", ...says].join("\n");
      }
    } catch (error) {
      if (!isLate) {
        await end(
          signal?.aborted ? "A command was given up, and its shell has ended" : "The shell has ended",
        );
        throw error;
      }
    } finally {
      clearTimeout(timer);
    }
    const reason = isLate
      ? `Timed out: bash has not returned in ${timeoutMs / 1000} seconds, and its shell was ended`
      : "The shell has ended";
    await end(reason);
    throw new Refusal(`${output.told(mark)}\n${reason}: ${ENDED}.`.trim());
  }

  const properties = { command: TEXT, restart: { type: ["boolean", "null"] } };
  const run = calls(sandbox, { name: "bash", properties, looks: [], approve }, async (call) => {
    const { input, sandbox, signal } = call;
    if (input.restart) {
      await end();
      return "tool has been restarted.";
    }
    if (!input.command) throw new Refusal("No command was given.");
    return done(sandbox, input.command, signal);
  });
  return { run, close: () => end() };
}

/** A command's output, the middle of which is left out where it is long. */
class Output {
  #text;
  /** Where something is left out, if it is. */
  #at = 0;
  #left = 0;

  /** @param {string} text */
  constructor(text) {
    this.#text = text;
  }

  /** All that there is by now. @param {string} text @param {number} skipped what of it is lost */
  add(text, skipped) {
    this.#left += skipped;
    if (skipped > 0) this.#at ||= this.#text.length;
    const all = this.#text + text;
    this.#text = all;
    if (all.length > 4 * CHARS) this.#cut(2 * CHARS);
    return all;
  }

  /** @param {number} most */
  #cut(most) {
    const text = this.#text;
    const over = text.length - most;
    if (over <= 0) return;
    this.#at = most / 2;
    this.#left += over;
    this.#text = text.slice(0, this.#at) + text.slice(-this.#at);
  }

  /** @param {string} mark */
  told(mark) {
    this.#text = this.#text.split(mark)[0];
    this.#cut(CHARS);
    const text = this.#text.replace(/\n$/, "");
    if (this.#left === 0) return text;
    const note = `[${this.#left} characters left out here. Write the output to a file, and look at parts of that.]`;
    return `${text.slice(0, this.#at)}\n\n${note}\n\n${text.slice(this.#at)}`;
  }
}
