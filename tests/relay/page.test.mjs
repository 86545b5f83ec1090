// The package on both sides: a sandbox made of a ticket, the relay, the local server.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { join } from "node:path";
import WebSocket from "ws";

import {
  ALL,
  consumer,
  createTicket,
  eventually,
  SECRET,
  startProxy,
  startRelay,
  startService,
} from "./support.mjs";

const { Sandbox } = await import(pathToFileURL(join(consumer, "node_modules/@superserve/sdk/dist/index.js")));
globalThis.WebSocket ??= WebSocket;

let service, relay, owner;

before(async () => {
  service = await startService();
  relay = await startRelay(service);
  const { baseUrl, apiKey } = service;
  owner = await Sandbox.create({ name: "page-test", baseUrl, apiKey });
});

after(async () => {
  await relay?.stop();
  await service?.stop();
});

const ticketFor = (options, sandbox = owner) =>
  createTicket(sandbox, { secret: SECRET, allow: ALL, ...options });

async function pageSandbox({ relayUrl = relay.url, refreshTicket, ...options } = {}) {
  return Sandbox.fromTicket(await ticketFor(options), { relayUrl, refreshTicket });
}

test("the network log is iterated through the relay, as far as the ticket allows", async () => {
  const sandbox = await pageSandbox();
  const events = [];
  for await (const event of sandbox.iterateNetworkLog({ verdict: "allowed", pageSize: 2 }))
    events.push(event);
  assert.deepEqual(events, (await sandbox.getNetworkLog({ verdict: "allowed" })).events);
  const other = await pageSandbox({ allow: ["exec"] });
  await assert.rejects(other.iterateNetworkLog()[Symbol.asyncIterator]().next(), { code: "not_allowed" });
});

test("a program's arguments", async () => {
  const { commands } = await pageSandbox();
  const args = ["%s|", "a b", "$(id)", "line\nline"];
  const expected = "a b|$(id)|line\nline|";
  assert.equal((await commands.run("printf", { args })).stdout, expected);
  assert.equal((await commands.run("printf", { args, onStdout() {} })).stdout, expected);
  const session = await commands.spawn("printf", { args });
  assert.equal((await session.wait()).stdout, expected);
});

test("a screen, and its page", async (t) => {
  const { baseUrl, apiKey } = service;
  const made = await Sandbox.create({
    ...{ baseUrl, apiKey, previewAccess: "private", fromTemplate: "superserve/desktop" },
  });
  t.after(() => made.kill());
  const { desktop } = Sandbox.fromTicket(await ticketFor({ allow: ["desktop", "preview"] }, made), {
    relayUrl: relay.url,
  });
  await made.pause();
  // The server's machine may lack the programs for a screen: then it says which.
  const shot = await desktop.screenshot().catch((error) => error);
  if (shot instanceof Error) {
    assert.equal(shot.code, "desktop_unavailable", shot.message);
  } else {
    assert.deepEqual([...shot.data.subarray(1, 4)], [0x50, 0x4e, 0x47]);
    await desktop.click(10, 10);
    await desktop.drag([10, 10], [20, 20]);
    await desktop.press("ctrl+a");
    await desktop.resize(800, 600);
    assert.equal((await desktop.screenshot()).width, 800);
  }
  await made.pause();
  const url = await desktop.getStreamUrl({ viewOnly: true });
  assert.equal((await made.getInfo()).status, "active");
  assert.match(
    url,
    new RegExp(
      `^http://6080-${made.id}\\.localhost:\\d+/vnc\\.html\\?autoconnect=1&resize=scale&view_only=1&`,
    ),
  );
  assert.deepEqual(
    (await made.listPreviewPorts()).ports.map(({ port }) => port),
    [6080],
  );
});

test("commands, files and facts", async () => {
  const sandbox = await pageSandbox();
  assert.deepEqual([sandbox.id, sandbox.name], [owner.id, "page-test"]);
  const pieces = [];
  const run = await sandbox.commands.run("echo out; echo err >&2; exit 3", {
    onStdout: (text) => pieces.push(text),
  });
  assert.deepEqual([run.stdout, run.stderr, run.exitCode, pieces.join("")], ["out\n", "err\n", 3, "out\n"]);
  const bytes = new Uint8Array(3_000_000).map((_, index) => index * 7);
  await sandbox.files.write("/home/user/big", bytes);
  const told = [];
  const back = await sandbox.files.read("/home/user/big", {
    onProgress: (...values) => void told.push(values),
  });
  assert.ok(Buffer.from(back).equals(Buffer.from(bytes)));
  assert.deepEqual(told.at(-1), [bytes.length, bytes.length]);
  const info = await sandbox.getInfo();
  assert.deepEqual([info.id, info.status], [owner.id, "active"]);
  assert.ok(Array.isArray((await sandbox.getNetworkLog()).events));
});

