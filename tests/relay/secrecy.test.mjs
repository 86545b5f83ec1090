// What a page must never see: the API key, and access tokens.
import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, test } from "node:test";

import { runSession, TERMINAL, terminalSays } from "./sessions.mjs";
import {
  ALL,
  createTicket,
  fakeService,
  page,
  refusal,
  SECRET,
  startRelay,
  startService,
} from "./support.mjs";

let service, relay, sandbox, ticket, client;

before(async () => {
  service = await startService();
  relay = await startRelay(service);
  sandbox = await service.create();
  ticket = await createTicket(sandbox, { secret: SECRET, allow: ALL });
  client = page(relay.url, ticket);
});

after(async () => {
  await relay?.stop();
  await service?.stop();
});

const asks = async (text, url = relay.url) =>
  refusal(await page(url, text).fetch("/files?path=/etc/hostname"));
test("a page that reads every byte it was sent finds neither the API key nor an access token", async (t) => {
  const { hostname, port } = new URL(relay.origin);
  const { id } = sandbox;
  const tokens = new Set();
  const learn = async () => tokens.add((await service.api("GET", `/sandboxes/${id}`)).access_token);
  const bytes = [];
  const ask = async (method, path, body = "") => {
    const socket = connect(port, hostname);
    const length = method === "GET" ? "" : `content-length: ${Buffer.byteLength(body)}\r\n`;
    socket.write(`${method} /relay${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n`);
    socket.write(`authorization: Bearer ${ticket}\r\n${length}\r\n${body}`);
    for await (const chunk of socket) bytes.push(chunk);
  };
  await learn();
  await ask("POST", "/exec", '{"command":"env; cat /proc/self/environ; echo done"}');
  await ask("POST", "/exec/stream", '{"command":"env; ls /"}');
  await ask("POST", "/exec", "{");
  await ask("GET", "/files?path=/etc/hostname");
  await ask("GET", "/files?path=/missing");
  await ask("POST", "/files?path=/home/user/f", "content");
  await ask("GET", `/sandboxes/${id}`);
  await ask("GET", `/sandboxes/${id}/network`);
  await ask("PATCH", `/sandboxes/${id}`, '{"metadata":{"a":"b"}}');
  await ask("PATCH", `/sandboxes/${id}`, "{}");
  await ask("POST", `/sandboxes/${id}/preview-ports`, '{"port":8000,"access":"private"}');
  await ask("POST", `/sandboxes/${id}/preview-ports/8000/token`, "{}");
  await ask("GET", `/sandboxes/${id}/preview-ports`);
  await ask("POST", `/sandboxes/${id}/pause`);
  await ask("POST", `/sandboxes/${id}/pause`);
  await ask("POST", `/sandboxes/${id}/resume`);
  await learn();
  await ask("POST", "/exec", '{"command":"true"}');
  await service.api("POST", `/sandboxes/${id}/pause`);
  await ask("POST", "/exec", '{"command":"true"}');
  await learn();
  const record = (socket) => socket._socket?.on("data", (chunk) => bytes.push(chunk));
  const session = client.socket("/terminal", TERMINAL);
  session.on("upgrade", (response) => bytes.push(Buffer.from(response.rawHeaders.join("\n"))));
  session.on("open", () => record(session));
  await terminalSays(session, "env; echo six=$((2*3))\n", "six=6");
  session.terminate();
  await runSession(client, "env");

  const all = Buffer.concat(bytes).toString("latin1");
  assert.ok(all.length > 3000 && all.includes("done") && all.includes("HTTP/1.1 200"));
  assert.ok(tokens.size >= 2, `${tokens.size} tokens`);
  for (const secret of [service.apiKey, SECRET, ...tokens]) assert.ok(!all.includes(secret));
  assert.doesNotMatch(all, /access_token|x-api-key|x-access-token/i);
  t.diagnostic(`${all.length} bytes read`);
});

test("a service that repeats the relay's credentials in its errors", async (t) => {
  const answer = (token) =>
    JSON.stringify({ error: { code: "no", message: `key ${service.apiKey}, token ${token}` } });
  const upstream = await fakeService(t, { status: 418, answer: answer("token") });
  const its = await startRelay({ baseUrl: upstream.baseUrl }, t);
  const response = await page(its.url, ticket).fetch("/files?path=/x");
  const text = await response.text();
  assert.equal(response.status, 418);
  assert.equal(JSON.parse(text).error.code, "no");
  assert.ok(!text.includes(service.apiKey) && !/token token/.test(text), text);
});

test("a wrong API key is the relay's fault, not the ticket's", async (t) => {
  const its = await startRelay({ baseUrl: service.baseUrl, apiKey: "ss_live_wrong" }, t);
  const expected = [502, "upstream_unauthorized"];
  assert.deepEqual(await asks(ticket, its.url), expected);
  assert.deepEqual(await refusal(await page(its.url, ticket).fetch(`/sandboxes/${sandbox.id}`)), expected);
});

test("a service that redirects is not followed", async (t) => {
  const upstream = await fakeService(t, { status: 307 });
  const its = await startRelay({ baseUrl: upstream.baseUrl }, t);
  assert.deepEqual(await asks(ticket, its.url), [502, "bad_gateway"]);
});
