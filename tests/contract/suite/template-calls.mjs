// The methods of a template object: what holds for any call, its abort, its time, its retries.

import { KEY, failure, json, noContent } from "../support/fixtures.mjs";
import { hang } from "../support/stub-fetch.mjs";
import { BUILD_ID, stubbedTemplate, wireBuild, wireTemplate } from "../support/templates.mjs";
import { virtualTime } from "../support/virtual-time.mjs";

const METHODS = [
  ["getInfo", () => json(200, wireTemplate()), (template, options) => template.getInfo(options)],
  ["delete", noContent, (template, options) => template.delete(options)],
  ["rebuild", () => json(201, wireBuild()), (template, options) => template.rebuild(options)],
  ["listBuilds", () => json(200, []), (template, options) => template.listBuilds(options)],
  ["getBuild", () => json(200, wireBuild()), (template, options) => template.getBuild(BUILD_ID, options)],
  ["cancelBuild", noContent, (template, options) => template.cancelBuild(BUILD_ID, options)],
];
const REPEATED = METHODS.filter(([name]) => name !== "rebuild");

export default function ({ test }) {
  test("the request is made before the method returns", async (ctx) => {
    for (const [name, good, call] of METHODS) {
      const { template, calls } = await stubbedTemplate(ctx, good);
      const promise = call(template);
      ctx.assert.equal(calls.length, 1, name);
      await promise;
    }
  });

  test("abort: before, in the same turn, and in the request", async (ctx) => {
    const { sdk, assert } = ctx;
    for (const [name, , call] of METHODS) {
      const { template, calls } = await stubbedTemplate(ctx, hang);
      for (const [when, requests] of Object.entries({ before: 0, "in the same turn": 1, later: 1 })) {
        calls.length = 0;
        const controller = new AbortController();
        const reason = { when };
        if (when === "before") controller.abort(reason);
        const promise = call(template, { signal: controller.signal });
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
    for (const [name, , call] of METHODS) {
      for (const timeoutMs of [7000, undefined]) {
        const clock = virtualTime(ctx);
        const { template, calls } = await stubbedTemplate(ctx, hang);
        await assert.rejects(clock.run(call(template, { timeoutMs })), sdk.TimeoutError, name);
        assert.equal(clock.elapsed(), timeoutMs ?? 30_000, name);
        assert.equal(calls.length, 1, `requests of ${name}`);
        assert.equal(clock.pending(), 0, `timers after ${name}`);
      }
    }
  });

  test("reads and deletes are tried three times, a rebuild once", async (ctx) => {
    const { sdk, assert } = ctx;
    const busy = () => failure(503, "busy", "later");
    for (const [name, , call] of METHODS) {
      const tries = name === "rebuild" ? 1 : 3;
      const clock = virtualTime(ctx);
      const away = await stubbedTemplate(ctx, busy);
      const error = await assert.rejects(clock.run(call(away.template)), sdk.ServerError, name);
      assert.equal(error.statusCode, 503);
      assert.equal(away.calls.length, tries, `requests of ${name}`);
      assert.equal(clock.elapsed(), tries === 1 ? 0 : 300, `sleep of ${name}`);
    }
    for (const [name, good, call] of REPEATED) {
      const clock = virtualTime(ctx);
      const { template, calls } = await stubbedTemplate(ctx, (_, index) => (index === 2 ? good() : busy()));
      await clock.run(call(template));
      assert.equal(calls.length, 3, `requests of ${name}`);
    }
  });

  test("abort in a retry's sleep", async (ctx) => {
    const { sdk, assert } = ctx;
    for (const [name, , call] of REPEATED) {
      const { template, calls } = await stubbedTemplate(ctx, () =>
        failure(503, "busy", "", { "retry-after": "20" }),
      );
      const controller = new AbortController();
      const promise = call(template, { signal: controller.signal });
      promise.catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 20));
      controller.abort();
      const error = await assert.rejects(promise, sdk.SandboxError, name);
      assert.equal(error.cause, controller.signal.reason, name);
      assert.equal(calls.length, 1, `requests of ${name}`);
    }
  });

  test("what is gone already is no error of a delete or a cancel", async (ctx) => {
    const { sdk, assert } = ctx;
    for (const [name, , call] of METHODS) {
      const { template } = await stubbedTemplate(ctx, () => failure(404, "not_found", "gone"));
      if (name === "delete" || name === "cancelBuild") assert.equal(await call(template), undefined, name);
      else await assert.rejects(call(template), sdk.NotFoundError, name);
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
      const { template } = await stubbedTemplate(ctx, answer);
      const streams = [
        () => template.streamBuildLogs({ onEvent() {}, timeoutMs: 50 }),
        () => template.waitUntilReady({ onLog() {}, timeoutMs: 50 }),
      ];
      const every = [...METHODS.map(([, , call]) => call.bind(undefined, template)), ...streams];
      for (const error of await Promise.all(every.map((call) => assert.rejects(call)))) {
        assert.excludes(`${error.message}\n${error.stack}\n${JSON.stringify(error)}`, KEY);
      }
    }
  });
}
