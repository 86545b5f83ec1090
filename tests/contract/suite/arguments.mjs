// Bad arguments: a ValidationError (or the getter's own error) before any request, and never a trap.

import { ID, KEY, json, noContent, result, wireSandbox } from "../support/fixtures.mjs";
import { METHODS, goodResponse } from "../support/methods.mjs";
import { stubFetch, stubbedSandbox } from "../support/stub-fetch.mjs";

const connection = { apiKey: KEY, baseUrl: "http://localhost:9" };

const circular = () => {
  const value = { a: "b" };
  value.self = value;
  return value;
};

const throwing = (error) =>
  Object.defineProperty({}, "a", {
    enumerable: true,
    get() {
      throw error;
    },
  });

// Values that are wrong for an option of the kind. `undefined` is how an option is left out.
const NOT_STRINGS = [
  null,
  0,
  1,
  NaN,
  true,
  false,
  {},
  [],
  ["x"],
  () => "x",
  Symbol("x"),
  5n,
  new String("x"),
];
const NOT_COUNTS = [
  NaN,
  Infinity,
  -Infinity,
  -1,
  1.5,
  2 ** 53,
  "5",
  "",
  true,
  {},
  [],
  [5],
  5n,
  Symbol("5"),
  () => 5,
  new Number(5),
  new Date(),
];
// A limit beyond any size means none, and one may ask for that.
const NOT_LIMITS = [null, ...NOT_COUNTS.filter((value) => value !== Infinity && value !== 2 ** 53)];
const NOT_STRING_MAPS = [
  null,
  0,
  1,
  true,
  "text",
  "",
  [],
  ["a"],
  [["a", "b"]],
  () => {},
  Symbol("x"),
  5n,
  new Map([["a", "b"]]),
  new Set(),
  new Date(),
  { a: 1 },
  { a: null },
  { a: undefined },
  { a: true },
  { a: {} },
  { a: ["b"] },
  { a: Symbol("b") },
  { a: 5n },
  { a: () => "b" },
  { a: new String("b") },
  { a: "b", c: 1 },
];
const NOT_LISTS = [
  null,
  1,
  true,
  "a.com",
  {},
  { 0: "a", length: 1 },
  [1],
  [null],
  [undefined],
  ["a.com", 5],
  [["a.com"]],
  new Set(["a"]),
];
const NOT_OPTIONS = [null, 0, 1, NaN, true, false, "text", "", Symbol("x"), 5n, () => {}, [], ["x"]];

const NETWORKS = [
  null,
  1,
  "a.com",
  [],
  true,
  ...NOT_LISTS.map((allowOut) => ({ allowOut })),
  ...NOT_LISTS.map((denyOut) => ({ denyOut })),
];

// What each method refuses: option → wrong values.
const UPDATES = {
  metadata: [...NOT_STRING_MAPS, circular()],
  network: NETWORKS,
  timeoutSeconds: NOT_COUNTS,
  autoDeleteSeconds: NOT_COUNTS,
  previewAccess: NOT_STRINGS,
};
const OWN_OPTIONS = {
  "Sandbox.create": {
    name: NOT_STRINGS.concat(undefined),
    fromTemplate: [null, 0, 1, NaN, true, {}, [], { id: 5 }, { name: 5 }, () => "x", Symbol("x"), 5n],
    fromSnapshot: NOT_STRINGS,
    timeoutSeconds: [null, ...NOT_COUNTS],
    autoDeleteSeconds: [null, ...NOT_COUNTS],
    metadata: [...NOT_STRING_MAPS, circular()],
    envVars: [...NOT_STRING_MAPS, circular()],
    secrets: [...NOT_STRING_MAPS, circular()],
    network: NETWORKS,
    previewAccess: NOT_STRINGS,
  },
  "Sandbox.list": {
    metadata: [...NOT_STRING_MAPS, circular()],
    status: NOT_STRINGS,
    limit: [null, ...NOT_COUNTS],
    offset: [null, ...NOT_COUNTS],
  },
  "sandbox.update": UPDATES,
  "commands.run": {
    cwd: NOT_STRINGS,
    env: [...NOT_STRING_MAPS, circular()],
    onStdout: [null, 0, 1, true, "text", {}, [], Symbol("x"), 5n],
    onStderr: [null, 0, 1, true, "text", {}, [], Symbol("x"), 5n],
    maxOutputBytes: NOT_LIMITS,
  },
  "files.read": { maxBytes: NOT_LIMITS },
  "files.downloadDir": { maxBytes: NOT_LIMITS },
};
OWN_OPTIONS["commands.run, streaming"] = OWN_OPTIONS["commands.run"];

const timeouts = [
  null,
  0,
  NaN,
  -1,
  -Infinity,
  "5",
  "",
  true,
  {},
  [],
  5n,
  Symbol("5"),
  () => 5,
  new Number(5),
  new Date(),
];

/** An unused error class proves that an error is the caller's own. */
class Mine extends Error {}

