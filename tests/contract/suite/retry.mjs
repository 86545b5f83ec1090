// Retries, in virtual time: which answers, how often, and after how long.

import {
  ID,
  KEY,
  TOKEN,
  endlessBody,
  failure,
  json,
  noContent,
  result,
  wireSandbox,
} from "../support/fixtures.mjs";
import { METHODS, goodResponse } from "../support/methods.mjs";
import { stubFetch, stubbedSandbox } from "../support/stub-fetch.mjs";
import { virtualTime } from "../support/virtual-time.mjs";

const connection = { apiKey: KEY, baseUrl: "http://localhost:9" };
const RETRIED = [429, 502, 503, 504];
const FINAL = [400, 401, 403, 404, 409, 418, 500, 501, 505, 507];

/** A snapshot has a key, so that it may be asked for again. */
const retries = ({ http, name }) => http === "GET" || http === "DELETE" || name === "sandbox.snapshot";

/** Calls `method` where `respond(attempt)` answers; attempts count from 1. */
async function attempt(ctx, time, method, respond) {
  const { sandbox, calls } = await stubbedSandbox(ctx, (call, index) => respond(index + 1, call));
  const before = time.elapsed();
  const outcome = await time.run(method.call({ sdk: ctx.sdk, sandbox, connection })).then(
    (value) => ({ value }),
    (error) => ({ error }),
  );
  return { ...outcome, calls, slept: time.elapsed() - before };
}

const named = (name) => METHODS.find((method) => method.name === name);
const list = named("Sandbox.list");

