// Connection settings: keys, regions, hosts, and what is refused.

import { ID, KEY, json, result, wireSandbox } from "../support/fixtures.mjs";
import { stubFetch } from "../support/stub-fetch.mjs";

const TAIL = "0123456789abcdefghijABCDEFGHIJ_-";
const DEFAULT = ["https://api.superserve.ai", "sandbox.superserve.ai"];
const US_WEST = ["https://api-usw.superserve.ai", "usw-sandbox.superserve.ai"];

/** Sets (or with `undefined` unsets) environment variables until the test ends. */
function setEnv({ runtime, defer }, values) {
  for (const [name, value] of Object.entries(values)) {
    const before = runtime.env.get(name);
    defer(() => runtime.env.set(name, before));
    runtime.env.set(name, value);
  }
}

/** The URL and headers of a data-plane call made with these options. */
async function dataPlaneCall(ctx, options) {
  const calls = stubFetch(ctx, ({ url }) =>
    url.endsWith("/exec") ? json(200, result()) : json(201, wireSandbox()),
  );
  const sandbox = await ctx.sdk.Sandbox.create({ name: "fixture", apiKey: KEY, ...options });
  await sandbox.commands.run("true");
  ctx.assert.equal(calls.length, 2, "requests");
  return { control: calls[0], data: calls[1] };
}

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("explicit settings win and come back plain", ({ sdk, assert }) => {
    const config = sdk.resolveConfig({ apiKey: KEY, baseUrl: "https://api-staging.superserve.ai" });
    assert.deepEqual(config, {
      apiKey: KEY,
      baseUrl: "https://api-staging.superserve.ai",
      sandboxHost: "staging-sandbox.superserve.ai",
    });
  });

  test("the key names the region", ({ sdk, assert }) => {
    const cases = [
      [`ss_live_use_${TAIL}`, DEFAULT],
      [`ss_live_usw_${TAIL}`, US_WEST],
      [`ss_live_mars_${TAIL}`, DEFAULT],
      [`ss_live_${TAIL}`, DEFAULT],
      [`ss_live_usw_${TAIL}x`, DEFAULT],
      [`ss_live_usw_${TAIL.slice(1)}`, DEFAULT],
      [`ss_live_USW_${TAIL}`, DEFAULT],
      [`xss_live_usw_${TAIL}`, DEFAULT],
      [`ss_test_usw_${TAIL}`, DEFAULT],
      [`ss_live_usw_${TAIL.slice(0, -1)}!`, DEFAULT],
      [`ss_live_${"u".repeat(18)}_${TAIL}`, DEFAULT],
      ["anything", DEFAULT],
    ];
    for (const [apiKey, [baseUrl, sandboxHost]] of cases) {
      const config = sdk.resolveConfig({ apiKey });
      assert.equal(config.baseUrl, baseUrl, apiKey);
      assert.equal(config.sandboxHost, sandboxHost, apiKey);
    }
  });

  test("an explicit base URL decides the sandbox host, not the key", ({ sdk, assert }) => {
    const apiKey = `ss_live_usw_${TAIL}`;
    const cases = [
      ["https://api.superserve.ai", "sandbox.superserve.ai"],
      ["https://api-usw.superserve.ai", "usw-sandbox.superserve.ai"],
      ["https://api-staging.superserve.ai", "staging-sandbox.superserve.ai"],
      ["https://api.example.com", "sandbox.superserve.ai"],
      ["https://api-usw.superserve.ai.example.com", "sandbox.superserve.ai"],
    ];
    for (const [baseUrl, sandboxHost] of cases) {
      assert.equal(sdk.resolveConfig({ apiKey, baseUrl }).sandboxHost, sandboxHost, baseUrl);
    }
  });

  test("a blank setting counts as unset", ({ sdk, assert }) => {
    for (const baseUrl of ["", "  ", "\t\n"]) {
      assert.equal(sdk.resolveConfig({ apiKey: KEY, baseUrl }).baseUrl, DEFAULT[0]);
    }
    for (const apiKey of ["", "  ", "\t\n"]) {
      assert.throws(() => sdk.resolveConfig({ apiKey }), sdk.AuthenticationError);
    }
  });

  test("a trailing slash is harmless", async (ctx) => {
    const { control, data } = await dataPlaneCall(ctx, { baseUrl: "http://localhost:8080/" });
    ctx.assert.equal(control.url, "http://localhost:8080/sandboxes");
    ctx.assert.equal(data.url, "http://localhost:8080/exec");
  });

  test("without a key every call is an AuthenticationError before any request", async (ctx) => {
    const { sdk, assert } = ctx;
    const calls = stubFetch(ctx, () => json(200, []));
    const attempts = {
      create: () => sdk.Sandbox.create({ name: "x" }),
      connect: () => sdk.Sandbox.connect(ID),
      list: () => sdk.Sandbox.list(),
      killById: () => sdk.Sandbox.killById(ID),
      updateById: () => sdk.Sandbox.updateById(ID, { metadata: {} }),
    };
    for (const [name, attempt] of Object.entries(attempts)) {
      const error = await assert.rejects(attempt, sdk.AuthenticationError, name);
      assert.match(error.message, /SUPERSERVE_API_KEY/, `${name} says what to set`);
    }
    assert.throws(() => sdk.resolveConfig(), sdk.AuthenticationError);
    assert.throws(() => sdk.resolveConfig({}), sdk.AuthenticationError);
    assert.equal(calls.length, 0, "requests");
  });

  test("the environment is read at the call", { needs: "env" }, (ctx) => {
    const { sdk, assert } = ctx;
    setEnv(ctx, { SUPERSERVE_API_KEY: `ss_live_usw_${TAIL}` });
    assert.deepEqual(sdk.resolveConfig(), {
      apiKey: `ss_live_usw_${TAIL}`,
      baseUrl: US_WEST[0],
      sandboxHost: US_WEST[1],
    });
    setEnv(ctx, { SUPERSERVE_BASE_URL: "https://api-staging.superserve.ai/" });
    assert.equal(sdk.resolveConfig().sandboxHost, "staging-sandbox.superserve.ai");
    assert.equal(sdk.resolveConfig({ apiKey: KEY }).apiKey, KEY);
    assert.equal(sdk.resolveConfig({ baseUrl: DEFAULT[0] }).baseUrl, DEFAULT[0]);
    setEnv(ctx, { SUPERSERVE_BASE_URL: "   " });
    assert.equal(sdk.resolveConfig().baseUrl, US_WEST[0], "a blank SUPERSERVE_BASE_URL");
    assert.equal(sdk.resolveConfig({ apiKey: " " }).apiKey, `ss_live_usw_${TAIL}`, "a blank option");
    setEnv(ctx, { SUPERSERVE_API_KEY: "  " });
    assert.throws(() => sdk.resolveConfig(), sdk.AuthenticationError);
  });

  test("a place without `process` gets the same clear error", { needs: "process" }, (ctx) => {
    const { sdk, assert } = ctx;
    const descriptor = Object.getOwnPropertyDescriptor(globalThis, "process");
    ctx.defer(() => Object.defineProperty(globalThis, "process", descriptor));
    for (const stand of [undefined, {}, { env: undefined }, { env: null }, null]) {
      Object.defineProperty(globalThis, "process", { value: stand, configurable: true });
      const error = assert.throws(() => sdk.resolveConfig(), sdk.AuthenticationError);
      assert.match(error.message, /API key/i);
    }
    delete globalThis.process;
    assert.throws(() => sdk.resolveConfig(), sdk.AuthenticationError);
    assert.equal(sdk.resolveConfig({ apiKey: KEY }).baseUrl, DEFAULT[0], "options suffice");
  });

  test("a loopback base URL serves both planes", async (ctx) => {
    const { assert, runtime } = ctx;
    const origins = [
      "http://localhost:3000",
      "http://sub.localhost:3000",
      "http://127.0.0.1:3000",
      "http://127.8.9.10:3000",
      "http://[::1]:3000",
      "https://localhost:3443",
    ];
    for (const origin of origins) {
      const { control, data } = await dataPlaneCall(ctx, { baseUrl: origin });
      assert.equal(control.url, `${origin}/sandboxes`);
      assert.equal(data.url, `${origin}/exec`);
      const expected = runtime.browser ? undefined : ID;
      assert.equal(data.headers["x-superserve-sandbox-id"], expected, origin);
    }
  });

  test("the service's data plane is addressed as this place can", async (ctx) => {
    const { assert, runtime } = ctx;
    const hosts = {
      "https://api.superserve.ai": "sandbox.superserve.ai",
      "https://api-usw.superserve.ai": "usw-sandbox.superserve.ai",
      "https://api-staging.superserve.ai": "staging-sandbox.superserve.ai",
    };
    for (const [baseUrl, host] of Object.entries(hosts)) {
      const { control, data } = await dataPlaneCall(ctx, { baseUrl });
      assert.equal(control.url, `${baseUrl}/sandboxes`);
      if (runtime.browser) {
        assert.equal(data.url, `https://boxd-${ID}.${host}/exec`);
        assert.equal("x-superserve-sandbox-id" in data.headers, false);
      } else {
        assert.equal(data.url, `https://${host}/exec`);
        assert.equal(data.headers["x-superserve-sandbox-id"], ID);
      }
    }
  });

  test("sandboxUrl overrides the data plane", async (ctx) => {
    const { sdk, assert } = ctx;
    const { control, data } = await dataPlaneCall(ctx, {
      baseUrl: "https://control.example.com",
      sandboxUrl: "https://data.example.com:8443/",
    });
    assert.equal(control.url, "https://control.example.com/sandboxes");
    assert.equal(data.url, "https://data.example.com:8443/exec");
    const loopback = await dataPlaneCall(ctx, {
      baseUrl: "https://control.example.com",
      sandboxUrl: "http://127.0.0.1:9000",
    });
    assert.equal(loopback.data.url, "http://127.0.0.1:9000/exec");
    const config = sdk.resolveConfig({ apiKey: KEY, sandboxUrl: "https://data.example.com" });
    assert.equal(config.sandboxUrl, "https://data.example.com");
  });

  test("SUPERSERVE_SANDBOX_URL does too, and the option wins", { needs: "env" }, async (ctx) => {
    setEnv(ctx, { SUPERSERVE_SANDBOX_URL: "https://env.example.com" });
    const fromEnv = await dataPlaneCall(ctx, { baseUrl: "http://localhost:3000" });
    ctx.assert.equal(fromEnv.data.url, "https://env.example.com/exec");
    const fromOption = await dataPlaneCall(ctx, { sandboxUrl: "https://option.example.com" });
    ctx.assert.equal(fromOption.data.url, "https://option.example.com/exec");
  });

  test("a port that is none", async (ctx) => {
    const { sdk, assert } = ctx;
    const calls = stubFetch(ctx, () => json(200, []));
    for (const port of ["65536", "99999", "123456", "8o"]) {
      const baseUrl = `https://api.example.com:${port}`;
      await assert.rejects(sdk.Sandbox.list({ apiKey: KEY, baseUrl }), sdk.ValidationError, port);
    }
    assert.equal(calls.length, 0, "requests");
    await sdk.Sandbox.list({ apiKey: KEY, baseUrl: "https://api.example.com:65535" });
  });

  test("plain http to any other host is refused before any request", async (ctx) => {
    const { sdk, assert } = ctx;
    const calls = stubFetch(ctx, () => json(200, []));
    const refused = [
      "http://api.superserve.ai",
      "HTTP://api.superserve.ai",
      "http://10.0.0.1:3000",
      "http://128.0.0.1",
      "http://0.0.0.0:3000",
      "http://[::2]:3000",
      "http://localhost.example.com",
      "http://127.0.0.1.example.com",
      "http://notlocalhost",
      "http://localhost@example.com",
      "http://localhost:80@example.com",
      "http://example.com#localhost",
      "http://example.com?localhost",
      "http://example.com/localhost",
      "http://example.com\\@localhost",
    ];
    for (const baseUrl of refused) {
      const list = () => sdk.Sandbox.list({ apiKey: KEY, baseUrl });
      await assert.rejects(list, sdk.ValidationError, baseUrl);
      assert.throws(() => sdk.resolveConfig({ apiKey: KEY, baseUrl }), sdk.ValidationError, baseUrl);
      const create = () => sdk.Sandbox.create({ name: "x", apiKey: KEY, sandboxUrl: baseUrl });
      await assert.rejects(create, sdk.ValidationError, `sandboxUrl ${baseUrl}`);
    }
    assert.equal(calls.length, 0, "requests");
  });

  test("what is no URL is refused before any request", async (ctx) => {
    const { sdk, assert } = ctx;
    const calls = stubFetch(ctx, () => json(200, []));
    const refused = ["nonsense", "ftp://localhost", "javascript:1", "//localhost", "https://", "file:///"];
    for (const baseUrl of [...refused, 1, {}, [], true]) {
      const list = () => sdk.Sandbox.list({ apiKey: KEY, baseUrl });
      await assert.rejects(list, sdk.ValidationError, assert.show(baseUrl));
      const create = () => sdk.Sandbox.create({ name: "x", apiKey: KEY, sandboxUrl: baseUrl });
      await assert.rejects(create, sdk.ValidationError, `sandboxUrl ${assert.show(baseUrl)}`);
    }
    for (const apiKey of [1, {}, [], true, Symbol("key")]) {
      const list = () => sdk.Sandbox.list({ apiKey, baseUrl: "http://localhost:1" });
      await assert.rejects(list, sdk.ValidationError, "apiKey of a wrong type");
    }
    assert.equal(calls.length, 0, "requests");
  });

  test("preview URLs", ({ sdk, assert }) => {
    const { previewUrl } = sdk;
    assert.equal(
      previewUrl(ID, "usw-sandbox.superserve.ai", 3000),
      `https://3000-${ID}.usw-sandbox.superserve.ai`,
    );
    for (const port of [sdk.MIN_PREVIEW_PORT, 8080, sdk.MAX_PREVIEW_PORT]) {
      assert.equal(
        previewUrl(ID, "sandbox.superserve.ai", port),
        `https://${port}-${ID}.sandbox.superserve.ai`,
      );
    }
    const wrong = [
      0,
      80,
      1023,
      65536,
      -3000,
      3000.5,
      NaN,
      Infinity,
      2 ** 32 + 3000,
      "3000",
      null,
      undefined,
      {},
      3000n,
    ];
    for (const port of wrong) {
      const make = () => previewUrl(ID, "sandbox.superserve.ai", port);
      assert.throws(make, sdk.ValidationError, assert.show(port));
    }
  });
}
