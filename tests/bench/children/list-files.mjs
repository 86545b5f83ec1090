// Looks at a directory of 10,000 files on the local server: node list-files.mjs list|ls <module>
const COUNT = 10_000;
const ROUNDS = 9;

const [how, url] = process.argv.slice(2);
const { BENCH_BASE_URL: server, BENCH_API_KEY: apiKey } = process.env;
const { Sandbox } = await import(url);

// Both sides talk to the hosts of the service, as they would in earnest; the server is elsewhere.
const direct = globalThis.fetch;
globalThis.fetch = (/** @type {any} */ url, /** @type {RequestInit | undefined} */ init) =>
  direct(server + url.slice(new URL(url).origin.length), init);

const sandbox = await Sandbox.create({ name: "bench", apiKey, baseUrl: "https://api.superserve.ai" });
try {
  await sandbox.commands.run(
    `mkdir /tmp/many && cd /tmp/many && seq -f 'file number %g.txt' ${COUNT} | xargs -d '\\n' touch`,
  );
  const taken = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    const count = how === "list" ? await list() : await ls();
    taken.push(performance.now() - start);
    if (count !== COUNT) throw new Error(`${count} files are told of`);
  }
  taken.sort((a, b) => a - b);
  console.log(JSON.stringify({ ms: taken[ROUNDS >> 1] }));
} finally {
  await sandbox.kill();
}

async function list() {
  return (await sandbox.files.list("/tmp/many")).length;
}

async function ls() {
  const { stdout } = await sandbox.commands.run("ls -l /tmp/many");
  return stdout.trimEnd().split("\n").length - 1;
}
