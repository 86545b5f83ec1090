// Hooks and logs: what they are told, in which order, and that nothing they do changes a call.

import {
  FRESH,
  ID,
  KEY,
  failure,
  finished,
  json,
  noContent,
  result,
  streamOf,
  wireSandbox,
} from "../support/fixtures.mjs";
import { METHODS, goodResponse } from "../support/methods.mjs";
import { socketSandbox } from "../support/sessions.mjs";
import { accept, refuse } from "../support/stub-socket.mjs";
import { hang, stubFetch, stubbedSandbox } from "../support/stub-fetch.mjs";
import { settle, virtualTime } from "../support/virtual-time.mjs";

const connection = { apiKey: KEY, baseUrl: "http://localhost:9" };
const NAMES = ["onRequest", "onResponse", "onRetry", "onError"];

/** Hooks that note what they are told. */
function recorded() {
  const events = [];
  const hooks = Object.fromEntries(NAMES.map((name) => [name, (event) => void events.push([name, event])]));
  return { events, hooks };
}

/** Every request has one end, and no other. */
function assertPaired(assert, events, what) {
  const open = new Map();
  for (const [name, { id, ...event }] of events) {
    if (name === "onRequest") {
      assert.ok(!open.has(id), `${what}: a new id`);
      open.set(id, event);
    } else if (name !== "onRetry") {
      const begun = open.get(id);
      assert.ok(begun && !begun.ended, `${what}: ${name} of ${id} ends a request`);
      for (const key of Object.keys(begun)) assert.deepEqual(event[key], begun[key], `${what}: ${key}`);
      assert.ok(event.durationMs >= 0, `${what}: durationMs`);
      begun.ended = true;
    }
  }
  for (const [id, { ended }] of open) assert.ok(ended, `${what}: request ${id} has an end`);
}

