// Sessions and terminals through the relay on node:http.
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import { WebSocketServer } from "ws";

import {
  assertSettles,
  createTicket,
  eventually,
  fakeService,
  page,
  refusedSocket,
  SECRET,
  startRelay,
  startService,
} from "./support.mjs";
import { EXEC, opened, TERMINAL, runSession, terminalSays } from "./sessions.mjs";

let service, relay, sandbox, ticket, client;

before(async () => {
  service = await startService();
  relay = await startRelay(service);
  sandbox = await service.create();
  ticket = await createTicket(sandbox, { secret: SECRET, allow: ["session", "terminal"] });
  client = page(relay.url, ticket);
});

after(async () => {
  await relay?.stop();
  await service?.stop();
});

test("a session: input, output, its end", async () => {
  const { protocol, stdout, ending, closed } = await runSession(client, "cat; exit 3", ["hello ", "there"]);
  assert.equal(protocol, EXEC);
  assert.equal(stdout, "hello there");
  assert.equal(ending.exit_code, 3);
  assert.equal(closed.code, 1000);
});

test("a session's megabytes arrive whole, both ways", async () => {
  const parts = Array.from({ length: 64 }, (_, index) =>
    String.fromCharCode(97 + (index % 26)).repeat(32 * 1024),
  );
  const { stdout } = await runSession(client, "cat", parts);
  assert.equal(stdout, parts.join(""));
});

test("a terminal", async () => {
  const socket = client.socket("/terminal", TERMINAL);
  await terminalSays(socket, "echo six=$((2*3))\n", "six=6");
  assert.equal(socket.protocol, TERMINAL);
  socket.send(Buffer.from("exit\n"));
  const [code, reason] = await once(socket, "close");
  assert.deepEqual([code, `${reason}`], [1000, "shell exited"]);
});

test("a paused sandbox wakes for a session", async () => {
  await service.api("POST", `/sandboxes/${sandbox.id}/pause`);
  const { stdout } = await runSession(client, "echo awake");
  assert.equal(stdout, "awake\n");
});

test("a stale route is renewed for a session, and the hint goes along", async (t) => {
  const hinted = await startService("--stale-routes", "stale", "--routing-hint-s", "3600");
  t.after(() => hinted.stop());
  const its = await startRelay(hinted, t);
  const { id } = await hinted.create();
  const own = page(its.url, await createTicket(id, { secret: SECRET, allow: ["session"] }));
  for (const words of ["one", "two"]) {
    const { stdout } = await runSession(own, `echo ${words}`);
    assert.equal(stdout, `${words}\n`);
  }
  await hinted.api("POST", `/sandboxes/${id}/pause`);
  const { stdout } = await runSession(own, "echo awake");
  assert.equal(stdout, "awake\n");
});

test("the hint of an activation is a subprotocol to the sandbox, and nothing that the page sees", async (t) => {
  const hint = "v1.eyJlIjo0MTAyNDQ0ODAwfQ.a-seal-that-is-long-enough";
  const asleep = { status: "paused" };
  const awake = { status: "active", access_token: "token", routing_hint: hint };
  const upstream = await fakeService(t, { about: (url) => (url.endsWith("/activate") ? awake : asleep) });
  const sockets = new WebSocketServer({ server: upstream.server, handleProtocols: () => EXEC });
  const its = await startRelay({ baseUrl: upstream.baseUrl }, t);
  const socket = page(its.url, ticket).socket("/exec/connect", EXEC);
  const [theirs, request] = await once(sockets, "connection");
  assert.equal(request.headers["sec-websocket-protocol"], `${EXEC}, token.token, route.${hint}`);
  await opened(socket);
  assert.equal(socket.protocol, EXEC);
  theirs.close(1011, `lost ${hint}`);
  const [, reason] = await once(socket, "close");
  assert.equal(`${reason}`.includes(hint.slice(3, 20)), false, `${reason}`);
});

test("a hint that is over is renewed before the next session", async (t) => {
  const end = Math.floor(Date.now() / 1000) + 2;
  const claims = Buffer.from(JSON.stringify({ e: end })).toString("base64url");
  let activates = 0;
  const upstream = await fakeService(t, {
    about(url) {
      if (!url.endsWith("/activate")) return { status: "paused" };
      activates += 1;
      return { status: "active", access_token: "token", routing_hint: `v${activates}.${claims}.seal` };
    },
  });
  const sockets = new WebSocketServer({ server: upstream.server, handleProtocols: () => EXEC });
  const its = await startRelay({ baseUrl: upstream.baseUrl }, t);
  const own = page(its.url, ticket);
  for (const version of [1, 2]) {
    const socket = own.socket("/exec/connect", EXEC);
    const [, request] = await once(sockets, "connection");
    assert.equal(
      request.headers["sec-websocket-protocol"],
      `${EXEC}, token.token, route.v${version}.${claims}.seal`,
    );
    await opened(socket);
    socket.terminate();
    await eventually(() => Date.now() > end * 1000 + 50, "the hint's end");
  }
  assert.equal(activates, 2);
});

