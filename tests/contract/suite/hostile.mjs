// Values and answers that nobody sends by intention. Whatever they are, the call rejects, nothing hangs,
// and the next call works: an exception that crosses the module uncaught would break it for good.

import { KEY, TOKEN, event, finished, json, result, streamOf, wireSandbox } from "../support/fixtures.mjs";
import { METHODS, goodResponse } from "../support/methods.mjs";
import { KINDS, socketSandbox } from "../support/sessions.mjs";
import { hang, stubFetch, stubbedSandbox } from "../support/stub-fetch.mjs";
import { Mine } from "../support/wrong-values.mjs";
import { virtualTime } from "../support/virtual-time.mjs";

const connection = { apiKey: KEY, baseUrl: "http://localhost:9" };
const MANY = 12_000;

/** Calls `attempt` so often that a stack which is not unwound would run out, then sees that the SDK still works. */
async function survives(ctx, attempt) {
  for (let i = 0; i < MANY; i++) await attempt();
  const { sandbox } = await stubbedSandbox(ctx, () => json(200, result({ stdout: "still here" })));
  ctx.assert.equal((await sandbox.commands.run("x")).stdout, "still here");
}

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("methods on what the SDK did not make", { timeoutMs: 30_000 }, async (ctx) => {
    const { sdk, assert } = ctx;
    const strange = [new sdk.Sandbox(), {}, Object.create(sdk.Sandbox.prototype), undefined];
    for (const self of strange) {
      const error = await assert.rejects(() => sdk.Sandbox.prototype.getInfo.call(self));
      assert.ok(error instanceof TypeError, String(error));
    }
    assert.equal(sdk.Sandbox.prototype.commands, undefined, "the getter of the prototype itself");
    await survives(ctx, () => new sdk.Sandbox().getInfo().catch(() => {}));
  });

  test("signals that only look like one", async (ctx) => {
    const { sdk, assert } = ctx;
    const calls = stubFetch(ctx, () => json(200, []));
    const signals = [
      { [Symbol.toStringTag]: "AbortSignal" },
      Object.create(AbortSignal.prototype),
      {
        get aborted() {
          throw new Error("trap");
        },
      },
    ];
    for (const signal of signals) {
      await assert.rejects(() => sdk.Sandbox.list({ ...connection, signal }), sdk.ValidationError);
    }
    assert.equal(calls.length, 0, "requests");
  });

  test("a signal that lets nobody listen", async (ctx) => {
    const { sdk, assert } = ctx;
    for (const method of METHODS) {
      const { sandbox, calls } = await stubbedSandbox(ctx, () => goodResponse(method));
      const target = { sdk, sandbox, connection };
      const { signal } = new AbortController();
      const mine = new Mine("nobody listens");
      signal.addEventListener = () => {
        throw mine;
      };
      // A signal that failed once must fail again, not pass for one that is listened to.
      for (const time of ["first", "second"]) {
        const error = await assert.rejects(() => method.call(target, { signal }), undefined, method.name);
        assert.equal(error, mine, `the ${time} time, ${method.name}`);
      }
      assert.equal(calls.length, 0, `requests of ${method.name}`);
      await method.call(target, { signal: new AbortController().signal });
      assert.equal(calls.length, 1, `the next call of ${method.name}`);
    }
    for (const kind of KINDS) {
      const { sandbox, sockets } = await socketSandbox(ctx);
      const { signal } = new AbortController();
      const mine = new Mine("nobody listens");
      signal.addEventListener = () => {
        throw mine;
      };
      assert.equal(await assert.rejects(() => kind.start(sandbox, { signal })), mine, kind.name);
      assert.equal(sockets.length, 0, `dials of ${kind.name}`);
      assert.ok(await kind.start(sandbox), `the next ${kind.name}`);
    }
  });

  test("a proxy of a signal ends as that signal does, or is refused", async (ctx) => {
    const { sdk, assert } = ctx;
    for (const method of METHODS) {
      const { sandbox, calls } = await stubbedSandbox(ctx, hang);
      const controller = new AbortController();
      const signal = new Proxy(controller.signal, { get: (target, key) => target[key] });
      const call = assert.rejects(
        () => method.call({ sdk, sandbox, connection }, { signal }),
        undefined,
        method.name,
      );
      controller.abort("stop");
      const error = await call;
      if (calls.length > 0) assert.equal(error.cause, "stop", method.name);
      else assert.ok(error instanceof Error, `${method.name}: ${assert.show(error)}`);
    }
  });

  test("a signal that is null is none", async (ctx) => {
    const { sdk, assert } = ctx;
    for (const method of METHODS) {
      const { sandbox, calls } = await stubbedSandbox(ctx, () => goodResponse(method));
      await method.call({ sdk, sandbox, connection }, { signal: null });
      assert.equal(calls.length, 1, method.name);
    }
    for (const kind of KINDS) {
      const { sandbox } = await socketSandbox(ctx);
      assert.ok(await kind.start(sandbox, { signal: null }), kind.name);
    }
  });

  test("a callback that throws what cannot be touched", async (ctx) => {
    const { sdk, assert } = ctx;
    const trap = () => {
      throw new Error("trap");
    };
    const frozen = Object.freeze(new sdk.SandboxError("mine"));
    const keys = Object.keys(frozen);
    const proxy = new Proxy({}, { get: trap, has: trap, getPrototypeOf: trap, set: trap });
    for (const thrown of [frozen, proxy]) {
      const { sandbox } = await stubbedSandbox(ctx, () => streamOf([event({ stdout: "a" }), finished()]));
      const run = sandbox.commands.run("x", {
        onStdout() {
          throw thrown;
        },
      });
      // In a box: a promise that is resolved with the proxy itself would look for its `then`.
      const caught = await run.then(
        () => assert.ok(false, "resolved"),
        (error) => ({ error }),
      );
      assert.ok(caught.error === thrown, "the very value");
    }
    assert.deepEqual(Object.keys(frozen), keys, "nothing was written to it");
  });

  test("a mock whose json or reader throws at once", async (ctx) => {
    const { sdk, assert } = ctx;
    const thrower = () => {
      throw new Error("mock");
    };
    stubFetch(ctx, () => ({ status: 200, json: thrower }));
    await assert.rejects(() => sdk.Sandbox.list(connection), sdk.SandboxError);
    stubFetch(ctx, () => ({ status: 200, json: () => [] }));
    assert.deepEqual(await sdk.Sandbox.list(connection), [], "one that is not asynchronous");
    const { sandbox } = await stubbedSandbox(ctx, () => ({
      status: 200,
      body: { getReader: () => ({ read: thrower, cancel: async () => {} }) },
    }));
    await assert.rejects(() => sandbox.commands.run("x", { onStdout() {} }), sdk.SandboxError);
  });

  test("a body that goes on after the last event ends neither the process nor the call", async (ctx) => {
    const { assert } = ctx;
    const piece = new TextEncoder().encode(": more\n\n");
    let cancelled = false;
    const endless = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode(finished(3))),
      pull: (controller) => controller.enqueue(piece),
      cancel: () => {
        cancelled = true;
      },
    });
    const { sandbox, calls } = await stubbedSandbox(ctx, () => new Response(endless));
    assert.equal((await sandbox.commands.run("x", { onStdout() {} })).exitCode, 3);
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.ok(cancelled || calls[0].init.signal.aborted, "the rest is given up");
  });

  test("one invalid text takes no other with it, however long", async (ctx) => {
    const { assert } = ctx;
    const long = 'line\\n"q" '.repeat(1_000_000);
    const wire = `${event({ stdout: long })}data: {"stdout":"\u0001"}\n\n${event({ stderr: "b\\" })}${finished()}`;
    const { sandbox } = await stubbedSandbox(ctx, () => streamOf([wire]));
    const done = await sandbox.commands.run("x", { onStdout() {} });
    assert.ok(done.stdout === long, "the long text is whole");
    assert.equal(done.stderr, "b\\");
  });

  test("a key that a server repeats shows in no part of an error", async (ctx) => {
    const { sdk, assert } = ctx;
    for (const before of [0, 1_980, 1_999, 65_520]) {
      const text = `${"x".repeat(before)}${KEY} and more`;
      stubFetch(ctx, () => new Response(text, { status: 400, headers: { "x-request-id": `id-${KEY}` } }));
      const error = await assert.rejects(() => sdk.Sandbox.list(connection), sdk.ValidationError);
      for (const part of [KEY, KEY.slice(0, 20)]) {
        assert.excludes(error.message, part, `after ${before}`);
        assert.excludes(error.requestId, part, "requestId");
      }
    }
  });

  test("a Retry-After that is neither form is passed over", async (ctx) => {
    const { sdk, assert } = ctx;
    for (const value of ["-5", "soon", ""]) {
      const time = virtualTime(ctx);
      const calls = stubFetch(ctx, (_, index) =>
        index === 0 ? json(503, {}, { "retry-after": value }) : json(200, []),
      );
      await time.run(sdk.Sandbox.list(connection));
      assert.equal(calls.length, 2);
      assert.equal(time.elapsed(), 100, `the backoff's wait for ${JSON.stringify(value)}`);
    }
  });

  test("updateById takes timeoutMs from its own options too", async (ctx) => {
    const { sdk, assert } = ctx;
    stubFetch(ctx, hang);
    const time = virtualTime(ctx);
    const update = sdk.Sandbox.updateById("id", { metadata: {}, timeoutMs: 100 }, connection);
    await assert.rejects(time.run(update), sdk.TimeoutError);
    assert.equal(time.elapsed(), 100, "the update");
  });

  test("an abandoned wake-up does not take a new one with it", async (ctx) => {
    const { assert } = ctx;
    let token = 0;
    let activates = 0;
    const { sandbox } = await stubbedSandbox(ctx, async (call) => {
      if (call.path.endsWith("/activate")) {
        activates += 1;
        await Promise.race([new Promise((resolve) => setTimeout(resolve, 5)), hang(call)]);
        token += 1;
        return json(200, wireSandbox({ access_token: `tok-${token}` }));
      }
      const fresh = token > 0 && call.headers["x-access-token"] === `tok-${token}`;
      return fresh ? json(200, result()) : new Response("stale", { status: 401 });
    });
    const controller = new AbortController();
    const first = sandbox.commands.run("a", { signal: controller.signal }).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 2));
    controller.abort();
    const others = [sandbox.commands.run("b"), first.then(() => sandbox.commands.run("c"))];
    for (const { exitCode } of await Promise.all(others)) assert.equal(exitCode, 0);
    assert.within(activates, 1, 2, "activates: the abandoned one and the new one");
    assert.excludes(JSON.stringify(sandbox), TOKEN);
  });
}
