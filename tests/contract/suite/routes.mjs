// Stale routes and routing hints: the way to a sandbox, which its activation renews. Through a relay the service sees the
// same: there `ctx.held` makes the sandbox of a ticket, and tests/relay runs this file once more.

import { FRESH, ID, KEY, TOKEN, failure, json, result, wireSandbox } from "../support/fixtures.mjs";
import { live, liveSandbox } from "../support/live.mjs";
import { KINDS, socketSandbox } from "../support/sessions.mjs";
import { accept, refuse } from "../support/stub-socket.mjs";
import { stubFetch, stubbedSandbox } from "../support/stub-fetch.mjs";
import { virtualTime } from "../support/virtual-time.mjs";

const HEADER = "x-superserve-routing-hint";
const connection = { apiKey: KEY, baseUrl: "http://localhost:9" };

/** A hint of the service's, which ends so many seconds from now. */
const hintOf = (name, seconds = 3600) => {
  const claims = btoa(JSON.stringify({ e: Math.floor(Date.now() / 1000) + seconds, s: name }));
  return `v1.${claims.replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "")}.seal-of-${name}`;
};

const STALE = {
  404: () => failure(404, "sandbox_route_stale", "the route is stale"),
  503: () => failure(503, "sandbox_unavailable", "the sandbox is unavailable", { "retry-after": "1" }),
};

const isActivate = ({ url }) => url.endsWith(`/sandboxes/${ID}/activate`);
const isLook = ({ url, method }) => method === "GET" && url.endsWith(`/sandboxes/${ID}`);
const isData = ({ url }) => !new URL(url).pathname.startsWith("/sandboxes");
const good = ({ url }) =>
  new URL(url).pathname === "/exec" ? json(200, result({ stdout: "ok" })) : json(200, {});

const CALLS = {
  "commands.run": (sandbox) => sandbox.commands.run("x"),
  "files.read": (sandbox) => sandbox.files.read("/a"),
  "files.write": (sandbox) => sandbox.files.write("/a", "b"),
  // Too large for a relay to keep, and so to send again by itself.
  "files.write, 2 MB": (sandbox) => sandbox.files.write("/a", new Uint8Array(2_000_000)),
};

/**
 * A service whose data plane answers `stale()` until the sandbox is activated, `times` times. Its token stays as it is.
 * `calls` are the requests that it got.
 */
