// The adapter for node:http with a fetch handler that is no relay.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { connect } from "node:net";
import { once } from "node:events";
import { test } from "node:test";

import {
  createTicket,
  eventually,
  nodeListener,
  page,
  SECRET,
  startRelay,
  startService,
} from "./support.mjs";

async function serve(t, handler) {
  const listener = nodeListener(handler);
  const server = createServer(listener);
  server.on("upgrade", listener.upgrade);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return server.address().port;
}

test("any fetch handler is served: its request, its answer, its headers", async (t) => {
  const seen = [];
  const port = await serve(t, async (request, ...rest) => {
    seen.push([request.method, new URL(request.url).pathname, await request.text(), rest.length]);
    const headers = new Headers({ "content-type": "text/plain" });
    headers.append("set-cookie", "a=1");
    headers.append("set-cookie", "b=2");
    return new Response("made", { status: 201, headers });
  });
  const response = await fetch(`http://127.0.0.1:${port}/path?q=1`, { method: "POST", body: "a body" });
  assert.deepEqual([response.status, await response.text()], [201, "made"]);
  assert.deepEqual(response.headers.getSetCookie(), ["a=1", "b=2"]);
  assert.deepEqual(seen, [["POST", "/path", "a body", 0]]);
});

test("a handler that fails takes neither its server nor its client with it", async (t) => {
  const error = t.mock.method(console, "error", () => {});
  const handlers = [
    async (request) => Response.json(await request.json()),
    () => {
      throw new Error("at once");
    },
    async () => {},
    async () => ({ status: 200 }),
  ];
  for (const handler of handlers) {
    const port = await serve(t, handler);
    const response = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body: "not json" });
    assert.equal(response.status, 500);
    await response.text();
  }
  assert.equal(error.mock.callCount(), handlers.length, "each is told of");
  for (const none of [undefined, {}, { fetch() {} }]) assert.throws(() => nodeListener(none), TypeError);
});

test("an answer that is given twice", async (t) => {
  const error = t.mock.method(console, "error", () => {});
  const answer = new Response("not found", { status: 404 });
  const port = await serve(t, async () => answer);
  const statuses = [];
  for (let i = 0; i < 3; i++) statuses.push((await fetch(`http://127.0.0.1:${port}/`)).status);
  assert.deepEqual(statuses, [404, 500, 500]);
  assert.equal(error.mock.callCount(), 2);
});

test("an answer for one who has left is cancelled", async (t) => {
  let asked, cancelled;
  let answer;
  const body = new ReadableStream({
    pull: (it) => it.enqueue(new Uint8Array(10)),
    cancel: () => (cancelled = true),
  });
  const port = await serve(t, (request) => {
    asked = request;
    return new Promise((resolve) => (answer = resolve));
  });
  const socket = connect(port, "127.0.0.1");
  socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  await eventually(() => asked, "the request");
  socket.destroy();
  await eventually(() => asked.signal.aborted, "its end");
  answer(new Response(body));
  await eventually(() => cancelled, "the answer's end");
});

test("a host with more in it than a host", async (t) => {
  const port = await serve(t, async (request) => new Response(request.url));
  for (const host of ["h/admin?", "h#", "u@h", "h\\x", "h x"]) {
    const socket = connect(port, "127.0.0.1");
    socket.write(`GET /public HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`);
    const [answer] = await once(socket, "data");
    assert.match(`${answer}`, /^HTTP\/1.1 400 /, host);
  }
});

test("behind a body parser: an answer, and no place of the ticket's that is never given back", async (t) => {
  t.mock.method(console, "error", () => {});
  const service = await startService();
  t.after(service.stop);
  const { relay } = await startRelay({ ...service, limits: { maxStreamsPerTicket: 2 } }, t);
  const listener = nodeListener(relay);
  const server = createServer(async (request, response) => {
    for await (const _ of request);
    listener(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const sandbox = await service.create();
  const client = page(
    `http://127.0.0.1:${server.address().port}/relay`,
    await createTicket(sandbox, { secret: SECRET, allow: ["exec", "files:read"] }),
  );
  for (let i = 0; i < 4; i++) {
    const response = await client.fetch("/exec", {
      ...client.exec("true"),
      signal: AbortSignal.timeout(5000),
    });
    assert.equal(response.status, 500);
    await response.text();
  }
  assert.equal((await client.fetch("/files?path=/etc/hostname")).status, 200);
});

test("it accepts no WebSocket", async (t) => {
  const port = await serve(t, async () => assert.fail("asked for an answer"));
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  socket.write("GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n");
  await once(socket, "close");
});
