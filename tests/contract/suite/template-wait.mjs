// Waiting for a build: the build decides, the log is for looking at.

import { KEY, failure, json, streamOf } from "../support/fixtures.mjs";
import { live, liveSandbox } from "../support/live.mjs";
import { stopwatch } from "../support/stopwatch.mjs";
import { hang, stubFetch } from "../support/stub-fetch.mjs";
import {
  BUILD_ID,
  PATHS,
  TEMPLATE_ID,
  liveTemplate,
  logEnd,
  logEvent,
  logReply,
  stubbedTemplate,
  templateAt,
  wireBuild,
  wireTemplate,
  withTemplate,
} from "../support/templates.mjs";
import { quickTimers } from "../support/quick-timers.mjs";
import { virtualTime } from "../support/virtual-time.mjs";

const connection = { apiKey: KEY, baseUrl: "http://localhost:9" };
const LAST_EVENTS_MS = 3000;
const texts = (events) => events.map(({ text }) => text);
const paths = (log) => log.map(({ method, url }) => `${method} ${url}`);

/** How `waitUntilReady` ended for a template on a fault server; `took` says whether it did in time. */
async function waited(ctx, script, { speed, ...options } = {}) {
  const server = await ctx.fault.serve(ctx, withTemplate(script));
  const template = await templateAt(ctx, server);
  const { took } = stopwatch(ctx, { speed });
  const outcome = await template.waitUntilReady({ pollIntervalMs: 30, ...options }).catch((error) => error);
  return { server, template, outcome, took };
}

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("the build decides, not the log", async (ctx) => {
    const { assert } = ctx;
    const seen = [];
    for (const status of ["ready", "failed", "cancelled"]) {
      const { outcome, server } = await waited(
        ctx,
        {
          builds: ["pending", "building", "snapshotting", "building", "ready"],
          logs: [logReply(logEnd(status))],
        },
        { onLog: (ev) => seen.push(ev) },
      );
      assert.equal(outcome.status, "ready", `a log that says ${status}`);
      const polls = paths(await server.log()).filter((path) => path === `GET ${PATHS.build}`);
      assert.equal(polls.length, 5, "looks at the build");
    }
    assert.equal(seen.length, 3);
    const { outcome } = await waited(
      ctx,
      {
        builds: ["building", { status: "failed", error_message: "boot_failed: x" }],
        logs: [logReply(logEnd("ready"))],
      },
      { onLog() {} },
    );
    assert.isError(outcome, ctx.sdk.BuildError, "a log that says ready of a build that failed");
  });

  test("the race between the log's ready and the template's", { timeoutMs: 40_000 }, async (ctx) => {
    const { sdk, assert, slow } = ctx;
    const there = { ...ctx, ...slow };
    let tooEarly = 0;
    const race = async (number) => {
      const template = await liveTemplate(there, { steps: [{ run: `echo ${number} > /opt/number` }] });
      let early;
      const ready = await template.waitUntilReady({
        pollIntervalMs: 50,
        onLog({ finished }) {
          if (finished)
            early = sdk.Sandbox.create({ ...slow, name: "early", fromTemplate: template }).catch((e) => e);
        },
      });
      const sandbox = await liveSandbox(there, { fromTemplate: template });
      assert.equal(ready.status, "ready");
      assert.equal((await sandbox.commands.run("cat /opt/number")).stdout, `${number}\n`);
      const outcome = await early;
      if (outcome instanceof sdk.ConflictError) tooEarly += 1;
      else await outcome.kill();
    };
    await Promise.all([1, 2, 3, 4].map(race));
    assert.equal(tooEarly, 4, "the log's ready came before the template's");
  });

  test("without onLog no log is asked for", async (ctx) => {
    const { server, outcome } = await waited(ctx, { builds: ["building", "ready"] });
    ctx.assert.equal(outcome.status, "ready");
    ctx.assert.deepEqual(paths(await server.log()), [
      "POST /templates",
      `GET ${PATHS.build}`,
      `GET ${PATHS.build}`,
      `GET ${PATHS.template}`,
    ]);
  });

  test("the template comes back as it is then", async (ctx) => {
    const template = wireTemplate({ status: "ready", size_bytes: 5, built_at: "2026-08-01T13:00:00Z" });
    const { outcome } = await waited(ctx, { builds: ["ready"], template });
    ctx.assert.deepEqual(outcome.builtAt, new Date("2026-08-01T13:00:00Z"));
    ctx.assert.deepEqual([outcome.status, outcome.sizeBytes], ["ready", 5]);
  });

  test("states that nobody knows yet are states in between", async (ctx) => {
    const { outcome } = await waited(ctx, { builds: ["queued_elsewhere", "verifying", "ready"] });
    ctx.assert.equal(outcome.status, "ready");
  });

  test("cancelled", async (ctx) => {
    const { assert } = ctx;
    const builds = ["building", "cancelled"];
    const { outcome } = await waited(ctx, { builds, logs: [logReply(logEnd("cancelled"))] }, { onLog() {} });
    assert.isError(outcome, ctx.sdk.ConflictError);
    assert.equal(outcome.code, "cancelled");
    assert.equal(outcome.statusCode, 409);
  });

  test("the remaining events still come", async (ctx) => {
    const { assert } = ctx;
    const late = [logEvent("a"), { waitMs: 300 }, logEvent("b"), { waitMs: 300 }, logEvent("c"), logEnd()];
    const runs = ["ready", "failed", "cancelled"].map(async (status) => {
      const seen = [];
      let afterTheLast;
      const onLog = (ev) => {
        seen.push(ev);
        if (ev.finished) afterTheLast = stopwatch(ctx);
      };
      const { took } = await waited(ctx, { builds: [status], logs: [logReply(...late)] }, { onLog });
      took(550, Infinity, status);
      assert.deepEqual(texts(seen), ["a", "b", "c", "build ready"], status);
      // The bound for them is not waited out.
      afterTheLast.took(0, LAST_EVENTS_MS - 1000, `${status}: the rest of the wait`);
    });
    await Promise.all(runs);
  });

  test("the remaining events have a bound, and none comes after it", async (ctx) => {
    const { assert } = ctx;
    const endless = [logEvent("a"), { text: logEvent("b"), repeat: "forever", everyMs: 50 }];
    const silent = [logEvent("a"), { stall: true }];
    const speed = quickTimers(ctx, 2);
    const runs = [endless, silent].map(async (body) => {
      let calls = 0;
      const { outcome, took, server } = await waited(
        ctx,
        { builds: ["ready"], logs: [logReply(...body)] },
        { onLog: () => void (calls += 1), speed },
      );
      took(500, Infinity, "the wait");
      assert.equal(outcome.status, "ready");
      const atEnd = calls;
      await server.until(
        (log) => log.find(({ url }) => url.endsWith("/logs")).ended === "client",
        "the log is closed",
      );
      assert.within(calls, 1, atEnd, "calls after the end");
    });
    await Promise.all(runs);
  });

  test("a log that cannot be read fails nothing", { timeoutMs: 30_000 }, async (ctx) => {
    const { assert } = ctx;
    const broken = {
      404: { status: 404, json: { error: { code: "not_found", message: "no log" } } },
      401: { status: 401 },
      500: { status: 500, body: "oops" },
      503: { status: 503, headers: { "retry-after": "0" } },
      "a redirect": { status: 302, headers: { location: "/elsewhere" } },
      "a reset": { status: null, body: [{ reset: true }] },
      "no answer": { status: null, body: [{ stall: true }] },
      "no events": { headers: { "content-type": "text/html" }, body: "<html>" },
      "broken events": logReply("data: {\n\ndata: \u0000\n\ndata: 5\n\n"),
      "half an event": logReply(logEvent("x").slice(0, 20), { close: true }),
    };
    const speed = quickTimers(ctx, 2);
    const runs = Object.entries(broken).map(async ([what, reply]) => {
      const builds = ["building", "building", "ready"];
      const seen = [];
      const onLog = (ev) => seen.push(ev);
      const { outcome, took } = await waited(ctx, { builds, logs: [reply] }, { onLog, speed });
      took(50, Infinity, what);
      assert.equal(outcome.status, "ready", `${what}: ${assert.show(outcome)}`);
      assert.equal(seen.length, 0, `events of ${what}`);
    });
    await Promise.all(runs);
  });

  test("a look at the build that fails for a moment is repeated", async (ctx) => {
    const busy = { reply: { status: 503, headers: { "retry-after": "0" } } };
    const reset = { reply: { status: null, body: [{ reset: true }] } };
    const { outcome } = await waited(ctx, { builds: [busy, "building", reset, busy, "ready"] });
    ctx.assert.equal(outcome.status, "ready");
  });

  test("a look that stalls ends by itself and not the wait", async (ctx) => {
    const { sdk, assert } = ctx;
    const ready = { status: "ready" };
    const answers = {
      [`${PATHS.builds}?limit=1`]: () => json(200, [wireBuild()]),
      [PATHS.build]: () => json(200, wireBuild(ready)),
      [PATHS.template]: () => json(200, wireTemplate(ready)),
    };
    for (const stalling of Object.keys(answers)) {
      const clock = virtualTime(ctx);
      stubFetch(ctx, () => json(200, wireTemplate()));
      const template = await sdk.Template.connect(TEMPLATE_ID, connection);
      const looks = [];
      stubFetch(ctx, (call) => {
        looks.push(call.path);
        return call.path === stalling && looks.filter((path) => path === stalling).length === 1
          ? hang(call)
          : answers[call.path]();
      });
      const { status } = await clock.run(template.waitUntilReady({ pollIntervalMs: 50 }));
      assert.equal(status, "ready", stalling);
      assert.equal(clock.elapsed(), 30_050, stalling);
      assert.equal(looks.length, 4, `looks, with ${stalling} twice`);
      assert.equal(clock.pending(), 0, "timers left");
    }
  });

  test("a service that stalls for good ends the wait", async (ctx) => {
    const { sdk, assert } = ctx;
    const clock = virtualTime(ctx);
    const { template } = await stubbedTemplate(ctx, hang);
    await assert.rejects(clock.run(template.waitUntilReady({ pollIntervalMs: 50 })), sdk.TimeoutError);
    assert.within(clock.elapsed(), 30_000, 600_000, "milliseconds waited");
    assert.equal(clock.pending(), 0, "timers left");
  });

  test("where there are no builds, the template itself tells", async (ctx) => {
    const { sdk, assert } = ctx;
    const noBuilds = {
      "an empty list": () => json(200, []),
      "no list": () => failure(404, "not_found", "no"),
    };
    for (const [what, builds] of Object.entries(noBuilds)) {
      for (const [statuses, check] of [
        [["ready"], (outcome) => assert.equal(outcome.status, "ready", what)],
        [["pending", "building", "ready"], (outcome) => assert.equal(outcome.status, "ready", what)],
        [["building", "failed"], (outcome) => assert.isError(outcome, sdk.BuildError, what)],
      ]) {
        const clock = virtualTime(ctx);
        stubFetch(ctx, () => json(200, wireTemplate({ status: statuses[0] })));
        const template = await sdk.Template.connect(TEMPLATE_ID, connection);
        const left = [...statuses];
        const calls = stubFetch(ctx, ({ path }) => {
          if (path !== PATHS.template) return builds();
          return json(200, wireTemplate({ status: left.length > 1 ? left.shift() : left[0] }));
        });
        let events = 0;
        const wait = template.waitUntilReady({ onLog: () => void (events += 1) });
        check(await clock.run(wait).catch((error) => error));
        assert.equal(clock.elapsed(), 2000 * (statuses.length - 1), "the time between two looks");
        assert.equal(events, 0, "events of a log");
        const others = calls.map(({ path }) => path).filter((path) => path !== PATHS.template);
        assert.deepEqual(others, [`${PATHS.builds}?limit=1`], "no log is asked for");
      }
    }
  });

  test("a look at the build that fails for good ends the wait", async (ctx) => {
    const { sdk, assert } = ctx;
    const gone = { reply: { status: 404, json: { error: { code: "not_found", message: "no build" } } } };
    const logs = [logReply(logEvent("a"), { stall: true })];
    const { outcome, server } = await waited(ctx, { builds: ["building", gone], logs }, { onLog() {} });
    assert.isError(outcome, sdk.NotFoundError);
    assert.equal(outcome.message, "no build");
    await server.until((log) => log.every(({ ended }) => ended !== null), "the log is closed too");
    const lacking = { reply: { json: wireBuild({ status: undefined }) } };
    const wrong = await waited(ctx, { builds: [lacking] });
    assert.isError(wrong.outcome, sdk.SandboxError);
    assert.match(wrong.outcome.message, /\bstatus\b/);
  });

  test("the time between two looks", async (ctx) => {
    const { assert } = ctx;
    for (const [pollIntervalMs, expected] of [
      [undefined, 2000],
      [1, 1],
      [750, 750],
      [60_000, 60_000],
    ]) {
      const clock = virtualTime(ctx);
      const looks = [];
      const { template } = await stubbedTemplate(ctx, ({ path }) => {
        if (path === PATHS.template) return json(200, wireTemplate({ status: "ready" }));
        looks.push(clock.elapsed());
        return json(200, wireBuild({ status: looks.length < 4 ? "building" : "ready" }));
      });
      await clock.run(template.waitUntilReady(pollIntervalMs ? { pollIntervalMs } : undefined));
      assert.deepEqual(
        looks,
        [0, 1, 2, 3].map((i) => i * expected),
      );
      assert.equal(clock.pending(), 0, "timers left");
    }
  });

  test("a build may take longer than any request", async (ctx) => {
    const clock = virtualTime(ctx);
    const { template } = await stubbedTemplate(ctx, ({ path }) => {
      if (path === PATHS.template) return json(200, wireTemplate({ status: "ready" }));
      return json(200, wireBuild({ status: clock.elapsed() < 5 * 3_600_000 ? "building" : "ready" }));
    });
    const ready = await clock.run(template.waitUntilReady({ pollIntervalMs: 600_000 }));
    ctx.assert.equal(ready.status, "ready");
  });

  test("timeoutMs ends it, whatever it is doing", async (ctx) => {
    const { sdk, assert } = ctx;
    const stall = { reply: { status: null, body: [{ stall: true }] } };
    const busy = { reply: { status: 503, headers: { "retry-after": "20" } } };
    const silent = logReply(logEvent("a"), { stall: true });
    const phases = {
      "between two looks": [{ builds: ["building"], logs: [silent] }, { pollIntervalMs: 60_000 }],
      "in a look": [{ builds: [stall], logs: [silent] }],
      "in a retry's sleep": [{ builds: [busy], logs: [silent] }],
      "while the last events come": [{ builds: ["ready"], logs: [silent] }],
    };
    const runs = Object.entries(phases).map(async ([what, [script, options]]) => {
      const all = { onLog() {}, timeoutMs: 400, ...options };
      const { outcome, took, server } = await waited(ctx, script, all);
      took(350, Infinity, what);
      assert.isError(outcome, sdk.TimeoutError, what);
      await server.until((log) => log.every(({ ended }) => ended !== null), `${what}: nothing stays open`);
    });
    await Promise.all(runs);
  });

  test("the newest build is looked up where the object knows none", async (ctx) => {
    const { sdk, assert, fault } = ctx;
    const routes = [{ path: PATHS.builds, replies: [{ json: [wireBuild()] }] }];
    const server = await fault.serve(
      ctx,
      withTemplate({ routes, builds: ["ready"], logs: [logReply(logEnd())] }),
    );
    const template = await sdk.Template.connect(wireTemplate().id, { apiKey: KEY, baseUrl: server.origin });
    assert.equal(template.latestBuildId, undefined);
    const seen = [];
    await template.waitUntilReady({ onLog: (ev) => seen.push(ev) });
    await template.streamBuildLogs({ onEvent: (ev) => seen.push(ev) });
    assert.equal(seen.length, 2);
    const lookups = paths(await server.log()).filter((path) => path === `GET ${PATHS.builds}?limit=1`);
    assert.within(lookups.length, 1, 2, "look-ups of the newest build");
  });

  test("several wait for the same build", async (ctx) => {
    const { sdk, assert } = ctx;
    const template = await liveTemplate(ctx, { steps: [{ run: "echo once; sleep 0.3" }] });
    const other = await sdk.Template.connect(template.id, live(ctx));
    const waits = [template, template, other].map(async (one) => {
      const seen = [];
      const { status } = await one.waitUntilReady({ pollIntervalMs: 100, onLog: (ev) => seen.push(ev.text) });
      return [status, seen];
    });
    const [first, ...rest] = await Promise.all(waits);
    assert.equal(first[0], "ready");
    assert.equal(first[1].filter((text) => text === "once").length, 1);
    for (const one of rest) assert.deepEqual(one, first);
  });

  test("a failed wait leaves nothing behind", async (ctx) => {
    const clock = virtualTime(ctx);
    const { template, calls } = await stubbedTemplate(ctx, ({ path, init }) => {
      if (path === PATHS.logs) return hang({ init });
      return failure(404, "not_found", "gone");
    });
    await ctx.assert.rejects(clock.run(template.waitUntilReady({ onLog() {} })), ctx.sdk.NotFoundError);
    await clock.advance(60_000);
    const log = calls.find(({ path }) => path === PATHS.logs);
    ctx.assert.equal(log === undefined || log.init.signal.aborted, true, "the log's request is aborted");
    ctx.assert.equal(clock.pending(), 0, "timers left");
    ctx.assert.within(calls.length, 1, 2, "requests");
  });

  test("a build that is ready already", async (ctx) => {
    const { assert } = ctx;
    const seen = [];
    const { template } = await stubbedTemplate(ctx, ({ path }) => {
      if (path === PATHS.logs) return streamOf([logEvent("a"), logEnd()]);
      return json(
        200,
        path === PATHS.build ? wireBuild({ status: "ready" }) : wireTemplate({ status: "ready" }),
      );
    });
    const time = virtualTime(ctx);
    const wait = template.waitUntilReady({ onLog: ({ text }) => seen.push(text) });
    assert.equal((await time.run(wait)).status, "ready");
    assert.equal(time.elapsed(), 0, "the wait");
    assert.deepEqual(seen, ["a", "build ready"]);
    assert.equal(template.latestBuildId, BUILD_ID);
  });
}
