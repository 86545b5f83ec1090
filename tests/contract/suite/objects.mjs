// The objects a caller holds: their identity, what they show, and what may be done with them.

import {
  ID,
  KEY,
  TOKEN,
  event,
  finished,
  json,
  result,
  streamOf,
  wireSandbox,
} from "../support/fixtures.mjs";
import { stubFetch, stubbedSandbox } from "../support/stub-fetch.mjs";

const connection = { apiKey: KEY, baseUrl: "http://localhost:9" };

/** Whether its prototype is the `Object.prototype` of some realm: the edge runtime parses JSON in another. */
function isPlain(value) {
  const prototype = Object.getPrototypeOf(value);
  return Object.hasOwn(prototype, "hasOwnProperty") && Object.getPrototypeOf(prototype) === null;
}

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("commands and files are always the same objects", async (ctx) => {
    const { assert } = ctx;
    const { sandbox } = await stubbedSandbox(ctx, () => json(200, result()));
    const { commands, files } = sandbox;
    await commands.run("x");
    assert.ok(sandbox.commands === commands, "commands");
    assert.ok(sandbox.files === files, "files");
    assert.equal(typeof commands.run, "function");
    for (const name of ["write", "read", "readText", "downloadDir"]) {
      assert.equal(typeof files[name], "function", `files.${name}`);
    }
  });

  test("a spy set on a method sticks", async (ctx) => {
    const { assert } = ctx;
    const { sandbox, calls } = await stubbedSandbox(ctx, () => json(200, result()));
    const spied = [];
    const original = sandbox.commands.run;
    sandbox.commands.run = function (...args) {
      spied.push(args);
      return original.apply(this, args);
    };
    await sandbox.commands.run("spied", { cwd: "/" });
    assert.deepEqual(spied, [["spied", { cwd: "/" }]]);
    assert.equal(calls.length, 1, "and calls through");
    sandbox.files.read = () => "replaced";
    assert.equal(sandbox.files.read("/a"), "replaced");
    sandbox.getInfo = () => "replaced";
    assert.equal(sandbox.getInfo(), "replaced");
  });

  test("a spy on one sandbox is not on another", async (ctx) => {
    const { assert } = ctx;
    const one = await stubbedSandbox(ctx, () => json(200, result()));
    const two = await stubbedSandbox(ctx, () => json(200, result()));
    one.sandbox.commands.run = () => "replaced";
    assert.notEqual(one.sandbox.commands, two.sandbox.commands);
    assert.equal((await two.sandbox.commands.run("x")).exitCode, 0);
  });

  test("the own enumerable properties are the public fields", async (ctx) => {
    const { sdk, assert } = ctx;
    const least = await stubbedSandbox(ctx, () => json(200, result()));
    assert.deepEqual(Object.keys(least.sandbox).sort(), [
      "id",
      "metadata",
      "name",
      "previewAccess",
      "status",
    ]);
    assert.equal(least.sandbox.previewAccess, "legacy_public", "where the service says nothing");
    const wire = {
      metadata: { a: "b" },
      preview_access: "private",
      secrets: [{ env_key: "K", secret_name: "s" }],
    };
    const { sandbox } = await stubbedSandbox(ctx, () => json(200, result()), { wire });
    const expected = {
      id: ID,
      metadata: { a: "b" },
      name: "fixture",
      previewAccess: "private",
      secrets: [{ envKey: "K", secretName: "s" }],
      status: "active",
    };
    const shown = JSON.parse(JSON.stringify(sandbox));
    assert.deepEqual(shown, expected, "JSON.stringify");
    assert.deepEqual(JSON.parse(JSON.stringify({ ...sandbox })), expected, "spread");
    assert.ok(isPlain(sandbox.metadata), "metadata is plain");
    assert.ok(sandbox instanceof sdk.Sandbox);
    assert.equal(sandbox.constructor, sdk.Sandbox);
    for (const key of ["commands", "files"]) {
      assert.equal(typeof sandbox[key], "object", key);
      assert.equal(Object.prototype.propertyIsEnumerable.call(sandbox, key), false, `${key} is not listed`);
    }
  });

  test("an object that is shown holds no key and no token", async (ctx) => {
    const { assert } = ctx;
    const { sandbox } = await stubbedSandbox(ctx, () => json(200, result()));
    const secrets = [KEY, TOKEN];
    const seen = new Set();
    // Everything that can be reached by properties, hidden ones and getters included.
    const look = (value, path) => {
      if (typeof value === "string") for (const secret of secrets) assert.excludes(value, secret, path);
      if (value === null || !["object", "function"].includes(typeof value) || seen.has(value)) return;
      if (path.split(".").length > 5) return;
      seen.add(value);
      for (const key of Reflect.ownKeys(value)) {
        let inner;
        try {
          inner = value[key];
        } catch {
          continue;
        }
        look(inner, `${path}.${String(key)}`);
      }
    };
    look(sandbox, "sandbox");
    look(sandbox.commands, "commands");
    look(sandbox.files, "files");
    for (const object of [sandbox, sandbox.metadata, sandbox.commands, sandbox.files]) {
      assert.ok(seen.has(object), "it looked into every object");
    }
    const texts = [
      String(sandbox),
      JSON.stringify(sandbox),
      JSON.stringify([sandbox.commands, sandbox.files]),
    ];
    for (const text of texts) for (const secret of secrets) assert.excludes(text, secret);
  });

  test("console.log shows the public fields and nothing else", { needs: "inspect" }, async (ctx) => {
    const { assert, runtime } = ctx;
    const wire = { metadata: { kind: "shown" }, preview_access: "private" };
    const { sandbox } = await stubbedSandbox(ctx, () => json(200, result()), { wire });
    const text = runtime.inspect(sandbox);
    for (const part of ["Sandbox", ID, "fixture", "active", "shown", "private"]) {
      assert.ok(text.includes(part), `${part} is shown in ${text}`);
    }
    for (const hidden of [KEY, TOKEN, "__wbg", "ptr", "_config", "localhost"]) assert.excludes(text, hidden);
    for (const part of [sandbox.commands, sandbox.files]) {
      for (const hidden of [KEY, TOKEN]) assert.excludes(runtime.inspect(part), hidden);
    }
  });

  test("infos and results are plain", async (ctx) => {
    const { sdk, assert } = ctx;
    const { sandbox } = await stubbedSandbox(ctx, ({ url }) =>
      url.endsWith("/exec") ? json(200, result()) : json(200, wireSandbox({ metadata: { a: "b" } })),
    );
    const info = await sandbox.getInfo();
    const done = await sandbox.commands.run("x");
    for (const value of [info, info.metadata, done]) {
      assert.ok(isPlain(value), assert.show(value));
    }
    // As text, since the clone may be of another realm.
    assert.equal(JSON.stringify(structuredClone(info)), JSON.stringify(info));
    assert.excludes(JSON.stringify(info), TOKEN);
    stubFetch(ctx, () => json(200, [wireSandbox()]));
    const listed = await sdk.Sandbox.list(connection);
    assert.ok(Array.isArray(listed), "a list is an Array");
    assert.excludes(JSON.stringify(listed), TOKEN);
  });

  test("metadata with odd keys is data, not structure", async (ctx) => {
    const { assert } = ctx;
    const body = `{"id":"${ID}","name":"n","status":"active","created_at":"2026-08-01T12:00:00Z",
      "access_token":"t","metadata":{"__proto__":"p","constructor":"c","toString":"t","":"e"}}`;
    const { sandbox } = await stubbedSandbox(ctx, () => new Response(body));
    const { metadata } = await sandbox.getInfo();
    assert.ok(isPlain(metadata), "its prototype is not replaced");
    assert.deepEqual(Object.entries(metadata).sort(), [
      ["", "e"],
      ["__proto__", "p"],
      ["constructor", "c"],
      ["toString", "t"],
    ]);
    assert.equal({}.p, undefined);
  });

  test("a sandbox awaits as itself and survives the usual handling", async (ctx) => {
    const { sdk, assert } = ctx;
    const { sandbox } = await stubbedSandbox(ctx, () => json(200, result()));
    assert.ok((await sandbox) === sandbox, "it is no thenable");
    assert.ok((await sandbox.commands) === sandbox.commands);
    const held = new WeakMap([[sandbox, 1]]);
    assert.equal(held.get(sandbox), 1);
    const frozen = Object.freeze(sandbox);
    assert.equal((await frozen.commands.run("x")).exitCode, 0, "frozen");
    class Extended extends sdk.Sandbox {}
    assert.equal(typeof Extended.list, "function");
  });

  test("static methods work detached", async (ctx) => {
    const { sdk, assert } = ctx;
    stubFetch(ctx, ({ method }) => (method === "GET" ? json(200, []) : json(201, wireSandbox())));
    const { create, list } = sdk.Sandbox;
    assert.ok((await create({ ...connection, name: "x" })) instanceof sdk.Sandbox);
    assert.deepEqual(await list(connection), []);
  });

  test("fetch may call the SDK again before it returns", async (ctx) => {
    const { assert } = ctx;
    const inner = [];
    let depth = 0;
    const { sandbox } = await stubbedSandbox(ctx, ({ url }) => {
      depth += 1;
      if (depth <= 3) inner.push(sandbox.commands.run("inner"), sandbox.getInfo());
      return url.endsWith("/exec") ? json(200, result({ stdout: "ok" })) : json(200, wireSandbox());
    });
    assert.equal((await sandbox.commands.run("outer")).stdout, "ok");
    assert.equal(inner.length, 6);
    for (const { status } of await Promise.allSettled(inner)) assert.equal(status, "fulfilled");
  });

  test("five hundred calls at once on one object", async (ctx) => {
    const { assert } = ctx;
    const { sandbox } = await stubbedSandbox(ctx, async (call, index) => {
      await new Promise((resolve) => setTimeout(resolve, (index * 7) % 40));
      if (call.url.endsWith("/exec/stream"))
        return streamOf([event({ stdout: call.json.command }), finished()]);
      if (call.url.endsWith("/exec")) return json(200, result({ stdout: call.json.command }));
      return new Response(new URL(call.url).searchParams.get("path"));
    });
    const all = Array.from({ length: 500 }, async (_, i) => {
      if (i % 3 === 0) return (await sandbox.commands.run(`${i}`)).stdout;
      if (i % 3 === 1) return (await sandbox.commands.run(`${i}`, { onStdout() {} })).stdout;
      return (await sandbox.files.readText(`/${i}`)).slice(1);
    });
    assert.deepEqual(
      await Promise.all(all),
      Array.from({ length: 500 }, (_, i) => `${i}`),
    );
  });
}
