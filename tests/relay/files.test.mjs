// What a page asks of scripts: the fields of a method pass, and nothing that a page can say becomes a command.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";

import { ALL, behindRelay, createTicket, eventually, page, refusal, SECRET, startRelay } from "./support.mjs";

const { relay, sandbox, client } = await behindRelay(ALL);

const post = (value) => ({ method: "POST", body: typeof value === "string" ? value : JSON.stringify(value) });
const ask = (op, value, its = client) => its.fetch(`/files/${op}`, post(value));
const run = async (command) => (await client.json("/exec", client.exec(command))).stdout;
const holding = async (...allow) => page(relay.url, await createTicket(sandbox, { secret: SECRET, allow }));

test("each method's own permission is enough, and the other's is not", async () => {
  await run("mkdir -p /tmp/own && echo > /tmp/own/a");
  const reads = { list: { path: "/tmp/own" }, stat: { path: "/tmp/own/a" } };
  const writes = {
    mkdir: { path: "/tmp/own/d" },
    copy: { from: "/tmp/own/a", to: "/tmp/own/b" },
    rename: { from: "/tmp/own/b", to: "/tmp/own/c" },
    chmod: { path: "/tmp/own/c", mode: 0o600 },
    symlink: { target: "c", path: "/tmp/own/l" },
    remove: { path: "/tmp/own/c" },
  };
  for (const [allow, own, other] of [
    ["files:read", reads, writes],
    ["files:write", writes, reads],
  ]) {
    const its = await holding(allow);
    for (const [op, value] of Object.entries(own)) {
      const answer = await (await ask(op, value, its)).json();
      assert.equal(answer.exit_code, 0, `${op}: ${answer.stderr}`);
    }
    for (const [op, value] of Object.entries(other)) {
      assert.deepEqual(await refusal(await ask(op, value, its)), [403, "not_allowed"], op);
    }
    assert.deepEqual(await refusal(await its.fetch("/exec", its.exec("true"))), [403, "not_allowed"]);
  }
  assert.equal(await run("ls /tmp/own"), "a\nd\nl\n");
});

test("terminals with a name need one permission, and no name becomes a command", async () => {
  const its = await holding("terminal");
  const asked = async (op, value) => (await its.fetch(`/terminals/${op}`, post(value))).json();
  const name = "x'; touch /tmp/made; '$(touch /tmp/made)`touch /tmp/made`";
  for (const [op, value] of [
    ["open", { name }],
    ["list", {}],
    ["kill", { name, signal: "" }],
  ]) {
    const { exit_code, stderr } = await asked(op, value);
    // Where the machine has no tool for it.
    if (stderr.startsWith("superserve:tool_missing")) console.log(`# skipped: ${stderr}`);
    else assert.equal(exit_code, 0, `${op}: ${stderr}`);
  }
  assert.equal(await run("ls /tmp/made 2>/dev/null"), "");
  const others = await holding("exec", "files:read", "files:write", "session");
  assert.deepEqual(await refusal(await others.fetch("/terminals/list", post({}))), [403, "not_allowed"]);
});

test("code needs one permission, and no name becomes a command", async () => {
  const its = await holding("code");
  const asked = async (op, value) => (await its.fetch(`/code/${op}`, post(value))).json();
  const id = "x'; touch /tmp/coded; '$(touch /tmp/coded)`touch /tmp/coded`";
  const absent = await asked("end", { id, how: "remove", run: "", wake: true });
  assert.deepEqual([absent.stdout, absent.exit_code], ["!absent\n", 0]);
  for (const [op, value] of [
    ["start", { id: "bash", language: "bash" }],
    ["list", {}],
    ["end", { id: "bash", how: "remove", run: "", wake: true }],
  ]) {
    const { exit_code, stderr } = await asked(op, value);
    // Where the machine has no tool for it.
    if (stderr.startsWith("superserve:tool_missing")) console.log(`# skipped: ${stderr}`);
    else assert.equal(exit_code, 0, `${op}: ${stderr}`);
  }
  assert.equal(await run("ls /tmp/coded 2>/dev/null"), "");
  const others = await holding("exec", "files:read", "files:write", "session", "terminal", "processes");
  assert.deepEqual(await refusal(await others.fetch("/code/list", post({}))), [403, "not_allowed"]);
});

