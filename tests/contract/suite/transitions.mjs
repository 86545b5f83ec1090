// What takes a sandbox time: pausing, waking, being deleted; and what is waited for. Through a relay it means the same: there
// `ctx.held` makes the sandbox of a ticket, and tests/relay runs this file once more.

import { FRESH, ID, KEY, failure, json, noContent, wireSandbox } from "../support/fixtures.mjs";
import { hang, stubFetch, stubbedSandbox } from "../support/stub-fetch.mjs";
import { stubbedTemplate } from "../support/templates.mjs";
import { settle, virtualTime } from "../support/virtual-time.mjs";

const PAUSE_MS = 300_000;
const TRY_MS = 30_000;
const CLEAR_MS = 30_000;

const accepted = () => json(202, { status: "pausing" });
const conflict = (status) => failure(409, "conflict", `the sandbox is ${status}`);
const gone = () => failure(404, "not_found", "no such sandbox");
const sandboxIn = (status) => (status === "gone" ? gone() : json(200, wireSandbox({ status })));
const isLook = ({ method }) => method === "GET";
const isPause = ({ url, method }) => method === "POST" && url.endsWith(`/sandboxes/${ID}/pause`);
const isResume = ({ url, method }) => method === "POST" && url.endsWith(`/sandboxes/${ID}/resume`);

/** The sandbox, and what the service is asked about it. `answer(call, ms)` is told how long ago that began. */
async function held(ctx, answer) {
  const calls = [];
  let since;
  const service = (call) => {
    since ??= performance.now();
    calls.push(Object.assign(call, { at: performance.now() - since }));
    return answer(call, performance.now() - since);
  };
  const make = ctx.held ?? (async (...args) => (await stubbedSandbox(...args)).sandbox);
  return { sandbox: await make(ctx, service), calls };
}

/** What a promise comes to, and how long that takes. */
async function outcome(time, promise) {
  const before = time.elapsed();
  const [{ value, reason }] = await time.run(Promise.allSettled([promise]));
  return { value, error: reason, ms: time.elapsed() - before };
}

/** A service whose sandbox is pausing for `ms` once a pause was asked for, and then is in `next`. */
const pausesFor =
  (ms, next = "paused") =>
  (call, now) =>
    isPause(call) ? accepted() : sandboxIn(now < ms ? "pausing" : next);

/** How a pause says that its answer may come before it is done. CORS may let no page say so. @param {any} ctx */
const preference = ({ runtime }) => (runtime.browser ? undefined : "respond-async");

