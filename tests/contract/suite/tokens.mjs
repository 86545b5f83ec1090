// Access tokens: their renewal, shared by all who need it.

import {
  FRESH,
  ID,
  KEY,
  TOKEN,
  event,
  failure,
  finished,
  json,
  result,
  sandboxAt,
  withSandbox,
  wireSandbox,
} from "../support/fixtures.mjs";
import { liveSandbox } from "../support/live.mjs";
import { METHODS, goodResponse } from "../support/methods.mjs";
import { hang, stubbedSandbox } from "../support/stub-fetch.mjs";
import { settle, virtualTime } from "../support/virtual-time.mjs";

const connection = { apiKey: KEY, baseUrl: "http://localhost:9" };
const DATA = METHODS.filter(({ plane }) => plane === "data");
const isActivate = ({ url }) => url.endsWith(`/sandboxes/${ID}/activate`);
const fresh = () => json(200, wireSandbox({ access_token: FRESH }));

/** Answers the data plane by the token: the fresh one is good, any other gets `stale()`. */
function rotated(method, stale, activate = fresh) {
  return (call) => {
    if (isActivate(call)) return activate(call);
    return call.headers["x-access-token"] === FRESH ? goodResponse(method) : stale(call);
  };
}

const refusals = {
  401: () => new Response("invalid access token", { status: 401 }),
  403: () => new Response("forbidden", { status: 403 }),
  503: () => new Response("sandbox is not running", { status: 503, headers: { "retry-after": "1" } }),
};

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  for (const [status, stale] of Object.entries(refusals)) {
    test(`${status}: one activate and one retry with the fresh token`, async (ctx) => {
      const { sdk, assert } = ctx;
      const time = virtualTime(ctx);
      for (const method of DATA) {
        const { sandbox, calls } = await stubbedSandbox(ctx, rotated(method, stale));
        await time.run(method.call({ sdk, sandbox }));
        assert.equal(calls.length, 3, `requests of ${method.name}`);
        const [first, activate, second] = calls;
        assert.equal(first.headers["x-access-token"], TOKEN);
        assert.equal(activate.method, "POST");
        assert.equal(activate.headers["x-api-key"], KEY);
        assert.equal("x-access-token" in activate.headers, false, "no token to the control plane");
        assert.equal(second.headers["x-access-token"], FRESH);
        assert.equal("x-api-key" in second.headers, false, "no key to the data plane");
        assert.equal(second.url, first.url);
        assert.equal(second.init.body, first.init.body);
        assert.equal(time.elapsed(), 0, `${method.name} waits for nothing`);
        await time.run(method.call({ sdk, sandbox }));
        assert.equal(calls.length, 4, "the next call has the fresh token at once");
      }
    });

    test(`${status} again after the retry: the error, not another round`, async (ctx) => {
      const { sdk, assert } = ctx;
      const time = virtualTime(ctx);
      for (const method of DATA) {
        const { sandbox, calls } = await stubbedSandbox(ctx, (call) =>
          isActivate(call) ? fresh() : stale(),
        );
        const Class = status === "503" ? sdk.ServerError : sdk.AuthenticationError;
        const error = await assert.rejects(time.run(method.call({ sdk, sandbox })), Class, method.name);
        assert.equal(error.statusCode, Number(status), method.name);
        assert.equal(calls.filter(isActivate).length, 1, `activates of ${method.name}`);
        assert.equal(calls.length, 3, `requests of ${method.name}`);
      }
    });
  }

  test("other failures renew nothing", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    for (const method of DATA) {
      for (const status of [400, 404, 409, 429, 500, 502, 504]) {
        const { sandbox, calls } = await stubbedSandbox(ctx, () => new Response("no", { status }));
        await assert.rejects(time.run(method.call({ sdk, sandbox })), undefined, method.name);
        assert.equal(calls.filter(isActivate).length, 0, `activates of ${method.name} after ${status}`);
      }
    }
  });

  test("a refused key on the control plane renews nothing", async (ctx) => {
    const { sdk, assert } = ctx;
    for (const method of METHODS.filter(
      ({ plane, name }) => plane === "control" && name !== "Sandbox.connect",
    )) {
      for (const status of [401, 403]) {
        const { sandbox, calls } = await stubbedSandbox(ctx, () => failure(status, "c", "m"));
        const call = () => method.call({ sdk, sandbox, connection });
        const error = await assert.rejects(call, sdk.AuthenticationError, method.name);
        assert.equal(error.statusCode, status);
        assert.equal(calls.length, 1, `requests of ${method.name} after ${status}`);
      }
    }
  });

  test("fifty concurrent calls share one activate", async (ctx) => {
    const { assert } = ctx;
    for (const stale of Object.values(refusals)) {
      const time = virtualTime(ctx);
      const { sandbox, calls } = await stubbedSandbox(ctx, async (call) => {
        // Every answer takes its own time, so refusals come before, during and after the activate.
        const delay = isActivate(call) ? 100 : (calls.length * 37) % 250;
        await new Promise((resolve) => setTimeout(resolve, delay));
        if (isActivate(call)) return fresh();
        if (call.headers["x-access-token"] !== FRESH) return stale();
        if (call.url.endsWith("/exec/stream")) return new Response(event({ stdout: "ok" }) + finished());
        if (call.url.endsWith("/exec")) return json(200, result({ stdout: "ok" }));
        return new Response("ok");
      });
      const all = Array.from({ length: 50 }, async (_, i) => {
        if (i % 5 === 0) return (await sandbox.commands.run("x")).stdout;
        if (i % 5 === 1) return (await sandbox.commands.run("x", { onStdout() {} })).stdout;
        if (i % 5 === 2) return sandbox.files.readText("/a");
        if (i % 5 === 3) return new TextDecoder().decode(await sandbox.files.downloadDir("/a"));
        return (await sandbox.files.write("/a", "x")) ?? "ok";
      });
      const texts = await time.run(Promise.all(all));
      assert.ok(
        texts.every((text) => text === "ok"),
        "every call succeeds",
      );
      assert.equal(calls.filter(isActivate).length, 1, "activates");
      assert.equal(calls.length, 101, "requests: one retry each");
    }
  });

  test("a refusal of the old token that comes late uses the fresh one", async (ctx) => {
    const { assert } = ctx;
    let refuseLate;
    const { sandbox, calls } = await stubbedSandbox(ctx, (call) => {
      if (isActivate(call)) return fresh();
      if (call.headers["x-access-token"] === FRESH) return new Response("ok");
      if (!call.url.includes("late")) return refusals[401]();
      return new Promise((resolve) => (refuseLate = () => resolve(refusals[401]())));
    });
    const late = sandbox.files.readText("/late");
    assert.equal(await sandbox.files.readText("/now"), "ok");
    refuseLate();
    assert.equal(await late, "ok");
    assert.equal(calls.filter(isActivate).length, 1, "activates");
  });

  test("every later rotation is met the same way", async (ctx) => {
    const { assert } = ctx;
    let valid = 0;
    const { sandbox, calls } = await stubbedSandbox(ctx, (call) => {
      if (isActivate(call)) return json(200, wireSandbox({ access_token: `tok_${valid}` }));
      return call.headers["x-access-token"] === `tok_${valid}` ? new Response("ok") : refusals[401]();
    });
    for (valid = 1; valid <= 5; valid++) {
      const texts = await Promise.all([1, 2, 3].map(() => sandbox.files.readText("/a")));
      assert.deepEqual(texts, ["ok", "ok", "ok"]);
      assert.equal(calls.filter(isActivate).length, valid, "activates");
    }
  });

  test("resume takes the token it is given", async (ctx) => {
    const { assert } = ctx;
    const { sandbox, calls } = await stubbedSandbox(ctx, (call) =>
      call.url.endsWith("/resume")
        ? json(200, { id: ID, status: "active", access_token: FRESH })
        : json(200, result()),
    );
    await sandbox.resume();
    await sandbox.commands.run("x");
    assert.equal(calls[1].headers["x-access-token"], FRESH);
  });

  test("getInfo leaves the object's own properties", async (ctx) => {
    const { assert } = ctx;
    const { sandbox } = await stubbedSandbox(ctx, () =>
      json(200, wireSandbox({ status: "paused", metadata: { a: "b" } })),
    );
    assert.equal((await sandbox.getInfo()).status, "paused");
    assert.equal(sandbox.status, "active");
    assert.deepEqual(sandbox.metadata, {});
  });

  test("an activate that fails is every waiter's error, and the next call asks again", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    let broken = true;
    const { sandbox, calls } = await stubbedSandbox(ctx, async (call) => {
      await new Promise((resolve) => setTimeout(resolve, 10));
      if (isActivate(call)) return broken ? failure(500, "internal", "cannot wake") : fresh();
      return call.headers["x-access-token"] === FRESH ? new Response("ok") : refusals[503]();
    });
    const reads = [1, 2, 3].map((i) => sandbox.files.readText(`/${i}`));
    const settled = await time.run(Promise.allSettled(reads));
    for (const { reason } of settled) {
      assert.isError(reason, sdk.ServerError);
      assert.equal(reason.message, "cannot wake");
      assert.equal(reason.statusCode, 500);
    }
    assert.equal(calls.filter(isActivate).length, 1, "activates: a POST is not retried");
    broken = false;
    assert.equal(await time.run(sandbox.files.readText("/a")), "ok");
    assert.equal(calls.filter(isActivate).length, 2);
  });

  test("an activate without a token is an error that names it", async (ctx) => {
    const { sdk, assert } = ctx;
    const { sandbox } = await stubbedSandbox(ctx, (call) =>
      isActivate(call) ? json(200, wireSandbox({ access_token: undefined })) : refusals[401](),
    );
    const error = await assert.rejects(() => sandbox.commands.run("x"), sdk.SandboxError);
    assert.match(error.message, /access_?token/i);
  });

  test("a killed sandbox stays killed", async (ctx) => {
    const { sdk, assert } = ctx;
    const { sandbox, calls } = await stubbedSandbox(ctx, (call) =>
      isActivate(call) ? failure(404, "not_found", "no such sandbox") : refusals[401](),
    );
    const error = await assert.rejects(() => sandbox.commands.run("x"), sdk.NotFoundError);
    assert.equal(error.message, "no such sandbox");
    assert.equal(calls.length, 2);
  });

  test("the timeout of a caller does not end the others' renewal", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    const { sandbox, calls } = await stubbedSandbox(ctx, async (call) => {
      if (isActivate(call)) {
        await new Promise((resolve) => setTimeout(resolve, 8000));
        return fresh();
      }
      return call.headers["x-access-token"] === FRESH ? new Response("ok") : refusals[401]();
    });
    const hasty = sandbox.files.readText("/a", { timeoutMs: 1000 }).catch((error) => error);
    const patient = sandbox.files.readText("/b");
    assert.equal(await time.run(patient), "ok");
    assert.equal(calls.filter(isActivate).length, 1, "activates");
    // The hasty one ends with its timeout, or with the answer: it never hangs.
    const outcome = await time.run(hasty);
    if (outcome !== "ok") assert.isError(outcome, sdk.TimeoutError);
  });

  test("a renewal that hangs ends with the activate's own timeout", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    const { sandbox } = await stubbedSandbox(ctx, (call) =>
      isActivate(call) ? hang(call) : refusals[401](),
    );
    await assert.rejects(time.run(sandbox.files.readText("/a")), sdk.TimeoutError);
    assert.within(time.elapsed(), 29_000, 61_000);
    await settle();
    assert.equal(time.pending(), 0, "timers left");
  });

  test("on a real server, fifty at once", { timeoutMs: 60_000 }, async (ctx) => {
    const { assert, fault } = ctx;
    const server = await fault.serve(
      ctx,
      withSandbox(
        {
          path: `/sandboxes/${ID}/activate`,
          replies: [{ delayMs: 100, json: wireSandbox({ access_token: FRESH }) }],
        },
        { headers: { "x-access-token": TOKEN }, replies: [{ status: 401, body: "invalid access token" }] },
        { path: "/exec", replies: [{ json: result({ stdout: "ok" }) }] },
        { path: "/files", replies: [{ body: "ok" }] },
      ),
    );
    const sandbox = await sandboxAt(ctx, server);
    const all = Array.from({ length: 50 }, (_, i) =>
      i % 2 ? sandbox.files.readText("/a") : sandbox.commands.run("x").then(({ stdout }) => stdout),
    );
    assert.ok((await Promise.all(all)).every((text) => text === "ok"));
    const log = await server.log();
    assert.equal(log.filter(({ url }) => url.endsWith("/activate")).length, 1, "activates");
    for (const { url, headers } of log) {
      const control = url.startsWith("/sandboxes");
      assert.equal(headers["x-api-key"], control ? KEY : undefined, `x-api-key of ${url}`);
      assert.equal(control && "x-access-token" in headers, false, `x-access-token of ${url}`);
    }
  });

  test("on the local server, fifty at once wake a paused sandbox", { timeoutMs: 60_000 }, async (ctx) => {
    const { assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    await sandbox.files.write("/tmp/a", "ok");
    await sandbox.pause();
    const all = Array.from({ length: 50 }, (_, i) =>
      i % 2
        ? sandbox.files.readText("/tmp/a")
        : sandbox.commands.run("printf ok").then(({ stdout }) => stdout),
    );
    assert.ok((await Promise.all(all)).every((text) => text === "ok"));
  });
}
