// The caller's AbortSignal: at every moment of a call it ends the call at once.

import {
  FRESH,
  ID,
  KEY,
  TOKEN,
  event,
  failure,
  json,
  sandboxAt,
  streamReply,
  withSandbox,
  wireSandbox,
} from "../support/fixtures.mjs";
import { eventually, liveSandbox } from "../support/live.mjs";
import { each } from "../support/each.mjs";
import { METHODS, goodResponse, routePath } from "../support/methods.mjs";
import { stopwatch } from "../support/stopwatch.mjs";
import { hang, stubFetch, stubbedSandbox } from "../support/stub-fetch.mjs";
import { settle, virtualTime } from "../support/virtual-time.mjs";

const AT_ONCE_MS = 500;
const connection = { apiKey: KEY, baseUrl: "http://localhost:9" };

const REASONS = [new Error("mine"), "a text", 0, false, "", null, { any: "object" }, Symbol("reason")];

/** Rejects as an abort does: a plain SandboxError with the very reason. */
async function assertAborted({ sdk, assert }, promise, reason, what) {
  const error = await assert.rejects(promise, sdk.SandboxError, what);
  assert.ok("cause" in error, `${what} has a cause`);
  assert.equal(error.cause, reason, `cause of ${what}`);
  assert.match(error.message, /abort/i, what);
  assert.equal(error.statusCode, undefined, what);
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Aborts after `moment` and asserts that the call ends at once. */
async function abortAfter(ctx, moment, start, what) {
  const controller = new AbortController();
  const reason = new Error(`reason of ${what}`);
  const promise = start(controller.signal);
  promise.catch(() => {});
  await moment();
  const watch = stopwatch(ctx);
  controller.abort(reason);
  await assertAborted(ctx, promise, reason, what);
  watch.took(0, AT_ONCE_MS, `the end of ${what}`);
}

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("before the call: no request at all", async (ctx) => {
    const { sdk, assert } = ctx;
    for (const method of METHODS) {
      const { sandbox, calls } = await stubbedSandbox(ctx, () => goodResponse(method));
      const target = { sdk, sandbox, connection };
      const signal = AbortSignal.abort();
      await assertAborted(ctx, method.call(target, { signal }), signal.reason, method.name);
      assert.equal(calls.length, 0, `requests of ${method.name}`);
      await method.call(target);
      assert.equal(calls.length, 1, `the next call of ${method.name}`);
    }
  });

  test("the cause is the reason, whatever it is", async (ctx) => {
    for (const reason of REASONS) {
      const what = ctx.assert.show(reason);
      const already = new AbortController();
      already.abort(reason);
      stubFetch(ctx, hang);
      const early = ctx.sdk.Sandbox.list({ ...connection, signal: already.signal });
      await assertAborted(ctx, early, reason, `${what} before`);
      const controller = new AbortController();
      const promise = ctx.sdk.Sandbox.list({ ...connection, signal: controller.signal });
      await settle();
      controller.abort(reason);
      await assertAborted(ctx, promise, reason, `${what} in the call`);
    }
  });

  test("in the same turn as the call", async (ctx) => {
    for (const method of METHODS) {
      const { sandbox } = await stubbedSandbox(ctx, hang);
      const controller = new AbortController();
      const target = { sdk: ctx.sdk, sandbox, connection };
      const promise = method.call(target, { signal: controller.signal });
      controller.abort();
      await assertAborted(ctx, promise, controller.signal.reason, method.name);
    }
  });

  test("while waiting for headers: the server sees the connection go", { timeoutMs: 60_000 }, async (ctx) => {
    const { sdk, fault } = ctx;
    const methods = METHODS.filter(({ creates }) => !creates);
    await each(methods, async (method) => {
      const stall = { status: null, body: [{ stall: true }] };
      const route = { method: method.http, path: routePath(method), replies: [stall] };
      const server = await fault.serve(ctx, withSandbox(route));
      const sandbox = await sandboxAt(ctx, server);
      const target = { sdk, sandbox, connection: { apiKey: KEY, baseUrl: server.origin } };
      const requests = 2;
      const arrived = () => server.until((log) => log.length === requests, `the request of ${method.name}`);
      await abortAfter(ctx, arrived, (signal) => method.call(target, { signal }), method.name);
      const log = await server.until((entries) => entries[requests - 1].ended === "client", method.name);
      // What a script has begun in the sandbox is ended by a request of its own.
      const more = log.length - requests;
      ctx.assert.ok(more <= (method.isScript ? 1 : 0), `${more} more of ${method.name}: no retry`);
    });
  });

  test("in the body: the server sees the connection go", { timeoutMs: 60_000 }, async (ctx) => {
    const { sdk, fault } = ctx;
    const methods = METHODS.filter(({ reply, creates }) => (reply.json ?? reply.body) && !creates);
    await each(methods, async (method) => {
      const text = method.reply.body ?? JSON.stringify(method.reply.json);
      const half = { status: method.reply.status, body: [text.slice(0, 1), { stall: true }] };
      const route = { method: method.http, path: routePath(method), replies: [half] };
      const server = await fault.serve(ctx, withSandbox(route));
      const sandbox = await sandboxAt(ctx, server);
      const target = { sdk, sandbox, connection: { apiKey: KEY, baseUrl: server.origin } };
      const requests = 2;
      const arrived = async () => {
        await server.until((log) => log[requests - 1]?.sentBytes > 0, `the answer to ${method.name}`);
        await pause(30);
      };
      await abortAfter(ctx, arrived, (signal) => method.call(target, { signal }), method.name);
      const log = await server.until((entries) => entries[requests - 1].ended === "client", method.name);
      // What a script has begun in the sandbox is ended by a request of its own.
      const more = log.length - requests;
      ctx.assert.ok(more <= (method.isScript ? 1 : 0), `${more} more of ${method.name}: no retry`);
    });
  });

  test("in an error's body", async (ctx) => {
    const { sdk, fault } = ctx;
    const server = await fault.serve(ctx, [{ replies: [{ status: 418, body: ["half", { stall: true }] }] }]);
    const list = (signal) => sdk.Sandbox.list({ apiKey: KEY, baseUrl: server.origin, signal });
    const arrived = () => server.until((log) => log[0]?.sentBytes > 0, "the answer").then(() => pause(30));
    await abortAfter(ctx, arrived, list, "an error body");
    await server.until((log) => log.at(-1).ended === "client", "the connection is closed");
  });

  test("in an upload that nobody reads", async (ctx) => {
    const { fault } = ctx;
    const stall = { readAfterMs: 400, status: null, body: [{ stall: true }] };
    const server = await fault.serve(ctx, withSandbox({ path: "/files", replies: [stall] }));
    const sandbox = await sandboxAt(ctx, server);
    const bytes = new Uint8Array(12 << 20);
    for (const [i, content] of [bytes, "x".repeat(bytes.length), new Blob([bytes])].entries()) {
      const write = (signal) => sandbox.files.write("/a", content, { signal });
      const arrived = () => server.until((log) => log.length === i + 2, "the upload").then(() => pause(100));
      await abortAfter(ctx, arrived, write, "an upload");
      await server.until((log) => log.at(-1).ended === "client", "the connection is closed");
    }
  });

  test("in a download", async (ctx) => {
    const { fault } = ctx;
    const drip = { body: [{ text: "x".repeat(1000), repeat: "forever", everyMs: 10 }] };
    const server = await fault.serve(ctx, withSandbox({ path: "/files", replies: [drip] }));
    const sandbox = await sandboxAt(ctx, server);
    for (const [i, name] of ["read", "readText", "downloadDir"].entries()) {
      const arrived = async () => {
        await server.until((log) => log[i + 1]?.sentBytes > 0, `the answer to ${name}`);
        await pause(80);
      };
      await abortAfter(ctx, arrived, (signal) => sandbox.files[name]("/a", { signal }), name);
      await server.until((log) => log.at(-1).ended === "client", `${name} closes its connection`);
    }
  });

  test("during a retry's sleep: no further request", async (ctx) => {
    const { sdk, assert, fault } = ctx;
    const busy = failureReply(503, { "retry-after": "20" });
    const methods = METHODS.filter(({ http }) => http === "GET" || http === "DELETE").filter(
      ({ plane }) => plane === "control",
    );
    await each(methods, async (method) => {
      const server = await fault.serve(ctx, withSandbox({ method: method.http, replies: [busy] }));
      const sandbox = await sandboxAt(ctx, server);
      const target = { sdk, sandbox, connection: { apiKey: KEY, baseUrl: server.origin } };
      const answered = () =>
        server.until((log) => log[1]?.ended === "complete", method.name).then(() => pause(30));
      await abortAfter(ctx, answered, (signal) => method.call(target, { signal }), method.name);
      assert.equal((await server.log()).length, 2, `requests of ${method.name}`);
    });
  });

  test("a retry's sleep that is aborted leaves no timer", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    const calls = stubFetch(ctx, () => failure(429, "c", "m", { "retry-after": "10" }));
    const controller = new AbortController();
    const promise = sdk.Sandbox.list({ ...connection, signal: controller.signal });
    promise.catch(() => {});
    await time.advance(5000);
    assert.equal(calls.length, 1);
    controller.abort();
    await assertAborted(ctx, promise, controller.signal.reason, "the sleep");
    assert.equal(time.pending(), 0, "timers left");
    await time.advance(60_000);
    assert.equal(calls.length, 1, "requests afterwards");
  });

  test("in a stream: the server sees the connection go, no callback follows", async (ctx) => {
    const { assert, fault } = ctx;
    const ticking = streamReply({ text: event({ stdout: "tick" }), repeat: "forever", everyMs: 10 });
    const server = await fault.serve(ctx, withSandbox({ path: "/exec/stream", replies: [ticking] }));
    const sandbox = await sandboxAt(ctx, server);
    let ticks = 0;
    const run = (signal) => sandbox.commands.run("x", { signal, onStdout: () => (ticks += 1) });
    await abortAfter(ctx, () => eventually(() => ticks > 3, "ticks"), run, "a stream");
    const then = ticks;
    await server.until((log) => log.at(-1).ended === "client", "the connection is closed");
    assert.equal(ticks, then, "callbacks after the abort");
  });

  test("from inside a callback", async (ctx) => {
    const { assert } = ctx;
    const events = ["1", "2", "3"].map((stdout) => event({ stdout })).join("");
    const { sandbox } = await stubbedSandbox(ctx, (call) => {
      let enqueued = false;
      return new Response(
        new ReadableStream({
          pull(controller) {
            if (enqueued) return hang(call);
            enqueued = true;
            controller.enqueue(new TextEncoder().encode(events));
          },
        }),
      );
    });
    const controller = new AbortController();
    const seen = [];
    const run = sandbox.commands.run("x", {
      signal: controller.signal,
      onStdout(text) {
        seen.push(text);
        controller.abort("enough");
      },
    });
    await assertAborted(ctx, run, "enough", "an abort in a callback");
    assert.deepEqual(seen, ["1"]);
  });

  test("a running command on the local server", async (ctx) => {
    const sandbox = await liveSandbox(ctx);
    const run = (signal) => sandbox.commands.run("sleep 30", { signal });
    await abortAfter(ctx, () => pause(200), run, "run");
    const stream = (signal) => sandbox.commands.run("sleep 30", { signal, onStdout() {} });
    await abortAfter(ctx, () => pause(200), stream, "a streaming run");
    ctx.assert.equal((await sandbox.commands.run("echo still")).stdout, "still\n");
  });

  test("while a token is renewed: one caller leaves, the others go on", async (ctx) => {
    const { assert } = ctx;
    let activate;
    const { sandbox, calls } = await stubbedSandbox(ctx, ({ url, headers }) => {
      if (url.endsWith("/activate")) {
        return new Promise((resolve) => {
          activate = () => resolve(json(200, wireSandbox({ access_token: FRESH })));
        });
      }
      return headers["x-access-token"] === TOKEN
        ? new Response("stale", { status: 401 })
        : new Response("ok");
    });
    // The first to leave is the one whose failure began the renewal.
    const controllers = Array.from({ length: 4 }, () => new AbortController());
    const reads = controllers.map(({ signal }, i) => sandbox.files.readText(`/${i}`, { signal }));
    for (const read of reads) read.catch(() => {});
    await settle();
    const activates = () => calls.filter(({ url }) => url.endsWith("/activate")).length;
    assert.equal(activates(), 1, "one activate");
    for (const leaver of [0, 2]) {
      controllers[leaver].abort();
      await assertAborted(ctx, reads[leaver], controllers[leaver].signal.reason, "who leaves");
    }
    activate();
    assert.deepEqual(await Promise.all([reads[1], reads[3]]), ["ok", "ok"]);
    assert.equal(await sandbox.files.readText("/later"), "ok");
    assert.equal(activates(), 1, "still one activate");
  });

  test("while another's resume is waited for", async (ctx) => {
    const { sdk, assert, fault } = ctx;
    const server = await fault.serve(
      ctx,
      withSandbox(
        {
          path: `/sandboxes/${ID}/activate`,
          replies: [{ status: 409, json: { error: { code: "conflict", message: "resuming" } } }],
        },
        { method: "GET", path: `/sandboxes/${ID}`, replies: [{ json: wireSandbox({ status: "resuming" }) }] },
        { path: "/exec", replies: [{ status: 503, body: "sandbox is not running" }] },
      ),
    );
    const sandbox = await sandboxAt(ctx, server);
    const options = { apiKey: KEY, baseUrl: server.origin };
    const attempts = {
      connect: (signal) => sdk.Sandbox.connect(ID, { ...options, signal }),
      run: (signal) => sandbox.commands.run("x", { signal }),
    };
    for (const [name, attempt] of Object.entries(attempts)) {
      const before = (await server.log()).length;
      const polls = () => server.until((log) => log.length >= before + 3, `polls of ${name}`);
      await abortAfter(ctx, polls, attempt, name);
      // One that was under way still arrives.
      await pause(250);
      const requests = (await server.log()).length;
      await pause(700);
      // One of them at most was on its way still.
      const after = (await server.log()).length;
      assert.within(after, requests, requests + 1, `polls of ${name} after the last has left`);
    }
  });

  test("after the end it changes nothing", async (ctx) => {
    const { sdk, assert } = ctx;
    for (const method of METHODS) {
      const controller = new AbortController();
      const { sandbox, calls } = await stubbedSandbox(ctx, () => goodResponse(method));
      const target = { sdk, sandbox, connection };
      await method.call(target, { signal: controller.signal });
      controller.abort();
      await settle();
      await method.call(target);
      assert.equal(calls.length, 2, `requests of ${method.name}`);
    }
  });

  test("listeners do not pile up on the caller's signal", async (ctx) => {
    const { sdk, assert } = ctx;
    const { signal } = new AbortController();
    const listeners = new Set();
    const { addEventListener, removeEventListener } = signal;
    signal.addEventListener = function (type, listener, ...more) {
      listeners.add(listener);
      return addEventListener.call(this, type, listener, ...more);
    };
    signal.removeEventListener = function (type, listener, ...more) {
      listeners.delete(listener);
      return removeEventListener.call(this, type, listener, ...more);
    };
    const time = virtualTime(ctx);
    for (const method of METHODS) {
      for (const respond of [
        () => goodResponse(method),
        () => new Response("no", { status: 400 }),
        () => Promise.reject(new TypeError("x")),
      ]) {
        const { sandbox } = await stubbedSandbox(ctx, respond);
        await time.run(method.call({ sdk, sandbox, connection }, { signal })).catch(() => {});
        // One for all calls is fine: a program may keep a signal for as long as it runs.
        assert.within(listeners.size, 0, 1, `listeners after ${method.name}`);
      }
    }
  });

  test("a signal shared by a hundred calls ends them all", async (ctx) => {
    const { sandbox } = await stubbedSandbox(ctx, hang);
    const controller = new AbortController();
    const { signal } = controller;
    const all = Array.from({ length: 100 }, (_, i) =>
      [
        () => sandbox.getInfo({ signal }),
        () => sandbox.commands.run("x", { signal }),
        () => sandbox.commands.run("x", { signal, onStdout() {} }),
        () => sandbox.files.read("/a", { signal }),
      ][i % 4](),
    );
    for (const promise of all) promise.catch(() => {});
    await settle();
    controller.abort("all");
    for (const promise of all) await assertAborted(ctx, promise, "all", "one of a hundred");
  });

  test("what is no signal is refused before any request", async (ctx) => {
    const { sdk, assert } = ctx;
    for (const method of METHODS) {
      const { sandbox, calls } = await stubbedSandbox(ctx, () => goodResponse(method));
      for (const signal of ["abort", 1, true, {}, [], () => {}, new AbortController()]) {
        const call = () => method.call({ sdk, sandbox, connection }, { signal });
        await assert.rejects(call, sdk.ValidationError, `${method.name}, signal ${assert.show(signal)}`);
      }
      assert.equal(calls.length, 0, `requests of ${method.name}`);
      await method.call({ sdk, sandbox, connection }, { signal: undefined });
    }
  });
}

function failureReply(status, headers) {
  return { status, headers, json: { error: { code: "busy", message: "busy" } } };
}
