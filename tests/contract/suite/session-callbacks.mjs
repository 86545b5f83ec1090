// What a session's callbacks may do: throw, reject, use their session, start another.

import { KINDS, endOf, stubbedSession } from "../support/sessions.mjs";
import { settle } from "../support/virtual-time.mjs";
import { Mine } from "../support/wrong-values.mjs";

const [SPAWN] = KINDS;
const isSignal = ({ type }) => type === "signal";

/** What a promise rejects with, in a box: it may be anything. */
const rejection = (assert, promise) =>
  promise.then(
    () => assert.fail("it did not reject"),
    (error) => ({ error }),
  );

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  for (const kind of KINDS) {
    test(`${kind.name}: a callback that throws ends it with what it threw`, async (ctx) => {
      const { assert } = ctx;
      for (const thrown of [new Mine("boom"), "a text", null, undefined, 0]) {
        let calls = 0;
        const { session, socket } = await stubbedSession(ctx, kind, {
          [kind.callback]() {
            calls += 1;
            throw thrown;
          },
        });
        kind.say(socket, "one");
        kind.say(socket, "two");
        const ended = await rejection(assert, session.wait());
        assert.ok(ended.error === thrown, `${assert.show(thrown)}: the very value`);
        assert.equal(calls, 1, "calls of it");
        assert.ok(socket.controls.some(isSignal), "what runs is told to end");
        assert.ok(socket.readyState >= 2, "the socket is closed");
      }
    });

    test(`${kind.name}: a callback whose promise rejects ends it with that value`, async (ctx) => {
      const { assert } = ctx;
      for (const thrown of [new Mine("boom"), "a text", null, undefined, 0]) {
        const { session, socket } = await stubbedSession(ctx, kind, {
          async [kind.callback]() {
            await settle(1);
            throw thrown;
          },
        });
        kind.say(socket, "one");
        const ended = await rejection(assert, session.wait());
        assert.ok(ended.error === thrown, `${assert.show(thrown)}: the very value`);
        assert.ok(socket.controls.some(isSignal), "what runs is told to end");
        assert.ok(socket.readyState >= 2, "the socket is closed");
      }
    });

    test(`${kind.name}: a promise of a callback that rejects after the end is nobody's error`, async (ctx) => {
      const { assert } = ctx;
      let reject;
      const { session, socket } = await stubbedSession(ctx, kind, {
        [kind.callback]: () => new Promise((_, fail) => (reject = fail)),
      });
      kind.say(socket, "one");
      kind.finish(socket);
      const end = await session.wait();
      reject(new Mine("late"));
      // The runner would report the rejection.
      await settle();
      assert.equal(await session.wait(), end);
    });

    test(`${kind.name}: a callback may use its session`, async (ctx) => {
      const { assert } = ctx;
      let session;
      const steps = [
        () => kind.write(session, "answer"),
        () => session.kill("SIGINT"),
        () => void session.wait(),
        () => void session.close(),
      ];
      const stubbed = await stubbedSession(ctx, kind, { [kind.callback]: () => steps.shift()() });
      session = stubbed.session;
      for (let i = 0; i < 4; i++) kind.say(stubbed.socket, "question");
      assert.equal(steps.length, 0);
      assert.ok(stubbed.socket.sent.some((frame) => frame.name === "SIGINT"));
      assert.equal((await endOf(ctx, kind, session, "closed")).code, "session_closed");
    });

    test(`${kind.name}: a callback may start another session`, async (ctx) => {
      const { assert } = ctx;
      const inner = [];
      const { session, socket, sandbox, sockets } = await stubbedSession(ctx, kind, {
        [kind.callback]: () => inner.push(...KINDS.map((other) => other.start(sandbox))),
      });
      kind.say(socket, "x");
      assert.equal((await Promise.all(inner)).length, 2);
      assert.equal(sockets.length, 3);
      kind.finish(socket);
      await session.wait();
    });
  }

  test("spawn: onStderr is heard in the same way", async (ctx) => {
    const { assert } = ctx;
    const mine = new Mine("boom");
    for (const onStderr of [
      () => {
        throw mine;
      },
      () => Promise.reject(mine),
    ]) {
      const { session, socket } = await stubbedSession(ctx, SPAWN, { onStderr });
      socket.bytes(2, "x");
      assert.equal(await assert.rejects(session.wait()), mine);
      assert.ok(socket.readyState >= 2, "the socket is closed");
    }
  });

  test("spawn: what a callback does with the last output reaches no one any more", async (ctx) => {
    const { assert } = ctx;
    let session;
    const heard = [];
    const stubbed = await stubbedSession(ctx, SPAWN, {
      onStdout(text) {
        heard.push(text);
        session.kill();
        session.stdin.write("late");
      },
    });
    session = stubbed.session;
    const { socket } = stubbed;
    // Half a character, which the end of the output makes a whole one of.
    socket.bytes(1, Uint8Array.of(0xe2, 0x82));
    socket.finish(0);
    assert.equal((await session.wait()).stdout, "\ufffd");
    assert.deepEqual(heard, ["\ufffd"]);
    assert.equal(socket.sent.length, 1, "frames but the command");
  });
}