test("what is no call of the method is refused before anything is sent", async (t) => {
  let sent = 0;
  const upstream = createServer((request, response) => {
    if (request.url.startsWith("/exec")) sent++;
    response.end(JSON.stringify({ status: "active", access_token: "token" }));
  }).listen(0, "127.0.0.1");
  await once(upstream, "listening");
  t.after(() => upstream.close().closeAllConnections());
  const its = await startRelay({ baseUrl: `http://127.0.0.1:${upstream.address().port}` }, t);
  const own = page(
    its.url,
    await createTicket(sandbox, { secret: SECRET, allow: ["files:read", "files:write"] }),
  );
  const path = "/tmp/a";
  const wrong = [
    ["list", ""],
    ["list", "{"],
    ["list", "null"],
    ["list", '"/tmp"'],
    ["list", ["/tmp"]],
    ["list", {}],
    ["list", { path, command: "id" }],
    ["list", { path, args: ["-c", "id"] }],
    ["list", { path, env: { LD_PRELOAD: "/x" } }],
    ["list", { path, step: "drop" }],
    ["list", `{"path":"/tmp","__proto__":{"depth":2}}`],
    ["list", { path, constructor: "x" }],
    ["list", { path, depth: "1 -exec id" }],
    ["list", { path, depth: 0 }],
    ["list", { path, depth: 1.5 }],
    ["list", { path, depth: 1e300 }],
    ["list", { path, depth: -1 }],
    ["list", { path, depth: [1] }],
    ["list", { path, depth: { valueOf: 1 } }],
    ["list", { path, hidden: "1" }],
    ["list", { path, hidden: 1 }],
    ["list", { path: ["/tmp"] }],
    ["list", { path: ["/tmp", "-exec"] }],
    ["list", { path: { toString: "/tmp" } }],
    ["list", { path: 5 }],
    ["list", { path: "" }],
    ["list", { path: "tmp" }],
    ["list", { path: "/tmp/../etc" }],
    ["list", { path: "/tmp/.." }],
    // What crosses between Rust and JavaScript has NULs in it: a page must not make some.
    ["list", { path: "/tmp\0/etc" }],
    ["list", { path: "/tmp\0/-exec\0/id" }],
    ["list", { path: "/tmp\0" }],
    ["list", { path: "/tmp/\x002e\x002e/etc" }],
    ["list", { path: "/tmp/\x0024\x0028id)" }],
    ["list", { path: "/tmp/\x00fg" }],
    ["chmod", { path, mode: "777" }],
    ["chmod", { path, mode: "$(id)" }],
    ["chmod", { path, mode: 0o10000 }],
    ["chmod", { path }],
    ["rename", { from: path }],
    ["rename", { from: path, to: "/tmp/../x" }],
    ["symlink", { target: "a\0/b", path }],
    ["stat", { path, timeout_s: "5; id" }],
    ["stat", { path, timeout_s: 0 }],
    ["stat", { path, timeout_s: 1e300 }],
    ["stat", { path, timeout_s: null }],
    ["stat", { path: `/${"x".repeat(1_100_000)}` }],
  ];
  for (const [op, value] of wrong) {
    const [status] = await refusal(await ask(op, value, own));
    assert.ok(status === 400 || status === 413, `${op} ${JSON.stringify(value).slice(0, 80)}: ${status}`);
  }
  // The relay's own steps are no page's, nor is what has no script.
  for (const op of ["stage", "prelude", "stop", "folder", "exec", "list/", "list%2f", "LIST"]) {
    assert.deepEqual(await refusal(await ask(op, { path }, own)), [404, "no_route"], op);
  }
  assert.deepEqual(await refusal(await own.fetch("/files/list?path=/tmp", post({ path }))), [
    400,
    "bad_query",
  ]);
  assert.equal((await own.fetch("/files/list?path=/etc")).status, 404);
  assert.equal(sent, 0);
  assert.equal((await ask("stat", { path, timeout_s: 45 }, own)).status, 200);
  assert.equal(sent, 1);
});

