// A build log whose connection breaks: it is made again, and every event still comes once and in order.

import { event, failure, json, streamOf } from "../support/fixtures.mjs";
import {
  PATHS,
  logEnd,
  logEvent,
  logReply,
  stubbedTemplate,
  templateAt,
  wireBuild,
  withTemplate,
} from "../support/templates.mjs";
import { settle, virtualTime } from "../support/virtual-time.mjs";

const encoder = new TextEncoder();

// Identical lines, identical to the byte, next to each other and apart; many-byte characters; no timestamps.
const WIRE = [
  logEvent("queued", { stream: "system" }),
  logEvent("same"),
  logEvent("same"),
  event({ stream: "stdout", text: "é漢😀" }),
  logEvent("same"),
  event({ stream: "stdout", text: "é漢😀" }),
  event({ stream: "stderr", text: "" }),
  logEnd(),
];
const BYTES = encoder.encode(WIRE.join(""));
const TEXTS = ["queued", "same", "same", "é漢😀", "same", "é漢😀", "", "build ready"];
const BOUNDARIES = WIRE.map((_, i) => encoder.encode(WIRE.slice(0, i).join("")).length);

// How a connection may end early.
const ENDS = { end: [], close: [{ close: true }], reset: [{ reset: true }] };

const base64 = (bytes) => btoa(String.fromCharCode(...bytes));
const cutAt = (offset, how) => logReply({ base64: base64(BYTES.subarray(0, offset)) }, ...ENDS[how]);
const whole = logReply({ base64: base64(BYTES) });

const logsOf = (build) => `${PATHS.builds}/${build}/logs`;

/** Follows the logs of many builds at once, each with its own replies; what each delivered, by build. */
async function followAll(ctx, replies) {
  const routes = Object.entries(replies).map(([build, list]) => ({ path: logsOf(build), replies: list }));
  const server = await ctx.fault.serve(ctx, withTemplate({ routes }));
  const template = await templateAt(ctx, server);
  const pending = Object.keys(replies);
  const seen = {};
  const worker = async () => {
    for (let build; (build = pending.shift()); ) {
      const events = (seen[build] = []);
      await template.streamBuildLogs({ buildId: build, onEvent: (ev) => events.push(ev.text) });
    }
  };
  await Promise.all(Array.from({ length: 60 }, worker));
  return { seen, log: await server.log() };
}

/** Follows a stub's log over a virtual clock: `replies` by connection, the last repeats. */
async function followStub(ctx, replies, options = {}) {
  const clock = virtualTime(ctx);
  const at = [];
  const seen = [];
  const { template } = await stubbedTemplate(ctx, ({ path }) => {
    if (!path.endsWith("/logs")) return json(200, wireBuild({ status: "building" }));
    at.push(clock.elapsed());
    const reply = replies[Math.min(at.length - 1, replies.length - 1)];
    return reply();
  });
  const stream = template.streamBuildLogs({ ...options, onEvent: (ev) => seen.push(ev.text) });
  stream.catch(() => {});
  const outcome = await clock.run(stream).catch((error) => error);
  await settle();
  ctx.assert.equal(clock.pending(), 0, "timers left");
  return { outcome, seen, at, waits: at.slice(1).map((time, i) => time - at[i]) };
}

const log =
  (...events) =>
  () =>
    streamOf(events);
