// Each route, as a page uses it.
import assert from "node:assert/strict";
import { test } from "node:test";

import { ALL, behindRelay, createTicket, page, refusal, SECRET } from "./support.mjs";

const { service, relay, sandbox, client } = await behindRelay(ALL);

const status = async () => (await service.api("GET", `/sandboxes/${sandbox.id}`)).status;

test("POST /exec", async () => {
  const answer = await client.json("/exec", client.exec("echo out; echo err >&2; exit 3"));
  assert.equal(answer.stdout, "out\n");
  assert.equal(answer.stderr, "err\n");
  assert.equal(answer.exit_code, 3);
});

test("POST /exec/stream", async () => {
  const response = await client.fetch("/exec/stream", client.exec("echo one; echo two"));
  assert.equal(response.status, 200);
  assert.match(response.headers.get("content-type"), /^text\/event-stream/);
  const text = await response.text();
  assert.match(text, /one/);
  assert.match(text, /"finished": ?true/);
});

test("files: written, read, read as an archive", async () => {
  const bytes = new Uint8Array(300_000).map((_, index) => index * 31);
  const path = "/home/user/a b+c%20&ü.bin";
  const file = `/files?path=${encodeURIComponent(path)}`;
  await client.json(file, { method: "POST", body: bytes });
  const response = await client.fetch(file);
  assert.equal(response.headers.get("content-length"), "300000");
  assert.deepEqual(new Uint8Array(await response.arrayBuffer()), bytes);
  assert.equal((await client.json("/exec", client.exec(`wc -c < '${path}'`))).stdout.trim(), "300000");
  const zip = await client.fetch("/files?path=/home/user&format=zip");
  assert.equal(zip.headers.get("content-type"), "application/zip");
  assert.deepEqual([...new Uint8Array(await zip.arrayBuffer())].slice(0, 2), [0x50, 0x4b]);
});

test("files: an upload of unknown length, an empty one, a missing file", async () => {
  const body = new Blob(["x".repeat(2_000_000)]).stream();
  await client.json("/files?path=/home/user/stream", { method: "POST", body });
  await client.json("/files?path=/home/user/empty", { method: "POST", body: "" });
  const { stdout } = await client.json("/exec", client.exec("cd /home/user; wc -c < stream; wc -c < empty"));
  assert.deepEqual(stdout.split(/\s+/).filter(Boolean), ["2000000", "0"]);
  const missing = await client.fetch("/files?path=/home/user/missing");
  assert.equal(missing.status, 404);
  assert.ok((await missing.json()).error.message);
});

test("info", async () => {
  const info = await client.json(`/sandboxes/${sandbox.id}`);
  assert.equal(info.id, sandbox.id);
  assert.equal(info.status, "active");
  assert.ok(!("access_token" in info));
  const log = await client.json(`/sandboxes/${sandbox.id}/network?limit=5&verdict=allowed`);
  assert.ok(Array.isArray(log.data));
});

test("preview", async () => {
  const ports = `/sandboxes/${sandbox.id}/preview-ports`;
  const body = JSON.stringify({ port: 8123, access: "private" });
  assert.equal((await client.json(ports, { method: "POST", body })).port, 8123);
  assert.equal((await client.json(ports)).ports.length, 1);
  const first = await client.json(`${ports}/8123/token`, { method: "POST", body: "{}" });
  const second = await client.json(`${ports}/8123/token/rotate`, { method: "POST", body: "{}" });
  assert.ok(first.token && second.token && first.token !== second.token);
  await client.json(`${ports}/8123`, { method: "DELETE" });
  assert.equal((await client.json(ports)).ports.length, 0);
});

test("a program's arguments", async () => {
  const args = ["%s|", "a b", "$(id)", "line\nline"];
  for (const path of ["/exec", "/exec/stream"]) {
    const answer = await client.fetch(path, client.exec("printf", { args }));
    assert.ok((await answer.text()).includes(JSON.stringify("a b|$(id)|line\nline|").slice(1, -1)), path);
  }
});

test("desktop, of a sandbox without a screen", async () => {
  for (const method of ["Screenshot", "SendPointer", "SendKey", "Scroll", "SendActions", "Resize"]) {
    const body = JSON.stringify({
      ...{ SendPointer: { x: 1, y: 2, action: "POINTER_ACTION_MOVE" }, SendKey: { text: "a" } }[method],
      ...(method === "Resize" && { width: 800, height: 600 }),
    });
    const response = await client.fetch(`/superserve.boxd.v1.DesktopService/${method}`, {
      method: "POST",
      body,
    });
    assert.deepEqual(await refusal(response), [501, "desktop_unavailable"], method);
  }
  for (const path of [
    "/superserve.boxd.v1.DesktopService/Format",
    "/superserveXboxd.v1.DesktopService/Screenshot",
  ]) {
    const response = await client.fetch(path, { method: "POST", body: "{}" });
    assert.deepEqual(await refusal(response), [404, "no_route"], path);
  }
});