test("a value is a value, whatever is in it", async () => {
  await run("mkdir -p /tmp/values && cd /tmp/values && : > here");
  const names = [
    "$(touch pwned)",
    "`touch pwned`",
    "; touch pwned;",
    "'; touch pwned; '",
    '"; touch pwned; "',
    "\n touch pwned\n",
    "-delete",
    "\\0044(touch pwned)",
    "%s\\",
    "*",
    "\x00ff\x0080\\",
  ];
  const work = names.map(async (name) => {
    const path = `/tmp/values/${name}`;
    for (const [op, value] of [
      ["mkdir", { path }],
      ["list", { path, depth: 3 }],
      ["chmod", { path, mode: 0o755, recursive: true }],
      ["rename", { from: path, to: `${path}2` }],
      ["symlink", { target: name, path }],
      ["copy", { from: path, to: `${path}3` }],
      ["remove", { path: `${path}2`, recursive: true }],
      ["remove", { path: `${path}3` }],
      ["remove", { path }],
    ]) {
      const { exit_code: code, stderr } = await (await ask(op, value)).json();
      assert.equal(code, 0, `${op} ${JSON.stringify(name)}: ${stderr}`);
    }
  });
  await Promise.all(work);
  assert.equal(await run("ls -A /tmp/values; find / -name pwned 2>/dev/null"), "here\n");
});

test("a byte that is no UTF-8 is that byte, in a query too", async () => {
  await run("mkdir -p /tmp/bytes && cd /tmp/bytes && printf old > \"$(printf 'caf\\351 %%\\303\\251')\"");
  const name = "caf%E9%20%25%C3%a9";
  assert.equal(await (await client.fetch(`/files?path=/tmp/bytes/${name}`)).text(), "old");
  assert.equal(
    await (await client.fetch(`/files?path=/tmp/bytes/${name.replace("%20", "+")}`)).text(),
    "old",
  );
  await client.json(`/files?path=/tmp/bytes/${name}`, { method: "POST", body: "new" });
  await client.json("/files?path=/tmp/bytes/%ED%A0%80%F5%80%80%80%E2%82", { method: "POST", body: "odd" });
  const listed = await run("cd /tmp/bytes && cat * && ls | od -An -tx1 | tr -d ' \\n'");
  assert.equal(listed, `newodd${hex("caf\xe9 %\xc3\xa9\n")}eda080f5808080e2820a`);
  for (const bad of ["%2e%2e", "a%00b", "tmp/.%2e/x"]) {
    assert.equal((await client.fetch(`/files?path=/tmp/${bad}`)).status, 400, bad);
  }
});

const hex = (latin1) => Buffer.from(latin1, "latin1").toString("hex");

test("events name the file, and where it goes", async () => {
  relay.events.length = 0;
  await ask("copy", { from: "/tmp/none", to: "/tmp/b" });
  await ask("stat", { path: "/tmp/caf\x00e9" });
  await ask("list", { path: "relative" });
  const told = relay.events.map(({ type, operation, file, to, path }) => [
    type,
    operation,
    path.slice("/relay/files".length),
    file,
    to,
  ]);
  const began = told.filter(([type]) => type !== "ended");
  assert.deepEqual(began, [
    ["started", "files:write", "/copy", "/tmp/none", "/tmp/b"],
    ["started", "files:read", "/stat", "/tmp/caf\udce9", undefined],
    ["refused", "files:read", "/list", undefined, undefined],
  ]);
});

test("what a page has started ends when it leaves, and lasts as long as it lets it", async (t) => {
  const calls = [];
  const upstream = createServer(async (request, response) => {
    if (!request.url.startsWith("/exec")) {
      return response.end(JSON.stringify({ status: "active", access_token: "token" }));
    }
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    calls.push(JSON.parse(Buffer.concat(chunks)));
    // What is to end the first is answered.
    if (calls.length > 1) response.end("{}");
  }).listen(0, "127.0.0.1");
  await once(upstream, "listening");
  t.after(() => upstream.close().closeAllConnections());
  const its = await startRelay({ baseUrl: `http://127.0.0.1:${upstream.address().port}` }, t);
  const own = page(its.url, await createTicket(sandbox, { secret: SECRET, allow: ["files:read"] }));
  const leave = new AbortController();
  const init = { ...post({ path: "/tmp", timeout_s: 77 }), signal: leave.signal };
  const left = assert.rejects(own.fetch("/files/list", init));
  await eventually(() => calls.length === 1, "the script's start");
  leave.abort();
  await left;
  await eventually(() => calls.length === 2, "what ends it");
  const [started, ending] = calls;
  const name = started.env.SUPERSERVE_CALL;
  assert.match(name, /^[0-9a-f]{32}$/);
  assert.equal(started.timeout_s, 77);
  assert.deepEqual(ending.args.slice(-1), [name]);
  assert.match(ending.args[1], /kill/);
});
