// Opens and ends sessions over a stub of WebSocket, in every way, and measures what is kept. Needs --expose-gc.

import { wireSandbox } from "../../support/fixtures.mjs";
import { KINDS, outcome } from "../../support/sessions.mjs";
import { stubSockets } from "../../support/stub-socket.mjs";
import { loadSdk } from "../load-sdk.mjs";

const { sdkPath, rounds, sessions } = JSON.parse(process.argv[2]);
const { Sandbox } = await loadSdk(sdkPath);

globalThis.fetch = async () => new Response(JSON.stringify(wireSandbox()), { status: 201 });
const sockets = stubSockets({ defer() {} }, (socket) => socket.open());
const sandbox = await Sandbox.create({ name: "memory", apiKey: "k", baseUrl: "http://localhost:9" });
const { signal } = new AbortController();

const ends = [
  (kind, session, socket) => kind.finish(socket),
  (kind, session, socket) => socket.end(1011, "dropped"),
  (kind, session) => session.close(),
  (kind, session, socket, own) => own.abort(),
];

async function one(i) {
  const kind = KINDS[(i >> 2) % 2];
  const own = new AbortController();
  const end = ends[i % ends.length];
  const options = { [kind.callback]() {}, signal: i % ends.length === 3 ? own.signal : signal };
  const session = await kind.start(sandbox, options);
  const socket = sockets.pop();
  kind.say(socket, "x".repeat(1000));
  await end(kind, session, socket, own);
  await outcome(session.wait());
}

const samples = [];
for (let round = 0; round < rounds; round++) {
  for (let i = 0; i < sessions; i++) await one(i);
  for (let i = 0; i < 4; i++) {
    globalThis.gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
  samples.push(process.memoryUsage().heapUsed);
}
console.log(`result ${JSON.stringify({ samples })}`);
