// The API key and the access token are in no error, whatever goes wrong.

import { FRESH, KEY, TOKEN, failure, json, wireSandbox } from "../support/fixtures.mjs";
import { METHODS } from "../support/methods.mjs";
import { stubFetch, stubbedSandbox } from "../support/stub-fetch.mjs";
import { virtualTime } from "../support/virtual-time.mjs";

const connection = { apiKey: KEY, baseUrl: "http://localhost:9" };

/** Everything that an error shows of itself. */
function shown(error, runtime) {
  const parts = [String(error), error.message, error.stack, JSON.stringify(error)];
  for (const key of Reflect.ownKeys(error)) if (key !== "cause") parts.push(String(error[key]));
  if (runtime.inspect) parts.push(runtime.inspect(Object.assign(Object.create(error), { cause: undefined })));
  return parts.join("\n");
}

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("no error of any method shows them", { timeoutMs: 30_000 }, async (ctx) => {
    const { sdk, assert, runtime } = ctx;
    const time = virtualTime(ctx);
    const failures = {
      "a status": () => failure(400, "c", "no"),
      "a refusal": () => new Response("denied", { status: 403 }),
      "a network error": () => Promise.reject(new TypeError("fetch failed")),
      "a bad body": () => new Response("{"),
      "an empty object": () => json(200, {}),
      "a redirect": () => new Response(null, { status: 302, headers: { location: "https://elsewhere/" } }),
      silence: ({ init }) =>
        new Promise((_, reject) => init.signal.addEventListener("abort", () => reject(init.signal.reason))),
    };
    for (const method of METHODS) {
      for (const [name, respond] of Object.entries(failures)) {
        const { sandbox } = await stubbedSandbox(ctx, ({ url, ...call }) =>
          url.endsWith("/activate") && method.name !== "Sandbox.connect"
            ? json(200, wireSandbox({ access_token: FRESH }))
            : respond({ url, ...call }),
        );
        const error = await time.run(method.call({ sdk, sandbox, connection })).then(
          () => undefined,
          (reason) => reason,
        );
        // Some answers are fine for some methods: a kill needs no body.
        if (error === undefined) continue;
        for (const secret of [KEY, TOKEN, FRESH]) {
          assert.excludes(shown(error, runtime), secret, `${method.name} after ${name}`);
        }
      }
    }
  });

  test("a key that cannot be a header is refused without being shown", async (ctx) => {
    const { sdk, assert, runtime } = ctx;
    for (const odd of ["\n", "\r\nx-evil: 1", "\0", "é漢", "😀"]) {
      const apiKey = `ss_live_verysecret${odd}tail`;
      const create = () => sdk.Sandbox.create({ name: "x", apiKey, baseUrl: ctx.baseUrl });
      const error = await assert.rejects(create, undefined, assert.show(odd));
      assert.ok(error instanceof sdk.SandboxError, "a SandboxError");
      assert.excludes(shown(error, runtime), "verysecret", assert.show(odd));
      if (runtime.inspect) assert.excludes(runtime.inspect(error), "verysecret", "its cause included");
    }
  });

  test("a token that cannot be a header is not shown either", async (ctx) => {
    const { sdk, assert, runtime, fault } = ctx;
    for (const odd of ["\nx", "漢"]) {
      const server = await fault.serve(ctx, [
        {
          path: "/sandboxes",
          replies: [{ status: 201, json: wireSandbox({ access_token: `verysecret${odd}` }) }],
        },
        { path: "/exec", replies: [{ json: { exit_code: 0 } }] },
      ]);
      const attempt = async () => {
        const sandbox = await sdk.Sandbox.create({ name: "x", apiKey: KEY, baseUrl: server.origin });
        return sandbox.commands.run("x");
      };
      const error = await assert.rejects(attempt, undefined, assert.show(odd));
      assert.ok(error instanceof sdk.SandboxError, "a SandboxError");
      assert.excludes(shown(error, runtime), "verysecret");
      if (runtime.inspect) assert.excludes(runtime.inspect(error), "verysecret", "its cause included");
    }
  });

  test("a service that echoes the secret does not make the error show it", async (ctx) => {
    const { sdk, assert, runtime } = ctx;
    stubFetch(ctx, () => failure(401, "invalid_key", `the key ${KEY} is not known`));
    const list = () => sdk.Sandbox.list(connection);
    assert.excludes(shown(await assert.rejects(list, sdk.AuthenticationError), runtime), KEY, "an envelope");
    stubFetch(ctx, () => new Response(`bad key: ${KEY}`, { status: 500 }));
    assert.excludes(shown(await assert.rejects(list, sdk.ServerError), runtime), KEY, "plain text");
    const { sandbox } = await stubbedSandbox(ctx, () => new Response(`bad token ${TOKEN}`, { status: 500 }));
    const run = () => sandbox.commands.run("x");
    assert.excludes(shown(await assert.rejects(run, sdk.ServerError), runtime), TOKEN, "a token");
  });

  test("validation errors do not repeat secret values", async (ctx) => {
    const { sdk, assert, runtime } = ctx;
    const calls = stubFetch(ctx, () => json(201, wireSandbox()));
    const attempts = [
      () => sdk.Sandbox.create({ ...connection, name: 5 }),
      () => sdk.Sandbox.create({ ...connection, name: "x", envVars: { PASSWORD: ["verysecret"] } }),
      () => sdk.Sandbox.create({ ...connection, name: "x", baseUrl: "http://user:verysecret@example.com" }),
      () => sdk.Sandbox.create({ name: "x", apiKey: ["verysecret"], baseUrl: connection.baseUrl }),
    ];
    for (const attempt of attempts) {
      const error = await assert.rejects(attempt, sdk.ValidationError, String(attempt));
      for (const secret of [KEY, "verysecret"])
        assert.excludes(shown(error, runtime), secret, String(attempt));
    }
    assert.equal(calls.length, 0, "requests");
  });

  test("the key goes to no query and no path", async (ctx) => {
    const { sdk, assert } = ctx;
    for (const method of METHODS) {
      const { sandbox, calls } = await stubbedSandbox(ctx, () => failure(400, "c", "m"));
      await method.call({ sdk, sandbox, connection }).catch(() => {});
      for (const { url, init } of calls) {
        for (const secret of [KEY, TOKEN]) {
          assert.excludes(url, secret, method.name);
          if (typeof init.body === "string") assert.excludes(init.body, secret, method.name);
        }
      }
    }
  });
}
