// Reads 2 GB of a command's output, 1 MB a second, and pauses on the way: node held-stream.mjs <module>
import { writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

import { peakMb } from "../memory.mjs";

const BLOCK = 1_000_000;
const BLOCKS = 2000;
const PROGRESS = "/tmp/progress";
/** After so many bytes the reader pauses. */
const PAUSES = [1, 500, 1500].map((blocks) => blocks * BLOCK);

const { BENCH_BASE_URL: baseUrl, BENCH_API_KEY: apiKey } = process.env;
const { Sandbox } = await import(process.argv[2]);
const sandbox = await Sandbox.create({ name: "bench", apiKey, baseUrl });
try {
  const command = `i=0; while [ $i -lt ${BLOCKS} ]; do head -c ${BLOCK} /dev/zero | tr '\\0' x; i=$((i+1)); echo $i > ${PROGRESS}; done`;
  await sandbox.commands.run("true");
  globalThis.gc?.();
  // What has been held so far does not count.
  writeFileSync("/proc/self/clear_refs", "5");
  const idle = peakMb();
  const begun = performance.now();
  let length = 0;
  let aheadMb = 0;
  for await (const { text } of sandbox.commands.stream(command, { timeoutMs: 7_200_000 })) {
    length += text.length;
    // Not faster than a block a second.
    await pause(begun + (length / BLOCK) * 1000 - performance.now());
    if (!(length >= (PAUSES[0] ?? Infinity))) continue;
    PAUSES.shift();
    const before = await held();
    await pause(2000);
    const after = await progress();
    if (after !== before || after === BLOCKS) throw new Error(`it went on from ${before} to ${after} MB`);
    aheadMb = Math.max(aheadMb, after - length / BLOCK);
  }
  if (length !== BLOCK * BLOCKS) throw new Error(`${length} bytes came`);
  console.log(JSON.stringify({ aboveMb: peakMb() - idle, aheadMb }));
} finally {
  await sandbox.kill();
}

async function progress() {
  return Number((await sandbox.commands.run(`cat ${PROGRESS} 2>/dev/null || echo 0`)).stdout);
}

/** Once it no longer gets on. */
async function held() {
  for (let last = -1; ; ) {
    const now = await progress();
    if (now === last) return now;
    last = now;
    await pause(1000);
  }
}
