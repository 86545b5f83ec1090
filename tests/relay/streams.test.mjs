// Streams pass unbuffered, wait for slow readers, and end when the page goes; tokens are renewed on the way.
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, test } from "node:test";

import {
  assertSettles,
  assertStreams,
  ALL,
  createTicket,
  eventually,
  fakeService,
  page,
  refusal,
  SECRET,
  sleep,
  startProxy,
  startRelay,
  startService,
} from "./support.mjs";

let service, relay, sandbox, client;

before(async () => {
  service = await startService("--resume-delay-ms", "300");
  relay = await startRelay(service);
  sandbox = await service.create();
  client = page(relay.url, await createTicket(sandbox, { secret: SECRET, allow: ALL }));
});

after(async () => {
  await relay?.stop();
  await service?.stop();
});

test("the first event arrives before the last is written", async () => {
  await assertStreams(client);
});

test("an upload is passed on while it is being sent", async (t) => {
  const upstream = await fakeService(t);
  const its = await startRelay({ baseUrl: upstream.baseUrl }, t);
  const { readable, writable } = new TransformStream();
  const writer = writable.getWriter();
  const ticket = await createTicket(sandbox, { secret: SECRET, allow: ["files:write"] });
  const answer = page(its.url, ticket).fetch("/files?path=/x", { method: "POST", body: readable });
  writer.write(new TextEncoder().encode("first"));
  const [request] = await once(upstream.server, "upload");
  const [chunk] = await once(request, "data");
  assert.equal(`${chunk}`, "first");
  writer.close();
  assert.equal((await answer).status, 200);
});

test("a page that goes away ends the request to the sandbox", async (t) => {
  const upstream = await fakeService(t, { endless: true });
  const its = await startRelay({ baseUrl: upstream.baseUrl }, t);
  const controller = new AbortController();
  const { signal } = controller;
  const ticket = await createTicket(sandbox, { secret: SECRET });
  const response = await page(its.url, ticket).fetch("/files?path=/x", { signal });
  await response.body.getReader().read();
  assert.ok(!upstream.closed());
  controller.abort();
  await eventually(upstream.closed, "the end of the request");
});

test("a page that goes away before any answer ends the request too", async (t) => {
  const upstream = await fakeService(t);
  const its = await startRelay({ baseUrl: upstream.baseUrl }, t);
  const controller = new AbortController();
  const { signal } = controller;
  const ticket = await createTicket(sandbox, { secret: SECRET });
  const asked = page(its.url, ticket).fetch("/files?path=/x", { signal });
  await once(upstream.server, "download");
  assert.ok(!upstream.closed());
  controller.abort();
  await assert.rejects(asked);
  await eventually(upstream.closed, "the end of the request");
});

test("a stream that breaks off in the service breaks off in the page", async (t) => {
  const upstream = await fakeService(t, { breakOff: true });
  const its = await startRelay({ baseUrl: upstream.baseUrl }, t);
  const ticket = await createTicket(sandbox, { secret: SECRET });
  const response = await page(its.url, ticket).fetch("/files?path=/x");
  assert.equal(response.status, 200);
  await assert.rejects(response.arrayBuffer());
});

test("a reader that stops reading holds back the sandbox's side", async (t) => {
  const upstream = await fakeService(t, { endless: true });
  const its = await startRelay({ baseUrl: upstream.baseUrl }, t);
  const ticket = await createTicket(sandbox, { secret: SECRET });
  const before = process.memoryUsage().rss;
  const response = await page(its.url, ticket).fetch("/files?path=/x");
  const reader = response.body.getReader();
  await reader.read();
  // The kernel's buffers of two connections take some megabytes; this process holds both ends and the middle.
  await assertSettles(upstream.sent, 32e6, "bytes");
  const grown = process.memoryUsage().rss - before;
  assert.ok(grown < 64e6, `${grown} bytes more memory`);
  await reader.cancel();
  await eventually(upstream.closed, "the end of the service's side");
});

test("a service that stops reading holds back the page's upload", async (t) => {
  const upstream = await fakeService(t, { deaf: true });
  const its = await startRelay({ baseUrl: upstream.baseUrl }, t);
  const ticket = await createTicket(sandbox, { secret: SECRET, allow: ["files:write"] });
  const controller = new AbortController();
  const chunk = new Uint8Array(256 * 1024);
  let sent = 0;
  const body = new ReadableStream({
    async pull(stream) {
      await sleep(0);
      // Node's fetch reads on after an abort.
      if (controller.signal.aborted) return stream.error(controller.signal.reason);
      sent += chunk.length;
      stream.enqueue(chunk);
    },
  });
  const init = { method: "POST", body, signal: controller.signal };
  const answer = page(its.url, ticket).fetch("/files?path=/x", init);
  const [request] = await once(upstream.server, "upload");
  await assertSettles(() => sent, 32e6, "bytes");
  controller.abort();
  await assert.rejects(answer);
  // A connection that ends is noticed by reading.
  request.resume();
  await eventually(upstream.closed, "the end of the service's side");
});

test("the token is asked for once, however many requests wait for it", async (t) => {
  const upstream = await fakeService(t, { status: 404 });
  const seen = [];
  upstream.server.prependListener("request", ({ method, url }) => seen.push(`${method} ${url}`));
  const its = await startRelay({ baseUrl: upstream.baseUrl }, t);
  const own = page(its.url, await createTicket(sandbox, { secret: SECRET }));
  await Promise.all(Array.from({ length: 20 }, () => own.fetch("/files?path=/x")));
  assert.equal(seen.filter((one) => one === `GET /sandboxes/${sandbox.id}`).length, 1);
  assert.equal(seen.length, 21);
});