const refused = () => {
  throw new TypeError("fetch failed");
};

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("cut at every boundary, in every way", async (ctx) => {
    const { assert } = ctx;
    const replies = {};
    for (const how of Object.keys(ENDS)) {
      for (const offset of BOUNDARIES) replies[`${how}-${offset}`] = [cutAt(offset, how), whole];
    }
    const { seen, log } = await followAll(ctx, replies);
    assert.equal(Object.keys(seen).length, 3 * WIRE.length);
    for (const [build, texts] of Object.entries(seen)) {
      assert.deepEqual(texts, TEXTS, build);
      assert.equal(log.filter(({ url }) => url === logsOf(build)).length, 2, `connections of ${build}`);
    }
  });

  test("cut inside every event, at every byte", { timeoutMs: 80_000 }, async (ctx) => {
    const { assert } = ctx;
    const replies = {};
    const ways = Object.keys(ENDS);
    for (let offset = 1; offset < BYTES.length; offset++) {
      replies[`at-${offset}`] = [cutAt(offset, ways[offset % ways.length]), whole];
    }
    const { seen } = await followAll(ctx, replies);
    assert.equal(Object.keys(seen).length, BYTES.length - 1);
    for (const [build, texts] of Object.entries(seen)) assert.deepEqual(texts, TEXTS, build);
  });

  test("cut again and again", async (ctx) => {
    const { assert } = ctx;
    const replies = {};
    const ways = Object.keys(ENDS);
    for (let i = 0; i < 60; i++) {
      // Spread over the log, and not always further than before; what lacks only its last newlines is whole.
      const offsets = [1, 2, 3].map((k) => (i * 97 * k + k * 41) % (BYTES.length - 2));
      replies[`many-${i}-${offsets.join("-")}`] = [
        ...offsets.map((offset, k) => cutAt(offset, ways[(i + k) % ways.length])),
        whole,
      ];
    }
    const { seen, log } = await followAll(ctx, replies);
    for (const [build, texts] of Object.entries(seen)) {
      assert.deepEqual(texts, TEXTS, build);
      const connections = log.filter(({ url }) => url === logsOf(build)).length;
      // One is enough where the first cut only takes the blank line after the last event.
      assert.within(connections, 1, 4, `connections of ${build}`);
    }
  });

  test("waitUntilReady shows each event once, however often its log is cut", async (ctx) => {
    const { assert, fault } = ctx;
    const logs = [cutAt(BOUNDARIES[2], "reset"), cutAt(BOUNDARIES[5] + 9, "close"), cutAt(40, "end"), whole];
    const server = await fault.serve(ctx, withTemplate({ logs, builds: ["building", "building", "ready"] }));
    const template = await templateAt(ctx, server);
    const seen = [];
    await template.waitUntilReady({ pollIntervalMs: 250, onLog: ({ text }) => seen.push(text) });
    assert.deepEqual(seen, TEXTS);
  });

  test("a replay without the lines that were said in passing", async (ctx) => {
    const { assert } = ctx;
    const passing = (second) =>
      logEvent("build queued, waiting for dispatch", {
        stream: "system",
        timestamp: `2026-08-01T12:00:0${second}Z`,
      });
    const rest = [logEvent("a"), logEvent("b"), logEvent("b"), logEvent("c"), logEnd()];
    const all = [passing(1), passing(3), ...rest];
    for (let cut = 0; cut < all.length; cut++) {
      for (const replay of [rest, [passing(1), ...rest], [passing(3), ...rest]]) {
        const { seen } = await followStub(ctx, [log(...all.slice(0, cut)), log(...replay)]);
        const lines = seen.filter((text) => !text.startsWith("build queued"));
        assert.deepEqual(lines, ["a", "b", "b", "c", "build ready"], `cut at ${cut}`);
        const queued = seen.length - lines.length;
        assert.within(queued, Math.min(cut, 2), 2, `queued lines, cut at ${cut}`);
      }
    }
  });

  test("a replay of queued lines without a timestamp", async (ctx) => {
    const passing = event({ stream: "system", text: "build queued, waiting for dispatch" });
    const rest = [logEvent("a"), logEvent("b"), logEvent("b"), logEnd()];
    const first = [passing, passing, passing];
    for (const replay of [rest, [passing, ...rest], [passing, passing, passing, ...rest]]) {
      const { seen } = await followStub(ctx, [log(...first, ...rest.slice(0, 2)), log(...replay)]);
      const queued = "build queued, waiting for dispatch";
      ctx.assert.deepEqual(seen, [queued, queued, queued, "a", "b", "b", "build ready"]);
    }
  });

  test("a replay with further lines said in passing, twice", async (ctx) => {
    const passing = (second) =>
      logEvent("build queued, waiting for dispatch", { timestamp: `2026-08-01T12:00:0${second}Z` });
    const [a, b, c] = ["a", "b", "c"].map((text) => logEvent(text));
    const { seen } = await followStub(ctx, [
      log(passing(1), a, b),
      log(passing(5), a, passing(7), b, c),
      log(passing(5), a, passing(7), b, c),
      log(passing(5), a, passing(7), b, c, logEnd()),
    ]);
    const lines = seen.filter((text) => !text.startsWith("build queued"));
    ctx.assert.deepEqual(lines, ["a", "b", "c", "build ready"]);
    ctx.assert.equal(seen.length - lines.length, 3, "queued lines");
  });

  test("the waits grow until something new comes", async (ctx) => {
    const { assert } = ctx;
    const nothing = log();
    const one = log(logEvent("a"));
    const { seen, waits } = await followStub(ctx, [
      ...[nothing, nothing, nothing, nothing, one, one, one],
      log(logEvent("a"), logEnd()),
    ]);
    assert.deepEqual(seen, ["a", "build ready"]);
    assert.deepEqual(waits, [100, 200, 400, 800, 100, 200, 400]);
  });

  test("the waits vary, and are 30 s at most", async (ctx) => {
    const { assert } = ctx;
    const { outcome, waits } = await followStub(ctx, [log()]);
    assert.isError(outcome, ctx.sdk.TimeoutError);
    for (const [i, wait] of waits.entries())
      assert.equal(wait, Math.min(100 * 2 ** i, 30_000), `wait ${i + 1}`);
    assert.within(waits.length, 100, 140, "connections in an hour");
    for (const random of [0, 0.999]) {
      const clock = virtualTime(ctx, { random });
      const at = [];
      const { template } = await stubbedTemplate(ctx, ({ path }) => {
        if (!path.endsWith("/logs")) return json(200, wireBuild({ status: "building" }));
        at.push(clock.elapsed());
        return at.length < 3 ? streamOf([]) : streamOf([logEnd()]);
      });
      await clock.run(template.streamBuildLogs({ onEvent() {} }));
      const low = random === 0;
      assert.within(at[1] - at[0], low ? 80 : 119, low ? 81 : 120, "first wait");
      assert.within(at[2] - at[1], low ? 160 : 239, low ? 161 : 240, "second wait");
    }
  });

  test("what may pass is tried again, and Retry-After is heeded", async (ctx) => {
    const { assert } = ctx;
    const { seen, waits } = await followStub(ctx, [
      () => failure(503, "busy", "later", { "retry-after": "7" }),
      () => failure(429, "rate_limited", "later", { "retry-after": "900" }),
      refused,
      log(logEvent("a")),
      () => failure(502, "gone", "later", { "retry-after": "0" }),
      () => failure(504, "slow", "later", { "retry-after": "1" }),
      log(logEvent("a"), logEnd()),
    ]);
    assert.deepEqual(seen, ["a", "build ready"]);
    assert.deepEqual([waits[0], waits[1], waits[3], waits[4], waits[5]], [7000, 30_000, 100, waits[4], 1000]);
    assert.within(waits[2], 100, 1000, "after a refused connection");
    assert.within(waits[4], 0, 1, "Retry-After: 0");
  });

  test("a service that stays away is given up with its own error", async (ctx) => {
    const { sdk, assert } = ctx;
    const busy = await followStub(ctx, [() => failure(503, "busy", "later")]);
    assert.isError(busy.outcome, sdk.ServerError);
    assert.deepEqual([busy.outcome.statusCode, busy.outcome.code], [503, "busy"]);
    assert.within(busy.at.length, 3, 20, "tries");
    const away = await followStub(ctx, [log(logEvent("a")), refused]);
    assert.isError(away.outcome, sdk.SandboxError);
    assert.match(away.outcome.message, /^Network error: /);
    assert.ok(away.outcome.cause instanceof TypeError, "the cause");
    assert.deepEqual(away.seen, ["a"]);
  });

  test("a build that is gone when the log is connected again", async (ctx) => {
    const { sdk, assert } = ctx;
    const replies = [log(logEvent("a")), () => failure(404, "not_found", "no build")];
    const { outcome, seen, at } = await followStub(ctx, replies);
    assert.isError(outcome, sdk.NotFoundError);
    assert.deepEqual(seen, ["a"]);
    assert.equal(at.length, 2);
  });

  test("a stream that is cut while the callback throws is not connected again", async (ctx) => {
    const { assert, fault } = ctx;
    const logs = [logReply(logEvent("a"), { reset: true })];
    const server = await fault.serve(ctx, withTemplate({ logs }));
    const template = await templateAt(ctx, server);
    const mine = new Error("mine");
    let calls = 0;
    const stream = template.streamBuildLogs({
      onEvent() {
        calls += 1;
        throw mine;
      },
    });
    assert.equal(await assert.rejects(stream), mine);
    // On a busy machine a reset may take what came before it along, and the log is rightly connected again till then.
    const requests = (await server.log()).length;
    await new Promise((resolve) => setTimeout(resolve, 250));
    assert.equal((await server.log()).length, requests, "requests after the end");
    assert.equal(calls, 1, "calls of the callback");
  });
}
