// Programs that entries run. Each has a process group of its own, so that it ends with all that it started.

import { spawn as spawnChild } from "node:child_process";

const STOP_WITHIN_MS = 5_000;

/**
 * Starts a program; `exited` resolves to its exit code, or the signal's name.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {import("./types.js").Options} [options]
 * @returns {import("./types.js").Program}
 */
export function spawn(command, args, { cwd, env = {} } = {}) {
  const child = spawnChild(command, args, {
    cwd,
    env: { ...cleanEnv(), ...env },
    stdio: ["pipe", "pipe", "pipe"],
    detached: true,
  });
  // Programs that end early close their stdin.
  child.stdin.on("error", () => {});
  /** @type {Promise<number | string | null>} */
  const exited = new Promise((resolve, reject) => {
    child.on("exit", (code, signal) => resolve(signal ?? code));
    child.on("error", reject);
  });
  exited.catch(() => {});
  const kill = (/** @type {NodeJS.Signals} */ signal) => {
    try {
      process.kill(-(/** @type {number} */ (child.pid)), signal);
    } catch {
      // The group is gone.
    }
  };

  async function stop() {
    if (child.pid === undefined) return;
    if (child.exitCode === null && child.signalCode === null) {
      kill("SIGTERM");
      const force = setTimeout(() => kill("SIGKILL"), STOP_WITHIN_MS);
      await exited;
      clearTimeout(force);
    }
    kill("SIGKILL");
  }

  const { stdin, stdout, stderr, pid } = child;
  return { stdin, stdout, stderr, pid, exited, stop };
}

/**
 * Runs a program to its end.
 *
 * @param {import("./types.js").Program} program
 * @param {string} what
 * @param {import("./types.js").ExecOptions} [options]
 */
export async function exec(program, what, { input = "", timeoutMs = 300_000 } = {}) {
  program.stdin.end(input);
  const timer = setTimeout(() => program.stop(), timeoutMs);
  const [stdout, stderr, how] = await Promise.all([
    text(program.stdout),
    text(program.stderr),
    program.exited,
  ]).finally(() => clearTimeout(timer));
  if (how !== 0) throw new Error(`${what} ended with ${how}\n${ends(stdout)}${ends(stderr)}`);
  return { stdout, stderr };
}

/** Programs say what is wrong in their first words or in their last. */
const ends = (/** @type {string} */ text) =>
  text.length <= 4000 ? text : `${text.slice(0, 2000)}\n…\n${text.slice(-2000)}`;

/** @param {import("node:stream").Readable} stream */
export async function text(stream) {
  let all = "";
  stream.setEncoding("utf8");
  for await (const piece of stream) all += piece;
  return all;
}

/** What a developer has in the shell must not reach a test. */
function cleanEnv() {
  const env = { ...process.env };
  // In CI Next.js warns of the build's cache.
  for (const name of Object.keys(env)) if (/^(SUPERSERVE_|(NODE_OPTIONS|CI)$)/.test(name)) delete env[name];
  return env;
}
