// Timeouts: the whole call, body included; streams by silence.

import {
  KEY,
  commentsAlone,
  event,
  finished,
  json,
  noContent,
  result,
  sandboxAt,
  streamReply,
  withSandbox,
  wireSandbox,
} from "../support/fixtures.mjs";
import { each } from "../support/each.mjs";
import { LEFTOVER_MS, METHODS, goodResponse, routePath } from "../support/methods.mjs";
import { quickTimers } from "../support/quick-timers.mjs";
import { stopwatch } from "../support/stopwatch.mjs";
import { hang, stubFetch, stubbedSandbox } from "../support/stub-fetch.mjs";
import { settle, virtualTime } from "../support/virtual-time.mjs";

const connection = { apiKey: KEY, baseUrl: "http://localhost:9" };
const encoder = new TextEncoder();

/** What a client that waits for a command adds to the server's own timeout. */
const GRACE_MS = 5000;
/** Sooner than whatever else would end a call, its 30 s first of all, and later than any machine is. */
const IN_TIME_MS = 20_000;
const waits = (method, ms) => (method.name.startsWith("commands.") ? ms + GRACE_MS : ms);

/** A response whose body begins and then is silent until it is cancelled or aborted. */
function stalls(call, { status = 200, text = "{" } = {}) {
  const state = { cancelled: false };
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(encoder.encode(text));
      call.init.signal?.addEventListener("abort", () => {
        state.cancelled = true;
        controller.error(call.init.signal.reason);
      });
    },
    cancel: () => void (state.cancelled = true),
  });
  return { response: new Response(body, { status }), state };
}

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("every method, no headers: TimeoutError on time, one request", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    for (const method of METHODS) {
      const { sandbox, calls } = await stubbedSandbox(ctx, hang);
      const before = time.elapsed();
      const call = () => time.run(method.call({ sdk, sandbox, connection }, { timeoutMs: 7000 }));
      const error = await assert.rejects(call, sdk.TimeoutError, method.name);
      assert.equal(time.elapsed() - before, waits(method, 7000), `${method.name} waited`);
      assert.equal(error.statusCode, undefined);
      // What a script has begun in the sandbox is ended by a request of its own.
      assert.equal(calls.length, method.isScript ? 2 : 1, `requests of ${method.name}`);
      if (method.creates) await time.advance(LEFTOVER_MS);
      assert.ok(calls[0].init.signal.aborted, `${method.name} aborts its request`);
    }
    assert.equal(time.pending(), 0, "timers left");
  });

  test("every method, half a body: TimeoutError on time", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    // A 204 has no body to wait for.
    for (const method of METHODS.filter(
      ({ reply }) => (reply.status !== 204 && reply.status !== 201) || reply.json,
    )) {
      let state;
      const { sandbox } = await stubbedSandbox(ctx, (call) => {
        const stalled = stalls(call, { status: method.reply.status });
        state ??= stalled.state;
        return stalled.response;
      });
      const before = time.elapsed();
      const call = () => time.run(method.call({ sdk, sandbox, connection }, { timeoutMs: 7000 }));
      await assert.rejects(call, sdk.TimeoutError, method.name);
      assert.equal(time.elapsed() - before, waits(method, 7000), `${method.name} waited`);
      await (method.creates ? time.advance(LEFTOVER_MS) : settle());
      assert.ok(state.cancelled, `${method.name} lets the body go`);
    }
    assert.equal(time.pending(), 0, "timers left");
  });

  test("a stream of comments alone ends after 12 hours, or after the call's time", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    const { sandbox } = await stubbedSandbox(ctx, (call) => commentsAlone(call, 240_000));
    const limits = [[{ timeoutMs: 1_000_000 }, 1_000_000 + GRACE_MS]];
    // In browsers virtual time waits a while for each read of a body, and these are many.
    if (!ctx.runtime.browser) limits.push([{}, 12 * 3_600_000]);
    for (const [options, ms] of limits) {
      const before = time.elapsed();
      await assert.rejects(
        time.run(sandbox.commands.run("x", { ...options, onStdout() {} })),
        sdk.TimeoutError,
      );
      assert.equal(time.elapsed() - before, ms);
      assert.equal(time.pending(), 0, "timers left");
    }
  });

  test("half an error body counts as well", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    stubFetch(ctx, (call) => stalls(call, { status: 500 }).response);
    const create = () => time.run(sdk.Sandbox.create({ ...connection, name: "x", timeoutMs: 3000 }));
    const error = await assert.rejects(create);
    assert.equal(time.elapsed(), 3000);
    // Either is right: the status is known, the answer is not whole.
    assert.ok(error instanceof sdk.TimeoutError || error instanceof sdk.ServerError, assert.show(error));
  });

  test("on a real connection that stalls in the body", { timeoutMs: 60_000 }, async (ctx) => {
    const { sdk, assert, fault } = ctx;
    const methods = METHODS.filter(
      ({ reply, name, creates }) => (reply.json ?? reply.body) && !creates && !name.startsWith("commands."),
    );
    await each(methods, async (method) => {
      const text = method.reply.body ?? JSON.stringify(method.reply.json);
      const reply = { status: method.reply.status, body: [text.slice(0, 1), { stall: true }] };
      const route = { method: method.http, path: routePath(method), replies: [reply] };
      const server = await fault.serve(ctx, withSandbox(route));
      const sandbox = await sandboxAt(ctx, server);
      const target = { sdk, sandbox, connection: { apiKey: KEY, baseUrl: server.origin } };
      const watch = stopwatch(ctx);
      // Time enough for the body to begin, on a busy machine too.
      await assert.rejects(() => method.call(target, { timeoutMs: 1000 }), sdk.TimeoutError, method.name);
      watch.took(990, IN_TIME_MS, method.name);
      await server.until((log) => log[1]?.ended === "client", `${method.name} closes its connection`);
    });
  });

  test("an error whose text never comes, without a stream", async (ctx) => {
    const { sdk, assert } = ctx;
    stubFetch(ctx, () => ({ status: 409, text: () => new Promise(() => {}) }));
    await assert.rejects(sdk.Sandbox.list({ apiKey: KEY, timeoutMs: 50 }), sdk.TimeoutError);
    const controller = new AbortController();
    const { signal } = controller;
    const listed = sdk.Sandbox.list({ apiKey: KEY, signal });
    setTimeout(() => controller.abort(), 20);
    assert.equal((await assert.rejects(listed, sdk.SandboxError)).code, "aborted");
  });

  test("slow but steady is no excuse for a call that is not a stream", async (ctx) => {
    const { sdk, assert, fault } = ctx;
    const server = await fault.serve(
      ctx,
      withSandbox({
        path: "/files",
        replies: [{ body: [{ text: "drip ", repeat: "forever", everyMs: 50 }] }],
      }),
    );
    const sandbox = await sandboxAt(ctx, server);
    const watch = stopwatch(ctx);
    await assert.rejects(() => sandbox.files.read("/a", { timeoutMs: 500 }), sdk.TimeoutError);
    watch.took(490, IN_TIME_MS, "the read");
  });

  test("the default is 30 s a try", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    for (const method of METHODS.filter(({ name }) => !name.startsWith("commands."))) {
      const { sandbox } = await stubbedSandbox(ctx, hang);
      const before = time.elapsed();
      const call = () => time.run(method.call({ sdk, sandbox, connection }));
      await assert.rejects(call, sdk.TimeoutError, method.name);
      assert.equal(time.elapsed() - before, 30_000, `${method.name} waited`);
    }
  });

  test("each try has its own 30 s", async (ctx) => {
    const time = virtualTime(ctx);
    const slowly = (respond) => new Promise((resolve) => setTimeout(() => resolve(respond()), 29_000));
    const calls = stubFetch(ctx, (_, index) =>
      slowly(() => (index < 2 ? new Response(null, { status: 503 }) : json(200, []))),
    );
    ctx.assert.deepEqual(await time.run(ctx.sdk.Sandbox.list(connection)), []);
    ctx.assert.equal(calls.length, 3);
    ctx.assert.equal(time.elapsed(), 3 * 29_000 + 300);
  });

  test("a command without timeoutMs outwaits the server's 30 s", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    const { sandbox } = await stubbedSandbox(ctx, hang);
    await assert.rejects(() => time.run(sandbox.commands.run("x")), sdk.TimeoutError);
    assert.within(time.elapsed(), 30_000, 35_000);
  });

  test("a command's answer within the grace still counts", async (ctx) => {
    const time = virtualTime(ctx);
    const { sandbox } = await stubbedSandbox(
      ctx,
      () =>
        new Promise((resolve) => setTimeout(() => resolve(json(200, result({ exit_code: 124 }))), 14_000)),
    );
    const done = await time.run(sandbox.commands.run("x", { timeoutMs: 10_000 }));
    ctx.assert.equal(done.exitCode, 124);
  });

  test("a stream ends by silence: 300 s by default", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    let state;
    const { sandbox } = await stubbedSandbox(ctx, (call) => {
      const stalled = stalls(call, { text: event({ stdout: "a" }) });
      state = stalled.state;
      return stalled.response;
    });
    const seen = [];
    const run = () => time.run(sandbox.commands.run("x", { onStdout: (text) => seen.push(text) }));
    await assert.rejects(run, sdk.TimeoutError);
    assert.deepEqual(seen, ["a"]);
    assert.equal(time.elapsed(), 300_000);
    assert.ok(state.cancelled, "the stream is let go");
    assert.equal(time.pending(), 0, "timers left");
  });

  test("every chunk starts the silence anew, a comment too", async (ctx) => {
    const { assert } = ctx;
    const time = virtualTime(ctx);
    let sent = 0;
    const body = () =>
      new ReadableStream(
        {
          pull(controller) {
            return new Promise((resolve) =>
              setTimeout(() => {
                sent += 1;
                const text = sent % 2 ? ": still here\n\n" : event({ stdout: "x" });
                controller.enqueue(encoder.encode(sent > 20 ? finished() : text));
                if (sent > 20) controller.close();
                resolve();
              }, 290_000),
            );
          },
        },
        { highWaterMark: 0 },
      );
    const { sandbox } = await stubbedSandbox(ctx, () => new Response(body()));
    const done = await time.run(sandbox.commands.run("x", { onStdout() {} }));
    assert.equal(done.stdout, "x".repeat(10));
    assert.equal(time.elapsed(), 21 * 290_000);
  });

  test("a stream with timeoutMs ends by it, whatever still comes", async (ctx) => {
    const { sdk, assert } = ctx;
    for (const [what, text] of [
      ["comments", ": still here\n\n"],
      ["output", event({ stdout: "x" })],
    ]) {
      const time = virtualTime(ctx);
      const { sandbox, calls } = await stubbedSandbox(ctx, () => {
        let left = 20;
        const pull = async (controller) => {
          await new Promise((resolve) => setTimeout(resolve, 10_000));
          controller.enqueue(encoder.encode(left > 0 ? text : finished()));
          left -= 1;
        };
        return new Response(new ReadableStream({ pull }, { highWaterMark: 0 }));
      });
      const run = sandbox.commands.run("x", { onStdout() {}, timeoutMs: 60_500 });
      await assert.rejects(time.run(run), sdk.TimeoutError, what);
      assert.equal(time.elapsed(), 60_500 + GRACE_MS, what);
      assert.ok(calls[0].init.signal.aborted, `${what}: the request is aborted`);
      assert.equal(calls.length, 1, `requests, ${what}`);
    }
  });

  test("a real stream that falls silent", async (ctx) => {
    const { sdk, assert, fault } = ctx;
    const server = await fault.serve(
      ctx,
      withSandbox({ path: "/exec/stream", replies: [streamReply(event({ stdout: "a" }), { stall: true })] }),
    );
    const sandbox = await sandboxAt(ctx, server);
    const speed = quickTimers(ctx);
    // The least that can be asked for: 1 ms and the grace.
    const watch = stopwatch(ctx, { speed });
    const run = () => sandbox.commands.run("x", { onStdout() {}, timeoutMs: 1 });
    await assert.rejects(run, sdk.TimeoutError);
    // Without that it would be 300 s.
    watch.took(GRACE_MS - 50, 200_000, "the stream");
    await server.until((log) => log.at(-1).ended === "client", "the stream is closed");
  });

  test("a timeout beyond what a timer holds does not fire at once", async (ctx) => {
    const { sdk, assert } = ctx;
    for (const timeoutMs of [2 ** 31 - 1, 2 ** 31, 2 ** 32 + 10, Number.MAX_SAFE_INTEGER]) {
      for (const method of METHODS) {
        const { sandbox } = await stubbedSandbox(
          ctx,
          () => new Promise((resolve) => setTimeout(() => resolve(goodResponse(method)), 5)),
        );
        const outcome = await method
          .call({ sdk, sandbox, connection }, { timeoutMs })
          .catch((error) => error);
        // To refuse the number is right too; to take it and fire at once is not.
        const what = `${method.name} with timeoutMs ${timeoutMs}`;
        if (outcome instanceof Error) assert.isError(outcome, sdk.ValidationError, what);
      }
    }
  });

  test("a call that ends leaves no timer", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    for (const method of METHODS) {
      const { sandbox } = await stubbedSandbox(ctx, () => goodResponse(method));
      await method.call({ sdk, sandbox, connection }, { timeoutMs: 5000 });
      // The last bytes of a finished stream may still be read.
      await settle();
      assert.equal(time.pending(), 0, `timers after ${method.name}`);
      const failing = await stubbedSandbox(ctx, () => new Response("no", { status: 400 }));
      await assert.rejects(() => method.call({ sdk, sandbox: failing.sandbox, connection }));
      assert.equal(time.pending(), 0, `timers after a failed ${method.name}`);
    }
  });

  test("a timeout while another call goes on touches only its own", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    const { sandbox, calls } = await stubbedSandbox(ctx, (call, index) =>
      index === 0
        ? hang(call)
        : new Promise((resolve) => setTimeout(() => resolve(json(200, wireSandbox())), 20_000)),
    );
    const short = sandbox.getInfo({ timeoutMs: 1000 });
    const long = sandbox.getInfo();
    await assert.rejects(time.run(short), sdk.TimeoutError);
    assert.equal(calls[1].init.signal.aborted, false);
    assert.equal((await time.run(long)).status, "active");
  });

  test("an upload that nobody reads times out", async (ctx) => {
    const { sdk, assert, fault } = ctx;
    const server = await fault.serve(
      ctx,
      withSandbox({
        path: "/files",
        replies: [{ readAfterMs: 1500, status: null, body: [{ stall: true }] }],
      }),
    );
    const sandbox = await sandboxAt(ctx, server);
    const watch = stopwatch(ctx);
    const write = () => sandbox.files.write("/a", new Uint8Array(12 << 20), { timeoutMs: 1200 });
    await assert.rejects(write, sdk.TimeoutError);
    watch.took(1190, IN_TIME_MS, "the upload");
    await server.until((log) => log[1]?.ended === "client", "the upload's connection is closed");
  });

  test("the answer of a kill needs no body", async (ctx) => {
    const time = virtualTime(ctx);
    stubFetch(ctx, () => noContent());
    await time.run(ctx.sdk.Sandbox.killById("a", connection));
    ctx.assert.equal(time.elapsed(), 0);
  });
}
