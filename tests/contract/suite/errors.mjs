// Errors: which class, what message, from whatever the other side sends.

import { ID, KEY, endlessBody, json, sandboxAt, withSandbox, wireSandbox } from "../support/fixtures.mjs";
import { each } from "../support/each.mjs";
import { METHODS, routePath } from "../support/methods.mjs";
import { stubFetch, stubbedSandbox } from "../support/stub-fetch.mjs";
import { virtualTime } from "../support/virtual-time.mjs";

const connection = { apiKey: KEY, baseUrl: "http://localhost:9" };

const CLASSES = {
  400: "ValidationError",
  401: "AuthenticationError",
  402: "SandboxError",
  403: "AuthenticationError",
  404: "NotFoundError",
  405: "SandboxError",
  409: "ConflictError",
  410: "SandboxError",
  413: "SandboxError",
  418: "SandboxError",
  422: "SandboxError",
  429: "RateLimitError",
  500: "ServerError",
  501: "ServerError",
  502: "ServerError",
  503: "ServerError",
  504: "ServerError",
  507: "ServerError",
  599: "ServerError",
};

/** The error of a create that is answered like this. POST: one attempt, no retries. */
async function errorOf(ctx, respond) {
  const calls = stubFetch(ctx, respond);
  const error = await ctx.assert.rejects(() => ctx.sdk.Sandbox.create({ ...connection, name: "x" }));
  ctx.assert.equal(calls.length, 1, "requests");
  ctx.assert.ok(error instanceof ctx.sdk.SandboxError, "a SandboxError");
  return error;
}

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("the class of every status", async (ctx) => {
    const { sdk, assert } = ctx;
    for (const [status, name] of Object.entries(CLASSES)) {
      const error = await errorOf(ctx, () =>
        json(Number(status), { error: { code: `code_${status}`, message: `message ${status}` } }),
      );
      assert.isError(error, sdk[name], status);
      assert.equal(error.message, `message ${status}`);
      assert.equal(error.code, `code_${status}`);
      assert.equal(error.statusCode, Number(status));
      assert.equal(typeof error.stack, "string", "a stack");
    }
  });

  test("the class of every status on the data plane, plain text", async (ctx) => {
    const { sdk, assert } = ctx;
    for (const [status, name] of Object.entries(CLASSES)) {
      const { sandbox } = await stubbedSandbox(ctx, ({ url }) =>
        url.endsWith("/activate")
          ? json(200, wireSandbox())
          : new Response(`plain ${status}`, { status: Number(status) }),
      );
      const error = await assert.rejects(() => sandbox.commands.run("x"), sdk[name], status);
      assert.equal(error.message, `plain ${status}`);
      assert.equal(error.statusCode, Number(status));
      assert.equal(error.code, undefined);
    }
  });

  test("codes of 429", async (ctx) => {
    for (const code of ["rate_limited", "too_many_sandboxes", "too_many_builds", "too_many_templates"]) {
      const error = await errorOf(ctx, () => json(429, { error: { code, message: "slow down" } }));
      ctx.assert.isError(error, ctx.sdk.RateLimitError);
      ctx.assert.equal(error.code, code);
    }
  });

  test("plain text is kept as the message", async (ctx) => {
    for (const text of ["missing X-Access-Token header", "sandbox unreachable", "ünïcode 漢字"]) {
      const error = await errorOf(
        ctx,
        () => new Response(text, { status: 502, headers: { "retry-after": "2" } }),
      );
      ctx.assert.isError(error, ctx.sdk.ServerError);
      ctx.assert.equal(error.message, text);
      ctx.assert.equal(error.statusCode, 502);
    }
    const tagged = await errorOf(ctx, () => new Response("[proxy] sandbox unreachable", { status: 502 }));
    ctx.assert.equal(tagged.message, "[proxy] sandbox unreachable");
    const padded = await errorOf(ctx, () => new Response("  bad gateway\r\n", { status: 502 }));
    ctx.assert.equal(padded.message.trim(), "bad gateway");
  });

  test("an empty body is named by its status", async (ctx) => {
    for (const status of [400, 404, 409, 418, 500, 503]) {
      for (const body of [null, "", " \n"]) {
        const error = await errorOf(ctx, () => new Response(body, { status }));
        ctx.assert.equal(error.message, `API error (${status})`);
        ctx.assert.equal(error.code, undefined);
      }
    }
  });

  test("JSON that is no envelope", async (ctx) => {
    const { assert, sdk } = ctx;
    const bodies = [
      "null",
      "[]",
      "{}",
      "42",
      '"text"',
      "true",
      '{"message":"top"}',
      '{"error":"text"}',
      '{"error":null}',
      '{"error":[]}',
      '{"error":{}}',
      '{"error":{"message":5,"code":6}}',
      '{"error":{"code":"only_code"}}',
      '{"error":{"message":"only message"}}',
      '{"error":{"message":"","code":""}}',
      '{"error":{"message":{}}}',
      '{"detail":[{"msg":"x"}]}',
      '{"error',
      "{",
      '{"error":{"code":"c","message":"m"}} trailing',
    ];
    for (const body of bodies) {
      const error = await errorOf(
        ctx,
        () => new Response(body, { status: 500, headers: { "content-type": "application/json" } }),
      );
      assert.isError(error, sdk.ServerError, body);
      assert.ok(typeof error.message === "string" && error.message.length > 0, `a message for ${body}`);
      assert.excludes(error.message, "[object", body);
      assert.excludes(error.message, "undefined", body);
      assert.ok(["string", "undefined"].includes(typeof error.code), `code of ${body}`);
    }
    const text = await errorOf(
      ctx,
      () => new Response('{"error":{"message":"only message"}}', { status: 500 }),
    );
    assert.equal(text.message, "only message");
    const code = await errorOf(ctx, () => new Response('{"error":{"code":"only_code"}}', { status: 500 }));
    assert.equal(code.code, "only_code");
  });

  test("the envelope counts whatever the content type says", async (ctx) => {
    const body = '{"error":{"code":"c","message":"m"}}';
    for (const type of ["text/plain", "application/problem+json", "nonsense"]) {
      const error = await errorOf(
        ctx,
        () => new Response(body, { status: 404, headers: { "content-type": type } }),
      );
      ctx.assert.equal(error.message, "m", type);
      ctx.assert.equal(error.code, "c", type);
    }
  });

  test("HTML of a gateway", async (ctx) => {
    const html = "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>";
    const error = await errorOf(
      ctx,
      () => new Response(html, { status: 502, headers: { "content-type": "text/html" } }),
    );
    ctx.assert.isError(error, ctx.sdk.ServerError);
    ctx.assert.equal(error.statusCode, 502);
    ctx.assert.match(error.message, /502/);
  });

  test("invalid UTF-8 in an error body", async (ctx) => {
    const bytes = new Uint8Array([0x62, 0x61, 0x64, 0xff, 0xfe]);
    const error = await errorOf(ctx, () => new Response(bytes, { status: 500 }));
    ctx.assert.match(error.message, /^bad/);
  });

  test("a huge error body is read in part and shown in part", async (ctx) => {
    const { assert } = ctx;
    const { body, state } = endlessBody();
    const error = await errorOf(ctx, () => new Response(body, { status: 500 }));
    assert.isError(error, ctx.sdk.ServerError);
    assert.equal(error.statusCode, 500);
    assert.within(error.message.length, 1, 70_000, "characters of the message");
    assert.within(state.pulled, 0, 16 << 20, "bytes read");
  });

  test("an endless error body on a connection is given up", async (ctx) => {
    const { sdk, assert, fault } = ctx;
    const server = await fault.serve(ctx, [
      { replies: [{ status: 418, body: [{ text: "no ".repeat(20_000), repeat: "forever" }] }] },
    ]);
    const list = () => sdk.Sandbox.list({ apiKey: KEY, baseUrl: server.origin });
    const error = await assert.rejects(list, sdk.SandboxError);
    assert.equal(error.statusCode, 418);
    await server.until((log) => log.every(({ ended }) => ended === "client"), "the connection is closed");
  });

  test("an error body that breaks off keeps the status", async (ctx) => {
    const { sdk, assert, fault } = ctx;
    const server = await fault.serve(ctx, [
      {
        replies: [
          { status: 404, headers: { "content-length": "1000" }, body: ["partial text", { close: true }] },
        ],
      },
    ]);
    const connect = () => sdk.Sandbox.connect(ID, { apiKey: KEY, baseUrl: server.origin });
    const error = await assert.rejects(connect);
    assert.isError(error, sdk.NotFoundError);
    assert.equal(error.statusCode, 404);
  });

  test("a network failure keeps its cause", async (ctx) => {
    const { sdk, assert } = ctx;
    const causes = [
      new TypeError("fetch failed"),
      new Error("socket hang up"),
      "a text",
      undefined,
      { odd: 1 },
    ];
    for (const cause of causes) {
      for (const respond of [
        () => Promise.reject(cause),
        () => {
          throw cause;
        },
      ]) {
        const error = await errorOf(ctx, respond);
        assert.isError(error, sdk.SandboxError, assert.show(cause));
        assert.match(error.message, /^Network error: /);
        assert.equal(error.cause, cause, "cause");
        assert.equal(error.statusCode, undefined);
      }
    }
  });

  for (const [name, piece] of [
    ["reset", { reset: true }],
    ["closed", { close: true }],
  ]) {
    test(`every method on a connection that is ${name} before an answer`, {
      timeoutMs: 60_000,
    }, async (ctx) => {
      const { sdk, assert, fault } = ctx;
      // The sandbox's own calls go where it was created: that breaks afterwards.
      const moved = new Map();
      const { fetch } = globalThis;
      globalThis.fetch = (url, init) => {
        const { origin } = new URL(url);
        return fetch(url.replace(origin, moved.get(origin) ?? origin), init);
      };
      ctx.defer(() => (globalThis.fetch = fetch));
      await each(METHODS, async (method) => {
        const server = await fault.serve(ctx, withSandbox());
        const sandbox = await sandboxAt(ctx, server);
        const broken = await fault.serve(ctx, [{ replies: [{ status: null, body: [piece] }] }]);
        moved.set(server.origin, broken.origin);
        const target = { sdk, sandbox, connection: { apiKey: KEY, baseUrl: broken.origin } };
        const error = await assert.rejects(() => method.call(target), sdk.SandboxError, method.name);
        assert.match(error.message, /^Network error: /, method.name);
        assert.ok(error.cause instanceof Error, `cause of ${method.name}`);
      });
    });
  }

  test("every method on a body that breaks off", { timeoutMs: 60_000 }, async (ctx) => {
    const { sdk, assert, fault } = ctx;
    const methods = METHODS.filter(({ reply }) => reply.json ?? reply.body);
    await each(methods, async (method) => {
      const text = method.reply.body ?? JSON.stringify(method.reply.json);
      const half = text.slice(0, Math.max(1, text.length / 2));
      for (const piece of [{ reset: true }, { close: true }]) {
        const headers = piece.close ? { "content-length": String(text.length) } : {};
        const reply = { status: method.reply.status, headers, body: [half, piece] };
        const route = { method: method.http, path: routePath(method), replies: [reply] };
        const create = method.name === "Sandbox.create";
        const home = await fault.serve(ctx, withSandbox(...(create ? [] : [route])));
        const sandbox = await sandboxAt(ctx, home);
        const server = create ? await fault.serve(ctx, [route]) : home;
        const target = { sdk, sandbox, connection: { apiKey: KEY, baseUrl: server.origin } };
        const error = await assert.rejects(() => method.call(target), sdk.SandboxError, method.name);
        assert.match(error.message, /^Network error: /, method.name);
      }
    });
  });

  test("answers of implementations without streams, or with text alone", async (ctx) => {
    const { sdk, assert } = ctx;
    const text = JSON.stringify({ error: { code: "busy", message: "not now" } });
    const answers = [
      { status: 409, text: async () => text },
      { status: 409, json: async () => JSON.parse(text) },
      // As of node-fetch: a stream, and not of the web's.
      { status: 409, body: { pipe() {} }, text: async () => text, json: async () => JSON.parse(text) },
    ];
    for (const answer of answers) {
      stubFetch(ctx, () => answer);
      const error = await assert.rejects(sdk.Sandbox.list({ apiKey: KEY }), sdk.ConflictError);
      assert.deepEqual([error.code, error.message], ["busy", "not now"]);
    }
    stubFetch(ctx, () => ({ ok: true, status: 200, text: async () => "[]" }));
    assert.deepEqual(await sdk.Sandbox.list({ apiKey: KEY }), []);
  });

  test("a connection refused", async (ctx) => {
    const { sdk, assert } = ctx;
    const create = () => sdk.Sandbox.create({ name: "x", apiKey: KEY, baseUrl: "http://127.0.0.1:1" });
    const error = await assert.rejects(create, sdk.SandboxError);
    assert.match(error.message, /^Network error: /);
  });

  test("a redirect is an error that names it, and is not followed", async (ctx) => {
    const { sdk, assert, fault } = ctx;
    for (const status of [301, 302, 303, 307, 308]) {
      const elsewhere = await fault.serve(ctx, [{ replies: [{ json: [] }] }]);
      const server = await fault.serve(
        ctx,
        withSandbox({
          path: "(?!/sandboxes$).*",
          replies: [{ status, headers: { location: `${elsewhere.origin}/stolen` } }],
        }),
      );
      const sandbox = await sandboxAt(ctx, server);
      const target = { sdk, sandbox, connection: { apiKey: KEY, baseUrl: server.origin } };
      const tested = METHODS.filter((method) => routePath(method) !== "/sandboxes");
      for (const method of tested) {
        const error = await assert.rejects(() => method.call(target), sdk.SandboxError, method.name);
        assert.match(error.message, /redirect/i, method.name);
        if (!ctx.runtime.browser) assert.match(error.message, new RegExp(status), method.name);
      }
      assert.equal((await elsewhere.log()).length, 0, "requests elsewhere");
      assert.equal((await server.log()).length, 1 + tested.length, "no retry of a redirect");
    }
  });

  test("what fetch answers need not be a Response", async (ctx) => {
    const { sdk, assert } = ctx;
    for (const answer of [undefined, null, 5, "text", {}]) {
      stubFetch(ctx, () => answer);
      await assert.rejects(() => sdk.Sandbox.create({ ...connection, name: "x" }), sdk.SandboxError);
      stubFetch(ctx, () => Promise.resolve(answer));
      await assert.rejects(() => sdk.Sandbox.create({ ...connection, name: "x" }), sdk.SandboxError);
    }
  });

  test("without a global fetch the error says so", async (ctx) => {
    const { sdk, assert } = ctx;
    const original = globalThis.fetch;
    ctx.defer(() => (globalThis.fetch = original));
    globalThis.fetch = undefined;
    const error = await assert.rejects(
      () => sdk.Sandbox.create({ ...connection, name: "x" }),
      sdk.SandboxError,
    );
    assert.match(error.message, /fetch/);
  });

  test("after any failure the next call works", async (ctx) => {
    const { assert } = ctx;
    const time = virtualTime(ctx);
    const answers = [
      () => new Response("no", { status: 500 }),
      () => Promise.reject(new TypeError("gone")),
      () => new Response("not JSON"),
      () => undefined,
      () => {
        throw null;
      },
    ];
    let answer;
    const { sandbox } = await stubbedSandbox(ctx, () => answer());
    for (const bad of answers) {
      answer = bad;
      await assert.rejects(time.run(sandbox.getInfo()));
      answer = () => json(200, wireSandbox());
      assert.equal((await time.run(sandbox.getInfo())).id, ID);
    }
    assert.equal(time.pending(), 0, "timers left");
  });
}
