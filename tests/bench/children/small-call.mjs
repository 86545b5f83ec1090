// Runs a line of Python in a warm context, starts a process, or runs a command that does nothing:
// node small-call.mjs code|process|command <module>
import { sandboxOn } from "../sandbox.mjs";

const ROUNDS = 41;
const WARMUPS = 5;

const [how = "", url = ""] = process.argv.slice(2);
const sandbox = await sandboxOn(url);

/** Each makes the call, and returns what is to be done once its time is taken. */
const calls = {
  async code() {
    const { results } = await sandbox.code.run("1+1", { language: "python" });
    const sum = results[0]["text/plain"];
    if (sum !== "2") throw new Error(`1+1 is ${sum}`);
  },
  async process() {
    const started = await sandbox.processes.start("exec sleep 1000");
    return () => started.remove();
  },
  async command() {
    const { exitCode } = await sandbox.commands.run("true");
    if (exitCode !== 0) throw new Error(`true ended with ${exitCode}`);
  },
};

try {
  const call = calls[/** @type {keyof typeof calls} */ (how)];
  const taken = [];
  for (let round = -WARMUPS; round < ROUNDS; round++) {
    const start = performance.now();
    const after = await call();
    if (round >= 0) taken.push(performance.now() - start);
    await after?.();
  }
  taken.sort((a, b) => a - b);
  console.log(JSON.stringify({ ms: taken[ROUNDS >> 1] }));
} finally {
  await sandbox.kill();
}
