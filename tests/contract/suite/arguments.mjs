// Bad arguments: a ValidationError (or the getter's own error) before any request, and never a trap.

import { ID, KEY, json, noContent, result, wireSandbox } from "../support/fixtures.mjs";
import { METHODS, goodResponse } from "../support/methods.mjs";
import { BEARER } from "../support/secrets.mjs";
import { socketSandbox } from "../support/sessions.mjs";
import { stubFetch, stubbedSandbox } from "../support/stub-fetch.mjs";
import {
  Mine,
  NOT_OPTIONS,
  NOT_STRINGS,
  NOT_TIMEOUTS,
  OWN_OPTIONS,
  REQUIRED,
  circular,
  throwing,
} from "../support/wrong-values.mjs";

const connection = { apiKey: KEY, baseUrl: "http://localhost:9" };

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  for (const method of METHODS) {
    test(`${method.name}: options of a wrong type`, async (ctx) => {
      const { sdk, assert } = ctx;
      const { sandbox, calls } = await stubbedSandbox(ctx, () => goodResponse(method));
      const wrong = { ...OWN_OPTIONS[method.name], timeoutMs: NOT_TIMEOUTS };
      for (const [key, values] of Object.entries(wrong)) {
        for (const value of values) {
          const call = () => method.call({ sdk, sandbox, connection }, { [key]: value });
          const what = `${key}: ${assert.show(value)}`;
          const error = await assert.rejects(call, sdk.ValidationError, what);
          assert.ok(error.message.length > 0, what);
        }
      }
      assert.equal(calls.length, 0, "requests");
      await method.call({ sdk, sandbox, connection });
      assert.equal(calls.length, 1, "the next call works");
    });

    test(`${method.name}: a getter that throws rejects with its error`, async (ctx) => {
      const { sdk, assert } = ctx;
      const { sandbox, calls } = await stubbedSandbox(ctx, () => goodResponse(method));
      for (const key of [...Object.keys(OWN_OPTIONS[method.name] ?? {}), "signal", "timeoutMs"]) {
        for (const thrown of [new Mine(key), "a text", null, undefined]) {
          const options = Object.defineProperty({}, key, {
            enumerable: true,
            configurable: true,
            get() {
              throw thrown;
            },
          });
          const call = () => method.call({ sdk, sandbox, connection }, options);
          assert.equal(await assert.rejects(call, undefined, key), thrown, `getter of ${key}`);
        }
      }
      for (const key of ["metadata", "envVars", "secrets", "env"].filter(
        (key) => OWN_OPTIONS[method.name]?.[key],
      )) {
        const mine = new Mine(key);
        const call = () => method.call({ sdk, sandbox, connection }, { [key]: throwing(mine) });
        assert.equal(await assert.rejects(call, undefined, key), mine, `getter inside ${key}`);
      }
      assert.equal(calls.length, 0, "requests");
      await method.call({ sdk, sandbox, connection });
      assert.equal(calls.length, 1, "the next call works");
    });
  }

  test("an empty cwd is let through", async (ctx) => {
    const { sdk, assert } = ctx;
    const methods = METHODS.filter(({ name }) => OWN_OPTIONS[name]?.cwd);
    assert.equal(methods.length, 2, "methods with a cwd");
    for (const method of methods) {
      const { sandbox, calls } = await stubbedSandbox(ctx, () => goodResponse(method));
      await method.call({ sdk, sandbox, connection }, { cwd: "" });
      assert.equal(calls.length, 1, method.name);
      assert.equal(calls[0].json.working_dir ?? "", "", method.name);
    }
    const { sandbox, sockets } = await socketSandbox(ctx);
    assert.ok(await sandbox.commands.spawn("x", { cwd: "" }));
    assert.equal(sockets[0].sent[0].working_dir ?? "", "", "spawn");
  });

  test("options that are no object", async (ctx) => {
    const { sdk, assert } = ctx;
    const { Sandbox } = sdk;
    const { sandbox, calls } = await stubbedSandbox(ctx, () => noContent());
    const attempts = {
      create: (options) => Sandbox.create(options),
      connect: (options) => Sandbox.connect(ID, options),
      list: (options) => Sandbox.list(options),
      killById: (options) => Sandbox.killById(ID, options),
      updateById: (options) => Sandbox.updateById(ID, { metadata: {} }, options),
      "updateById's update": (options) => Sandbox.updateById(ID, options, connection),
      update: (options) => sandbox.update(options),
      run: (options) => sandbox.commands.run("x", options),
      write: (options) => sandbox.files.write("/a", "x", options),
      read: (options) => sandbox.files.read("/a", options),
      readText: (options) => sandbox.files.readText("/a", options),
      downloadDir: (options) => sandbox.files.downloadDir("/a", options),
    };
    for (const [name, attempt] of Object.entries(attempts)) {
      for (const options of NOT_OPTIONS) {
        // A text is the path of a folder there.
        if (name === "downloadDir" && typeof options === "string") continue;
        await assert.rejects(() => attempt(options), sdk.ValidationError, `${name} ${assert.show(options)}`);
      }
    }
    for (const name of ["updateById's update", "update"]) {
      for (const nothing of [undefined, null]) {
        await assert.rejects(() => attempts[name](nothing), sdk.ValidationError, `${name} of ${nothing}`);
      }
    }
    assert.equal(calls.length, 0, "requests");
  });

  test("no arguments at all", async (ctx) => {
    const { sdk, assert } = ctx;
    const { Sandbox } = sdk;
    const { sandbox, calls } = await stubbedSandbox(ctx, () => noContent());
    const attempts = [
      () => Sandbox.connect(),
      () => Sandbox.killById(),
      () => Sandbox.updateById(),
      () => Sandbox.updateById(ID),
      () => sandbox.update(),
      () => sandbox.commands.run(),
      () => sandbox.desktop.click(),
      () => sandbox.desktop.press(),
      () => sandbox.desktop.scroll(),
      () => sandbox.files.write(),
      () => sandbox.files.write("/a"),
      () => sandbox.files.read(),
      () => sandbox.files.readText(),
      () => sandbox.files.downloadDir(),
      () => sdk.Secret.create(),
      () => sdk.Secret.get(),
      () => sdk.Secret.deleteByName(),
      () => sandbox.attachSecret(),
      () => sandbox.attachSecret("KEY"),
      () => sandbox.detachSecret(),
      () => sandbox.publishPreviewPort(),
      () => sandbox.getPreviewToken(),
    ];
    for (const attempt of attempts) {
      await assert.rejects(attempt, sdk.ValidationError, String(attempt));
    }
    assert.equal(calls.length, 0, "requests");
  });

  test("ids and commands of a wrong type", async (ctx) => {
    const { sdk, assert } = ctx;
    const { Sandbox } = sdk;
    const { sandbox, calls } = await stubbedSandbox(ctx, () => noContent());
    for (const value of NOT_STRINGS) {
      const what = assert.show(value);
      await assert.rejects(() => Sandbox.connect(value, connection), sdk.ValidationError, `connect ${what}`);
      await assert.rejects(
        () => Sandbox.killById(value, connection),
        sdk.ValidationError,
        `killById ${what}`,
      );
      const update = () => Sandbox.updateById(value, { metadata: {} }, connection);
      await assert.rejects(update, sdk.ValidationError, `updateById ${what}`);
      await assert.rejects(() => sandbox.commands.run(value), sdk.ValidationError, `run ${what}`);
      await assert.rejects(
        () => sandbox.commands.run(value, { onStdout() {} }),
        sdk.ValidationError,
        `run ${what}`,
      );
      const others = {
        "Secret.get": () => sdk.Secret.get(value, connection),
        "Secret.deleteByName": () => sdk.Secret.deleteByName(value, connection),
        "attachSecret's key": () => sandbox.attachSecret(value, "name"),
        "attachSecret's name": () => sandbox.attachSecret("KEY", value),
        detachSecret: () => sandbox.detachSecret(value),
      };
      for (const [name, call] of Object.entries(others)) {
        await assert.rejects(call, sdk.ValidationError, `${name} ${what}`);
      }
    }
    assert.equal(calls.length, 0, "requests");
  });

  test("numbers reach the wire exactly or not at all", async (ctx) => {
    const { sdk, assert } = ctx;
    const numbers = [
      0,
      1,
      65_535,
      65_536,
      604_800,
      604_801,
      2 ** 31 - 1,
      2 ** 31,
      2 ** 32 - 1,
      2 ** 32,
      2 ** 32 + 5,
      2 ** 53 - 1,
    ];
    for (const number of numbers) {
      const attempts = [
        [
          (n) => sdk.Sandbox.create({ ...connection, name: "x", timeoutSeconds: n }),
          ({ json }) => json.timeout_seconds,
        ],
        [
          (n) => sdk.Sandbox.create({ ...connection, name: "x", autoDeleteSeconds: n }),
          ({ json }) => json.auto_delete_seconds,
        ],
        [
          (n) => sdk.Sandbox.updateById(ID, { timeoutSeconds: n }, connection),
          ({ json }) => json.timeout_seconds,
        ],
        [
          (n) => sdk.Sandbox.list({ ...connection, limit: n }),
          ({ url }) => Number(new URL(url).searchParams.get("limit")),
        ],
        [
          (n) => sdk.Sandbox.list({ ...connection, offset: n }),
          ({ url }) => Number(new URL(url).searchParams.get("offset")),
        ],
      ];
      for (const [attempt, sent] of attempts) {
        const calls = stubFetch(ctx, ({ method, url }) => {
          if (method === "PATCH") return noContent();
          return method === "GET" ? json(200, []) : json(201, wireSandbox({ url }));
        });
        const error = await attempt(number).then(
          () => undefined,
          (reason) => reason,
        );
        if (error !== undefined) {
          assert.isError(error, sdk.ValidationError, `${number}: ${attempt}`);
          assert.equal(calls.length, 0, "requests of a refused number");
        } else {
          assert.equal(sent(calls[0]), number, `${number}: ${attempt}`);
        }
      }
    }
    const { sandbox, calls } = await stubbedSandbox(ctx, () => json(200, result()));
    for (const [timeoutMs, seconds] of [
      [1, 1],
      [999, 1],
      [1000, 1],
      [1001, 2],
      [86_400_000, 86_400],
      [0.5, 1],
      [1000.5, 2],
    ]) {
      const error = await sandbox.commands.run("x", { timeoutMs }).then(
        () => undefined,
        (reason) => reason,
      );
      if (error === undefined) assert.equal(calls.at(-1).json.timeout_s, seconds, `timeoutMs ${timeoutMs}`);
      else assert.isError(error, sdk.ValidationError, `timeoutMs ${timeoutMs}`);
    }
  });

  test("options that are left out, in every way", async (ctx) => {
    const { sdk, assert } = ctx;
    for (const method of METHODS) {
      const { sandbox, calls } = await stubbedSandbox(ctx, () => goodResponse(method));
      const target = { sdk, sandbox, connection };
      await method.call(target);
      await method.call(target, {});
      await method.call(target, { signal: undefined, timeoutMs: undefined });
      await method.call(target, { anUnknownOption: circular(), another: Symbol("x") });
      assert.equal(calls.length, 4, method.name);
      // 0 is no time, and null no value, but where it has a meaning of its own.
      const own = Object.keys(OWN_OPTIONS[method.name] ?? {});
      const isKept = (key) =>
        REQUIRED.includes(`${method.name}.${key}`) ||
        // A name or a key is made up, another each time.
        ["onStdout", "name", "idempotencyKey"].includes(key) ||
        method.name === "sandbox.update";
      const optional = own.filter((key) => !isKept(key));
      const nulls = Object.fromEntries(["signal", "timeoutMs", ...optional].map((key) => [key, null]));
      if (method.name === "Secret.create") Object.assign(nulls, BEARER);
      await method.call(target, nulls);
      await method.call(target, { timeoutMs: 0 });
      // A script's call has a name of its own.
      const nameless = (/** @type {any} */ body) =>
        typeof body === "string" ? body.replace(/"SUPERSERVE_CALL":"[^"]+"/, "") : body;
      const [first, , , , ...others] = calls.map(({ url, init }) => [url, nameless(init.body)]);
      for (const other of others) assert.deepEqual(other, first, method.name);
    }
  });

  test("hostile objects", async (ctx) => {
    const { sdk, assert } = ctx;
    const calls = stubFetch(ctx, () => json(201, wireSandbox()));
    const { Sandbox } = sdk;
    const mine = new Mine("trap");
    const trap = () => {
      throw mine;
    };
    const traps = new Proxy(
      {},
      { get: trap, has: trap, ownKeys: trap, getOwnPropertyDescriptor: trap, getPrototypeOf: trap },
    );
    const revoked = Proxy.revocable({}, {});
    revoked.revoke();
    assert.equal(await assert.rejects(() => Sandbox.create(traps)), mine, "a proxy that throws");
    assert.equal(
      await assert.rejects(() => Sandbox.create({ ...connection, name: "x", metadata: traps })),
      mine,
    );
    assert.ok(
      (await assert.rejects(() => Sandbox.create(revoked.proxy))) instanceof Error,
      "a revoked proxy",
    );
    const inner = () => Sandbox.create({ ...connection, name: "x", metadata: revoked.proxy });
    assert.ok((await assert.rejects(inner)) instanceof Error, "a revoked proxy inside");
    const unprintable = { toString: trap, valueOf: trap, toJSON: trap, [Symbol.toPrimitive]: trap };
    for (const name of [
      "name",
      "metadata",
      "timeoutSeconds",
      "fromTemplate",
      "apiKey",
      "baseUrl",
      "signal",
      "timeoutMs",
    ]) {
      const call = () => Sandbox.create({ ...connection, name: "x", [name]: unprintable });
      const error = await assert.rejects(call, undefined, name);
      assert.ok(error === mine || error instanceof sdk.ValidationError, `${name}: ${assert.show(error)}`);
    }
    assert.equal(calls.length, 0, "requests");
    await Sandbox.create({ ...connection, name: "x" });
    assert.equal(calls.length, 1, "the next call works");
  });

  test("a getter that calls the SDK again", async (ctx) => {
    const { sdk, assert } = ctx;
    const calls = stubFetch(ctx, () => json(201, wireSandbox()));
    const inner = [];
    const sandbox = await sdk.Sandbox.create({
      ...connection,
      get name() {
        inner.push(sdk.Sandbox.create({ ...connection, name: "inner" }));
        return "outer";
      },
    });
    assert.ok(sandbox instanceof sdk.Sandbox);
    assert.ok((await inner[0]) instanceof sdk.Sandbox);
    assert.deepEqual(calls.map((call) => call.json.name).sort(), ["inner", "outer"]);
  });

  test("very long and very many values", { timeoutMs: 30_000 }, async (ctx) => {
    const { sdk, assert } = ctx;
    const calls = stubFetch(ctx, () => json(201, wireSandbox()));
    const long = "é".repeat(4_000_000);
    const metadata = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`key-${i}`, `value-${i}`]));
    const outcome = await sdk.Sandbox.create({ ...connection, name: long, metadata }).catch((error) => error);
    if (outcome instanceof Error) assert.isError(outcome, sdk.ValidationError);
    else {
      assert.ok(calls[0].json.name === long, "the whole name");
      assert.deepEqual(calls[0].json.metadata, metadata);
    }
  });

  test("the classes cannot be made or misused by hand", async (ctx) => {
    const { sdk, assert } = ctx;
    const { sandbox, calls } = await stubbedSandbox(ctx, () => json(200, wireSandbox()));
    const { getInfo, kill } = sdk.Sandbox.prototype;
    for (const other of [{}, null, undefined, 5, Object.create(sdk.Sandbox.prototype)]) {
      for (const method of [getInfo, kill]) {
        const outcome = await (async () => method.call(other))().catch((error) => error);
        assert.ok(outcome instanceof Error, `on ${assert.show(other)}: ${assert.show(outcome)}`);
      }
    }
    try {
      const made = new sdk.Sandbox();
      const outcome = await (async () => made.getInfo())().catch((error) => error);
      assert.ok(outcome instanceof Error, "a hand-made sandbox cannot call");
    } catch (error) {
      assert.ok(error instanceof Error, "the constructor is private");
    }
    assert.equal(calls.length, 0, "requests");
    assert.equal((await sandbox.getInfo()).id, ID, "the next call works");
  });
}
