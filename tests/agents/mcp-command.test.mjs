// The command that serves a sandbox to clients of the Model Context Protocol, as a client starts it.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { test } from "node:test";

import { HOME, load } from "./example.mjs";
import { call, clientOf, COMMAND, doTask, endless, overHttp, overStdio } from "./mcp.mjs";
import { freePort } from "./script.mjs";
import { onServer, sandboxFor } from "./stage.mjs";

const { Sandbox } = await load("@superserve/sdk");

onServer();

/** What the command comes to. @param {string[]} args @param {object} [env] */
async function command(args, env) {
  const child = spawn(process.execPath, [COMMAND, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  const [stdout, stderr, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "exit"),
  ]);
  return { status, stdout, stderr };
}

/** The command over HTTP. @param {import("node:test").TestContext} t @param {string[]} args */
async function started(t, ...args) {
  const child = spawn(process.execPath, [COMMAND, "mcp", "--http", "0", ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => child.kill("SIGKILL"));
  const [url] = await once(createInterface(child.stdout), "line");
  return { child, url };
}

/** Those that the account has. @returns {Promise<string[]>} */
const ids = async () => (await Sandbox.list()).map((/** @type {any} */ { id }) => id);

test("the task by the official client, and a pause at the end", async (t) => {
  const sandbox = await sandboxFor(t);
  const client = await clientOf(t, overStdio("--id", sandbox.id));
  await doTask(client, await freePort());
  await client.close();
  const { status } = await sandbox.getInfo();
  assert.match(status, /^paus/);
});

test("one that it has made is deleted at the end, and a command in it has ended", async (t) => {
  const before = await ids();
  const transport = overStdio("--root", "/tmp/mcp-command", "--include", "bash, read_file");
  const client = await clientOf(t, transport);
  const { tools } = await client.listTools();
  assert.deepEqual(
    tools.map((/** @type {any} */ { name }) => name),
    ["bash", "read_file"],
  );
  await client.listResources();
  assert.deepEqual(await ids(), before, "nothing needs one yet");
  const { content } = await call(client, "bash", { command: "pwd" });
  assert.equal(content[0].text, "/tmp/mcp-command");
  const [id, ...more] = (await ids()).filter((id) => !before.includes(id));
  assert.deepEqual(more, []);
  const begun = Promise.withResolvers();
  const { command } = endless(await Sandbox.connect(id));
  const lost = assert.rejects(call(client, "bash", { command }, { onprogress: begun.resolve }), /closed/);
  await begun.promise;
  const over = new Promise((resolve) => (client.onclose = resolve));
  process.kill(transport.pid, "SIGTERM");
  await over;
  await client.close();
  await lost;
  await assert.rejects(Sandbox.connect(id), { name: "NotFoundError" });
});

test("SIGTERM ends a command in a sandbox that stays", async (t) => {
  const sandbox = await sandboxFor(t);
  const { child, url } = await started(t, "--id", sandbox.id);
  const client = await clientOf(t, overHttp(url));
  const begun = Promise.withResolvers();
  const { command, ended } = endless(sandbox);
  const lost = call(client, "bash", { command }, { onprogress: begun.resolve }).catch(() => {});
  await begun.promise;
  child.kill("SIGTERM");
  assert.deepEqual(await once(child, "exit"), [0, null]);
  assert.match((await sandbox.getInfo()).status, /^paus/);
  await ended();
  await client.close();
  await lost;
});

test("over HTTP it serves one path, to this machine's own pages alone", async (t) => {
  const { url } = await started(t);
  const { port } = new URL(url);
  const status = async (/** @type {string} */ url, /** @type {Record<string, string>} */ headers = {}) =>
    (await fetch(url, { method: "DELETE", headers })).status;
  // There is no session that it could end.
  assert.equal(await status(url), 400);
  assert.equal(await status(`http://localhost:${port}/mcp`, { origin: "http://localhost:6274" }), 400);
  assert.equal(await status(url, { origin: "https://evil.example" }), 403);
  assert.equal(await status(`http://127.0.0.1:${port}/`), 404);
});

test("what is no message is passed over", async () => {
  const child = spawn(process.execPath, [COMMAND, "mcp"], { stdio: ["pipe", "pipe", "pipe"] });
  let complaints = "";
  child.stderr.on("data", (text) => (complaints += text));
  child.stdin.write('{"jsonrpc":"2.0","id":1,"met\n[]\n\nnull\n{"jsonrpc":"2.0","id":2,"method":"ping"}\n');
  const [line] = await once(createInterface(child.stdout), "line");
  assert.deepEqual(JSON.parse(line), { jsonrpc: "2.0", id: 2, result: {} });
  child.stdin.end();
  assert.deepEqual(await once(child, "exit"), [0, null]);
  assert.equal(complaints, "");
});

test("what is wrong with its options is told, without secrets", async () => {
  assert.match((await command(["--help"])).stdout, /superserve mcp/);
  assert.match((await command(["--version"])).stdout, /^\d+\.\d+\.\d+/);
  /** @type {[args: string[], says: RegExp, status: number, env?: object][]} */
  const wrong = [
    [[], /The one command is mcp/, 2],
    [["mcp", "--nope"], /--nope/, 2],
    [["mcp", "--http", "70000"], /--http/, 2],
    [["mcp", "--match", "tag"], /KEY=VALUE/, 2],
    [["mcp", "--id", "x", "--key", "y"], /only one/, 2],
    [["mcp", "--include", "bash,nothing"], /no tool is nothing/, 2],
    [["mcp"], /SUPERSERVE_API_KEY/, 1, { SUPERSERVE_API_KEY: "" }],
  ];
  const checks = wrong.map(async ([args, says, expected, env]) => {
    const { status, stdout, stderr } = await command(args, env);
    assert.equal(status, expected, `${args}: ${stderr}`);
    assert.match(stderr, says);
    assert.equal(stdout, "");
    assert.ok(!stderr.includes(`${process.env.SUPERSERVE_API_KEY}`) && !/\n\s+at /.test(stderr));
  });
  await Promise.all(checks);
});

/** The scenarios of the conformance tool for any server. */
const SCENARIOS = [
  "server-initialize",
  "ping",
  "completion-complete",
  "tools-list",
  "server-sse-multiple-streams",
  "resources-list",
  "dns-rebinding-protection",
];

/** Those that want tools, resources and prompts of a server made for them, or what this one has not. */
const OTHERS = [
  "logging-set-level",
  "tools-call-simple-text",
  "tools-call-image",
  "tools-call-audio",
  "tools-call-embedded-resource",
  "tools-call-mixed-content",
  "tools-call-with-logging",
  "tools-call-error",
  "tools-call-with-progress",
  "tools-call-sampling",
  "tools-call-elicitation",
  "elicitation-sep1034-defaults",
  "elicitation-sep1330-enums",
  "resources-read-text",
  "resources-read-binary",
  "resources-templates-read",
  "resources-subscribe",
  "resources-unsubscribe",
  "prompts-list",
  "prompts-get-simple",
  "prompts-get-with-args",
  "prompts-get-embedded-resource",
  "prompts-get-with-image",
];

test("the protocol's own conformance tool finds what any server is to do", async (t) => {
  const sandbox = await sandboxFor(t);
  const { url } = await started(t, "--id", sandbox.id, "--root", HOME);
  // It has files to list then.
  const client = await clientOf(t, overHttp(url));
  await call(client, "bash", { command: "true" });
  assert.equal((await client.listResources()).resources.length, 3);
  const folder = mkdtempSync(join(tmpdir(), "superserve-conformance-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const baseline = join(folder, "baseline.yml");
  writeFileSync(baseline, `server:\n${OTHERS.map((name) => `  - ${name}\n`).join("")}`);
  const tool = createRequire(import.meta.url).resolve("@modelcontextprotocol/conformance/dist/index.js");
  const args = [tool, "server", "--url", url, "--expected-failures", baseline];
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
  const [told, [status]] = await Promise.all([text(child.stdout), once(child, "exit")]);
  // Whatever else fails, or does not, is another status.
  assert.equal(status, 0, told);
  for (const scenario of SCENARIOS) assert.match(told, new RegExp(`${scenario}: \\d+ passed, 0 failed`));
});
