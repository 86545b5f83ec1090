// What there is besides building: info, list, delete, rebuild, the builds.

import { eventually, freshName, live, liveSandbox } from "../support/live.mjs";
import { liveTemplate, readyTemplate, soon } from "../support/templates.mjs";

const NOWHERE = "00000000-0000-4000-8000-000000000000";

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("connect finds by name and by id", async (ctx) => {
    const { sdk, assert } = ctx;
    const template = await readyTemplate(ctx, { name: `a/b.c_${freshName()}` });
    for (const nameOrId of [template.name, template.id]) {
      const found = await sdk.Template.connect(nameOrId, live(ctx));
      assert.ok(found instanceof sdk.Template);
      assert.equal(found.id, template.id);
      assert.equal(found.status, "ready");
      assert.equal(found.latestBuildId, template.latestBuildId);
      assert.equal((await found.waitUntilReady()).status, "ready", "its build is known");
    }
    const none = () => sdk.Template.connect("no/such-template", live(ctx));
    const error = await assert.rejects(none, sdk.NotFoundError);
    assert.equal(error.statusCode, 404);
  });

  test("getInfo is of now", async (ctx) => {
    const { assert } = ctx;
    const template = await liveTemplate(ctx);
    await soon(template);
    const info = await template.getInfo();
    assert.equal(info.status, "ready");
    assert.equal(info.id, template.id);
    assert.equal(info.teamId, template.teamId);
    assert.equal(info.name, template.name);
    assert.equal(info.latestBuildId, template.latestBuildId);
    assert.ok(info.createdAt instanceof Date && info.builtAt instanceof Date);
    assert.notEqual(template.status, "ready", "the object stays as it was");
  });

  test("list knows the service's templates and those of a prefix", async (ctx) => {
    const { sdk, assert } = ctx;
    const prefix = freshName();
    const made = [];
    for (const end of ["-a", "-b"]) made.push(await liveTemplate(ctx, { name: prefix + end }));
    const list = async (options) => sdk.Template.list({ ...live(ctx), ...options });
    const names = (found) => found.map(({ name }) => name).sort();
    assert.deepEqual(names(await list({ namePrefix: prefix })), [`${prefix}-a`, `${prefix}-b`]);
    assert.deepEqual(names(await list({ namePrefix: `${prefix}-b` })), [`${prefix}-b`]);
    assert.deepEqual(await list({ namePrefix: `${prefix} & name_prefix=` }), []);
    const inOrder = (found) => found.map(({ name }) => name);
    const backward = { q: prefix, sort: "name", order: "desc" };
    assert.deepEqual(inOrder(await list(backward)), [`${prefix}-b`, `${prefix}-a`]);
    assert.deepEqual(names(await list({ ...backward, limit: 1, offset: 1 })), [`${prefix}-a`]);
    assert.deepEqual(inOrder(await list({ ...backward, owner: "team" })), [`${prefix}-b`, `${prefix}-a`]);
    assert.deepEqual(await list({ ...backward, owner: "system" }), []);
    const system = await list({ namePrefix: "superserve/" });
    assert.deepEqual(names(system), [
      "superserve/base",
      "superserve/desktop",
      "superserve/node-22",
      "superserve/python-3.11",
    ]);
    for (const info of system) assert.equal(info.status, "ready", info.name);
    const all = await list({});
    for (const { id } of made)
      assert.ok(all.some((info) => info.id === id && info.createdAt instanceof Date));
  });

  test("delete is idempotent", async (ctx) => {
    const { sdk, assert } = ctx;
    const template = await readyTemplate(ctx);
    assert.equal(await template.delete(), undefined);
    assert.equal(await template.delete(), undefined, "once more");
    assert.equal(await sdk.Template.deleteById(template.id, live(ctx)), undefined, "by its id");
    assert.equal(
      await sdk.Template.deleteById("no/such-template", live(ctx)),
      undefined,
      "one that never was",
    );
    await assert.rejects(() => template.getInfo(), sdk.NotFoundError);
    const from = () => sdk.Sandbox.create({ ...live(ctx), name: "x", fromTemplate: template });
    await assert.rejects(from, sdk.NotFoundError);
  });

  test("deleteById takes the name", async (ctx) => {
    const { sdk, assert } = ctx;
    const template = await readyTemplate(ctx, { name: `team/${freshName()}` });
    await sdk.Template.deleteById(template.name, live(ctx));
    await assert.rejects(() => template.getInfo(), sdk.NotFoundError);
  });

  test("delete is refused while a build runs or a sandbox uses it", async (ctx) => {
    const { sdk, assert } = ctx;
    const building = await liveTemplate(ctx, { steps: [{ run: "sleep 600" }] });
    const error = await assert.rejects(() => building.delete(), sdk.ConflictError);
    assert.equal(error.statusCode, 409);

    const template = await readyTemplate(ctx);
    const sandbox = await liveSandbox(ctx, { fromTemplate: template });
    await assert.rejects(() => template.delete(), sdk.ConflictError);
    await sandbox.kill();
    await template.delete();
  });

  test("a name is taken once", async (ctx) => {
    const { sdk, assert } = ctx;
    const { name } = await liveTemplate(ctx);
    const again = () => sdk.Template.create({ ...live(ctx), name, from: "debian" });
    await assert.rejects(again, sdk.ConflictError);
  });

  test("rebuild joins the build under way, and makes a new one after it", async (ctx) => {
    const { sdk, assert } = ctx;
    const endless = await liveTemplate(ctx, { steps: [{ run: "sleep 600" }] });
    const joined = await Promise.all([endless.rebuild(), endless.rebuild()]);
    for (const build of joined) {
      assert.equal(build.id, endless.latestBuildId, "the build under way");
      assert.equal(build.templateId, endless.id);
      assert.match(build.buildSpecHash, /^[0-9a-f]+$/);
      assert.ok(build.createdAt instanceof Date);
    }

    const template = await readyTemplate(ctx, { steps: [{ run: "date +%s%N > /opt/when" }] });
    const first = template.latestBuildId;
    const { buildSpecHash } = await template.getBuild(first);
    const read = async () => {
      const sandbox = await liveSandbox(ctx, { fromTemplate: template });
      return Number((await sandbox.commands.run("cat /opt/when")).stdout);
    };
    const before = await read();
    const second = await template.rebuild();
    assert.notEqual(second.id, first);
    assert.equal(second.buildSpecHash, buildSpecHash, "the same definition");
    assert.ok(["pending", "building"].includes(second.status), second.status);
    await soon(template);
    assert.equal(
      (await template.getBuild(second.id)).status,
      "ready",
      "waitUntilReady waited for the rebuild",
    );
    assert.ok((await read()) > before, "sandboxes start from the new build");

    const builds = await template.listBuilds();
    assert.deepEqual(
      builds.map(({ id }) => id),
      [second.id, first],
      "newest first",
    );
    assert.deepEqual(
      (await template.listBuilds({ limit: 1 })).map(({ id }) => id),
      [second.id],
    );
    assert.equal((await sdk.Template.connect(template.id, live(ctx))).latestBuildId, second.id);
  });

  test("getBuild tells when it began and ended", async (ctx) => {
    const { sdk, assert } = ctx;
    const template = await readyTemplate(ctx, { steps: [{ run: "sleep 0.3" }] });
    const build = await template.getBuild(template.latestBuildId);
    assert.equal(build.id, template.latestBuildId);
    assert.equal(build.status, "ready");
    assert.equal(build.errorMessage, undefined);
    assert.ok(build.startedAt instanceof Date && build.finalizedAt instanceof Date, "dates");
    assert.within(build.finalizedAt - build.startedAt, 250, Infinity, "milliseconds of the build");
    await assert.rejects(() => template.getBuild(NOWHERE), sdk.NotFoundError);
    await assert.rejects(() => template.getBuild("no-uuid"), sdk.ValidationError);
  });

  test("cancelBuild ends the build and its process", async (ctx) => {
    const { sdk, assert } = ctx;
    const template = await liveTemplate(ctx, { steps: [{ run: "echo running; sleep 600" }] });
    const seen = [];
    const wait = soon(template, { onLog: (ev) => seen.push(ev) });
    wait.catch(() => {});
    await eventually(() => seen.some(({ text }) => text === "running"), "the step");
    assert.equal(await template.cancelBuild(template.latestBuildId), undefined);
    const error = await assert.rejects(wait, sdk.ConflictError);
    assert.equal(error.code, "cancelled");
    assert.deepEqual([seen.at(-1).finished, seen.at(-1).status], [true, "cancelled"], "the last event");
    const build = await template.getBuild(template.latestBuildId);
    assert.equal(build.status, "cancelled");
    assert.equal(await template.cancelBuild(template.latestBuildId), undefined, "once it has ended");
    assert.equal((await template.getBuild(build.id)).status, "cancelled");
    await template.delete();
  });

  test("a cancelled rebuild leaves the template as it was", async (ctx) => {
    const { assert } = ctx;
    const template = await readyTemplate(ctx, { steps: [{ run: "sleep 2; echo kept > /opt/kept" }] });
    const build = await template.rebuild();
    await template.cancelBuild(build.id);
    assert.equal((await template.getBuild(build.id)).status, "cancelled");
    assert.equal((await template.getInfo()).status, "ready");
    const sandbox = await liveSandbox(ctx, { fromTemplate: template });
    assert.equal((await sandbox.commands.run("cat /opt/kept")).stdout, "kept\n");
  });

  test("the service's own templates are not ours to change", async (ctx) => {
    const { sdk, assert } = ctx;
    const base = await sdk.Template.connect("superserve/base", live(ctx));
    assert.equal(base.status, "ready");
    assert.equal((await assert.rejects(() => base.delete(), sdk.AuthenticationError)).statusCode, 403);
    await assert.rejects(() => base.rebuild(), sdk.AuthenticationError);
    // They have no builds: the template itself tells.
    assert.equal((await base.waitUntilReady({ onLog() {} })).status, "ready");
    const none = await assert.rejects(() => base.streamBuildLogs({ onEvent() {} }), sdk.SandboxError);
    assert.match(none.message, /no builds/);
  });
}