test("pause, wake, resume", async () => {
  const sandbox = await pageSandbox();
  await sandbox.pause();
  assert.equal((await sandbox.getInfo()).status, "paused");
  assert.equal((await sandbox.commands.run("echo awake")).stdout, "awake\n");
  await sandbox.pause();
  await sandbox.resume();
  assert.equal((await sandbox.getInfo()).status, "active");
  await sandbox.pause();
  await sandbox.files.write("/home/user/note", "written while asleep");
  assert.equal(await sandbox.files.readText("/home/user/note"), "written while asleep");
});

test("a file too large to be sent twice wakes a paused sandbox all the same", async () => {
  const sandbox = await pageSandbox();
  const bytes = new Uint8Array(5_000_000).fill(7);
  await sandbox.files.write("/home/user/first", "so that the relay has a token");
  await owner.pause();
  await sandbox.files.write("/home/user/large", bytes);
  assert.equal((await sandbox.files.read("/home/user/large")).length, bytes.length);
  await owner.commands.run("true");
});

test("sessions and terminals", async () => {
  const sandbox = await pageSandbox();
  const session = await sandbox.commands.spawn("cat; exit 5");
  session.stdin.write("through the relay\n");
  session.stdin.close();
  const { stdout, exitCode } = await session.wait();
  assert.deepEqual([stdout, exitCode], ["through the relay\n", 5]);
  let shown = "";
  const terminal = await sandbox.terminal({ cols: 101, onData: (data) => (shown += Buffer.from(data)) });
  terminal.write("stty size; exit\n");
  assert.equal((await terminal.closed).code, 1000);
  assert.match(shown, /24 101/);
});

test("a ticket that expires under way is renewed once, for calls and sessions alike", async (t) => {
  let asked = 0;
  const refreshTicket = () => {
    asked += 1;
    return ticketFor({ expiresInSeconds: 600 });
  };
  const sandbox = await pageSandbox({ expiresInSeconds: 60, refreshTicket });
  let heard = "";
  const command = "echo begun; until [ -e /tmp/renewed ]; do sleep 0.1; done; echo done";
  const streaming = sandbox.commands.run(command, { onStdout: (text) => (heard += text) });
  await eventually(() => heard === "begun\n", "the command's beginning");
  const { now } = Date;
  t.mock.method(Date, "now", () => now() + 61_000);
  const answers = await Promise.all([
    sandbox.commands.run("echo a"),
    sandbox.files.read("/etc/hostname"),
    sandbox.commands.spawn("echo b").then((session) => session.wait()),
    sandbox.terminal().then((terminal) => terminal.close()),
  ]);
  assert.deepEqual([answers[0].stdout, answers[2].stdout, asked], ["a\n", "b\n", 1]);
  await sandbox.files.write("/tmp/renewed", "");
  assert.equal((await streaming).stdout, "begun\ndone\n", "what began before goes on");
});

test("what a ticket lacks is refused here, and by the relay", async () => {
  const sandbox = await pageSandbox({ allow: ["exec"] });
  for (const call of [sandbox.files.read("/x"), sandbox.getInfo(), sandbox.terminal(), sandbox.kill()]) {
    await assert.rejects(call, { name: "AuthenticationError", statusCode: 403, code: "not_allowed" });
  }
  assert.equal(
    relay.events.filter(({ type, code }) => type === "refused" && code === "not_allowed").length,
    0,
  );
  // One who changes what the page believes finds the relay to be of the same opinion.
  const [payload, signature] = (await ticketFor({ allow: ["exec"] })).split(".");
  const claims = { ...JSON.parse(Buffer.from(payload, "base64url")), allow: ALL };
  const forged = `${Buffer.from(JSON.stringify(claims)).toString("base64url")}.${signature}`;
  const forger = Sandbox.fromTicket(forged, { relayUrl: relay.url });
  await assert.rejects(forger.files.read("/etc/hostname"), { statusCode: 401, code: "ticket_invalid" });
});

test("a page that leaves while the application's check hangs gives its place back", async (t) => {
  let hangs = true;
  let asked = false;
  const authorize = () => {
    asked = true;
    return hangs ? new Promise(() => {}) : true;
  };
  const its = await startRelay({ ...service, authorize, limits: { maxStreamsPerTicket: 1 } }, t);
  const sandbox = await pageSandbox({ relayUrl: its.url });
  const controller = new AbortController();
  const run = sandbox.commands.run("true", { signal: controller.signal });
  await eventually(() => asked, "the check");
  controller.abort();
  await assert.rejects(run, { code: "aborted" });
  await eventually(() => its.events.some(({ code }) => code === "aborted"), "the end of the request");
  hangs = false;
  assert.equal((await sandbox.commands.run("echo free")).stdout, "free\n");
});

