// Where the relay sends what, by its options, its environment and the region of its key.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { createRelay, createTicket, SECRET } from "./support.mjs";

const ID = "0b6a3c1e-5d7f-4a80-9c12-3e4f5a6b7c8d";
const { fetch } = globalThis;
const VARIABLES = ["SUPERSERVE_API_KEY", "SUPERSERVE_BASE_URL", "SUPERSERVE_SANDBOX_URL"];

afterEach(() => {
  globalThis.fetch = fetch;
  for (const name of VARIABLES) delete process.env[name];
});

/** What a relay asks of a service that knows one sandbox: URL and headers of each request, and of a WebSocket. */
async function asked(options) {
  const requests = [];
  globalThis.fetch = async (url, { headers, redirect }) => {
    assert.equal(redirect, "manual");
    requests.push({ url: `${url}`, headers: new Headers(headers) });
    return Response.json({ status: "active", access_token: "token" });
  };
  const relay = createRelay({ secret: SECRET, ...options });
  const ticket = await createTicket(ID, { secret: SECRET, allow: ["files:read", "terminal"] });
  const headers = { authorization: `Bearer ${ticket}` };
  assert.equal((await relay(new Request("http://relay/files?path=/x", { headers }))).status, 200);
  const [control, data] = requests;
  const protocol = `superserve.terminal.v1, ticket.${ticket}`;
  const socket = { upgrade: "websocket", "sec-websocket-protocol": protocol };
  let line;
  const connect = async (given) => void (line = given);
  await relay.handle(new Request("http://relay/terminal", { headers: socket }), { connect });
  return { control, data, line };
}

const REGIONAL = `ss_live_usw_${"a".repeat(32)}`;
const OLD = `ss_live_${"a".repeat(32)}`;
const PLACES = [
  [{ apiKey: OLD }, "https://api.superserve.ai", "https://sandbox.superserve.ai"],
  [{ apiKey: REGIONAL }, "https://api-usw.superserve.ai", "https://usw-sandbox.superserve.ai"],
  [{ apiKey: `${REGIONAL}a` }, "https://api.superserve.ai", "https://sandbox.superserve.ai"],
  [{ apiKey: REGIONAL.replace("usw", "use") }, "https://api.superserve.ai", "https://sandbox.superserve.ai"],
  [{ apiKey: REGIONAL.replace("usw", "xyz") }, "https://api.superserve.ai", "https://sandbox.superserve.ai"],
  [
    { apiKey: OLD, baseUrl: "https://api-staging.superserve.ai/" },
    "https://api-staging.superserve.ai",
    "https://staging-sandbox.superserve.ai",
  ],
  [
    { apiKey: REGIONAL, baseUrl: "https://api.superserve.ai" },
    "https://api.superserve.ai",
    "https://sandbox.superserve.ai",
  ],
  [
    { apiKey: OLD, baseUrl: "https://api.example.com" },
    "https://api.example.com",
    "https://sandbox.superserve.ai",
  ],
];