test("a page that goes away takes its session along, and the audit says so", async () => {
  const socket = client.socket("/exec/connect", EXEC);
  await opened(socket);
  const seen = relay.events.length;
  socket.terminate();
  const ended = await eventually(
    () => relay.events.slice(seen).find(({ type }) => type === "ended"),
    "the end",
  );
  assert.deepEqual([ended.operation, ended.status], ["session", 101]);
});

test("close codes of the service reach the page, and the page's the service", async (t) => {
  const upstream = await fakeService(t);
  const sockets = new WebSocketServer({ server: upstream.server, handleProtocols: () => EXEC });
  const its = await startRelay({ baseUrl: upstream.baseUrl }, t);
  const own = page(its.url, ticket);
  const first = own.socket("/exec/connect", EXEC);
  const [theirs, request] = await once(sockets, "connection");
  theirs.close(1009, "message too large");
  const [code, reason] = await once(first, "close");
  assert.deepEqual([code, `${reason}`], [1009, "message too large"]);
  assert.equal(request.headers["sec-websocket-protocol"], `${EXEC}, token.token`);
  for (const name of ["authorization", "origin", "cookie", "sec-websocket-extensions"]) {
    assert.equal(request.headers[name], undefined, name);
  }
  const second = own.socket("/exec/connect", EXEC);
  const [other] = await once(sockets, "connection");
  await opened(second);
  second.close(4001, "enough");
  const [pageCode, pageReason] = await once(other, "close");
  assert.deepEqual([pageCode, `${pageReason}`], [4001, "enough"]);
});

test("a page that stops reading holds back the sandbox's side", async (t) => {
  const upstream = await fakeService(t);
  const sockets = new WebSocketServer({ server: upstream.server, handleProtocols: () => EXEC });
  const its = await startRelay({ baseUrl: upstream.baseUrl }, t);
  const socket = page(its.url, ticket).socket("/exec/connect", EXEC);
  const [theirs] = await once(sockets, "connection");
  await opened(socket);
  socket.pause();
  const total = 96;
  const chunk = Buffer.alloc(1024 * 1024);
  let sent = 0;
  (async () => {
    while (sent < total) {
      await new Promise((resolve) => theirs.send(chunk, resolve));
      sent += 1;
    }
  })();
  await eventually(() => sent > 0, "the first message");
  await assertSettles(() => sent, 32, "MiB");
  let read = 0;
  socket.on("message", (data) => (read += data.length));
  socket.resume();
  await eventually(() => read === total * chunk.length, "the rest");
});

test("what is refused, and how", async () => {
  const exec = page(relay.url, await createTicket(sandbox, { secret: SECRET, allow: ["exec", "session"] }));
  assert.deepEqual(await refusedSocket(exec.socket("/terminal", TERMINAL)), [403, "not_allowed"]);
  assert.deepEqual(await refusedSocket(page(relay.url, "a.b").socket("/terminal", TERMINAL)), [
    401,
    "ticket_invalid",
  ]);
  assert.deepEqual(await refusedSocket(client.socket("/terminal", EXEC)), [400, "bad_protocol"]);
  assert.deepEqual(await refusedSocket(client.socket("/terminal?x=1", TERMINAL)), [400, "bad_query"]);
  assert.deepEqual(await refusedSocket(client.socket("/exec", EXEC)), [404, "no_route"]);
  assert.deepEqual(
    await refusedSocket(client.socket("/terminal", TERMINAL, { origin: "https://evil.example" })),
    [403, "origin_not_allowed"],
  );
  const plain = await client.fetch("/terminal");
  assert.deepEqual([plain.status, (await plain.json()).error.code], [426, "websocket_required"]);
});

test("a sandbox that is gone, and one that cannot be reached", async (t) => {
  const gone = await service.create();
  const its = page(relay.url, await createTicket(gone, { secret: SECRET, allow: ["session"] }));
  await service.api("DELETE", `/sandboxes/${gone.id}`);
  assert.equal((await refusedSocket(its.socket("/exec/connect", EXEC)))[0], 404);
  const upstream = await fakeService(t, { status: 403 });
  const other = await startRelay({ baseUrl: upstream.baseUrl }, t);
  const refused = refusedSocket(page(other.url, ticket).socket("/exec/connect", EXEC));
  assert.deepEqual(await refused, [502, "network_error"]);
});

test("places are given back when sessions end", async (t) => {
  const its = await startRelay({ ...service, limits: { maxStreamsPerTicket: 1 } }, t);
  const own = page(its.url, ticket);
  const first = own.socket("/terminal", TERMINAL);
  await opened(first);
  assert.deepEqual(await refusedSocket(own.socket("/terminal", TERMINAL)), [429, "too_many_streams"]);
  first.close();
  await eventually(
    () =>
      refusedSocket(own.socket("/terminal", TERMINAL)).then(
        () => false,
        () => true,
      ),
    "a place",
  );
});

test("upgrades that are not the relay's are left to others", async (t) => {
  const { port } = new URL(relay.origin);
  const alone = connect(port, "127.0.0.1");
  alone.on("error", () => {});
  alone.write("GET /elsewhere HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n");
  await once(alone, "close");
  const malformed = connect(port, "127.0.0.1");
  t.after(() => malformed.destroy());
  malformed.write(
    "GET /relay/terminal HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n",
  );
  const [answer] = await once(malformed, "data");
  assert.match(`${answer}`, /^HTTP\/1.1 400 /);
});