function serviceOf(stale, { times = 1, hint } = {}) {
  const calls = [];
  let left = times;
  const handler = (call) => {
    calls.push(call);
    if (isActivate(call)) {
      left -= 1;
      return json(200, wireSandbox({ routing_hint: hint?.() }));
    }
    if (isLook(call)) return json(200, wireSandbox());
    return left > 0 ? stale() : good(call);
  };
  return { calls, handler };
}

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  const held = (ctx, handler) =>
    ctx.held ? ctx.held(ctx, handler) : stubbedSandbox(ctx, handler).then(({ sandbox }) => sandbox);

  for (const [status, stale] of Object.entries(STALE)) {
    test(`a stale route, ${status}: one activate and one retry`, async (ctx) => {
      const { assert } = ctx;
      for (const [name, call] of Object.entries(CALLS)) {
        const time = virtualTime(ctx);
        const { calls, handler } = serviceOf(stale);
        const sandbox = await held(ctx, handler);
        await time.run(call(sandbox));
        assert.equal(calls.filter(isActivate).length, 1, `activates of ${name}`);
        assert.equal(calls.filter(isData).length, 2, `requests of ${name}`);
        assert.equal(calls.at(-1).headers["x-access-token"], TOKEN, name);
        await time.run(call(sandbox));
        assert.equal(calls.filter(isActivate).length, 1, `activates after ${name}`);
      }
    });

    test(`a stale route, ${status}, that stays so: the error, not another round`, async (ctx) => {
      const { assert } = ctx;
      for (const [name, call] of Object.entries(CALLS)) {
        // A page tries more by itself: what is read, and a file that its relay could not send again.
        if (ctx.held && name !== "commands.run") continue;
        const time = virtualTime(ctx);
        const { calls, handler } = serviceOf(stale, { times: Infinity });
        const sandbox = await held(ctx, handler);
        const error = await assert.rejects(time.run(call(sandbox)), undefined, name);
        assert.deepEqual([error.statusCode, error.code], [Number(status), (await stale().json()).error.code]);
        assert.equal(calls.filter(isActivate).length, 1, `activates of ${name}`);
      }
    });
  }

  test("calls at once share one activate of a stale route", async (ctx) => {
    const { assert } = ctx;
    for (const stale of Object.values(STALE)) {
      const time = virtualTime(ctx);
      let fresh = false;
      const calls = [];
      const handler = async (call) => {
        calls.push(call);
        const wasFresh = fresh;
        // Every answer takes its own time, so refusals come before, during and after the activate.
        const delay = isActivate(call) ? 100 : (calls.length * 37) % 250;
        await new Promise((resolve) => setTimeout(resolve, delay));
        if (isActivate(call)) fresh = true;
        if (isActivate(call) || isLook(call)) return json(200, wireSandbox());
        return wasFresh ? good(call) : stale();
      };
      const sandbox = await held(ctx, handler);
      await time.run(Promise.all(Array.from({ length: 30 }, () => sandbox.commands.run("x"))));
      assert.equal(calls.filter(isActivate).length, 1, "activates");
    }
  });

  test("any other 404 is what it says", async (ctx) => {
    const { assert, sdk } = ctx;
    for (const answer of [
      () => failure(404, "not_found", "no such file"),
      () => new Response("no such file", { status: 404 }),
      () => json(404, { error: "sandbox_route_stale" }),
    ]) {
      const { calls, handler } = serviceOf(answer, { times: Infinity });
      const sandbox = await held(ctx, handler);
      await assert.rejects(sandbox.commands.run("x"), sdk.NotFoundError);
      assert.equal(calls.filter(isActivate).length, 0, "activates");
    }
  });

  test("the hint of an activation goes along, until one without ends it", async (ctx) => {
    const { assert } = ctx;
    const hints = [hintOf("one"), hintOf("two"), undefined];
    const given = [...hints];
    let fresh = true;
    const calls = [];
    const sandbox = await held(ctx, (call) => {
      calls.push(call);
      if (isLook(call)) return json(200, wireSandbox());
      if (isActivate(call)) {
        fresh = true;
        return json(200, wireSandbox({ routing_hint: given.shift() }));
      }
      return fresh ? good(call) : STALE[404]();
    });
    for (const hint of hints) {
      fresh = false;
      await sandbox.commands.run("x");
      const expected = ctx.runtime.browser ? undefined : hint;
      assert.equal(calls.at(-1).headers[HEADER], expected, "of the repetition");
      await sandbox.files.read("/a");
      assert.equal(calls.at(-1).headers[HEADER], expected, "of the next");
    }
    for (const call of calls.filter((call) => !isData(call))) {
      assert.equal(HEADER in call.headers, false, "none to the control plane");
    }
  });

  test("to a request with a hint only one 503 is that of a sandbox that sleeps", async (ctx) => {
    const { assert, sdk } = ctx;
    // A page sends none.
    if (ctx.runtime.browser) return;
    const time = virtualTime(ctx);
    let answer = STALE[503];
    const calls = [];
    const sandbox = await held(ctx, (call) => {
      calls.push(call);
      if (isLook(call)) return json(200, wireSandbox());
      if (isActivate(call)) {
        answer = good;
        return json(200, wireSandbox({ routing_hint: hintOf("one") }));
      }
      return answer(call);
    });
    await time.run(sandbox.commands.run("x"));
    answer = () => new Response("busy", { status: 503 });
    const error = await assert.rejects(time.run(sandbox.commands.run("x")), sdk.ServerError);
    assert.equal(error.statusCode, 503);
    assert.equal(calls.filter(isActivate).length, 1, "activates");
    answer = STALE[503];
    await time.run(sandbox.commands.run("x"));
    assert.equal(calls.filter(isActivate).length, 2, "activates of one that sleeps");
  });

  test("a hint that is over: one activate for all, before they are sent", async (ctx) => {
    const { assert } = ctx;
    const time = virtualTime(ctx);
    let name = 0;
    const { calls, handler } = serviceOf(STALE[404], { hint: () => hintOf(`n${++name}`, 60) });
    const sandbox = await held(ctx, handler);
    await time.run(sandbox.commands.run("x"));
    await time.advance(58_000);
    calls.length = 0;
    await time.run(sandbox.commands.run("x"));
    assert.equal(calls.length, 1, "it is good until then");
    await time.advance(3_000);
    calls.length = 0;
    await time.run(Promise.all([1, 2, 3].map(() => sandbox.commands.run("x"))));
    assert.equal(calls.filter(isActivate).length, 1, "activates");
    assert.ok(isActivate(calls[0]), "it comes first");
    assert.equal(calls.length, 4, "requests");
  });

  test("the clock of the day ends no hint, nor does one that was over as it came", async (ctx) => {
    const { assert } = ctx;
    for (const [seconds, ms] of [
      // It ends a ticket.
      [60, ctx.held ? 0 : 86_400_000],
      [-60, 0],
      [Number.NaN, 0],
    ]) {
      const time = virtualTime(ctx);
      const { calls, handler } = serviceOf(STALE[404], { hint: () => hintOf("one", seconds) });
      const sandbox = await held(ctx, handler);
      await time.run(sandbox.commands.run("x"));
      time.setClock(ms);
      calls.length = 0;
      await time.run(sandbox.commands.run("x"));
      assert.equal(calls.length, 1, `requests, ${seconds} s`);
    }
  });

  test("what is no hint is none", async (ctx) => {
    const { assert } = ctx;
    for (const hint of ["a b", "a,b", "a\r\nX-Evil: 1", "ä", "", 7, null, {}, "x".repeat(5000)]) {
      const { calls, handler } = serviceOf(STALE[404], { hint: () => hint });
      const sandbox = await held(ctx, handler);
      await sandbox.commands.run("x");
      assert.equal(HEADER in calls.at(-1).headers, false, assert.show(hint));
    }
  });

  test("no error shows a hint", async (ctx) => {
    const { assert } = ctx;
    const [one, two] = [hintOf("one"), hintOf("two")];
    const hints = [one, two];
    let fresh = false;
    const sandbox = await held(ctx, (call) => {
      if (isActivate(call)) {
        fresh = true;
        return json(200, wireSandbox({ routing_hint: hints.shift() }));
      }
      return fresh
        ? failure(400, "bad", `no way by ${one} and ${two} and ${encodeURIComponent(two)}`)
        : STALE[404]();
    });
    await assert.rejects(sandbox.commands.run("x"));
    fresh = false;
    const error = await assert.rejects(sandbox.commands.run("x"));
    for (const hint of [one, two]) {
      assert.excludes(`${error.message}${error.stack}${JSON.stringify(error)}`, hint.slice(3, 20));
    }
  });

  for (const kind of KINDS) {
    test(`${kind.name}: the hint is one more subprotocol, and renewed after a failed dial`, async (ctx) => {
      if (ctx.held) return;
      const { assert } = ctx;
      const [one, two] = [hintOf("one"), hintOf("two")];
      const { sandbox, sockets, calls } = await socketSandbox(ctx, {
        wire: { routing_hint: one },
        socket: (socket, index) => (index === 0 ? refuse(socket) : accept(socket)),
        fetch: () => json(200, wireSandbox({ access_token: FRESH, routing_hint: two })),
      });
      await kind.start(sandbox);
      assert.deepEqual(
        sockets.map(({ protocols }) => protocols),
        [
          [kind.protocol, `token.${TOKEN}`, `route.${one}`],
          [kind.protocol, `token.${FRESH}`, `route.${two}`],
        ],
      );
      assert.equal(calls.length, 1, "requests");
    });

    test(`${kind.name}: a hint that is over is renewed before the dial`, async (ctx) => {
      if (ctx.held) return;
      const { assert } = ctx;
      const time = virtualTime(ctx);
      const two = hintOf("two", 7200);
      const { sandbox, sockets, calls } = await socketSandbox(ctx, {
        wire: { routing_hint: hintOf("one", 60) },
        fetch: () => json(200, wireSandbox({ routing_hint: two })),
      });
      await time.advance(61_000);
      await kind.start(sandbox);
      assert.equal(calls.filter(isActivate).length, 1, "activates");
      assert.deepEqual(
        sockets.map(({ protocols }) => protocols[2]),
        [`route.${two}`],
      );
    });

    test(`${kind.name}: what the service says in closing shows no hint`, async (ctx) => {
      if (ctx.held) return;
      const { assert } = ctx;
      const hint = hintOf("one");
      const { sandbox, sockets } = await socketSandbox(ctx, { wire: { routing_hint: hint } });
      const session = await kind.start(sandbox);
      sockets[0].end(1011, `lost ${hint}`);
      const error = await assert.rejects(session.wait());
      assert.excludes(error.message, hint.slice(3, 20));
    });
  }

  test("create, connect and resume bring a hint too", async (ctx) => {
    if (ctx.held || ctx.runtime.browser) return;
    const { assert, sdk } = ctx;
    const hint = hintOf("one");
    const calls = stubFetch(ctx, (call) =>
      isData(call) ? good(call) : json(200, wireSandbox({ routing_hint: hint })),
    );
    const created = await sdk.Sandbox.create({ ...connection, name: "x" });
    const connected = await sdk.Sandbox.connect(ID, connection);
    for (const sandbox of [created, connected]) {
      await sandbox.commands.run("x");
      assert.equal(calls.at(-1).headers[HEADER], hint);
    }
    const { sandbox, calls: more } = await stubbedSandbox(ctx, (call) =>
      isData(call) ? good(call) : json(200, { id: ID, access_token: FRESH, routing_hint: hint }),
    );
    await sandbox.resume();
    await sandbox.commands.run("x");
    assert.equal(more.at(-1).headers[HEADER], hint, "of a resume");
  });

  test("on the local server", { needs: "env" }, async (ctx) => {
    if (ctx.held || !ctx.routed) return;
    const { assert, sdk, routed } = ctx;
    for (const there of Object.values(routed)) {
      const sandbox = await liveSandbox({ ...ctx, ...there });
      assert.equal((await sandbox.commands.run("echo one")).stdout, "one\n");
      await sandbox.pause();
      const outputs = await Promise.all(["two", "three"].map((word) => sandbox.commands.run(`echo ${word}`)));
      assert.deepEqual(
        outputs.map(({ stdout }) => stdout),
        ["two\n", "three\n"],
      );
      await sandbox.pause();
      await sandbox.files.write("/tmp/a", "content");
      await sandbox.pause();
      const session = await sandbox.commands.spawn("cat /tmp/a");
      assert.equal((await session.wait()).stdout, "content");
      const other = await sdk.Sandbox.connect(sandbox.id, live(there));
      assert.equal(await other.files.readText("/tmp/a"), "content");
    }
  });
}
