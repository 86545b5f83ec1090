// Starting and stopping the servers that a run needs.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

const READY_WITHIN_MS = 20_000;
const STOP_WITHIN_MS = 10_000;

/**
 * Starts a program; `ready` is the one JSON line that it prints when it can be used, `complaints()` the end of
 * what it wrote to stderr.
 */
export function startProgram(command, ...args) {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
  const exited = new Promise((resolve) => {
    child.on("exit", (code, signal) => resolve(signal ?? code));
    child.on("error", resolve);
  });
  let complaints = "";
  child.stderr.on("data", (text) => (complaints = (complaints + text).slice(-4000)));

  const ready = new Promise((resolve, reject) => {
    const fail = (why) => reject(new Error(`${command} ${args.join(" ")} ${why}\n${complaints}`));
    const timer = setTimeout(() => fail("is not ready in time"), READY_WITHIN_MS);
    exited.then((how) => fail(`ended: ${how}`)).finally(() => clearTimeout(timer));
    createInterface(child.stdout).once("line", (line) => {
      clearTimeout(timer);
      try {
        resolve(JSON.parse(line));
      } catch {
        fail(`printed no JSON: ${line}`);
      }
    });
  });

  async function stop() {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGTERM");
    const force = setTimeout(() => child.kill("SIGKILL"), STOP_WITHIN_MS);
    await exited;
    clearTimeout(force);
  }

  return { ready, stop, complaints: () => complaints };
}
