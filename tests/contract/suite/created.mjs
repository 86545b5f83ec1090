// What a create has made after all, when its call has ended without it, is deleted.

import { ID, KEY, failure, json, noContent, wireSandbox } from "../support/fixtures.mjs";
import { BEARER, SECRET_NAME, VALUE, wireSecret } from "../support/secrets.mjs";
import { stubFetch } from "../support/stub-fetch.mjs";
import { PATHS, wireCreated } from "../support/templates.mjs";
import { settle, virtualTime } from "../support/virtual-time.mjs";

const connection = { apiKey: KEY, baseUrl: "http://localhost:9" };
const LEFTOVER_MS = 30_000;
const CLEAR_MS = 30_000;

const KINDS = [
  {
    name: "Sandbox.create",
    create: ({ Sandbox }, options) => Sandbox.create({ name: "x", ...connection, ...options }),
    made: () => json(201, wireSandbox()),
    broken: () => json(201, wireSandbox({ access_token: undefined })),
    undone: [`/sandboxes/${ID}`],
  },
  {
    name: "Template.create",
    create: ({ Template }, options) =>
      Template.create({ name: "x", from: "debian:12", ...connection, ...options }),
    made: () => json(202, wireCreated()),
    broken: () => json(202, wireCreated({ created_at: "yesterday" })),
    undone: [PATHS.build, PATHS.template],
  },
  {
    name: "Secret.create",
    create: ({ Secret }, options) =>
      Secret.create({ name: SECRET_NAME, value: VALUE, ...BEARER, ...connection, ...options }),
    made: () => json(201, wireSecret()),
    broken: () => json(201, wireSecret({ created_at: "yesterday" })),
    undone: [`/secrets/${SECRET_NAME}`],
  },
];

/** A service that answers each create when the test says so, and deletions at once, or as `onDelete` says. */
function service(ctx, onDelete = noContent) {
  const answers = [];
  const calls = stubFetch(ctx, (call) => {
    if (call.method === "DELETE") return onDelete(call);
    return new Promise((resolve, reject) => {
      answers.push({ resolve, reject });
      call.init.signal.addEventListener("abort", () => reject(call.init.signal.reason));
    });
  });
  return {
    calls,
    answers,
    deleted: () => calls.filter(({ method }) => method === "DELETE").map(({ path }) => path),
  };
}

/** Ways in which a call ends before its answer. */
const ENDS = {
  "is aborted": {
    options: () => {
      const controller = new AbortController();
      return { options: { signal: controller.signal }, end: () => controller.abort() };
    },
    code: "aborted",
  },
  "times out": {
    options: (time) => ({ options: { timeoutMs: 1000 }, end: () => time.advance(1000) }),
    code: "timeout",
  },
};

