// Build logs: what arrives, when, and what the callback may do.

import { event, failure, streamOf, ticks } from "../support/fixtures.mjs";
import { eventually, live } from "../support/live.mjs";
import { stopwatch } from "../support/stopwatch.mjs";
import {
  BUILD_ID,
  PATHS,
  liveTemplate,
  logData,
  logEnd,
  logEvent,
  logReply,
  readyTemplate,
  soon,
  stubbedTemplate,
  templateAt,
  withTemplate,
} from "../support/templates.mjs";
import { settle, virtualTime } from "../support/virtual-time.mjs";

const texts = (events) => events.map(({ text }) => text);

/** A stream that says one thing and is silent from then on. */
const silent = () => {
  const said = new TextEncoder().encode(logEvent("a"));
  return new Response(new ReadableStream({ start: (controller) => controller.enqueue(said) }));
};

/** What a stub's log of these pieces delivers. */
async function delivered(ctx, ...pieces) {
  const { template } = await stubbedTemplate(ctx, () => streamOf(pieces));
  const seen = [];
  ctx.assert.equal(await template.streamBuildLogs({ onEvent: (ev) => seen.push(ev) }), undefined);
  return seen;
}

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("events arrive while the build runs", async (ctx) => {
    const { assert } = ctx;
    const template = await liveTemplate(ctx, {
      steps: [{ run: "echo one; sleep 1; echo two >&2; sleep 1; echo one; sleep 600" }],
    });
    const seen = [];
    const done = template.streamBuildLogs({ onEvent: (ev) => seen.push(ev) });
    const linesSeen = () => seen.filter(({ stream }) => stream !== "system");
    await eventually(() => linesSeen().length === 3, "three lines of a build that never ends");
    assert.equal((await template.getBuild(template.latestBuildId)).status, "building");
    await template.cancelBuild(template.latestBuildId);
    assert.equal(await done, undefined);
    const lines = linesSeen();
    assert.deepEqual(
      lines.map(({ stream, text }) => [stream, text]),
      [
        ["stdout", "one"],
        ["stderr", "two"],
        ["stdout", "one"],
      ],
    );
    for (const i of [1, 2]) {
      assert.ok(lines[i].timestamp > lines[i - 1].timestamp, `when line ${i} was written`);
    }
    for (const { timestamp, text } of seen)
      assert.ok(timestamp instanceof Date && !Number.isNaN(timestamp.getTime()), text);
    assert.ok(
      seen.some(({ stream, text }) => stream === "system" && /step 1\/1/.test(text)),
      "the service's own lines",
    );
    assert.equal(seen.filter(({ finished }) => finished).length, 1, "one last event");
    assert.deepEqual(
      [seen.at(-1).finished, seen.at(-1).status, seen.at(-1).stream],
      [true, "cancelled", "system"],
    );
  });

  test("a log is told from its start to every reader", async (ctx) => {
    const { sdk, assert } = ctx;
    const template = await liveTemplate(ctx, {
      steps: [{ run: "for i in 1 2 3 4; do echo $i; sleep 0.1; done" }],
    });
    const read = async (from, options) => {
      const seen = [];
      await from.streamBuildLogs({ ...options, onEvent: (ev) => seen.push(ev) });
      return seen;
    };
    const [first, second] = await Promise.all([read(template), read(template)]);
    assert.ok(first.length > 5, "there are events");
    assert.deepEqual(second, first, "at the same time");
    assert.deepEqual(await read(template), first, "after the end");
    const build = template.latestBuildId;
    await soon(template);
    const found = await sdk.Template.connect(template.id, live(ctx));
    assert.deepEqual(await read(found), first, "by another object");
    await soon(template);
    const { id } = await template.rebuild();
    const newest = await read(template);
    assert.deepEqual(texts(await read(template, { buildId: id })), texts(newest), "the newest is meant");
    assert.deepEqual(await read(template, { buildId: build }), first, "the first build, by its id");
  });

  test("10,000 lines", { timeoutMs: 30_000 }, async (ctx) => {
    const { assert } = ctx;
    const template = await liveTemplate(ctx, {
      steps: [{ run: 'i=0; while [ $i -lt 10000 ]; do i=$((i+1)); echo "$((i / 2)) é漢😀"; done' }],
    });
    const seen = [];
    await soon(template, { onLog: ({ stream, text }) => stream === "stdout" && seen.push(text) });
    assert.equal(seen.length, 10_000);
    const wrong = seen.findIndex((text, i) => text !== `${Math.floor((i + 1) / 2)} é漢😀`);
    assert.equal(wrong, -1, "the first line that is not the right one");
    const again = [];
    await template.streamBuildLogs({
      onEvent: ({ stream, text }) => stream === "stdout" && again.push(text),
    });
    assert.ok(again.join("\n") === seen.join("\n"), "a replay is the same");
  });

  test("20 builds at once, none with another's lines", { timeoutMs: 60_000 }, async (ctx) => {
    const { assert } = ctx;
    const builds = Array.from({ length: 20 }, async (_, number) => {
      const run = `for i in $(seq 30); do echo "line $i of ${number}"; done; echo ${number} > /opt/number`;
      const template = await liveTemplate(ctx, { steps: [{ run }] });
      const seen = [];
      const ready = await soon(template, { onLog: (ev) => seen.push(ev) });
      assert.equal(ready.status, "ready");
      return seen.filter(({ stream }) => stream === "stdout").map(({ text }) => text);
    });
    for (const [number, lines] of (await Promise.all(builds)).entries()) {
      const expected = Array.from({ length: 30 }, (_, i) => `line ${i + 1} of ${number}`);
      assert.deepEqual(lines, expected, `build ${number}`);
    }
  });

  test("an event's fields", async (ctx) => {
    const { assert } = ctx;
    const at = "2026-08-01T12:00:02.25Z";
    const seen = await delivered(
      ctx,
      event({
        timestamp: at,
        stream: "stderr",
        text: "a\tb\u0000 é漢😀",
        status: "",
        finished: false,
        more: 1,
      }),
      event({ timestamp: at, stream: "elsewhere", text: "" }),
      logEnd("ready"),
    );
    assert.equal(seen.length, 3);
    assert.equal(seen[0].timestamp.getTime(), Date.parse(at));
    assert.equal(seen[0].stream, "stderr");
    assert.equal(seen[0].text, "a\tb\u0000 é漢😀");
    assert.equal(seen[0].status, undefined, "an empty status is absent");
    assert.equal("status" in seen[0], false, "and no key");
    assert.equal("more" in seen[0], false, "unknown fields are passed over");
    assert.deepEqual([seen[1].stream, seen[1].text], ["elsewhere", ""]);
    assert.deepEqual([seen[2].finished, seen[2].status], [true, "ready"]);
  });

  test("an event without a timestamp has the time of its arrival", async (ctx) => {
    const { assert } = ctx;
    const timestamps = [undefined, null, ""];
    const before = Date.now();
    const seen = await delivered(
      ctx,
      ...timestamps.map((timestamp) => logEvent("x", { timestamp })),
      logEnd(),
    );
    assert.equal(seen.length, timestamps.length + 1);
    for (const [i, given] of timestamps.entries()) {
      assert.ok(seen[i].timestamp instanceof Date, `${given}: a Date`);
      assert.within(seen[i].timestamp.getTime(), before - 1, Date.now() + 1, `${given}`);
    }
  });

  test("an empty status is not the end, and nothing comes after the end", async (ctx) => {
    const seen = await delivered(
      ctx,
      logEvent("one", { status: "", finished: false }),
      logEvent("two", { status: "" }),
      logEnd("failed", "last") + logEvent("after the end"),
      logEvent("long after the end"),
    );
    ctx.assert.deepEqual(texts(seen), ["one", "two", "last"]);
  });

  test("what is no event of a log is passed over", async (ctx) => {
    const seen = await delivered(
      ctx,
      ": a comment\n\n",
      "data: not json\n\n",
      "data: [1]\n\n",
      "data: null\n\n",
      "event: ping\nid: 7\nretry: 1\n\n",
      logEvent("kept"),
      `data: ${JSON.stringify(logData("with a return")).replace(/,/, ",\r\ndata: ")}\r\n\r\n`,
      logEnd(),
    );
    ctx.assert.deepEqual(texts(seen), ["kept", "with a return", "build ready"]);
  });

  test("an event that is not as it should be stops nothing", async (ctx) => {
    const { assert } = ctx;
    const odd = [
      { timestamp: "yesterday", text: "a" },
      { timestamp: 5, text: "a" },
      { text: 5 },
      {},
      { stream: null, text: "a" },
      { text: "a", finished: "yes" },
      { text: "a", status: 5 },
    ];
    for (const data of odd) {
      const seen = await delivered(ctx, event(data), logEnd());
      const what = assert.show(data);
      assert.equal(seen.length, 2, what);
      assert.ok(!Number.isNaN(seen[0].timestamp.getTime()), `${what}: a valid date`);
      assert.equal(typeof seen[0].text, "string", what);
      assert.equal(typeof seen[0].stream, "string", what);
    }
  });

  test("a log comes in chunks of any size", async (ctx) => {
    const whole = new TextEncoder().encode(logEvent("é漢😀") + logEvent("é漢😀") + logEnd());
    for (const size of [1, 2, 3, 7, 64]) {
      const chunks = [];
      for (let at = 0; at < whole.length; at += size) chunks.push(whole.slice(at, at + size));
      ctx.assert.deepEqual(
        texts(await delivered(ctx, ...chunks)),
        ["é漢😀", "é漢😀", "build ready"],
        `${size}`,
      );
    }
  });

  test("the request", async (ctx) => {
    const { assert } = ctx;
    const { template, calls } = await stubbedTemplate(ctx, () => streamOf([logEnd()]));
    await template.streamBuildLogs({ onEvent() {} });
    await template.streamBuildLogs({ onEvent() {}, buildId: "another/build" });
    assert.deepEqual(
      calls.map(({ method, path }) => `${method} ${path}`),
      [`GET ${PATHS.logs}`, `GET ${PATHS.builds}/another%2Fbuild/logs`],
    );
    for (const { headers, init } of calls) {
      assert.equal(typeof headers["x-api-key"], "string");
      assert.equal(init.body, undefined);
    }
  });

  test("the end does not wait for the connection's", async (ctx) => {
    const { fault } = ctx;
    const logs = [logReply(logEvent("a"), logEnd(), { stall: true })];
    const server = await fault.serve(ctx, withTemplate({ logs }));
    const template = await templateAt(ctx, server);
    // Which never comes.
    await template.streamBuildLogs({ onEvent() {} });
    await server.until((log) => log[1].ended === "client", "the connection is given up");
  });

  test("a callback that throws ends the call with that very value", async (ctx) => {
    const { assert, fault } = ctx;
    const thrown = [
      new Error("mine"),
      new ctx.sdk.SandboxError("mine", 503),
      "text",
      0,
      null,
      undefined,
      {},
      Symbol(),
    ];
    const logs = [logReply(logEvent("a") + logEvent("b"), ticks())];
    const server = await fault.serve(ctx, withTemplate({ logs, builds: ["building"] }));
    const template = await templateAt(ctx, server);
    for (const value of thrown) {
      for (const how of ["streamBuildLogs", "waitUntilReady"]) {
        let calls = 0;
        const callback = () => {
          calls += 1;
          throw value;
        };
        const later = async () => {
          throw value;
        };
        // Neither the log nor the wait between two looks ends by itself.
        for (const fails of [callback, later]) {
          const promise = template[how]({ onEvent: fails, onLog: fails, pollIntervalMs: 60_000 });
          assert.equal(await assert.rejects(promise), value, how);
        }
        assert.equal(calls, 1, `calls of ${how}'s callback`);
      }
    }
    const closed = (log) =>
      log.filter(({ url }) => url.endsWith("/logs")).every(({ ended }) => ended === "client");
    await server.until(closed, "every stream is aborted");
  });

  test("a callback that throws at the last event", async (ctx) => {
    const { assert, fault } = ctx;
    const boom = new Error("boom");
    const logs = [logReply(logEvent("a"), logEnd())];
    const server = await fault.serve(ctx, withTemplate({ logs, builds: ["ready"] }));
    const template = await templateAt(ctx, server);
    const callback = ({ finished }) => {
      if (finished) throw boom;
    };
    assert.equal(await assert.rejects(template.streamBuildLogs({ onEvent: callback })), boom);
    assert.equal(await assert.rejects(template.waitUntilReady({ onLog: callback })), boom);
    assert.equal((await template.waitUntilReady({ onLog() {} })).status, "ready", "the next call");
  });

  test("a callback may call methods of the same template", async (ctx) => {
    const { assert } = ctx;
    const template = await liveTemplate(ctx, { steps: [{ run: "echo 1; sleep 0.1; echo 2" }] });
    const inner = [];
    await soon(template, {
      onLog() {
        inner.push(template.getInfo(), template.listBuilds(), template.streamBuildLogs({ onEvent() {} }));
      },
    });
    assert.ok(inner.length >= 9, "the callback ran");
    for (const settled of await Promise.allSettled(inner)) assert.equal(settled.status, "fulfilled");
  });

  test("an error of the service is that error, at once", async (ctx) => {
    const { sdk, assert } = ctx;
    const refusals = [
      [400, sdk.ValidationError],
      [401, sdk.AuthenticationError],
      [404, sdk.NotFoundError],
      [409, sdk.ConflictError],
      [500, sdk.ServerError],
    ];
    for (const [status, Class] of refusals) {
      const { template, calls } = await stubbedTemplate(ctx, () => failure(status, "the_code", "no log"));
      const error = await assert.rejects(template.streamBuildLogs({ onEvent() {} }), Class, `${status}`);
      assert.deepEqual([error.statusCode, error.code, error.message], [status, "the_code", "no log"]);
      assert.equal(calls.length, 1, `requests at ${status}`);
    }
  });

  test("timeoutMs is the time of the whole", async (ctx) => {
    const { sdk, assert, fault } = ctx;
    const ticking = logReply({ text: logEvent("again"), repeat: "forever", everyMs: 30 });
    const silent = { status: null, body: [{ stall: true }] };
    const cut = logReply({ close: true });
    const runs = Object.entries({ ticking, silent, cut }).map(async ([what, reply]) => {
      const server = await fault.serve(ctx, withTemplate({ logs: [reply] }));
      const template = await templateAt(ctx, server);
      const watch = stopwatch(ctx);
      const stream = template.streamBuildLogs({ onEvent() {}, timeoutMs: 400 });
      await assert.rejects(stream, sdk.TimeoutError, what);
      watch.took(350, Infinity, what);
      await server.until((log) => log.at(-1).ended !== null, `${what}: the connection is given up`);
    });
    await Promise.all(runs);
  });

  test("a log may be followed for an hour, through silences", async (ctx) => {
    const { sdk, assert } = ctx;
    const clock = virtualTime(ctx);
    const { template, calls } = await stubbedTemplate(ctx, silent);
    let seen = 0;
    const stream = template.streamBuildLogs({ onEvent: () => void (seen += 1) });
    stream.catch(() => {});
    await assert.rejects(clock.run(stream), sdk.TimeoutError);
    assert.equal(clock.elapsed(), 3_600_000);
    assert.within(calls.length, 8, 12, "a connection that is silent for too long is made again");
    assert.equal(seen, 1, "calls of the callback");
  });

  test("a silent stream is connected again", async (ctx) => {
    const { assert } = ctx;
    const clock = virtualTime(ctx);
    const { template, calls } = await stubbedTemplate(ctx, (_, index) =>
      index === 0 ? silent() : streamOf([logEvent("a"), logEvent("b"), logEnd()]),
    );
    const seen = [];
    await clock.run(template.streamBuildLogs({ onEvent: (ev) => seen.push(ev) }));
    assert.deepEqual(texts(seen), ["a", "b", "build ready"]);
    assert.equal(calls.length, 2);
    assert.within(clock.elapsed(), 300_000, 301_000, "after the idle time of streams");
    await settle();
    assert.equal(clock.pending(), 0, "timers left");
  });

  test("the log of a finished build of another template is not found", async (ctx) => {
    const { sdk, assert } = ctx;
    const [one, two] = await Promise.all([readyTemplate(ctx), readyTemplate(ctx)]);
    const wrong = () => one.streamBuildLogs({ buildId: two.latestBuildId, onEvent() {} });
    await assert.rejects(wrong, sdk.NotFoundError);
    await assert.rejects(() => one.streamBuildLogs({ buildId: BUILD_ID, onEvent() {} }), sdk.NotFoundError);
  });
}
