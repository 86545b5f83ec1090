// Commands, and what goes on in the background.
import { ProcessHandle, SandboxProcessManager } from "@mastra/core/workspace";

/** @import { CommandStream, Process, ProcessInfo, ProcessPosition } from "#types" */
/** @import { SandboxProvider } from "#tool-types" */

/** Goes to a directory, and runs a command there: by `bash`, where the sandbox has that. */
const RUN =
  'cd -- "$1" || exit; shift; if command -v bash >/dev/null; then exec bash -c "$@"; fi; exec sh -c "$@"';
const WITHOUT_INPUT = `exec </dev/null; ${RUN}`;

/** The exit code of what its time has ended. */
const LATE = 124;
/** That of what was killed. */
const KILLED = 137;
/** That of what nobody knows one of. */
const UNKNOWN = -1;

/**
 * A command of Mastra's, which a shell reads, with arguments, which it does not.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {any} options Mastra's, of which the directory may be a relative path
 * @param {string} script
 */
export function programOf(command, args, { cwd = ".", env = {} }, script = RUN) {
  const line = args.length > 0 ? `${command} "$@"` : command;
  return {
    program: "/bin/sh",
    args: ["-c", script, "sh", cwd, line, "sh", ...args],
    // Without what is undefined.
    env: JSON.parse(JSON.stringify(env)),
  };
}

/** The command that a process was started with. @param {ProcessInfo} info */
const commandOf = ({ command, args = [] }) =>
  args[1]?.endsWith(RUN) ? args[4] : [command, ...args].join(" ");

/** @param {number} exitCode @param {any} output @param {number} ms @param {boolean} timedOut */
const result = (exitCode, { stdout, stderr }, ms, timedOut) => ({
  success: exitCode === 0,
  exitCode,
  stdout,
  stderr,
  executionTimeMs: Math.round(ms),
  killed: exitCode === KILLED,
  timedOut,
});

/** @param {ProcessHandle} handle @param {AsyncIterable<{ stream: string, text: string }>} pieces */
async function tell(handle, pieces) {
  for await (const { stream, text } of pieces) {
    if (stream === "stdout") handle.emitStdout(text);
    else handle.emitStderr(text);
  }
}

/** A command that is waited for, with its output as Mastra keeps it. */
export class Command extends ProcessHandle {
  #stream;
  #options;

  /** @param {CommandStream} stream @param {any} options */
  constructor(stream, options) {
    super({ ...options, maxRetainedBytes: options.maxRetainedBytes ?? Number.POSITIVE_INFINITY });
    this.#stream = stream;
    this.#options = options;
  }

  async wait() {
    const { timeout, abortSignal } = this.#options;
    const began = performance.now();
    let exitCode = LATE;
    try {
      await tell(this, this.#stream);
      ({ exitCode } = await this.#stream.result);
    } catch (/** @type {any} */ error) {
      if (abortSignal?.aborted) exitCode = KILLED;
      else if (error?.name !== "TimeoutError") throw error;
    }
    const ms = performance.now() - began;
    // The service tells of it by a code that a command may have of its own.
    return result(exitCode, this, ms, exitCode === LATE && ms >= timeout);
  }
}

/** A process, as Mastra has it. */
class Handle extends ProcessHandle {
  /** @type {number | undefined} */
  exitCode;
  #process;
  #provider;
  #end = new AbortController();
  #ended;
  #isLate = false;

  /**
   * @param {Process} process
   * @param {SandboxProvider} provider
   * @param {any} options
   * @param {ProcessPosition} [from] what comes before is told already
   */
  constructor(process, provider, options, from) {
    super(options);
    this.pid = process.id;
    this.#process = process;
    this.#provider = provider;
    this.#ended = this.#follow(options.timeout, from);
    const wait = /** @type {(waiting?: unknown) => ReturnType<Handle["wait"]>} */ (this.wait);
    // Who waits for a process uses the sandbox. Mastra itself only wants to be told of the end, and calls it without options.
    this.wait = (/** @type {unknown} */ waiting = undefined) =>
      waiting ? provider.use(() => wait(waiting)) : wait();
  }

  /** @param {number | undefined} timeout @param {ProcessPosition | undefined} from */
  async #follow(timeout, from) {
    const { signal } = this.#end;
    const began = performance.now();
    const late = async () => {
      this.#isLate = await this.kill();
    };
    const timer = timeout && setTimeout(() => late().catch(() => {}), timeout);
    try {
      await tell(this, this.#process.follow({ from, signal }));
      const { exitCode = UNKNOWN } = await this.#process.info({ signal });
      this.exitCode = this.#isLate ? LATE : exitCode;
      return result(this.exitCode, this, performance.now() - began, this.#isLate);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Leaves it to itself. */
  leave() {
    this.#end.abort();
  }

  async wait() {
    return this.#ended;
  }

  async kill() {
    if (this.exitCode !== undefined) return false;
    try {
      await this.#provider.use(() => this.#process.kill("SIGKILL"));
    } catch (/** @type {any} */ error) {
      if (error?.name === "NotFoundError") return false;
      throw error;
    }
    return true;
  }

  /** @param {string} data */
  sendStdin(data) {
    return this.#provider.use(() => this.#process.write(data));
  }

  closeStdin() {
    return this.#provider.use(() => this.#process.closeStdin());
  }
}

/** The processes of a sandbox: all that were started there, by whom ever. */
export class ProcessManager extends SandboxProcessManager {
  #provider;
  #cwd;

  /** @param {SandboxProvider} provider @param {string | undefined} cwd */
  constructor(provider, cwd) {
    super();
    this.#provider = provider;
    this.#cwd = cwd;
  }

  /** @param {string} command @param {any} options */
  async spawn(command, options = {}) {
    const script = options.stdinMode === "ignore" ? WITHOUT_INPUT : RUN;
    const { program, ...rest } = programOf(command, [], options, script);
    const signal = options.abortSignal;
    return this.#provider.use(
      async ({ processes }) => {
        const process = await processes.start(program, { ...rest, cwd: this.#cwd, signal });
        return this.#track(new Handle(process, this.#provider, options));
      },
      { signal },
    );
  }

  async list() {
    const infos = await this.#provider.use(({ processes }) => processes.list());
    return infos.map((info) => ({
      pid: info.id,
      command: commandOf(info),
      running: info.status === "running",
      exitCode: info.exitCode,
    }));
  }

  /** @param {string} pid */
  async get(pid) {
    return this._tracked.get(pid) ?? this.#provider.use(({ processes }) => this.#find(processes.get(pid)));
  }

  /** One that this program has not started, or has left. @param {Promise<Process>} found */
  async #find(found) {
    try {
      const process = await found;
      const { stdout, stderr, position } = await process.logs();
      const info = await process.info();
      const handle = new Handle(process, this.#provider, {}, position);
      handle.emitStdout(stdout);
      handle.emitStderr(stderr);
      handle.command = commandOf(info);
      if (info.status !== "running") handle.exitCode = info.exitCode ?? UNKNOWN;
      return this.#track(handle);
    } catch (/** @type {any} */ error) {
      if (error?.name === "NotFoundError") return undefined;
      throw error;
    }
  }

  /** @param {Handle} handle */
  #track(handle) {
    const forget = () => this._tracked.delete(handle.pid);
    this._tracked.set(handle.pid, handle);
    // One whose end is known stays, until that was asked for. Nobody else has to hear of one that was left.
    handle.wait().catch(forget);
    return handle;
  }

  /** Leaves all to themselves: whoever asks for one finds it again. */
  leave() {
    for (const handle of this._tracked.values()) handle.leave();
    this._tracked.clear();
  }
}
