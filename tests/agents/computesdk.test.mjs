// ComputeSDK: no model, but its own `compute`.
import assert from "node:assert/strict";
import { test } from "node:test";

import { example, load } from "./example.mjs";
import { freePort } from "./script.mjs";
import { onServer, sandboxFor } from "./stage.mjs";

const { run } = await example("computesdk");
const { compute } = await load("computesdk");
const { Sandbox } = await load("@superserve/sdk");
const { superserve } = await load("@superserve/sdk/computesdk");

onServer();

const UNKNOWN = "11111111-1111-4111-8111-111111111111";

/** What a provider of another service would be, which has one sandbox. */
function other() {
  const calls = [];
  const sandbox = { sandboxId: "other-1", provider: "other" };
  return {
    calls,
    name: "other",
    sandbox: {
      create: async () => calls.push("create") && sandbox,
      getById: async (id) => (id === "other-1" ? sandbox : null),
      list: async () => [sandbox],
      destroy: async (id) => {
        calls.push(`destroy ${id}`);
      },
    },
  };
}

/** @param {import("node:test").TestContext} t @param {any} [options] @param {any} [config] */
async function made(t, options, config) {
  const sandbox = await compute({ provider: superserve(config) }).sandbox.create(options);
  t.after(() => Sandbox.killById(sandbox.sandboxId));
  return sandbox;
}

test("the task is done, step by step", async (t) => {
  const { id } = await sandboxFor(t);
  const port = await freePort();
  const { files, before, after, url } = await run({ sandboxId: id, port });
  assert.deepEqual(files.sort(), ["price.mjs", "price.test.mjs", "server.mjs"]);
  assert.equal(before.exitCode, 1);
  assert.match(before.stdout, /a hundred euros are enough for the discount[\s\S]*fail 1/);
  assert.equal(after.exitCode, 0);
  assert.match(url, new RegExp(`https?://.*${port}`));
  const sandbox = await Sandbox.get(id);
  await sandbox.waitForPort(port, { path: "/" });
});

test("sandboxes are made, found, listed and deleted", async () => {
  compute.setConfig({
    provider: superserve({ create: { metadata: { team: "shop" }, timeoutSeconds: 900 } }),
  });
  const sandbox = await compute.sandbox.create({
    name: "scratch",
    metadata: { run: 7, by: "tests" },
    envs: { SHOP: "open" },
    timeout: 60_500,
    autoDeleteSeconds: 3600,
    // Of other providers.
    cpu: 4,
    runtime: "node",
  });
  const { sandboxId } = sandbox;
  assert.equal(sandbox.provider, "superserve");
  assert.equal((await sandbox.runCommand("echo $SHOP")).stdout, "open\n");
  const { createdAt, ...info } = await sandbox.getInfo();
  assert.ok(createdAt instanceof Date);
  assert.deepEqual(info, {
    id: sandboxId,
    provider: "superserve",
    status: "running",
    timeout: 61_000,
    metadata: { name: "scratch", run: "7", by: "tests" },
  });
  const native = await sandbox.getInstance();
  assert.equal((await native.getInfo()).autoDeleteSeconds, 3600);
  assert.equal(sandbox.getProvider().name, "superserve");

  await native.pause();
  const found = await compute.sandbox.getById(sandboxId);
  assert.equal((await found.getInfo()).status, "stopped");
  assert.equal((await found.runCommand("echo awake")).stdout, "awake\n");
  const listed = (await compute.sandbox.list()).find((one) => one.sandboxId === sandboxId);
  assert.equal((await listed.runCommand("echo $SHOP")).stdout, "open\n");

  await compute.sandbox.destroy(sandboxId);
  assert.equal(await compute.sandbox.getById(sandboxId), null);
  assert.equal(await compute.sandbox.getById("no-such-id"), null);
  await assert.rejects(compute.sandbox.destroy(sandboxId), /not found/);
  await assert.rejects(listed.runCommand("true"), { name: "NotFoundError" });
});

test("beside other providers it takes what is its own", async () => {
  const second = other();
  const both = compute({ providers: [superserve(), second] });
  assert.equal((await both.sandbox.getById("other-1")).provider, "other");
  await both.sandbox.destroy("other-1");
  await both.sandbox.destroy(UNKNOWN);
  assert.deepEqual(second.calls, ["destroy other-1", `destroy ${UNKNOWN}`]);

  const broken = compute({ providers: [superserve({ apiKey: "ss_live_wrong-key-of-nobody-0001" }), second] });
  assert.equal((await broken.sandbox.create()).provider, "other");
  // What is not allowed is no "not found".
  await assert.rejects(broken.sandbox.getById(UNKNOWN), { name: "AuthenticationError" });

  // Nobody else is asked in place of a call that was given up.
  const count = second.calls.length;
  await assert.rejects(both.sandbox.create({ signal: AbortSignal.abort() }), { name: "AbortError" });
  assert.equal(second.calls.length, count);
});

