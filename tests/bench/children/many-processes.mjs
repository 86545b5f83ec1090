// Starts 200 processes at once, or runs as many commands that do nothing: node many-processes.mjs ours|peer <module>
import { sandboxOn } from "../sandbox.mjs";

const COUNT = 200;

const [how = "", url = ""] = process.argv.slice(2);
const sandbox = await sandboxOn(url);
const numbers = Array.from({ length: COUNT }, (_, i) => i);
try {
  const start = performance.now();
  if (how === "peer") {
    await Promise.all(numbers.map(() => sandbox.commands.run("true", { timeoutMs: 120_000 })));
    console.log(JSON.stringify({ ms: performance.now() - start }));
  } else {
    const all = await Promise.all(
      numbers.map((i) => sandbox.processes.start(`echo ${i}; exec sleep 1000`, { timeoutMs: 120_000 })),
    );
    const ms = performance.now() - start;
    const listed = await sandbox.processes.list({ timeoutMs: 120_000 });
    const running = listed.filter((/** @type {any} */ { status }) => status === "running").length;
    if (running !== COUNT) throw new Error(`${running} of ${listed.length} run`);
    for (const [i, one] of all.entries()) await one.waitForLine(`${i}`, { timeoutMs: 120_000 });
    console.log(JSON.stringify({ ms }));
  }
} finally {
  await sandbox.kill();
}
