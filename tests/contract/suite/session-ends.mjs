// How a session ends: by itself, by a drop, a close, an abort. For commands and terminals alike.

import { TOKEN } from "../support/fixtures.mjs";
import { KINDS, endOf, outcome, socketSandbox, stubbedSession } from "../support/sessions.mjs";
import { settle, virtualTime } from "../support/virtual-time.mjs";

const [SPAWN] = KINDS;
const isSignal = ({ type }) => type === "signal";

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  for (const kind of KINDS) {
    test(`${kind.name}: a drop is an error with its code and reason`, async (ctx) => {
      const { assert } = ctx;
      const drops = [
        [1006, ""],
        [1001, "going away"],
        [1008, "no command came"],
        [1011, "internal error: ünïcode 漢字"],
        [1012, "service restart"],
        [4000, "of its own"],
        [1005, ""],
      ];
      // The shell's end is a good one; a command's is a `finished`.
      if (kind.name === "spawn") drops.push([1000, "bye"], [1000, ""]);
      for (const [code, reason] of drops) {
        const { session, socket } = await stubbedSession(ctx, kind);
        kind.say(socket, "partly");
        socket.end(code, reason);
        const error = await endOf(ctx, kind, session, `${code}`);
        assert.equal(error.code, "connection_closed", `${code}`);
        assert.match(error.message, new RegExp(`\\b${code}\\b`));
        assert.ok(error.message.includes(reason), error.message);
        if (kind.name === "terminal") assert.deepEqual(await session.closed, { code, reason });
      }
    });

    test(`${kind.name}: 1009 is explained`, async (ctx) => {
      const { session, socket } = await stubbedSession(ctx, kind);
      socket.end(1009, "message over 64 KiB");
      const error = await endOf(ctx, kind, session, "1009");
      for (const part of [/\b1009\b/, /message over 64 KiB/, /too (large|big|long)/i]) {
        ctx.assert.match(error.message, part);
      }
    });

    test(`${kind.name}: a reason that repeats the token does not show it`, async (ctx) => {
      const { assert } = ctx;
      const { session, socket } = await stubbedSession(ctx, kind);
      socket.end(4001, `token ${TOKEN} of token.${TOKEN} is stale`);
      const error = await endOf(ctx, kind, session, "stale");
      assert.match(error.message, /4001/);
      assert.match(error.message, /is stale/);
      if (kind.name !== "terminal") return;
      const { code, reason } = await session.closed;
      assert.equal(code, 4001);
      assert.match(reason, /is stale/);
      assert.excludes(reason, TOKEN);
    });

    test(`${kind.name}: an error event before the close changes nothing`, async (ctx) => {
      const { session, socket } = await stubbedSession(ctx, kind);
      socket.fail();
      ctx.assert.equal((await endOf(ctx, kind, session, "failed")).code, "connection_closed");
    });

    test(`${kind.name}: a drop that nobody waits for is nobody's error`, async (ctx) => {
      // The runner would report the rejection.
      for (const end of [(socket) => socket.fail(), (socket) => socket.end(1011, "x")]) {
        const { socket } = await stubbedSession(ctx, kind);
        end(socket);
        await settle();
      }
      const { session } = await stubbedSession(ctx, kind);
      await session.close();
      await settle();
    });

    test(`${kind.name}: after the end nothing is sent`, async (ctx) => {
      const { assert } = ctx;
      for (const end of [(socket) => kind.finish(socket), (socket) => socket.end(1011, "x")]) {
        const { session, socket } = await stubbedSession(ctx, kind);
        end(socket);
        await outcome(session.wait());
        const sent = socket.sent.length;
        kind.write(session, "x");
        session.kill();
        if (kind.name === "terminal") session.resize(10, 10);
        await session.close();
        assert.equal(socket.sent.length, sent);
      }
    });

    test(`${kind.name}: close ends it, at once and for good`, async (ctx) => {
      const { assert } = ctx;
      const { session, socket } = await stubbedSession(ctx, kind);
      assert.equal(await session.close(), undefined);
      assert.ok(socket.controls.some(isSignal), "what runs is told to end");
      assert.ok(socket.readyState >= 2, "the socket is closed");
      const error = await endOf(ctx, kind, session, "closed");
      assert.equal(error.code, "session_closed");
    });

    test(`${kind.name}: close in every phase, and twice`, async (ctx) => {
      const { assert } = ctx;
      const phases = {
        "just after the open": () => {},
        "with output": (socket) => kind.say(socket, "x"),
        "after the end": (socket) => kind.finish(socket),
        "after a drop": (socket) => socket.end(1011, "x"),
      };
      for (const [phase, act] of Object.entries(phases)) {
        const { session, socket } = await stubbedSession(ctx, kind);
        act(socket);
        await settle(1);
        const ended = await Promise.all([session.close(), session.close(), session.close()]);
        assert.deepEqual(ended, [undefined, undefined, undefined], phase);
        assert.equal(await session.close(), undefined, phase);
        const signals = socket.controls.filter(isSignal).length;
        assert.equal(signals, phase.startsWith("after") ? 0 : 1, `signals ${phase}`);
        const end = await outcome(session.wait());
        const code = { "after the end": undefined, "after a drop": "connection_closed" };
        assert.equal(
          end instanceof Error ? end.code : undefined,
          phase in code ? code[phase] : "session_closed",
        );
      }
    });

    test(`${kind.name}: close waits for a silent server, but not for long`, async (ctx) => {
      const { assert } = ctx;
      const time = virtualTime(ctx);
      const { sandbox, sockets } = await socketSandbox(ctx);
      const session = await time.run(kind.start(sandbox));
      sockets[0].deaf = true;
      await time.run(session.close());
      assert.within(time.elapsed(), 0, 5000);
      await time.run(outcome(session.wait()));
      await settle();
      assert.equal(time.pending(), 0, "timers left");
    });

    test(`${kind.name}: close does not depend on a kill that was replaced`, async (ctx) => {
      const { assert } = ctx;
      const { session, socket } = await stubbedSession(ctx, kind);
      let kills = 0;
      session.kill = () => {
        kills += 1;
        throw new Error("spy");
      };
      assert.equal(await session.close(), undefined);
      assert.equal((await endOf(ctx, kind, session, "closed")).code, "session_closed");
      assert.equal(socket.controls.filter(isSignal).length, 1, "what runs is told to end");
      assert.ok(socket.readyState >= 2, "the socket is closed");
      assert.equal(kills, 0, "calls of the replaced one");
    });

    test(`${kind.name}: no callback follows a close`, async (ctx) => {
      const heard = [];
      const { session, socket } = await stubbedSession(ctx, kind, {
        [kind.callback]: (data) => heard.push(data),
      });
      socket.deaf = true;
      const closed = session.close();
      kind.say(socket, "late");
      kind.finish(socket);
      await closed;
      ctx.assert.deepEqual(heard, []);
      ctx.assert.equal((await endOf(ctx, kind, session, "closed")).code, "session_closed");
    });

    test(`${kind.name}: await using`, async (ctx) => {
      const { assert } = ctx;
      const { session, socket } = await stubbedSession(ctx, kind);
      assert.equal(typeof session[Symbol.asyncDispose], "function");
      assert.equal(await session[Symbol.asyncDispose](), undefined);
      assert.ok(socket.readyState >= 2, "the socket is closed");
      assert.equal((await endOf(ctx, kind, session, "disposed")).code, "session_closed");
    });

    test(`${kind.name}: an abort ends it at once, with its reason`, async (ctx) => {
      const { assert } = ctx;
      for (const reason of [new Error("mine"), "a text", 0, null, { any: "object" }]) {
        const controller = new AbortController();
        const heard = [];
        const { session, socket } = await stubbedSession(ctx, kind, {
          signal: controller.signal,
          [kind.callback]: (data) => heard.push(data),
        });
        kind.say(socket, "before");
        controller.abort(reason);
        kind.say(socket, "after");
        const error = await endOf(ctx, kind, session, assert.show(reason));
        assert.ok(socket.controls.some(isSignal), "what runs is told to end");
        assert.ok(socket.readyState >= 2, "the socket is closed");
        assert.equal(error.code, "aborted");
        assert.equal(error.cause, reason);
        assert.equal(heard.length, 1, "callbacks");
        assert.equal(await session.close(), undefined);
      }
    });

    test(`${kind.name}: an abort after the end changes nothing, and nobody listens any more`, async (ctx) => {
      const { assert } = ctx;
      const ends = {
        finished: (socket) => kind.finish(socket),
        dropped: (socket) => socket.end(1011, "x"),
        closed: (socket, session) => session.close(),
      };
      const { signal } = new AbortController();
      const listeners = new Set();
      const { addEventListener, removeEventListener } = signal;
      signal.addEventListener = function (type, listener, ...more) {
        listeners.add(listener);
        return addEventListener.call(this, type, listener, ...more);
      };
      signal.removeEventListener = function (type, listener, ...more) {
        listeners.delete(listener);
        return removeEventListener.call(this, type, listener, ...more);
      };
      for (const [how, end] of Object.entries(ends)) {
        const controller = new AbortController();
        const { session, socket } = await stubbedSession(ctx, kind, { signal: controller.signal });
        await end(socket, session);
        const before = await outcome(session.wait());
        const [sent, closes] = [socket.sent.length, socket.closes.length];
        controller.abort();
        await settle();
        assert.equal(await outcome(session.wait()), before, how);
        assert.deepEqual([socket.sent.length, socket.closes.length], [sent, closes], how);

        const other = await stubbedSession(ctx, kind, { signal });
        await end(other.socket, other.session);
        await outcome(other.session.wait());
        assert.within(listeners.size, 0, 1, `listeners after it was ${how}`);
      }
    });

    test(`${kind.name}: a signal shared by fifty ends them all`, async (ctx) => {
      const { assert } = ctx;
      const { sandbox, sockets } = await socketSandbox(ctx);
      const controller = new AbortController();
      const { signal } = controller;
      const sessions = await Promise.all(Array.from({ length: 50 }, () => kind.start(sandbox, { signal })));
      kind.finish(sockets[7]);
      await sessions[7].wait();
      controller.abort("all");
      const ends = await Promise.all(sessions.map((session) => outcome(session.wait())));
      assert.equal(ends.filter((end) => end.code === "aborted" && end.cause === "all").length, 49);
      assert.ok(
        sockets.every(({ readyState }) => readyState >= 2),
        "every socket is closed",
      );
    });
  }

  test("spawn: a timeout that the server does not keep", async (ctx) => {
    const { sdk, assert } = ctx;
    for (const timeoutMs of [1, 2500, 60_000]) {
      const time = virtualTime(ctx);
      const { sandbox, sockets } = await socketSandbox(ctx);
      const session = await time.run(sandbox.commands.spawn("x", { timeoutMs }));
      const wait = session.wait();
      await assert.rejects(time.run(wait), sdk.TimeoutError);
      assert.equal(time.elapsed(), timeoutMs + 5000);
      assert.ok(sockets[0].readyState >= 2, "the socket is closed");
      assert.equal(await session.close(), undefined);
      await settle();
      assert.equal(time.pending(), 0, "timers left");
    }
  });

  test("spawn: output does not put off the timeout, an end takes it away", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    const { sandbox, sockets } = await socketSandbox(ctx);
    const session = await time.run(sandbox.commands.spawn("x", { timeoutMs: 1000 }));
    for (let i = 0; i < 5; i++) {
      await time.advance(1000);
      sockets[0].bytes(1, "still here");
    }
    await assert.rejects(time.run(session.wait()), sdk.TimeoutError);
    assert.equal(time.elapsed(), 6000);
    for (const end of [(socket) => SPAWN.finish(socket), (socket) => socket.end(1011, "")]) {
      const other = await time.run(sandbox.commands.spawn("x", { timeoutMs: 1000 }));
      end(sockets.at(-1));
      await outcome(other.wait());
      await settle();
      assert.equal(time.pending(), 0, "timers left");
    }
  });

  test("spawn: a timeout holds although output lets no timer pass", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    const { sandbox, sockets } = await socketSandbox(ctx);
    let heard = "";
    const onStdout = (text) => (heard += text);
    const session = await time.run(sandbox.commands.spawn("x", { timeoutMs: 1000, onStdout }));
    for (const [ms, text] of [
      [1000, "a"],
      [4999, "b"],
      [2, "c"],
    ]) {
      time.leap(ms);
      sockets[0].bytes(1, text);
    }
    await assert.rejects(session.wait(), sdk.TimeoutError);
    assert.equal(heard, "ab");
    assert.equal(sockets[0].controls.filter(isSignal).length, 1, "signals");
    assert.ok(sockets[0].readyState >= 2, "the socket is closed");
  });

  test("spawn: without a timeout there is none", async (ctx) => {
    const { assert } = ctx;
    const time = virtualTime(ctx);
    const { sandbox, sockets } = await socketSandbox(ctx);
    const session = await time.run(sandbox.commands.spawn("x"));
    // In one leap: what watches the session would have its turn some 80,000 times.
    time.leap(48 * 3600 * 1000);
    await time.advance(10_000);
    SPAWN.finish(sockets[0]);
    assert.equal((await session.wait()).exitCode, 0);
  });

  test("spawn: a kill is no end; the command's own end counts", async (ctx) => {
    const { assert } = ctx;
    const { session, socket } = await stubbedSession(ctx, SPAWN);
    session.kill();
    session.kill("SIGKILL");
    socket.bytes(1, "last words");
    socket.finish(137);
    const { stdout, exitCode } = await session.wait();
    assert.deepEqual({ stdout, exitCode }, { stdout: "last words", exitCode: 137 });
  });

  test("spawn: from `finished` on nothing is sent, however soon", async (ctx) => {
    const { assert } = ctx;
    const late = (session) => {
      session.kill();
      session.stdin.write("late");
    };
    const moments = {
      "in the same turn": (session) => late(session),
      "in a microtask": (session) => void Promise.resolve().then(() => late(session)),
      "when the wait is over": () => {},
    };
    const closings = [];
    for (const [moment, act] of Object.entries(moments)) {
      const { session, socket } = await stubbedSession(ctx, SPAWN);
      // As `try { await session.wait() } finally { session.kill() }` does; the server lets the connection be.
      const over = session.wait().finally(() => late(session));
      socket.deaf = true;
      socket.finish(0);
      const { readyState } = socket;
      act(session);
      assert.equal((await over).exitCode, 0);
      session.stdin.close();
      await settle();
      assert.equal(socket.sent.length, 1, `${moment}: frames, of which the command is one`);
      assert.ok(readyState >= 2, `${moment}: the connection is let go with the frame itself`);
      closings.push(session.close());
    }
    for (const closing of closings) assert.equal(await closing, undefined);
  });
}
