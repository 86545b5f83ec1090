// Snapshots: taken, waited for, listed, renamed, deleted, and made into sandboxes.

import { ID, KEY, failure, json, noContent, wireSandbox } from "../support/fixtures.mjs";
import { instanceCalls } from "../support/instance-calls.mjs";
import { freshName, live, liveSandbox } from "../support/live.mjs";
import { SNAPSHOT_ID, wireSnapshot } from "../support/snapshots.mjs";
import { hang, stubFetch, stubbedSandbox } from "../support/stub-fetch.mjs";
import { ticketIn, ticketOf, ticketSandbox } from "../support/tickets.mjs";
import { settle, virtualTime } from "../support/virtual-time.mjs";

const WAIT_MS = 900_000;
const connection = { apiKey: KEY, baseUrl: "http://localhost:9" };
const creating = () => wireSnapshot({ status: "creating", size_bytes: 0, ready_at: undefined });
const isTake = ({ method, url }) => method === "POST" && url.endsWith(`/sandboxes/${ID}/snapshot`);
const isDelete = ({ method }) => method === "DELETE";
const gone = () => failure(404, "not_found", "no such snapshot");

/** A service whose snapshot is in `states`, one after the other from look to look. */
function taking(...states) {
  let looks = 0;
  return (call) => {
    if (isTake(call)) return json(202, creating());
    if (isDelete(call)) return noContent();
    const status = states[Math.min(looks++, states.length - 1)];
    if (status === "gone") return gone();
    return json(200, status === "ready" ? wireSnapshot() : { ...creating(), status });
  };
}

/** A snapshot over a stub, and the calls after it was found. */
async function found(ctx, handler) {
  stubFetch(ctx, () => json(200, wireSnapshot()));
  const snapshot = await ctx.sdk.Snapshot.get(SNAPSHOT_ID, connection);
  return { snapshot, calls: stubFetch(ctx, handler) };
}

/** What a promise comes to, and how long that takes. */
async function outcome(time, promise) {
  const before = time.elapsed();
  const [{ value, reason }] = await time.run(Promise.allSettled([promise]));
  return { value, error: reason, ms: time.elapsed() - before };
}

const METHODS = [
  ["getInfo", () => json(200, wireSnapshot()), (snapshot, options) => snapshot.getInfo(options)],
  ["rename", () => json(200, wireSnapshot()), (snapshot, options) => snapshot.rename("other", options)],
  ["delete", noContent, (snapshot, options) => snapshot.delete(options)],
];

