// Waking a sandbox that another is waking: an activate that meets a 409.

import { FRESH, ID, KEY, failure, json, result, wireSandbox } from "../support/fixtures.mjs";
import { live, liveSandbox } from "../support/live.mjs";
import { socketSandbox } from "../support/sessions.mjs";
import { refuse } from "../support/stub-socket.mjs";
import { stubFetch, stubbedSandbox } from "../support/stub-fetch.mjs";
import { virtualTime } from "../support/virtual-time.mjs";

const connection = { apiKey: KEY, baseUrl: "http://localhost:9" };
const isActivate = ({ url }) => url.endsWith(`/sandboxes/${ID}/activate`);
const isGet = ({ url, method }) => method === "GET" && url.endsWith(`/sandboxes/${ID}`);
const resuming = () => failure(409, "conflict", "sandbox is resuming");
const asleep = () => new Response("sandbox is not running", { status: 503, headers: { "retry-after": "1" } });

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("409 while resuming: wait, then take the token from the sandbox", async (ctx) => {
    const { sdk, assert } = ctx;
    for (const polls of [1, 2, 5]) {
      let left = polls;
      const handler = (call) => {
        if (isActivate(call)) return resuming();
        if (isGet(call)) {
          left -= 1;
          return json(
            200,
            wireSandbox(left > 0 ? { status: "resuming", access_token: undefined } : { access_token: FRESH }),
          );
        }
        return call.headers["x-access-token"] === FRESH ? json(200, result({ stdout: "ok" })) : asleep();
      };
      const time = virtualTime(ctx);
      const { sandbox, calls } = await stubbedSandbox(ctx, handler);
      assert.equal((await time.run(sandbox.commands.run("x"))).stdout, "ok");
      assert.equal(calls.filter(isActivate).length, 1, "activates");
      assert.equal(calls.filter(isGet).length, polls, "polls");
      assert.equal(calls.at(-1).headers["x-access-token"], FRESH);

      left = polls;
      stubFetch(ctx, handler);
      const before = time.elapsed();
      const connected = await time.run(sdk.Sandbox.connect(ID, connection));
      assert.equal(connected.status, "active");
      assert.within(time.elapsed() - before, 0, 30_000);
      assert.equal((await connected.commands.run("x")).stdout, "ok", "connect has the fresh token");
    }
  });

  test("409 while resuming, 30 s at most", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    const handler = (call) => {
      if (isActivate(call)) return resuming();
      if (isGet(call)) return json(200, wireSandbox({ status: "resuming", access_token: undefined }));
      return asleep();
    };
    const { sandbox, calls } = await stubbedSandbox(ctx, handler);
    for (const call of [
      () => sandbox.commands.run("x", { timeoutMs: 120_000 }),
      () => sdk.Sandbox.connect(ID, connection),
    ]) {
      const before = time.elapsed();
      const error = await assert.rejects(time.run(call()));
      assert.ok(error instanceof sdk.ConflictError || error instanceof sdk.TimeoutError, assert.show(error));
      assert.within(time.elapsed() - before, 25_000, 40_000, "milliseconds waited");
    }
    // A poll is a request to a service with other things to do.
    assert.within(calls.filter(isGet).length, 10, 700, "polls in a minute");
    assert.equal(time.pending(), 0, "timers left");
  });

  test("409 in any other state stays a ConflictError", async (ctx) => {
    const { sdk, assert } = ctx;
    for (const status of ["failed", "paused", "starting", "something_new"]) {
      const time = virtualTime(ctx);
      const handler = (call) => {
        if (isActivate(call)) return failure(409, "conflict", `sandbox is ${status}`);
        if (isGet(call)) return json(200, wireSandbox({ status }));
        return asleep();
      };
      const { sandbox, calls } = await stubbedSandbox(ctx, handler);
      for (const call of [() => sandbox.commands.run("x"), () => sdk.Sandbox.connect(ID, connection)]) {
        calls.length = 0;
        const error = await assert.rejects(time.run(call()), sdk.ConflictError, status);
        assert.equal(error.message, `sandbox is ${status}`);
        assert.equal(error.code, "conflict");
        assert.equal(error.statusCode, 409);
      }
    }
  });

  test("409 while pausing: wait until it is paused, then wake it", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    let looks = 0;
    const paused = () => looks >= 3;
    const state = () => (paused() ? "paused" : "pausing");
    const handler = (call) => {
      if (isActivate(call)) {
        return paused() ? json(200, wireSandbox({ access_token: FRESH })) : failure(409, "conflict", state());
      }
      if (isGet(call)) {
        looks += 1;
        return json(200, wireSandbox({ status: state() }));
      }
      return call.headers["x-access-token"] === FRESH ? json(200, result({ stdout: "ok" })) : asleep();
    };
    const { sandbox, calls } = await stubbedSandbox(ctx, handler);
    assert.equal((await time.run(sandbox.commands.run("x"))).stdout, "ok");
    assert.equal(calls.filter(isActivate).length, 2, "activates");
    assert.equal(calls.filter(isGet).length, 3, "looks");
    looks = 0;
    stubFetch(ctx, handler);
    const connected = await time.run(sdk.Sandbox.connect(ID, connection));
    assert.equal((await connected.commands.run("x")).stdout, "ok", "connect has the fresh token");
  });

  test("409, then gone while waiting", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    let polls = 0;
    const { sandbox } = await stubbedSandbox(ctx, (call) => {
      if (isActivate(call)) return resuming();
      if (!isGet(call)) return asleep();
      polls += 1;
      return polls < 3 ? json(200, wireSandbox({ status: "resuming" })) : failure(404, "not_found", "gone");
    });
    await assert.rejects(time.run(sandbox.commands.run("x")), sdk.NotFoundError);
  });

  test("409, then a sandbox that says of itself that it is deleted", async (ctx) => {
    const { sdk, assert } = ctx;
    const { sandbox } = await stubbedSandbox(ctx, (call) => {
      if (isActivate(call)) return failure(409, "conflict", "sandbox is deleted");
      return isGet(call) ? json(200, wireSandbox({ status: "deleted" })) : asleep();
    });
    const error = await assert.rejects(sandbox.commands.run("x"), sdk.NotFoundError);
    assert.deepEqual([error.statusCode, error.code, error.sandboxId], [404, "not_found", ID]);
  });

  test("a resume that fails while it is waited for ends the wait", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    let polls = 0;
    const { sandbox } = await stubbedSandbox(ctx, (call) => {
      if (isActivate(call)) return resuming();
      if (!isGet(call)) return asleep();
      polls += 1;
      return json(200, wireSandbox({ status: polls < 3 ? "resuming" : "failed" }));
    });
    await assert.rejects(time.run(sandbox.commands.run("x")), sdk.ConflictError);
    assert.equal(polls, 3);
  });

  test("a wake-up that fails is an error of each caller's own", async (ctx) => {
    const { sdk, assert } = ctx;
    const network = new TypeError("no route");
    const failures = [
      [() => failure(500, "boom", "it broke", { "x-request-id": "req-1" }), sdk.ServerError, 500, "boom"],
      [() => failure(403, "forbidden", "it broke"), sdk.AuthenticationError, 403, "forbidden"],
      [() => failure(404, "not_found", "it broke"), sdk.NotFoundError, 404, "not_found"],
      [() => Promise.reject(network), sdk.SandboxError, undefined, "network_error"],
    ];
    for (const [answer, Class, status, code] of failures) {
      const time = virtualTime(ctx);
      const { sandbox, calls } = await socketSandbox(ctx, {
        socket: refuse,
        async fetch(call) {
          if (!isActivate(call)) return asleep();
          await new Promise((resolve) => setTimeout(resolve, 100));
          return answer();
        },
      });
      const starts = {
        "Commands.run": () => sandbox.commands.run("x"),
        "Files.read": () => sandbox.files.read("/a"),
        "Files.write": () => sandbox.files.write("/a", "b"),
        "Commands.spawn": () => sandbox.commands.spawn("x"),
        "Sandbox.terminal": () => sandbox.terminal(),
      };
      const settled = Promise.allSettled(Object.values(starts).map((start) => start()));
      const errors = (await time.run(settled)).map(({ reason }) => reason);
      assert.equal(calls.filter(isActivate).length, 1, "activates");
      assert.equal(new Set(errors).size, errors.length, "errors");
      const [{ cause }] = errors;
      for (const [index, operation] of Object.keys(starts).entries()) {
        const error = errors[index];
        assert.isError(error, Class, operation);
        assert.deepEqual([error.statusCode, error.code], [status, code], operation);
        assert.equal(error.operation, operation);
        assert.equal(error.sandboxId, ID, operation);
        assert.equal(error.message, cause.message, operation);
        assert.equal(error.cause, cause, `${operation}: the wake-up's error`);
        assert.equal(error.requestId, cause.requestId, `${operation}: the id of the request that failed`);
      }
      assert.isError(cause, Class);
      assert.deepEqual([cause.statusCode, cause.code], [status, code]);
      if (code === "network_error") assert.equal(cause.cause, network, "why the wake-up failed");
    }
  });

  test("on the local server, two objects wake one sandbox", { timeoutMs: 30_000 }, async (ctx) => {
    const { sdk, assert, slow } = ctx;
    const there = { ...ctx, ...slow };
    const one = await liveSandbox(there);
    const two = await sdk.Sandbox.connect(one.id, live(there));
    await one.pause();
    const outputs = await Promise.all([
      one.commands.run("echo one"),
      two.commands.run("echo two"),
      sdk.Sandbox.connect(one.id, live(there)).then((three) => three.commands.run("echo three")),
    ]);
    assert.deepEqual(
      outputs.map(({ stdout }) => stdout),
      ["one\n", "two\n", "three\n"],
    );
  });
}