test("preview: a paused sandbox is woken, and the page is told nothing of it", async () => {
  await service.api("POST", `/sandboxes/${sandbox.id}/pause`);
  const its = page(relay.url, await createTicket(sandbox, { secret: SECRET, allow: ["preview"] }));
  assert.equal(await its.json(`/sandboxes/${sandbox.id}/activate`, { method: "POST" }), true);
  assert.equal(await status(), "active");
  assert.equal((await client.json("/exec", client.exec("echo awake"))).stdout, "awake\n");
});

test("lifecycle: pause, resume, update", async () => {
  await client.json(`/sandboxes/${sandbox.id}/pause`, { method: "POST" });
  assert.equal(await status(), "paused");
  const resumed = await client.json(`/sandboxes/${sandbox.id}/resume`, { method: "POST" });
  assert.equal(resumed.status, "active");
  assert.ok(!("access_token" in resumed));
  const body = JSON.stringify({ metadata: { from: "page" } });
  await client.json(`/sandboxes/${sandbox.id}`, { method: "PATCH", body });
  assert.deepEqual((await service.api("GET", `/sandboxes/${sandbox.id}`)).metadata, { from: "page" });
  assert.equal((await client.json("/exec", client.exec("echo awake"))).stdout, "awake\n");
});

test("snapshots: taken and listed, and nothing else", async () => {
  const path = `/sandboxes/${sandbox.id}/snapshots`;
  const body = JSON.stringify({ kind: "mem+fs", idempotency_key: "of a page", name: "page" });
  const taken = await client.json(`/sandboxes/${sandbox.id}/snapshot`, { method: "POST", body });
  assert.deepEqual([taken.sandbox_id, taken.name], [sandbox.id, "page"]);
  const listed = await client.json(`${path}?limit=5&offset=0`);
  assert.deepEqual(
    listed.map(({ id }) => id),
    [taken.id],
  );
  for (const init of [{}, { method: "PATCH", body: "{}" }, { method: "DELETE" }]) {
    assert.deepEqual(await refusal(await client.fetch(`/snapshots/${taken.id}`, init)), [404, "no_route"]);
  }
  const other = await service.create();
  for (const [one, init] of [
    ["snapshots", {}],
    ["snapshot", { method: "POST", body }],
  ]) {
    const answer = await client.fetch(`/sandboxes/${other.id}/${one}`, init);
    assert.deepEqual(await refusal(answer), [403, "not_allowed"]);
  }
});

test("lifecycle: delete, and what is said of a sandbox that is gone", async () => {
  const other = await service.create();
  const its = page(relay.url, await createTicket(other.id, { secret: SECRET, allow: ["exec", "lifecycle"] }));
  assert.equal((await its.json("/exec", its.exec("echo here"))).stdout, "here\n");
  assert.equal((await its.fetch(`/sandboxes/${other.id}`, { method: "DELETE" })).status, 204);
  assert.deepEqual((await its.fetch("/exec", its.exec("true"))).status, 404);
  assert.deepEqual((await its.fetch(`/sandboxes/${other.id}`, { method: "DELETE" })).status, 404);
});

test("the service's own errors come through in its words", async () => {
  const response = await client.fetch("/exec", { method: "POST", body: "{" });
  assert.equal(response.status, 400);
  assert.ok((await response.json()).error.message.length > 3);
  const body = JSON.stringify({ port: 80 });
  const port = await client.fetch(`/sandboxes/${sandbox.id}/preview-ports`, { method: "POST", body });
  assert.equal((await refusal(port))[0], 400);
});

test("a default ticket runs commands and reads files, for a quarter of an hour", async () => {
  const seconds = () => Math.ceil(Date.now() / 1000);
  const before = seconds();
  const ticket = await createTicket(sandbox, { secret: SECRET });
  const after = seconds();
  const claims = JSON.parse(Buffer.from(ticket.split(".")[0], "base64url"));
  assert.deepEqual(claims.allow, ["exec", "files:read"]);
  assert.equal(claims.sid, sandbox.id);
  assert.ok(claims.exp >= before + 900 && claims.exp <= after + 900, `${claims.exp}`);
  const its = page(relay.url, ticket);
  assert.equal((await its.json("/exec", its.exec("echo ok"))).stdout, "ok\n");
  assert.equal((await its.fetch("/files?path=/etc/hostname")).status, 200);
  assert.deepEqual(await refusal(await its.fetch("/files?path=/tmp/x", { method: "POST", body: "x" })), [
    403,
    "not_allowed",
  ]);
});

test("answers say that no cache may keep them and no browser may run them", async () => {
  const { headers } = await client.fetch("/files?path=/etc/hostname");
  assert.match(headers.get("cache-control"), /no-store/);
  assert.match(headers.get("content-security-policy"), /sandbox/);
  assert.equal(headers.get("x-content-type-options"), "nosniff");
  assert.equal(headers.get("access-control-allow-origin"), null);
});
