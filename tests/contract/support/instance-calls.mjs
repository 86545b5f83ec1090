// What holds for any method of an object that talks to the control plane: its abort, its time, its retries.

import { KEY, failure } from "./fixtures.mjs";
import { hang } from "./stub-fetch.mjs";
import { virtualTime } from "./virtual-time.mjs";

/** @typedef {import("./types.d.ts").Ctx} Ctx */
/** @typedef {import("./types.d.ts").Handler} Handler */

/**
 * Adds the tests. `stubbed(ctx, handler)` answers `{ target, calls }`; `methods` are
 * `[name, good, call(target, options)]`, `good()` a good answer. `once` names those that are not repeated,
 * `gone` those for which a 404 is no error.
 *
 * @param {import("./types.d.ts").Tests} t
 * @param {{
 *   stubbed: (ctx: Ctx, handler: Handler) => Promise<{ target: any, calls: import("./types.d.ts").Call[] }>,
 *   methods: [name: string, good: () => Response, call: (target: any, options?: object) => Promise<any>][],
 *   once: string[],
 *   gone: string[],
 *   others?: (target: any) => (() => Promise<any>)[],
 * }} how
 */
export function instanceCalls({ test }, { stubbed, methods, once, gone, others = () => [] }) {
  const repeated = methods.filter(([name]) => !once.includes(name));

  test("the request is made before the method returns", async (ctx) => {
    for (const [name, good, call] of methods) {
      const { target, calls } = await stubbed(ctx, good);
      const promise = call(target);
      ctx.assert.equal(calls.length, 1, name);
      await promise;
    }
  });

  test("abort: before, in the same turn, and in the request", async (ctx) => {
    const { sdk, assert } = ctx;
    for (const [name, , call] of methods) {
      const { target, calls } = await stubbed(ctx, hang);
      for (const [when, requests] of Object.entries({ before: 0, "in the same turn": 1, later: 1 })) {
        calls.length = 0;
        const controller = new AbortController();
        const reason = { when };
        if (when === "before") controller.abort(reason);
        const promise = call(target, { signal: controller.signal });
        promise.catch(() => {});
        if (when === "later") await new Promise((resolve) => setTimeout(resolve, 5));
        controller.abort(reason);
        const error = await assert.rejects(promise, sdk.SandboxError, `${name} ${when}`);
        assert.equal(error.cause, reason, `${name} ${when}`);
        assert.equal(calls.length, requests, `requests of ${name} ${when}`);
        if (requests > 0) assert.ok(calls[0].init.signal.aborted, `${name} aborts its request`);
      }
    }
  });

  test("timeoutMs, and 30 s without it", async (ctx) => {
    const { sdk, assert } = ctx;
    for (const [name, , call] of methods) {
      for (const timeoutMs of [7000, undefined]) {
        const clock = virtualTime(ctx);
        const { target, calls } = await stubbed(ctx, hang);
        await assert.rejects(clock.run(call(target, { timeoutMs })), sdk.TimeoutError, name);
        assert.equal(clock.elapsed(), timeoutMs ?? 30_000, name);
        assert.equal(calls.length, 1, `requests of ${name}`);
        assert.equal(clock.pending(), 0, `timers after ${name}`);
      }
    }
  });

  test("reads and deletes are tried three times, others once", async (ctx) => {
    const { sdk, assert } = ctx;
    const busy = () => failure(503, "busy", "later");
    for (const [name, , call] of methods) {
      const tries = once.includes(name) ? 1 : 3;
      const clock = virtualTime(ctx);
      const away = await stubbed(ctx, busy);
      const error = await assert.rejects(clock.run(call(away.target)), sdk.ServerError, name);
      assert.equal(error.statusCode, 503);
      assert.equal(away.calls.length, tries, `requests of ${name}`);
      assert.equal(clock.elapsed(), tries === 1 ? 0 : 300, `sleep of ${name}`);
    }
    for (const [name, good, call] of repeated) {
      const clock = virtualTime(ctx);
      const { target, calls } = await stubbed(ctx, (_, index) => (index === 2 ? good() : busy()));
      await clock.run(call(target));
      assert.equal(calls.length, 3, `requests of ${name}`);
    }
  });

  test("abort in a retry's sleep", async (ctx) => {
    const { sdk, assert } = ctx;
    for (const [name, , call] of repeated) {
      const { target, calls } = await stubbed(ctx, () => failure(503, "busy", "", { "retry-after": "20" }));
      const controller = new AbortController();
      const promise = call(target, { signal: controller.signal });
      promise.catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 20));
      controller.abort();
      const error = await assert.rejects(promise, sdk.SandboxError, name);
      assert.equal(error.cause, controller.signal.reason, name);
      assert.equal(calls.length, 1, `requests of ${name}`);
    }
  });

  test(`what is gone already is no error of ${gone.join(" or ")}`, async (ctx) => {
    const { sdk, assert } = ctx;
    for (const [name, , call] of methods) {
      const { target } = await stubbed(ctx, () => failure(404, "not_found", "gone"));
      if (gone.includes(name)) assert.equal(await call(target), undefined, name);
      else await assert.rejects(call(target), sdk.NotFoundError, name);
    }
  });

  test("no error shows the key", async (ctx) => {
    const { assert } = ctx;
    const answers = [
      () => failure(500, "internal", `your key is ${KEY}`),
      () => new Response(`no ${KEY}`, { status: 403 }),
      () => Promise.reject(new TypeError(`fetch failed with ${KEY}`)),
    ];
    for (const answer of answers) {
      const { target } = await stubbed(ctx, answer);
      const every = [...methods.map(([, , call]) => call.bind(undefined, target)), ...others(target)];
      for (const error of await Promise.all(every.map((call) => assert.rejects(call)))) {
        assert.excludes(`${error.message}\n${error.stack}\n${JSON.stringify(error)}`, KEY);
      }
    }
  });
}
