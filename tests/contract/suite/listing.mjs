// Lists that are iterated page by page.

import { ID, KEY, failure, json, wireSandbox } from "../support/fixtures.mjs";
import { eventually, freshName, live, liveSandbox } from "../support/live.mjs";
import { stubFetch, stubbedSandbox } from "../support/stub-fetch.mjs";
import { SECRET_NAME, wireSecret } from "../support/secrets.mjs";
import { wireTemplate } from "../support/templates.mjs";

const connection = { apiKey: KEY, baseUrl: "http://localhost:9" };
const TS = "2026-08-01T12:00:00Z";

/** An id of its own for each number. */
const idOf = (number) => `${ID.slice(0, -6)}${`${number}`.padStart(6, "0")}`;

/** @param {AsyncIterable<any>} list */
async function all(list) {
  const items = [];
  for await (const item of list) items.push(item);
  return items;
}

/** A service with a list that is read by offsets. `list` may change; `tells` says whether it tells how long that is. */
function byOffset(ctx, list, { tells = true, made = (number) => wireSandbox({ id: idOf(number) }) } = {}) {
  return stubFetch(ctx, ({ url }) => {
    const { searchParams } = new URL(url);
    const [limit, offset] = ["limit", "offset"].map((name) => Number(searchParams.get(name) ?? 0));
    const page = list.slice(offset, offset + limit).map(made);
    return json(200, page, tells ? { "x-total-count": `${list.length}` } : {});
  });
}

const offsets = (calls) => calls.map(({ url }) => Number(new URL(url).searchParams.get("offset") ?? 0));
const numbers = (length) => Array.from({ length }, (_, number) => number);

