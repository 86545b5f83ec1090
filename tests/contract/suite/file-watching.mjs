// Directories that are watched: on the local server, and over connections that are cut.

import { EVENT_STREAM, event, finished, json, result, wireSandbox } from "../support/fixtures.mjs";
import { eventually, liveSandbox } from "../support/live.mjs";
import { quickTimers } from "../support/quick-timers.mjs";
import { hang, stubbedSandbox } from "../support/stub-fetch.mjs";
import { settle, virtualTime } from "../support/virtual-time.mjs";

/** @typedef {import("../support/types.d.ts").Ctx} Ctx */
/** @typedef {import("../support/types.d.ts").Call} Call */

/**
 * What is read of a watcher until `enough` says so of all of it.
 *
 * @param {any} watcher
 * @param {(lines: string[]) => unknown} enough
 */
async function until(watcher, enough) {
  /** @type {any[]} */
  const events = [];
  while (!enough(lines(events))) {
    const { done, value } = await watcher.next();
    if (done) throw new Error(`it ended after ${lines(events).join()}`);
    events.push(value);
  }
  return events;
}

/** So many events, as lines. @type {(watcher: any, count?: number) => Promise<string[]>} */
const some = async (watcher, count = 1) => lines(await until(watcher, ({ length }) => length === count));

/** Events as short lines. */
const lines = (/** @type {any[]} */ events) =>
  events.map(({ type, by = "", from, path = "" }) => `${type} ${from ? `${from} > ` : ""}${by}${path}`);

/** A file of the directory, as the script tells of it. @type {(name: string, inode?: number, time?: number) => string} */
const file = (name, inode = name.charCodeAt(0), time = 1) =>
  `-rw-r--r-- 1.${inode} 5 ${time}.25 644 me ${name}//`;

/** A message of the script: all that there is, or with a sign what differs. */
const message = (/** @type {string[]} */ records, sign = "=", by = "polling") =>
  event({ stdout: `${btoa(records.map((record) => `${record}\0`).join(""))}\n${by} ${sign}\n` });

/** A stream that a test writes. @param {Call} call */
function streamFor({ init: { signal } }) {
  const encoder = new TextEncoder();
  /** @type {ReadableStreamDefaultController} */
  let own;
  const body = new ReadableStream({
    start(controller) {
      own = controller;
      signal.addEventListener("abort", () => controller.error(signal.reason));
    },
  });
  return {
    response: new Response(body, { headers: EVENT_STREAM }),
    write: (/** @type {string} */ text) => own.enqueue(encoder.encode(text)),
    close: () => own.close(),
    cut: () => own.error(new TypeError("terminated")),
  };
}

/**
 * A sandbox whose streams a test writes, in turn: each begins with what `first` says. Other requests get what `other` answers;
 * what ends a script, nothing.
 *
 * @param {Ctx} ctx
 * @param {(call: Call) => any} [other]
 * @param {(stream: number) => string} [first]
 */
async function watched(ctx, other, first) {
  /** @type {ReturnType<typeof streamFor>[]} */
  const streams = [];
  const stops = [];
  const stub = await stubbedSandbox(ctx, (call) => {
    const own = other?.(call);
    if (own) return own;
    if (call.path === "/exec") {
      stops.push(call.json);
      return json(200, result());
    }
    if (call.path !== "/exec/stream") return json(200, wireSandbox());
    const stream = streamFor(call);
    if (first) stream.write(first(streams.length));
    streams.push(stream);
    return stream.response;
  });
  // What loads apart is loaded here, by real time.
  await ctx.assert.rejects(
    stub.sandbox.files.watch("/w", { ignore: ["a/b"] }).next(),
    ctx.sdk.ValidationError,
  );
  ctx.assert.equal(stub.calls.length, 0, "requests of what is refused");
  return { ...stub, streams, stops };
}

