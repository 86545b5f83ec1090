// Sessions through a relay: the ticket as a subprotocol, and what a refused dial finds out.

import { failure } from "../support/fixtures.mjs";
import { KINDS } from "../support/sessions.mjs";
import { accept, refuse, stubSockets } from "../support/stub-socket.mjs";
import { RELAY, ticketIn, ticketOf, ticketSandbox } from "../support/tickets.mjs";
import { virtualTime } from "../support/virtual-time.mjs";

const NEXT = ticketOf({}, "next");
const offered = ({ protocols }) => protocols[1];
const renewedOnly = (socket) => (offered(socket) === `ticket.${NEXT}` ? accept(socket) : refuse(socket));
const upgradeRequired = () => failure(426, "websocket_required", "open this with a WebSocket");

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  for (const kind of KINDS) {
    test(`${kind.name}: the ticket goes with the dial`, async (ctx) => {
      const { assert } = ctx;
      const { sandbox, calls, ticket } = ticketSandbox(ctx, upgradeRequired);
      const sockets = stubSockets(ctx);
      const session = await kind.start(sandbox);
      assert.equal(sockets[0].url, `${RELAY.replace("https", "wss")}${kind.path}`);
      assert.deepEqual(sockets[0].protocols, [kind.protocol, `ticket.${ticket}`]);
      kind.finish(sockets[0]);
      await session.wait();
      assert.equal(calls.length, 0, "requests");
    });

    test(`${kind.name}: an expired ticket is renewed, and dialled with once more`, async (ctx) => {
      const { assert } = ctx;
      const answer = (call) =>
        ticketIn(call) === NEXT
          ? upgradeRequired()
          : failure(401, "ticket_expired", "the ticket has expired");
      const { sandbox, calls, ticket } = ticketSandbox(ctx, answer, { refreshTicket: () => NEXT });
      const sockets = stubSockets(ctx, renewedOnly);
      const session = await kind.start(sandbox);
      assert.deepEqual(sockets.map(offered), [`ticket.${ticket}`, `ticket.${NEXT}`]);
      assert.deepEqual(
        calls.map(({ method, url }) => [method, url]),
        Array(2).fill(["GET", `${RELAY}${kind.path}`]),
      );
      kind.finish(sockets[1]);
      await session.wait();
    });

    test(`${kind.name}: a refused dial says why, as the relay does`, async (ctx) => {
      const { sdk, assert } = ctx;
      const time = virtualTime(ctx);
      const cases = [
        [501, "no_websocket", "a fetch handler on Next.js accepts no WebSocket", sdk.ServerError],
        [401, "ticket_expired", "the ticket has expired", sdk.AuthenticationError],
        [403, "not_allowed", "the ticket does not allow it", sdk.AuthenticationError],
        [429, "too_many_streams", "the ticket has 32 requests under way", sdk.RateLimitError],
      ];
      for (const [status, code, message, Class] of cases) {
        const { sandbox } = ticketSandbox(ctx, () => failure(status, code, message));
        const sockets = stubSockets(ctx, refuse);
        const error = await assert.rejects(time.run(kind.start(sandbox)), Class, code);
        assert.deepEqual([error.statusCode, error.code, error.message], [status, code, message]);
        assert.equal(sockets.length, 1, "dials");
      }
    });

    test(`${kind.name}: one dial too many takes no other with it`, async (ctx) => {
      const { sdk, assert } = ctx;
      const time = virtualTime(ctx);
      const answer = () => failure(429, "too_many_streams", "the ticket has 3 requests under way");
      const { sandbox } = ticketSandbox(ctx, answer);
      const sockets = stubSockets(ctx, (socket, index) => (index < 2 ? refuse(socket) : accept(socket)));
      const starts = Array.from({ length: 5 }, () => kind.start(sandbox));
      const ends = await time.run(Promise.allSettled(starts));
      assert.deepEqual(
        ends.map(({ status, reason }) => reason?.code ?? status),
        ["too_many_streams", "too_many_streams", "fulfilled", "fulfilled", "fulfilled"],
      );
      assert.ok(ends[0].reason instanceof sdk.RateLimitError);
      assert.equal(sockets.length, 5, "dials");
    });

    test(`${kind.name}: a ticket about to expire is renewed before the dial`, async (ctx) => {
      const { assert } = ctx;
      const time = virtualTime(ctx);
      const ticket = ticketOf({ exp: Math.floor(Date.now() / 1000) + 60 });
      const { sandbox } = ticketSandbox(ctx, upgradeRequired, { ticket, refreshTicket: () => NEXT });
      const sockets = stubSockets(ctx, renewedOnly);
      await time.advance(55_000);
      const session = await time.run(kind.start(sandbox));
      assert.deepEqual(sockets.map(offered), [`ticket.${NEXT}`]);
      kind.finish(sockets[0]);
      await time.run(session.wait());
    });

    test(`${kind.name}: a dial that fails twice for no known reason`, async (ctx) => {
      const { sdk, assert } = ctx;
      const { sandbox, calls } = ticketSandbox(ctx, upgradeRequired);
      const sockets = stubSockets(ctx, refuse);
      const error = await assert.rejects(kind.start(sandbox), sdk.SandboxError);
      assert.equal(error.code, "network_error");
      assert.match(error.message, /no WebSocket reaches it/);
      assert.deepEqual([sockets.length, calls.length], [2, 2]);
    });

    test(`${kind.name}: no error shows the ticket`, async (ctx) => {
      const { sdk, assert } = ctx;
      const { sandbox, ticket } = ticketSandbox(ctx, upgradeRequired);
      const sockets = stubSockets(ctx);
      const session = await kind.start(sandbox);
      sockets[0].end(4000, `ticket.${ticket}`.slice(0, 120));
      const error = await assert.rejects(session.wait(), sdk.SandboxError);
      assert.excludes(`${error.message}${JSON.stringify(error)}`, ticket);
    });
  }
}
