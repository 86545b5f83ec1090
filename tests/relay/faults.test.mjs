// What goes wrong around the relay: hooks that fail, pages that leave while it waits, a service that hangs or
// answers nonsense. Nothing of it may end the server or keep a place of a ticket's.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { test } from "node:test";

import {
  ALL,
  createRelay,
  createTicket,
  eventually,
  page,
  refusal,
  SECRET,
  startRelay,
  startService,
} from "./support.mjs";
import { TERMINAL } from "./sessions.mjs";

const ID = "0b6a3c1e-5d7f-4a80-9c12-3e4f5a6b7c8d";
const AWAKE = { status: "active", access_token: "token" };

/** A service on node:http. `answer(request, response)` is all that it does. */
async function startStub(t, answer) {
  const server = createServer(answer);
  server.on("upgrade", (request, socket) => answer(request, undefined, socket));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return { baseUrl: `http://127.0.0.1:${server.address().port}`, apiKey: "ss_live_stub" };
}

const json = (response, value, status = 200) => response.writeHead(status).end(JSON.stringify(value));
const ticketFor = (allow = ALL) => createTicket(ID, { secret: SECRET, allow });
/** Of a ticket that has one place. */
const onePlace = { limits: { maxStreamsPerTicket: 1 } };
const refused = (events, code) => events.some((event) => event.type === "refused" && event.code === code);

test("an audit that fails later is told of, and ends nothing", async (t) => {
  const error = t.mock.method(console, "error", () => {});
  const failing = { onEvent: async () => Promise.reject(new Error("the database is down")) };
  const service = await startStub(t, (_, response) => json(response, AWAKE));
  const its = await startRelay({ ...service, ...failing }, t);
  const client = page(its.url, await ticketFor());
  assert.equal((await client.fetch(`/sandboxes/${ID}`)).status, 200);
  assert.equal((await page(its.url).fetch(`/sandboxes/${ID}`)).status, 401);
  await eventually(() => error.mock.callCount() >= 3, "the console");
});

test("an application's one answer serves every page", async (t) => {
  const verdict = new Response("sign in", { status: 401 });
  const service = await startStub(t, (_, response) => json(response, AWAKE));
  const its = await startRelay({ ...service, authorize: () => verdict }, t);
  const client = page(its.url, await ticketFor());
  for (let i = 0; i < 3; i++) {
    const response = await client.fetch(`/sandboxes/${ID}`);
    assert.deepEqual([response.status, await response.text()], [401, "sign in"]);
  }
});

test("a token that no header can carry is not quoted", async (t) => {
  const service = await startStub(t, (_, response) =>
    json(response, { ...AWAKE, access_token: "tok\nSECRET" }),
  );
  const its = await startRelay(service, t);
  const client = page(its.url, await ticketFor());
  assert.deepEqual(await refusal(await client.fetch("/files?path=/x")), [502, "bad_gateway"]);
  const told = its.events.map((event) => `${JSON.stringify(event)} ${event.cause?.stack}`).join();
  assert.doesNotMatch(told, /SECRET/);
});

test("a status that is none ends neither the server nor a WebSocket's dial", async (t) => {
  const service = await startStub(t, (_, response, socket) => {
    if (socket) socket.end("HTTP/1.1 600 None\r\n\r\n");
    else json(response, {}, 600);
  });
  const its = await startRelay(service, t);
  const client = page(its.url, await ticketFor());
  assert.deepEqual(await refusal(await client.fetch(`/sandboxes/${ID}`)), [502, "bad_gateway"]);
  const socket = client.socket("/terminal", TERMINAL);
  const status = await new Promise((resolve) =>
    socket.on("error", () => {}).on("unexpected-response", (_, { statusCode }) => resolve(statusCode)),
  );
  assert.equal(status, 502);
  assert.equal((await client.fetch(`/sandboxes/${ID}`)).status, 502);
});

test("an upgrade pipelined behind a request that is not answered yet", async (t) => {
  let answer;
  const service = await startStub(t, (_, response) => (answer = () => json(response, AWAKE)));
  const its = await startRelay(service, t);
  const { port, hostname } = new URL(its.origin);
  const lines = (more) => `host: ${hostname}:${port}\r\n${more}\r\n`;
  const socket = connect(port, hostname).on("error", () => {});
  const closed = once(socket, "close");
  socket.write(
    `GET /relay/sandboxes/${ID} HTTP/1.1\r\n${lines(`authorization: Bearer ${await ticketFor()}\r\n`)}`,
  );
  await eventually(() => answer, "the first request");
  const key = `sec-websocket-key: ${"a".repeat(22)}==\r\nsec-websocket-version: 13\r\n`;
  socket.write(
    `GET /relay/terminal HTTP/1.1\r\n${lines(`connection: Upgrade\r\nupgrade: websocket\r\n${key}`)}`,
  );
  await closed;
  answer = undefined;
  const asked = page(its.url, await ticketFor()).fetch(`/sandboxes/${ID}`);
  await eventually(() => answer, "the next request");
  answer();
  assert.equal((await asked).status, 200);
});