/** What a conflict means to these, `suite/transitions.mjs` and `wake.mjs` have. */
const CONFLICTS = [
  ...["Sandbox.connect", "Sandbox.resumeById", "sandbox.resume"],
  ...["sandbox.pause", "Sandbox.pauseById", "sandbox.kill", "Sandbox.killById"],
];

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("GET and DELETE: three attempts, then the last error", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    for (const method of METHODS.filter(retries)) {
      for (const status of RETRIED) {
        // On the data plane a 503 means a paused sandbox, which is another story.
        if (method.plane === "data" && status === 503) continue;
        const what = `${method.name} ${status}`;
        const bad = await attempt(ctx, time, method, (n) => failure(status, "c", `attempt ${n}`));
        assert.equal(bad.calls.length, 3, `requests of ${what}`);
        assert.isError(bad.error, status === 429 ? sdk.RateLimitError : sdk.ServerError, what);
        assert.equal(bad.error.message, "attempt 3", what);
        assert.equal(bad.slept, 300, `sleep of ${what}`);
        for (const { args } of bad.calls.slice(1)) {
          assert.equal(args[0], bad.calls[0].args[0], `the same URL, ${what}`);
          assert.deepEqual(args[1].headers, bad.calls[0].init.headers, `the same headers, ${what}`);
        }
        for (const good of [2, 3]) {
          const { error, calls } = await attempt(ctx, time, method, (n) =>
            n < good ? failure(status, "c", "m") : goodResponse(method),
          );
          assert.equal(error, undefined, `${what}, good at attempt ${good}`);
          assert.equal(calls.length, good, `requests of ${what}`);
        }
      }
    }
    assert.equal(time.pending(), 0, "timers left");
  });

  test("GET and DELETE: network errors too", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    for (const method of METHODS.filter(retries)) {
      const causes = [];
      const bad = await attempt(ctx, time, method, (n) => {
        causes.push(new TypeError(`failed ${n}`));
        return Promise.reject(causes.at(-1));
      });
      assert.equal(bad.calls.length, 3, method.name);
      assert.isError(bad.error, sdk.SandboxError, method.name);
      assert.equal(bad.error.cause, causes[2], method.name);
      assert.equal(bad.slept, 300, method.name);
      const good = await attempt(ctx, time, method, (n) =>
        n === 1 ? Promise.reject(new TypeError("failed")) : goodResponse(method),
      );
      assert.equal(good.error, undefined, method.name);
    }
  });

  test("POST and PATCH: one attempt, whatever comes", async (ctx) => {
    const { assert } = ctx;
    const time = virtualTime(ctx);
    // Scripts that only read are asked for again (suite file system).
    for (const method of METHODS.filter((each) => !retries(each) && !each.isScript)) {
      for (const status of [...RETRIED, ...FINAL]) {
        // A data-plane refusal may lead to an activate: tested with the tokens.
        if (method.plane === "data" && [401, 403, 503].includes(status)) continue;
        // One that meets a conflict looks at the sandbox.
        if (CONFLICTS.includes(method.name) && status === 409) continue;
        const { calls, error, slept } = await attempt(ctx, time, method, () =>
          failure(status, "c", "m", { "retry-after": "1" }),
        );
        assert.equal(calls.length, 1, `requests of ${method.name} ${status}`);
        assert.ok(error instanceof Error, `${method.name} ${status} rejects`);
        assert.equal(slept, 0, `sleep of ${method.name} ${status}`);
      }
      const { calls, error } = await attempt(ctx, time, method, () => Promise.reject(new TypeError("x")));
      assert.equal(calls.length, 1, `requests of ${method.name} without a network`);
      assert.match(error.message, /^Network error: /);
    }
    assert.equal(time.pending(), 0, "timers left");
  });

  test("other answers are final", async (ctx) => {
    const time = virtualTime(ctx);
    for (const method of METHODS.filter(retries)) {
      for (const status of FINAL) {
        if (method.plane === "data" && [401, 403].includes(status)) continue;
        if (CONFLICTS.includes(method.name) && status === 409) continue;
        const { calls } = await attempt(ctx, time, method, () =>
          failure(status, "c", "m", { "retry-after": "1" }),
        );
        ctx.assert.equal(calls.length, 1, `requests of ${method.name} ${status}`);
      }
    }
  });

  test("the backoff doubles from 100 ms, with a jitter of 20 %", async (ctx) => {
    const { assert } = ctx;
    for (const [random, first, second] of [
      [0, 80, 160],
      [0.25, 90, 180],
      [0.5, 100, 200],
      [0.75, 110, 220],
      [0.999_999, 120, 240],
    ]) {
      const time = virtualTime(ctx, { random });
      const sleeps = [];
      let last = 0;
      await attempt(ctx, time, list, () => {
        sleeps.push(time.elapsed() - last);
        last = time.elapsed();
        return new Response(null, { status: 503 });
      });
      assert.equal(sleeps.length, 3);
      assert.equal(sleeps[0], 0);
      assert.within(sleeps[1], first - 1, first + 1, `first sleep at random ${random}`);
      assert.within(sleeps[2], second - 1, second + 1, `second sleep at random ${random}`);
    }
  });

  test("Retry-After in seconds", async (ctx) => {
    const { assert } = ctx;
    const cases = { 0: 0, 1: 1000, 7: 7000, " 2 ": 2000, 29: 29_000, 30: 30_000, 31: 30_000, 86400: 30_000 };
    for (const [value, expected] of Object.entries(cases)) {
      // No jitter on what the server says, and none of the extremes goes over the cap.
      for (const random of [0, 0.5, 0.999_999]) {
        const time = virtualTime(ctx, { random });
        const { calls, slept } = await attempt(ctx, time, list, (n) =>
          n === 1 ? failure(429, "c", "m", { "retry-after": value }) : json(200, []),
        );
        assert.equal(calls.length, 2);
        assert.within(slept, expected, expected + 1, `Retry-After: ${value} at random ${random}`);
      }
    }
  });

  test("Retry-After as a date", async (ctx) => {
    const { assert } = ctx;
    const start = Date.UTC(2026, 7, 1, 12, 0, 0);
    const cases = [
      ["Sat, 01 Aug 2026 12:00:05 GMT", 5000],
      ["Sat, 01 Aug 2026 12:00:30 GMT", 30_000],
      ["Sat, 01 Aug 2026 13:00:00 GMT", 30_000],
      ["Sat, 01 Aug 2026 12:00:00 GMT", 0],
      ["Sat, 01 Aug 2026 11:00:00 GMT", 0],
    ];
    for (const [value, expected] of cases) {
      const time = virtualTime(ctx, { start });
      const { calls, slept } = await attempt(ctx, time, list, (n) =>
        n === 1 ? failure(503, "c", "m", { "retry-after": value }) : json(200, []),
      );
      assert.equal(calls.length, 2);
      assert.within(slept, expected, expected + 1, `Retry-After: ${value}`);
    }
  });

  test("a Retry-After that says nothing leaves the backoff", async (ctx) => {
    for (const value of ["", "soon", "-5", "NaN", "Infinity", "1e3x", "99999999999999999999x"]) {
      const time = virtualTime(ctx);
      const { calls, slept } = await attempt(ctx, time, list, (n) =>
        n === 1 ? failure(503, "c", "m", { "retry-after": value }) : json(200, []),
      );
      ctx.assert.equal(calls.length, 2);
      ctx.assert.within(slept, 0, 101, `Retry-After: ${value}`);
    }
  });

  test("a huge Retry-After is capped, not wrapped around", async (ctx) => {
    for (const value of ["4294967297", "9007199254740993", "99999999999999999999999999"]) {
      const time = virtualTime(ctx);
      const { slept } = await attempt(ctx, time, list, (n) =>
        n === 1 ? failure(503, "c", "m", { "retry-after": value }) : json(200, []),
      );
      ctx.assert.equal(slept, 30_000, `Retry-After: ${value}`);
    }
  });

  test("each attempt may take a different failure", async (ctx) => {
    const time = virtualTime(ctx);
    const answers = [
      () => Promise.reject(new TypeError("gone")),
      () => failure(429, "rate_limited", "slow", { "retry-after": "3" }),
      () => json(200, []),
    ];
    const { value, calls, slept } = await attempt(ctx, time, list, (n) => answers[n - 1]());
    ctx.assert.deepEqual(value, []);
    ctx.assert.equal(calls.length, 3);
    ctx.assert.equal(slept, 3100);
  });

  test("a kill whose first answer is lost still succeeds on 404", async (ctx) => {
    for (const name of ["sandbox.kill", "Sandbox.killById"]) {
      const time = virtualTime(ctx);
      const { value, error, calls } = await attempt(ctx, time, named(name), (n) =>
        n === 1 ? Promise.reject(new TypeError("reset")) : failure(404, "not_found", "gone"),
      );
      ctx.assert.equal(error, undefined, name);
      ctx.assert.equal(value, undefined, name);
      ctx.assert.equal(calls.length, 2, name);
    }
  });

  test("a file read is retried, a file write is not", async (ctx) => {
    const time = virtualTime(ctx);
    const read = await attempt(ctx, time, named("files.readText"), (n) =>
      n < 3
        ? new Response("sandbox unreachable", { status: 502, headers: { "retry-after": "2" } })
        : new Response("ok"),
    );
    ctx.assert.equal(read.value, "ok");
    ctx.assert.equal(read.slept, 4000);
    const write = await attempt(
      ctx,
      time,
      named("files.write"),
      () => new Response("sandbox unreachable", { status: 502 }),
    );
    ctx.assert.equal(write.calls.length, 1);
    ctx.assert.equal(write.error.message, "sandbox unreachable");
  });

  test("the body of a failed attempt is let go", async (ctx) => {
    const { assert } = ctx;
    const time = virtualTime(ctx);
    const states = [];
    const { calls } = await attempt(ctx, time, list, (n, { init }) => {
      if (n === 3) return json(200, []);
      const { body, state } = endlessBody();
      states.push([state, init.signal]);
      return new Response(body, { status: 503 });
    });
    assert.equal(calls.length, 3);
    assert.ok(
      states.every(([{ cancelled }, signal]) => cancelled || signal.aborted),
      "bodies left open",
    );
  });

  test("many at once keep their own count", async (ctx) => {
    const { assert } = ctx;
    const time = virtualTime(ctx);
    const seen = new Map();
    const { sandbox } = await stubbedSandbox(ctx, ({ url, headers }) => {
      const key = new URL(url).searchParams.get("path");
      assert.equal(headers["x-access-token"], TOKEN);
      seen.set(key, (seen.get(key) ?? 0) + 1);
      return seen.get(key) < 3 ? new Response(null, { status: 504 }) : new Response(key);
    });
    const paths = Array.from({ length: 50 }, (_, i) => `/file-${i}`);
    const texts = await time.run(Promise.all(paths.map((path) => sandbox.files.readText(path))));
    assert.deepEqual(texts, paths);
    assert.ok(
      paths.every((path) => seen.get(path) === 3),
      "three attempts each",
    );
  });

  test("answers without a body to read are not retried for that", async (ctx) => {
    const time = virtualTime(ctx);
    const calls = stubFetch(ctx, () => noContent());
    await time.run(ctx.sdk.Sandbox.killById(ID, connection));
    ctx.assert.equal(calls.length, 1);
    const { sandbox } = await stubbedSandbox(ctx, () => json(200, result()));
    ctx.assert.equal((await time.run(sandbox.commands.run("x"))).exitCode, 0);
    const info = await stubbedSandbox(ctx, () => json(200, wireSandbox()));
    ctx.assert.equal((await time.run(info.sandbox.getInfo())).id, ID);
  });
}
