// Sessions over real connections to a server that misbehaves. For commands and terminals alike.

import { FRESH, ID, TOKEN, sandboxAt, withSandbox, wireSandbox } from "../support/fixtures.mjs";
import { KINDS, endOf } from "../support/sessions.mjs";
import { quickTimers } from "../support/quick-timers.mjs";
import { stopwatch } from "../support/stopwatch.mjs";
import { replaceWebSocket } from "../support/stub-socket.mjs";

const needs = "websocket";
const GRACE_MS = 5_000;
const tokenOf = (socket) => socket.protocols[1];
const activatesOn = (log) => log.filter(({ url }) => url.endsWith("/activate")).length;

/** The real sockets made until the test ends. */
function watchSockets(ctx) {
  const sockets = [];
  const Original = globalThis.WebSocket;
  replaceWebSocket(
    ctx,
    class extends Original {
      constructor(...args) {
        super(...args);
        sockets.push(this);
      }
    },
  );
  return sockets;
}

/** Whether a socket closed before it is open closes its connection, which Firefox and workerd do not do. */
async function closesDials(ctx) {
  const server = await ctx.fault.serve(ctx, [{ replies: [{ status: null, body: [{ stall: true }] }] }]);
  const socket = new WebSocket(server.origin.replace("http", "ws"));
  socket.addEventListener("error", () => {});
  await server.until((log) => log.length === 1, "the dial");
  socket.close();
  const closed = server.until((log) => log[0].ended === "client", "the end", 1000);
  return closed.then(
    () => true,
    () => false,
  );
}

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  for (const kind of KINDS) {
    test(`${kind.name}: a refused upgrade of any status`, { needs }, async (ctx) => {
      const { assert, fault } = ctx;
      for (const status of [401, 403, 404, 500, 502, 503]) {
        const refusal = { status, body: "sandbox is not running" };
        const server = await fault.serve(
          ctx,
          withSandbox(
            {
              path: `/sandboxes/${ID}/activate`,
              replies: [{ json: wireSandbox({ access_token: FRESH }) }],
            },
            { path: kind.path, offers: `token.${TOKEN}`, replies: [refusal] },
            { path: kind.path, replies: [{ frames: kind.finishing }] },
          ),
        );
        const session = await kind.start(await sandboxAt(ctx, server));
        await session.wait();
        const log = await server.log();
        const dials = log.filter(({ url }) => url === kind.path);
        const refused = dials.filter((dial) => dial.status === status);
        // Some runtimes ask once more by themselves after a 401.
        assert.within(refused.length, 1, status === 401 ? 2 : 1, "refused dials");
        assert.deepEqual(dials.slice(refused.length).map(tokenOf), [`token.${FRESH}`]);
        assert.equal(activatesOn(log), 1);
      }
    });

    test(`${kind.name}: a dial that is reset, cut off or never answered`, { needs }, async (ctx) => {
      const { sdk, assert, fault } = ctx;
      for (const piece of [{ reset: true }, { close: true }]) {
        const server = await fault.serve(
          ctx,
          withSandbox(
            { path: `/sandboxes/${ID}/activate`, replies: [{ json: wireSandbox() }] },
            { path: kind.path, replies: [{ status: null, body: [piece] }] },
          ),
        );
        const error = await assert.rejects(kind.start(await sandboxAt(ctx, server)), sdk.SandboxError);
        assert.equal(error.code, "network_error");
        assert.equal(activatesOn(await server.log()), 1);
      }
      const silent = { path: kind.path, replies: [{ status: null, body: [{ stall: true }] }] };
      const server = await fault.serve(ctx, withSandbox(silent));
      const sockets = watchSockets(ctx);
      const controller = new AbortController();
      const started = kind.start(await sandboxAt(ctx, server), { signal: controller.signal });
      started.catch(() => {});
      await server.until((log) => log.length === 2, "the dial");
      controller.abort();
      await assert.rejects(started, sdk.SandboxError);
      assert.equal(sockets.length, 1, "dials");
      if (await closesDials(ctx)) {
        assert.ok(sockets[0].readyState >= WebSocket.CLOSING, "the socket is closed");
        await server.until((log) => log[1].ended === "client", "the connection is closed");
      }
      assert.equal((await server.log()).length, 2, "no further dial, no activate");
    });

    test(`${kind.name}: ends as the server ends it`, { needs }, async (ctx) => {
      const { assert, fault } = ctx;
      const closing = (code, reason) => ({ closing: { code, reason } });
      const ends = [
        [[closing(1009, "message over 64 KiB")], /1009.*message over 64 KiB/s],
        [[closing(1011, "grüße 漢")], /1011.*grüße 漢/s],
        [[{ reset: true }], /1006/],
        [[{ close: true }], /1006/],
      ];
      for (const [pieces, message] of ends) {
        // What is on its way when a connection is reset may be lost, the answer to the dial too: first the client says
        // that it heard.
        const frames = [kind.saying("half "), { awaitFrames: kind.openingFrames + 1 }, ...pieces];
        const server = await fault.serve(ctx, withSandbox({ path: kind.path, replies: [{ frames }] }));
        let heard = 0;
        const starting = kind.start(await sandboxAt(ctx, server), {
          async [kind.callback](data) {
            heard += data.length;
            await kind.write(await starting, "heard");
          },
        });
        const session = await starting;
        const error = await endOf(ctx, kind, session, String(message));
        assert.equal(error.code, "connection_closed");
        assert.match(error.message, message);
        assert.equal(heard, 5, "what came before the end");
      }
    });

    test(`${kind.name}: a close or an abort reaches the server`, {
      needs,
      timeoutMs: 40_000,
    }, async (ctx) => {
      const { assert, fault } = ctx;
      for (const how of ["close", "abort"]) {
        for (const [during, frames] of [
          ["silence", [{ stall: true }]],
          ["a flood", [{ ...kind.saying("flood ".repeat(1000)), repeat: "forever" }]],
        ]) {
          const server = await fault.serve(ctx, withSandbox({ path: kind.path, replies: [{ frames }] }));
          const controller = new AbortController();
          const { signal } = controller;
          const session = await kind.start(await sandboxAt(ctx, server), { signal });
          if (how === "close") await session.close();
          else controller.abort();
          await endOf(ctx, kind, session, how);
          const ended = (entries) => entries.at(-1).ended === "client";
          const log = await server.until(ended, `the ${how} in ${during} is seen`, 8000);
          const signals = log.at(-1).frames.filter(({ text }) => text?.includes('"signal"'));
          assert.equal(signals.length, 1, `signals of ${how}`);
        }
      }
    });
  }

  test("spawn: a timeout holds in a flood", { needs }, async (ctx) => {
    const { sdk, assert, fault } = ctx;
    const [spawn] = KINDS;
    const frames = [{ ...spawn.saying("flood ".repeat(10_000)), repeat: "forever" }];
    const server = await fault.serve(ctx, withSandbox({ path: spawn.path, replies: [{ frames }] }));
    const sandbox = await sandboxAt(ctx, server);
    const speed = quickTimers(ctx);
    const watch = stopwatch(ctx, { speed });
    const session = await sandbox.commands.spawn("x", { timeoutMs: 1 });
    await assert.rejects(session.wait(), sdk.TimeoutError);
    // The frames never end.
    watch.took(GRACE_MS - 50, Infinity, "the session");
    await server.until((log) => log.at(-1).ended === "client", "the connection's end", 8000);
  });
}