/** The events of a log, newest first, by a cursor that is a date. */
function networkLog(ctx, length) {
  const at = (number) => new Date(Date.UTC(2026, 7, 1) - number * 1000).toISOString();
  return (call) => {
    const { searchParams } = new URL(call.url);
    const before = searchParams.get("before");
    const rest = numbers(length).filter((number) => !before || at(number) < before);
    const data = rest.slice(0, Number(searchParams.get("limit")));
    const last = data.length < rest.length ? at(data[data.length - 1]) : undefined;
    return json(200, {
      data: data.map((number) => ({ kind: "connection", id: number, ts: at(number) })),
      next_cursor: last,
      has_more: last !== undefined,
    });
  };
}

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("every item once, in order, whatever the length", async (ctx) => {
    const { sdk, assert } = ctx;
    for (const tells of [true, false]) {
      for (const length of [0, 1, 2, 3, 4, 5, 9, 10, 11]) {
        byOffset(ctx, numbers(length), { tells });
        const items = await all(sdk.Sandbox.iterate({ ...connection, pageSize: 3 }));
        assert.deepEqual(
          items.map(({ id }) => id),
          numbers(length).map(idOf),
        );
      }
    }
  });

  test("what it asks for", async (ctx) => {
    const { sdk, assert } = ctx;
    const calls = byOffset(ctx, numbers(250));
    const options = {
      metadata: { a: "b" },
      status: ["active", "paused"],
      sort: "name",
      order: "asc",
      q: "x",
    };
    const [first] = await all(sdk.Sandbox.iterate({ ...connection, ...options }));
    assert.ok(first.createdAt instanceof Date, "items are those of the list");
    assert.deepEqual(offsets(calls), [0, 99, 198], "each page begins with the end of the one before");
    for (const call of calls) {
      const { pathname, searchParams } = new URL(call.url);
      assert.equal(pathname, "/sandboxes");
      assert.equal(searchParams.get("limit"), "100");
      assert.equal(searchParams.get("metadata.a"), "b");
      assert.deepEqual(searchParams.getAll("status"), ["active", "paused"]);
      assert.deepEqual(
        ["sort", "order", "q"].map((name) => searchParams.get(name)),
        ["name", "asc", "x"],
      );
      assert.equal(call.headers["x-api-key"], KEY);
    }
    calls.length = 0;
    await all(sdk.Sandbox.iterate({ ...connection, pageSize: 1000 }));
    assert.equal(calls.length, 1, "a list that fits into a page is one request");
  });

  test("templates", async (ctx) => {
    const { sdk, assert } = ctx;
    const calls = byOffset(ctx, numbers(7), { made: (number) => wireTemplate({ id: idOf(number) }) });
    const items = await all(
      sdk.Template.iterate({ ...connection, namePrefix: "a", owner: "team", pageSize: 4 }),
    );
    assert.deepEqual(
      items.map(({ id }) => id),
      numbers(7).map(idOf),
    );
    const { pathname, searchParams } = new URL(calls[0].url);
    assert.deepEqual(
      [pathname, searchParams.get("name_prefix"), searchParams.get("owner")],
      ["/templates", "a", "team"],
    );
  });

  test("a list that shifts loses nothing that stays, and tells nothing twice", async (ctx) => {
    const { sdk, assert } = ctx;
    for (const tells of [true, false]) {
      for (let seed = 0; seed < 60; seed++) {
        const list = numbers(30);
        const gone = new Set();
        let next = 100;
        byOffset(ctx, list, { tells });
        const seen = [];
        for await (const { id } of sdk.Sandbox.iterate({ ...connection, pageSize: 2 + (seed % 5) })) {
          seen.push(id);
          // Now and then some go away, and others come.
          if (seen.length % 4 !== seed % 4) continue;
          const at = (seed * 7 + seen.length * 3) % list.length;
          if (seed % 2) for (const one of list.splice(at, 1 + (seed % 3))) gone.add(one);
          if (seed % 3) list.splice((at * 5) % (list.length + 1), 0, next++);
          if (list.length === 0) break;
        }
        assert.equal(new Set(seen).size, seen.length, `${seed}: nothing twice`);
        for (const one of numbers(30)) {
          if (!gone.has(one)) assert.ok(seen.includes(idOf(one)), `${seed}: ${one} of ${seen.length}`);
        }
      }
    }
  });

  test("a page is asked for when it is needed, and leaving the loop ends it", async (ctx) => {
    const { sdk, assert } = ctx;
    const calls = byOffset(ctx, numbers(10));
    const list = sdk.Sandbox.iterate({ ...connection, pageSize: 4 });
    assert.equal(calls.length, 0, "none before the first item");
    let count = 0;
    for await (const _ of list) {
      count += 1;
      assert.equal(calls.length, count <= 4 ? 1 : 2, `requests at item ${count}`);
      if (count === 5) break;
    }
    assert.equal(calls.length, 2);
    assert.equal((await all(list)).length, 10, "each iteration starts anew");
    const two = await Promise.all([all(list), all(list)]);
    assert.deepEqual(two[0], two[1], "two at once");
  });

  test("total: as the newest page says, or by a request of its own", async (ctx) => {
    const { sdk, assert } = ctx;
    const ids = numbers(10);
    const calls = byOffset(ctx, ids);
    const list = sdk.Sandbox.iterate({ ...connection, q: "x", pageSize: 4 });
    assert.equal(await list.total(), 10);
    assert.equal(new URL(calls[0].url).searchParams.get("limit"), "1");
    assert.equal(new URL(calls[0].url).searchParams.get("q"), "x");
    assert.equal(await list.total(), 10);
    assert.equal(calls.length, 1, "asked once");
    assert.equal((await all(list)).length, 10, "whose limit is no page's");
    ids.push(11);
    await all(list);
    assert.equal(await list.total(), 11);
    for (const value of [undefined, "", "many", "-1"]) {
      stubFetch(ctx, () => json(200, [], value === undefined ? {} : { "x-total-count": value }));
      const none = sdk.Sandbox.iterate(connection);
      assert.equal(await none.total(), undefined, assert.show(value));
      assert.deepEqual(await all(none), []);
    }
  });

  test("a page that fails rejects the iteration, with what it says", async (ctx) => {
    const { sdk, assert } = ctx;
    let left = 1;
    stubFetch(ctx, () => {
      left -= 1;
      if (left < 0) return failure(403, "forbidden", "no more for you");
      return json(
        200,
        numbers(3).map((number) => wireSandbox({ id: idOf(number) })),
        { "x-total-count": "9" },
      );
    });
    const iterator = sdk.Sandbox.iterate({ ...connection, pageSize: 3 })[Symbol.asyncIterator]();
    for (const number of numbers(3)) assert.equal((await iterator.next()).value.id, idOf(number));
    const error = await assert.rejects(iterator.next(), sdk.AuthenticationError);
    assert.deepEqual([error.operation, error.code, error.statusCode], ["Sandbox.iterate", "forbidden", 403]);
    assert.deepEqual(await iterator.next(), { value: undefined, done: true });
    await assert.rejects(sdk.Sandbox.iterate(connection).total(), sdk.AuthenticationError);
  });

  test("options that are wrong reject the iteration, before any request", async (ctx) => {
    const { sdk, assert } = ctx;
    const calls = stubFetch(ctx, () => json(200, []));
    for (const options of [
      { pageSize: 1 },
      { pageSize: 1001 },
      { pageSize: "9" },
      { status: 7 },
      { q: 1 },
      7,
    ]) {
      const list = sdk.Sandbox.iterate(typeof options === "object" ? { ...connection, ...options } : options);
      const error = await assert.rejects(all(list), sdk.ValidationError, assert.show(options));
      assert.equal(error.operation, "Sandbox.iterate");
    }
    assert.equal(calls.length, 0, "requests");
  });

  test("a signal ends it: before, in a page, and between its items", async (ctx) => {
    const { sdk, assert } = ctx;
    const reason = new Error("enough");
    const calls = byOffset(ctx, numbers(10));
    const aborted = sdk.Sandbox.iterate({ ...connection, signal: AbortSignal.abort(reason) });
    assert.equal((await assert.rejects(all(aborted), sdk.SandboxError)).cause, reason);
    assert.equal(calls.length, 0, "requests");
    const controller = new AbortController();
    const { signal } = controller;
    let count = 0;
    const stopped = async () => {
      for await (const _ of sdk.Sandbox.iterate({ ...connection, signal, pageSize: 5 })) {
        if (++count === 2) controller.abort(reason);
      }
    };
    assert.equal((await assert.rejects(stopped(), sdk.SandboxError)).cause, reason);
    assert.equal(count, 2, "items");
    assert.equal(calls.length, 1, "requests");
  });

  test("a network log, by its cursor", async (ctx) => {
    const { assert } = ctx;
    for (const length of [0, 1, 4, 5, 8, 11]) {
      const { sandbox, calls } = await stubbedSandbox(ctx, networkLog(ctx, length));
      const list = sandbox.iterateNetworkLog({ verdict: "allowed", pageSize: 4 });
      const items = await all(list);
      assert.deepEqual(
        items.map(({ id }) => id),
        numbers(length),
      );
      assert.equal(calls.length, Math.max(1, Math.ceil(length / 4)), "requests");
      for (const { url } of calls) assert.equal(new URL(url).searchParams.get("verdict"), "allowed");
      calls.length = 0;
      assert.equal(await list.total(), undefined, "nobody says");
      assert.equal(calls.length, 0);
    }
  });

  test("an audit log, by the id of its last event", async (ctx) => {
    const { sdk, assert } = ctx;
    const events = numbers(9).map((number) => ({ id: 100 - number, ts: TS }));
    const calls = stubFetch(ctx, ({ url }) => {
      const { pathname, searchParams } = new URL(url);
      if (!pathname.endsWith("/audit")) return json(200, wireSecret());
      const before = Number(searchParams.get("before") ?? 1000);
      return json(200, events.filter(({ id }) => id < before).slice(0, Number(searchParams.get("limit"))));
    });
    const secret = await sdk.Secret.get(SECRET_NAME, connection);
    const items = await all(secret.iterateAudit({ status: "2xx", pageSize: 4 }));
    assert.deepEqual(
      items.map(({ id }) => id),
      events.map(({ id }) => id),
    );
    const queries = calls.slice(1).map(({ url }) => new URL(url).searchParams);
    assert.deepEqual(
      queries.map((query) => query.get("before")),
      [null, "97", "93", "92"],
    );
    for (const query of queries) assert.equal(query.get("status"), "2xx");
    const later = await all(secret.iterateAudit({ before: 94 }));
    assert.equal(later[0].id, 93, "from an event of the caller's on");
  });

  test("a cursor that does not move ends it with an error", async (ctx) => {
    const { sdk, assert } = ctx;
    for (const next_cursor of ["2026-08-01T12:00:00Z", undefined]) {
      const page = { data: [{ kind: "request", id: 1, ts: TS }], next_cursor, has_more: true };
      const { sandbox, calls } = await stubbedSandbox(ctx, () => json(200, page));
      const error = await assert.rejects(all(sandbox.iterateNetworkLog()), sdk.SandboxError);
      assert.deepEqual([error.code, error.operation], ["invalid_response", "Sandbox.iterateNetworkLog"]);
      assert.equal(calls.length, next_cursor ? 2 : 1, "requests");
    }
    stubFetch(ctx, ({ url }) => json(200, url.includes("/audit") ? [{ id: 5, ts: TS }] : wireSecret()));
    const secret = await sdk.Secret.get(SECRET_NAME, connection);
    await assert.rejects(all(secret.iterateAudit()), sdk.SandboxError);
  });

  test("an object that is none of ours", async (ctx) => {
    const { sdk, assert } = ctx;
    const iterate = sdk.Sandbox.prototype.iterateNetworkLog;
    const error = await assert.rejects(all(iterate.call({})));
    // Of the realm that the package runs in.
    assert.equal(error.name, "TypeError");
  });

  test("on the local server", { timeoutMs: 30_000 }, async (ctx) => {
    const { sdk, assert } = ctx;
    const tag = freshName();
    const made = [];
    for (const _ of numbers(5)) made.push(await liveSandbox(ctx, { metadata: { tag } }));
    const list = sdk.Sandbox.iterate({ ...live(ctx), metadata: { tag }, pageSize: 2 });
    const ids = new Set((await all(list)).map(({ id }) => id));
    assert.deepEqual([...ids].sort(), made.map(({ id }) => id).sort());
    if (!ctx.runtime.browser) assert.equal(await list.total(), 5);
    let count = 0;
    for await (const { id } of list) {
      count += 1;
      await sdk.Sandbox.killById(id, live(ctx));
    }
    assert.equal(count, 5, "though each is deleted as it comes");
    await eventually(async () => (await all(list)).length === 0, "all are gone");
    const templates = await all(sdk.Template.iterate(live(ctx)));
    assert.ok(templates.some(({ name }) => name === "superserve/base"));
  });
}