/** Begins a create and ends it; it has rejected at once. */
async function ended(ctx, kind, how, time) {
  const { options, end } = how.options(time);
  let error;
  const created = kind.create(ctx.sdk, options).catch((reason) => (error = reason));
  await settle();
  ctx.assert.equal(error, undefined, `${kind.name} waits`);
  await end();
  await settle();
  ctx.assert.equal(error?.code, how.code, `${kind.name} has ended`);
  return created;
}

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  for (const [what, how] of Object.entries(ENDS)) {
    for (const kind of KINDS) {
      test(`${kind.name} that ${what}: what comes of it is deleted`, async (ctx) => {
        const { assert } = ctx;
        const time = virtualTime(ctx);
        for (const later of [0, 1000, LEFTOVER_MS - 1]) {
          const { calls, answers, deleted } = service(ctx);
          await ended(ctx, kind, how, time);
          assert.equal(calls[0].init.signal.aborted, false, "the request goes on");
          await time.advance(later);
          assert.deepEqual(deleted(), [], "before the answer");
          answers[0].resolve(kind.made());
          await settle();
          assert.deepEqual(deleted(), kind.undone, `an answer after ${later} ms`);
          for (const { headers } of calls) assert.equal(headers["x-api-key"], KEY);
          await time.advance(LEFTOVER_MS);
          assert.deepEqual(deleted(), kind.undone, "once");
          assert.equal(time.pending(), 0, "timers left");
        }
      });

      test(`${kind.name} that ${what}: a body that comes later is awaited too`, async (ctx) => {
        const { assert } = ctx;
        const time = virtualTime(ctx);
        const { answers, deleted } = service(ctx);
        const text = await kind.made().text();
        const { options, end } = how.options(time);
        let error;
        kind.create(ctx.sdk, options).catch((reason) => (error = reason));
        let body;
        const stream = new ReadableStream({ start: (controller) => (body = controller) });
        answers[0].resolve(new Response(stream, { status: 201 }));
        body.enqueue(new TextEncoder().encode(text.slice(0, 20)));
        await settle();
        await end();
        await settle();
        assert.equal(error?.code, how.code);
        assert.deepEqual(deleted(), []);
        body.enqueue(new TextEncoder().encode(text.slice(20)));
        body.close();
        await settle();
        assert.deepEqual(deleted(), kind.undone);
        assert.equal(time.pending(), 0, "timers left");
      });

      test(`${kind.name} that ${what}: where nothing was made, nothing is deleted`, async (ctx) => {
        const { assert } = ctx;
        const time = virtualTime(ctx);
        const refusals = {
          refused: (answer) => answer.resolve(failure(409, "conflict", "the name is taken")),
          unavailable: (answer) => answer.resolve(failure(503, "busy", "later")),
          "a redirect": (answer) => answer.resolve(new Response(null, { status: 302 })),
          "not JSON": (answer) => answer.resolve(new Response("{", { status: 201 })),
          "no such answer": (answer) => answer.resolve(json(201, { other: true })),
          "a failed connection": (answer) => answer.reject(new TypeError("fetch failed")),
          silence() {},
        };
        for (const [answered, answer] of Object.entries(refusals)) {
          const { calls, answers, deleted } = service(ctx);
          await ended(ctx, kind, how, time);
          answer(answers[0]);
          await time.advance(LEFTOVER_MS - 1);
          if (answered === "silence")
            assert.equal(calls[0].init.signal.aborted, false, "it is still waited for");
          await time.advance(1);
          assert.ok(calls[0].init.signal.aborted, `${answered}: its connection is given up`);
          assert.equal(calls.length, 1, `requests: ${answered}`);
          assert.deepEqual(deleted(), [], answered);
          assert.equal(time.pending(), 0, `timers left: ${answered}`);
        }
      });
    }
  }

  for (const kind of KINDS) {
    test(`${kind.name}: an answer that is not what it must be is deleted as well`, async (ctx) => {
      const { sdk, assert } = ctx;
      const time = virtualTime(ctx);
      const { answers, deleted } = service(ctx);
      const created = kind.create(sdk);
      answers[0].resolve(kind.broken());
      const error = await assert.rejects(time.run(created), sdk.SandboxError);
      assert.equal(error.code, "invalid_response");
      await settle();
      assert.deepEqual(deleted(), kind.undone);
      assert.equal(time.pending(), 0, "timers left");
    });

    test(`${kind.name}: a conflict passes, and the deletion is tried again for so long`, async (ctx) => {
      const { assert } = ctx;
      const time = virtualTime(ctx);
      for (const conflicts of [1, 9, Infinity]) {
        let left = conflicts;
        const last = kind.undone.at(-1);
        const onDelete = ({ path }) =>
          path === last && left-- > 0 ? failure(409, "conflict", "under way") : noContent();
        const { answers, deleted } = service(ctx, onDelete);
        await ended(ctx, kind, ENDS["is aborted"], time);
        answers[0].resolve(kind.made());
        const before = time.elapsed();
        await time.advance(2 * CLEAR_MS);
        const tries = deleted().filter((path) => path === last).length;
        if (conflicts < Infinity) assert.equal(tries, conflicts + 1, "deletions");
        else assert.equal(tries, 11, "deletions");
        assert.deepEqual([...new Set(deleted())], kind.undone, "in order");
        await time.advance(CLEAR_MS);
        assert.equal(deleted().filter((path) => path === last).length, tries, "no more");
        assert.equal(time.pending(), 0, `timers left after ${time.elapsed() - before} ms`);
      }
    });

    test(`${kind.name}: a deletion that fails is nobody's error`, async (ctx) => {
      const time = virtualTime(ctx);
      const failures = [
        () => failure(401, "c", "m"),
        () => failure(404, "c", "m"),
        () => Promise.reject(new TypeError("x")),
      ];
      for (const onDelete of failures) {
        const { answers, deleted } = service(ctx, onDelete);
        await ended(ctx, kind, ENDS["is aborted"], time);
        answers[0].resolve(kind.made());
        await time.advance(60_000);
        ctx.assert.ok(deleted().length > 0, "it was tried");
        ctx.assert.equal(time.pending(), 0, "timers left");
      }
    });

    test(`${kind.name}: what the caller has is not deleted`, async (ctx) => {
      const { sdk, assert } = ctx;
      const time = virtualTime(ctx);
      const { answers, deleted } = service(ctx);
      const controller = new AbortController();
      const created = kind.create(sdk, { signal: controller.signal, timeoutMs: 1000 });
      answers[0].resolve(kind.made());
      await created;
      controller.abort();
      await time.advance(LEFTOVER_MS);
      assert.deepEqual(deleted(), []);
      assert.equal(time.pending(), 0, "timers left");
    });
  }
}
