// Logs without a last event: of builds that have ended, of builds that go on, of servers that only say that they live.

import { commentsAlone, failure, json, streamOf } from "../support/fixtures.mjs";
import { PATHS, logEnd, logEvent, stubbedTemplate, wireBuild, wireTemplate } from "../support/templates.mjs";
import { settle, virtualTime } from "../support/virtual-time.mjs";

const HOUR_MS = 3_600_000;
const texts = (events) => events.map(({ text }) => text);

/** A template whose log and looks at its build are given by number; what was asked for, in order. */
async function script(ctx, { log, look }) {
  const asked = [];
  const { template } = await stubbedTemplate(ctx, (call) => {
    const count = (what) => asked.filter((name) => name === what).length;
    if (call.path === PATHS.logs) return (asked.push("log"), log(count("log") - 1, call));
    if (call.path === PATHS.build) return (asked.push("look"), look(count("look") - 1, call));
    return json(200, wireTemplate({ status: "ready" }));
  });
  return { template, asked };
}

const is = (status) => json(200, wireBuild({ status }));
const LINES = [logEvent("a"), logEvent("b")];

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  for (const status of ["ready", "failed", "cancelled"]) {
    test(`the log of a build that is ${status} may end without a last event`, async (ctx) => {
      const { assert } = ctx;
      const time = virtualTime(ctx);
      // What the first connection lacks, the second has.
      const { template, asked } = await script(ctx, {
        log: (at) => streamOf(LINES.slice(0, at + 1)),
        look: () => is(status),
      });
      const seen = [];
      await time.run(template.streamBuildLogs({ onEvent: (ev) => seen.push(ev) }));
      assert.deepEqual(texts(seen), ["a", "b"]);
      assert.deepEqual(asked, ["log", "look", "log"]);
      assert.equal(time.elapsed(), 0, "milliseconds");
      assert.equal(time.pending(), 0, "timers left");
    });
  }

  test("a live build's log that ends is connected again", async (ctx) => {
    const { assert } = ctx;
    const time = virtualTime(ctx);
    const { template, asked } = await script(ctx, {
      log: (at) => streamOf(at < 3 ? LINES : [...LINES, logEnd()]),
      look: () => is("building"),
    });
    const seen = [];
    await time.run(template.streamBuildLogs({ onEvent: (ev) => seen.push(ev) }));
    assert.deepEqual(texts(seen), ["a", "b", "build ready"]);
    assert.deepEqual(asked, ["log", "look", "log", "look", "log", "look", "log"]);
    assert.within(time.elapsed(), 100, 2000, "milliseconds of backoff");
  });

  test("a look that fails changes nothing", async (ctx) => {
    const { assert } = ctx;
    const failures = {
      404: () => failure(404, "not_found", "gone"),
      500: () => failure(500, "internal", "broken"),
      401: () => failure(401, "unauthorized", "no"),
      "no connection": () => Promise.reject(new TypeError("fetch failed")),
      "not JSON": () => new Response("{"),
    };
    for (const [what, look] of Object.entries(failures)) {
      const time = virtualTime(ctx);
      const { template, asked } = await script(ctx, {
        log: (at) => streamOf(at < 2 ? LINES : [...LINES, logEnd()]),
        look,
      });
      const seen = [];
      await time.run(template.streamBuildLogs({ onEvent: (ev) => seen.push(ev) }));
      assert.deepEqual(texts(seen), ["a", "b", "build ready"], what);
      assert.equal(asked.filter((name) => name === "log").length, 3, `connections: ${what}`);
    }
  });

  test("a log that breaks off is no end, whatever the build says", async (ctx) => {
    const { assert } = ctx;
    const time = virtualTime(ctx);
    const broken = () => {
      const source = LINES[Symbol.iterator]();
      const pull = (controller) => {
        const { done, value } = source.next();
        if (done) controller.error(new TypeError("terminated"));
        else controller.enqueue(new TextEncoder().encode(value));
      };
      return new Response(new ReadableStream({ pull }));
    };
    const { template, asked } = await script(ctx, {
      log: (at) => (at < 3 ? broken() : streamOf([...LINES, logEnd()])),
      look: () => is("ready"),
    });
    const seen = [];
    await time.run(template.streamBuildLogs({ onEvent: (ev) => seen.push(ev) }));
    assert.deepEqual(texts(seen), ["a", "b", "build ready"]);
    assert.deepEqual(asked, ["log", "log", "log", "log"]);
  });

  test("waitUntilReady with onLog does not wait for a last event", async (ctx) => {
    const { assert } = ctx;
    const time = virtualTime(ctx);
    const { template } = await script(ctx, { log: () => streamOf(LINES), look: () => is("ready") });
    const seen = [];
    const ready = await time.run(template.waitUntilReady({ onLog: (ev) => seen.push(ev) }));
    assert.equal(ready.status, "ready");
    assert.deepEqual(texts(seen), ["a", "b"]);
    assert.equal(time.elapsed(), 0, "milliseconds");
    await settle();
    assert.equal(time.pending(), 0, "timers left");
  });

  test("a build is waited for for 24 hours", { timeoutMs: 120_000 }, async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    const { template } = await script(ctx, { look: () => is("building") });
    // So rarely, for the test's own sake.
    await assert.rejects(time.run(template.waitUntilReady({ pollIntervalMs: 600_000 })), sdk.TimeoutError);
    assert.equal(time.elapsed(), 24 * HOUR_MS);
    assert.equal(time.pending(), 0, "timers left");
  });

  test("a log of comments alone ends after an hour", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    const { template } = await script(ctx, {
      log: (_, call) => commentsAlone(call, 240_000),
      look: () => is("building"),
    });
    await assert.rejects(time.run(template.streamBuildLogs({ onEvent() {} })), sdk.TimeoutError);
    assert.equal(time.elapsed(), HOUR_MS);
    assert.equal(time.pending(), 0, "timers left");
  });
}
