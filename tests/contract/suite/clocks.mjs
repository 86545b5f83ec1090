// Durations are those of a clock that nobody sets: the clock of the day may go forward or back in any call.

import { KEY, event, finished, json, noContent, wireSandbox } from "../support/fixtures.mjs";
import { KINDS, socketSandbox } from "../support/sessions.mjs";
import { hang, stubFetch, stubbedSandbox } from "../support/stub-fetch.mjs";
import { PATHS, logEnd, logEvent, stubbedTemplate, wireBuild, wireTemplate } from "../support/templates.mjs";
import { settle, virtualTime } from "../support/virtual-time.mjs";

const connection = { apiKey: KEY, baseUrl: "http://localhost:9" };
const encoder = new TextEncoder();
const HOUR_MS = 3_600_000;
const IDLE_MS = 300_000;
const LOG_LIMIT_MS = 3_600_000;

/** How the clock of the day is set. */
const SETS = {
  forward: HOUR_MS,
  "a year forward": 365 * 24 * HOUR_MS,
  back: -HOUR_MS,
  "to 1970": -Date.UTC(2026, 7, 1),
};

/** A response whose body the test writes, and which ends when the call is aborted. */
function written(call) {
  let body;
  const stream = new ReadableStream({ start: (controller) => (body = controller) });
  call.init.signal.addEventListener("abort", () => body.error(call.init.signal.reason));
  return {
    response: new Response(stream),
    write: (text) => body.enqueue(encoder.encode(text)),
    close: () => body.close(),
  };
}

/** Notes how a promise ended. */
function watched(promise) {
  const state = {};
  promise.then(
    (value) => (state.value = value ?? true),
    (error) => (state.error = error),
  );
  return state;
}

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  for (const [how, ms] of Object.entries(SETS)) {
    test(`set ${how}: a stream goes on, and ends on time when it stalls`, async (ctx) => {
      const { sdk, assert } = ctx;
      const time = virtualTime(ctx);
      let last;
      const { sandbox } = await stubbedSandbox(ctx, (call) => (last = written(call)).response);
      for (const [what, options, limit] of [
        ["by default", {}, IDLE_MS],
        ["with a limit", { timeoutMs: 60_000 }, 65_000],
      ]) {
        const heard = [];
        const run = () =>
          watched(sandbox.commands.run("x", { ...options, onStdout: (text) => heard.push(text) }));
        const fine = run();
        await settle();
        for (const text of ["a", "b", "c"]) {
          last.write(event({ stdout: text }));
          await settle();
          time.setClock(ms);
          await time.advance(1000);
        }
        assert.equal(fine.error, undefined, what);
        last.write(finished(5));
        await settle();
        assert.equal(fine.value?.exitCode, 5, what);
        assert.deepEqual(heard, ["a", "b", "c"], what);

        const stalled = run();
        await settle();
        last.write(event({ stdout: "a" }));
        await settle();
        time.setClock(ms);
        await time.advance(limit - 1);
        assert.equal(stalled.error, undefined, `${what}, before its time`);
        await time.advance(1);
        assert.isError(stalled.error, sdk.TimeoutError, `${what}, at its time`);
      }
    });

    test(`set ${how}: a call has its time`, async (ctx) => {
      const { sdk, assert } = ctx;
      const time = virtualTime(ctx);
      stubFetch(ctx, hang);
      const listed = watched(sdk.Sandbox.list({ ...connection, timeoutMs: 10_000 }));
      await time.advance(5000);
      time.setClock(ms);
      await time.advance(4999);
      assert.equal(listed.error, undefined);
      await time.advance(1);
      assert.isError(listed.error, sdk.TimeoutError);
    });

    test(`set ${how}: who waits for a sandbox that another wakes, waits on`, async (ctx) => {
      const { sdk, assert } = ctx;
      const time = virtualTime(ctx);
      const since = time.elapsed();
      stubFetch(ctx, ({ method }) => {
        if (method === "POST") return json(409, { error: { code: "conflict", message: "resuming" } });
        return json(200, wireSandbox({ status: time.elapsed() - since < 10_000 ? "resuming" : "active" }));
      });
      const connected = watched(sdk.Sandbox.connect("x", connection));
      await time.advance(2000);
      time.setClock(ms);
      await time.advance(9000);
      assert.equal(connected.error, undefined);
      assert.ok(connected.value, "it is connected");
    });

    for (const kind of KINDS) {
      test(`set ${how}: a ${kind.name} goes on, and ends on time`, async (ctx) => {
        const { sdk, assert } = ctx;
        const time = virtualTime(ctx);
        const { sandbox, sockets } = await socketSandbox(ctx, { fetch: noContent });
        const limited = kind.name === "spawn" ? { timeoutMs: 60_000 } : {};
        const heard = [];
        const session = await kind.start(sandbox, {
          ...limited,
          [kind.callback]: (part) => heard.push(part),
        });
        const end = watched(session.wait());
        for (const text of ["a", "b"]) {
          time.setClock(ms);
          kind.say(sockets[0], text);
          await time.advance(1000);
          assert.equal(end.error, undefined);
        }
        assert.equal(heard.length, 2);
        if (kind.name === "spawn") {
          await time.advance(62_999);
          assert.equal(end.error, undefined, "before its time");
          await time.advance(1);
          assert.isError(end.error, sdk.TimeoutError, "at its time");
        } else {
          kind.finish(sockets[0]);
          await settle();
          assert.equal(end.value?.code, 1000);
        }
      });
    }

    test(`set ${how}: a log and a wait go on, and end on time`, async (ctx) => {
      const { sdk, assert } = ctx;
      const time = virtualTime(ctx);
      let status = "building";
      let log;
      const { template } = await stubbedTemplate(ctx, (call) => {
        if (call.path === PATHS.logs) return (log = written(call)).response;
        return json(200, call.path === PATHS.build ? wireBuild({ status }) : wireTemplate({ status }));
      });
      const waiting = watched(template.waitUntilReady());
      const seen = [];
      const streaming = watched(template.streamBuildLogs({ onEvent: ({ text }) => seen.push(text) }));
      await settle();
      log.write(logEvent("a"));
      await time.advance(3000);
      time.setClock(ms);
      await time.advance(10_000);
      assert.deepEqual([waiting.error, streaming.error], [undefined, undefined]);
      status = "ready";
      log.write(logEnd());
      await time.advance(10_000);
      assert.deepEqual(seen, ["a", "build ready"]);
      assert.ok(waiting.value && streaming.value, "both have ended well");

      status = "building";
      const before = time.elapsed();
      const stalled = template.streamBuildLogs({ onEvent() {} });
      time.setClock(ms);
      await assert.rejects(time.run(stalled), sdk.TimeoutError);
      assert.equal(time.elapsed() - before, LOG_LIMIT_MS);
    });
  }
}
