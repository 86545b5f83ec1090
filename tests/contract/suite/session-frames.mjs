// What a spawned command's session sends, and what it makes of what it receives.

import { ID, KEY, TOKEN, event, failure, streamOf } from "../support/fixtures.mjs";
import { KINDS, joined, outcome, socketSandbox, stubbedSession } from "../support/sessions.mjs";
import { settle } from "../support/virtual-time.mjs";

const [SPAWN] = KINDS;
const FRAME = 32 * 1024;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

const spawned = (ctx, options) => stubbedSession(ctx, SPAWN, options);
const sizes = (socket) => socket.frames.map((frame) => frame.length - 1);
/** All input that was sent. */
const payload = (socket) => joined(socket.frames.map((frame) => frame.subarray(1)));

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("where each kind connects, and with which subprotocols", async (ctx) => {
    const { assert } = ctx;
    const places = {
      "http://localhost:9": "ws://localhost:9",
      "http://127.0.0.1:8080/": "ws://127.0.0.1:8080",
      "https://localhost:3443": "wss://localhost:3443",
      "http://[::1]:3000": "ws://[::1]:3000",
      "https://api.superserve.ai": `wss://boxd-${ID}.sandbox.superserve.ai`,
      "https://api-usw.superserve.ai": `wss://boxd-${ID}.usw-sandbox.superserve.ai`,
      "https://api-staging.superserve.ai": `wss://boxd-${ID}.staging-sandbox.superserve.ai`,
      "https://elsewhere.example.com": `wss://boxd-${ID}.sandbox.superserve.ai`,
    };
    const options = Object.entries(places).map(([baseUrl, origin]) => [{ baseUrl }, origin]);
    options.push([{ sandboxUrl: "https://data.example.com:8443/" }, "wss://data.example.com:8443"]);
    options.push([{ sandboxUrl: "http://127.0.0.1:9000" }, "ws://127.0.0.1:9000"]);
    for (const kind of KINDS) {
      for (const [given, origin] of options) {
        const { sandbox, calls, sockets } = await socketSandbox(ctx, { options: given });
        await kind.start(sandbox);
        assert.equal(sockets.length, 1, "connections");
        assert.equal(sockets[0].url, origin + kind.path);
        assert.deepEqual(sockets[0].protocols, [kind.protocol, `token.${TOKEN}`]);
        assert.equal(calls.length, 0, "requests beside it");
      }
    }
  });

  test("the first frame names the command", async (ctx) => {
    const { assert } = ctx;
    const { sandbox, sockets } = await socketSandbox(ctx);
    const { commands } = sandbox;
    const all = { cwd: "/app", env: { A: "b", Ü: "漢" }, timeoutMs: 1500 };
    const cases = [
      [["ls"], { command: "ls" }],
      [["ls", {}], { command: "ls" }],
      [["a 'b' \"c\"\n漢", { cwd: undefined }], { command: "a 'b' \"c\"\n漢" }],
      [["x", all], { command: "x", working_dir: "/app", env: { A: "b", Ü: "漢" }, timeout_s: 2 }],
      [["x", { timeoutMs: 1 }], { command: "x", timeout_s: 1 }],
      [["x", { timeoutMs: 2000 }], { command: "x", timeout_s: 2 }],
      [["x", { onStdout() {}, onStderr() {}, signal: new AbortController().signal }], { command: "x" }],
    ];
    for (const [args, frame] of cases) {
      await commands.spawn(...args);
      assert.deepEqual(sockets.at(-1).sent, [frame], assert.show(args));
    }
  });

  test("strings are sent as UTF-8, bytes as they are", async (ctx) => {
    const { assert } = ctx;
    const { session, socket } = await spawned(ctx);
    const text = "line\r\n漢字 😀 \0\u2028\ufeff";
    session.stdin.write(text);
    assert.deepEqual(socket.frames[0], Uint8Array.of(0, ...encoder.encode(text)));
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    session.stdin.write(all);
    assert.deepEqual(socket.frames[1], Uint8Array.of(0, ...all));
    session.stdin.write(new Uint8Array(all.buffer, 100, 3));
    assert.deepEqual(socket.frames[2], Uint8Array.of(0, 100, 101, 102), "a part of a buffer");
    session.stdin.write("\ud800 alone");
    assert.equal(decoder.decode(socket.frames[3].subarray(1)), "\ufffd alone");
  });

  test("input is split into frames of 32 KiB, none longer, nothing lost", async (ctx) => {
    const { assert } = ctx;
    for (const length of [1, FRAME - 1, FRAME, FRAME + 1, 2 * FRAME, 2 * FRAME + 1, 100_000, 1_000_003]) {
      const bytes = Uint8Array.from({ length }, (_, i) => (i * 7) & 255);
      const { session, socket } = await spawned(ctx);
      session.stdin.write(bytes);
      assert.equal(sizes(socket).length, Math.ceil(length / FRAME), `frames of ${length}`);
      assert.within(Math.max(...sizes(socket)), 1, FRAME, `frames of ${length}`);
      assert.deepEqual(payload(socket), bytes, `all of ${length}`);
      assert.ok(
        socket.frames.every(([channel]) => channel === 0),
        "on channel 0",
      );
    }
  });

  test("a long string is split between any bytes of its characters", async (ctx) => {
    const { assert } = ctx;
    for (const shift of [0, 1, 2, 3]) {
      const text = "x".repeat(shift) + "é漢😀".repeat(12_000);
      const { session, socket } = await spawned(ctx);
      session.stdin.write(text);
      assert.within(Math.max(...sizes(socket)), 1, FRAME);
      assert.ok(decoder.decode(payload(socket)) === text, `shifted by ${shift}`);
    }
  });

  test("what is written is what it was at that moment", async (ctx) => {
    const { session, socket } = await spawned(ctx);
    const bytes = new Uint8Array(FRAME + 10).fill(1);
    session.stdin.write(bytes);
    bytes.fill(2);
    ctx.assert.ok(payload(socket).every((byte) => byte === 1));
  });

  test("input, signals and the end of input keep their order", async (ctx) => {
    const { session, socket } = await spawned(ctx);
    session.stdin.write("a");
    session.kill("SIGUSR1");
    session.stdin.write("b");
    session.stdin.close();
    session.kill();
    ctx.assert.deepEqual(socket.sent.slice(1), [
      Uint8Array.of(0, 97),
      { type: "signal", name: "SIGUSR1" },
      Uint8Array.of(0, 98),
      { type: "stdin_close" },
      { type: "signal", name: "SIGTERM" },
    ]);
  });

  test("input ends once, and nothing can be written after it", async (ctx) => {
    const { sdk, assert } = ctx;
    const { session, socket } = await spawned(ctx);
    assert.equal(session.stdin.close(), undefined);
    assert.equal(session.stdin.close(), undefined);
    assert.deepEqual(socket.sent.slice(1), [{ type: "stdin_close" }]);
    for (const data of ["late", new Uint8Array(1)]) {
      const error = assert.throws(() => session.stdin.write(data), sdk.SandboxError);
      assert.equal(error.code, "stdin_closed");
    }
    assert.equal(socket.sent.length, 2);
  });

  test("input of another type is refused", async (ctx) => {
    const { sdk, assert } = ctx;
    const { session, socket } = await spawned(ctx);
    for (const data of [undefined, null, 5, true, {}, [], [1], 5n, Symbol("x"), () => "x", new Date()]) {
      assert.throws(() => session.stdin.write(data), sdk.ValidationError, assert.show(data));
    }
    assert.equal(socket.sent.length, 1);
    session.stdin.write("good");
    assert.equal(socket.sent.length, 2, "the session goes on");
  });

  test("a signal of another form is refused", async (ctx) => {
    const { sdk, assert } = ctx;
    const { session, socket } = await spawned(ctx);
    for (const name of [null, 9, 15, "", "TERM", "9", "SIG TERM", "SIGTERM\n", {}, ["SIGTERM"], true, 9n]) {
      assert.throws(() => session.kill(name), sdk.ValidationError, assert.show(name));
    }
    assert.equal(socket.sent.length, 1);
    for (const name of ["SIGINT", "SIGKILL", "SIGHUP", "SIGUSR2", "SIGWINCH"]) {
      assert.equal(session.kill(name), undefined);
      assert.deepEqual(socket.sent.at(-1), { type: "signal", name });
    }
    session.kill(undefined);
    assert.deepEqual(socket.sent.at(-1), { type: "signal", name: "SIGTERM" });
  });

  test("output goes to its callback and to the result", async (ctx) => {
    const { assert } = ctx;
    const heard = [];
    const { session, socket } = await spawned(ctx, {
      onStdout: (text) => heard.push(["out", text]),
      onStderr: (text) => heard.push(["err", text]),
    });
    socket.bytes(1, "one ");
    socket.bytes(2, "two ");
    socket.bytes(1, "three");
    assert.deepEqual(
      heard,
      [
        ["out", "one "],
        ["err", "two "],
        ["out", "three"],
      ],
      "at once",
    );
    socket.finish(3);
    const { stdout, stderr, exitCode } = await session.wait();
    assert.deepEqual({ stdout, stderr, exitCode }, { stdout: "one three", stderr: "two ", exitCode: 3 });
  });

  test("without callbacks the result is the same", async (ctx) => {
    const { session, socket } = await spawned(ctx);
    socket.bytes(1, "out");
    socket.bytes(2, "err");
    socket.finish(0);
    const { stdout, stderr, exitCode } = await session.wait();
    ctx.assert.deepEqual({ stdout, stderr, exitCode }, { stdout: "out", stderr: "err", exitCode: 0 });
  });

  test("output is looked for no sooner than it is there", async (ctx) => {
    const { assert } = ctx;
    const heard = [];
    const { sandbox } = await socketSandbox(ctx, {
      socket(socket) {
        socket.open();
        // Before the caller has the session.
        socket.bytes(1, "early");
        socket.finish(1);
        socket.end();
      },
    });
    const session = await sandbox.commands.spawn("x", { onStdout: (text) => heard.push(text) });
    assert.deepEqual(heard, ["early"]);
    const { stdout, exitCode } = await session.wait();
    assert.deepEqual({ stdout, exitCode }, { stdout: "early", exitCode: 1 });
  });

  test("the error of the end is appended to stderr and told", async (ctx) => {
    const { assert } = ctx;
    const heard = [];
    const { session, socket } = await spawned(ctx, { onStderr: (text) => heard.push(text) });
    socket.bytes(2, "first\n");
    socket.finish(124, { error: "command timed out", code: "timeout" });
    const { stderr, exitCode } = await session.wait();
    assert.equal(exitCode, 124);
    assert.match(stderr, /^first\n\n?command timed out\n?$/);
    assert.equal(heard.join(""), stderr);
  });

  test("a result that lacks fields is as that of a run", async (ctx) => {
    const end = { finished: true, a_new_field: { deep: [1] } };
    const { sandbox, sockets } = await socketSandbox(ctx, { fetch: () => streamOf([event(end)]) });
    const ran = await sandbox.commands.run("x", { onStdout() {} });
    const session = await sandbox.commands.spawn("x");
    sockets[0].text(end);
    const waited = await session.wait();
    ctx.assert.deepEqual({ ...waited, truncated: waited.truncated }, { ...ran });
  });

  test("what it does not know it passes over", async (ctx) => {
    const { assert } = ctx;
    const heard = [];
    const { session, socket } = await spawned(ctx, {
      onStdout: (text) => heard.push(text),
      onStderr: (text) => heard.push(text),
    });
    for (const text of ["", "nonsense", "{", "null", "5", '"finished"', "[]", "[true]", "{}", "\ufeff"]) {
      socket.text(text);
    }
    socket.text({ finished: false, exit_code: 9 });
    socket.text({ finished: "yes", exit_code: 9 });
    socket.text({ type: "heartbeat", at: 5 });
    for (const bytes of [[], [0], [0, 97], [3, 97], [255, 97], [1], [2]]) socket.bytes(...bytes);
    assert.deepEqual(heard, []);
    socket.bytes(1, "still here");
    socket.finish(0);
    const { stdout, stderr } = await session.wait();
    assert.deepEqual({ stdout, stderr }, { stdout: "still here", stderr: "" });
    assert.deepEqual(heard, ["still here"]);
  });

  test("an end without an exit code has 0, as in the TypeScript package", async (ctx) => {
    for (const [last, exitCode] of [
      [{}, 0],
      [{ exit_code: null, error: "" }, 0],
      [{ error: "lost the sandbox" }, 0],
    ]) {
      const { session, socket } = await spawned(ctx);
      socket.text({ finished: true, ...last });
      const done = await session.wait();
      ctx.assert.deepEqual([done.stderr, done.exitCode], [last.error ?? "", exitCode], JSON.stringify(last));
    }
  });

  test("nothing counts after the end", async (ctx) => {
    const { assert } = ctx;
    const heard = [];
    const { session, socket } = await spawned(ctx, { onStdout: (text) => heard.push(text) });
    socket.bytes(1, "in time");
    socket.finish(0);
    socket.bytes(1, "too late");
    socket.finish(9);
    socket.end(1011, "broken");
    const { stdout, exitCode } = await session.wait();
    assert.deepEqual({ stdout, exitCode }, { stdout: "in time", exitCode: 0 });
    assert.deepEqual(heard, ["in time"]);
    const sent = socket.sent.length;
    session.stdin.write("x");
    session.stdin.close();
    session.kill();
    assert.equal(socket.sent.length, sent, "frames after the end");
  });

  test("the connection is let go when the command has ended", async (ctx) => {
    const { session, socket } = await spawned(ctx);
    socket.finish(0);
    await session.wait();
    await settle(1);
    ctx.assert.equal(socket.closes.length, 1, "closes by the client");
    ctx.assert.ok([undefined, 1000].includes(socket.closes[0][0]), "a normal close");
    ctx.assert.equal(socket.sent.length, 1, "and nothing more is sent");
  });

  test("megabytes in small frames keep their order", async (ctx) => {
    const { assert } = ctx;
    let heard = "";
    const { session, socket } = await spawned(ctx, { onStdout: (text) => (heard += text) });
    let whole = "";
    for (let i = 0; i < 20_000; i++) {
      const line = `line ${i} é漢😀 ${"x".repeat(i % 100)}\n`;
      whole += line;
      socket.bytes(1, line);
    }
    socket.finish(0);
    assert.ok((await session.wait()).stdout === whole, "the result");
    assert.ok(heard === whole, "the callback");
  });

  test("two sessions of one sandbox do not mix", async (ctx) => {
    const { assert } = ctx;
    const { sandbox, sockets } = await socketSandbox(ctx);
    const sessions = await Promise.all(["a", "b", "c"].map((name) => sandbox.commands.spawn(name)));
    const name = (socket) => socket.sent[0].command;
    for (const socket of sockets) {
      for (const byte of encoder.encode(`${name(socket)} is é`)) socket.bytes(1, byte);
    }
    for (const socket of sockets) socket.finish(name(socket).charCodeAt(0));
    const results = await Promise.all(sessions.map((session) => session.wait()));
    assert.deepEqual(
      results.map(({ stdout, exitCode }) => [stdout, exitCode]),
      [
        ["a is é", 97],
        ["b is é", 98],
        ["c is é", 99],
      ],
    );
  });

  test("what a session shows holds neither key nor token", async (ctx) => {
    const { assert, runtime } = ctx;
    for (const kind of KINDS) {
      const { session, sandbox, socket } = await stubbedSession(ctx, kind);
      const shown = [session, session.stdin, sandbox].flatMap((value) => [
        String(value),
        JSON.stringify(value) ?? "",
        runtime.inspect?.(value) ?? "",
      ]);
      kind.finish(socket);
      await session.wait();
      shown.push(JSON.stringify(session), runtime.inspect?.(session) ?? "");
      for (const text of shown) for (const secret of [KEY, TOKEN]) assert.excludes(text, secret, kind.name);
    }
  });

  test("a session awaits as itself, and its parts are always the same", async (ctx) => {
    const { assert } = ctx;
    for (const kind of KINDS) {
      const { session } = await stubbedSession(ctx, kind);
      assert.ok((await session) === session, "it is no thenable");
      assert.equal(session.stdin, session.stdin, "stdin");
      assert.equal(session.wait(), session.wait(), "the promise of its end");
      if (kind.name === "terminal") assert.equal(session.closed, session.closed, "closed");
      await session.close();
      await outcome(session.wait());
    }
  });

  test("methods work detached or fail, and never trap", async (ctx) => {
    const { assert } = ctx;
    const { sandbox } = await socketSandbox(ctx, { fetch: () => failure(500, "c", "m") });
    const session = await sandbox.commands.spawn("x");
    const { kill, wait, close } = session;
    for (const method of [kill, wait, close]) {
      for (const self of [undefined, null, {}, 5]) {
        const call = async () => method.call(self);
        const ended = await Promise.race([
          outcome(call()),
          new Promise((resolve) => setTimeout(resolve, 20)),
        ]);
        assert.ok(ended === undefined || ended instanceof Error, assert.show(ended));
      }
    }
    await session.close();
    await outcome(session.wait());
  });
}
