// The life of a sandbox, on the local server.

import { eventually, freshName, live, liveSandbox } from "../support/live.mjs";

const NOWHERE = "00000000-0000-4000-8000-000000000000";

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("create answers an active sandbox", async (ctx) => {
    const { sdk, assert } = ctx;
    const name = freshName();
    const sandbox = await liveSandbox(ctx, { name, metadata: { suite: "contract", empty: "" } });
    assert.ok(sandbox instanceof sdk.Sandbox);
    assert.match(sandbox.id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert.equal(sandbox.name, name);
    assert.equal(sandbox.status, "active");
    assert.deepEqual(sandbox.metadata, { suite: "contract", empty: "" });
  });

  test("getInfo maps every field", async (ctx) => {
    const { assert } = ctx;
    const before = Date.now();
    const sandbox = await liveSandbox(ctx, {
      timeoutSeconds: 3600,
      autoDeleteSeconds: 7200,
      metadata: { a: "b" },
      network: { allowOut: ["*.github.com"], denyOut: ["10.0.0.0/8"] },
      previewAccess: "private",
    });
    const info = await sandbox.getInfo();
    assert.equal(info.id, sandbox.id);
    assert.equal(info.name, sandbox.name);
    assert.equal(info.status, "active");
    assert.ok(Number.isInteger(info.vcpuCount) && info.vcpuCount > 0, "vcpuCount");
    assert.ok(Number.isInteger(info.memoryMib) && info.memoryMib > 0, "memoryMib");
    assert.ok(info.createdAt instanceof Date, "createdAt is a Date");
    assert.within(info.createdAt.getTime(), before - 60_000, Date.now() + 60_000, "createdAt");
    assert.equal(info.timeoutSeconds, 3600);
    assert.equal(info.autoDeleteSeconds, 7200);
    assert.equal(info.autoDeleteAt, undefined, "autoDeleteAt while active");
    assert.deepEqual(info.network, { allowOut: ["*.github.com"], denyOut: ["10.0.0.0/8"] });
    assert.deepEqual(info.metadata, { a: "b" });
    assert.equal(info.previewAccess, "private");
    assert.equal("accessToken" in info || "access_token" in info, false, "no token");

    await sandbox.pause();
    const paused = await sandbox.getInfo();
    assert.equal(paused.status, "paused");
    assert.ok(paused.autoDeleteAt instanceof Date, "autoDeleteAt is a Date");
    assert.within(paused.autoDeleteAt.getTime(), Date.now() + 7_100_000, Date.now() + 7_300_000);
  });

  test("connect activates a paused sandbox", async (ctx) => {
    const { sdk, assert } = ctx;
    const sandbox = await liveSandbox(ctx, { metadata: { a: "b" } });
    const again = await sdk.Sandbox.connect(sandbox.id, live(ctx));
    assert.equal(again.id, sandbox.id);
    assert.equal(again.name, sandbox.name);
    assert.deepEqual(again.metadata, { a: "b" });
    await sandbox.pause();
    const woken = await sdk.Sandbox.connect(sandbox.id, live(ctx));
    assert.equal(woken.status, "active");
    assert.equal((await woken.commands.run("echo awake")).stdout, "awake\n");
  });

  test("list filters by metadata, status, limit and offset", async (ctx) => {
    const { sdk, assert } = ctx;
    const tag = freshName();
    const ids = [];
    for (const kind of ["a", "b", "b & c=d"]) {
      ids.push((await liveSandbox(ctx, { metadata: { tag, kind } })).id);
    }
    const list = async (options) => {
      const found = await sdk.Sandbox.list({ ...live(ctx), ...options });
      return found.map((info) => info.id);
    };
    const sorted = (values) => [...values].sort();
    assert.deepEqual(sorted(await list({ metadata: { tag } })), sorted(ids));
    assert.deepEqual(await list({ metadata: { tag, kind: "b & c=d" } }), [ids[2]]);
    assert.deepEqual(await list({ metadata: { tag: `${tag}-none` } }), []);
    await sdk.Sandbox.list(live(ctx)).then((all) => {
      for (const id of ids)
        assert.ok(
          all.some((info) => info.id === id),
          "listed without a filter",
        );
    });

    const whole = await list({ metadata: { tag } });
    const paged = [
      ...(await list({ metadata: { tag }, limit: 2 })),
      ...(await list({ metadata: { tag }, limit: 2, offset: 2 })),
    ];
    assert.deepEqual(paged, whole, "pages make the whole");

    const paused = await sdk.Sandbox.connect(ids[0], live(ctx));
    await paused.pause();
    assert.deepEqual(await list({ metadata: { tag }, status: "paused" }), [ids[0]]);
    assert.deepEqual(sorted(await list({ metadata: { tag }, status: "active" })), sorted(ids.slice(1)));
    assert.deepEqual(sorted(await list({ metadata: { tag }, status: ["active", "paused"] })), sorted(ids));
    assert.deepEqual(await list({ metadata: { tag }, status: ["paused", "failed"] }), [ids[0]]);

    const [info] = await sdk.Sandbox.list({ ...live(ctx), metadata: { tag, kind: "a" } });
    assert.ok(info.createdAt instanceof Date, "a listed sandbox is a full info");
    assert.deepEqual(info.metadata, { tag, kind: "a" });
    assert.equal("accessToken" in info || "access_token" in info, false, "no token");
  });

  test("list searches and sorts", async (ctx) => {
    const { sdk, assert } = ctx;
    const part = freshName();
    for (const name of [`${part}-b`, `a-${part}`, `${part}-c`]) await liveSandbox(ctx, { name });
    const list = async (options) => {
      const found = await sdk.Sandbox.list({ ...live(ctx), q: part, ...options });
      return found.map((info) => info.name);
    };
    const byName = [`a-${part}`, `${part}-b`, `${part}-c`];
    assert.deepEqual(await list({ sort: "name", order: "asc" }), byName);
    assert.deepEqual(await list({ sort: "name", order: "desc" }), [...byName].reverse());
    assert.deepEqual(await list({ sort: "name", limit: 1, offset: 1 }), [byName[1]]);
    assert.deepEqual(await list({ sort: "created_at", order: "asc" }), [byName[1], byName[0], byName[2]]);
    const error = await assert.rejects(() => list({ sort: "colour" }), sdk.ValidationError);
    assert.match(error.message, /sort/);
  });

  test("a sandbox without a name has one", async (ctx) => {
    const { name } = await liveSandbox(ctx, { name: undefined });
    ctx.assert.match(name, /^[a-z]+-[a-z]+-[0-9a-z]{4}$/);
  });

  test("pause and resume", async (ctx) => {
    const { sdk, assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    assert.equal(await sandbox.pause(), undefined);
    assert.equal((await sandbox.getInfo()).status, "paused");
    const twice = await assert.rejects(() => sandbox.pause(), sdk.ConflictError);
    assert.equal(twice.statusCode, 409);
    assert.ok(twice.message.length > 0);
    assert.equal(await sandbox.resume(), undefined);
    assert.equal((await sandbox.getInfo()).status, "active");
    await assert.rejects(() => sandbox.resume(), sdk.ConflictError);
    assert.equal((await sandbox.commands.run("echo on")).stdout, "on\n");
    assert.equal(sandbox.status, "active", "properties are of the time of creation");
  });

  test("processes and files survive a pause, frozen", async (ctx) => {
    const { assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    const { commands, files } = sandbox;
    await files.write("/home/user/kept.txt", "kept");
    await commands.run("(while :; do date +%s%3N >> /tmp/ticks; sleep 0.1; done) > /dev/null 2>&1 &");
    const ticks = async () => (await files.readText("/tmp/ticks")).trim().split("\n").map(Number);
    await eventually(async () => (await ticks().catch(() => [])).length > 2, "the first ticks");
    await sandbox.pause();
    const paused = Date.now();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const until = Date.now();
    await sandbox.resume();
    const { length } = await ticks();
    await eventually(async () => (await ticks()).length > length, "a tick after the resume");
    const meanwhile = (await ticks()).filter((at) => at > paused && at < until);
    assert.deepEqual(meanwhile, [], "ticks while it was paused");
    assert.equal(await files.readText("/home/user/kept.txt"), "kept");
  });

  test("a paused sandbox wakes for a command and for a file", async (ctx) => {
    const { sdk, assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    await sandbox.files.write("/tmp/a", "a");
    await sandbox.pause();
    assert.equal((await sandbox.commands.run("cat /tmp/a")).stdout, "a");
    await sandbox.pause();
    assert.equal(await sandbox.files.readText("/tmp/a"), "a");
    await sandbox.pause();
    await sandbox.files.write("/tmp/b", "b");
    await sandbox.pause();
    let streamed = "";
    await sandbox.commands.run("cat /tmp/b", { onStdout: (text) => (streamed += text) });
    assert.equal(streamed, "b");

    // Somebody else's resume makes this object's token stale.
    const other = await sdk.Sandbox.connect(sandbox.id, live(ctx));
    await other.pause();
    await other.resume();
    assert.equal((await sandbox.commands.run("cat /tmp/b")).stdout, "b");
  });

  test("update changes what it names and leaves the rest", async (ctx) => {
    const { assert } = ctx;
    const sandbox = await liveSandbox(ctx, { metadata: { a: "1" }, timeoutSeconds: 600 });
    assert.equal(await sandbox.update({ metadata: { b: "2" } }), undefined);
    let info = await sandbox.getInfo();
    assert.deepEqual(info.metadata, { b: "2" });
    assert.equal(info.timeoutSeconds, 600);
    await sandbox.update({ timeoutSeconds: null, autoDeleteSeconds: 60 });
    info = await sandbox.getInfo();
    assert.equal(info.timeoutSeconds, undefined);
    assert.equal(info.autoDeleteSeconds, 60);
    assert.deepEqual(info.metadata, { b: "2" });
    await sandbox.update({ network: { denyOut: ["10.0.0.0/8"] } });
    info = await sandbox.getInfo();
    assert.deepEqual(info.network.denyOut, ["10.0.0.0/8"]);
    assert.deepEqual(sandbox.metadata, { a: "1" }, "properties are of the time of creation");
  });

  test("updateById leaves a paused sandbox paused", async (ctx) => {
    const { sdk, assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    await sandbox.pause();
    const updated = await sdk.Sandbox.updateById(sandbox.id, { metadata: { x: "y" } }, live(ctx));
    assert.equal(updated, undefined);
    const info = await sandbox.getInfo();
    assert.equal(info.status, "paused");
    assert.deepEqual(info.metadata, { x: "y" });
    const network = () => sdk.Sandbox.updateById(sandbox.id, { network: { denyOut: [] } }, live(ctx));
    await assert.rejects(network, sdk.ConflictError, "network of a paused sandbox");
  });

  test("an update of nothing is refused", async (ctx) => {
    const sandbox = await liveSandbox(ctx);
    await ctx.assert.rejects(() => sandbox.update({}), ctx.sdk.ValidationError);
  });

  test("kill is idempotent, and the sandbox is gone", async (ctx) => {
    const { sdk, assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    assert.equal(await sandbox.kill(), undefined);
    assert.equal(await sandbox.kill(), undefined);
    assert.equal(await sdk.Sandbox.killById(sandbox.id, live(ctx)), undefined);
    const gone = await assert.rejects(() => sandbox.getInfo(), sdk.NotFoundError);
    assert.equal(gone.statusCode, 404);
    await assert.rejects(() => sdk.Sandbox.connect(sandbox.id, live(ctx)), sdk.NotFoundError);
    const run = await assert.rejects(() => sandbox.commands.run("true"));
    assert.ok(run instanceof sdk.SandboxError, "a command in a killed sandbox");
  });

  test("errors of the service come back as their classes", async (ctx) => {
    const { sdk, assert } = ctx;
    const { Sandbox } = sdk;
    const here = live(ctx);
    const missing = await assert.rejects(() => Sandbox.connect(NOWHERE, here), sdk.NotFoundError);
    assert.equal(missing.statusCode, 404);
    assert.equal(typeof missing.code, "string", "the code of the envelope");
    assert.equal(await Sandbox.killById(NOWHERE, here), undefined, "killById of none");
    await assert.rejects(() => Sandbox.connect("not-a-uuid", here), sdk.ValidationError);
    await assert.rejects(() => Sandbox.connect("../sandboxes", here), sdk.ValidationError);
    const wrongKey = { ...here, apiKey: "ss_live_wrong" };
    const denied = await assert.rejects(() => Sandbox.list(wrongKey), sdk.AuthenticationError);
    assert.equal(denied.statusCode, 401);
    const noTemplate = () => Sandbox.create({ ...here, name: "x", fromTemplate: "no/such-template" });
    await assert.rejects(noTemplate, sdk.NotFoundError);
    const reserved = () => Sandbox.create({ ...here, name: "x", metadata: { "superserve.x": "y" } });
    const refused = await assert.rejects(reserved, sdk.ValidationError);
    assert.equal(refused.statusCode, 400);
    const longName = () => Sandbox.create({ ...here, name: "x".repeat(65) });
    await assert.rejects(longName, sdk.ValidationError);
  });

  test("envVars reach the commands, and a command's own env wins", async (ctx) => {
    const sandbox = await liveSandbox(ctx, { envVars: { A: "from create", B: "ünïcode $HOME '\"" } });
    const { stdout } = await sandbox.commands.run('printf "%s|%s|%s" "$A" "$B" "$C"', {
      env: { A: "from run", C: "c" },
    });
    ctx.assert.equal(stdout, "from run|ünïcode $HOME '\"|c");
  });

  test("a template may be named at create", async (ctx) => {
    for (const fromTemplate of ["superserve/base", { name: "superserve/base", id: NOWHERE }]) {
      const sandbox = await liveSandbox(ctx, { fromTemplate });
      ctx.assert.equal((await sandbox.commands.run("echo ok")).stdout, "ok\n");
    }
  });

  test("timeoutSeconds pauses, autoDeleteSeconds deletes", { timeoutMs: 30_000 }, async (ctx) => {
    const { sdk, assert } = ctx;
    const sandbox = await liveSandbox(ctx, { timeoutSeconds: 1 });
    const status = async () => (await sandbox.getInfo()).status;
    await eventually(async () => (await status()) === "paused", "the pause");
    await sandbox.update({ autoDeleteSeconds: 0 });
    const gone = () =>
      sandbox.getInfo().then(
        () => false,
        (error) => error,
      );
    assert.isError(await eventually(gone, "the deletion"), sdk.NotFoundError);
  });
}
