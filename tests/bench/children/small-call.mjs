// Runs a line of Python in a warm context, starts a process, or runs a command that does nothing:
// node small-call.mjs code|process|command <module>
const ROUNDS = 41;
const WARMUPS = 5;

const [how, url] = process.argv.slice(2);
const { BENCH_BASE_URL: server, BENCH_API_KEY: apiKey } = process.env;
const { Sandbox } = await import(url);

// Both sides talk to the hosts of the service, as they would in earnest; the server is elsewhere.
const direct = globalThis.fetch;
globalThis.fetch = (/** @type {any} */ url, /** @type {RequestInit | undefined} */ init) =>
  direct(server + url.slice(new URL(url).origin.length), init);

const sandbox = await Sandbox.create({ name: "bench", apiKey, baseUrl: "https://api.superserve.ai" });

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
