// One sandbox from its creation to its end, with everything that the SDK does for it in between.
//
// Settings come from the environment: SUPERSERVE_API_KEY, and SUPERSERVE_BASE_URL for a server of your own.

import assert from "node:assert/strict";

import { NotFoundError, Sandbox, SandboxError } from "@superserve/sdk";

const started = Date.now();
let step = 0;

/**
 * Announces what comes next.
 *
 * @param {string} text
 */
function say(text) {
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  console.log(`\n${String(++step).padStart(2)}. ${text}  (${seconds} s)`);
}

/** @param {string} text */
const note = (text) => console.log(`    ${text}`);

// A program with something to watch: a line for every step, as it happens.
const PROGRAM = `
import sys, time

def primes(limit):
    found = []
    for number in range(2, limit):
        if all(number % prime for prime in found):
            found.append(number)
    return found

for done in range(1, 11):
    result = primes(done * 300)
    bar = "█" * done + "░" * (10 - done)
    print(f"{bar} {done * 10:3d} %  {len(result)} primes below {done * 300}", flush=True)
    time.sleep(0.2)

with open("/home/user/results/primes.txt", "w") as file:
    file.write("\\n".join(map(str, result)) + "\\n")
print("written to results/primes.txt", file=sys.stderr)
`;

/** @param {Sandbox} sandbox */
async function tour(sandbox) {
  const { commands, files } = sandbox;

  say("Run a command and look at its result");
  const hello = await commands.run('echo "Hello from $(uname -s), I am $(whoami)"; exit 3');
  note(`stdout: ${hello.stdout.trim()}`);
  note(`exit code: ${hello.exitCode} (a result, not an error)`);
  assert.match(hello.stdout, /^Hello from Linux/);
  assert.equal(hello.exitCode, 3);

  say("Write a program into the sandbox");
  await files.write("/home/user/primes.py", PROGRAM);
  await files.write("/home/user/results/about.txt", "Prime numbers, found by trial division.\n");
  note("/home/user/primes.py and results/about.txt, folders made on the way");

  say("Run it and watch it live");
  /** @type {number[]} */
  const arrivals = [];
  const run = await commands.run("python3 primes.py", {
    cwd: "/home/user",
    timeoutMs: 60_000,
    onStdout(text) {
      arrivals.push(Date.now());
      process.stdout.write(text.replace(/^(?=.)/gm, "    "));
    },
    onStderr: (text) => note(`stderr: ${text.trim()}`),
  });
  assert.equal(run.exitCode, 0, run.stderr);
  assert.match(run.stdout, /430 primes below 3000/);
  const spread = Math.max(...arrivals) - Math.min(...arrivals);
  assert.ok(spread > 1000, "the output came as it was written, not all at the end");
  note(`${arrivals.length} pieces of output over ${(spread / 1000).toFixed(1)} s`);

  say("Read what it made, as text and as bytes");
  const text = await files.readText("/home/user/results/primes.txt");
  const bytes = await files.read("/home/user/results/primes.txt");
  const numbers = text.trim().split("\n").map(Number);
  note(`${numbers.length} primes in ${bytes.length} bytes, the last is ${numbers.at(-1)}`);
  assert.equal(numbers.length, 430);
  assert.equal(numbers.at(-1), 2999);
  assert.deepEqual(new TextDecoder().decode(bytes), text);

  say("Download the whole folder as a zip");
  const zip = await files.downloadDir("/home/user/results");
  note(`${zip.length} bytes`);
  assert.equal(String.fromCharCode(...zip.subarray(0, 2)), "PK", "it is a zip");

  say("Ask for a file that is not there");
  const missing = await files.read("/home/user/no-such-file").catch((error) => error);
  note(`${missing.name}: ${missing.message}`);
  assert.ok(missing instanceof NotFoundError);

  say("Pause: nothing runs, everything stays");
  const clock = "while :; do date +%s%N >> /tmp/clock; sleep 0.1; done";
  await commands.run(`(${clock}) > /dev/null 2>&1 & sleep 0.5`);
  await sandbox.pause();
  note(`status: ${(await sandbox.getInfo()).status}`);
  assert.equal((await sandbox.getInfo()).status, "paused");
  await new Promise((resolve) => setTimeout(resolve, 1500));

  say("Resume: the processes go on where they were");
  await sandbox.resume();
  assert.equal((await sandbox.getInfo()).status, "active");
  await new Promise((resolve) => setTimeout(resolve, 500));
  const times = (await files.readText("/tmp/clock")).trim().split("\n").map(Number);
  const gaps = times.slice(1).map((time, i) => (time - times[i]) / 1e9);
  const longest = Math.max(...gaps);
  note(`a background clock ticks every 0.1 s; its longest gap is ${longest.toFixed(1)} s`);
  assert.ok(longest > 1, "the clock stood still while the sandbox was paused");

  say("Pause again, and just use it: a paused sandbox wakes by itself");
  await sandbox.pause();
  const awake = await commands.run("wc -l < /home/user/results/primes.txt");
  note(`it still knows ${awake.stdout.trim()} primes`);
  assert.equal(awake.stdout.trim(), "430");

  say("Find it in the list, by its metadata");
  const found = await Sandbox.list({ metadata: sandbox.metadata });
  for (const { name, status, createdAt } of found) {
    note(`${name}: ${status}, made at ${createdAt.toLocaleTimeString()}`);
  }
  assert.deepEqual(
    found.map(({ id }) => id),
    [sandbox.id],
  );
}

async function main() {
  say("Create a sandbox");
  const sandbox = await Sandbox.create({
    name: "demo",
    fromTemplate: "superserve/python-3.11",
    metadata: { example: "node-demo", run: `${Date.now()}` },
    timeoutSeconds: 600,
  });
  note(`${sandbox.name} is ${sandbox.status}: ${sandbox.id}`);
  assert.equal(sandbox.status, "active");
  try {
    await tour(sandbox);
  } finally {
    say("Kill it");
    await sandbox.kill();
  }
  const gone = await sandbox.getInfo().catch((error) => error);
  assert.ok(gone instanceof NotFoundError, "a killed sandbox is gone");
  note("gone");
}

try {
  await main();
  console.log("\nAll of it worked.");
} catch (error) {
  const at = error instanceof SandboxError && error.statusCode ? ` (HTTP ${error.statusCode})` : "";
  console.error(`\nThe demo failed in step ${step}${at}:`);
  console.error(error);
  process.exitCode = 1;
}
