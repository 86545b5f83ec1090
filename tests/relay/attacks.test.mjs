// What must fail: tricks with paths, queries and headers, pages of other origins, bodies that are too large.
import assert from "node:assert/strict";
import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { after, before, test } from "node:test";

import {
  ALL,
  createRelay,
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

test("routes of the service that are none of the relay's", async () => {
  const { id } = sandbox;
  const calls = [
    ["GET", "/sandboxes"],
    ["POST", "/sandboxes"],
    ["POST", `/sandboxes/${id}/connect`],
    ["POST", `/sandboxes/${id}/secrets`],
    ["DELETE", `/sandboxes/${id}/secrets/KEY`],
    ["GET", "/templates"],
    ["POST", "/templates"],
    ["GET", "/secrets"],
    ["POST", "/secrets"],
    ["GET", "/providers"],
    ["GET", "/exec"],
    ["PUT", "/files?path=/x"],
    ["DELETE", "/files?path=/x"],
    ["HEAD", "/files?path=/x"],
    ["GET", "/"],
    ["GET", ""],
  ];
  for (const [method, path] of calls) {
    const response = await client.fetch(path, { method, body: method === "POST" ? "{}" : undefined });
    assert.equal(response.status, 404, `${method} ${path}`);
  }
});

/** A request whose target goes out as it is written; fetch would tidy it. */
async function raw(target, { method = "GET", headers = {} } = {}) {
  const { hostname, port } = new URL(relay.origin);
  const all = { authorization: `Bearer ${ticket}`, ...headers };
  const request = httpRequest({ hostname, port, method, path: target, headers: all, agent: false });
  request.end();
  const [response] = await once(request, "response");
  response.resume();
  await once(response, "end");
  return response.statusCode;
}

test("tricks with the path", async () => {
  const { id } = sandbox;
  const other = await service.create();
  const targets = [
    `/relay/sandboxes/${id}/../${other.id}`,
    `/relay/sandboxes/${id}/%2e%2e/${other.id}`,
    `/relay/sandboxes/${id}/..%2f${other.id}`,
    `/relay/sandboxes/${id}%2f..%2f${other.id}`,
    `/relay/sandboxes/..%2f..%2ftemplates`,
    `/relay/sandboxes/${id}\\..\\${other.id}`,
    `/relay/sandboxes/${id}/`,
    `/relay//sandboxes/${id}`,
    `/relay/sandboxes//${id}`,
    `/relay/sandboxes/${id};x=1`,
    `/relay/sandboxes/${id}%00`,
    `/relay/sandboxes/${id}%20`,
    `/relay/sandboxes/${id.toUpperCase()}x`,
    `/relay/sandboxes/${id}/preview-ports/8000%2f..%2f..`,
    `/relay/sandboxes/%`,
    `/relay/sandboxes`,
    `/relay/../templates`,
    `/relay/..%2ftemplates`,
    `/relayx/sandboxes/${id}`,
    `/sandboxes/${id}`,
    `//evil.example/relay/sandboxes/${id}`,
    `http://evil.example/relay/sandboxes/${id}`,
    `${service.baseUrl}/sandboxes/${id}`,
    `/relay/http://evil.example/`,
    `/relay/@evil.example/`,
  ];
  for (const target of targets) {
    const status = await raw(target);
    assert.ok([400, 403, 404].includes(status), `${target}: ${status}`);
  }
  assert.equal(await raw(`/relay/sandboxes/${id}`), 200);
});

test("tricks with the query", async () => {
  const wrong = [
    "/files",
    "/files?path=",
    "/files?path=etc/hostname",
    "/files?path=/../etc/hostname",
    "/files?path=/tmp/%2e%2e/etc/hostname",
    "/files?path=/etc/hostname&path=/etc/passwd",
    "/files?path=/etc/hostname&format=zip&format=raw",
    "/files?path=/etc/hostname&token=x",
    "/files?path=/etc/hostname&access_token=x",
    "/files?path=/etc/hostname&__proto__=x",
    "/files?path=/etc/hostname&",
  ];
  for (const path of wrong.slice(0, -1)) {
    assert.equal((await client.fetch(path)).status, 400, path);
  }
  assert.equal((await client.fetch(wrong.at(-1))).status, 200);
  assert.equal((await client.fetch("/exec?path=/x", { method: "POST", body: "{}" })).status, 400);
  assert.equal((await client.fetch(`/sandboxes/${sandbox.id}?path=/x`)).status, 400);
  assert.equal((await client.fetch(`/sandboxes/${sandbox.id}/network?offset=1`)).status, 400);
});

test("a path in the query is one path to the service, whatever it holds", async (t) => {
  const upstream = await fakeService(t, { status: 404 });
  const its = await startRelay({ baseUrl: upstream.baseUrl }, t);
  const paths = ["/a&format=zip", "/a?x=1#y", "/a\r\nx-evil: 1", "/ä%2e%2e/+", "/a b"];
  const seen = [];
  upstream.server.prependListener("request", ({ url }) => seen.push(new URL(url, upstream.baseUrl)));
  for (const path of paths) await page(its.url, ticket).fetch(`/files?path=${encodeURIComponent(path)}`);
  const files = seen.filter(({ pathname }) => pathname === "/files");
  assert.deepEqual(
    files.map(({ searchParams }) => [...searchParams]),
    paths.map((path) => [["path", path]]),
  );
});

test("headers: none of the page's reach the service", async (t) => {
  const upstream = await fakeService(t, { status: 404 });
  const its = await startRelay({ baseUrl: upstream.baseUrl }, t);
  const seen = [];
  upstream.server.prependListener("request", ({ url, headers }) => seen.push({ url, headers }));
  const headers = {
    "x-access-token": "evil",
    "x-api-key": "evil",
    "x-superserve-sandbox-id": "evil",
    "x-forwarded-for": "evil",
    "x-evil": "evil",
    cookie: "evil=1",
    forwarded: "for=evil",
    range: "evil=0-1",
    "accept-encoding": "evil",
    "user-agent": "evil",
    te: "trailers",
  };
  await page(its.url, ticket).fetch("/files?path=/x", { headers });
  const body = JSON.stringify({ command: "evil" });
  await page(its.url, ticket).fetch("/exec", {
    method: "POST",
    body,
    headers: { ...headers, "content-type": "text/evil" },
  });
  const data = seen.filter(({ url }) => !url.startsWith("/sandboxes/"));
  assert.equal(data.length, 2);
  for (const { headers: sent } of seen) {
    assert.doesNotMatch(JSON.stringify(sent), /evil|bearer|trailers/i);
    assert.equal(sent.range, undefined);
  }
  for (const { headers: sent } of data) {
    assert.equal(sent["x-access-token"], "token");
    assert.equal(sent["x-superserve-sandbox-id"], sandbox.id);
    assert.equal(sent["x-api-key"], undefined);
  }
  for (const { url, headers: sent } of seen) {
    if (url.startsWith("/sandboxes/")) assert.equal(sent["x-access-token"], undefined);
  }
});

test("request smuggling: a head that can be read in two ways is refused", async () => {
  const { hostname, port } = new URL(relay.origin);
  const inner = `DELETE /relay/sandboxes/${sandbox.id} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${ticket}\r\n\r\n`;
  const heads = [
    `content-length: 0\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    `content-length: 0\r\ncontent-length: ${inner.length}\r\n\r\n`,
    `transfer-encoding: xchunked\r\n\r\n`,
    `x: 1\r\n content-length: 5\r\n\r\n`,
    `sec-websocket-protocol: a\nx-evil: 1\r\n\r\n`,
  ];
  for (const head of heads) {
    const socket = connect(port, hostname);
    socket.write(`POST /relay/exec HTTP/1.1\r\nhost: x\r\nauthorization: Bearer a.b\r\n${head}${inner}`);
    const chunks = [];
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("error", () => {});
    setTimeout(() => socket.destroy(), 400);
    await once(socket, "close");
    assert.doesNotMatch(Buffer.concat(chunks).toString(), /HTTP\/1\.1 2\d\d/, head);
  }
  assert.equal((await service.api("GET", `/sandboxes/${sandbox.id}`)).status, "active");
});

test("requests that make no URL, or that fetch knows no form of, are refused and nothing breaks", async () => {
  const { hostname, port } = new URL(relay.origin);
  const heads = [
    "TRACE /relay/exec HTTP/1.1\r\nhost: x",
    "GET /relay/exec HTTP/1.1\r\nhost: a@b",
    "GET /relay/exec HTTP/1.1\r\nhost: a b",
    "GET /relay/exec HTTP/1.1\r\nhost: [",
    "GET /relay/exec HTTP/1.1\r\nhost: x:99999",
    "GET /relay/exec HTTP/1.0",
    "GET * HTTP/1.1\r\nhost: x",
    "GET relay/exec HTTP/1.1\r\nhost: x",
    "GET /relay/terminal HTTP/1.1\r\nhost: a@b\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==",
    "POST /relay/terminal HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket",
    "GET /relay/terminal HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: h2c",
  ];
  for (const head of heads) {
    const socket = connect(port, hostname);
    socket.on("error", () => {});
    socket.write(`${head}\r\nauthorization: Bearer ${ticket}\r\n\r\n`);
    const [answer] = await once(socket, "data");
    assert.match(`${answer}`, /^HTTP\/1\.1 4\d\d /, head);
    socket.destroy();
  }
  assert.equal(await raw(`/relay/sandboxes/${sandbox.id}`), 200);
});

test("pages of other origins", async (t) => {
  const path = "/files?path=/etc/hostname";
  const as = async (headers, its = client) => {
    const response = await its.fetch(path, { headers });
    assert.equal(response.headers.get("access-control-allow-origin"), null);
    return response.status === 200 ? 200 : refusal(response);
  };
  const denied = [403, "origin_not_allowed"];
  const { origin } = relay;
  const foreign = [
    "https://evil.example",
    "null",
    "",
    origin.replace("http:", "https:"),
    origin.replace(/\d$/, "0"),
    `${origin}.evil.example`,
    `${origin}/`,
  ];
  for (const one of foreign) assert.deepEqual(await as({ origin: one }), denied, one);
  for (const site of ["cross-site", "same-site", "evil"]) {
    assert.deepEqual(await as({ "sec-fetch-site": site }), denied, site);
  }
  assert.equal(await as({ origin }), 200);
  assert.equal(await as({ "sec-fetch-site": "same-origin" }), 200);
  // Behind a proxy that ends TLS.
  const proxied = { "x-forwarded-proto": "https", "x-forwarded-host": "app.example.com" };
  assert.equal(await as({ ...proxied, origin: "https://app.example.com" }), 200);
  assert.deepEqual(await as({ ...proxied, origin: "https://evil.example" }), denied);
  const ask = { method: "OPTIONS", headers: { origin: "https://evil.example" } };
  const preflight = await client.fetch(path, ask);
  assert.equal(preflight.status, 403);
  assert.equal(preflight.headers.get("access-control-allow-methods"), null);

  const allowed = "https://app.example.com";
  const its = await startRelay({ ...service, allowedOrigins: [allowed] }, t);
  const own = page(its.url, ticket);
  const answer = await own.fetch(path, { headers: { origin: allowed } });
  assert.deepEqual([answer.status, answer.headers.get("access-control-allow-origin")], [200, allowed]);
  const asked = await own.fetch(path, { method: "OPTIONS", headers: { origin: allowed } });
  assert.equal(asked.status, 204);
  assert.match(asked.headers.get("access-control-allow-headers"), /authorization/);
  assert.deepEqual(await as({ origin: "https://evil.example" }, own), denied);
  // A cache must not give one origin what another got, a refusal least of all.
  for (const origin of [allowed, new URL(its.url).origin, "https://evil.example"]) {
    const { headers } = await own.fetch(path, { headers: { origin } });
    assert.match(headers.get("vary") ?? "", /\borigin\b/i, origin);
  }
  assert.throws(() => createRelay({ ...service, secret: SECRET, allowedOrigins: ["*"] }), TypeError);
  assert.throws(
    () => createRelay({ ...service, secret: SECRET, allowedOrigins: [`${allowed}/`] }),
    TypeError,
  );
});

test("bodies that are too large: declared, counted, of commands; by the ticket and by the relay", async (t) => {
  const its = await startRelay({ ...service, limits: { maxBodyBytes: 3_000_000 } }, t);
  const large = [413, "too_large"];
  const allow = ["exec", "files:write"];
  const small = page(its.url, await createTicket(sandbox, { secret: SECRET, allow, maxUploadBytes: 1000 }));
  const generous = page(
    its.url,
    await createTicket(sandbox, { secret: SECRET, allow, maxUploadBytes: 1e12 }),
  );
  const upload = (own, bytes, streamed) => {
    const blob = new Blob(["z".repeat(bytes)]);
    return own.fetch("/files?path=/home/user/upload", {
      method: "POST",
      body: streamed ? blob.stream() : blob,
    });
  };
  for (const streamed of [false, true]) {
    assert.ok((await upload(small, 1000, streamed)).ok);
    assert.deepEqual(await refusal(await upload(small, 1001, streamed)), large);
    assert.ok((await upload(generous, 3_000_000, streamed)).ok);
    assert.deepEqual(await refusal(await upload(generous, 3_000_001, streamed)), large);
  }
  const huge = JSON.stringify({ command: "x".repeat(1_100_000) });
  assert.deepEqual(await refusal(await small.fetch("/exec", { method: "POST", body: huge })), large);
  const none = page(its.url, await createTicket(sandbox, { secret: SECRET, allow, maxUploadBytes: 0 }));
  assert.deepEqual(await refusal(await upload(none, 1)), large);
});

test("an upload without end is cut off, whoever reads it", async (t) => {
  const its = await startRelay({ ...service, limits: { maxBodyBytes: 5_000_000 } }, t);
  const { hostname, port } = new URL(its.origin);
  const socket = connect(port, hostname);
  socket.on("error", () => {});
  socket.write(`POST /relay/files?path=/home/user/endless HTTP/1.1\r\nhost: x\r\n`);
  socket.write(`authorization: Bearer ${ticket}\r\ntransfer-encoding: chunked\r\n\r\n`);
  const chunk = `10000\r\n${"e".repeat(0x10000)}\r\n`;
  const feed = () => {
    while (!socket.destroyed && socket.write(chunk));
  };
  socket.on("drain", feed);
  feed();
  const closed = new Promise((resolve) => socket.on("close", resolve));
  const [answer] = await once(socket, "data");
  assert.match(`${answer}`, /^HTTP\/1\.1 413 /);
  await closed;
});