export default function ({ test }) {
  for (const method of METHODS) {
    test(`${method.name}: options of a wrong type`, async (ctx) => {
      const { sdk, assert } = ctx;
      const { sandbox, calls } = await stubbedSandbox(ctx, () => goodResponse(method));
      const wrong = { ...OWN_OPTIONS[method.name], timeoutMs: timeouts };
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
      getInfo: (options) => sandbox.getInfo(options),
      pause: (options) => sandbox.pause(options),
      resume: (options) => sandbox.resume(options),
      kill: (options) => sandbox.kill(options),
      run: (options) => sandbox.commands.run("x", options),
      write: (options) => sandbox.files.write("/a", "x", options),
      read: (options) => sandbox.files.read("/a", options),
      readText: (options) => sandbox.files.readText("/a", options),
      downloadDir: (options) => sandbox.files.downloadDir("/a", options),
    };
    for (const [name, attempt] of Object.entries(attempts)) {
      for (const options of NOT_OPTIONS) {
        await assert.rejects(() => attempt(options), sdk.ValidationError, `${name} ${assert.show(options)}`);
      }
    }
    for (const name of ["create", "updateById's update", "update"]) {
      await assert.rejects(() => attempts[name](undefined), sdk.ValidationError, `${name} of nothing`);
    }
    assert.equal(calls.length, 0, "requests");
  });

  test("no arguments at all", async (ctx) => {
    const { sdk, assert } = ctx;
    const { Sandbox } = sdk;
    const { sandbox, calls } = await stubbedSandbox(ctx, () => noContent());
    const attempts = [
      () => Sandbox.create(),
      () => Sandbox.connect(),
      () => Sandbox.killById(),
      () => Sandbox.updateById(),
      () => Sandbox.updateById(ID),
      () => sandbox.update(),
      () => sandbox.commands.run(),
      () => sandbox.files.write(),
      () => sandbox.files.write("/a"),
      () => sandbox.files.read(),
      () => sandbox.files.readText(),
      () => sandbox.files.downloadDir(),
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

  test(
    "two thousand random calls: no trap, no hang, and the next call works",
    { timeoutMs: 60_000 },
    async (ctx) => {
      const { sdk, assert } = ctx;
      const { sandbox } = await stubbedSandbox(ctx, ({ url, method }) => {
        if (url.endsWith("/exec/stream")) return new Response('data: {"finished":true,"exit_code":0}\n\n');
        if (url.endsWith("/exec")) return json(200, result());
        if (method === "GET" && /sandboxes(\?|$)/.test(url)) return json(200, []);
        if (method === "DELETE" || method === "PATCH" || url.endsWith("/pause")) return noContent();
        return json(200, wireSandbox());
      });
      let state = 42;
      const random = (n) => {
        state = (state * 1103515245 + 12345) & 0x7fffffff;
        return (state >> 8) % n;
      };
      const pool = [
        ...NOT_STRINGS,
        ...NOT_COUNTS,
        ...NOT_STRING_MAPS,
        ...NOT_LISTS,
        undefined,
        circular(),
        "text",
        "/a",
        ID,
        "..",
        "\ud800",
        "\0",
        "x".repeat(100_000),
        { a: "b" },
        5,
        0.1,
        -0,
        new Uint8Array(3),
        new ArrayBuffer(0),
        new Blob(["x"]),
        AbortSignal.abort(),
        new AbortController().signal,
        throwing(new Mine("x")),
        Object.create(null),
        new Proxy({}, {}),
        Promise.resolve(1),
        new Error("x"),
      ];
      const pick = () => pool[random(pool.length)];
      const keys = [
        "name",
        "metadata",
        "signal",
        "timeoutMs",
        "timeoutSeconds",
        "network",
        "env",
        "cwd",
        "onStdout",
        "onStderr",
        "maxBytes",
        "maxOutputBytes",
        "limit",
        "offset",
        "status",
        "apiKey",
        "baseUrl",
        "sandboxUrl",
        "fromTemplate",
        "secrets",
      ];
      const options = () => {
        const made = random(2) ? { ...connection } : {};
        for (let i = random(4); i > 0; i--) made[keys[random(keys.length)]] = pick();
        return random(8) ? made : pick();
      };
      const { Sandbox } = sdk;
      const attempts = [
        () => Sandbox.create(options()),
        () => Sandbox.connect(pick(), options()),
        () => Sandbox.list(options()),
        () => Sandbox.killById(pick(), options()),
        () => Sandbox.updateById(pick(), options(), options()),
        () => sandbox.getInfo(options()),
        () => sandbox.pause(options()),
        () => sandbox.resume(options()),
        () => sandbox.update(options()),
        () => sandbox.commands.run(pick(), options()),
        () => sandbox.files.write(pick(), pick(), options()),
        () => sandbox.files.read(pick(), options()),
        () => sandbox.files.readText(pick(), options()),
        () => sandbox.files.downloadDir(pick(), options()),
      ];
      for (let i = 0; i < 2000; i++) {
        const attempt = attempts[random(attempts.length)];
        let promise;
        try {
          promise = attempt();
        } catch (error) {
          assert.fail(`round ${i}: ${attempt} threw ${assert.show(error)}`);
        }
        const error = await promise.then(
          () => undefined,
          (reason) => reason,
        );
        const fine = error === undefined || error instanceof sdk.SandboxError || error instanceof Mine;
        assert.ok(fine, `round ${i}: ${attempt} rejected with ${assert.show(error)}`);
      }
      assert.equal((await sandbox.commands.run("x")).exitCode, 0, "the next call works");
    },
  );
}
