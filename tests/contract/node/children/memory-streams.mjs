// Opens many streams at once, and calls with ever new tokens, and looks at the module's memory.

import { event, finished, json, result, wireSandbox } from "../../support/fixtures.mjs";
import { loadSdk } from "../load-sdk.mjs";
import { memories } from "../module-memory.mjs";

const { sdkPath, streams, calls } = JSON.parse(process.argv[2]);

const { Sandbox } = await loadSdk(sdkPath);

const KEY = "ss_live_a-key-that-is-nowhere-else";
const FIRST = "tok_a-first-token-that-is-nowhere-else";
let respond = () => json(201, wireSandbox({ access_token: FIRST }));
globalThis.fetch = async (url, init) => respond(url, init);
const sandbox = await Sandbox.create({ name: "x", apiKey: KEY, baseUrl: "http://localhost:9" });

const bytes = () => memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
const copiesOf = (text) => {
  const needle = Buffer.from(text);
  let count = 0;
  for (const { buffer } of memories) {
    const all = Buffer.from(buffer);
    for (let at = all.indexOf(needle); at >= 0; at = all.indexOf(needle, at + 1)) count++;
  }
  return count;
};

// Each has brought one event and the beginning of another when the next is opened.
const encoder = new TextEncoder();
const output = "x".repeat(20_000);
const whole = event({ stdout: output }) + event({ stdout: output }) + finished();
const bodies = [];
respond = () => new Response(new ReadableStream({ start: (controller) => void bodies.push(controller) }));
const one = async () => {
  let heard = 0;
  const done = await sandbox.commands.run("x", { onStdout: (text) => (heard += text.length) });
  if (heard !== 2 * output.length || done.exitCode !== 0) throw new Error("not what the stream said");
};
const turn = () => new Promise((resolve) => setImmediate(resolve));
const open = async (count) => {
  bodies.length = 0;
  const all = Array.from({ length: count }, one);
  const cut = event({ stdout: output }).length + 15;
  await turn();
  for (const body of bodies) body.enqueue(encoder.encode(whole.slice(0, cut)));
  await turn();
  for (const body of bodies) {
    body.enqueue(encoder.encode(whole.slice(cut)));
    body.close();
  }
  await Promise.all(all);
  return bodies.length;
};
await open(1);
const before = bytes();
const opened = await open(streams);
const after = bytes();

// Every other call finds the token old, and gets another.
let number = 0;
let current = FIRST;
const tokens = [];
const tokenOf = (init) => new Headers(init.headers).get("x-access-token");
respond = (url, init) => {
  if (url.endsWith("/activate")) {
    current = `tok_${number++}_that-is-nowhere-else`;
    tokens.push(current);
    return json(200, wireSandbox({ access_token: current }));
  }
  if (tokenOf(init) !== current) return json(401, { error: { code: "unauthorized", message: "old" } });
  return json(200, result());
};
for (let i = 0; i < calls; i++) {
  if (i % 2) current = "none";
  await sandbox.commands.run("x");
  await sandbox.getInfo().catch(() => {});
}
const old = tokens.slice(0, -2);
const copies = {
  key: copiesOf(KEY),
  old: copiesOf("_that-is-nowhere-else") - tokens.slice(-2).reduce((sum, token) => sum + copiesOf(token), 0),
  first: copiesOf(FIRST),
  current: copiesOf(current),
};
console.log(
  `result ${JSON.stringify({ memories: memories.length, opened, before, after, rotated: old.length, copies })}`,
);
