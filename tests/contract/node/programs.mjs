// Starting and stopping the servers that a run needs.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

const READY_WITHIN_MS = 20_000;
const STOP_WITHIN_MS = 10_000;

/** Starts a program that prints one JSON line when it is ready: `{ ready, stop }`. */
export async function startProgram(command, ...args) {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
  const exited = new Promise((resolve) => {
    child.on("exit", (code, signal) => resolve(signal ?? code));
    child.on("error", resolve);
  });
  let complaints = "";
  child.stderr.on("data", (text) => (complaints = (complaints + text).slice(-4000)));

  const firstLine = new Promise((resolve) => createInterface(child.stdout).once("line", resolve));
  let timer;
  const late = new Promise((_, reject) => {
    const fail = (why) => reject(new Error(`${command} ${args.join(" ")} ${why}\n${complaints}`));
    timer = setTimeout(() => fail("is not ready in time"), READY_WITHIN_MS);
    exited.then((how) => fail(`ended: ${how}`));
  });
  // After the start nobody waits for this any more.
  late.catch(() => {});

  async function stop() {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGTERM");
    const force = setTimeout(() => child.kill("SIGKILL"), STOP_WITHIN_MS);
    await exited;
    clearTimeout(force);
  }

  try {
    return { ready: JSON.parse(await Promise.race([firstLine, late])), stop };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
