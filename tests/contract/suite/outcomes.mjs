// What an error says of what became of the call: how many requests, and whether the service may have acted.

import { FRESH, ID, KEY, failure, json, result, streamOf, wireSandbox } from "../support/fixtures.mjs";
import { METHODS, goodResponse } from "../support/methods.mjs";
import { KINDS, stubbedSession } from "../support/sessions.mjs";
import { hang, stubFetch, stubbedSandbox } from "../support/stub-fetch.mjs";
import { virtualTime } from "../support/virtual-time.mjs";

const connection = { apiKey: KEY, baseUrl: "http://localhost:9" };
const acts = ({ http }) => http !== "GET";

/** The error of a method over a stub, or undefined. */
async function errorOf(ctx, time, method, respond, options) {
  const { sandbox, calls } = await stubbedSandbox(ctx, (call, index) => respond(call, index));
  const done = method.call({ sdk: ctx.sdk, sandbox, connection }, options);
  const error = await time.run(done).then(
    () => undefined,
    (reason) => reason,
  );
  return { error, calls };
}

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("every error of every method says so", { timeoutMs: 30_000 }, async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    const refused = (status) => () => failure(status, "c", "no");
    const cases = [
      ...[400, 402, 404, 422, 429].map((status) => [`a ${status}`, refused(status), false]),
      ["a 500", refused(500), true],
      ["a 502", refused(502), true],
      ["a 504", refused(504), true],
      ["a 503 before anything ran", () => failure(503, "sandbox_unavailable", "no"), false],
      ["no connection", () => Promise.reject(new TypeError("fetch failed")), true],
      ["silence", hang, true],
      ["a redirect", () => new Response(null, { status: 302, headers: { location: "/" } }), true],
      ["no JSON", () => new Response("{"), true],
      ["a part", () => new Response("{}", { status: 206 }), true],
    ];
    for (const method of METHODS) {
      for (const [what, respond, ran] of cases) {
        const wakes = ({ url }) => url.endsWith("/activate") && method.name !== "Sandbox.connect";
        const { error, calls } = await errorOf(ctx, time, method, (call, index) =>
          wakes(call) ? json(200, wireSandbox({ access_token: FRESH })) : respond(call, index),
        );
        // Some answers are fine for some methods: a kill needs no body, and is done where there is nothing.
        if (error === undefined) continue;
        const at = `${method.name} after ${what}`;
        assert.ok(error instanceof sdk.SandboxError, at);
        assert.equal(error.mayHaveRun, ran && acts(method), `mayHaveRun of ${at}`);
        const own = calls.filter((call) => !wakes(call)).filter(({ method: http }) => http === method.http);
        // What a script has begun is ended by a request that is no attempt.
        if (!method.creates && !method.isScript)
          assert.equal(error.attempts, own.length, `attempts of ${at}`);
        assert.ok(error.operation, `operation of ${at}`);
      }
    }
  });

  test("what was never sent has not run", async (ctx) => {
    const { sdk, assert } = ctx;
    stubFetch(ctx, () => json(200, []));
    const controller = new AbortController();
    controller.abort();
    const attempts = [
      () => sdk.Sandbox.create({ ...connection, name: 5 }),
      () => sdk.Sandbox.create({ name: "x", apiKey: "", baseUrl: "http://localhost:9" }),
      () => sdk.Sandbox.create({ ...connection, name: "x", signal: controller.signal }),
      () => sdk.Sandbox.killById("..", connection),
    ];
    for (const attempt of attempts) {
      const error = await assert.rejects(attempt);
      assert.equal(error.attempts, 0, String(attempt));
      assert.equal(error.mayHaveRun, false, String(attempt));
      assert.ok(error.operation, String(attempt));
    }
    const error = assert.throws(() => sdk.previewUrl(ID, "example.com", 5), sdk.ValidationError);
    assert.deepEqual([error.operation, error.attempts, error.mayHaveRun], ["previewUrl", 0, false]);
  });

  test("an abort under way leaves it open, one during a pause between attempts does not", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    for (const [name, ran] of [
      ["sandbox.pause", true],
      ["commands.run", true],
      ["files.write", true],
      ["sandbox.getInfo", false],
      ["sandbox.kill", true],
    ]) {
      const method = METHODS.find((one) => one.name === name);
      const controller = new AbortController();
      const { error } = await errorOf(
        ctx,
        time,
        method,
        (call) => {
          queueMicrotask(() => controller.abort());
          return hang(call);
        },
        { signal: controller.signal },
      );
      assert.isError(error, sdk.SandboxError, name);
      assert.deepEqual([error.code, error.attempts, error.mayHaveRun], ["aborted", 1, ran], name);
    }
    const controller = new AbortController();
    const { sandbox } = await stubbedSandbox(ctx, () => {
      setTimeout(() => controller.abort(), 10);
      return failure(429, "c", "no");
    });
    const error = await assert.rejects(
      () => time.run(sandbox.kill({ signal: controller.signal })),
      sdk.SandboxError,
    );
    assert.deepEqual([error.code, error.attempts, error.mayHaveRun], ["aborted", 1, false]);
  });

  test("one attempt that may have run is enough", async (ctx) => {
    const { sdk, assert } = ctx;
    const time = virtualTime(ctx);
    const { sandbox } = await stubbedSandbox(ctx, (_, index) =>
      index === 0 ? Promise.reject(new TypeError("fetch failed")) : failure(403, "c", "no"),
    );
    const error = await assert.rejects(() => time.run(sandbox.kill()), sdk.AuthenticationError);
    assert.deepEqual([error.attempts, error.mayHaveRun], [2, true]);
  });

  test("a command that a sleeping sandbox refused has not run, and one that was lost then may have", async (ctx) => {
    const { assert } = ctx;
    const woken = () => json(200, wireSandbox({ access_token: FRESH }));
    for (const [respond, attempts, ran] of [
      [
        ({ url }) =>
          url.endsWith("/activate") ? failure(404, "not_found", "gone") : failure(401, "c", "no"),
        1,
        false,
      ],
      [({ url }) => (url.endsWith("/activate") ? woken() : failure(503, "c", "no")), 2, false],
      [
        ({ url }, index) => {
          if (url.endsWith("/activate")) return woken();
          return index === 0 ? failure(401, "c", "no") : Promise.reject(new TypeError("fetch failed"));
        },
        2,
        true,
      ],
    ]) {
      const { sandbox } = await stubbedSandbox(ctx, respond);
      const error = await assert.rejects(() => sandbox.commands.run("x"));
      assert.deepEqual([error.attempts, error.mayHaveRun, error.sandboxId], [attempts, ran, ID]);
    }
  });

  test("a stream that was cut off may have run", async (ctx) => {
    const { sdk, assert } = ctx;
    const { sandbox } = await stubbedSandbox(ctx, () => streamOf(['data: {"stdout":"a"}\n\n']));
    const error = await assert.rejects(() => sandbox.commands.run("x", { onStdout() {} }), sdk.SandboxError);
    assert.deepEqual([error.code, error.attempts, error.mayHaveRun], ["stream_ended", 1, true]);
  });

  for (const kind of KINDS) {
    test(`${kind.name}: a session that breaks off may have run`, async (ctx) => {
      const { sdk, assert } = ctx;
      const { session, socket } = await stubbedSession(ctx, kind);
      socket.end(1006);
      const error = await assert.rejects(() => session.wait(), sdk.SandboxError);
      assert.deepEqual([error.attempts, error.mayHaveRun, error.sandboxId], [1, true, ID]);
    });
  }

  test("the id of the answer's request, whatever is wrong with it", async (ctx) => {
    const { assert } = ctx;
    const headers = { "x-request-id": "req-1" };
    for (const answer of [
      () => new Response("{", { headers }),
      () => json(200, {}, headers),
      () => new Response(null, { status: 302, headers: { ...headers, location: "/" } }),
      () => json(400, {}, headers),
    ]) {
      const { sandbox } = await stubbedSandbox(ctx, answer);
      const error = await assert.rejects(() => sandbox.getInfo(), undefined, String(answer));
      assert.equal(error.requestId, "req-1", String(answer));
    }
  });

  test("a method of the class names the sandbox, unless that shows a secret", async (ctx) => {
    const { sdk, assert } = ctx;
    stubFetch(ctx, () => failure(400, "c", "no"));
    const at = async (id) => (await assert.rejects(() => sdk.Sandbox.connect(id, connection))).sandboxId;
    assert.equal(await at(ID), ID);
    assert.equal(await at(KEY), undefined, "a key in place of an id");
  });

  test("an error in JSON says all of it, and what led to it", async (ctx) => {
    const { sdk, assert } = ctx;
    const cause = Object.assign(new TypeError("fetch failed"), { more: "x" });
    const { sandbox } = await stubbedSandbox(ctx, () => Promise.reject(cause));
    const error = await assert.rejects(() => sandbox.commands.run("x"), sdk.SandboxError);
    assert.deepEqual(JSON.parse(JSON.stringify(error)), {
      name: "SandboxError",
      message: "Network error: fetch failed",
      code: "network_error",
      operation: "Commands.run",
      sandboxId: ID,
      attempts: 1,
      mayHaveRun: true,
      cause: { name: "TypeError", message: "fetch failed" },
    });
  });

  test("a failed build, which is only watched, has not run by this call", async (ctx) => {
    const { sdk, assert } = ctx;
    const method = METHODS.find(({ name }) => name === "Template.create");
    stubFetch(ctx, () => goodResponse(method));
    const template = await sdk.Template.create({ ...connection, name: "fixture", from: "debian:12" });
    stubFetch(ctx, () =>
      json(200, {
        id: "b",
        template_id: "t",
        status: "failed",
        build_spec_hash: "h",
        created_at: "2026-08-01T12:00:00Z",
        error_message: "step_failed: no",
      }),
    );
    const error = await assert.rejects(() => template.waitUntilReady(), sdk.BuildError);
    assert.deepEqual(
      [error.operation, error.attempts, error.mayHaveRun],
      ["Template.waitUntilReady", 1, false],
    );
  });

  test("a result is no error, whatever it took", async (ctx) => {
    const { assert } = ctx;
    const { sandbox } = await stubbedSandbox(ctx, () => json(200, result({ exit_code: 3 })));
    assert.equal((await sandbox.commands.run("x")).exitCode, 3);
  });
}
