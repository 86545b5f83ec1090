// Templates on the local server: defined, built, and sandboxes started from them.

import { freshName, live, liveSandbox } from "../support/live.mjs";
import { liveTemplate, readyTemplate, removed, soon } from "../support/templates.mjs";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("the documented example", async (ctx) => {
    const { Sandbox, Template } = ctx.sdk;
    const { assert } = ctx;
    const connection = live(ctx);
    const lines = [];
    const console = { log: (text) => lines.push(text) };

    const template = await Template.create({
      ...connection,
      name: "my-python-env",
      from: "python:3.11",
      // What stands here in the documentation needs the network.
      steps: [{ run: "pip --version && python3 -c 'print(6 * 7)' > /opt/answer" }],
    });
    ctx.defer(() => removed(ctx, template));
    await template.waitUntilReady({ onLog: (ev) => console.log(ev.text) });
    const sandbox = await Sandbox.create({ ...connection, name: "run-1", fromTemplate: template });
    ctx.defer(() => sandbox.kill());

    assert.equal((await sandbox.commands.run("cat /opt/answer")).stdout, "42\n");
    assert.ok(
      lines.some((text) => /^pip \d/.test(text)),
      "the log was shown",
    );
  });

  test("sizes, steps and a name of several parts", async (ctx) => {
    const { Sandbox, Template } = ctx.sdk;
    const connection = live(ctx);
    const template = await Template.create({
      ...connection,
      name: `team/${freshName()}`,
      vcpu: 2,
      memoryMib: 2048,
      diskMib: 2048,
      from: "node:22-slim",
      steps: [
        { env: { key: "GREETING", value: "hello" } },
        { workdir: "/srv/app" },
        { run: 'echo "$GREETING from the build" > greeting.txt' },
      ],
    });
    ctx.defer(() => removed(ctx, template));
    const ready = await template.waitUntilReady({ pollIntervalMs: 100 });
    ctx.assert.equal(ready.status, "ready");
    ctx.assert.deepEqual([ready.vcpu, ready.memoryMib, ready.diskMib], [2, 2048, 2048]);
    const sandbox = await Sandbox.create({ ...connection, name: "run-2", fromTemplate: template.name });
    ctx.defer(() => sandbox.kill());
    const { stdout } = await sandbox.commands.run("cat greeting.txt");
    ctx.assert.equal(stdout, "hello from the build\n");
    const info = await sandbox.getInfo();
    ctx.assert.deepEqual([info.vcpuCount, info.memoryMib], [2, 2048], "the sandbox has the template's size");
  });

  test("create answers a template whose build goes on", async (ctx) => {
    const { sdk, assert } = ctx;
    const name = freshName();
    const before = Date.now();
    const template = await liveTemplate(ctx, { name, steps: [{ run: "sleep 0.2" }] });
    assert.ok(template instanceof sdk.Template);
    assert.match(template.id, UUID);
    assert.match(template.teamId, UUID);
    assert.match(template.latestBuildId, UUID);
    assert.equal(template.name, name);
    assert.ok(["pending", "building"].includes(template.status), template.status);
    assert.deepEqual([template.vcpu, template.memoryMib, template.diskMib], [1, 1024, 4096], "defaults");
    assert.ok(template.createdAt instanceof Date);
    assert.within(template.createdAt.getTime(), before - 60_000, Date.now() + 60_000);
    assert.equal(template.builtAt, undefined);
    assert.equal(template.sizeBytes, undefined);
    assert.equal(template.errorMessage, undefined);

    const status = template.status;
    const ready = await soon(template);
    assert.equal(ready.status, "ready");
    assert.equal(ready.id, template.id);
    assert.ok(ready.builtAt instanceof Date && ready.builtAt >= ready.createdAt, "builtAt");
    assert.ok(ready.sizeBytes > 0, "sizeBytes");
    assert.equal(template.status, status, "properties are of the time of creation");
  });

  test("the properties are the object's own", async (ctx) => {
    const { assert } = ctx;
    const template = await liveTemplate(ctx);
    const shown = JSON.parse(JSON.stringify(template));
    for (const key of ["id", "name", "teamId", "status", "vcpu", "memoryMib", "diskMib", "latestBuildId"]) {
      assert.equal(shown[key], template[key], key);
      assert.notEqual(shown[key], undefined, key);
    }
    assert.equal(shown.createdAt, template.createdAt.toISOString());
    assert.excludes(JSON.stringify(template), ctx.apiKey, "no key");
    assert.deepEqual(Object.keys(template).sort(), Object.keys(shown).sort());
  });

  test("sandboxes start from the instance, the name and the id", async (ctx) => {
    const { sdk, assert } = ctx;
    const template = await readyTemplate(ctx, { steps: [{ run: "echo built > /opt/mark" }] });
    const connected = await sdk.Template.connect(template.name, live(ctx));
    const { id, name } = template;
    for (const fromTemplate of [template, connected, name, id, { name }, { id }, await template.getInfo()]) {
      const sandbox = await liveSandbox(ctx, { fromTemplate });
      const { stdout } = await sandbox.commands.run("cat /opt/mark; echo changed > /opt/mark");
      assert.equal(stdout, "built\n", "each has files of its own");
    }
  });

  test("env, workdir and user are what sandboxes start with", async (ctx) => {
    const { assert } = ctx;
    const template = await readyTemplate(ctx, {
      steps: [
        { user: { name: "builder" } },
        { workdir: "/srv/app" },
        { workdir: "sub" },
        { env: { key: "COLOUR", value: "blue $HOME 'é'" } },
        { env: { key: "SIZE", value: "" } },
        { run: 'printf "%s %s %s" "$(whoami)" "$PWD" "$COLOUR" > seen' },
      ],
    });
    const sandbox = await liveSandbox(ctx, { fromTemplate: template });
    const here = "builder /srv/app/sub blue $HOME 'é'";
    assert.equal((await sandbox.commands.run("cat seen")).stdout, here, "in the build");
    const look = 'printf "%s %s %s" "$(whoami)" "$PWD" "$COLOUR"';
    assert.equal((await sandbox.commands.run(look)).stdout, here, "in the sandbox");
    assert.equal((await sandbox.commands.run("echo ${SIZE-unset}")).stdout, "\n", "an empty value is set");
    assert.equal((await sandbox.commands.run("touch mine && ls -ld . | cut -d' ' -f3")).stdout, "builder\n");
    assert.equal((await sandbox.commands.run("pwd", { cwd: "/" })).stdout, "/\n", "a command's cwd wins");

    const own = await liveSandbox(ctx, { fromTemplate: template, envVars: { COLOUR: "red" } });
    assert.equal((await own.commands.run("echo $COLOUR")).stdout, "red\n", "a sandbox's envVars win");
  });

  test("startCmd is alive in every sandbox, and readyCmd has been waited for", async (ctx) => {
    const { assert } = ctx;
    const template = await readyTemplate(ctx, {
      startCmd: "sleep 0.1; touch /tmp/up; exec sleep 4321",
      readyCmd: "test -e /tmp/up",
    });
    for (let i = 0; i < 2; i++) {
      const sandbox = await liveSandbox(ctx, { fromTemplate: template });
      const look = "test -e /tmp/up && grep -las 4321 /proc/[0-9]*/cmdline | wc -l";
      const { stdout } = await sandbox.commands.run(`${look} | grep -c '^[1-9]'`);
      assert.equal(stdout, "1\n", `sandbox ${i + 1}`);
    }
  });

  test("a template that is not ready makes no sandbox", async (ctx) => {
    const { sdk, assert } = ctx;
    const template = await liveTemplate(ctx, { steps: [{ run: "sleep 30" }] });
    const create = () => sdk.Sandbox.create({ ...live(ctx), name: "x", fromTemplate: template });
    const error = await assert.rejects(create, sdk.ConflictError);
    assert.equal(error.statusCode, 409);
  });
}
