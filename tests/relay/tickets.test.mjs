// Tickets that must not pass, and what a ticket does not allow.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, test } from "node:test";

import { EXEC, TERMINAL } from "./sessions.mjs";
import {
  ALL,
  createRelay,
  createTicket,
  page,
  refusal,
  refusedSocket,
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
const INVALID = [401, "ticket_invalid"];

const encode = (claims) => Buffer.from(JSON.stringify(claims)).toString("base64url");
const decode = (text) => JSON.parse(Buffer.from(text.split(".")[0], "base64url"));
const sign = (payload, key = SECRET, hash = "sha256") =>
  `${payload}.${createHmac(hash, key).update(payload).digest("base64url")}`;

test("the form of a ticket is as described", () => {
  assert.equal(sign(encode(decode(ticket))), ticket);
});

test("expired tickets", async () => {
  const claims = decode(ticket);
  const now = Math.floor(Date.now() / 1000);
  assert.deepEqual(await asks(sign(encode({ ...claims, exp: now }))), [401, "ticket_expired"]);
  assert.deepEqual(await asks(sign(encode({ ...claims, exp: now - 1e6 }))), [401, "ticket_expired"]);
  for (const exp of [undefined, null, "9999999999", {}, [now + 60], true]) {
    assert.deepEqual(await asks(sign(encode({ ...claims, exp }))), INVALID, `${exp}`);
  }
});

test("a ticket that was found to be good expires all the same, and what a hook changes of its claims is changed once", async (t) => {
  const seen = [];
  const handle = createRelay({
    apiKey: "key",
    baseUrl: service.baseUrl,
    secret: SECRET,
    prefix: "/sandbox",
    authorize(_, claims) {
      seen.push(claims.allow.length);
      claims.allow.length = 0;
      return false;
    },
  });
  const ask = async () => {
    const headers = { authorization: `Bearer ${ticket}` };
    const answer = await handle(new Request("http://relay.example/sandbox/files?path=/x", { headers }));
    return refusal(answer);
  };
  assert.deepEqual(await ask(), [403, "not_authorized"]);
  assert.deepEqual(await ask(), [403, "not_authorized"]);
  assert.deepEqual(seen, [ALL.length, ALL.length]);
  t.mock.method(Date, "now", () => decode(ticket).exp * 1000);
  assert.deepEqual(await ask(), [401, "ticket_expired"]);
});

test("tampered tickets: every character changed", async () => {
  const characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  for (let at = 0; at < ticket.length; at++) {
    if (ticket[at] === ".") continue;
    // The neighbour in the alphabet differs in the lowest bit, which the last character may not even carry.
    const other = characters[characters.indexOf(ticket[at]) ^ 1];
    assert.deepEqual(await asks(ticket.slice(0, at) + other + ticket.slice(at + 1)), INVALID, `at ${at}`);
  }
});

test("truncated and extended tickets", async () => {
  for (let length = 0; length < ticket.length; length += 7) {
    assert.deepEqual(await asks(ticket.slice(0, length)), INVALID, `${length} characters`);
  }
  const [payload, signature] = ticket.split(".");
  const wrong = [
    ticket.slice(0, -1),
    ticket.slice(1),
    `${ticket}A`,
    `${ticket}.`,
    `${ticket}.${signature}`,
    `.${ticket}`,
    `${payload}.`,
    `.${signature}`,
    payload,
    ".",
    `${payload}.${signature}=`,
    "A".repeat(8000),
  ];
  for (const text of wrong) assert.deepEqual(await asks(text), INVALID, text.slice(0, 200));
});

test("changed claims, and tickets signed by others or by no one", async () => {
  const claims = decode(ticket);
  const [, signature] = ticket.split(".");
  const more = encode({ ...claims, exp: claims.exp + 1e6 });
  const wrong = [
    `${more}.${signature}`,
    sign(more, "another secret of another application, as long"),
    sign(more, ""),
    sign(more, SECRET, "sha1"),
    sign(more, SECRET, "sha512"),
    `${encode({ alg: "none" })}.${more}.`,
    sign(encode({ ...claims, v: 2 })),
    sign(encode({ ...claims, sid: "../../templates" })),
    sign(encode({ ...claims, sid: [claims.sid] })),
    sign(encode({ ...claims, allow: "exec files:read" })),
    sign(encode(null)),
    sign(Buffer.from("{").toString("base64url")),
  ];
  for (const text of wrong) assert.deepEqual(await asks(text), INVALID, text);
});

test("a missing ticket, and one where none belongs", async () => {
  assert.deepEqual(await asks(undefined), INVALID);
  const path = "/files?path=/etc/hostname";
  const elsewhere = [
    [path, { "x-access-token": ticket }],
    [path, { "x-api-key": service.apiKey }],
    [path, { cookie: `ticket=${ticket}` }],
    [path, { authorization: `Basic ${ticket}` }],
    [path, { authorization: ticket }],
    [path, { authorization: `Bearer ${service.apiKey}` }],
    [path, { authorization: `Bearer ${ticket}, Bearer ${ticket}` }],
    [path, { "sec-websocket-protocol": `${EXEC}, ticket.${ticket}` }],
    [`${path}&ticket=${ticket}`, {}],
  ];
  const none = page(relay.url);
  for (const [where, headers] of elsewhere) {
    assert.deepEqual(await refusal(await none.fetch(where, { headers })), INVALID, JSON.stringify(headers));
  }
});

test("secrets in rotation: the new one signs, the old one verifies, others do not", async (t) => {
  const old = "the secret that is being replaced, long enough";
  const its = await startRelay({ ...service, secret: [SECRET, old] }, t);
  const works = async (text) => (await page(its.url, text).fetch("/files?path=/etc/hostname")).status;
  assert.equal(await works(await createTicket(sandbox, { secret: old })), 200);
  assert.equal(await works(await createTicket(sandbox, { secret: [SECRET, old] })), 200);
  assert.deepEqual(await asks(await createTicket(sandbox, { secret: [old, SECRET] })), INVALID);
});

test("tickets of another sandbox", async () => {
  const other = await service.create();
  const its = page(relay.url, await createTicket(other, { secret: SECRET, allow: ALL }));
  const denied = [403, "not_allowed"];
  for (const [method, path] of [
    ["GET", ""],
    ["DELETE", ""],
    ["PATCH", ""],
    ["POST", "/pause"],
    ["POST", "/resume"],
    ["POST", "/activate"],
    ["GET", "/network"],
    ["GET", "/preview-ports"],
  ]) {
    const body = method === "PATCH" ? "{}" : undefined;
    const response = await its.fetch(`/sandboxes/${sandbox.id}${path}`, { method, body });
    assert.deepEqual(await refusal(response), denied, `${method} ${path}`);
  }
  // The data plane has no id in its paths: the ticket's is used, whatever the page says.
  await client.json("/files?path=/home/user/mine", { method: "POST", body: "mine" });
  const headers = { "x-superserve-sandbox-id": sandbox.id };
  assert.equal((await its.fetch("/files?path=/home/user/mine", { headers })).status, 404);
});

test("every operation outside of what a ticket allows", async () => {
  const { id } = sandbox;
  const post = (path, body = "{}") => ({ path, init: { method: "POST", body } });
  const calls = {
    exec: [post("/exec"), post("/exec/stream")],
    "files:read": [
      { path: "/files?path=/etc/hostname" },
      { path: "/files?path=/etc&format=zip" },
      ...["list", "stat", "identity", "pack", "discard", "watch"].map((name) => post(`/files/${name}`)),
    ],
    "files:write": [
      post("/files?path=/tmp/x"),
      ...["mkdir", "remove", "rename", "copy", "chmod", "symlink", "put", "extract"].map((name) =>
        post(`/files/${name}`),
      ),
    ],
    info: [{ path: `/sandboxes/${id}` }, { path: `/sandboxes/${id}/network` }],
    preview: [
      { path: `/sandboxes/${id}/preview-ports` },
      post(`/sandboxes/${id}/preview-ports`),
      { path: `/sandboxes/${id}/preview-ports/8000`, init: { method: "DELETE" } },
      post(`/sandboxes/${id}/preview-ports/8000/token`),
      post(`/sandboxes/${id}/preview-ports/8000/token/rotate`),
      post(`/sandboxes/${id}/activate`, undefined),
    ],
    desktop: ["Screenshot", "SendPointer", "SendKey", "Scroll", "SendActions", "Resize"].map((method) =>
      post(`/superserve.boxd.v1.DesktopService/${method}`),
    ),
    lifecycle: [
      post(`/sandboxes/${id}/pause`, undefined),
      post(`/sandboxes/${id}/resume`, undefined),
      { path: `/sandboxes/${id}`, init: { method: "PATCH", body: "{}" } },
      { path: `/sandboxes/${id}`, init: { method: "DELETE" } },
    ],
    snapshots: [post(`/sandboxes/${id}/snapshot`), { path: `/sandboxes/${id}/snapshots` }],
    session: [{ path: "/exec/connect", protocol: EXEC }],
    terminal: [
      { path: "/terminal", protocol: TERMINAL },
      ...["open", "list", "kill"].map((name) => post(`/terminals/${name}`)),
    ],
    processes: [
      "start",
      "list",
      "describe",
      "follow",
      "wait",
      "write",
      "kill",
      "remove",
      "port",
      "ports",
    ].map((name) => post(`/processes/${name}`)),
    code: ["start", "run", "list", "end"].map((name) => post(`/code/${name}`)),
  };
  assert.deepEqual(Object.keys(calls).sort(), [...ALL].sort());
  for (const one of ALL) {
    const others = ALL.filter((operation) => operation !== one);
    const its = page(relay.url, await createTicket(sandbox, { secret: SECRET, allow: others }));
    for (const { path, init, protocol } of calls[one]) {
      const answer = protocol
        ? refusedSocket(its.socket(path, protocol))
        : refusal(await its.fetch(path, init));
      assert.deepEqual(await answer, [403, "not_allowed"], `${init?.method ?? "GET"} ${path}`);
    }
  }
  assert.equal((await service.api("GET", `/sandboxes/${id}`)).status, "active");
});

test("wrong options are refused when the relay or the ticket is made", async () => {
  const good = { ...service, secret: SECRET };
  for (const secret of [undefined, "", "short", [], ["short"], [SECRET, "short"], 42, new Uint8Array(31)]) {
    assert.throws(() => createRelay({ ...good, secret }), TypeError);
    await assert.rejects(createTicket(sandbox, { secret }), TypeError);
  }
  for (const options of [
    { apiKey: "" },
    { apiKey: "a\nb" },
    { baseUrl: "http://api.example" },
    { baseUrl: "nonsense" },
    { sandboxUrl: "ftp://x" },
    { baseUrl: "https://user:password@api.example" },
  ]) {
    assert.throws(() => createRelay({ ...good, ...options }), TypeError, JSON.stringify(options));
  }
  for (const id of [undefined, null, "", "x", "../x", `${sandbox.id}/..`, {}, { id: 5 }]) {
    await assert.rejects(createTicket(id, { secret: SECRET }), TypeError);
  }
  for (const options of [
    { allow: [] },
    { allow: ["everything"] },
    { allow: "exec" },
    { expiresInSeconds: 0 },
    { expiresInSeconds: 1.5 },
    { expiresInSeconds: Infinity },
    { expiresInSeconds: 1e9 },
    { maxUploadBytes: -1 },
    { maxUploadBytes: "10" },
  ]) {
    await assert.rejects(createTicket(sandbox, { secret: SECRET, ...options }), TypeError);
  }
});
