// Good answers and their fields: what must be there, what may be missing, what is passed over.

import { ID, KEY, json, wireSandbox } from "../support/fixtures.mjs";
import { stubFetch, stubbedSandbox } from "../support/stub-fetch.mjs";

const connection = { apiKey: KEY, baseUrl: "http://localhost:9" };

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("a response that lacks a field is an error that names it", async (ctx) => {
    const { sdk, assert } = ctx;
    const { Sandbox } = sdk;
    const needed = {
      create: [
        () => Sandbox.create({ ...connection, name: "x" }),
        ["id", "status", "created_at", "access_token"],
      ],
      connect: [() => Sandbox.connect(ID, connection), ["id", "status", "created_at", "access_token"]],
    };
    for (const [name, [attempt, fields]] of Object.entries(needed)) {
      for (const field of fields) {
        for (const value of [undefined, null, 5, {}]) {
          stubFetch(ctx, () => json(201, wireSandbox({ [field]: value })));
          const what = `${name} with ${field} = ${assert.show(value)}`;
          const error = await assert.rejects(attempt, sdk.SandboxError, what);
          assert.match(error.message, new RegExp(field.replace("_", "_?"), "i"), what);
        }
      }
    }
    const { sandbox } = await stubbedSandbox(ctx, () => json(200, { id: ID, status: "active" }));
    const resumed = await assert.rejects(() => sandbox.resume(), sdk.SandboxError);
    assert.match(resumed.message, /access_?token/i);
    const info = await assert.rejects(() => sandbox.getInfo(), sdk.SandboxError);
    assert.match(info.message, /created_?at/i);
    stubFetch(ctx, () => json(200, [wireSandbox(), wireSandbox({ id: undefined })]));
    const listed = await assert.rejects(() => Sandbox.list(connection), sdk.SandboxError);
    assert.match(listed.message, /\bid\b/);
  });

  test("a created_at that is no date is an error that names it", async (ctx) => {
    stubFetch(ctx, () => json(201, wireSandbox({ created_at: "yesterday" })));
    const create = () => ctx.sdk.Sandbox.create({ ...connection, name: "x" });
    const error = await ctx.assert.rejects(create, ctx.sdk.SandboxError);
    ctx.assert.match(error.message, /created_?at/i);
  });

  test("other absent fields are empty, unknown ones are passed over", async (ctx) => {
    const { sdk, assert } = ctx;
    const least = { id: ID, status: "active", created_at: "2026-08-01T12:00:00Z", access_token: "t" };
    const { sandbox } = await stubbedSandbox(ctx, () => json(200, least));
    const info = await sandbox.getInfo();
    assert.equal(info.name, "");
    assert.equal(info.vcpuCount, 0);
    assert.equal(info.memoryMib, 0);
    assert.deepEqual(info.metadata, {});
    for (const key of ["timeoutSeconds", "autoDeleteSeconds", "autoDeleteAt", "network", "secrets"]) {
      assert.equal(info[key], undefined, key);
    }
    const odd = {
      ...least,
      status: "hibernating",
      new_field: { deep: [1] },
      preview_access: "by_invitation",
      timeout_seconds: null,
      network: null,
      secrets: null,
      metadata: null,
    };
    stubFetch(ctx, () => json(200, odd));
    const strange = await sdk.Sandbox.connect(ID, connection);
    assert.equal(strange.status, "hibernating", "an unknown status is passed through");
    assert.deepEqual(strange.metadata, {});
    stubFetch(ctx, () => json(200, [odd]));
    const [listed] = await sdk.Sandbox.list(connection);
    assert.equal(listed.status, "hibernating");
    assert.equal(listed.previewAccess, "by_invitation");
  });

  test("secrets and dates are mapped", async (ctx) => {
    const { sandbox } = await stubbedSandbox(ctx, () =>
      json(
        200,
        wireSandbox({
          secrets: [
            { env_key: "A", secret_name: "a" },
            { env_key: "B", secret_name: "b", revoked: true },
          ],
          auto_delete_at: "2026-08-01T12:00:00.250+02:00",
          network: { allow_out: ["a.com"] },
        }),
      ),
    );
    const info = await sandbox.getInfo();
    const bare = (binding) => JSON.parse(JSON.stringify(binding));
    ctx.assert.deepEqual(info.secrets.map(bare), [
      { envKey: "A", secretName: "a" },
      { envKey: "B", secretName: "b", revoked: true },
    ]);
    ctx.assert.equal(info.autoDeleteAt.getTime(), Date.UTC(2026, 7, 1, 10, 0, 0, 250));
    ctx.assert.deepEqual(info.network.allowOut, ["a.com"]);
  });

  test("a good status with a bad body is a SandboxError", async (ctx) => {
    const { sdk, assert } = ctx;
    const { Sandbox } = sdk;
    const bodies = ["", "not JSON", "<html></html>", "null", "42", '"text"', "true", '{"id"', "\ufeff"];
    for (const body of [...bodies, "[]", "{}"]) {
      const { sandbox } = await stubbedSandbox(ctx, () => new Response(body, { status: 200 }));
      const attempts = {
        create: () => Sandbox.create({ ...connection, name: "x" }),
        connect: () => Sandbox.connect(ID, connection),
        getInfo: () => sandbox.getInfo(),
        resume: () => sandbox.resume(),
        run: () => sandbox.commands.run("x"),
      };
      if (body !== "[]") attempts.list = () => Sandbox.list(connection);
      for (const [name, attempt] of Object.entries(attempts)) {
        // The result of a command may be empty.
        if (name === "run" && body === "{}") continue;
        await assert.rejects(attempt, sdk.SandboxError, `${name} answered ${assert.show(body)}`);
      }
    }
    stubFetch(ctx, () => json(200, [null]));
    await assert.rejects(() => Sandbox.list(connection), sdk.SandboxError, "a list of null");
  });
}
