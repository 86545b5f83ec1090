// Opening a session: the dial, its one renewal, its time, its abort. For commands and terminals alike.

import { FRESH, ID, KEY, TOKEN, failure, json, result, wireSandbox } from "../support/fixtures.mjs";
import { eventually } from "../support/live.mjs";
import { KINDS, outcome, socketSandbox } from "../support/sessions.mjs";
import { accept, refuse, replaceWebSocket, stubSockets } from "../support/stub-socket.mjs";
import { settle, virtualTime } from "../support/virtual-time.mjs";

const isActivate = ({ url }) => url.endsWith(`/sandboxes/${ID}/activate`);
const fresh = () => json(200, wireSandbox({ access_token: FRESH }));
const tokenOf = (socket) => socket.protocols[1];

/** Accepts the fresh token and no other. */
const rotated = (socket) => (tokenOf(socket) === `token.${FRESH}` ? accept(socket) : refuse(socket));

/** How many timers `act` clears: a call that is still under way lets go of its own. */
function endings(ctx, act) {
  const { clearTimeout } = globalThis;
  let count = 0;
  globalThis.clearTimeout = (id) => {
    count += 1;
    clearTimeout(id);
  };
  ctx.defer(() => (globalThis.clearTimeout = clearTimeout));
  act();
  globalThis.clearTimeout = clearTimeout;
  return count;
}

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  for (const kind of KINDS) {
    test(`${kind.name}: a failed dial activates once and dials once more`, async (ctx) => {
      const { assert } = ctx;
      const { sandbox, calls, sockets } = await socketSandbox(ctx, { socket: rotated, fetch: fresh });
      const session = await kind.start(sandbox);
      assert.deepEqual(sockets.map(tokenOf), [`token.${TOKEN}`, `token.${FRESH}`]);
      assert.equal(sockets[1].url, sockets[0].url);
      assert.equal(calls.length, 1, "requests");
      assert.ok(isActivate(calls[0]));
      assert.equal(calls[0].method, "POST");
      assert.equal(calls[0].headers["x-api-key"], KEY);
      kind.finish(sockets[1]);
      await session.wait();
      await kind.start(sandbox);
      assert.equal(sockets.length, 3, "the next has the fresh token at once");
      assert.equal(calls.length, 1);
    });

    test(`${kind.name}: whichever way a runtime tells of a failed dial`, async (ctx) => {
      const ways = [
        (socket) => socket.fail(),
        (socket) => socket.failQuietly(),
        (socket) => socket.end(1006),
      ];
      for (const fail of ways) {
        const { sandbox, calls, sockets } = await socketSandbox(ctx, {
          socket: (socket, index) => (index === 0 ? fail(socket) : accept(socket)),
          fetch: fresh,
        });
        await kind.start(sandbox);
        ctx.assert.equal(calls.length, 1, `activates after ${fail}`);
        ctx.assert.equal(sockets.length, 2, `dials after ${fail}`);
      }
    });

    test(`${kind.name}: a second failure is an error, not another round`, async (ctx) => {
      const { sdk, assert } = ctx;
      const { sandbox, calls, sockets } = await socketSandbox(ctx, { socket: refuse, fetch: fresh });
      for (const rounds of [1, 2]) {
        const error = await assert.rejects(kind.start(sandbox), sdk.SandboxError);
        assert.equal(error.code, "network_error");
        assert.equal(error.statusCode, undefined);
        assert.equal(sockets.length, 2 * rounds, "dials");
        assert.equal(calls.length, rounds, "activates");
      }
    });

    test(`${kind.name}: twenty at once share one activate`, async (ctx) => {
      const { assert } = ctx;
      const { sandbox, calls, sockets } = await socketSandbox(ctx, {
        // Refusals come before, during and after the activate.
        socket: (socket, index) => setTimeout(() => rotated(socket), (index * 37) % 60),
        async fetch() {
          await new Promise((resolve) => setTimeout(resolve, 30));
          return fresh();
        },
      });
      const sessions = await Promise.all(Array.from({ length: 20 }, () => kind.start(sandbox)));
      assert.equal(calls.length, 1, "activates");
      assert.equal(sockets.length, 40, "dials: one more each");
      for (const socket of sockets) if (socket.readyState === 1) kind.finish(socket);
      await Promise.all(sessions.map((session) => session.wait()));
    });

    test(`${kind.name}: one failed dial speaks for those under way with its token`, async (ctx) => {
      const { assert } = ctx;
      const { sandbox, calls, sockets } = await socketSandbox(ctx, {
        socket: (socket, index) => (index === 1 ? refuse(socket) : index > 2 ? rotated(socket) : undefined),
        fetch: fresh,
      });
      const sessions = await Promise.all([1, 2, 3].map(() => kind.start(sandbox)));
      assert.equal(calls.length, 1, "activates");
      assert.equal(sockets.length, 6, "dials");
      for (const socket of sockets.slice(0, 3)) assert.ok(socket.readyState >= 2, "the others are closed");
      for (const socket of sockets.slice(3)) kind.finish(socket);
      await Promise.all(sessions.map((session) => session.wait()));
    });

    test(`${kind.name}: shares the activate of a command`, async (ctx) => {
      const { assert } = ctx;
      let wake;
      const { sandbox, calls } = await socketSandbox(ctx, {
        socket: rotated,
        fetch(call) {
          if (isActivate(call)) return new Promise((resolve) => (wake = () => resolve(fresh())));
          return call.headers["x-access-token"] === FRESH
            ? json(200, result({ stdout: "ok" }))
            : new Response("stale", { status: 401 });
        },
      });
      const run = sandbox.commands.run("x");
      const started = kind.start(sandbox);
      await settle();
      assert.equal(calls.filter(isActivate).length, 1);
      wake();
      assert.equal((await run).stdout, "ok");
      assert.ok(await started);
      assert.equal(calls.filter(isActivate).length, 1, "activates");
    });

    test(`${kind.name}: a token renewed meanwhile is used without another activate`, async (ctx) => {
      const { assert } = ctx;
      const { sandbox, calls, sockets } = await socketSandbox(ctx, {
        socket: (socket, index) => (index === 0 ? undefined : rotated(socket)),
        fetch(call) {
          if (isActivate(call)) return fresh();
          return call.headers["x-access-token"] === FRESH
            ? json(200, result())
            : new Response("stale", { status: 401 });
        },
      });
      const started = kind.start(sandbox);
      await settle();
      await sandbox.commands.run("x");
      sockets[0].fail();
      await started;
      assert.equal(calls.filter(isActivate).length, 1, "that of the command");
      assert.deepEqual(sockets.map(tokenOf), [`token.${TOKEN}`, `token.${FRESH}`]);
    });

    test(`${kind.name}: an activate that fails is the session's error`, async (ctx) => {
      const { sdk, assert } = ctx;
      const failures = [
        [() => failure(404, "not_found", "no such sandbox"), sdk.NotFoundError, "no such sandbox"],
        [() => failure(500, "internal", "cannot wake"), sdk.ServerError, "cannot wake"],
        [() => failure(401, "unauthorized", "bad key"), sdk.AuthenticationError, "bad key"],
        [() => Promise.reject(new TypeError("fetch failed")), sdk.SandboxError, /^Network error: /],
        [() => json(200, wireSandbox({ access_token: undefined })), sdk.SandboxError, /access_?token/i],
      ];
      for (const [respond, Class, message] of failures) {
        const { sandbox, sockets } = await socketSandbox(ctx, { socket: refuse, fetch: respond });
        const error = await assert.rejects(kind.start(sandbox), Class);
        if (typeof message === "string") assert.equal(error.message, message);
        else assert.match(error.message, message);
        assert.equal(sockets.length, 1, "dials");
      }
    });

    test(`${kind.name}: a sandbox that another is waking is waited for`, async (ctx) => {
      const { assert } = ctx;
      const time = virtualTime(ctx);
      let polls = 0;
      const { sandbox, sockets } = await socketSandbox(ctx, {
        socket: rotated,
        fetch(call) {
          if (isActivate(call)) return failure(409, "conflict", "sandbox is resuming");
          polls += 1;
          return json(200, wireSandbox(polls < 3 ? { status: "resuming" } : { access_token: FRESH }));
        },
      });
      await time.run(kind.start(sandbox));
      assert.equal(polls, 3);
      assert.equal(sockets.length, 2);
    });

    test(`${kind.name}: a dial has 30 s`, async (ctx) => {
      const { sdk, assert } = ctx;
      const time = virtualTime(ctx);
      const { sandbox, calls, sockets } = await socketSandbox(ctx, { socket() {} });
      await assert.rejects(time.run(kind.start(sandbox)), sdk.TimeoutError);
      assert.equal(time.elapsed(), 30_000);
      assert.equal(sockets.length, 1, "dials");
      assert.equal(sockets[0].closes.length, 1, "the socket is closed");
      assert.equal(calls.length, 0, "requests");
      await settle();
      assert.equal(time.pending(), 0, "timers left");
    });

    test(`${kind.name}: a dial that succeeds leaves the timer that watches the session, and that goes with it`, async (ctx) => {
      const time = virtualTime(ctx);
      const { sandbox, sockets } = await socketSandbox(ctx);
      const session = await time.run(kind.start(sandbox));
      ctx.assert.equal(time.pending(), 1, "timers of the session");
      kind.finish(sockets[0]);
      await time.run(session.wait());
      await time.run(session.close());
      ctx.assert.equal(time.pending(), 0, "timers left");
    });

    test(`${kind.name}: aborted before the call, nothing is sent`, async (ctx) => {
      const { sdk, assert } = ctx;
      for (const reason of [new Error("mine"), "a text", null, undefined]) {
        const controller = new AbortController();
        controller.abort(reason);
        const { sandbox, calls, sockets } = await socketSandbox(ctx);
        const started = kind.start(sandbox, { signal: controller.signal });
        const error = await assert.rejects(started, sdk.SandboxError);
        assert.equal(error.code, "aborted");
        assert.equal(error.cause, controller.signal.reason);
        assert.equal(sockets.length + calls.length, 0, "connections and requests");
      }
    });

    test(`${kind.name}: aborted at any moment of the dial`, async (ctx) => {
      const { sdk, assert } = ctx;
      const forever = () => new Promise(() => {});
      const moments = {
        "in the same turn": { turns: 0, socket() {}, dials: 1 },
        "while dialling": { turns: 3, socket() {}, dials: 1 },
        "while it is renewed": { turns: 6, socket: refuse, fetch: forever, dials: 1 },
        "while dialling again": {
          turns: 9,
          socket: (socket, index) => (index === 0 ? refuse(socket) : undefined),
          fetch: fresh,
          dials: 2,
        },
      };
      for (const [when, { turns, dials, ...behaviour }] of Object.entries(moments)) {
        const { sandbox, calls, sockets } = await socketSandbox(ctx, behaviour);
        const controller = new AbortController();
        const started = kind.start(sandbox, { signal: controller.signal });
        started.catch(() => {});
        await settle(turns);
        // The answer to an activate is read in another thread here and there.
        await eventually(() => sockets.length >= dials, `${dials} dials ${when}`);
        assert.equal(sockets.length, dials, `dials ${when}`);
        const reason = { when };
        controller.abort(reason);
        const error = await assert.rejects(started, sdk.SandboxError, when);
        assert.equal(error.code, "aborted", when);
        assert.equal(error.cause, reason, when);
        await settle();
        assert.ok(sockets.at(-1).readyState >= 2, `the socket is closed ${when}`);
        assert.equal(sockets.length, dials, `dials after the abort ${when}`);
        assert.within(calls.length, 0, 1, "requests");
      }
    });

    test(`${kind.name}: aborted by one, the renewal goes on for the other`, async (ctx) => {
      const { assert } = ctx;
      let wake;
      const { sandbox, calls } = await socketSandbox(ctx, {
        socket: rotated,
        fetch: () => new Promise((resolve) => (wake = () => resolve(fresh()))),
      });
      const controller = new AbortController();
      const leaver = kind.start(sandbox, { signal: controller.signal });
      leaver.catch(() => {});
      const other = kind.start(sandbox);
      await settle(6);
      controller.abort();
      await assert.rejects(leaver);
      wake();
      assert.ok(await other);
      assert.equal(calls.length, 1, "activates");
    });

    test(`${kind.name}: without a global WebSocket a clear error, before anything is sent`, async (ctx) => {
      const { sdk, assert } = ctx;
      for (const missing of [undefined, null, {}]) {
        const { sandbox, calls } = await socketSandbox(ctx);
        replaceWebSocket(ctx, missing);
        const error = await assert.rejects(() => kind.start(sandbox), sdk.SandboxError);
        assert.equal(error.code, "no_websocket");
        assert.match(error.message, /globalThis\.WebSocket/);
        assert.equal(calls.length, 0, "requests");
        const sockets = stubSockets(ctx);
        assert.ok(await kind.start(sandbox), "once there is one, it is used");
        assert.equal(sockets.length, 1);
      }
    });

    test(`${kind.name}: a constructor that throws`, async (ctx) => {
      const { sdk, assert, runtime } = ctx;
      const refusals = [
        new DOMException("blocked by the page's policy", "SecurityError"),
        new DOMException(`The subprotocol 'token.${TOKEN}' is invalid`, "SyntaxError"),
        new TypeError("x"),
        { odd: 1 },
        null,
      ];
      for (const thrown of refusals) {
        const what = assert.show(thrown);
        const { sandbox, calls } = await socketSandbox(ctx, { fetch: fresh });
        let dials = 0;
        replaceWebSocket(
          ctx,
          class {
            constructor() {
              dials += 1;
              throw thrown;
            }
          },
        );
        const controller = new AbortController();
        const start = () => kind.start(sandbox, { signal: controller.signal });
        const error = await assert.rejects(start, sdk.SandboxError, what);
        assert.equal(error.code, "websocket_refused", what);
        assert.match(error.message, /WebSocket/, what);
        assert.excludes(`${error.stack} ${JSON.stringify(error)} ${runtime.inspect?.(error)}`, TOKEN, what);
        assert.equal(dials, 1, `dials, ${what}`);
        assert.equal(calls.length, 0, `no activate, ${what}`);
        assert.equal(
          endings(ctx, () => controller.abort()),
          0,
          `what an abort still ends, ${what}`,
        );
      }
    });

    test(`${kind.name}: a token that cannot be a subprotocol is not shown`, async (ctx) => {
      const { sdk, assert, runtime } = ctx;
      for (const odd of ["\nx", "漢", " x", ",x"]) {
        const access_token = `verysecret${odd}`;
        const start = async () => {
          const { sandbox } = await socketSandbox(ctx, {
            wire: { access_token },
            fetch: () => json(200, wireSandbox({ access_token })),
          });
          return kind.start(sandbox);
        };
        const error = await outcome(start());
        assert.isError(error, sdk.SandboxError, assert.show(odd));
        assert.excludes(`${error.stack} ${JSON.stringify(error)}`, "verysecret", assert.show(odd));
        if (runtime.inspect) assert.excludes(runtime.inspect(error), "verysecret", "its cause included");
      }
    });

    test(`${kind.name}: errors show neither key nor token`, async (ctx) => {
      const { assert, runtime } = ctx;
      for (const behaviour of [
        { socket: refuse, fetch: fresh },
        { socket: refuse, fetch: () => failure(500, "c", `the key ${KEY}`) },
      ]) {
        const { sandbox } = await socketSandbox(ctx, behaviour);
        const error = await assert.rejects(kind.start(sandbox));
        const shown = `${error.stack} ${JSON.stringify(error)} ${runtime.inspect?.(error)}`;
        for (const secret of [KEY, TOKEN, FRESH]) assert.excludes(shown, secret);
      }
    });
  }
}
