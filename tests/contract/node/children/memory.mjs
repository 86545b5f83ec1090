// Makes and drops sandbox objects over a stubbed fetch, and measures what is kept. Needs --expose-gc.

import { loadSdk } from "../load-sdk.mjs";
import { memories } from "../module-memory.mjs";

const { sdkPath, objects, sampleEvery } = JSON.parse(process.argv[2]);

const { Sandbox } = await loadSdk(sdkPath);

const sandbox = JSON.stringify({
  id: "3f2c9c56-8a53-4a6e-9d0f-0b5a2f4a7c11",
  name: "memory",
  status: "active",
  created_at: "2026-08-01T12:00:00Z",
  metadata: { some: "metadata", padding: "x".repeat(200) },
  access_token: "t".repeat(200),
});
const result = JSON.stringify({ stdout: "x".repeat(1000), stderr: "", exit_code: 0 });
globalThis.fetch = async (url) =>
  url.endsWith("/exec")
    ? new Response(result)
    : url.endsWith("/exec/stream")
      ? new Response('data: {"stdout":"x"}\n\ndata: {"finished":true,"exit_code":0}\n\n')
      : url.endsWith("/pause")
        ? new Response("no", { status: 409 })
        : new Response(sandbox, { status: 201 });

const options = { name: "memory", apiKey: "k", baseUrl: "http://localhost:9", metadata: { a: "b" } };
const turn = () => new Promise((resolve) => setImmediate(resolve));

async function rest() {
  for (let i = 0; i < 4; i++) {
    globalThis.gc();
    await turn();
  }
}

async function sample() {
  await rest();
  const wasmBytes = memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
  return { heapBytes: process.memoryUsage().heapUsed, wasmBytes };
}

/** Makes one object, and now and then uses it in each way that leaves something behind. */
async function make(i) {
  const made = await Sandbox.create(options);
  if (i % 10 === 0) await made.commands.run("true");
  if (i % 25 === 0) await made.commands.run("true", { onStdout() {} });
  if (i % 25 === 5) await made.pause().catch(() => {});
  return made;
}

const samples = [];
for (let i = 1; i <= objects; i++) {
  await make(i);
  // A program does other things too; finalizers run in between.
  if (i % 500 === 0) await turn();
  if (i % sampleEvery === 0) samples.push(await sample());
}

// Many alive at once, several times over.
const waves = [];
for (let wave = 0; wave < 4; wave++) {
  let held = [];
  for (let i = 1; i <= 10_000; i++) held.push(await make(1));
  const full = await sample();
  if (new Set(held).size !== 10_000) throw new Error("the objects are not held");
  held = undefined;
  waves.push({ full, empty: await sample() });
}

console.log(`result ${JSON.stringify({ memories: memories.length, samples, waves })}`);
