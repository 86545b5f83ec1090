// Processes: what is done with them by scripts in the sandbox, and what callers have of one.
import {
  CHECK_LOG,
  CHECK_OPTIONS,
  CHECK_PORT,
  CONFLICT,
  CONFLICT_STATUS,
  DESCRIBE_PROCESS,
  LIST_PROCESSES,
  NOT_FOUND,
  NOT_FOUND_STATUS,
  REMOVE_PROCESS,
  SANDBOX,
  SIGNAL_PROCESS,
  START_PROCESS,
  TIMEOUT,
  WAIT_FOR_PORT,
  WAIT_FOR_PROCESS,
  WRITE_TO_PROCESS,
} from "#constants";
import { limited, patience } from "./again.js";
import { follower, told } from "./follow.js";

/** @import { Rest } from "../index.js" */
/** @typedef {Record<string, any> & { id: string, name?: string, status: string, command: string }} Info */

const DEFAULT_LOG_BYTES = 67_108_864;
/** Each stream's half of them lies in so many files. */
const SEGMENTS = 16;
/** Between the name and the rest of an id. */
const AT = "@";
const NAME = /^[\w-][\w.-]*$/;
const SIGNALS =
  /^SIG(HUP|INT|QUIT|ILL|TRAP|ABRT|BUS|FPE|KILL|USR1|SEGV|USR2|PIPE|ALRM|TERM|STKFLT|CHLD|CONT|STOP|TSTP|TTIN|TTOU|URG|XCPU|XFSZ|VTALRM|PROF|WINCH|IO|PWR|SYS)$/;
/** So much input goes in one request: an argument of a program is 128 KiB at most, of base64. */
const INPUT_BYTES = 90_000;
/** A request waits so many seconds in the sandbox; then the next is sent. */
const WAIT_SECONDS = 540;
const DEFAULT_WAIT_MS = 60_000;
/** Of a process that has ended too soon so many lines and characters are told. */
const LAST_LINES = 10;
const LAST_CHARS = 2_000;

/** Of the letters and digits that ids have. */
const letter = () => Math.floor(Math.random() * 36).toString(36);

/** The records of a script's answer. @param {string} text @param {Rest} rest @returns {Info[]} */
function infosOf(text, { make }) {
  const lines = text ? text.split("\n") : [];
  try {
    return Array.from({ length: lines.length / 2 }, (_, i) => infoOf(lines[2 * i], lines[2 * i + 1]));
  } catch {
    throw make(SANDBOX, "the sandbox has a record that is no process's", 0, "invalid_response");
  }
}

/** A record: what was asked for, and what has become of it. @param {string} spec @param {string} line @returns {Info} */
function infoOf(spec, line) {
  const { command, args, cwd, user, restart } = JSON.parse(spec);
  const [id, status, started, pid, restarts, code, ended] = line.split(" ");
  const known = (/** @type {string} */ value) => (value === "-" ? undefined : +value);
  const endedAt = known(ended);
  const all = {
    id,
    name: nameOf(id),
    command,
    args,
    cwd,
    user,
    restart,
    status,
    pid: status === "running" ? known(pid) : undefined,
    exitCode: known(code),
    startedAt: new Date(+started),
    endedAt: endedAt === undefined ? undefined : new Date(endedAt),
    restarts: +restarts,
  };
  return /** @type {any} */ (
    Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
  );
}

/** @param {string} id */
const nameOf = (id) => (id.includes(AT) ? id.split(AT)[0] : undefined);

/** What a script answers, unless that is why it did nothing. @param {Promise<string>} answer @param {string} id @param {Rest} rest */
async function answerOf(answer, id, { make }) {
  const text = await answer;
  const conflict = (/** @type {string} */ why, /** @type {string} */ code) =>
    make(CONFLICT, why, CONFLICT_STATUS, code);
  switch (text) {
    case "!absent":
      throw make(NOT_FOUND, `there is no process ${id}`, NOT_FOUND_STATUS, "not_found");
    case "!exists":
      throw conflict(`a process of the name ${nameOf(id)} runs already`, "already_exists");
    case "!ended":
      throw conflict(`the process ${id} has ended`, "not_running");
    case "!closed":
      throw conflict(`the input of the process ${id} was ended`, "stdin_closed");
    default:
      return text;
  }
}