test("the relay restarted under way", async (t) => {
  const first = await startRelay(service);
  const port = new URL(first.origin).port;
  const sandbox = await pageSandbox({ relayUrl: first.url });
  const cut = sandbox.commands.run("echo begun; sleep 30", { onStdout: () => first.stop() });
  await assert.rejects(cut, { name: "SandboxError" });
  await assert.rejects(sandbox.commands.run("true"), { code: "network_error" });
  await startRelay({ ...service, port }, t);
  assert.equal((await sandbox.commands.run("echo back")).stdout, "back\n");
});

test("an abort on the page ends the request at the service", async (t) => {
  const proxy = await startProxy(t, service.baseUrl);
  const its = await startRelay({ ...service, baseUrl: proxy.baseUrl }, t);
  const sandbox = await pageSandbox({ relayUrl: its.url });
  const controller = new AbortController();
  const run = sandbox.commands.run("while sleep 0.1; do echo on; done", {
    signal: controller.signal,
    onStdout: () => controller.abort("enough"),
  });
  await assert.rejects(run, ({ cause }) => cause === "enough");
  await eventually(() => !proxy.open.has("/exec/stream"), "the end of the request");
});

test("a ticket for commands alone: a stream, its signals and its end", async () => {
  const { commands } = await pageSandbox({ allow: ["exec"] });
  const sleeps = async () => (await commands.run("pgrep -fc 'sleep 7654[3]'; true")).stdout.trim();
  for await (const line of commands.stream("sleep 76543 & echo begun; wait").lines()) {
    if (line === "begun") break;
  }
  await eventually(async () => (await sleeps()) === "0", "the end of what it has started");
  const stream = commands.stream("trap 'exit 7' INT; echo begun; while :; do sleep 0.05; done");
  const { result } = stream;
  await stream.next();
  await stream.kill("SIGINT");
  assert.equal((await result).exitCode, 7);
  const other = await pageSandbox({ allow: ["files:read"] });
  await assert.rejects(other.commands.stream("true").result, { code: "not_allowed" });
});

test("a sandbox that is gone is not found, by calls and sessions alike", async () => {
  const { baseUrl, apiKey } = service;
  const gone = await Sandbox.create({ name: "gone", baseUrl, apiKey });
  const sandbox = Sandbox.fromTicket(await ticketFor({}, gone), { relayUrl: relay.url });
  await sandbox.kill();
  for (const call of [sandbox.commands.run("true"), sandbox.terminal(), sandbox.commands.spawn("true")]) {
    await assert.rejects(call, { name: "NotFoundError", statusCode: 404 });
  }
});

test("previews", async () => {
  const sandbox = await pageSandbox();
  await sandbox.commands.run("mkdir -p /home/user/www && echo seen > /home/user/www/index.html");
  await sandbox.commands.run("nohup python3 -m http.server 8123 -d /home/user/www >/dev/null 2>&1 &");
  await sandbox.publishPreviewPort(8123, { access: "private" });
  const url = await sandbox.getSignedPreviewUrl(8123);
  assert.equal(new URL(url).host, `8123-${owner.id}.localhost:${new URL(service.baseUrl).port}`);
  assert.equal(sandbox.getPreviewUrl(8123), owner.getPreviewUrl(8123));
  const { port } = new URL(service.baseUrl);
  const { host, pathname, search } = new URL(url);
  const seen = await eventually(async () => {
    const response = await previewed(port, host, pathname + search);
    return response.includes("seen") && response;
  }, "the preview");
  assert.match(seen, /seen/);
});

/** What a preview answers; its host needs no name server this way. */
async function previewed(port, host, path) {
  const { request } = await import("node:http");
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path, headers: { host } }, async (response) => {
      const cookie = response.headers["set-cookie"]?.[0].split(";")[0];
      const { location } = response.headers;
      const chunks = [];
      for await (const chunk of response) chunks.push(chunk);
      if (!location) return resolve(Buffer.concat(chunks).toString());
      const next = { host: "127.0.0.1", port, path: location, headers: { host, cookie } };
      request(next, async (page) => {
        const parts = [];
        for await (const part of page) parts.push(part);
        resolve(Buffer.concat(parts).toString());
      }).end();
    });
    asked.on("error", reject).end();
  });
}

test("a page's object shows no ticket", async () => {
  const { inspect } = await import("node:util");
  const ticket = await ticketFor();
  const sandbox = Sandbox.fromTicket(ticket, { relayUrl: relay.url });
  await sandbox.commands.run("true");
  const shown = inspect(sandbox, { depth: 9, showHidden: true }) + JSON.stringify(sandbox);
  assert.ok(!shown.includes(ticket.split(".")[1]));
});