/** What holds through a relay too. @type {import("../support/types.d.ts").Define} */
export function anywhere({ test }) {
  test("a pause is asked for once, and done once the sandbox is paused", async (ctx) => {
    const { assert } = ctx;
    const time = virtualTime(ctx);
    for (const takes of [0, 60, 1_990, 2_500, 40_000, PAUSE_MS - 2_000]) {
      const { sandbox, calls } = await held(ctx, pausesFor(takes));
      const { value, error, ms } = await outcome(time, sandbox.pause());
      assert.deepEqual([value, error], [undefined, undefined], `a pause of ${takes} ms`);
      assert.within(ms, takes, takes + (takes < 2_000 ? 50 : 1_000), `milliseconds of ${takes}`);
      assert.equal(calls.filter(isPause).length, 1, "pauses");
      assert.equal(calls[0].headers.prefer, preference(ctx));
      assert.equal(calls[0].init.body, undefined);
      for (const look of calls.slice(1)) {
        assert.deepEqual([look.method, look.path], ["GET", `/sandboxes/${ID}`]);
        assert.equal("prefer" in look.headers, false, "a look prefers nothing");
      }
    }
    assert.equal(time.pending(), 0, "timers left");
  });

  test("looks are 50 ms apart for two seconds, then a second", async (ctx) => {
    const { assert } = ctx;
    const time = virtualTime(ctx);
    const { sandbox, calls } = await held(ctx, pausesFor(10_000));
    await time.run(sandbox.pause());
    const looks = calls.filter(isLook).map(({ at }) => at);
    const gaps = looks.slice(1).map((at, index) => at - looks[index]);
    assert.deepEqual([...new Set(gaps)], [50, 1_000]);
    assert.within(gaps.filter((ms) => ms === 50).length, 39, 41);
  });

  test("a pause that is over at once is not looked at", async (ctx) => {
    const { assert } = ctx;
    const { sandbox, calls } = await held(ctx, noContent);
    assert.equal(await sandbox.pause(), undefined);
    assert.equal(calls.length, 1, "requests");
  });

  test("wait: false is done once the pause is accepted", async (ctx) => {
    const { assert } = ctx;
    const { sandbox, calls } = await held(ctx, pausesFor(Infinity));
    assert.equal(await sandbox.pause({ wait: false }), undefined);
    assert.equal(calls.length, 1, "requests");
    assert.equal(calls[0].headers.prefer, preference(ctx));
    const joined = await held(ctx, (call) => (isPause(call) ? conflict("pausing") : sandboxIn("pausing")));
    assert.equal(await joined.sandbox.pause({ wait: false }), undefined, "another's pause is accepted too");
    assert.equal(joined.calls.filter(isPause).length, 1);
  });

  test("a sandbox that is gone once it is paused is no error", async (ctx) => {
    const time = virtualTime(ctx);
    for (const next of ["gone", "deleted"]) {
      const { sandbox } = await held(ctx, pausesFor(1_000, next));
      ctx.assert.equal((await outcome(time, sandbox.pause())).error, undefined, next);
    }
  });

  test("a pause that comes to nothing", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    for (const [next, code] of [
      ["failed", "pause_failed"],
      ["active", "not_paused"],
    ]) {
      const { sandbox, calls } = await held(ctx, pausesFor(1_000, next));
      const { error } = await outcome(time, sandbox.pause());
      assert.isError(error, sdk.ConflictError, next);
      assert.deepEqual([error.code, error.statusCode, error.operation], [code, 409, "Sandbox.pause"]);
      assert.equal(calls.filter(isPause).length, 1, "pauses");
    }
  });

  test("a pause has five minutes, or timeoutMs", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    for (const timeoutMs of [undefined, 100, 45_000, 2 * PAUSE_MS]) {
      // A relay waits for five minutes.
      if (ctx.held && timeoutMs > PAUSE_MS) continue;
      const { sandbox, calls } = await held(ctx, pausesFor(Infinity));
      const { error, ms } = await outcome(time, sandbox.pause({ timeoutMs }));
      assert.isError(error, sdk.TimeoutError, `${timeoutMs}`);
      assert.equal(ms, timeoutMs ?? PAUSE_MS);
      assert.equal(calls.filter(isPause).length, 1, "pauses");
    }
    assert.equal(time.pending(), 0, "timers left");
  });

  test("a pause ends with its signal", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    const { sandbox, calls } = await held(ctx, pausesFor(Infinity));
    const controller = new AbortController();
    const pausing = sandbox.pause({ signal: controller.signal });
    pausing.catch(() => {});
    await time.advance(10_000);
    controller.abort("enough");
    const error = await assert.rejects(pausing, sdk.SandboxError);
    assert.deepEqual([error.code, error.cause], ["aborted", "enough"]);
    await settle();
    const { length } = calls;
    await time.advance(10_000);
    assert.equal(calls.length, length, "no more looks");

    const joined = await held(ctx, (call) => (isPause(call) ? conflict("pausing") : hang(call)));
    const other = new AbortController();
    const joining = joined.sandbox.pause({ signal: other.signal });
    joining.catch(() => {});
    await time.advance(1_000);
    other.abort("enough");
    assert.equal((await assert.rejects(joining, sdk.SandboxError)).code, "aborted", "in a look");
    await settle();
    assert.equal(time.pending(), 0, "timers left");
  });

  test("a pause under way is joined", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    for (const [next, code] of [["paused"], ["gone"], ["active", "not_paused"], ["failed", "pause_failed"]]) {
      const { sandbox, calls } = await held(ctx, (call, now) =>
        isPause(call) ? conflict("pausing") : sandboxIn(now < 5_000 ? "pausing" : next),
      );
      const { error, ms } = await outcome(time, sandbox.pause());
      assert.equal(error?.code, code, next);
      if (code) assert.isError(error, sdk.ConflictError, next);
      assert.within(ms, 5_000, 6_000, next);
      assert.equal(calls.filter(isPause).length, 1, `pauses: ${next}`);
    }
  });

  test("a pause of a sandbox in any other state is refused", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    for (const status of ["paused", "resuming", "migrating", "starting", "failed", "active"]) {
      const { sandbox, calls } = await held(ctx, (call) =>
        isPause(call) ? conflict(status) : sandboxIn(status),
      );
      const { error, ms } = await outcome(time, sandbox.pause());
      assert.isError(error, sdk.ConflictError, status);
      assert.deepEqual([error.code, error.message], ["conflict", `the sandbox is ${status}`]);
      assert.deepEqual([calls.length, ms], [2, 0], `${status}: a look, and no wait`);
    }
    const silent = await held(ctx, (call) =>
      isPause(call) ? conflict("pausing") : failure(500, "internal", "no"),
    );
    const { error } = await outcome(time, silent.sandbox.pause());
    assert.isError(error, sdk.ConflictError, "a look that fails tells nothing");
  });

  test("a pause whose answer is lost is looked for, and not asked for again", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    const losses = {
      "a failed connection": [() => Promise.reject(new TypeError("fetch failed")), 0],
      silence: [hang, TRY_MS],
    };
    for (const [what, [lose, after]] of Object.entries(losses)) {
      for (const [status, lands] of [
        ["paused", true],
        ["gone", true],
        ["pausing", true],
        ["active", false],
      ]) {
        const { sandbox, calls } = await held(ctx, (call, now) => {
          if (isPause(call)) return lose(call);
          return sandboxIn(status === "pausing" && now >= after + 3_000 ? "paused" : status);
        });
        const { error, ms } = await outcome(time, sandbox.pause());
        const name = `${what}, then ${status}`;
        if (lands) assert.equal(error, undefined, name);
        // A relay says it by its status.
        else
          assert.isError(
            error,
            ctx.held ? sdk.ServerError : after ? sdk.TimeoutError : sdk.SandboxError,
            name,
          );
        assert.within(ms, after, after + (status === "pausing" ? 4_000 : 0), name);
        assert.equal(calls.filter(isPause).length, 1, `${name}: pauses`);
      }
    }
    assert.equal(time.pending(), 0, "timers left");
  });

  test("a service that is away for a moment does not end a wait", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    const away = (call, now) => {
      if (isPause(call)) return accepted();
      if (now > 1_000 && now < 9_000) return failure(503, "busy", "later");
      return sandboxIn(now < 15_000 ? "pausing" : "paused");
    };
    const back = await held(ctx, away);
    assert.equal((await outcome(time, back.sandbox.pause())).error, undefined);
    const never = await held(ctx, (call) => (isPause(call) ? accepted() : failure(503, "busy", "later")));
    const { error, ms } = await outcome(time, never.sandbox.pause());
    assert.isError(error, sdk.ServerError);
    assert.within(ms, 5_000, 60_000);
  });

  test("a resume waits out a pause, five minutes at most", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    for (const takes of [1_000, 45_000, PAUSE_MS - 2_000, Infinity]) {
      const { sandbox, calls } = await held(ctx, (call, now) => {
        if (!isResume(call)) return sandboxIn(now < takes ? "pausing" : "paused");
        return now < takes ? conflict("pausing") : json(200, wireSandbox({ access_token: FRESH }));
      });
      const { error, ms } = await outcome(time, sandbox.resume());
      if (takes === Infinity) {
        assert.isError(error, sdk.ConflictError, "a pause without end");
        assert.within(ms, PAUSE_MS - 1_000, PAUSE_MS + 1_000);
      } else {
        assert.equal(error, undefined, `a pause of ${takes} ms`);
        assert.within(ms, takes, takes + 1_000);
        assert.equal(calls.filter(isResume).length, 2, "resumes");
      }
    }
  });

  test("a resume has timeoutMs for all of it", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    const { sandbox } = await held(ctx, (call) =>
      isResume(call) ? conflict("pausing") : sandboxIn("pausing"),
    );
    const { error, ms } = await outcome(time, sandbox.resume({ timeoutMs: 45_000 }));
    assert.isError(error, sdk.TimeoutError);
    assert.equal(ms, 45_000);
    const controller = new AbortController();
    const resuming = sandbox.resume({ signal: controller.signal });
    resuming.catch(() => {});
    await time.advance(5_000);
    controller.abort();
    assert.equal((await assert.rejects(resuming, sdk.SandboxError)).code, "aborted");
    await settle();
    assert.equal(time.pending(), 0, "timers left");
  });

  test("a deletion tries again through a transition", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    for (const takes of [0, 100, 5_000, CLEAR_MS - 1, CLEAR_MS, Infinity]) {
      const kills = { kill: (sandbox) => sandbox.kill() };
      const connection = { apiKey: KEY, baseUrl: "http://localhost:9" };
      if (!ctx.held) kills.killById = () => sdk.Sandbox.killById(ID, connection);
      for (const [name, kill] of Object.entries(kills)) {
        const { sandbox, calls } = await held(ctx, (_, now) =>
          now < takes ? conflict("resuming") : noContent(),
        );
        const { error, ms } = await outcome(time, kill(sandbox));
        const gaps = calls.slice(1).map(({ at }, index) => at - calls[index].at);
        assert.ok(Math.max(0, ...gaps) <= 5_000, `${name}: at most five seconds between two`);
        if (takes > CLEAR_MS) {
          assert.isError(error, sdk.ConflictError, name);
          assert.deepEqual([error.code, error.message], ["conflict", "the sandbox is resuming"]);
          assert.deepEqual([ms, calls.length], [CLEAR_MS, 11], name);
        } else {
          assert.equal(error, undefined, `${name}, after ${takes} ms`);
          assert.within(ms, takes, takes + 5_000);
        }
        for (const { method, path } of calls)
          assert.deepEqual([method, path], ["DELETE", `/sandboxes/${ID}`]);
      }
    }
    assert.equal(time.pending(), 0, "timers left");
  });

  test("a deletion ends with its signal, and with 404", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    const { sandbox, calls } = await held(ctx, () => conflict("migrating"));
    const controller = new AbortController();
    const killing = sandbox.kill({ signal: controller.signal });
    killing.catch(() => {});
    await time.advance(3_000);
    controller.abort();
    assert.equal((await assert.rejects(killing, sdk.SandboxError)).code, "aborted");
    await settle();
    const { length } = calls;
    await time.advance(30_000);
    assert.equal(calls.length, length, "no more requests");
    const other = await held(ctx, (_, now) => (now < 1_000 ? conflict("pausing") : gone()));
    assert.equal((await outcome(time, other.sandbox.kill())).error, undefined);
  });
}

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  anywhere({ test });

  test("pollIntervalMs is the time between two looks", async (ctx) => {
    const { assert } = ctx;
    const time = virtualTime(ctx);
    const pause = await held(ctx, pausesFor(10_000));
    await time.run(pause.sandbox.pause({ pollIntervalMs: 700 }));
    const resume = await held(ctx, (call, now) => {
      if (!isResume(call)) return sandboxIn(now < 10_000 ? "pausing" : "paused");
      return now < 10_000 ? conflict("pausing") : json(200, wireSandbox({ access_token: FRESH }));
    });
    await time.run(resume.sandbox.resume({ pollIntervalMs: 700 }));
    for (const { calls } of [pause, resume]) {
      const looks = calls.filter(isLook).map(({ at }) => at);
      const gaps = looks.slice(1).map((at, index) => at - looks[index]);
      assert.deepEqual([...new Set(gaps)], [700]);
    }
  });

  test("connect and a command wait out a pause", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    const takes = 100_000;
    const answer = (call, now) => {
      if (call.url.endsWith("/exec")) {
        return call.headers["x-access-token"] === FRESH
          ? json(200, { stdout: "ok", stderr: "", exit_code: 0 })
          : failure(503, "asleep", "no running sandbox");
      }
      if (isLook(call)) return sandboxIn(now < takes ? "pausing" : "paused");
      return now < takes ? conflict("pausing") : json(200, wireSandbox({ access_token: FRESH }));
    };
    const { sandbox } = await held(ctx, answer);
    const run = await outcome(time, sandbox.commands.run("x"));
    assert.equal(run.value?.stdout, "ok");
    assert.within(run.ms, takes, takes + 1_000);
    await held(ctx, answer);
    const connected = await outcome(
      time,
      sdk.Sandbox.connect(ID, { apiKey: KEY, baseUrl: "http://localhost:9" }),
    );
    assert.equal(connected.value?.id, ID);
    assert.within(connected.ms, takes, takes + 1_000);
  });

  test("a template that is in use is refused at once", async (ctx) => {
    const { sdk, assert } = ctx;
    const { template } = await stubbedTemplate(ctx, () => failure(409, "conflict", "in use"));
    const connection = { apiKey: KEY, baseUrl: "http://localhost:9" };
    await assert.rejects(template.delete(), sdk.ConflictError);
    const calls = stubFetch(ctx, () => failure(409, "conflict", "in use"));
    await assert.rejects(sdk.Template.deleteById("fixture", connection), sdk.ConflictError);
    assert.deepEqual([calls.length, calls[0].path], [1, "/templates/fixture"]);
  });
}
