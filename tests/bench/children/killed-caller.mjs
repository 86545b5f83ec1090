// Kills programs while they start a process, each at a moment of chance: node killed-caller.mjs <module> [<sandbox> <name>]
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const CALLERS = 20;
/** All of a start's time, and some of what comes after it. */
const MOST_MS = 80;

const [url, id, name] = process.argv.slice(2);
const { BENCH_BASE_URL: baseUrl, BENCH_API_KEY: apiKey } = process.env;
const { Sandbox } = await import(url);
await (id ? begin() : judge());

/** The program that is killed. */
async function begin() {
  const sandbox = await Sandbox.connect(id, { apiKey, baseUrl });
  await sandbox.commands.run("true");
  console.log("now");
  await sandbox.processes.start("echo begun; exec sleep 1000", { name });
  await pause(60_000);
}

async function judge() {
  const sandbox = await Sandbox.create({ name: "bench", apiKey, baseUrl });
  try {
    for (let round = 0; round < CALLERS; round++) {
      const args = [fileURLToPath(import.meta.url), url, sandbox.id, `p${round}`];
      const caller = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
      const exit = once(caller, "exit");
      await once(caller.stdout, "data");
      await pause(Math.random() * MOST_MS);
      caller.kill("SIGKILL");
      await exit;
    }
    // What was under way when the last was killed comes to its end.
    await pause(5000);
    const listed = await sandbox.processes.list();
    for (const { id, status } of listed) {
      if (status !== "running") throw new Error(`${id} is ${status}`);
      const one = await sandbox.processes.get(id);
      await one.waitForLine("begun");
      await one.remove();
    }
    const { stdout } = await sandbox.commands.run(
      "ls ~/.superserve/processes | grep -vx lock; grep -lsz ^SUPERSERVE_PROCESS= /proc/[0-9]*/environ; true",
    );
    if (stdout) throw new Error(`something is left: ${stdout}`);
    console.log(JSON.stringify({ callers: CALLERS, running: listed.length }));
  } finally {
    await sandbox.kill();
  }
}
