// Node processes of their own, for what one process cannot show about itself.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** For what hangs. */
const LIMIT_MS = 240_000;

/**
 * Runs `children/<name>.mjs` with `input` as its JSON argument; it ends with the test. `lines` are those
 * it prints, `line(start)` waits for one, `send` writes one to it, `exit` settles when it has ended.
 */
export function startChild(ctx, name, input, nodeFlags = []) {
  const script = fileURLToPath(new URL(`children/${name}.mjs`, import.meta.url));
  const argument = JSON.stringify({ sdkPath: ctx.sdkPath, ...input });
  const child = spawn(process.execPath, [...nodeFlags, script, argument], {
    stdio: ["pipe", "pipe", "pipe"],
    timeout: LIMIT_MS,
    killSignal: "SIGKILL",
  });
  const lines = [];
  let stderr = "";
  const waiting = new Set();
  const wake = () => waiting.forEach((check) => check());
  createInterface(child.stdout).on("line", (line) => {
    lines.push(line);
    wake();
  });
  child.stderr.on("data", (text) => (stderr += text));
  let ended;
  const exit = new Promise((resolve) => {
    child.on("close", (code, signal) => {
      ended = { code, signal, stderr, lines, at: Date.now() };
      resolve(ended);
      wake();
    });
  });
  ctx.defer(async () => {
    child.kill("SIGKILL");
    await exit;
  });
  return {
    lines,
    exit,
    send: (line) => child.stdin.write(`${line}\n`),
    /** The rest of the first line that begins so. */
    line: (start) =>
      new Promise((resolve, reject) => {
        const check = () => {
          const found = lines.find((line) => line.startsWith(start));
          if (found === undefined && ended === undefined) return;
          waiting.delete(check);
          if (found !== undefined) resolve(found.slice(start.length));
          else
            reject(new Error(`${name} ended (${ended.signal ?? ended.code}) before "${start}"\n${stderr}`));
        };
        waiting.add(check);
        check();
      }),
  };
}

/** Runs a child to its end, which must be a good one, and returns what its `result` line says. */
export async function runChild(ctx, name, input, nodeFlags) {
  const child = startChild(ctx, name, input, nodeFlags);
  const { code, signal, stderr } = await child.exit;
  if (code !== 0) {
    // Node repeats the source line of an error, which of a bundle may be all of it.
    const short = [...child.lines, stderr].join("\n").replace(/^(.{200}).*$/gm, "$1…");
    throw new Error(`${name} ended with ${signal ?? code}\n${short}`);
  }
  return { ...JSON.parse(await child.line("result ")), stderr };
}
