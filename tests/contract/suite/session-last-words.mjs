// What a server says before a session's connection ends, and one that does not end it.

import { TOKEN } from "../support/fixtures.mjs";
import { KINDS, endOf, stubbedSession } from "../support/sessions.mjs";
import { settle, virtualTime } from "../support/virtual-time.mjs";

const [SPAWN] = KINDS;
/** How long a closing handshake may take, and how often it is looked for. */
const CLOSE_MS = 2000;
const CLOSING = 2;

/** Notes the error of a session as soon as there is one. */
function watched(session) {
  const state = {};
  session.wait().catch((error) => (state.error = error));
  return state;
}

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  const closes = {
    "a close": (socket) => socket.end(1011, "internal error"),
    "a good close": (socket) => socket.end(1000, "bye"),
    "a drop": (socket) => socket.end(1006, ""),
    "a failure": (socket) => socket.fail(),
  };
  for (const [what, close] of Object.entries(closes)) {
    test(`an error before ${what} is the session's`, async (ctx) => {
      const { assert } = ctx;
      const frames = [
        [{ error: "no such directory", code: "bad_cwd" }, "bad_cwd", "no such directory"],
        [{ error: "no such directory" }, "connection_closed", "no such directory"],
        [{ error: "no such directory", code: "" }, "connection_closed", "no such directory"],
        [{ error: "no such directory", code: 7 }, "connection_closed", "no such directory"],
        [{ error: `the token ${TOKEN} is old`, code: "stale" }, "stale", "is old"],
      ];
      for (const [frame, code, words] of frames) {
        const { session, socket } = await stubbedSession(ctx, SPAWN);
        socket.text(frame);
        close(socket);
        const error = await endOf(ctx, SPAWN, session, what);
        assert.equal(error.code, code, what);
        assert.ok(error.message.includes(words), error.message);
      }
    });
  }

  test("an error that no close follows ends the session after 2 s", async (ctx) => {
    const { assert } = ctx;
    const time = virtualTime(ctx);
    const { session, socket } = await stubbedSession(ctx, SPAWN);
    socket.deaf = true;
    const state = watched(session);
    socket.text({ error: "no room", code: "too_many" });
    await time.advance(CLOSE_MS - 1);
    assert.equal(state.error, undefined, "the close may come");
    await time.advance(1);
    assert.equal(state.error?.code, "too_many");
    assert.match(state.error.message, /no room/);
    assert.equal(time.pending(), 0, "timers left");
  });

  test("an end that comes after an error is the end", async (ctx) => {
    const { session, socket } = await stubbedSession(ctx, SPAWN);
    socket.deaf = true;
    socket.text({ error: "a warning", code: "c" });
    socket.finish(3);
    socket.end();
    const { exitCode, stderr } = await session.wait();
    ctx.assert.equal(exitCode, 3);
    ctx.assert.equal(stderr, "a warning");
  });

  for (const kind of KINDS) {
    test(`${kind.name}: a server that begins to close and never ends is given up`, async (ctx) => {
      const { assert } = ctx;
      const time = virtualTime(ctx);
      const { session, socket } = await stubbedSession(ctx, kind);
      const state = watched(session);
      await time.advance(60_000);
      assert.equal(state.error, undefined, "silence is no end");
      // As a close frame of the server's leaves it while the connection stays.
      socket.deaf = true;
      socket.readyState = CLOSING;
      const since = time.elapsed();
      while (!state.error && time.elapsed() - since < 10_000) await time.advance(100);
      assert.within(time.elapsed() - since, 0, 2 * CLOSE_MS, "milliseconds");
      assert.equal(state.error.code, "connection_closed");
      if (kind.name === "terminal") assert.equal((await session.closed).code, 1006);
      await settle();
      assert.equal(time.pending(), 0, "timers left");
    });

    test(`${kind.name}: no timer is left when it ends well`, async (ctx) => {
      const time = virtualTime(ctx);
      const { session, socket } = await stubbedSession(ctx, kind);
      kind.finish(socket);
      await session.wait();
      await settle();
      ctx.assert.equal(time.pending(), 0, "timers left");
    });
  }
}
