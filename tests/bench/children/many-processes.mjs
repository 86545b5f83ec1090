// Starts 200 processes at once, or runs as many commands that do nothing: node many-processes.mjs ours|peer <module>
const COUNT = 200;

const [how, url] = process.argv.slice(2);
const { BENCH_BASE_URL: server, BENCH_API_KEY: apiKey } = process.env;
const { Sandbox } = await import(url);

// Both sides talk to the hosts of the service, as they would in earnest; the server is elsewhere.
const direct = globalThis.fetch;
globalThis.fetch = (/** @type {any} */ url, /** @type {RequestInit | undefined} */ init) =>
  direct(server + url.slice(new URL(url).origin.length), init);

const sandbox = await Sandbox.create({ name: "bench", apiKey, baseUrl: "https://api.superserve.ai" });
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
