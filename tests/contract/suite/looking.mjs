// Looking at a sandbox without waking it, and what is done by its id alone.

import {
  FRESH,
  ID,
  KEY,
  TOKEN,
  failure,
  json,
  noContent,
  result,
  wireSandbox,
} from "../support/fixtures.mjs";
import { live, liveSandbox } from "../support/live.mjs";
import { KINDS } from "../support/sessions.mjs";
import { stubSockets } from "../support/stub-socket.mjs";
import { stubFetch } from "../support/stub-fetch.mjs";

const connection = { apiKey: KEY, baseUrl: "http://localhost:9" };
const isActivate = ({ url }) => url.endsWith(`/sandboxes/${ID}/activate`);
const isGet = ({ url, method }) => method === "GET" && url.endsWith(`/sandboxes/${ID}`);

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("get looks, and makes a sandbox of what it sees", async (ctx) => {
    const { sdk, assert } = ctx;
    for (const status of ["active", "paused", "pausing", "failed", "something_new"]) {
      const calls = stubFetch(ctx, () => json(200, wireSandbox({ status, metadata: { a: "b" } })));
      const sandbox = await sdk.Sandbox.get(ID, connection);
      assert.ok(sandbox instanceof sdk.Sandbox);
      assert.deepEqual([sandbox.id, sandbox.status, sandbox.metadata.a], [ID, status, "b"]);
      assert.equal(calls.length, 1, "requests");
      assert.ok(isGet(calls[0]));
    }
  });

  test("the first call to one that is active has its token", async (ctx) => {
    const { sdk, assert } = ctx;
    const calls = stubFetch(ctx, (call) =>
      isGet(call) ? json(200, wireSandbox()) : json(200, result({ stdout: "ok" })),
    );
    const sandbox = await sdk.Sandbox.get(ID, connection);
    assert.equal((await sandbox.commands.run("x")).stdout, "ok");
    assert.equal(calls.length, 2, "requests");
    assert.equal(calls[1].headers["x-access-token"], TOKEN);
  });

  for (const [what, wire] of Object.entries({
    "is paused": { status: "paused" },
    "is paused, and has no token": { status: "paused", access_token: undefined },
    "is active, and has no token": { access_token: undefined },
    "is active, and has a token that no header takes": { access_token: "a b" },
  })) {
    test(`the first calls to one that ${what} wake it, once`, async (ctx) => {
      const { sdk, assert } = ctx;
      const calls = stubFetch(ctx, (call) => {
        if (isGet(call)) return json(200, wireSandbox(wire));
        if (isActivate(call)) return json(200, wireSandbox({ access_token: FRESH }));
        return json(200, result({ stdout: "ok" }));
      });
      const sockets = stubSockets(ctx);
      const sandbox = await sdk.Sandbox.get(ID, connection);
      const sessions = KINDS.map((kind) => kind.start(sandbox));
      await Promise.all([sandbox.commands.run("x"), sandbox.files.read("/a"), ...sessions]);
      assert.equal(calls.filter(isActivate).length, 1, "activates");
      assert.ok(isActivate(calls[1]), "it comes first");
      for (const call of calls.slice(2)) assert.equal(call.headers["x-access-token"], FRESH);
      for (const { protocols } of sockets) assert.equal(protocols[1], `token.${FRESH}`);
    });
  }

  test("a wake-up that fails is the first call's error, and nothing goes without a token", async (ctx) => {
    const { sdk, assert } = ctx;
    const calls = stubFetch(ctx, (call) =>
      isGet(call) ? json(200, wireSandbox({ status: "paused" })) : failure(402, "unpaid", "pay first"),
    );
    const sandbox = await sdk.Sandbox.get(ID, connection);
    const error = await assert.rejects(sandbox.commands.run("x"));
    assert.deepEqual(
      [error.statusCode, error.code, error.operation, error.sandboxId],
      [402, "unpaid", "Commands.run", ID],
    );
    assert.equal(calls.length, 2, "requests");
    assert.ok(isActivate(calls[1]));
  });

  test("get: there is no such sandbox", async (ctx) => {
    const { sdk, assert } = ctx;
    stubFetch(ctx, () => failure(404, "not_found", "no such sandbox"));
    const error = await assert.rejects(sdk.Sandbox.get(ID, connection), sdk.NotFoundError);
    assert.equal(error.operation, "Sandbox.get");
  });

  test("resumeById has no use for the token", async (ctx) => {
    const { sdk, assert } = ctx;
    const calls = stubFetch(ctx, () => json(200, { id: ID, status: "active" }));
    assert.equal(await sdk.Sandbox.resumeById(ID, connection), undefined);
    assert.equal(new URL(calls[0].url).pathname, `/sandboxes/${ID}/resume`);
    stubFetch(ctx, noContent);
    assert.equal(await sdk.Sandbox.resumeById(ID, connection), undefined);
  });

  test("on the local server", { timeoutMs: 30_000 }, async (ctx) => {
    const { sdk, assert } = ctx;
    const { id } = await liveSandbox(ctx);
    await sdk.Sandbox.pauseById(id, live(ctx));
    const seen = await sdk.Sandbox.get(id, live(ctx));
    assert.equal(seen.status, "paused");
    assert.equal((await seen.getInfo()).status, "paused", "looking wakes nothing");
    assert.equal((await seen.commands.run("echo awake")).stdout, "awake\n");
    assert.equal((await seen.getInfo()).status, "active");
    await sdk.Sandbox.pauseById(id, live(ctx));
    await sdk.Sandbox.resumeById(id, live(ctx));
    assert.equal((await seen.getInfo()).status, "active");
    assert.equal((await seen.commands.run("echo again")).stdout, "again\n", "with the token of before");
    const page = await sdk.Sandbox.getNetworkLog(id, { limit: 5, ...live(ctx) });
    assert.ok(Array.isArray(page.events));
    assert.equal(page.hasMore, false);
  });
}
