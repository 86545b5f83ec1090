// What errors are to people: in a log, in a stack, and about the time that `fetch` itself gives up.

import { ID, KEY, failure, json, result } from "../support/fixtures.mjs";
import { stubFetch, stubbedSandbox } from "../support/stub-fetch.mjs";

const connection = { apiKey: KEY, baseUrl: "http://localhost:9" };

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("in JSON and in copies they have a name", async (ctx) => {
    const { sdk, assert } = ctx;
    const { sandbox } = await stubbedSandbox(ctx, () =>
      failure(409, "busy", "not now", { "x-request-id": "r-1" }),
    );
    const error = await assert.rejects(() => sandbox.update({ metadata: {} }));
    const shown = {
      code: "busy",
      name: "ConflictError",
      operation: "Sandbox.update",
      requestId: "r-1",
      attempts: 1,
      mayHaveRun: false,
      sandboxId: ID,
      statusCode: 409,
    };
    assert.deepEqual(JSON.parse(JSON.stringify(error)), { ...shown, message: "not now" });
    assert.deepEqual({ ...error }, shown);
    const classes = [
      "SandboxError",
      "AuthenticationError",
      "ValidationError",
      "NotFoundError",
      "ConflictError",
      "TimeoutError",
      "RateLimitError",
      "ServerError",
    ];
    for (const name of classes) {
      const own = new sdk[name]("x");
      assert.equal({ ...own }.name, name);
      assert.equal(JSON.parse(JSON.stringify(own)).message, "x", name);
    }
    class Mine extends sdk.SandboxError {}
    assert.equal(new Mine("x").name, "SandboxError");
  });

  test("a stack leads to the caller", async (ctx) => {
    const { sdk, assert } = ctx;
    // Only V8 knows who awaits a promise.
    if (!Error.captureStackTrace || !/^\s+at /m.test(new Error("x").stack) || globalThis.Bun) return;
    const { sandbox } = await stubbedSandbox(ctx, () => failure(404, "c", "no such thing"));
    const callers = {
      async answered() {
        await sandbox.pause();
      },
      async answeredToSeveral() {
        await Promise.all([sandbox.pause()]);
      },
      async refusedAtOnce() {
        await sandbox.commands.run("true", { timeoutMs: "5" });
      },
      async refusedDeepInside() {
        await sdk.Sandbox.create({ ...connection, name: "x", network: { allowOut: [5] } });
      },
      refusedAndNotAwaited: () => sandbox.commands.run(5).catch((error) => Promise.reject(error)),
      notAPromise: () => sandbox.getPreviewUrl(1),
    };
    for (const [name, caller] of Object.entries(callers)) {
      const error = await assert.rejects(async () => caller());
      const [first, second] = error.stack.slice(error.stack.indexOf("\n    at ") + 1).split("\n");
      assert.ok(error.stack.startsWith(`${error.name}: ${error.message}\n`), error.stack);
      const line = name === "answeredToSeveral" ? second : first;
      assert.ok(line.includes(name), `${name}: ${error.stack}`);
    }
  });

  test("a missing key is as a refused one", async (ctx) => {
    const { sdk, assert } = ctx;
    const calls = stubFetch(ctx, () => json(200, []));
    const error = await assert.rejects(
      () => sdk.Sandbox.list({ baseUrl: "http://localhost:9" }),
      sdk.AuthenticationError,
    );
    assert.deepEqual([error.code, error.statusCode, calls.length], ["missing_api_key", 401, 0]);
  });

  test("when fetch gives up on a silent command, the error says what to do", async (ctx) => {
    const { sdk, assert } = ctx;
    const causes = ["UND_ERR_HEADERS_TIMEOUT", "UND_ERR_BODY_TIMEOUT"].map((code) =>
      Object.assign(new Error("late"), { code }),
    );
    for (const cause of causes) {
      for (const options of [{}, { onStdout() {} }]) {
        const thrown = new TypeError("fetch failed", { cause });
        const { sandbox, calls } = await stubbedSandbox(ctx, () => Promise.reject(thrown));
        const error = await assert.rejects(
          () => sandbox.commands.run("sleep 600", options),
          sdk.TimeoutError,
        );
        assert.match(error.message, /300 seconds.*commands\.spawn/);
        assert.deepEqual([error.code, error.cause, calls.length], ["timeout", thrown, 1]);
      }
      const calls = stubFetch(ctx, (_, index) => (index === 0 ? Promise.reject(cause) : json(200, [])));
      assert.deepEqual(await sdk.Sandbox.list(connection), [], "a read is tried again");
      assert.equal(calls.length, 2);
    }
  });

  test("names count in characters", async (ctx) => {
    const { sdk, assert } = ctx;
    const calls = stubFetch(ctx, () =>
      json(201, result({ id: ID, status: "active", created_at: "2026-08-01T00:00:00Z", access_token: "t" })),
    );
    await sdk.Sandbox.create({ ...connection, name: "😀".repeat(64) });
    for (const name of ["😀".repeat(65), "a".repeat(65), "a".repeat(200)]) {
      await assert.rejects(() => sdk.Sandbox.create({ ...connection, name }), sdk.ValidationError);
    }
    assert.equal(calls.length, 1);
  });
}
