// Secrets and providers on the local server.

import { freshName, live, liveSandbox } from "../support/live.mjs";
import { BEARER, VALUE, liveSecret } from "../support/secrets.mjs";

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("a secret from its creation to its end", async (ctx) => {
    const { sdk, assert } = ctx;
    const { Secret } = sdk;
    const connected = live(ctx);
    const secret = await liveSecret(ctx);
    assert.equal(secret.authType, "bearer");
    assert.deepEqual(secret.hosts, ["api.example.com"]);
    assert.within(Date.now() - secret.createdAt.getTime(), -5000, 60_000, "createdAt");
    assert.equal((await Secret.get(secret.name, connected)).id, secret.id);
    const listed = (await Secret.list(connected)).find(({ name }) => name === secret.name);
    assert.equal(listed.id, secret.id);
    const rotated = await secret.rotate("another");
    assert.equal(rotated.id, secret.id);
    assert.ok(rotated.updatedAt >= secret.updatedAt);
    assert.deepEqual(await secret.getAudit({ limit: 10, status: "2xx" }), []);
    assert.deepEqual(await secret.getSandboxes(), []);
    const again = () => Secret.create({ ...connected, name: secret.name, value: VALUE, ...BEARER });
    await assert.rejects(again, sdk.ConflictError);
    await secret.delete();
    await secret.delete();
    await Secret.deleteByName(secret.name, connected);
    await assert.rejects(secret.getInfo(), sdk.NotFoundError);
    await assert.rejects(Secret.get(secret.name, connected), sdk.NotFoundError);
  });

  test("every kind of auth", async (ctx) => {
    const { assert } = ctx;
    const rule = { type: "api-key", header: "x-key", prefix: "Token " };
    const perHost = [{ hosts: ["a.example.com"], ...rule }];
    const kinds = {
      bearer: { type: "bearer" },
      basic: { type: "basic", username: "me" },
      "api-key": rule,
      custom: { type: "custom", headers: { "x-a": "{{ value }}" } },
      per_host: { perHost },
    };
    for (const [kind, auth] of Object.entries(kinds)) {
      const secret = await liveSecret(ctx, { auth, hosts: ["a.example.com"] });
      assert.equal(secret.authType, kind);
      if (kind === "api-key") assert.deepEqual(secret.authConfig, { header: "x-key", prefix: "Token " });
    }
    const known = await liveSecret(ctx, { provider: "anthropic" });
    assert.equal(known.providerShortcut, "anthropic");
    assert.deepEqual(known.hosts, ["api.anthropic.com"]);
  });

  test("the providers", async (ctx) => {
    const { assert } = ctx;
    const providers = await ctx.sdk.Provider.list(live(ctx));
    const known = providers.find(({ name }) => name === "anthropic");
    assert.equal(known.authType, "api-key");
    assert.deepEqual(known.hosts, ["api.anthropic.com"]);
    assert.match(known.tokenShape, /^sk-ant-/);
  });

  test("a sandbox sees a stand-in, and not for longer than it is bound", async (ctx) => {
    const { sdk, assert } = ctx;
    const secret = await liveSecret(ctx);
    const sandbox = await liveSandbox(ctx, { secrets: { BOUND_AT_CREATE: secret.name } });
    const seen = async (name) => (await sandbox.commands.run(`printf %s "$${name}"`)).stdout;
    const standIn = await seen("BOUND_AT_CREATE");
    assert.ok(standIn.length > 8, "a stand-in");
    assert.notEqual(standIn, VALUE);
    await sandbox.attachSecret("BOUND_LATER", secret.name);
    assert.ok((await seen("BOUND_LATER")).length > 8);
    const { secrets } = await sandbox.getInfo();
    assert.deepEqual(secrets.map(({ envKey }) => envKey).sort(), ["BOUND_AT_CREATE", "BOUND_LATER"]);
    const bindings = await secret.getSandboxes();
    assert.deepEqual(bindings.map(({ sandboxId, envKey, status }) => [sandboxId, envKey, status]).sort(), [
      [sandbox.id, "BOUND_AT_CREATE", "active"],
      [sandbox.id, "BOUND_LATER", "active"],
    ]);
    await sandbox.detachSecret("BOUND_LATER");
    assert.equal(await seen("BOUND_LATER"), "");
    await assert.rejects(sandbox.detachSecret("BOUND_LATER"), sdk.NotFoundError);
    await assert.rejects(sandbox.attachSecret("OTHER", freshName()), sdk.NotFoundError);
    await assert.rejects(sandbox.attachSecret("BOUND_AT_CREATE", secret.name), sdk.ConflictError);
    await assert.rejects(sandbox.attachSecret("NO=KEY", secret.name), sdk.ValidationError);
    await secret.delete();
    const [left] = (await sandbox.getInfo()).secrets;
    assert.equal(left.revoked, true);
  });

  test("what it refuses", async (ctx) => {
    const { sdk, assert } = ctx;
    const create = (options) =>
      sdk.Secret.create({ ...live(ctx), name: freshName(), value: VALUE, ...BEARER, ...options });
    for (const options of [
      { name: "with space" },
      { auth: { type: "basic" } },
      { auth: { type: "api-key" } },
      { auth: { type: "quantum" } },
      { hosts: ["https://a.example.com/x"] },
    ]) {
      const error = await assert.rejects(create(options), sdk.ValidationError, assert.show(options));
      assert.excludes(`${error.stack}`, VALUE);
    }
    const unknown = { auth: undefined, hosts: undefined, provider: "no-such-provider" };
    await assert.rejects(create(unknown), sdk.ValidationError);
    const secret = await liveSecret(ctx);
    await assert.rejects(secret.getAudit({ status: "9xx" }), sdk.ValidationError);
  });
}