/** Waits for so many, by turns alone: time may stand still. */
async function counted(/** @type {unknown[]} */ list, count = 1) {
  while (list.length < count) await settle();
}

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("what happens in a directory is told", async (ctx) => {
    const { assert } = ctx;
    const { files, commands } = await liveSandbox(ctx);
    await commands.run("mkdir -p /tmp/w/sub /tmp/w/node_modules && echo > /tmp/w/a");
    const watcher = files.watch("//tmp/w/", {
      recursive: true,
      pollIntervalMs: 50,
      ignore: ["node_modules/"],
    });
    const [ready] = await until(watcher, ({ length }) => length === 1);
    assert.equal(ready.type, "ready");
    assert.equal(
      ready.by,
      (await commands.run("command -v inotifywait")).exitCode === 0 ? "inotify" : "polling",
    );
    // Whole in one step: a look may come at any moment. One on its way may miss a name that is moved meanwhile, or meet it twice.
    await commands.run(
      "cd /tmp/w && echo > node_modules/x && echo 12345 > /tmp/c && mv a sub/b && mv /tmp/c 'c\n\"'",
    );
    const isMoved = (/** @type {string[]} */ seen, /** @type {string} */ from, /** @type {string} */ to) =>
      seen.includes(`renamed ${from} > ${to}`) ||
      (seen.includes(`removed ${from}`) && seen.includes(`created ${to}`));
    const made = 'created /tmp/w/c\n"';
    const first = await until(
      watcher,
      (seen) => isMoved(seen, "/tmp/w/a", "/tmp/w/sub/b") && seen.includes(made),
    );
    const { entry } = first.find(({ type }) => type === "created");
    assert.deepEqual(entry, await files.stat('/tmp/w/c\n"'));
    assert.deepEqual(
      lines(first).filter((line) => line.includes("node_modules")),
      [],
    );
    await commands.run("cd /tmp/w && printf 1 > \"$(printf 'caf\\351')\" && mv sub bus");
    await until(
      watcher,
      (seen) => seen.includes("created /tmp/w/caf\udce9") && isMoved(seen, "/tmp/w/sub", "/tmp/w/bus"),
    );
    await commands.run("chmod 600 /tmp/w/bus/b");
    await until(watcher, (seen) => seen.includes("changed /tmp/w/bus/b"));
    await commands.run("rm -r /tmp/w");
    const error = await assert.rejects(until(watcher, () => false));
    assert.equal(`${error.name} ${error.code} ${error.operation}`, "NotFoundError not_found Files.watch");
    assert.match(error.message, /\/tmp\/w: /);
    assert.deepEqual(await watcher.next(), { done: true, value: undefined });
  });

  test("a tool tells of changes where there is one", async (ctx) => {
    const { assert } = ctx;
    const { files, commands } = await liveSandbox(ctx);
    // It stands for `inotifywait`: what happens it hears by a pipe.
    const tool = [
      "#!/bin/sh",
      "cat >/tmp/heard",
      "echo 'Watches established.' >&2",
      "read line </tmp/pipe",
      "echo x",
      "",
    ].join("\n");
    const { stdout } = await commands.run("mkfifo /tmp/pipe; mkdir -p /tmp/w/sub; echo ${PATH%%:*}");
    const place = `${stdout.trim()}/inotifywait`;
    await files.write("/tmp/tool", tool);
    const placed = await commands.run(`chmod 755 /tmp/tool && mv -f /tmp/tool ${place}`);
    assert.equal(placed.stderr, "");
    const watcher = files.watch("/tmp/w", { recursive: true, pollIntervalMs: 3_600_000 });
    assert.deepEqual(await some(watcher), ["ready inotify"]);
    await commands.run("echo > /tmp/w/sub/a; echo x > /tmp/pipe");
    assert.deepEqual(await some(watcher), ["created /tmp/w/sub/a"]);
    await commands.run("mv /tmp/w/sub/a /tmp/w/b; echo x > /tmp/pipe");
    assert.deepEqual(await some(watcher), ["renamed /tmp/w/sub/a > /tmp/w/b"]);
    await commands.run("mv /tmp/w/sub /tmp/w/bus; echo x > /tmp/pipe");
    assert.deepEqual(await some(watcher), ["renamed /tmp/w/sub > /tmp/w/bus"]);
    await commands.run("rm /tmp/w/b; echo x > /tmp/pipe");
    assert.deepEqual(await some(watcher), ["removed /tmp/w/b"]);
    assert.equal(await files.readText("/tmp/heard"), ".\n./bus\n");
    await watcher.return();
  });

  test("it goes on after a pause, and leaves no process when it ends", async (ctx) => {
    const { assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    const { files, commands } = sandbox;
    await files.mkdir("/tmp/w");
    const told = [];
    const watcher = files.watch("/tmp/w", { pollIntervalMs: 50, onEvent: (event) => told.push(event) });
    await eventually(() => told.length === 1, "the first event");
    await sandbox.pause();
    await sandbox.resume();
    await files.mkdir("/tmp/w/a");
    await eventually(() => told.length === 2, "what happened then");
    assert.equal(lines(told)[1], "created /tmp/w/a");
    assert.deepEqual(await watcher.return(), { done: true, value: undefined });
    const running = async () =>
      (await commands.run("grep -lz '^SUPERSERVE_CALL=' /proc/[0-9]*/environ 2>/dev/null")).stdout.trim();
    await eventually(async () => (await running()) === "", "the end of all that was started");
  });

  test("a loop that is left ends it", async (ctx) => {
    const { assert } = ctx;
    const { sandbox, streams, stops, calls } = await watched(ctx);
    const loop = (async () => {
      for await (const { type } of sandbox.files.watch("/w")) if (type === "created") return;
    })();
    await counted(streams);
    streams[0].write(message([]));
    streams[0].write(message([`\t${file("a")}`], "-"));
    await loop;
    assert.ok(calls[0].init.signal.aborted);
    await counted(stops);
    assert.equal(stops[0].args.at(-1), calls[0].json.env.SUPERSERVE_CALL);
  });

  test("the request has the options", async (ctx) => {
    const { assert } = ctx;
    const { sandbox, calls } = await watched(ctx);
    const ask = async (/** @type {object | undefined} */ options) => {
      const count = calls.length;
      const watcher = sandbox.files.watch("/w/./x/", options);
      const next = watcher.next();
      await counted(calls, count + 1);
      await watcher.return();
      assert.deepEqual(await next, { done: true, value: undefined });
      const { args, timeout_s, env } = calls[count].json;
      assert.equal(timeout_s, 600);
      assert.ok(env.SUPERSERVE_CALL);
      return args.slice(3);
    };
    assert.deepEqual(await ask(undefined), ["", "/w/x", "0", "1000", "1", ".superserve", ".superserve-*"]);
    const ignore = ["a b/", "*.log"];
    const all = { recursive: true, pollIntervalMs: 70, timeoutMs: 20_000, ignore };
    assert.deepEqual(await ask(all), [
      "",
      "/w/x",
      "1",
      "70",
      "1",
      ".superserve",
      ".superserve-*",
      "a b",
      "*.log",
    ]);
  });

  test("bad arguments are refused before a request", async (ctx) => {
    const { assert, sdk } = ctx;
    const { sandbox, calls } = await watched(ctx);
    for (const [path, options] of [
      ["w"],
      ["/../w"],
      ["/w\0"],
      [5],
      ["/w", { pollIntervalMs: 10 }],
      ["/w", { recursive: 1 }],
      ["/w", { ignore: "a" }],
      ["/w", { ignore: [""] }],
      ["/w", { ignore: ["a/b"] }],
      ["/w", { ignore: ["a\0"] }],
      ["/w", { wake: 1 }],
      ["/w", { onEvent: {} }],
      ["/w", { signal: 5 }],
    ]) {
      const next = sandbox.files.watch(path, options).next();
      await assert.rejects(next, sdk.ValidationError, JSON.stringify([path, options]));
    }
    assert.equal(calls.length, 0);
  });

  test("a stream that is cut loses nothing", async (ctx) => {
    const { assert } = ctx;
    const { sandbox, streams } = await watched(ctx, undefined, (i) => message([file("a"), file("b", 98, i)]));
    quickTimers(ctx);
    const watcher = sandbox.files.watch("/w");
    assert.deepEqual(await some(watcher), ["ready polling"]);
    const ends = [
      (/** @type {any} */ stream) => stream.cut(),
      (/** @type {any} */ stream) => stream.close(),
      // Each connection has ten minutes.
      (/** @type {any} */ stream) => stream.write(finished(0)),
    ];
    for (const [i, end] of ends.entries()) {
      // What began to come is not a part of what comes then.
      streams[i].write(event({ stdout: message(["\tx"], "-").slice(20, 26) }));
      end(streams[i]);
      assert.deepEqual(await some(watcher), ["changed /w/b"], `${i}`);
    }
    await watcher.return();
  });

  test("a stream that falls silent is opened anew", async (ctx) => {
    const { assert } = ctx;
    const { sandbox, calls } = await watched(ctx, undefined, (i) => message([file(i ? "b" : "a", 97)]));
    const watcher = sandbox.files.watch("/w", { timeoutMs: 200 });
    assert.deepEqual(await some(watcher), ["ready polling"]);
    assert.deepEqual(await some(watcher), ["renamed /w/a > /w/b"]);
    assert.ok(calls[0].init.signal.aborted);
    await watcher.return();
  });

  test("what cannot be gone on with is an error", async (ctx) => {
    const { assert } = ctx;
    const { sandbox, streams } = await watched(ctx);
    const odd = "Z".repeat(20);
    for (const [pieces, expected] of [
      [[event({ stdout: "<html>\n" })], "SandboxError invalid_response"],
      [[finished(1, { error: "superserve:permission_denied" })], "SandboxError permission_denied"],
      [[message([]), finished(1, { error: "superserve:tool_missing:base64" })], "SandboxError tool_missing"],
      [[message([]), finished(1, { error: "ls: /w: Not a directory" })], "ValidationError not_directory"],
      [[message([]), event({ stdout: `${odd}\n` }), finished(137)], "SandboxError file_error"],
    ]) {
      const count = streams.length;
      const end = assert.rejects(until(sandbox.files.watch("/w"), () => false));
      await counted(streams, count + 1);
      for (const piece of pieces) streams[count].write(piece);
      const error = await end;
      assert.equal(`${error.name} ${error.code}`, expected, error.message);
      assert.equal(error.operation, "Files.watch");
    }
  });

  test("a sandbox that does not answer is given up after a while", async (ctx) => {
    const { assert, sdk } = ctx;
    let refused = 0;
    const { sandbox } = await watched(ctx, ({ path }) => {
      if (path !== "/exec/stream") return undefined;
      refused++;
      return new Response("no", { status: 502 });
    });
    const time = virtualTime(ctx);
    const watcher = sandbox.files.watch("/w");
    await assert.rejects(time.run(watcher.next()), sdk.ServerError);
    assert.equal(refused, 13);
    assert.ok(time.elapsed() < 300_000, `${time.elapsed()}`);
    assert.deepEqual(await watcher.next(), { done: true, value: undefined });
    assert.equal(time.pending(), 0);
  });

  test("a sandbox that was paused is not resumed, and gone on with when it is", async (ctx) => {
    const { assert } = ctx;
    const states = ["pausing", "paused", "paused", "active"];
    let looks = 0;
    const look = (/** @type {Call} */ { method }) => {
      if (method !== "GET") return undefined;
      looks++;
      return json(200, wireSandbox({ status: states.shift() }));
    };
    const { sandbox, streams, calls } = await watched(ctx, look, (i) => message(i ? [file("a")] : []));
    quickTimers(ctx);
    const watcher = sandbox.files.watch("/w");
    assert.deepEqual(await some(watcher), ["ready polling"]);
    streams[0].cut();
    assert.deepEqual(await some(watcher), ["created /w/a"]);
    assert.equal(looks, 4);
    assert.deepEqual(
      calls.filter(({ path }) => /activate|resume/.test(path)),
      [],
    );
    await watcher.return();
  });

  test("one that was paused a moment ago, and does not say so yet, is not resumed either", async (ctx) => {
    const { assert } = ctx;
    quickTimers(ctx);
    const asleep = () => json(503, { code: "sandbox_unavailable", error: "the sandbox sleeps" });
    for (const [refusal, states] of /** @type {[() => Response, string[]][]} */ ([
      [asleep, ["active", "pausing", "paused", "active"]],
      [asleep, ["active", "paused", "resuming", "active"]],
      [() => json(401, { error: "invalid access token" }), ["active", "paused", "active"]],
    ])) {
      /** @type {string | undefined} */
      let state;
      const { sandbox, streams, calls } = await watched(
        ctx,
        ({ method, path, headers }) => {
          const isNew = headers["x-access-token"] === "after";
          if (path === "/exec/stream") return state && !isNew ? refusal() : undefined;
          if (method !== "GET") return undefined;
          state = states.shift() ?? state;
          const token = state === "active" && states.length === 0 ? { access_token: "after" } : {};
          return json(200, wireSandbox({ status: state, ...token }));
        },
        (i) => message(i ? [file("a")] : []),
      );
      const watcher = sandbox.files.watch("/w");
      assert.deepEqual(await some(watcher), ["ready polling"]);
      streams[0].cut();
      assert.deepEqual(await some(watcher), ["created /w/a"]);
      assert.equal(states.length, 0);
      assert.deepEqual(
        calls.filter(({ path }) => /activate|resume/.test(path)),
        [],
      );
      await watcher.return();
    }
  });

  test("the way to one that stays active is renewed", async (ctx) => {
    const { assert } = ctx;
    let renewed = 0;
    const { sandbox, streams } = await watched(
      ctx,
      ({ path }) => {
        if (/activate/.test(path)) renewed++;
        if (path !== "/exec/stream" || streams.length !== 1 || renewed) return undefined;
        return json(404, { code: "sandbox_route_stale", error: "the route is stale" });
      },
      (i) => message(i ? [file("a")] : []),
    );
    quickTimers(ctx);
    const watcher = sandbox.files.watch("/w");
    assert.deepEqual(await some(watcher), ["ready polling"]);
    streams[0].cut();
    assert.deepEqual(await some(watcher), ["created /w/a"]);
    assert.equal(renewed, 1);
    await watcher.return();
  });

  test("a paused sandbox is resumed for it to begin, unless that is not wanted", async (ctx) => {
    const { assert } = ctx;
    quickTimers(ctx);
    for (const wake of [undefined, true, false]) {
      let state = "paused";
      let looks = 0;
      const { sandbox, calls } = await watched(
        ctx,
        ({ method, path }) => {
          if (/activate/.test(path)) state = "active";
          if (method === "GET" && ++looks === 3) state = "active";
          if (path === "/exec/stream" && state === "paused")
            return json(503, { code: "sandbox_unavailable", error: "the sandbox sleeps" });
          return path === "/exec/stream" ? undefined : json(200, wireSandbox({ status: state }));
        },
        () => message([]),
      );
      const watcher = sandbox.files.watch("/w", { wake });
      assert.deepEqual(await some(watcher), ["ready polling"]);
      const activated = calls.filter(({ path }) => /activate/.test(path));
      assert.deepEqual([activated.length, looks], wake === false ? [0, 3] : [1, 0], `${wake}`);
      await watcher.return();
    }
  });

  test("a sandbox that is gone is an error", async (ctx) => {
    const { assert, sdk } = ctx;
    const { sandbox, streams } = await watched(
      ctx,
      ({ method }) => method === "GET" && json(404, { error: { code: "not_found", message: "no" } }),
    );
    const time = virtualTime(ctx);
    const end = until(sandbox.files.watch("/w"), () => false);
    await counted(streams);
    streams[0].cut();
    await assert.rejects(time.run(end), sdk.NotFoundError);
  });

  test("an abort ends it, whatever it is about", async (ctx) => {
    const { assert, sdk } = ctx;
    for (const state of ["before", "opening", "open", "lost", "paused"]) {
      const { sandbox, streams, calls, stops } = await watched(ctx, (call) => {
        if (state === "opening" && call.path === "/exec/stream") return hang(call);
        return call.method === "GET" && json(200, wireSandbox({ status: "paused" }));
      });
      const time = virtualTime(ctx);
      const controller = new AbortController();
      const reason = new Error("enough");
      if (state === "before") controller.abort(reason);
      const watcher = sandbox.files.watch("/w", { signal: controller.signal });
      const end = until(watcher, () => false);
      end.catch(() => {});
      if (state !== "before") await counted(state === "opening" ? calls : streams);
      streams[0]?.write(message([]));
      await settle();
      if (state === "lost" || state === "paused") streams[0].cut();
      if (state === "paused") await time.advance(5_000);
      await settle();
      controller.abort(reason);
      const error = await assert.rejects(end, sdk.SandboxError, state);
      assert.equal(`${error.code} ${error.cause === reason}`, "aborted true", state);
      assert.deepEqual(await watcher.next(), { done: true, value: undefined }, state);
      if (state.startsWith("open")) await counted(stops);
      // Then no timer is left.
      while (time.pending() > 0) await settle();
      assert.equal(
        stops.length,
        state === "open" || state === "opening" ? 1 : 0,
        `scripts ended after ${state}`,
      );
      assert.ok(
        calls.every(({ path }) => !path.includes("activate")),
        state,
      );
    }
  });

  test("what a callback throws ends it", async (ctx) => {
    const { assert, sdk } = ctx;
    const thrown = [new Error("mine"), null, new sdk.TimeoutError("mine too")];
    for (const value of thrown) {
      for (const later of [false, true]) {
        const { sandbox, streams } = await watched(ctx);
        const seen = [];
        const onEvent = (/** @type {any} */ told) => {
          seen.push(told);
          if (later) return Promise.reject(value);
          throw value;
        };
        const watcher = sandbox.files.watch("/w", { onEvent });
        const end = watcher.next();
        await counted(streams);
        streams[0].write(message([]));
        assert.equal(await assert.rejects(end), value);
        assert.deepEqual(lines(seen), ["ready polling"]);
      }
    }
  });

  test("whoever is slow hears of each path once", async (ctx) => {
    const { assert } = ctx;
    const { sandbox, streams } = await watched(ctx);
    const watcher = sandbox.files.watch("/w");
    const ready = some(watcher);
    await counted(streams);
    streams[0].write(message([file("a")], "=", "inotify"));
    assert.deepEqual(await ready, ["ready inotify"]);
    for (let time = 2; time < 100; time++)
      streams[0].write(message([file("a", 97, time), file("b", 98, time)]));
    streams[0].write(finished(0));
    await counted(streams, 2);
    assert.deepEqual(await some(watcher, 2), ["changed /w/a", "created /w/b"]);
    streams[1].write(message([file("a", 97, 99), file("c", 98, 99)]));
    assert.deepEqual(await some(watcher), ["renamed /w/b > /w/c"]);
    await watcher.return();
    // Once it has ended it is over.
    assert.deepEqual(await watcher.next(), { done: true, value: undefined });
  });
}
