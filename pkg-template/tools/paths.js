// Where a model's paths lead.
import { refuseIf } from "./failure.js";

/** @import { Sandbox } from "#types" */

/** @typedef {{ path: string, shown: string, shownAs: (path: string) => string }} Place */

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
 * An absolute path in which nothing leads up.
 *
 * @param {string} path
 */
export function normal(path) {
  /** @type {string[]} */
  const parts = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part && part !== ".") parts.push(part);
  }
  return `/${parts.join("/")}`;
}

/** @param {string} path @param {string} folder */
const isIn = (path, folder) => `${path}/`.startsWith(folder === "/" ? folder : `${folder}/`);

/**
 * Where paths of a set of tools start, and may lead.
 *
 * @param {string} [given]
 */
export function placesOf(given) {
  const root = given && normal(given);
  /** Where a sandbox's commands start. @type {WeakMap<Sandbox, string>} */
  const starts = new WeakMap();

  /** @param {Sandbox} sandbox @param {AbortSignal} [signal] @param {string[]} args */
  const shell = (sandbox, signal, ...args) =>
    sandbox.commands.run("/bin/sh", { args: ["-c", ...args], signal });

  /** Where all starts, which is there then. @param {Sandbox} sandbox @param {AbortSignal} [signal] */
  async function start(sandbox, signal) {
    const known = starts.get(sandbox);
    if (known) return known;
    const { exitCode, stdout } = await shell(sandbox, signal, START, "sh", root ?? "");
    refuseIf(exitCode !== 0, `${root} cannot be made in the sandbox: tell the user.`);
    const found = stdout.slice(0, -1);
    starts.set(sandbox, found);
    return found;
  }

  /**
   * What a model's path leads to.
   *
   * @param {Sandbox} sandbox
   * @param {AbortSignal | undefined} signal
   * @param {string | null} given null for where all starts
   * @param {boolean} [reads] whether it is only read, as outputs that are kept may be
   * @returns {Promise<Place>}
   */
  async function find(sandbox, signal, given, reads) {
    const path = given ?? ".";
    refuseIf(!path, "The path is empty: give one.");
    refuseIf(path.includes("\0"), "A path has no NUL character: give it without.");
    refuseIf(/^~(\/|$)/.test(path), "~ stands for nothing here: give an absolute path.");
    const base = path[0] === "/" ? "" : (root ?? (await start(sandbox, signal)));
    const shown = normal(`${base}/${path}`);
    if (!root || root === "/") return { path: shown, shown, shownAs: (path) => path };
    const within = reads && isIn(shown, KEPT) ? KEPT : root;
    const outside = `${shown} leads out of ${root}: use paths within ${root} alone.`;
    refuseIf(!isIn(shown, within), outside);
    const from = within === root ? await start(sandbox, signal) : within;
    const to = from + shown.slice(within.length);
    const { exitCode, stdout } = await shell(sandbox, signal, LOOK, "sh", from, to);
    refuseIf(exitCode !== 0, outside);
    /** @param {string} path */
    const shownAs = (path) => (isIn(path, from) ? within + path.slice(from.length) : path);
    return { path: stdout, shown: shownAs(stdout), shownAs };
  }

  return {
    find,
    /** Where a command starts, if that is said. @type {(sandbox: Sandbox, signal: AbortSignal | undefined, given: string | null) => Promise<string | undefined>} */
    cwd: async (sandbox, signal, given) =>
      given === null ? root && start(sandbox, signal) : (await find(sandbox, signal, given)).path,
  };
}
