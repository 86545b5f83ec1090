// Builds that fail: each comes back as the documented error.

import { liveTemplate, logEnd, logReply, soon, templateAt, withTemplate } from "../support/templates.mjs";

/** Waits for a build that must fail, with everything that its error and the service say about it. */
async function failed(ctx, template, code, message) {
  const { sdk, assert } = ctx;
  const seen = [];
  const wait = soon(template, { onLog: (ev) => seen.push(ev) });
  const error = await assert.rejects(wait, sdk.BuildError, code);
  assert.ok(error instanceof sdk.SandboxError && error instanceof Error);
  assert.equal(error.code, code);
  assert.match(error.message, message);
  assert.excludes(error.message, `${code}:`, "the code is not in the message");
  assert.equal(error.buildId, template.latestBuildId, "buildId");
  assert.equal(error.templateId, template.id, "templateId");
  assert.equal(error.statusCode, undefined, "statusCode");

  const last = seen.at(-1);
  assert.deepEqual([last.finished, last.status], [true, "failed"], "the log's last event");
  assert.equal(last.text, `${code}: ${error.message}`);
  const build = await template.getBuild(template.latestBuildId);
  assert.equal(build.status, "failed");
  assert.equal(build.errorMessage, `${code}: ${error.message}`);
  const info = await template.getInfo();
  assert.equal(info.status, "failed");
  assert.equal(info.errorMessage, build.errorMessage);
  return seen;
}

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("step_failed, by a step that exits with a code", async (ctx) => {
    const template = await liveTemplate(ctx, {
      steps: [
        { env: { key: "A", value: "1" } },
        { run: "echo about to fail >&2; exit 7" },
        { run: "echo never" },
      ],
    });
    const message = /^step 2\/3 failed after .*: exited with code 7$/;
    const seen = await failed(ctx, template, "step_failed", message);
    ctx.assert.ok(seen.some(({ text, stream }) => text === "about to fail" && stream === "stderr"));
    ctx.assert.equal(
      seen.some(({ text }) => text === "never"),
      false,
      "no further step",
    );
  });

  test("step_failed, by a program that is not there", async (ctx) => {
    const template = await liveTemplate(ctx, { steps: [{ run: "no-such-program --now" }] });
    await failed(ctx, template, "step_failed", /^step 1\/1 failed after .*: exited with code 127$/);
  });

  test("image_pull_failed", async (ctx) => {
    const template = await liveTemplate(ctx, { from: "registry.invalid/no/such-image:1" });
    await failed(ctx, template, "image_pull_failed", /registry\.invalid\/no\/such-image:1/);
  });

  test("start_cmd_failed", async (ctx) => {
    const template = await liveTemplate(ctx, { startCmd: "echo cannot; exit 4" });
    const seen = await failed(ctx, template, "start_cmd_failed", /exited with code 4/);
    ctx.assert.ok(
      seen.some(({ text }) => text === "cannot"),
      "what it wrote is in the log",
    );
  });

  test("start_cmd_failed, while readyCmd waits for it", async (ctx) => {
    const template = await liveTemplate(ctx, { startCmd: "sleep 0.2; exit 5", readyCmd: "false" });
    await failed(ctx, template, "start_cmd_failed", /exited with code 5/);
  });

  test("image_too_large", async (ctx) => {
    const template = await liveTemplate(ctx, {
      diskMib: 1024,
      steps: [{ run: "fallocate -l 1100M /opt/large" }],
    });
    await failed(ctx, template, "image_too_large", /1024/);
  });

  test("a failed rebuild says why", async (ctx) => {
    const template = await liveTemplate(ctx, { steps: [{ run: "exit 1" }] });
    await failed(ctx, template, "step_failed", /exited with code 1$/);
    const { id } = await template.rebuild();
    const error = await ctx.assert.rejects(soon(template), ctx.sdk.BuildError);
    ctx.assert.equal(error.buildId, id);
  });

  // What a server would have to be broken for, and what it may say in other ways.
  const MESSAGES = [
    ["boot_failed: no machine", "boot_failed", "no machine"],
    ["snapshot_failed: disk full: 100 %", "snapshot_failed", "disk full: 100 %"],
    ["ready_cmd_failed: not ready within 10m0s", "ready_cmd_failed", "not ready within 10m0s"],
    ["image_too_large: 9000 MiB", "image_too_large", "9000 MiB"],
    ["bad_reference: debian:: is no name", "bad_reference", "debian:: is no name"],
    ["unsupported_platform: arm64 only", "unsupported_platform", "arm64 only"],
    ["image_unsafe: setuid in a layer", "image_unsafe", "setuid in a layer"],
    ["dispatch_failed: no builder", "dispatch_failed", "no builder"],
    ["build_failed: lost", "build_failed", "lost"],
    ["a_new_code: unheard of", "a_new_code", "unheard of"],
    ["two words: not a code", "build_failed", "two words: not a code"],
    ["no colon at all", "build_failed", "no colon at all"],
    ["step_failed:", "build_failed", "step_failed:"],
    [": nothing before it", "build_failed", ": nothing before it"],
    ["", "build_failed", "Template build failed"],
    [undefined, "build_failed", "Template build failed"],
    [null, "build_failed", "Template build failed"],
  ];
  for (const [text, code, message] of MESSAGES) {
    test(`the error of a build that says ${JSON.stringify(text)}`, async (ctx) => {
      const { sdk, assert, fault } = ctx;
      const builds = [{ status: "failed", error_message: text }];
      const server = await fault.serve(ctx, withTemplate({ builds, logs: [logReply(logEnd("failed"))] }));
      const template = await templateAt(ctx, server);
      const error = await assert.rejects(() => template.waitUntilReady(), sdk.BuildError);
      assert.equal(error.code, code);
      assert.equal(error.message, message);
      assert.equal(error.buildId, template.latestBuildId);
      assert.equal(error.templateId, template.id);
    });
  }

  test("errors of a create", async (ctx) => {
    const { sdk, assert, fault } = ctx;
    const refusals = [
      [400, "invalid_request", sdk.ValidationError],
      [401, "unauthorized", sdk.AuthenticationError],
      [403, "forbidden", sdk.AuthenticationError],
      [409, "conflict", sdk.ConflictError],
      [429, "too_many_builds", sdk.RateLimitError],
      [429, "too_many_templates", sdk.RateLimitError],
      [429, "rate_limited", sdk.RateLimitError],
      [500, "internal", sdk.ServerError],
    ];
    for (const [status, code, Class] of refusals) {
      const reply = { status, json: { error: { code, message: `it is ${code}` } } };
      const server = await fault.serve(ctx, [{ path: "/templates", replies: [reply] }]);
      const error = await assert.rejects(() => templateAt(ctx, server), Class, code);
      assert.equal(error.statusCode, status);
      assert.equal(error.code, code);
      assert.equal(error.message, `it is ${code}`);
      assert.equal((await server.log()).length, 1, "a create is tried once");
    }
  });

  test("too_many_builds of a rebuild", async (ctx) => {
    const { sdk, assert, fault } = ctx;
    const reply = { status: 429, json: { error: { code: "too_many_builds", message: "wait" } } };
    const routes = [{ method: "POST", path: "/templates/.*/builds", replies: [reply] }];
    const server = await fault.serve(ctx, withTemplate({ routes }));
    const template = await templateAt(ctx, server);
    const error = await assert.rejects(() => template.rebuild(), sdk.RateLimitError);
    assert.equal(error.code, "too_many_builds");
    assert.equal((await server.log()).length, 2, "one create, one rebuild");
  });

  test("what only the service can judge goes to the service", async (ctx) => {
    const { sdk, assert } = ctx;
    const wrong = [
      { name: "Upper-Case" },
      { name: "-edge" },
      { name: "superserve/mine" },
      { from: "python:3.11-alpine" },
      { from: "gcr.io/distroless/base" },
      { steps: [{ user: { name: "Not A User" } }] },
      { steps: [{ run: "true" }, { env: { key: "A=B", value: "x" } }] },
    ];
    for (const options of wrong) {
      const error = await assert.rejects(
        () => liveTemplate(ctx, options),
        sdk.ValidationError,
        assert.show(options),
      );
      assert.equal(error.statusCode, 400, assert.show(options));
    }
  });
}