for (const [options, api, sandboxes] of PLACES) {
  test(`${options.baseUrl ?? options.apiKey}`, async () => {
    const { control, data, line } = await asked(options);
    assert.equal(control.url, `${api}/sandboxes/${ID}`);
    assert.equal(data.url, `${sandboxes}/files?path=${encodeURIComponent("/x")}`);
    assert.equal(data.headers.get("x-superserve-sandbox-id"), ID);
    assert.equal(line.url, `${sandboxes.replace("https://", `https://boxd-${ID}.`)}/terminal`);
    assert.deepEqual(line.protocols, ["superserve.terminal.v1", "token.token"]);
  });
}

test("a local service, and one of one's own, have one origin for all", async () => {
  for (const baseUrl of [
    "http://localhost:1",
    "http://a.localhost:1",
    "http://127.0.0.1:1",
    "http://[::1]:1",
  ]) {
    const { control, data, line } = await asked({ apiKey: OLD, baseUrl });
    assert.equal(new URL(control.url).origin, baseUrl);
    assert.equal(new URL(data.url).origin, baseUrl);
    assert.equal(line.url, `${baseUrl}/terminal`);
  }
  const own = await asked({ apiKey: OLD, sandboxUrl: "https://boxes.example.com/below/" });
  assert.equal(own.control.url, `https://api.superserve.ai/sandboxes/${ID}`);
  assert.ok(own.data.url.startsWith("https://boxes.example.com/below/files?"));
  assert.equal(own.line.url, "https://boxes.example.com/below/terminal");
});

test("the environment is asked where the options say nothing; blank is nothing", async () => {
  process.env.SUPERSERVE_API_KEY = ` ${REGIONAL} `;
  assert.match((await asked({ apiKey: "  " })).control.url, /^https:\/\/api-usw\.superserve\.ai\//);
  process.env.SUPERSERVE_BASE_URL = "https://api.superserve.ai";
  assert.match((await asked({})).control.url, /^https:\/\/api\.superserve\.ai\//);
  process.env.SUPERSERVE_SANDBOX_URL = "https://boxes.example.com";
  assert.match((await asked({ baseUrl: " " })).data.url, /^https:\/\/boxes\.example\.com\//);
  delete process.env.SUPERSERVE_API_KEY;
  assert.throws(() => createRelay({ secret: SECRET }), /SUPERSERVE_API_KEY/);
});

test("ids that are tagged with their region pass like others, and nothing else does", async () => {
  const tagged = `sb-use-${ID}`;
  const paths = [];
  globalThis.fetch = async (url) => {
    paths.push(new URL(url).pathname);
    return Response.json({ id: tagged, status: "active", access_token: "token" });
  };
  const relay = createRelay({ apiKey: OLD, secret: SECRET });
  const ticket = await createTicket(tagged, { secret: SECRET, allow: ["info"] });
  const headers = { authorization: `Bearer ${ticket}` };
  const ask = (id) => relay(new Request(`http://relay/sandboxes/${id}`, { headers }));
  assert.equal((await ask(tagged)).status, 200);
  assert.equal((await ask(ID)).status, 403);
  for (const id of [`sb--${ID}`, `sb-U-${ID}`, `x-${ID}`, `${tagged}0`]) {
    assert.equal((await ask(id)).status, 404, id);
    await assert.rejects(createTicket(id.replace("U", "a b"), { secret: SECRET }), TypeError, id);
  }
  assert.deepEqual(paths, [`/sandboxes/${tagged}`]);
});

test("each plane gets its own credential and no other", async () => {
  const { control, data } = await asked({ apiKey: OLD });
  assert.equal(control.headers.get("x-api-key"), OLD);
  assert.equal(control.headers.get("x-access-token"), null);
  assert.equal(data.headers.get("x-access-token"), "token");
  assert.equal(data.headers.get("x-api-key"), null);
  assert.match(data.headers.get("user-agent"), /^@superserve\/sdk\/\d+\.\d+\.\d+\S* \(relay\)$/);
});

for (const [name, wakesAlone] of [
  ["those who find a sandbox asleep wake it together", false],
  ["in a Worker, whose promises end with the request that made them, each wakes it by itself", true],
]) {
  test(name, async (t) => {
    if (wakesAlone) globalThis.WebSocketPair = class {};
    t.after(() => delete globalThis.WebSocketPair);
    const paths = [];
    let token = "old";
    globalThis.fetch = async (url, { headers }) => {
      const { pathname } = new URL(url);
      paths.push(pathname);
      await new Promise((resolve) => setTimeout(resolve, 20));
      if (pathname.endsWith("/activate")) token = "new";
      if (pathname.startsWith("/sandboxes/")) return Response.json({ status: "active", access_token: token });
      const isAwake = new Headers(headers).get("x-access-token") === "new";
      return isAwake ? new Response("content") : new Response("asleep", { status: 503 });
    };
    const relay = createRelay({ apiKey: OLD, secret: SECRET });
    const headers = { authorization: `Bearer ${await createTicket(ID, { secret: SECRET })}` };
    const ask = () => relay(new Request("http://relay/files?path=/x", { headers }));
    const answers = await Promise.all([ask(), ask(), ask()]);
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 200],
    );
    const count = (end) => paths.filter((path) => path.endsWith(end)).length;
    assert.deepEqual([count(ID), count("/activate")], wakesAlone ? [3, 3] : [1, 1]);
  });
}

test("a WebSocket that a Worker dials is not redirected", async (t) => {
  globalThis.WebSocketPair = class {};
  t.after(() => delete globalThis.WebSocketPair);
  const dials = [];
  globalThis.fetch = async (url, { headers, redirect }) => {
    if (headers.upgrade !== "websocket") return Response.json({ status: "active", access_token: "token" });
    dials.push(redirect);
    return { status: 307 };
  };
  const relay = createRelay({ apiKey: OLD, secret: SECRET });
  const ticket = await createTicket(ID, { secret: SECRET, allow: ["terminal"] });
  const protocol = `superserve.terminal.v1, ticket.${ticket}`;
  const headers = { upgrade: "websocket", "sec-websocket-protocol": protocol };
  const { status } = await relay(new Request("http://relay/terminal", { headers }));
  assert.equal(status, 502);
  assert.deepEqual(dials, ["manual", "manual"]);
});