test("a page that leaves while the token is awaited gives its place back", async (t) => {
  const service = await startStub(t, () => {});
  const its = await startRelay({ ...service, ...onePlace }, t);
  const client = page(its.url, await ticketFor());
  for (const leave of [
    async () => {
      const controller = new AbortController();
      const asked = client.fetch("/files?path=/x", { signal: controller.signal }).catch(() => {});
      await eventually(() => its.events.some(({ type }) => type === "started"), "the start");
      controller.abort();
      await asked;
    },
    async () => {
      const socket = client.socket("/terminal", TERMINAL).on("error", () => {});
      await eventually(() => its.events.some(({ type }) => type === "started"), "the start");
      socket.terminate();
    },
  ]) {
    its.events.length = 0;
    await leave();
    await eventually(() => refused(its.events, "aborted"), "the end");
  }
});

test("a page that leaves while its WebSocket is dialled, or thought about, gives its place back", async (t) => {
  let thinks = false;
  let waits = false;
  // It answers for the token, and never the WebSocket's dial.
  const service = await startStub(t, (_, response) => {
    if (response) json(response, AWAKE);
    else waits = true;
  });
  const authorize = () => {
    if (!thinks) return true;
    waits = true;
    return new Promise(() => {});
  };
  const its = await startRelay({ ...service, ...onePlace, authorize }, t);
  const client = page(its.url, await ticketFor());
  for (thinks of [false, true]) {
    its.events.length = 0;
    const socket = client.socket("/terminal", TERMINAL).on("error", () => {});
    await eventually(() => waits, "the relay's wait");
    waits = false;
    socket.terminate();
    await eventually(() => refused(its.events, "aborted"), "the end");
  }
});

test("a resume waits for another's, as without a relay", async (t) => {
  const service = await startService("--resume-delay-ms", "3000");
  t.after(service.stop);
  const its = await startRelay(service, t);
  const sandbox = await service.create();
  const client = page(its.url, await createTicket(sandbox, { secret: SECRET, allow: ["lifecycle"] }));
  const resume = () => client.fetch(`/sandboxes/${sandbox.id}/resume`, { method: "POST" });
  await service.api("POST", `/sandboxes/${sandbox.id}/pause`);
  const first = resume();
  const state = async () => (await service.api("GET", `/sandboxes/${sandbox.id}`)).status;
  await eventually(async () => (await state()) === "resuming", "the first one");
  const answers = await Promise.all([first, resume()]);
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200],
  );
  for (const answer of answers) assert.doesNotMatch(await answer.text(), /access_token/);
  // One that is awake cannot be resumed.
  assert.equal((await resume()).status, 409);
});

test("the page's own origin, as proxies tell of it", async () => {
  const relay = createRelay({ apiKey: "ss_live_x", secret: SECRET });
  const code = async (proto, host, origin) => {
    const headers = { origin, "x-forwarded-proto": proto, "x-forwarded-host": host };
    return (await refusal(await relay(new Request(`http://inner:3000/sandboxes/${ID}`, { headers }))))[1];
  };
  const own = "https://app.example.com";
  for (const [proto, host] of [
    ["https", "app.example.com"],
    ["wss", "app.example.com"],
    ["https", "App.Example.com:443"],
  ]) {
    assert.equal(await code(proto, host, own), "ticket_invalid", `${proto} ${host}`);
  }
  for (const [proto, host] of [
    ["http", "app.example.com"],
    ["ws", "app.example.com"],
    ["https", "evil.example"],
    ["https", " not a host"],
  ]) {
    assert.equal(await code(proto, host, own), "origin_not_allowed", `${proto} ${host}`);
  }
});

test("options that are not as described are refused when the relay is made", () => {
  const make = (options) => () => createRelay({ apiKey: "ss_live_x", secret: SECRET, ...options });
  for (const limit of [NaN, "1kb", "5", -1, 1.5, null]) {
    for (const name of ["maxBodyBytes", "maxStreamsPerTicket"]) {
      assert.throws(make({ limits: { [name]: limit } }), { name: "TypeError", message: new RegExp(name) });
    }
  }
  for (const wrong of [
    { prefix: "api/sandbox" },
    { prefix: "/my app" },
    { prefix: 7 },
    { authorize: true },
    { onEvent: "log" },
  ]) {
    assert.throws(make(wrong), { name: "TypeError", message: new RegExp(Object.keys(wrong)[0]) });
  }
  for (const good of [
    {},
    { prefix: "" },
    { prefix: "/" },
    { prefix: "/api" },
    { limits: { maxBodyBytes: Infinity } },
  ]) {
    make(good)();
  }
});
