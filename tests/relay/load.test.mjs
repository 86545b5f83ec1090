// Many streams at once through one relay on node:http, in a process of its own.
import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";

import { opened, TERMINAL } from "./sessions.mjs";
import { ALL, createTicket, eventsOf, eventually, page, SECRET, startService } from "./support.mjs";

const STREAMS = 500;
const MAX_BYTES_PER_STREAM = 150_000;

let service, relay, sandbox, client;

before(async () => {
  // More than the service lets one address or one sandbox have: what is looked at is the relay.
  service = await startService("--max-sockets-per-address", "1000", "--max-sockets-per-sandbox", "1000");
  const program = fileURLToPath(new URL("relay-process.mjs", import.meta.url));
  const { baseUrl, apiKey } = service;
  relay = fork(program, [baseUrl, apiKey], { execArgv: ["--expose-gc"] });
  const [{ url }] = await once(relay, "message");
  sandbox = await service.create();
  client = page(url, await createTicket(sandbox, { secret: SECRET, allow: ALL }));
  // What is loaded and compiled at first is no stream's.
  await Promise.all(Array.from({ length: 20 }, () => stream("echo warm")));
});

after(async () => {
  relay?.kill();
  await service?.stop();
});

async function memory() {
  relay.send("memory");
  return (await once(relay, "message"))[0];
}

async function stream(command, onEvent = () => {}) {
  const response = await client.fetch("/exec/stream", client.exec(command, { timeout_s: 120 }));
  assert.equal(response.status, 200);
  const texts = [];
  for await (const event of eventsOf(response)) {
    if (event.stdout) texts.push(event.stdout);
    onEvent(event);
  }
  return texts.join("");
}

const perStream = (before, during) => Math.round((during - before) / STREAMS);

/** Opens all, and ends them when all are open; resolves to the memory that they took, and what there is after them. */
async function round(file) {
  const idle = await memory();
  let begun = 0;
  const command = (index) => `echo ${index}; until [ -e ${file} ]; do sleep 1; done; echo ${index} end`;
  const streams = Array.from({ length: STREAMS }, (_, index) =>
    stream(command(index), ({ stdout }) => {
      if (stdout === `${index}\n`) begun += 1;
    }),
  );
  await eventually(() => begun === STREAMS, "the first event of every stream", 60_000);
  const busy = await memory();
  assert.equal(busy.open, STREAMS);
  await client.json("/exec", client.exec(`touch ${file}`));
  const texts = await Promise.all(streams);
  texts.forEach((text, index) => assert.equal(text, `${index}\n${index} end\n`));
  // Connections are kept for some seconds.
  const after = await eventually(
    async () => {
      const now = await memory();
      return now.open === 0 && now;
    },
    "the end of every connection",
    60_000,
  );
  return { rss: perStream(idle.rss, busy.rss), heap: perStream(idle.heap, busy.heap), after: after.heap };
}

test(`${STREAMS} streams at once: all whole, little memory each, all of it given back`, async (t) => {
  const first = await round("/tmp/first");
  t.diagnostic(`memory per stream: ${first.rss} bytes of the process, ${first.heap} of them in use`);
  assert.ok(first.heap < MAX_BYTES_PER_STREAM, `${first.heap} bytes a stream`);
  // What so many at once let grow for good, tables and compiled code, has grown by the second round.
  const second = await round("/tmp/second");
  const third = await round("/tmp/third");
  const left = perStream(second.after, third.after);
  t.diagnostic(`left of each stream: ${left} bytes`);
  assert.ok(left < 1000, `${left} bytes are left of each stream`);
});

test(`${STREAMS} WebSockets at once`, async (t) => {
  const idle = await memory();
  const sockets = Array.from({ length: STREAMS }, () => client.socket("/exec/connect", "superserve.exec.v1"));
  await Promise.all(sockets.map(opened));
  const busy = await memory();
  assert.equal(busy.open, STREAMS);
  const rss = perStream(idle.rss, busy.rss);
  const heap = perStream(idle.heap, busy.heap);
  t.diagnostic(`memory per WebSocket: ${rss} bytes of the process, ${heap} of them in use`);
  assert.ok(heap < MAX_BYTES_PER_STREAM, `${heap} bytes a WebSocket`);
  for (const socket of sockets) socket.terminate();
  await eventually(async () => (await memory()).open === 0, "their end");
  const terminal = client.socket("/terminal", TERMINAL);
  await opened(terminal);
  terminal.terminate();
});