/** @param {string} id @param {object} options @param {Rest} rest @param {boolean} [isOwn] */
async function describe(id, options, rest, isOwn) {
  const text = await answerOf(rest.run(DESCRIBE_PROCESS, [id, options], isOwn), id, rest);
  return infosOf(text, rest)[0];
}

/** @param {any} given @param {Rest} rest */
async function start(given, rest) {
  const { command, name, args, cwd, env = {}, user, restart = "never", signal, timeoutMs } = given;
  const { maxLogBytes = DEFAULT_LOG_BYTES } = given;
  const { refusal, run } = rest;
  if (name !== undefined && !NAME.test(name)) {
    throw refusal("name", "be of letters, digits, and . _ -, and begin with no dot");
  }
  if (cwd !== undefined && !cwd.startsWith("/")) throw refusal("cwd", "start with /");
  for (const [key, value] of Object.entries({ ...env, "": command })) {
    if (key ? /[=\0]/.test(key) : Object.hasOwn(env, key)) throw refusal("env", "have names without =");
    if (value.includes("\0")) throw refusal(key ? `env.${key}` : "command", "not contain a NUL character");
  }
  for (const arg of args ?? []) if (arg.includes("\0")) throw refusal("args", "not contain a NUL character");
  // What has a = in it, `env` would take for a variable.
  const guard = command.includes("=") ? ["/bin/sh", "-c", 'exec "$@"', "sh"] : [];
  const program = args ? [...guard, command, ...args] : ["/bin/sh", "-c", command];
  const words = [...Object.entries(env).map(([key, value]) => `${key}=${value}`), ...program];
  const own = Array.from({ length: 12 }, letter).join("");
  const id = name === undefined ? own : name + AT + own;
  const spec = JSON.stringify({ command, args, cwd, user, restart, maxLogBytes });
  const segment = Math.floor(maxLogBytes / SEGMENTS);
  const asked = [cwd ?? "", id, spec, user ?? "", restart, segment, words, { signal, timeoutMs }];
  const text = await answerOf(run(START_PROCESS, asked), id, rest);
  return new Process(infosOf(text, rest)[0], rest);
}

/** @param {any} given @param {Rest} rest */
const list = async ({ signal, timeoutMs }, rest) =>
  infosOf(await rest.run(LIST_PROCESSES, [{ signal, timeoutMs }]), rest);

/** @param {any} given @param {Rest} rest */
const get = async ({ idOrName, signal, timeoutMs }, rest) =>
  new Process(await describe(idOrName, { signal, timeoutMs }, rest), rest);

/** @param {any} given @param {Rest} rest */
async function remove({ idOrName, signal, timeoutMs }, rest) {
  await answerOf(rest.run(REMOVE_PROCESS, [idOrName, { signal, timeoutMs }]), idOrName, rest);
}

export const processes = { start, list, get, remove };

class Process {
  #rest;
  /** The last input that is under way: the next waits for it. @type {Promise<unknown>} */
  #input = Promise.resolve();

  /** @param {Info} info @param {Rest} rest */
  constructor({ id, name, command }, rest) {
    this.id = id;
    if (name !== undefined) this.name = name;
    this.command = command;
    this.#rest = rest;
  }

  /**
   * Does the work of a method: its errors have the method's name.
   *
   * @template T
   * @param {string} method
   * @param {() => Promise<T>} work
   */
  async #as(method, work) {
    try {
      return await work();
    } catch (error) {
      if (this.#rest.isOurs(error)) Object.assign(error, { operation: `Process.${method}` });
      throw error;
    }
  }

  /** What a method was called with, checked. @param {number} number @param {unknown[]} values @returns {any} */
  #checked(number, ...values) {
    return /** @type {any} */ (this.#rest.check(number, values)).locals;
  }

