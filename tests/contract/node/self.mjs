// The runner and the fault server themselves: a test bench that cannot fail shows nothing.

import { count, run } from "../runner.mjs";
import { stopwatch } from "../support/stopwatch.mjs";

const environment = { runtime: { name: "a bare place", features: { streams: true } } };

const runs = (define, options = {}) =>
  run({ subjects: { it: ({ test }) => define(test) }, environment, ...options });

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("the runner tells a pass, a failure and what does not apply", async ({ assert }) => {
    const results = await runs((add) => {
      add("passes", () => {});
      add("throws", () => {
        throw new Error("as it should");
      });
      add("rejects", async () => assert.equal(1, 2));
      add("throws nothing in particular", () => Promise.reject(undefined));
      add("lacks", { needs: ["streams", "teleport"] }, () => assert.fail("it ran"));
      add("has", { needs: "streams" }, () => {});
    });
    const [passed, failed, na] = ["passed", "failed", "not applicable"];
    assert.deepEqual(
      results.map(({ status }) => status),
      [passed, failed, failed, failed, na, passed],
    );
    assert.match(results[1].reason, /as it should/);
    assert.equal(results[4].reason, "a bare place has no teleport");
    assert.deepEqual(count(results), { passed: 2, failed: 3, notApplicable: 1 });
  });

  test("the runner ends a test that hangs, and cleans up", async ({ assert }) => {
    const cleaned = [];
    const [hung, broken] = await runs((add) => {
      add("hangs", { timeoutMs: 30 }, ({ defer }) => {
        defer(() => cleaned.push("first"));
        defer(() => cleaned.push("second"));
        return new Promise(() => {});
      });
      add("fails to clean up", ({ defer }) => {
        defer(() => {
          throw new Error("stuck");
        });
      });
    });
    assert.equal(hung.status, "failed");
    assert.match(hung.reason, /did not end within 30 ms/);
    assert.deepEqual(cleaned, ["second", "first"]);
    assert.equal(broken.status, "failed");
    assert.match(broken.reason, /in a clean-up: [\s\S]*stuck/);
  });

  test("the stopwatch leaves out what others took from the event loop", async (ctx) => {
    const { assert } = ctx;
    const pause = () => new Promise((resolve) => setTimeout(resolve, 200));
    const late = stopwatch(ctx);
    await pause();
    assert.match(assert.throws(() => late.took(0, 5, "it")).message, /it, in milliseconds of its own/);
    const early = stopwatch(ctx);
    assert.match(assert.throws(() => early.took(5000, 9000, "it")).message, /it, in milliseconds:/);
    const fast = stopwatch(ctx, { speed: 100 });
    await pause();
    assert.throws(() => fast.took(0, 900, "it"));
    const held = stopwatch(ctx);
    for (const until = Date.now() + 200; Date.now() < until; );
    held.took(200, 100, "it");
  });

  test("the runner blames a test for what it leaves unhandled", async ({ assert }) => {
    let watcher;
    const watchUnhandled = (listener) => {
      watcher = listener;
      return () => {};
    };
    const define = (add) => add("leaves a rejection", () => watcher(new Error("nobody's")));
    const [result] = await runs(define, { watchUnhandled });
    assert.equal(result.status, "failed");
    assert.match(result.reason, /unhandled rejection: [\s\S]*nobody's/);
  });

  test("the runner runs what the filter names", async ({ assert }) => {
    const define = (add) => ["one", "two"].forEach((name) => add(name, () => {}));
    assert.equal((await runs(define, { filter: "it: tw" })).length, 1);
    assert.equal((await runs(define, { filter: "three" })).length, 0);
  });

  test("assertions fail when they should", async ({ assert }) => {
    const failing = [
      () => assert.ok(0),
      () => assert.equal(0, -0),
      () => assert.notEqual(NaN, NaN),
      () => assert.deepEqual({ a: [1] }, { a: [2] }),
      () => assert.deepEqual([1], { 0: 1 }),
      () => assert.deepEqual({ a: undefined }, {}),
      () => assert.deepEqual(new Uint8Array([1]), new Uint8Array([2])),
      () => assert.deepEqual(new Date(1), new Date(2)),
      () => assert.match("a", /b/),
      () => assert.match(undefined, /undefined/),
      () => assert.excludes("abc", "b"),
      () => assert.within(2, 0, 1),
      () => assert.within(NaN, 0, 1),
      () => assert.throws(() => 1),
      () =>
        assert.throws(() => {
          throw new TypeError("x");
        }, Error),
      () => assert.isError(new TypeError("x"), Error),
    ];
    for (const each of failing) assert.equal(assert.throws(each).name, "AssertionError", String(each));
    const rejecting = [
      () => assert.rejects(Promise.resolve(1)),
      () =>
        assert.rejects(() => {
          throw new Error("at once");
        }),
      () => assert.rejects(() => "no promise"),
      () => assert.rejects(Promise.reject(new TypeError("x")), RangeError),
    ];
    for (const each of rejecting) {
      const error = await each().then(
        () => undefined,
        (reason) => reason,
      );
      assert.equal(error?.name, "AssertionError", String(each));
    }
  });

  test("the fault server cuts, stalls, resets and notes", async (ctx) => {
    const { assert, fault } = ctx;
    const server = await fault.serve(ctx, [
      {
        path: "/cuts",
        replies: [
          {
            headers: { "x-a": "b" },
            body: [
              { text: "é12", cuts: [1, 2] },
              { base64: "/w==", repeat: 2 },
            ],
          },
        ],
      },
      { path: "/reset", replies: [{ body: ["part", { reset: true }] }] },
      { path: "/close", replies: [{ headers: { "content-length": "9" }, body: ["part", { close: true }] }] },
      { path: "/refuse", replies: [{ status: null, body: [{ reset: true }] }] },
      { path: "/stall", replies: [{ body: ["part", { stall: true }] }] },
      {
        method: "POST",
        path: "/twice/.*",
        headers: { "x-one": "1" },
        replies: [{ status: 201 }, { status: 409, json: { n: 2 } }],
      },
    ]);
    const get = (path, init) => fetch(server.origin + path, init);
    const read = async (path) => {
      const response = await get(path);
      const chunks = [];
      try {
        for await (const chunk of response.body) chunks.push([...chunk]);
      } catch (error) {
        return { chunks, error };
      }
      return { chunks };
    };
    // A busy machine may hand over parts together that came apart.
    let cuts;
    let tries = 0;
    do cuts = await read("/cuts");
    while (cuts.chunks.length < 4 && ++tries < 20);
    assert.deepEqual(cuts.chunks.slice(0, 3), [[0xc3], [0xa9], [0x31, 0x32]]);
    assert.deepEqual(cuts.chunks.slice(3).flat(), [0xff, 0xff]);
    for (const path of ["/reset", "/close"]) {
      const { chunks, error } = await read(path);
      assert.equal(new TextDecoder().decode(new Uint8Array(chunks.flat())), "part", path);
      assert.ok(error instanceof Error, `${path} breaks off`);
    }
    await assert.rejects(() => get("/refuse"));

    const controller = new AbortController();
    const stalled = await get("/stall", { signal: controller.signal });
    const reader = stalled.body.getReader();
    assert.equal(new TextDecoder().decode((await reader.read()).value), "part");
    controller.abort();
    await reader.closed.catch(() => {});

    const post = (headers) => get("/twice/x?y=1", { method: "POST", headers, body: "sent" });
    const statuses = [
      await post({}),
      await post({ "x-one": "1" }),
      await post({ "x-one": "1" }),
      await post({ "x-one": "1" }),
    ];
    assert.deepEqual(
      statuses.map(({ status }) => status),
      [404, 201, 409, 409],
    );
    assert.deepEqual(await statuses[3].json(), { n: 2 });

    const aborted = (entries) => entries.find(({ url }) => url === "/stall")?.ended === "client";
    const log = (await server.until(aborted, "the abort is seen")).slice(tries);
    assert.deepEqual(
      log.map(({ url, ended }) => [url, ended]),
      [
        ["/cuts", "complete"],
        ["/reset", "reset"],
        ["/close", "close"],
        ["/refuse", "reset"],
        ["/stall", "client"],
        ...Array(4).fill(["/twice/x?y=1", "complete"]),
      ],
    );
    assert.equal(log[6].body, "sent");
    assert.equal(log[6].headers["x-one"], "1");
    assert.equal(log[0].sentBytes, 6);
  });

  test("the fault server speaks WebSocket, refuses it, breaks it and notes", async (ctx) => {
    const { assert, fault } = ctx;
    const server = await fault.serve(ctx, [
      {
        path: "/talk",
        replies: [
          {
            frames: [
              { awaitFrames: 2 },
              { channel: 2, text: "é!", cuts: [1] },
              { base64: "/w==", repeat: 2 },
              { text: "plain" },
              { json: { a: 1 } },
              { closing: { code: 1009, reason: "too much" } },
            ],
          },
        ],
      },
      { path: "/refuse", replies: [{ status: 503, body: "asleep" }] },
      { path: "/other", replies: [{ protocol: "b", frames: [] }] },
      { path: "/reset", replies: [{ frames: [{ text: "part" }, { reset: true }] }] },
      { path: "/stall", replies: [{ frames: [{ stall: true }] }] },
    ]);
    const dial = (path, act = () => {}) =>
      new Promise((resolve) => {
        const socket = new WebSocket(server.origin.replace("http", "ws") + path, ["a", "b"]);
        const heard = [];
        socket.binaryType = "arraybuffer";
        socket.onopen = () => act(socket);
        socket.onmessage = ({ data }) =>
          heard.push(typeof data === "string" ? data : [...new Uint8Array(data)]);
        const end = ({ code, reason }) => resolve({ heard, code, reason, protocol: socket.protocol });
        socket.onclose = end;
        socket.onerror = () => {
          heard.push("error");
          // Node 22 says nothing more of a dial that failed.
          setTimeout(end, 100, { code: 1006, reason: "" });
        };
      });
    const talk = await dial("/talk", (socket) => {
      socket.send("first");
      socket.send(Uint8Array.of(0, 1, 2));
    });
    assert.deepEqual(talk, {
      heard: [[2, 0xc3], [2, 0xa9, 0x21], [0xff], [0xff], "plain", '{"a":1}'],
      code: 1009,
      reason: "too much",
      protocol: "a",
    });
    const refused = await dial("/refuse");
    assert.deepEqual([refused.heard[0], refused.code], ["error", 1006]);
    const other = await dial("/other");
    assert.deepEqual([other.protocol, other.code], ["b", 1000]);
    const reset = await dial("/reset");
    assert.deepEqual([reset.heard[0], reset.code], ["part", 1006]);
    const stalled = await dial("/stall", (socket) => socket.close(4001, "mine"));
    assert.equal(stalled.code, 4001);

    const log = await server.until((entries) => entries[4]?.closed, "the last close");
    // Who is refused may be gone before the last byte.
    if (log[1].ended === "client") log[1].ended = "complete";
    assert.deepEqual(
      log.map(({ url, status, ended }) => [url, status, ended]),
      [
        ["/talk", 101, "complete"],
        ["/refuse", 503, "complete"],
        ["/other", 101, "complete"],
        ["/reset", 101, "reset"],
        ["/stall", 101, "client"],
      ],
    );
    assert.deepEqual(log[0].protocols, ["a", "b"]);
    assert.deepEqual(log[0].frames, [
      { type: "text", text: "first" },
      { type: "binary", bytes: 3, base64: "AAEC" },
    ]);
    assert.deepEqual(log[4].closed, { code: 4001, reason: "mine" });
  });

  test("virtual time fires timers in order and tells a hang", async (ctx) => {
    const { assert } = ctx;
    const { virtualTime } = await import("../support/virtual-time.mjs");
    const time = virtualTime(ctx);
    const fired = [];
    const later = (ms) => new Promise((resolve) => setTimeout(() => resolve(fired.push(ms)), ms));
    const cancelled = setTimeout(() => fired.push("cancelled"), 1);
    clearTimeout(cancelled);
    const [b, a] = [later(200), later(100)];
    await time.run(Promise.all([a, b]));
    assert.deepEqual(fired, [100, 200]);
    assert.equal(time.elapsed(), 200);
    const hang = await assert.rejects(time.run(new Promise(() => {})));
    assert.match(hang.message, /hangs/);
  });
}
