// One sandbox for some tags, whoever asks for it.

import { ID, KEY, failure, json, noContent, result, wireSandbox } from "../support/fixtures.mjs";
import { eventually, freshName, live } from "../support/live.mjs";
import { hang, stubFetch } from "../support/stub-fetch.mjs";
import { settle, virtualTime } from "../support/virtual-time.mjs";

const connection = { apiKey: KEY, baseUrl: "http://localhost:9" };
const match = { user: "u-17" };
const idOf = (number) => `${ID.slice(0, -6)}${`${number}`.padStart(6, "0")}`;
const at = (seconds) => new Date(Date.UTC(2026, 7, 1) + seconds * 1000).toISOString();

/**
 * A service with sandboxes, of which each has the tags. `before(call)` may answer in its place, and wait. `calls` are its
 * requests, as `METHOD path`.
 */
function serviceOf(ctx, sandboxes = [], before = () => undefined) {
  const all = sandboxes.map((fields, number) =>
    wireSandbox({ id: idOf(number), metadata: match, access_token: undefined, ...fields }),
  );
  const calls = [];
  let seconds = 1000;
  stubFetch(ctx, async (call) => {
    const { pathname } = new URL(call.url);
    calls.push(`${call.method} ${pathname}`);
    const answer = await before(call, all);
    if (answer) return answer;
    const [, , id, verb] = pathname.split("/");
    if (!id && call.method === "POST") {
      const made = wireSandbox({ ...call.json, id: idOf(50 + all.length), created_at: at(seconds++) });
      all.push(made);
      return json(201, made);
    }
    if (!id) return json(200, [...all].reverse());
    const one = all.find((sandbox) => sandbox.id === id);
    if (!one) return failure(404, "not_found", "no such sandbox");
    if (call.method === "DELETE") {
      all.splice(all.indexOf(one), 1);
      return noContent();
    }
    if (verb === "activate") {
      if (one.status === "starting") return failure(409, "conflict", "it is starting");
      if (one.status === "failed") return failure(409, "conflict", "it failed");
      one.status = "active";
    }
    return json(200, { ...one, access_token: `token-of-${id}` });
  });
  return { all, calls };
}

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("one that has the tags is taken, and woken", async (ctx) => {
    const { sdk, assert } = ctx;
    for (const status of ["active", "paused"]) {
      const { calls } = serviceOf(ctx, [{ status, created_at: at(0) }]);
      const sandbox = await sdk.Sandbox.getOrCreate({ ...connection, match });
      assert.ok(sandbox instanceof sdk.Sandbox);
      assert.deepEqual([sandbox.id, sandbox.status], [idOf(0), "active"]);
      assert.deepEqual(calls, ["GET /sandboxes", `POST /sandboxes/${idOf(0)}/activate`]);
    }
  });

  test("it is looked for by its tags, the newest first", async (ctx) => {
    const { sdk, assert } = ctx;
    let asked;
    serviceOf(ctx, [{ created_at: at(0) }], ({ url, method }) => {
      if (method === "GET") asked = new URL(url).searchParams;
    });
    await sdk.Sandbox.getOrCreate({
      ...connection,
      match: { a: "1", b: "ü" },
      name: "x",
      metadata: { c: "3" },
    });
    assert.deepEqual(Object.fromEntries(asked), {
      "metadata.a": "1",
      "metadata.b": "ü",
      sort: "created_at",
      order: "desc",
    });
  });

  test("the newest is taken, and none that failed or was deleted", async (ctx) => {
    const { sdk, assert } = ctx;
    serviceOf(ctx, [
      { created_at: at(0) },
      { created_at: at(300), status: "paused" },
      { created_at: at(600), status: "failed" },
      { created_at: at(900), status: "deleted" },
    ]);
    assert.equal((await sdk.Sandbox.getOrCreate({ ...connection, match })).id, idOf(1));
  });

  test("of those that were created at once, the oldest", async (ctx) => {
    const { sdk, assert } = ctx;
    serviceOf(
      ctx,
      [0, 500, 510, 539].map((seconds) => ({ created_at: at(seconds) })),
    );
    assert.equal((await sdk.Sandbox.getOrCreate({ ...connection, match })).id, idOf(1));
  });

  test("there is none: a new one, which has the tags", async (ctx) => {
    const { sdk, assert } = ctx;
    let made;
    const { all, calls } = serviceOf(ctx, [], (call) => {
      if (call.method === "POST") made = call.json;
    });
    const options = { match, name: "mine", metadata: { user: "other", team: "x" }, timeoutSeconds: 60 };
    const sandbox = await sdk.Sandbox.getOrCreate({ ...connection, ...options });
    assert.deepEqual(made, { name: "mine", timeout_seconds: 60, metadata: { user: "u-17", team: "x" } });
    assert.deepEqual(calls, ["GET /sandboxes", "POST /sandboxes", "GET /sandboxes"]);
    assert.equal(sandbox.id, all[0].id);
    serviceOf(ctx, []);
    const nameless = await sdk.Sandbox.getOrCreate({ ...connection, match });
    assert.ok(nameless.name.length > 0, "a name is made up");
    assert.deepEqual(nameless.metadata, match);
  });

  test("what is wrong is refused before any request", async (ctx) => {
    const { sdk, assert } = ctx;
    const calls = stubFetch(ctx, () => json(200, []));
    for (const options of [
      {},
      { match: {} },
      { match: { a: undefined } },
      { match: { a: 1 } },
      { match: "a" },
      { match, timeoutSeconds: "x" },
      { match, metadata: { a: 1 } },
    ]) {
      const error = await assert.rejects(
        sdk.Sandbox.getOrCreate({ ...connection, ...options }),
        sdk.ValidationError,
        assert.show(options),
      );
      assert.equal(error.operation, "Sandbox.getOrCreate");
    }
    await assert.rejects(sdk.Sandbox.getOrCreate(), sdk.ValidationError);
    assert.equal(calls.length, 0, "requests");
  });

  test("callers at once end with one sandbox, whatever the order", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    for (let seed = 1; seed <= 40; seed++) {
      let state = seed;
      const delay = () => (state = (state * 48_271) % 2_147_483_647) % 400;
      const { all } = serviceOf(ctx, [], () => new Promise((resolve) => setTimeout(resolve, delay())));
      const callers = numbers(2 + (seed % 4)).map(() => sdk.Sandbox.getOrCreate({ ...connection, match }));
      const sandboxes = await time.run(Promise.all(callers));
      await time.advance(1000);
      assert.equal(new Set(sandboxes.map(({ id }) => id)).size, 1, `seed ${seed}: all have the same`);
      assert.deepEqual(
        all.map(({ id }) => id),
        [sandboxes[0].id],
        `seed ${seed}: there is no other`,
      );
    }
  });

  test("another caller's that is starting is waited for", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    const { all, calls } = serviceOf(ctx, [{ created_at: at(0), status: "starting" }]);
    setTimeout(() => (all[0].status = "active"), 3000);
    const sandbox = await time.run(sdk.Sandbox.getOrCreate({ ...connection, match }));
    assert.equal(sandbox.id, idOf(0));
    assert.equal(calls.includes("POST /sandboxes"), false, "none is created");
    assert.within(time.elapsed(), 3000, 3300);
  });

  test("one that starts without end, or is gone, is passed over", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    const { calls } = serviceOf(ctx, [{ created_at: at(0), status: "starting" }]);
    const made = await time.run(sdk.Sandbox.getOrCreate({ ...connection, match }));
    assert.equal(calls.filter((call) => call === "POST /sandboxes").length, 1);
    assert.notEqual(made.id, idOf(0));
    assert.within(time.elapsed(), 29_000, 33_000);
    for (const status of [404, 409]) {
      // The list is behind.
      const { all } = serviceOf(ctx, [{ created_at: at(0) }, { created_at: at(300) }], ({ url }) =>
        url.includes(`${idOf(1)}/activate`) ? failure(status, "c", "gone") : undefined,
      );
      all[1].status = "paused";
      const sandbox = await time.run(sdk.Sandbox.getOrCreate({ ...connection, match }));
      assert.equal(sandbox.id, idOf(0), `${status}`);
    }
  });

  test("all that are found are gone: not for ever", async (ctx) => {
    const { sdk, assert } = ctx;
    const many = numbers(30).map((number) => ({ created_at: at(number * 100) }));
    const { calls } = serviceOf(ctx, many, ({ url }) =>
      url.endsWith("/activate") ? failure(404, "not_found", "gone") : undefined,
    );
    await assert.rejects(sdk.Sandbox.getOrCreate({ ...connection, match }), sdk.NotFoundError);
    assert.within(calls.length, 4, 40, "requests");
  });

  test("any other failure is the call's, and leaves none of its own", async (ctx) => {
    const { sdk, assert } = ctx;
    for (const fails of ["GET", "activate", "POST", "second GET", "another's activate"]) {
      let looks = 0;
      const { all, calls } = serviceOf(ctx, [], (call, all) => {
        const { pathname } = new URL(call.url);
        if (call.method === "GET") looks += 1;
        const isActivate = pathname.endsWith("/activate");
        const isCreate = pathname === "/sandboxes" && call.method === "POST";
        if (fails === "activate" && looks === 1) all[0] ??= wireSandbox({ id: idOf(0), created_at: at(0) });
        if (fails.startsWith("another") && looks === 2) {
          if (!all.some(({ id }) => id === idOf(0)))
            all.push(wireSandbox({ id: idOf(0), created_at: at(999) }));
        }
        const isIt =
          (fails === "GET" && looks === 1) ||
          (fails === "second GET" && looks === 2 && call.method === "GET") ||
          (fails === "POST" && isCreate) ||
          (fails.endsWith("activate") && isActivate);
        return isIt ? failure(403, "forbidden", "no") : undefined;
      });
      const error = await assert.rejects(
        sdk.Sandbox.getOrCreate({ ...connection, match }),
        sdk.AuthenticationError,
        fails,
      );
      assert.equal(error.code, "forbidden", fails);
      await eventually(() => all.every(({ id }) => id === idOf(0)), `${fails}: its own is deleted`);
      assert.equal(
        calls.filter((call) => call.startsWith("DELETE")).length,
        /second|another/.test(fails) ? 1 : 0,
      );
    }
  });

  test("an abort leaves none, whatever it is at", async (ctx) => {
    const { sdk, assert } = ctx;
    for (let step = 1; step <= 3; step++) {
      let count = 0;
      const controller = new AbortController();
      const reason = new Error("enough");
      const { all } = serviceOf(ctx, [], async (call) => {
        if (call.method === "DELETE") return undefined;
        count += 1;
        if (count !== step) return undefined;
        controller.abort(reason);
        // Its answer comes all the same, where it is waited for.
        return call.method === "POST" ? undefined : hang(call);
      });
      const { signal } = controller;
      const error = await assert.rejects(
        sdk.Sandbox.getOrCreate({ ...connection, match, signal }),
        sdk.SandboxError,
      );
      assert.equal(error.cause, reason, `step ${step}`);
      await settle();
      await eventually(() => all.length === 0, `step ${step}: none is left`);
    }
  });

  test("on the local server", { timeoutMs: 60_000 }, async (ctx) => {
    const { sdk, assert } = ctx;
    const tag = { contract: freshName() };
    const options = { ...live(ctx), match: tag };
    const mine = async () => sdk.Sandbox.list({ ...live(ctx), metadata: tag });
    ctx.defer(async () => {
      for (const { id } of await mine()) await sdk.Sandbox.killById(id, live(ctx));
    });
    const sandboxes = await Promise.all(numbers(4).map(() => sdk.Sandbox.getOrCreate(options)));
    const [{ id }] = sandboxes;
    assert.deepEqual(
      sandboxes.map((sandbox) => sandbox.id),
      numbers(4).map(() => id),
    );
    await eventually(async () => (await mine()).length === 1, "one is left");
    const ran = await Promise.all(sandboxes.map((sandbox) => sandbox.commands.run("echo ok")));
    assert.deepEqual(
      ran.map(({ stdout }) => stdout),
      numbers(4).map(() => result({ stdout: "ok\n" }).stdout),
    );
    await sandboxes[0].pause();
    const later = await sdk.Sandbox.getOrCreate(options);
    assert.deepEqual([later.id, later.status], [id, "active"]);
  });
}

const numbers = (length) => Array.from({ length }, (_, number) => number);