test("a paused sandbox wakes once for many requests", async (t) => {
  const proxy = await startProxy(t, service.baseUrl);
  const its = await startRelay({ baseUrl: proxy.baseUrl }, t);
  const own = page(its.url, await createTicket(sandbox, { secret: SECRET }));
  await own.json("/exec", own.exec("true"));
  await service.api("POST", `/sandboxes/${sandbox.id}/pause`);
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) => own.json("/exec", own.exec(`echo ${index}`))),
  );
  assert.deepEqual(
    answers.map(({ stdout }) => stdout),
    answers.map((_, index) => `${index}\n`),
  );
  assert.equal(proxy.seen.filter((path) => path.endsWith("/activate")).length, 1);
});

test("pauses under way, and tokens renewed by others, are no errors", async () => {
  const { id } = sandbox;
  let over = false;
  const rotate = async () => {
    for (let round = 0; round < 8; round++) {
      await service.api("POST", `/sandboxes/${id}/pause`).catch(() => {});
      await sleep(120);
    }
    over = true;
  };
  const work = async () => {
    let count = 0;
    while (!over || count === 0) {
      const { status, ok } = await client.fetch("/files?path=/etc/hostname");
      // A sandbox that is paused anew between the wake-up and the second try says so.
      assert.ok(ok || [502, 503].includes(status), `${status}`);
      count += ok;
    }
    return count;
  };
  const [, ...counts] = await Promise.all([rotate(), work(), work(), work()]);
  assert.ok(counts.every((count) => count > 0));
  assert.equal((await client.json("/exec", client.exec("echo still"))).stdout, "still\n");
});

test("a big upload wakes the sandbox before it is sent", async () => {
  await client.json("/exec", client.exec("true"));
  await service.api("POST", `/sandboxes/${sandbox.id}/pause`);
  const body = new Blob(["y".repeat(5_000_000)]);
  await client.json("/files?path=/home/user/big", { method: "POST", body });
  assert.equal((await client.json("/exec", client.exec("wc -c < big"))).stdout.trim(), "5000000");
});

test("many requests under one ticket: some places, and they are given back", async (t) => {
  const its = await startRelay({ ...service, limits: { maxStreamsPerTicket: 3 } }, t);
  const ticket = await createTicket(sandbox, { secret: SECRET });
  const own = page(its.url, ticket);
  const open = await Promise.all([1, 2, 3].map(() => own.fetch("/exec/stream", own.exec("sleep 30"))));
  assert.deepEqual(await refusal(await own.fetch("/exec", own.exec("true"))), [429, "too_many_streams"]);
  const other = page(its.url, await createTicket(sandbox, { secret: SECRET, expiresInSeconds: 100 }));
  assert.equal((await other.fetch("/exec", other.exec("true"))).status, 200);
  await Promise.all(open.map(({ body }) => body.cancel()));
  await eventually(async () => (await own.fetch("/exec", own.exec("true"))).ok, "a place");
});

test("the audit tells of each request, once, without secrets", async (t) => {
  const its = await startRelay(service, t);
  const ticket = await createTicket({ id: sandbox.id, name: "mine" }, { secret: SECRET });
  const own = page(its.url, ticket);
  await own.json("/exec", own.exec("echo hi"));
  await own.fetch("/files?path=/tmp/x", { method: "POST", body: "x" });
  await (await own.fetch("/files?path=/etc/hostname")).text();
  const told = its.events.map(({ type, operation, status, code }) => [type, operation, status, code]);
  assert.deepEqual(told, [
    ["started", "exec", undefined, undefined],
    ["ended", "exec", 200, undefined],
    ["refused", "files:write", 403, "not_allowed"],
    ["started", "files:read", undefined, undefined],
    ["ended", "files:read", 200, undefined],
  ]);
  const [, ended, , , read] = its.events;
  assert.equal(ended.sandboxId, sandbox.id);
  assert.equal(ended.sandboxName, "mine");
  assert.ok(ended.bytesIn > 10 && ended.bytesOut > 10 && ended.durationMs >= 0);
  assert.equal(read.file, "/etc/hostname");
  const text = JSON.stringify(its.events);
  for (const secret of [service.apiKey, ticket, SECRET]) assert.ok(!text.includes(secret));
});

test("authorize decides with the request and the claims", async (t) => {
  const seen = [];
  const verdicts = [false, new Response("log in", { status: 418 }), undefined, true];
  const authorize = async (request, claims) => {
    seen.push([request.headers.get("cookie"), claims.sid]);
    const verdict = verdicts.shift();
    if (verdict === undefined) throw new Error("the database is down");
    return verdict;
  };
  const its = await startRelay({ ...service, authorize }, t);
  const own = page(its.url, await createTicket(sandbox, { secret: SECRET }));
  const ask = () => own.fetch("/exec", { ...own.exec("true"), headers: { cookie: "session=1" } });
  assert.deepEqual(await refusal(await ask()), [403, "not_authorized"]);
  const answer = await ask();
  assert.deepEqual([answer.status, await answer.text()], [418, "log in"]);
  assert.deepEqual(await refusal(await ask()), [500, "relay_error"]);
  assert.equal((await ask()).status, 200);
  assert.deepEqual(seen[0], ["session=1", sandbox.id]);
  assert.equal(its.events.find(({ status }) => status === 500).cause.message, "the database is down");
});