test("commands: their options, output as it comes, and what goes on in the background", async (t) => {
  const sandbox = await made(t);
  const { durationMs, ...result } = await sandbox.runCommand("pwd; echo $A >&2; exit 3", {
    cwd: "/tmp",
    env: { A: "it's" },
  });
  assert.ok(durationMs >= 0);
  assert.deepEqual(result, { stdout: "/tmp\n", stderr: "it's\n", exitCode: 3 });

  const pieces = [];
  await sandbox.runCommand("echo out; echo err >&2", {
    onStdout: (data) => pieces.push(`out ${data}`),
    onStderr: (data) => pieces.push(`err ${data}`),
  });
  assert.deepEqual(pieces.sort(), ["err err\n", "out out\n"]);
  assert.equal((await sandbox.runCommand("sleep 60", { timeout: 1 })).exitCode, 124);

  const port = await freePort();
  await sandbox.filesystem.writeFile("/tmp/site/index.html", "hello");
  const server = `require("node:http").createServer((_, r) => r.end("hello")).listen(${port})`;
  const begun = await sandbox.runCommand(`node -e '${server}'`, { background: true, cwd: "/tmp/site" });
  assert.equal(begun.exitCode, 0);
  const native = await sandbox.getInstance();
  await native.waitForPort(port, { path: "/" });
  assert.match(await sandbox.getUrl({ port, protocol: "wss" }), /^wss:\/\//);
  await assert.rejects(sandbox.runCommand("true", { background: true, onStdout() {} }), TypeError);
  await assert.rejects(sandbox.getUrl({ port: 80 }), { name: "ValidationError" });
});

test("the address of a private port opens", async (t) => {
  const sandbox = await made(t, { previewAccess: "private" });
  const port = await freePort();
  assert.match(await sandbox.getUrl({ port }), /token|sig/);
});

test("code keeps its state", async (t) => {
  const sandbox = await made(t);
  await sandbox.runCode("const x = 41", "node");
  assert.deepEqual(await sandbox.runCode("console.log('so'); x + 1", "node"), {
    output: "so\n42\n",
    exitCode: 0,
    language: "javascript",
  });
  const failed = await sandbox.runCode("null.x", "javascript");
  assert.equal(failed.exitCode, 1);
  assert.match(failed.output, /TypeError/);
});

test("files", async (t) => {
  const { filesystem: files } = await made(t);
  await files.mkdir("/tmp/a/b");
  await files.mkdir("/tmp/a/b");
  await files.writeFile("/tmp/a/c.txt", "é");
  assert.equal(await files.readFile("/tmp/a/c.txt"), "é");
  const [directory, file] = await files.readdir("/tmp/a");
  assert.deepEqual([directory.name, directory.type], ["b", "directory"]);
  assert.deepEqual([file.name, file.type, file.size], ["c.txt", "file", 2]);
  assert.ok(file.modified instanceof Date);
  assert.equal(await files.exists("/tmp/a/c.txt"), true);
  await files.remove("/tmp/a");
  assert.equal(await files.exists("/tmp/a"), false);
  await assert.rejects(files.readFile("/tmp/a/c.txt"), { name: "NotFoundError" });
  await assert.rejects(files.readFile("relative"), { name: "ValidationError" });
});

test("snapshots are taken, listed, started from and deleted", async (t) => {
  const provider = superserve({ create: { fromTemplate: "superserve/base" } });
  compute.setConfig({ provider });
  const sandbox = await compute.sandbox.create();
  t.after(() => sandbox.destroy());
  await sandbox.filesystem.writeFile("/tmp/kept", "kept");
  const snapshot = await compute.snapshot.create(sandbox.sandboxId, { name: "kept" });
  assert.equal(snapshot.provider, "superserve");
  assert.deepEqual(snapshot.metadata, { sandboxId: sandbox.sandboxId, name: "kept", status: "ready" });
  const isListed = async () => (await compute.snapshot.list()).some(({ id }) => id === snapshot.id);
  assert.ok(await isListed());
  assert.deepEqual(await provider.snapshot.list({ sandboxId: sandbox.sandboxId, limit: 0 }), []);
  const copy = await compute.sandbox.create({ snapshotId: snapshot.id });
  assert.equal(await copy.filesystem.readFile("/tmp/kept"), "kept");
  await copy.destroy();
  await compute.snapshot.delete(snapshot.id);
  assert.equal(await isListed(), false);
});