/** A sandbox whose hooks note, without its own creation. */
async function observed(ctx, respond, options = {}) {
  const { events, hooks } = recorded();
  const { sandbox, calls } = await stubbedSandbox(ctx, respond, { options: { hooks, ...options } });
  events.length = 0;
  return { events, sandbox, calls };
}

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("a call tells of its request and of its answer", async (ctx) => {
    const { sdk, assert } = ctx;
    const { events, hooks } = recorded();
    stubFetch(ctx, () => json(201, wireSandbox(), { "x-request-id": "req-1" }));
    await sdk.Sandbox.create({ ...connection, name: "x", hooks });
    const [[first, request], [second, response]] = events;
    assert.equal(events.length, 2);
    const { id, callId } = request;
    assert.equal(first, "onRequest");
    assert.deepEqual(request, {
      id,
      callId,
      operation: "Sandbox.create",
      method: "POST",
      path: "/sandboxes",
      origin: "http://localhost:9",
      attempt: 1,
    });
    assert.equal(second, "onResponse");
    const { durationMs } = response;
    assert.deepEqual(response, { ...request, durationMs, status: 201, requestId: "req-1" });
  });

  test("every method is told of by its name and the path of its entry", async (ctx) => {
    const { sdk, assert } = ctx;
    for (const method of METHODS) {
      const { events, hooks } = recorded();
      const { sandbox } = await stubbedSandbox(ctx, () => goodResponse(method), { options: { hooks } });
      events.length = 0;
      await method.call({ sdk, sandbox, connection: { ...connection, hooks } });
      assertPaired(assert, events, method.name);
      const last = events.findLast(([name]) => name === "onRequest")?.[1];
      assert.ok(last, method.name);
      assert.equal(last.operation.toLowerCase(), method.name.replace(/,.*/, "").toLowerCase());
      assert.equal(last.method, method.http, method.name);
      const path = new RegExp(
        `^${last.path.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replace(/\{\w+\}/g, "[^/]+")}$`,
      );
      assert.ok(path.test(decodeURI(method.path.replace(/\?.*/, ""))), `${method.name}: ${last.path}`);
      assert.excludes(last.path, ID, method.name);
    }
  });

  test("a retry is told of, with what made it, and each attempt has its number", async (ctx) => {
    const { assert } = ctx;
    const time = virtualTime(ctx);
    const { events, sandbox } = await observed(ctx, (_, index) => {
      if (index === 0) return failure(429, "rate_limited", "slow", { "retry-after": "2" });
      if (index === 1) return Promise.reject(new TypeError("fetch failed"));
      return json(200, wireSandbox());
    });
    await time.run(sandbox.getInfo());
    assertPaired(assert, events, "getInfo");
    const seen = events.map(([name, { attempt, status, code, delayMs }]) => ({
      name,
      attempt,
      status,
      code,
      delayMs,
    }));
    const at = (name, attempt, more = {}) => ({
      name,
      attempt,
      status: undefined,
      code: undefined,
      delayMs: undefined,
      ...more,
    });
    assert.deepEqual(seen, [
      at("onRequest", 1),
      at("onResponse", 1, { status: 429 }),
      at("onRetry", 1, { status: 429, code: "rate_limited", delayMs: 2_000 }),
      at("onRequest", 2),
      at("onError", 2, { code: "network_error" }),
      at("onRetry", 2, { code: "network_error", delayMs: 200 }),
      at("onRequest", 3),
      at("onResponse", 3, { status: 200 }),
    ]);
    assert.equal(new Set(events.map(([, { callId }]) => callId)).size, 1, "calls");
    assert.equal(new Set(events.map(([, { sandboxId }]) => sandboxId)).size, 1);
    assert.equal(events[0][1].sandboxId, ID);
  });

  test("a wake-up is a call of its own", async (ctx) => {
    const { assert } = ctx;
    let asleep = true;
    const { events, sandbox } = await observed(ctx, ({ url }) => {
      if (url.endsWith("/activate")) {
        asleep = false;
        return json(200, wireSandbox({ access_token: FRESH }));
      }
      return asleep ? new Response("stale", { status: 401 }) : json(200, result());
    });
    await Promise.all([sandbox.commands.run("a"), sandbox.commands.run("b")]);
    assertPaired(assert, events, "run");
    const wakes = events.filter(([, { operation }]) => operation === "Sandbox.connect");
    assert.deepEqual(
      wakes.map(([name, { path, method }]) => [name, method, path]),
      [
        ["onRequest", "POST", "/sandboxes/{id}/activate"],
        ["onResponse", "POST", "/sandboxes/{id}/activate"],
      ],
    );
    const retried = events.filter(([name]) => name === "onRetry");
    assert.deepEqual(
      retried.map(([, { operation, status, attempt }]) => [operation, status, attempt]),
      [
        ["Commands.run", 401, 1],
        ["Commands.run", 401, 1],
      ],
    );
    assert.equal(new Set(events.map(([, { callId }]) => callId)).size, 3, "calls");
  });

  test("no answer: the connection, the time, the caller", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    const controller = new AbortController();
    const cases = [
      [() => Promise.reject(new TypeError("fetch failed")), {}, "SandboxError", "network_error"],
      [hang, { timeoutMs: 50 }, "TimeoutError", "timeout"],
      // One that never hears of the abort.
      [() => new Promise(() => {}), { timeoutMs: 50 }, "TimeoutError", "timeout"],
      [
        (call) => (queueMicrotask(() => controller.abort()), hang(call)),
        { signal: controller.signal },
        "SandboxError",
        "aborted",
      ],
    ];
    for (const [respond, options, name, code] of cases) {
      const { events, sandbox } = await observed(ctx, respond);
      const error = await time.run(sandbox.update({ metadata: {}, ...options })).catch((reason) => reason);
      assert.isError(error, sdk[name], code);
      assert.deepEqual(
        events.map(([hook, event]) => [hook, event.name, event.code]),
        [
          ["onRequest", undefined, undefined],
          ["onError", name, code],
        ],
        code,
      );
    }
  });

  test("a dial is told of: its answer is 101, or there is none", async (ctx) => {
    const { assert } = ctx;
    const { events, hooks } = recorded();
    const { sandbox, sockets } = await socketSandbox(ctx, {
      socket: (socket, index) => (index === 0 ? refuse(socket) : accept(socket)),
      fetch: () => json(200, wireSandbox({ access_token: FRESH })),
      options: { hooks },
    });
    events.length = 0;
    const session = await sandbox.commands.spawn("x");
    assertPaired(assert, events, "spawn");
    const dials = events.filter(([, { operation }]) => operation === "Commands.spawn");
    assert.deepEqual(
      dials.map(([name, { method, path, origin, attempt, status }]) => [
        name,
        method,
        path,
        origin,
        attempt,
        status,
      ]),
      [
        ["onRequest", "GET", "/exec/connect", "ws://localhost:9", 1, undefined],
        ["onError", "GET", "/exec/connect", "ws://localhost:9", 1, undefined],
        ["onRetry", "GET", "/exec/connect", "ws://localhost:9", 1, undefined],
        ["onRequest", "GET", "/exec/connect", "ws://localhost:9", 2, undefined],
        ["onResponse", "GET", "/exec/connect", "ws://localhost:9", 2, 101],
      ],
    );
    assert.equal(new Set(dials.map(([, { callId }]) => callId)).size, 1);
    sockets[1].finish();
    sockets[1].end();
    await session.wait();
    assert.equal(events.length, 7, "nothing is told of a session's end");
  });

  test("a stream that breaks off has had its answer", async (ctx) => {
    const { sdk, assert } = ctx;
    const { events, sandbox } = await observed(ctx, () => streamOf(['data: {"stdout":"a"}\n\n']));
    const error = await assert.rejects(() => sandbox.commands.run("x", { onStdout() {} }), sdk.SandboxError);
    assert.deepEqual(
      events.map(([name, { path }]) => [name, path]),
      [
        ["onRequest", "/exec/stream"],
        ["onResponse", "/exec/stream"],
      ],
    );
    assert.equal(error.mayHaveRun, true);
  });

  test("hooks that throw, reject, hang or change what they are told change nothing", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    const bad = [
      () => {
        throw new Error("a hook");
      },
      () => Promise.reject(new Error("a hook")),
      () => new Promise(() => {}),
      () =>
        // biome-ignore lint/suspicious/noThenProperty: it is what a hook may give.
        Object.defineProperty({}, "then", {
          get() {
            throw new Error("a hook");
          },
        }),
      (event) => {
        for (const key of Object.keys(event)) event[key] = "changed";
      },
    ];
    for (const hook of bad) {
      const hooks = Object.fromEntries(NAMES.map((name) => [name, hook]));
      const { events, hooks: good } = recorded();
      const all = Object.fromEntries(
        NAMES.map((name) => [name, (event) => (good[name]({ ...event }), hook(event))]),
      );
      for (const own of [hooks, all]) {
        const { sandbox, calls } = await stubbedSandbox(
          ctx,
          (_, index) => (index === 0 ? failure(503, "c", "no") : json(200, wireSandbox())),
          { options: { hooks: own, logger: { debug: hook, info: hook, warn: hook, error: hook } } },
        );
        events.length = 0;
        assert.equal((await time.run(sandbox.getInfo())).id, ID);
        assert.equal(calls.length, 2);
      }
      assertPaired(assert, events, "getInfo");
      const hanging = await stubbedSandbox(ctx, hang, { options: { hooks } });
      await assert.rejects(() => time.run(hanging.sandbox.getInfo({ timeoutMs: 50 })), sdk.TimeoutError);
    }
    await settle();
  });

  test("a hook that aborts the call ends it, and leaves every request its end", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    const sends = (status) => () => (status === 200 ? json(200, wireSandbox()) : failure(status, "c", "no"));
    for (const [name, sent, status] of [
      ["onRequest", 0, 200],
      ["onResponse", 1, 200],
      ["onResponse", 1, 503],
      ["onRetry", 1, 503],
    ]) {
      const controller = new AbortController();
      const { events, hooks } = recorded();
      const { sandbox, calls } = await stubbedSandbox(ctx, sends(status), {
        options: {
          hooks: {
            ...hooks,
            [name]: (event) => {
              hooks[name](event);
              if (event.operation === "Sandbox.getInfo") controller.abort("enough");
            },
          },
        },
      });
      events.length = 0;
      const call = () => time.run(sandbox.getInfo({ signal: controller.signal }));
      const error = await assert.rejects(call, sdk.SandboxError, `${name} ${status}`);
      assert.equal(error.code, "aborted", name);
      assert.equal(error.cause, "enough", name);
      assert.equal(calls.length, sent, `requests after ${name}`);
      assert.equal(error.attempts, sent, name);
      assertPaired(assert, events, `${name} ${status}`);
    }
    // What would create something is not even sent.
    const controller = new AbortController();
    const calls = stubFetch(ctx, () => json(201, wireSandbox()));
    const hooks = { onRequest: () => controller.abort() };
    const create = () => sdk.Sandbox.create({ ...connection, name: "x", hooks, signal: controller.signal });
    const error = await assert.rejects(create, sdk.SandboxError);
    assert.equal(error.mayHaveRun, false);
    assert.equal(calls.length, 0);
    await settle();
  });

  test("a hook may call the package: of what it asks for at once nobody is told", async (ctx) => {
    const { sdk, assert } = ctx;
    const inner = [];
    const { events, hooks } = recorded();
    let sandbox;
    const again = (name) => (event) => {
      hooks[name](event);
      if (sandbox) inner.push(sandbox.getInfo(), sdk.Sandbox.list({ ...connection, hooks: own }));
    };
    const own = Object.fromEntries(NAMES.map((name) => [name, again(name)]));
    const made = await stubbedSandbox(
      ctx,
      ({ url, method }) =>
        method === "GET" ? json(200, url.endsWith("/sandboxes") ? [] : wireSandbox()) : noContent(),
      { options: { hooks: own } },
    );
    ({ sandbox } = made);
    events.length = 0;
    await sandbox.pause();
    await Promise.all(inner);
    assert.equal(inner.length, 4);
    assert.deepEqual(
      events.map(([name, { operation }]) => [name, operation]),
      [
        ["onRequest", "Sandbox.pause"],
        ["onResponse", "Sandbox.pause"],
      ],
    );
    sandbox = undefined;
  });

  test("hooks may be methods of an object", async (ctx) => {
    const { sdk, assert } = ctx;
    class Counter {
      count = 0;
      onRequest() {
        this.count += 1;
      }
    }
    const hooks = new Counter();
    stubFetch(ctx, () => json(200, []));
    await sdk.Sandbox.list({ ...connection, hooks });
    assert.equal(hooks.count, 1);
  });

  test("onRequest is called in the context of the call", { needs: "asyncLocalStorage" }, async (ctx) => {
    const { sdk, assert, runtime } = ctx;
    const store = new runtime.AsyncLocalStorage();
    const seen = [];
    const note = (event) => seen.push([store.getStore(), event.attempt]);
    const hooks = { onRequest: note, onResponse: note, onRetry: note };
    stubFetch(ctx, (_, index) => (index < 2 ? failure(503, "c", "no") : json(200, [])));
    const both = ["a", "b"].map((name) =>
      store.run(name, () => sdk.Sandbox.list({ ...connection, hooks, retry: { maxDelayMs: 1 } })),
    );
    await Promise.all(both);
    assert.equal(new Set(seen.map(([name]) => name)).size, 2);
    assert.equal(seen.length, 2 * 2 + 2 + 4);
    for (const name of ["a", "b"]) {
      assert.equal(seen.filter(([own, attempt]) => own === name && attempt === 2).length, 2, name);
    }
  });

  test("a logger hears of requests, wake-ups, retries and failures at their levels", async (ctx) => {
    const { assert } = ctx;
    const time = virtualTime(ctx);
    const lines = [];
    const levels = ["debug", "info", "warn", "error"];
    const logger = Object.fromEntries(
      levels.map((level) => [level, (message, event) => lines.push([level, message, event])]),
    );
    let asleep = true;
    const { sandbox } = await stubbedSandbox(
      ctx,
      ({ url, method }) => {
        if (url.endsWith("/activate")) {
          asleep = false;
          return json(200, wireSandbox());
        }
        if (method === "GET") return Promise.reject(new TypeError("fetch failed"));
        return asleep ? new Response("no", { status: 401 }) : json(200, result());
      },
      { options: { logger, retry: { attempts: 2 } } },
    );
    lines.length = 0;
    await sandbox.commands.run("x");
    const seen = lines.map(([level, , { operation }]) => `${level} ${operation}`);
    assert.deepEqual(seen, [
      "debug Commands.run",
      "debug Commands.run",
      "info Sandbox.connect",
      "debug Sandbox.connect",
      "warn Commands.run",
      "debug Commands.run",
      "debug Commands.run",
    ]);
    lines.length = 0;
    await time.run(sandbox.getInfo()).catch(() => {});
    assert.deepEqual(
      lines.map(([level]) => level),
      ["debug", "error", "warn", "debug", "error"],
    );
    for (const [, message] of lines) {
      assert.equal(typeof message, "string");
      assert.ok(message.includes("Sandbox.getInfo"), message);
    }
  });

  test("the name of a level logs from that level on to the console", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    const levels = ["debug", "info", "warn", "error"];
    const lines = [];
    for (const level of levels) {
      const original = console[level];
      ctx.defer(() => (console[level] = original));
      console[level] = (...words) => lines.push([level, ...words]);
    }
    stubFetch(ctx, (_, index) => (index % 2 ? json(200, []) : Promise.reject(new TypeError("fetch failed"))));
    for (const [logger, expected] of [
      ["debug", ["debug", "error", "warn", "debug", "debug"]],
      ["warn", ["error", "warn"]],
      ["error", ["error"]],
      [{}, []],
      [undefined, []],
    ]) {
      lines.length = 0;
      await time.run(sdk.Sandbox.list({ ...connection, logger }));
      assert.deepEqual(
        lines.map(([level]) => level),
        expected,
        assert.show(logger),
      );
    }
  });

  test("a command's stream and a file are told of without what is in them", async (ctx) => {
    const { assert } = ctx;
    const { events, sandbox } = await observed(ctx, ({ url }) =>
      url.includes("/files")
        ? new Response("content of the file")
        : streamOf(['data: {"stdout":"output of the command"}\n\n', finished()]),
    );
    await sandbox.commands.run("the command itself", { onStdout() {} });
    await sandbox.files.readText("/path/of/the/file");
    const told = JSON.stringify(events);
    for (const text of ["output of", "content of", "command itself", "/path/of"]) assert.excludes(told, text);
    assert.equal(events[2][1].path, "/files");
  });
}
