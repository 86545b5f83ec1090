// Secrets and providers: what is sent, and what comes back.

import { ID, KEY, json, noContent } from "../support/fixtures.mjs";
import { BEARER, SECRET_ID, SECRET_NAME, VALUE, stubbedSecret, wireSecret } from "../support/secrets.mjs";
import { stubFetch, stubbedSandbox } from "../support/stub-fetch.mjs";

const connection = { apiKey: KEY, baseUrl: "http://localhost:9" };
const BASE = "http://localhost:9";
const plain = (value) => JSON.parse(JSON.stringify(value));

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("create sends what it is given", async (ctx) => {
    const { sdk, assert } = ctx;
    const rule = { type: "api-key", header: "x-api-key", prefix: "Token " };
    const basic = { type: "basic", username: "me" };
    const custom = { type: "custom", headers: { "x-a": "{{ value }}", "x-b": "b" } };
    const hosts = ["a.example.com", "*.example.com"];
    const perHost = [
      { hosts: ["a.example.com"], ...rule },
      { hosts: ["b.example.com"], ...custom },
    ];
    const cases = [
      [{ provider: "anthropic" }, { provider: "anthropic" }],
      [BEARER, BEARER],
      [
        { auth: rule, hosts },
        { auth: rule, hosts },
      ],
      [
        { auth: basic, hosts },
        { auth: basic, hosts },
      ],
      [
        { auth: custom, hosts },
        { auth: custom, hosts },
      ],
      [
        { auth: { perHost }, hosts },
        { auth: { per_host: perHost }, hosts },
      ],
    ];
    for (const [options, body] of cases) {
      const calls = stubFetch(ctx, () => json(201, wireSecret()));
      await sdk.Secret.create({ ...connection, name: "n", value: VALUE, ...options });
      assert.equal(calls.length, 1);
      const [{ url, method, headers, json: sent }] = calls;
      assert.equal(`${method} ${url}`, `POST ${BASE}/secrets`);
      assert.equal(headers["x-api-key"], KEY);
      assert.deepEqual(sent, { name: "n", value: VALUE, ...body });
    }
  });

  test("provider, or auth and hosts: anything else is refused before any request", async (ctx) => {
    const { sdk, assert } = ctx;
    const calls = stubFetch(ctx, () => json(201, wireSecret()));
    const [auth, hosts, provider] = [{ type: "bearer" }, ["a.example.com"], "openai"];
    const wrong = [
      {},
      { auth },
      { hosts },
      { provider, auth, hosts },
      { provider, auth },
      { provider, hosts },
      { auth: {}, hosts },
      { auth: { perHost: "x" }, hosts },
      { auth: { type: 5 }, hosts },
      { auth: { type: "api-key", header: 5 }, hosts },
      { auth: { type: "custom", headers: ["x"] }, hosts },
      { auth: "bearer", hosts },
      { auth: [], hosts },
      { auth: null, hosts },
    ];
    for (const options of wrong) {
      const create = () => sdk.Secret.create({ ...connection, name: "n", value: VALUE, ...options });
      const error = await assert.rejects(create, sdk.ValidationError, assert.show(options));
      assert.excludes(`${error.stack}${JSON.stringify(error)}`, VALUE);
    }
    assert.equal(calls.length, 0, "requests");
  });

  test("every field of a secret", async (ctx) => {
    const { sdk, assert } = ctx;
    const wire = {
      auth_type: "api-key",
      auth_config: { header: "x-api-key", nested_field: { a_b: [1] } },
      provider_shortcut: "anthropic",
      hosts: ["a", "b"],
      last_used_at: "2026-08-01T14:00:00.250+02:00",
      a_new_field: true,
    };
    const expected = {
      id: SECRET_ID,
      name: SECRET_NAME,
      authType: "api-key",
      authConfig: wire.auth_config,
      providerShortcut: "anthropic",
      hosts: ["a", "b"],
      createdAt: new Date("2026-08-01T12:00:00Z"),
      updatedAt: new Date("2026-08-01T12:30:00Z"),
      lastUsedAt: new Date("2026-08-01T12:00:00.250Z"),
    };
    const { secret } = await stubbedSecret(ctx, () => json(200, wireSecret(wire)), wire);
    assert.ok(secret instanceof sdk.Secret);
    for (const [key, value] of Object.entries(expected)) assert.deepEqual(secret[key], value, key);
    assert.deepEqual(plain(secret), plain(expected), "JSON.stringify");
    assert.deepEqual({ ...(await secret.getInfo()) }, expected, "getInfo");
    stubFetch(ctx, () => json(200, [wireSecret(wire), wireSecret({ name: "other" })]));
    const [first, second] = await sdk.Secret.list(connection);
    assert.deepEqual({ ...first }, expected, "list");
    assert.equal(second.name, "other");
    stubFetch(ctx, () => json(200, wireSecret(wire)));
    const got = await sdk.Secret.get(SECRET_NAME, connection);
    assert.ok(got instanceof sdk.Secret);
    assert.deepEqual(plain(got), plain(expected), "get");
  });

  test("a secret that lacks a field is an error that names it", async (ctx) => {
    const { sdk, assert } = ctx;
    const { Secret } = sdk;
    const calls = {
      create: () => Secret.create({ ...connection, name: "n", value: VALUE, ...BEARER }),
      get: () => Secret.get("n", connection),
      list: () => Secret.list(connection),
    };
    for (const [name, call] of Object.entries(calls)) {
      for (const field of ["id", "name", "auth_type", "created_at"]) {
        for (const value of [undefined, null, 5, {}]) {
          const secret = wireSecret({ [field]: value });
          stubFetch(ctx, () => json(200, name === "list" ? [wireSecret(), secret] : secret));
          const what = `${name} with ${field} = ${assert.show(value)}`;
          const error = await assert.rejects(call, sdk.SandboxError, what);
          assert.match(error.message, new RegExp(field.replace("_", "_?"), "i"), what);
        }
      }
    }
  });

  test("other fields may be absent, and unknown values pass", async (ctx) => {
    const { sdk, assert } = ctx;
    const least = { id: "i", name: "n", auth_type: "quantum", created_at: "2026-08-01T12:00:00Z" };
    stubFetch(ctx, () => json(200, least));
    const secret = await sdk.Secret.get("n", connection);
    assert.equal(secret.authType, "quantum");
    assert.deepEqual(secret.authConfig, {});
    assert.deepEqual(secret.hosts, []);
    assert.deepEqual(secret.updatedAt, secret.createdAt);
    assert.equal(secret.providerShortcut, undefined);
    assert.equal(secret.lastUsedAt, undefined);
  });

  test("where each method goes", async (ctx) => {
    const { sdk, assert } = ctx;
    const { Secret } = sdk;
    const answer = ({ method, url }) => {
      if (method === "DELETE") return noContent();
      return json(200, /\/(audit|sandboxes)(\?|$)/.test(url) ? [] : wireSecret());
    };
    const { secret, calls } = await stubbedSecret(ctx, answer);
    const home = `/secrets/${SECRET_NAME}`;
    const odd = "a/b c?d#e%2F漢";
    const cases = [
      [() => secret.getInfo(), `GET ${home}`],
      [() => secret.rotate("new"), `PATCH ${home}`, { value: "new" }],
      [() => secret.getSandboxes(), `GET ${home}/sandboxes`],
      [() => secret.getAudit(), `GET ${home}/audit`],
      [() => secret.getAudit({ limit: 5 }), `GET ${home}/audit?limit=5`],
      [
        () => secret.getAudit({ before: 17, status: "4xx", limit: 2 }),
        `GET ${home}/audit?limit=2&before=17&status=4xx`,
      ],
      [() => secret.getAudit({ status: "errors" }), `GET ${home}/audit?status=errors`],
      [() => secret.delete(), `DELETE ${home}`],
      [() => Secret.deleteByName(odd, connection), `DELETE /secrets/${encodeURIComponent(odd)}`],
      [() => Secret.get(odd, connection), `GET /secrets/${encodeURIComponent(odd)}`],
    ];
    for (const [call, request, body] of cases) {
      calls.length = 0;
      await call();
      const [{ method, path, headers, init }] = calls;
      const [sent, wanted] = [`${method} ${path}`, request].map((text) => {
        const [before, query = ""] = text.split("?");
        return [before, ...query.split("&").sort()].join();
      });
      assert.equal(sent, wanted);
      assert.equal(headers["x-api-key"], KEY, request);
      assert.deepEqual(init.body === undefined ? undefined : JSON.parse(init.body), body, request);
    }
  });

  test("rotate answers the secret as it is now", async (ctx) => {
    const { sdk, assert } = ctx;
    const { secret } = await stubbedSecret(ctx, () =>
      json(200, wireSecret({ updated_at: "2026-09-01T00:00:00Z" })),
    );
    const rotated = await secret.rotate("new");
    assert.ok(rotated instanceof sdk.Secret);
    assert.equal(rotated.updatedAt.getTime(), Date.UTC(2026, 8, 1));
    assert.equal(secret.updatedAt.getTime(), Date.UTC(2026, 7, 1, 12, 30), "the old object stays as it is");
  });

  test("an audit event and its fields", async (ctx) => {
    const { sdk, assert } = ctx;
    const least = { id: 7, ts: "2026-08-01T12:00:00Z" };
    const full = {
      ...least,
      sandbox_id: ID,
      sandbox_name: "box",
      secret_id: SECRET_ID,
      method: "POST",
      host: "api.example.com",
      path: "/v1",
      status: 502,
      upstream_status: 503,
      latency_ms: 12,
      error_code: "upstream_failed",
      a_new_field: 1,
    };
    const { secret } = await stubbedSecret(ctx, () => json(200, [full, { ...least, sandbox_name: null }]));
    const [event, bare] = await secret.getAudit();
    assert.deepEqual(
      { ...event },
      {
        id: 7,
        ts: new Date("2026-08-01T12:00:00Z"),
        sandboxId: ID,
        sandboxName: "box",
        secretId: SECRET_ID,
        method: "POST",
        host: "api.example.com",
        path: "/v1",
        status: 502,
        upstreamStatus: 503,
        latencyMs: 12,
        errorCode: "upstream_failed",
      },
    );
    for (const key of ["sandboxName", "secretId", "upstreamStatus", "latencyMs", "errorCode"]) {
      assert.equal(bare[key], undefined, key);
    }
    assert.deepEqual([bare.sandboxId, bare.method, bare.host, bare.path, bare.status], ["", "", "", "", 0]);
    for (const field of Object.keys(least)) {
      const other = await stubbedSecret(ctx, () => json(200, [{ ...full, [field]: undefined }]));
      const error = await assert.rejects(other.secret.getAudit(), sdk.SandboxError);
      assert.match(error.message, new RegExp(`\\b${field}\\b`));
    }
  });

  test("the sandboxes of a secret and their fields", async (ctx) => {
    const wire = { sandbox_id: ID, sandbox_name: "box", env_key: "API_KEY", status: "hibernating", new: 1 };
    const { secret } = await stubbedSecret(ctx, () => json(200, [wire]));
    const [binding] = await secret.getSandboxes();
    ctx.assert.deepEqual(
      { ...binding },
      { sandboxId: ID, sandboxName: "box", envKey: "API_KEY", status: "hibernating" },
    );
  });

  test("providers and their fields", async (ctx) => {
    const { sdk, assert } = ctx;
    const wire = {
      name: "anthropic",
      display: "Anthropic",
      auth_type: "api-key",
      auth_config: { header: "x-api-key" },
      hosts: ["api.anthropic.com"],
      token_shape: "sk-ant-api03-...",
    };
    const calls = stubFetch(ctx, () => json(200, [wire, { name: "bare" }]));
    const [provider, bare] = await sdk.Provider.list(connection);
    assert.equal(`${calls[0].method} ${calls[0].url}`, `GET ${BASE}/providers`);
    assert.deepEqual(
      { ...provider },
      {
        name: "anthropic",
        display: "Anthropic",
        authType: "api-key",
        authConfig: { header: "x-api-key" },
        hosts: ["api.anthropic.com"],
        tokenShape: "sk-ant-api03-...",
      },
    );
    assert.deepEqual([bare.display, bare.hosts, bare.tokenShape], ["", [], ""]);
    stubFetch(ctx, () => json(200, [{ ...wire, name: undefined }]));
    const error = await assert.rejects(() => sdk.Provider.list(connection), sdk.SandboxError);
    assert.match(error.message, /\bname\b/);
  });

  test("attach and detach", async (ctx) => {
    const { assert } = ctx;
    const { sandbox, calls } = await stubbedSandbox(ctx, ({ method }) =>
      method === "POST" ? json(201, { env_key: "A", secret_name: "s" }) : noContent(),
    );
    assert.equal(await sandbox.attachSecret("API_KEY", "prod"), undefined);
    assert.equal(await sandbox.detachSecret("API_KEY"), undefined);
    await sandbox.detachSecret("A/B");
    const [attach, detach, odd] = calls;
    assert.equal(`${attach.method} ${attach.url}`, `POST ${BASE}/sandboxes/${ID}/secrets`);
    assert.deepEqual(attach.json, { env_key: "API_KEY", secret_name: "prod" });
    assert.equal(`${detach.method} ${detach.url}`, `DELETE ${BASE}/sandboxes/${ID}/secrets/API_KEY`);
    assert.ok(odd.url.endsWith("/secrets/A%2FB"));
    for (const { headers } of calls) {
      assert.equal(headers["x-api-key"], KEY);
      assert.equal("x-access-token" in headers, false, "no token to the control plane");
    }
  });
}