/** @type {import("../support/types.d.ts").Define} */
export default function (suite) {
  const { test } = suite;
  instanceCalls(suite, {
    methods: METHODS,
    once: ["rename"],
    gone: ["delete"],
    async stubbed(ctx, handler) {
      const { snapshot, calls } = await found(ctx, handler);
      return { target: snapshot, calls };
    },
  });

  test("what is asked for, and what comes of it", async (ctx) => {
    const { sdk, assert } = ctx;
    const { sandbox, calls } = await stubbedSandbox(ctx, () => json(201, wireSnapshot({ later: 1 })));
    const snapshot = await sandbox.snapshot({ name: "installed", kind: "mem+fs", idempotencyKey: "my-key" });
    assert.deepEqual(calls[0].json, { kind: "mem+fs", idempotency_key: "my-key", name: "installed" });
    assert.ok(snapshot instanceof sdk.Snapshot);
    assert.deepEqual(
      { ...snapshot },
      {
        id: SNAPSHOT_ID,
        sandboxId: ID,
        templateId: "8d0c2f0e-6a0b-4f6e-9b44-5f1f4f6d9a01",
        kind: "mem+fs",
        status: "ready",
        name: "fixture",
        sizeBytes: 1_048_576,
        resources: { vcpuCount: 2, memoryMib: 1024, diskMib: 4096 },
        createdAt: new Date("2026-09-01T12:00:00Z"),
        readyAt: new Date("2026-09-01T12:00:01Z"),
      },
    );
    assert.equal(calls.length, 1, "one that is ready at once is not looked at");
  });

  test("a key is made for each snapshot, and is the same in each try", async (ctx) => {
    const { assert } = ctx;
    const time = virtualTime(ctx);
    const { crypto } = globalThis;
    const own = Object.getOwnPropertyDescriptor(globalThis, "crypto");
    ctx.defer(() => own && Object.defineProperty(globalThis, "crypto", own));
    const keys = [];
    // Some runtimes hold it fast.
    const places = own?.configurable === false ? [crypto] : [crypto, {}, undefined];
    for (const place of places) {
      if (place !== crypto) Object.defineProperty(globalThis, "crypto", { value: place, configurable: true });
      const answers = [
        () => Promise.reject(new TypeError("fetch failed")),
        () => failure(503, "busy", "later"),
        () => json(200, wireSnapshot()),
      ];
      const { sandbox, calls } = await stubbedSandbox(ctx, (_, index) => answers[index]());
      assert.equal((await time.run(sandbox.snapshot())).id, SNAPSHOT_ID, "the answer was lost twice");
      const sent = calls.map(({ json }) => json);
      assert.equal(sent.length, 3, "tries");
      for (const body of sent) {
        assert.deepEqual(Object.keys(body).sort(), ["idempotency_key", "kind"]);
        assert.equal(body.idempotency_key, sent[0].idempotency_key, "of one call");
        assert.within(body.idempotency_key.length, 10, 255);
      }
      keys.push(sent[0].idempotency_key);
    }
    assert.equal(new Set(keys).size, places.length, "of each call");
  });

  test("it is waited for, two seconds apart or as asked", async (ctx) => {
    const { assert } = ctx;
    const time = virtualTime(ctx);
    for (const pollIntervalMs of [undefined, 700]) {
      const states = ["creating", "creating", "uploading", "ready"];
      const { sandbox, calls } = await stubbedSandbox(ctx, taking(...states));
      const { value, ms } = await outcome(time, sandbox.snapshot({ pollIntervalMs }));
      assert.deepEqual([value.status, value.sizeBytes], ["ready", 1_048_576]);
      assert.equal(ms, 3 * (pollIntervalMs ?? 2_000));
      assert.deepEqual(
        calls.slice(1).map(({ method, path, init }) => [method, path, init.body]),
        states.map(() => ["GET", `/snapshots/${SNAPSHOT_ID}`, undefined]),
      );
      const later = await found(ctx, taking(...states));
      const waited = await outcome(time, later.snapshot.waitUntilReady({ pollIntervalMs }));
      assert.ok(waited.value instanceof ctx.sdk.Snapshot);
      assert.deepEqual([waited.value.status, waited.ms], ["ready", ms]);
      assert.equal(later.calls.length, states.length);
    }
    assert.equal(time.pending(), 0, "timers left");
  });

  test("wait: false is done at once", async (ctx) => {
    const { assert } = ctx;
    const { sandbox, calls } = await stubbedSandbox(ctx, taking("ready"));
    const snapshot = await sandbox.snapshot({ wait: false });
    assert.equal(snapshot.status, "creating");
    assert.equal("readyAt" in snapshot, false);
    assert.equal(calls.length, 1, "requests");
    assert.equal((await snapshot.waitUntilReady()).status, "ready");
  });

  test("one that comes to nothing while it is waited for", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    for (const [end, code] of [
      ["failed", "snapshot_failed"],
      ["deleting", "snapshot_deleted"],
      ["gone", "snapshot_deleted"],
    ]) {
      const check = ({ error }) => {
        assert.isError(error, sdk.SandboxError, end);
        assert.equal(error.code, code, end);
      };
      const { sandbox } = await stubbedSandbox(ctx, taking("creating", end));
      check(await outcome(time, sandbox.snapshot()));
      const { snapshot } = await found(ctx, taking("creating", end));
      check(await outcome(time, snapshot.waitUntilReady()));
    }
    await settle();
    assert.equal(time.pending(), 0, "timers left");
  });

  test("a wait has fifteen minutes, or timeoutMs", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    assert.equal(sdk.DEFAULT_SNAPSHOT_TIMEOUT_MS, WAIT_MS);
    for (const timeoutMs of [undefined, 5_000, 2 * WAIT_MS]) {
      const { sandbox } = await stubbedSandbox(ctx, taking("creating"));
      const taken = await outcome(time, sandbox.snapshot({ timeoutMs, pollIntervalMs: 10_000 }));
      assert.isError(taken.error, sdk.TimeoutError);
      assert.equal(taken.ms, timeoutMs ?? WAIT_MS);
      const { snapshot } = await found(ctx, taking("creating"));
      const waited = await outcome(time, snapshot.waitUntilReady({ timeoutMs, pollIntervalMs: 10_000 }));
      assert.isError(waited.error, sdk.TimeoutError);
      assert.equal(waited.ms, timeoutMs ?? WAIT_MS);
    }
  });

  for (const [what, end] of Object.entries({
    "is aborted": (time, controller) => controller.abort(),
    "times out": (time) => time.advance(60_000),
  })) {
    test(`a call that ${what} deletes what it has begun, unless the key is the caller's`, async (ctx) => {
      const { assert } = ctx;
      const time = virtualTime(ctx);
      for (const [idempotencyKey, wait] of [
        [undefined, true],
        [undefined, false],
        ["mine", true],
      ]) {
        const answers = [];
        const { sandbox, calls } = await stubbedSandbox(ctx, (call) =>
          isTake(call) && !wait ? new Promise((resolve) => answers.push(resolve)) : taking("creating")(call),
        );
        const controller = new AbortController();
        let error;
        const options = { idempotencyKey, wait, signal: controller.signal, timeoutMs: 60_000 };
        sandbox.snapshot(options).catch((reason) => (error = reason));
        await time.advance(10_000);
        await end(time, controller);
        await settle();
        assert.ok(error, "it has ended");
        answers[0]?.(json(202, creating()));
        await settle();
        const deleted = calls.filter(isDelete).map(({ path }) => path);
        assert.deepEqual(deleted, idempotencyKey ? [] : [`/snapshots/${SNAPSHOT_ID}`], `wait: ${wait}`);
      }
    });
  }

  test("the fixed codes keep their classes", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    for (const [status, code, Class] of [
      [429, "too_many_snapshots", sdk.RateLimitError],
      [429, "too_many_snapshots_in_flight", sdk.RateLimitError],
      [409, "snapshot_in_progress", sdk.ConflictError],
      [409, "conflict", sdk.ConflictError],
      [404, "not_found", sdk.NotFoundError],
    ]) {
      const direct = await stubbedSandbox(ctx, () => failure(status, code, "no"));
      const relayed = () => ticketSandbox(ctx, () => failure(status, code, "no"));
      for (const { sandbox } of [direct, relayed()]) {
        const { error } = await outcome(time, sandbox.snapshot());
        assert.isError(error, Class, code);
        assert.deepEqual([error.code, error.statusCode, error.operation], [code, status, "Sandbox.snapshot"]);
      }
    }
  });

  test("lists, and their bounds", async (ctx) => {
    const { sdk, assert } = ctx;
    const { sandbox, calls } = await stubbedSandbox(ctx, () => json(200, [wireSnapshot(), creating()]));
    const [ready, begun] = await sandbox.snapshots({ limit: 2, offset: 4 });
    assert.deepEqual([ready.status, begun.status], ["ready", "creating"]);
    assert.ok(ready.createdAt instanceof Date);
    await sdk.Snapshot.list(ID, { ...connection, limit: 2, offset: 4 });
    await sandbox.snapshots();
    const path = `/sandboxes/${ID}/snapshots`;
    assert.deepEqual(
      calls.map((call) => call.path),
      [`${path}?limit=2&offset=4`, `${path}?limit=2&offset=4`, path],
    );
  });

  test("a sandbox is made of an id, or of whatever has one", async (ctx) => {
    const { sdk, assert } = ctx;
    const { snapshot } = await found(ctx, gone);
    for (const fromSnapshot of [SNAPSHOT_ID, { id: SNAPSHOT_ID }, { id: SNAPSHOT_ID, name: "x" }, snapshot]) {
      const calls = stubFetch(ctx, () => json(201, wireSandbox({ source_snapshot_id: SNAPSHOT_ID })));
      const sandbox = await sdk.Sandbox.create({ name: "x", fromSnapshot, ...connection });
      assert.deepEqual(calls[0].json, { name: "x", from_snapshot: SNAPSHOT_ID });
      assert.equal(sandbox.sourceSnapshotId, SNAPSHOT_ID);
      stubFetch(ctx, () => json(200, wireSandbox({ source_snapshot_id: SNAPSHOT_ID })));
      assert.equal((await sandbox.getInfo()).sourceSnapshotId, SNAPSHOT_ID);
    }
    stubFetch(ctx, () => json(201, wireSandbox()));
    const other = await sdk.Sandbox.create({ name: "x", ...connection });
    assert.equal("sourceSnapshotId" in other, false);
  });

  test("an answer that lacks what a snapshot has", async (ctx) => {
    const { sdk, assert } = ctx;
    for (const name of ["id", "sandbox_id", "status", "created_at"]) {
      stubFetch(ctx, () => json(200, wireSnapshot({ [name]: undefined })));
      const error = await assert.rejects(sdk.Snapshot.get(SNAPSHOT_ID, connection), sdk.SandboxError, name);
      assert.equal(error.code, "invalid_response");
      assert.match(error.message, new RegExp(name));
    }
    stubFetch(ctx, () =>
      json(200, { id: "a", sandbox_id: "b", status: "new", created_at: "2026-09-01T12:00:00Z" }),
    );
    const least = await sdk.Snapshot.get("a", connection);
    assert.deepEqual([least.kind, least.sizeBytes, least.resources], ["", 0, {}]);
  });

  test("through a relay: taken, waited for by the list of the sandbox, listed", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    let looks = 0;
    const NEXT = ticketOf({}, "next");
    const other = wireSnapshot({ id: "00000000-0000-4000-8000-000000000000" });
    const handler = (call) => {
      if (isTake(call)) return json(200, creating());
      looks += 1;
      // The ticket runs out in the middle of the wait.
      if (ticketIn(call) !== NEXT && looks > 2) return failure(401, "ticket_expired", "expired");
      return json(200, [other, looks < 6 ? creating() : wireSnapshot()]);
    };
    const refreshTicket = () => NEXT;
    const { sandbox, calls } = ticketSandbox(ctx, handler, { refreshTicket });
    const { value: snapshot, ms } = await outcome(time, sandbox.snapshot());
    assert.ok(snapshot instanceof sdk.Snapshot);
    assert.deepEqual([snapshot.id, snapshot.status], [SNAPSHOT_ID, "ready"]);
    assert.within(ms, 8_000, 10_000);
    for (const { path } of calls.slice(1)) {
      assert.equal(path, `/api/sandbox/sandboxes/${ID}/snapshots?limit=100`);
    }
    looks = 0;
    const again = await outcome(time, snapshot.waitUntilReady());
    assert.equal(again.value.status, "ready");
    const [last] = calls.slice(-1);
    assert.equal(last.path, `/api/sandbox/sandboxes/${ID}/snapshots?limit=100`);
    assert.equal(ticketIn(last), NEXT, "the snapshot's own looks carry the sandbox's ticket");
    assert.equal((await sandbox.snapshots()).length, 2);

    stubFetch(ctx, () => json(200, [other]));
    const error = await assert.rejects(snapshot.waitUntilReady(), sdk.SandboxError);
    assert.equal(error.code, "snapshot_deleted", "one that the list lacks");
  });

  test("through a relay: nothing that reaches a snapshot by its id", async (ctx) => {
    const { sdk, assert } = ctx;
    const { sandbox } = ticketSandbox(ctx, () => json(200, wireSnapshot()));
    const snapshot = await sandbox.snapshot();
    const calls = stubFetch(ctx, () => json(200, wireSnapshot()));
    for (const [name, , call] of METHODS) {
      const error = await assert.rejects(call(snapshot), sdk.AuthenticationError, name);
      assert.deepEqual([error.code, error.statusCode], ["not_allowed", 403], name);
    }
    const { sandbox: other } = ticketSandbox(ctx, gone, {
      ticket: ticketOf({ allow: ["lifecycle", "info"] }),
    });
    for (const call of [() => other.snapshot(), () => other.snapshots()]) {
      assert.equal((await assert.rejects(call, sdk.AuthenticationError)).code, "not_allowed");
    }
    assert.equal(calls.length, 0, "requests");
  });

  test("through a relay: a call that is aborted deletes nothing", async (ctx) => {
    const { sdk, assert } = ctx;
    const { sandbox, calls } = ticketSandbox(ctx, (call) =>
      isTake(call) ? json(200, creating()) : hang(call),
    );
    const controller = new AbortController();
    const taken = sandbox.snapshot({ signal: controller.signal });
    taken.catch(() => {});
    await settle();
    controller.abort();
    await assert.rejects(taken, sdk.SandboxError);
    await settle();
    assert.deepEqual(calls.filter(isDelete), []);
  });

  test("on the local server", { timeoutMs: 60_000 }, async (ctx) => {
    const { sdk, assert } = ctx;
    const { Sandbox, Snapshot } = sdk;
    const here = live(ctx);
    const sandbox = await liveSandbox(ctx);
    await sandbox.files.write("/home/user/kept.txt", "kept");
    const snapshot = await sandbox.snapshot({ name: "first" });
    ctx.defer(() => Snapshot.deleteById(snapshot.id, here));
    assert.deepEqual([snapshot.status, snapshot.name, snapshot.sandboxId], ["ready", "first", sandbox.id]);
    assert.ok(snapshot.readyAt instanceof Date);
    assert.ok(snapshot.sizeBytes > 0, "sizeBytes");
    await sandbox.files.write("/home/user/kept.txt", "changed");

    const copy = await Sandbox.create({ ...here, name: freshName(), fromSnapshot: snapshot });
    ctx.defer(() => copy.kill());
    assert.equal(copy.sourceSnapshotId, snapshot.id);
    assert.equal((await copy.getInfo()).sourceSnapshotId, snapshot.id);
    assert.equal(await copy.files.readText("/home/user/kept.txt"), "kept");

    const renamed = await snapshot.rename("second");
    assert.ok(renamed instanceof Snapshot);
    assert.equal(renamed.name, "second");
    assert.equal((await snapshot.getInfo()).name, "second");
    assert.equal((await Snapshot.get(snapshot.id, here)).name, "second");

    const key = freshName();
    const [one, two] = [
      await sandbox.snapshot({ idempotencyKey: key }),
      await sandbox.snapshot({ idempotencyKey: key }),
    ];
    assert.equal(one.id, two.id, "one snapshot for one key");
    const ids = (await sandbox.snapshots()).map(({ id }) => id);
    assert.deepEqual(ids, [one.id, snapshot.id], "newest first");
    assert.deepEqual(
      (await sandbox.snapshots({ limit: 1, offset: 1 })).map(({ id }) => id),
      [snapshot.id],
    );
    await one.delete();
    await one.delete();

    await sandbox.kill();
    assert.deepEqual(
      (await Snapshot.list(sandbox.id, here)).map(({ id }) => id),
      [snapshot.id],
      "it outlives its sandbox",
    );
    await Snapshot.deleteById(snapshot.id, here);
    await Snapshot.deleteById(snapshot.id, here);
    await assert.rejects(snapshot.getInfo(), sdk.NotFoundError);
    await assert.rejects(Snapshot.get(snapshot.id, here), sdk.NotFoundError);
  });
}
