// Where a model's paths lead.
import { Refusal } from "./failure.js";

/** @import { Sandbox } from "#types" */

/** Where outputs are kept that are too long to be told. */
export const KEPT = "/tmp/superserve-output";

/** Where commands start, after the directory is made that they are to start in. */
const START = 'if [ -n "$1" ]; then mkdir -p -- "$1" && cd -P -- "$1" || exit 3; fi; pwd -P';

/** Where a path leads, links and all; what of it is not there yet as it is. An exit code of 3 if that is not in `$1`. */
const LOOK = `p=$2 rest=
while [ ! -e "$p" ] && [ ! -L "$p" ]; do rest=/\${p##*/}$rest p=\${p%/*}; done
real=$(readlink -f "$p" && echo .) || exit 3
real=\${real%??}
case $real/ in "$1"/*) printf %s "$real$rest" ;; *) exit 3 ;; esac`;

/**
 * A path in which nothing leads up.
 *
 * @param {string} path
 */
function normal(path) {
  /** @type {string[]} */
  const parts = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

/** @param {string} path @param {string} folder */
const isIn = (path, folder) => folder === "/" || path === folder || path.startsWith(`${folder}/`);

/** Where paths of a set of tools start, and may lead. */
export class Places {
  /** Where a sandbox's commands start. @type {WeakMap<Sandbox, Promise<string>>} */
  #starts = new WeakMap();

  /** @param {string | undefined} root */
  constructor(root) {
    this.root = root === undefined ? undefined : normal(root);
  }

  /**
   * Where commands start, if that is said: the directory is there then.
   *
   * @param {Sandbox} sandbox
   * @param {AbortSignal} [signal]
   */
  async cwd(sandbox, signal) {
    return this.root === undefined ? undefined : this.#start(sandbox, signal);
  }

  /**
   * What a model's path leads to: as it is, and as it is shown.
   *
   * @param {Sandbox} sandbox
   * @param {string | null} given null for where all starts
   * @param {{ signal?: AbortSignal, reads?: boolean }} how whether it is only read, as outputs that are kept may be
   */
  async find(sandbox, given, { signal, reads = false }) {
    if (given === "") throw new Refusal("The path is empty: give one.");
    if (given?.includes("\0")) throw new Refusal("A path has no NUL character: give it without.");
    if (/^~(\/|$)/.test(given ?? "")) throw new Refusal("~ stands for nothing here: give an absolute path.");
    const { root } = this;
    const isWhole = given?.startsWith("/");
    const base = isWhole ? "" : (root ?? (await this.#start(sandbox, signal)));
    const shown = normal(`${base}/${given ?? ""}`);
    if (root === undefined || root === "/")
      return { path: shown, shownAs: (/** @type {string} */ path) => path };
    const within = reads && isIn(shown, KEPT) ? KEPT : root;
    const outside = new Refusal(`${shown} leads out of ${root}: use paths within ${root} alone.`);
    if (!isIn(shown, within)) throw outside;
    const start = within === KEPT ? KEPT : await this.#start(sandbox, signal);
    const { exitCode, stdout } = await sandbox.commands.run("/bin/sh", {
      args: ["-c", LOOK, "sh", start, start + shown.slice(within.length)],
      signal,
    });
    if (exitCode !== 0) throw outside;
    return {
      path: stdout,
      shownAs: (/** @type {string} */ path) => (isIn(path, start) ? within + path.slice(start.length) : path),
    };
  }

  /**
   * @param {Sandbox} sandbox
   * @param {AbortSignal} [signal]
   */
  async #start(sandbox, signal) {
    const known = this.#starts.get(sandbox);
    if (known) return known;
    const { exitCode, stdout } = await sandbox.commands.run("/bin/sh", {
      args: ["-c", START, "sh", this.root ?? ""],
      signal,
    });
    if (exitCode !== 0) throw new Refusal(`${this.root} cannot be made in the sandbox: tell the user.`);
    const start = stdout.slice(0, -1);
    this.#starts.set(sandbox, Promise.resolve(start));
    return start;
  }
}