  /** What a request comes to that has this process's id, unless there is no such process. @param {number} number @param {unknown[]} values */
  #ask(number, ...values) {
    return answerOf(this.#rest.run(number, values, true), this.id, this.#rest);
  }

  /** @param {object} [options] */
  info(options) {
    return this.#as("info", () => describe(this.id, options ?? {}, this.#rest, true));
  }

  /** @param {object} [given] */
  logs(given) {
    return this.#as("logs", async () => {
      const options = this.#checked(CHECK_LOG, given);
      const { signal, end } = limited(options.signal);
      const all = { stdout: "", stderr: "" };
      let skipped = 0;
      try {
        const pieces = told(this.id, options, false, this.#rest, signal);
        for (;;) {
          const { done, value } = await pieces.next();
          if (done) return { ...all, position: value, skipped };
          all[value.stream] += value.text;
          skipped += value.skipped ?? 0;
        }
      } finally {
        end();
      }
    });
  }

  /** @param {object} [given] */
  follow(given) {
    /** @type {<T>(work: Promise<T>) => Promise<T>} */
    const named = (work) => this.#as("follow", () => work);
    return follower(this.id, this.#checked(CHECK_LOG, given), this.#rest, named);
  }

  /** @param {object} [given] */
  wait(given) {
    return this.#as("wait", () => {
      const { signal, timeoutMs = Infinity } = this.#checked(CHECK_OPTIONS, given);
      return this.#waiting(signal, timeoutMs, "has not ended", WAIT_FOR_PROCESS, [this.id], (text) => {
        const [info] = infosOf(text, this.#rest);
        return info.status === "running" ? undefined : info;
      });
    });
  }

  /**
   * What `done` says of the answer of a script that waits in the sandbox for some seconds. While that is undefined, it is asked
   * again, until the time is over. The seconds are the last of its values but for the id, where that is the last.
   *
   * @template T
   * @param {AbortSignal | undefined} outer
   * @param {number} ms
   * @param {string} what
   * @param {number} number
   * @param {unknown[]} values
   * @param {(text: string) => T | undefined} done
   * @param {unknown[]} [last]
   * @returns {Promise<T>}
   */
  async #waiting(outer, ms, what, number, values, done, last = []) {
    const { signal, limit, end } = limited(outer, ms);
    const { again, renew } = patience(this.#rest, signal);
    const until = performance.now() + ms;
    try {
      for (;;) {
        const seconds = Math.min(Math.ceil((until - performance.now()) / 1000), WAIT_SECONDS);
        let text = "";
        try {
          const onStdout = (/** @type {string} */ piece) => {
            text += piece;
          };
          const asked = [...values, Math.max(seconds, 0), ...last, { signal, onStdout }];
          await this.#rest.run(number, asked, true);
          if (!text) throw this.#rest.make(SANDBOX, "the sandbox told nothing", 0, "stream_ended");
        } catch (error) {
          if (limit.isOver) throw this.#late(what);
          await again(error);
          continue;
        }
        renew();
        const value = done(await answerOf(Promise.resolve(text.trim()), this.id, this.#rest));
        if (value !== undefined) return value;
        if (performance.now() >= until) throw this.#late(what);
      }
    } finally {
      end();
    }
  }

  /** @param {string} what */
  #late(what) {
    return this.#rest.make(TIMEOUT, `the process ${this.id} ${what} in time`, 0, "timeout");
  }

  /** @param {string} [signal] @param {object} [options] */
  kill(signal = "SIGTERM", options) {
    return this.#as("kill", async () => {
      if (typeof signal !== "string" || !SIGNALS.test(signal)) {
        throw this.#rest.refusal("signal", "be the name of a signal, such as SIGTERM");
      }
      await this.#ask(SIGNAL_PROCESS, this.id, signal.slice(3), options);
    });
  }

  /** @param {unknown} data @param {object} [options] */
  write(data, options) {
    return this.#as("write", async () => {
      const isBytes = data instanceof Uint8Array;
      if (!isBytes && typeof data !== "string") {
        throw this.#rest.refusal("data", "be a string or a Uint8Array");
      }
      this.#checked(CHECK_OPTIONS, options);
      const bytes = isBytes ? data.slice() : new TextEncoder().encode(/** @type {string} */ (data));
      await this.#inTurn(async () => {
        for (let at = 0; at < bytes.length; at += INPUT_BYTES) {
          const piece = Array.from(bytes.subarray(at, at + INPUT_BYTES), (byte) => String.fromCharCode(byte));
          await this.#ask(WRITE_TO_PROCESS, this.id, btoa(piece.join("")), false, options);
        }
      });
    });
  }

  /** @param {object} [options] */
  closeStdin(options) {
    return this.#as("closeStdin", async () => {
      this.#checked(CHECK_OPTIONS, options);
      await this.#inTurn(() => this.#ask(WRITE_TO_PROCESS, this.id, "", true, options));
    });
  }

  /** What is done with its input comes in turn. @param {() => Promise<unknown>} work */
  async #inTurn(work) {
    const turn = this.#input.then(work);
    this.#input = turn.catch(() => {});
    await turn;
  }

  /** @param {unknown} port @param {object} [options] */
  waitForPort(port, options) {
    return this.#as("waitForPort", async () => {
      const given = this.#checked(CHECK_PORT, port, options);
      const { path = "", status = 0, signal, timeoutMs = DEFAULT_WAIT_MS } = given;
      if (path && !/^\/[!-~]*$/.test(path))
        throw this.#rest.refusal("path", "start with / and have no blanks");
      const what = `does not answer at port ${port}`;
      const answer = await this.#waiting(
        signal,
        timeoutMs,
        what,
        WAIT_FOR_PORT,
        [port, path, status],
        (text) => (text === "!waiting" ? undefined : text),
        [this.id],
      );
      if (answer === "!gone") throw await this.#ended(`it answered at port ${port}`);
    });
  }

  /** The error of one that has ended before what was waited for. @param {string} what */
  async #ended(what) {
    const [{ exitCode }, { stdout, stderr }] = await Promise.all([
      this.info(),
      this.logs({ tail: LAST_LINES }),
    ]);
    const code = exitCode === undefined ? "" : ` with exit code ${exitCode}`;
    const last = `${stdout}${stderr}`.trim().slice(-LAST_CHARS);
    const why = `the process ${this.id} has ended${code} before ${what}${last && `:\n${last}`}`;
    return this.#rest.make(SANDBOX, why, 0, "process_ended");
  }

  /** @param {string | RegExp} pattern @param {object} [given] */
  waitForLine(pattern, given) {
    return this.#as("waitForLine", async () => {
      const isExpression = Object.prototype.toString.call(pattern) === "[object RegExp]";
      if (!isExpression && (typeof pattern !== "string" || !pattern)) {
        throw this.#rest.refusal("pattern", "be a text or a regular expression");
      }
      const { signal: outer, timeoutMs = DEFAULT_WAIT_MS, ...options } = this.#checked(CHECK_LOG, given);
      const fits = (/** @type {string} */ line) => {
        if (typeof pattern === "string") return line.includes(pattern);
        pattern.lastIndex = 0;
        return pattern.test(line);
      };
      const { signal, limit, end } = limited(outer, timeoutMs);
      const begun = { stdout: "", stderr: "" };
      try {
        for await (const { stream, text } of told(this.id, options, true, this.#rest, signal)) {
          const lines = (begun[stream] + text).split(/\r?\n/);
          begun[stream] = lines.pop() ?? "";
          const line = lines.find(fits);
          if (line !== undefined) return line;
        }
      } catch (error) {
        throw limit.isOver ? this.#late("has written no such line") : error;
      } finally {
        end();
      }
      const last = Object.values(begun).find((line) => line && fits(line));
      if (last !== undefined) return last;
      throw await this.#ended("it wrote such a line");
    });
  }

  /** @param {object} [options] */
  remove(options) {
    return this.#as("remove", async () => {
      await this.#ask(REMOVE_PROCESS, this.id, options);
    });
  }
}
