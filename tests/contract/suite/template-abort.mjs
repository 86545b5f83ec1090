// The caller's signal ends a log and a wait at once, whatever they are doing.

import { KEY, failure } from "../support/fixtures.mjs";
import { eventually, live } from "../support/live.mjs";
import { stopwatch } from "../support/stopwatch.mjs";
import { stubFetch } from "../support/stub-fetch.mjs";
import {
  PATHS,
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

const AT_ONCE_MS = 500;
/** For what has left the server to arrive, and for what must not follow to follow. */
const MOMENT_MS = 250;
const REASONS = [new Error("mine"), "a text", 0, false, "", null, { any: "object" }, Symbol("reason")];

const stall = { status: null, body: [{ stall: true }] };
const open = logReply(logEvent("a"), { stall: true });
const busy = { status: 503, headers: { "retry-after": "20" } };
const sleepy = { pollIntervalMs: 60_000 };

// What is under way when the signal fires: the requests that the server has had by then (one is the create), the
// script, and options of the wait.
const IN_A_LOG = {
  "while it connects": [2, { logs: [stall] }],
  "in the stream": [2, { logs: [open] }],
  "inside an event": [2, { logs: [logReply(logEvent("a"), logEvent("b").slice(0, 25), { stall: true })] }],
  "in the sleep before it connects again": [2, { logs: [{ ...busy }] }],
  // By a reset: what WebKit takes for a clean end of the log asks for a look at the build first.
  "in the sleep after a cut": [3, { logs: [logReply(logEvent("a"), { reset: true }), busy] }],
  "while it connects again": [3, { logs: [logReply(logEvent("a"), { reset: true }), stall] }],
};
const IN_A_WAIT = {
  ...Object.fromEntries(
    Object.entries(IN_A_LOG).map(([phase, [requests, script]]) => [
      phase,
      [requests + 1, { builds: ["building"], ...script }, sleepy],
    ]),
  ),
  "in the first look": [3, { builds: [{ reply: stall }], logs: [open] }],
  "in a later look": [
    5,
    { builds: ["building", "building", { reply: stall }], logs: [open] },
    { pollIntervalMs: 5 },
  ],
  "in a look's body": [3, { builds: [{ reply: { body: ["{", { stall: true }] } }], logs: [open] }],
  "in a look's retry": [3, { builds: [{ reply: busy }], logs: [open] }],
  "between two looks": [2, { builds: ["building"] }, { ...sleepy, onLog: undefined }],
  "while the last events come": [3, { builds: ["ready"], logs: [open] }],
  "while the last events of a failed build come": [3, { builds: [{ status: "failed" }], logs: [open] }],
  "while the template is read anew": [
    4,
    {
      builds: ["ready"],
      logs: [logReply(logEnd())],
      routes: [{ method: "GET", path: PATHS.template, replies: [stall] }],
    },
  ],
};

const moment = () => new Promise((resolve) => setTimeout(resolve, MOMENT_MS));

/**
 * Starts `call` with a signal and aborts once the server has had `requests`; it must end at once, with all of its
 * connections.
 */
async function abortsAtOnce(ctx, server, requests, call, what) {
  const { sdk, assert } = ctx;
  const controller = new AbortController();
  const reason = new Error(`reason ${what}`);
  let calls = 0;
  const promise = call(controller.signal, () => void (calls += 1));
  promise.catch(() => {});
  await server.until((log) => log.length === requests, `${what}: ${requests} requests`);
  await moment();
  const watch = stopwatch(ctx);
  controller.abort(reason);
  const error = await assert.rejects(promise, sdk.SandboxError, what);
  watch.took(0, AT_ONCE_MS, what);
  assert.equal(error.cause, reason, `cause ${what}`);
  assert.match(error.message, /abort/i, what);
  assert.equal(error.statusCode, undefined, what);
  const seen = calls;
  await server.until((log) => log.every(({ ended }) => ended !== null), `${what}: every connection ends`);
  await moment();
  assert.equal(calls, seen, `${what}: calls of the callback after the end`);
  assert.equal((await server.log()).length, requests, `${what}: requests before and after the end`);
}

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("a log, in every phase", async (ctx) => {
    const runs = Object.entries(IN_A_LOG).map(async ([phase, [requests, script]]) => {
      const server = await ctx.fault.serve(ctx, withTemplate(script));
      const template = await templateAt(ctx, server);
      const stream = (signal, onEvent) => template.streamBuildLogs({ signal, onEvent });
      await abortsAtOnce(ctx, server, requests, stream, `of a log ${phase}`);
    });
    await Promise.all(runs);
  });

  test("a wait, in every phase", async (ctx) => {
    const runs = Object.entries(IN_A_WAIT).map(async ([phase, [requests, script, options]]) => {
      const server = await ctx.fault.serve(ctx, withTemplate(script));
      const template = await templateAt(ctx, server);
      const wait = (signal, onLog) => template.waitUntilReady({ signal, onLog, ...options });
      await abortsAtOnce(ctx, server, requests, wait, `of a wait ${phase}`);
    });
    await Promise.all(runs);
  });

  test("while the newest build is looked up", async (ctx) => {
    const { sdk, fault } = ctx;
    const routes = [{ path: PATHS.builds, replies: [stall] }];
    const runs = ["streamBuildLogs", "waitUntilReady"].map(async (how) => {
      const server = await fault.serve(ctx, withTemplate({ routes }));
      const template = await sdk.Template.connect(wireTemplate().id, { apiKey: KEY, baseUrl: server.origin });
      const call = (signal, callback) => template[how]({ signal, onEvent: callback, onLog: callback });
      await abortsAtOnce(ctx, server, 2, call, `of ${how} in the look-up`);
    });
    await Promise.all(runs);
  });

  test("before the call: no request, no callback, whatever the reason", async (ctx) => {
    const { sdk, assert } = ctx;
    const { template, calls } = await stubbedTemplate(ctx, () => failure(500, "", ""));
    for (const reason of REASONS) {
      const controller = new AbortController();
      controller.abort(reason);
      const callback = () => assert.fail("called");
      for (const how of ["streamBuildLogs", "waitUntilReady"]) {
        const promise = template[how]({ signal: controller.signal, onEvent: callback, onLog: callback });
        const error = await assert.rejects(promise, sdk.SandboxError, how);
        assert.ok("cause" in error, how);
        assert.equal(error.cause, reason, how);
      }
    }
    assert.equal(calls.length, 0);
  });

  test("in the callback: no further event", async (ctx) => {
    const { sdk, assert, fault } = ctx;
    for (const reason of REASONS) {
      const logs = [logReply(logEvent("a") + logEvent("b") + logEnd())];
      const server = await fault.serve(ctx, withTemplate({ logs, builds: ["building"] }));
      const template = await templateAt(ctx, server);
      for (const how of ["streamBuildLogs", "waitUntilReady"]) {
        const controller = new AbortController();
        const seen = [];
        const callback = ({ text }) => {
          seen.push(text);
          controller.abort(reason);
        };
        const promise = template[how]({
          signal: controller.signal,
          onEvent: callback,
          onLog: callback,
          ...sleepy,
        });
        assert.equal((await assert.rejects(promise, sdk.SandboxError, how)).cause, reason, how);
        assert.deepEqual(seen, ["a"], how);
      }
    }
  });

  test("a signal that fires after the end does nothing, and is not held", async (ctx) => {
    const { assert, fault } = ctx;
    const logs = [logReply(logEvent("a"), { close: true }), logReply(logEvent("a"), logEnd())];
    const server = await fault.serve(ctx, withTemplate({ logs, builds: ["building", "ready"] }));
    const template = await templateAt(ctx, server);
    const controller = new AbortController();
    const { signal } = controller;
    let calls = 0;
    const options = {
      signal,
      pollIntervalMs: 50,
      onLog: () => void (calls += 1),
      onEvent: () => void (calls += 1),
    };
    assert.equal((await template.waitUntilReady(options)).status, "ready");
    await template.streamBuildLogs(options);
    const seen = calls;
    controller.abort();
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(calls, seen);
  });

  test("many waits under one signal", async (ctx) => {
    const { sdk, assert } = ctx;
    const { template } = await stubbedTemplate(ctx, ({ path, init }) =>
      path === PATHS.logs
        ? new Promise((_, reject) => init.signal.addEventListener("abort", () => reject(init.signal.reason)))
        : new Response(JSON.stringify(wireBuild()), { status: 200 }),
    );
    const controller = new AbortController();
    const waits = Array.from({ length: 100 }, () =>
      template.waitUntilReady({ signal: controller.signal, onLog() {} }),
    );
    for (const wait of waits) wait.catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 30));
    controller.abort();
    for (const wait of waits) {
      assert.equal((await assert.rejects(wait, sdk.SandboxError)).cause, controller.signal.reason);
    }
  });

  test("an abort leaves the build alone", async (ctx) => {
    const { sdk, assert } = ctx;
    const template = await liveTemplate(ctx, { steps: [{ run: "echo on; sleep 600" }] });
    const controller = new AbortController();
    const seen = [];
    const wait = template.waitUntilReady({ signal: controller.signal, onLog: ({ text }) => seen.push(text) });
    wait.catch(() => {});
    await eventually(() => seen.includes("on"), "the step");
    controller.abort();
    await assert.rejects(wait, sdk.SandboxError);
    assert.equal((await template.getBuild(template.latestBuildId)).status, "building");
    const again = [];
    const second = template.waitUntilReady({ onLog: ({ text }) => again.push(text), pollIntervalMs: 100 });
    second.catch(() => {});
    await eventually(() => again.includes("on"), "the step, for a second wait");
    await template.cancelBuild(template.latestBuildId);
    assert.equal((await assert.rejects(second, sdk.ConflictError)).code, "cancelled");
  });

  test("a create that is aborted", async (ctx) => {
    const { sdk, assert } = ctx;
    stubFetch(ctx, ({ init }) => {
      return new Promise((_, reject) =>
        init.signal.addEventListener("abort", () => reject(init.signal.reason)),
      );
    });
    const controller = new AbortController();
    const options = { ...live(ctx), name: "x", from: "debian", signal: controller.signal };
    const create = sdk.Template.create(options);
    create.catch(() => {});
    controller.abort("stop");
    assert.equal((await assert.rejects(create, sdk.SandboxError)).cause, "stop");
  });
}
