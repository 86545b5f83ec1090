// The shape of every request: how fetch is called, when, and with what.

import {
  FRESH,
  ID,
  KEY,
  TOKEN,
  failure,
  json,
  noContent,
  result,
  wireSandbox,
} from "../support/fixtures.mjs";
import { METHODS, goodResponse } from "../support/methods.mjs";
import { stubFetch, stubbedSandbox } from "../support/stub-fetch.mjs";

const connection = { apiKey: KEY, baseUrl: "http://localhost:9" };

const plain = (value) => [Object.prototype, null].includes(Object.getPrototypeOf(value));

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  for (const method of METHODS) {
    test(`${method.name}: fetch(url, init) before the method returns`, async (ctx) => {
      const { sdk, assert, runtime } = ctx;
      const { sandbox, calls } = await stubbedSandbox(ctx, () => goodResponse(method));
      const promise = method.call({ sdk, sandbox, connection });
      assert.equal(calls.length, 1, "requests when the method returns");
      assert.ok(promise instanceof Promise, "returns a promise");
      await promise;
      assert.equal(calls.length, 1, "requests in all");

      const [{ args, url, init, headers, path }] = calls;
      assert.equal(args.length, 2, "arguments of fetch");
      assert.equal(typeof url, "string", "typeof url");
      assert.ok(plain(init), "init is a plain object");
      assert.ok(plain(init.headers), "headers are a plain object");
      for (const [name, value] of Object.entries(init.headers)) {
        assert.equal(typeof value, "string", `header ${name}`);
      }
      assert.equal(init.method, method.http, "method");
      assert.equal(path, method.path, "path");
      assert.equal(init.redirect, "manual", "redirect");
      assert.ok(init.signal instanceof AbortSignal, "a signal");

      const [own, other] =
        method.plane === "control"
          ? [{ "x-api-key": KEY }, "x-access-token"]
          : [{ "x-access-token": TOKEN }, "x-api-key"];
      assert.deepEqual({ ...headers, ...own }, headers, "the plane's own key");
      assert.equal(other in headers, false, `no ${other} on the ${method.plane} plane`);
      if (runtime.browser) {
        // Any other header fails the data plane's preflight, and the control plane needs no more.
        const allowed = [Object.keys(own)[0], "content-type", "accept"];
        const others = Object.keys(headers).filter((name) => !allowed.includes(name));
        assert.deepEqual(others, [], "headers that a page must not send");
      } else {
        assert.match(headers["user-agent"], /^@superserve\/sdk\/\d+\.\d+\.\d+\S* \([^()/]+(\/[^()]+)?\)$/);
      }
      if (typeof init.body === "string" && path !== "/files?path=%2Fa.txt") {
        assert.match(headers["content-type"], /^application\/json\b/, "content-type");
        JSON.parse(init.body);
      }
    });
  }

  test("JSON goes as a string with its content type", async (ctx) => {
    const calls = stubFetch(ctx, () => json(201, wireSandbox()));
    await ctx.sdk.Sandbox.create({ name: "x", ...connection });
    ctx.assert.equal(typeof calls[0].init.body, "string");
    ctx.assert.match(calls[0].headers["content-type"], /^application\/json\b/);
  });

  test("the create body, every option", async (ctx) => {
    const calls = stubFetch(ctx, () => json(201, wireSandbox()));
    await ctx.sdk.Sandbox.create({
      ...connection,
      name: "all",
      fromTemplate: "superserve/base",
      fromSnapshot: ID,
      timeoutSeconds: 600,
      autoDeleteSeconds: 0,
      metadata: { env: "prod", __proto__: null },
      envVars: { A: "1", EMPTY: "" },
      secrets: { OPENAI_API_KEY: "openai-prod" },
      network: { allowOut: ["*.github.com", "10.0.0.0/8"], denyOut: ["0.0.0.0/0"] },
      previewAccess: "private",
    });
    ctx.assert.deepEqual(calls[0].json, {
      name: "all",
      from_template: "superserve/base",
      from_snapshot: ID,
      timeout_seconds: 600,
      auto_delete_seconds: 0,
      metadata: { env: "prod" },
      env_vars: { A: "1", EMPTY: "" },
      secrets: { OPENAI_API_KEY: "openai-prod" },
      network: { allow_out: ["*.github.com", "10.0.0.0/8"], deny_out: ["0.0.0.0/0"] },
      preview_access: "private",
    });
  });

  test("the create body, nothing but the name", async (ctx) => {
    const calls = stubFetch(ctx, () => json(201, wireSandbox()));
    await ctx.sdk.Sandbox.create({
      ...connection,
      name: "least",
      metadata: undefined,
      timeoutSeconds: undefined,
      network: undefined,
      unknownOption: "ignored",
    });
    ctx.assert.deepEqual(calls[0].json, { name: "least" });
  });

  test("a name is made up where none is given", async (ctx) => {
    const { assert, sdk } = ctx;
    const calls = stubFetch(ctx, () => json(201, wireSandbox()));
    const { Sandbox } = sdk;
    await Sandbox.create({ ...connection });
    await Sandbox.create({ ...connection, name: undefined, metadata: { a: "b" } });
    await Sandbox.create({ ...connection, name: null });
    while (calls.length < 100) await Sandbox.create(connection);
    const names = calls.map((call) => call.json.name);
    for (const name of names) assert.match(name, /^[a-z]+-[a-z]+-[0-9a-z]{4}$/);
    assert.ok(new Set(names).size > 95, "a name for each");
    assert.deepEqual(Object.keys(calls[1].json).sort(), ["metadata", "name"]);
    await Sandbox.create({ ...connection, name: "mine" });
    assert.equal(calls.at(-1).json.name, "mine");
  });

  test("an undefined member of a map is left out, as JSON leaves it out", async (ctx) => {
    const map = { kept: "x", dropped: undefined };
    let calls = stubFetch(ctx, () => json(201, wireSandbox()));
    const options = { ...connection, name: "x", metadata: map, envVars: map, secrets: map };
    const sandbox = await ctx.sdk.Sandbox.create(options);
    const sent = { kept: "x" };
    ctx.assert.deepEqual(calls[0].json, { name: "x", metadata: sent, env_vars: sent, secrets: sent });
    calls = stubFetch(ctx, ({ method }) => (method === "GET" ? json(200, []) : json(200, result())));
    await sandbox.commands.run("true", { env: map });
    ctx.assert.deepEqual(calls[0].json, { command: "true", env: sent });
    await ctx.sdk.Sandbox.list({ ...connection, metadata: map });
    ctx.assert.deepEqual([...new URL(calls[1].url).searchParams], [["metadata.kept", "x"]]);
  });

  test("a template may be given as an object", async (ctx) => {
    const calls = stubFetch(ctx, () => json(201, wireSandbox()));
    const { create } = ctx.sdk.Sandbox;
    await create.call(ctx.sdk.Sandbox, { ...connection, name: "x", fromTemplate: { id: ID, name: "tpl" } });
    await create.call(ctx.sdk.Sandbox, { ...connection, name: "x", fromTemplate: { id: ID } });
    ctx.assert.ok(["tpl", ID].includes(calls[0].json.from_template), "its name or its id");
    ctx.assert.equal(calls[1].json.from_template, ID);
  });

  test("text of every kind survives in a body", async (ctx) => {
    const calls = stubFetch(ctx, () => json(201, wireSandbox()));
    const metadata = {
      quotes: `"\\/\b\f\n\r\t`,
      control: "\u0000\u001f\u007f\u2028\u2029",
      planes: "ÿ€漢字😀𝒳",
      ["__proto__"]: "an own key",
      constructor: "c",
      "": "empty key",
    };
    await ctx.sdk.Sandbox.create({ ...connection, name: "x", metadata });
    const sent = calls[0].json.metadata;
    ctx.assert.deepEqual(Object.entries(sent).sort(), Object.entries(metadata).sort());
  });

  test("a lone surrogate neither traps nor breaks the JSON", async (ctx) => {
    const calls = stubFetch(ctx, () => json(201, wireSandbox()));
    const create = () => ctx.sdk.Sandbox.create({ ...connection, name: "x", metadata: { half: "a\ud800b" } });
    const outcome = await create().catch((error) => error);
    if (calls.length === 0) ctx.assert.isError(outcome, ctx.sdk.ValidationError);
    else ctx.assert.match(calls[0].json.metadata.half, /^a[\ud800\ufffd]b$/);
  });

  test("the list query", async (ctx) => {
    const calls = stubFetch(ctx, () => json(200, []));
    const { Sandbox } = ctx.sdk;
    await Sandbox.list(connection);
    await Sandbox.list({
      ...connection,
      metadata: { env: "prod", "a b&c=d": "x+y/z?#&=%ü" },
      status: "paused",
      limit: 10,
      offset: 20,
    });
    await Sandbox.list({
      ...connection,
      status: ["active", "a state of tomorrow"],
      q: "web & more",
      sort: "name",
      order: "desc",
    });
    ctx.assert.equal(
      calls[2].url,
      "http://localhost:9/sandboxes?status=active&status=a%20state%20of%20tomorrow&q=web%20%26%20more&sort=name&order=desc",
    );
    ctx.assert.equal(calls[0].url, "http://localhost:9/sandboxes");
    const query = [...new URL(calls[1].url).searchParams].sort();
    ctx.assert.deepEqual(query, [
      ["limit", "10"],
      ["metadata.a b&c=d", "x+y/z?#&=%ü"],
      ["metadata.env", "prod"],
      ["offset", "20"],
      ["status", "paused"],
    ]);
  });

  test("the update body keeps null and leaves out what is absent", async (ctx) => {
    const { sandbox, calls } = await stubbedSandbox(ctx, noContent);
    await sandbox.update({ timeoutSeconds: null, autoDeleteSeconds: null, metadata: undefined });
    await sandbox.update({ timeoutSeconds: 5, autoDeleteSeconds: 0, metadata: {} });
    await sandbox.update({ network: { allowOut: [] }, previewAccess: "public" });
    await ctx.sdk.Sandbox.updateById(ID, { autoDeleteSeconds: null }, connection);
    ctx.assert.deepEqual(
      calls.map((call) => call.json),
      [
        { timeout_seconds: null, auto_delete_seconds: null },
        { timeout_seconds: 5, auto_delete_seconds: 0, metadata: {} },
        { network: { allow_out: [] }, preview_access: "public" },
        { auto_delete_seconds: null },
      ],
    );
  });

  test("the exec body", async (ctx) => {
    const { sandbox, calls } = await stubbedSandbox(ctx, () => json(200, result()));
    const { commands } = sandbox;
    await commands.run("true");
    await commands.run("true", { cwd: "/tmp", env: { A: "1" }, timeoutMs: 1001 });
    await commands.run("true", { timeoutMs: 1 });
    await commands.run("true", { timeoutMs: 60_000, maxOutputBytes: 1000 });
    await commands.run("printf", { args: ["%s", "a b", "$(c)", "d\ne", ""] });
    await commands.run("true", { args: [] });
    ctx.assert.deepEqual(
      calls.map((call) => call.json),
      [
        { command: "true" },
        { command: "true", working_dir: "/tmp", env: { A: "1" }, timeout_s: 2 },
        { command: "true", timeout_s: 1 },
        { command: "true", timeout_s: 60 },
        { command: "printf", args: ["%s", "a b", "$(c)", "d\ne", ""] },
        { command: "true", args: [] },
      ],
    );
  });

  test("an id stays one segment of the path", async (ctx) => {
    const { sdk, assert } = ctx;
    const ids = [
      "../secrets",
      "a/b",
      "a?b=c",
      "a#b",
      "a%2fb",
      "..%2fsecrets",
      "%2e%2e",
      "ä 😀",
      "a\\b",
      "a;b",
    ];
    const attempts = {
      connect: [(id) => sdk.Sandbox.connect(id, connection), "/activate"],
      killById: [(id) => sdk.Sandbox.killById(id, connection), ""],
      updateById: [(id) => sdk.Sandbox.updateById(id, { metadata: {} }, connection), ""],
    };
    for (const [name, [attempt, tail]] of Object.entries(attempts)) {
      for (const id of ids) {
        const calls = stubFetch(ctx, () => failure(400, "bad_id", "not a UUID"));
        await assert.rejects(() => attempt(id), sdk.ValidationError, `${name} ${id}`);
        for (const { url } of calls) {
          const { pathname, search, hash, origin } = new URL(url);
          assert.equal(origin + search + hash, connection.baseUrl, `${name} ${id}`);
          assert.equal(decodeURIComponent(pathname), `/sandboxes/${id}${tail}`, name);
          const segments = 2 + (tail === "" ? 0 : 1);
          assert.equal(pathname.split("/").length - 1, segments, `${pathname} of ${id}`);
        }
      }
      // These cannot be a segment at all: a URL parser takes them away.
      for (const id of ["", ".", ".."]) {
        const calls = stubFetch(ctx, () => noContent());
        await assert.rejects(() => attempt(id), sdk.ValidationError, `${name} ${assert.show(id)}`);
        assert.equal(calls.length, 0, `requests of ${name} ${assert.show(id)}`);
      }
    }
  });

  test("an id from the service is encoded as well", async (ctx) => {
    const { sandbox, calls } = await stubbedSandbox(ctx, noContent, { wire: { id: "../x?y#z" } });
    ctx.assert.equal(sandbox.id, "../x?y#z");
    await sandbox.pause();
    ctx.assert.equal(calls[0].url, "http://localhost:9/sandboxes/..%2Fx%3Fy%23z/pause");
  });

  test("a file path is one value of the query", async (ctx) => {
    const { sandbox, calls } = await stubbedSandbox(ctx, () => new Response("x"));
    const paths = ["/a b", "/a&format=zip", "/a#b", "/a%2e%2e/b", "/a+b", "/漢字😀", "/a?b=c", "/a=b;c"];
    for (const path of paths) {
      await sandbox.files.read(path);
      const { pathname, searchParams, hash } = new URL(calls.at(-1).url);
      ctx.assert.equal(pathname, "/files");
      ctx.assert.deepEqual([...searchParams], [["path", path]]);
      ctx.assert.equal(hash, "");
    }
    await sandbox.files.downloadDir("/dir&path=/etc");
    ctx.assert.deepEqual([...new URL(calls.at(-1).url).searchParams].sort(), [
      ["format", "zip"],
      ["path", "/dir&path=/etc"],
    ]);
  });

  test("options are read at the call and never again", async (ctx) => {
    const { sdk, assert } = ctx;
    const metadata = { env: "before" };
    const options = { ...connection, name: "before", metadata, network: { allowOut: ["a.com"] } };
    let calls = stubFetch(ctx, () => json(201, wireSandbox()));
    const created = sdk.Sandbox.create(options);
    Object.assign(options, { name: "after", apiKey: "after", baseUrl: "http://localhost:10" });
    metadata.env = "after";
    options.network.allowOut.push("b.com");
    const sandbox = await created;
    assert.deepEqual(calls[0].json.metadata, { env: "before" });
    assert.deepEqual(calls[0].json.network, { allow_out: ["a.com"] });

    // A command that has to be sent twice is sent as it was.
    const run = { cwd: "/before", env: { A: "before" }, timeoutMs: 1000 };
    calls = stubFetch(ctx, ({ url }, index) => {
      if (index === 0) return new Response("stale", { status: 401 });
      return url.endsWith("/activate")
        ? json(200, wireSandbox({ access_token: FRESH }))
        : json(200, result());
    });
    const running = sandbox.commands.run("true", run);
    Object.assign(run, { cwd: "/after", timeoutMs: 9000 });
    run.env.A = "after";
    await running;
    assert.equal(calls.length, 3);
    assert.ok(
      calls.every(({ url }) => url.startsWith(connection.baseUrl)),
      "the first base URL",
    );
    assert.equal(calls[1].headers["x-api-key"], KEY, "the first key");
    for (const index of [0, 2]) {
      assert.deepEqual(calls[index].json, {
        command: "true",
        working_dir: "/before",
        env: { A: "before" },
        timeout_s: 1,
      });
    }
  });

  test("each option is read once", async (ctx) => {
    const { sdk, assert } = ctx;
    const reads = {};
    const counting = (values) =>
      new Proxy(values, {
        get(target, key, receiver) {
          reads[key] = (reads[key] ?? 0) + 1;
          return Reflect.get(target, key, receiver);
        },
      });
    stubFetch(ctx, () => json(201, wireSandbox()));
    const options = { ...connection, name: "x", timeoutSeconds: 5, metadata: { a: "b" }, timeoutMs: 500 };
    await sdk.Sandbox.create(counting(options));
    for (const key of Object.keys(options)) assert.equal(reads[key], 1, `reads of ${key}`);
  });

  test("options may be inherited, frozen, or without a prototype", async (ctx) => {
    const calls = stubFetch(ctx, () => json(201, wireSandbox()));
    class Options {
      get name() {
        return "inherited";
      }
    }
    const { Sandbox } = ctx.sdk;
    await Sandbox.create(Object.assign(new Options(), connection));
    await Sandbox.create(Object.freeze({ ...connection, name: "frozen" }));
    await Sandbox.create(Object.assign(Object.create(null), connection, { name: "bare" }));
    ctx.assert.deepEqual(
      calls.map((call) => call.json.name),
      ["inherited", "frozen", "bare"],
    );
  });

  test("a mock of fetch that answers without a promise", async (ctx) => {
    const original = globalThis.fetch;
    ctx.defer(() => (globalThis.fetch = original));
    globalThis.fetch = () => json(201, wireSandbox());
    const sandbox = await ctx.sdk.Sandbox.create({ ...connection, name: "x" });
    ctx.assert.equal(sandbox.id, ID);
  });

  test("fetch is looked up at every call", async (ctx) => {
    const { sandbox, calls } = await stubbedSandbox(ctx, () => json(200, wireSandbox()));
    await sandbox.getInfo();
    const later = stubFetch(ctx, () => json(200, wireSandbox()));
    await sandbox.getInfo();
    ctx.assert.equal(calls.length, 1);
    ctx.assert.equal(later.length, 1);
  });
}
