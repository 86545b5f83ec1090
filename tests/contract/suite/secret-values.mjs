// A secret's value is in its request and nowhere else.

import { KEY, failure, json } from "../support/fixtures.mjs";
import { BEARER, SECRET_NAME, VALUE, liveSecret, stubbedSecret, wireSecret } from "../support/secrets.mjs";
import { stubFetch } from "../support/stub-fetch.mjs";

const connection = { apiKey: KEY, baseUrl: "http://localhost:9" };
const ROTATED = "anothersecret-77aa01";

/** Everything that a value shows of itself. */
function shown(value, runtime) {
  const parts = [String(value), JSON.stringify(value), value.message, value.stack, runtime.inspect?.(value)];
  for (const key of Reflect.ownKeys(value)) parts.push(JSON.stringify(value[key]), String(value[key]));
  return parts.join("\n");
}

/** Calls that send a value. */
const calls = {
  create: ({ sdk }, _, value = VALUE) =>
    sdk.Secret.create({ ...connection, name: SECRET_NAME, value, ...BEARER }),
  rotate: (_, secret, value = VALUE) => secret.rotate(value),
};

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("it is sent once, in the body", async (ctx) => {
    const { assert } = ctx;
    for (const [name, call] of Object.entries(calls)) {
      const { secret, calls: sent } = await stubbedSecret(ctx, () => json(200, wireSecret()), {});
      await call(ctx, secret);
      assert.equal(sent.length, 1, name);
      const [{ url, headers, init, json: body }] = sent;
      assert.equal(body.value, VALUE, name);
      assert.excludes(url, VALUE, name);
      assert.excludes(JSON.stringify(headers), VALUE, name);
      assert.equal(init.body.split(VALUE).length, 2, `${name}: once`);
    }
  });

  test("values of any text arrive whole", async (ctx) => {
    const { sdk, assert } = ctx;
    for (const value of ["a", 'q"\\uote', "line\nbreak\0", "é漢😀\u2028", " spaces ", "x".repeat(16_000)]) {
      const { secret, calls: sent } = await stubbedSecret(ctx, () => json(200, wireSecret()));
      await sdk.Secret.create({ ...connection, name: "n", value, ...BEARER });
      await secret.rotate(value);
      assert.deepEqual(
        sent.map((call) => call.json.value === value),
        [true, true],
        assert.show(value),
      );
    }
  });

  test("no object shows it, even when the service repeats it", async (ctx) => {
    const { sdk, assert, runtime } = ctx;
    const wire = { value: VALUE, secret_value: VALUE };
    const { secret } = await stubbedSecret(ctx, () => json(200, wireSecret(wire)), wire);
    const objects = [secret, await secret.getInfo(), await secret.rotate(VALUE)];
    stubFetch(ctx, () => json(200, [wireSecret(wire)]));
    objects.push(...(await sdk.Secret.list(connection)));
    for (const object of objects) {
      const text = shown(object, runtime);
      assert.ok(text.includes(SECRET_NAME), "it shows something");
      assert.excludes(text, VALUE);
      assert.excludes(text, KEY);
    }
  });

  test("no error shows it, whatever the service says", async (ctx) => {
    const { sdk, assert, runtime } = ctx;
    const answers = {
      "an envelope": () => failure(400, "bad_value", `the value ${VALUE} is not good`),
      "its code": () => failure(400, VALUE, "no"),
      "plain text": () => new Response(`refused: ${VALUE}`, { status: 500 }),
      "an escaped one": () =>
        new Response(JSON.stringify({ error: { message: `"${VALUE}"` } }), { status: 409 }),
      "a network error": () => Promise.reject(new TypeError(`cannot send ${VALUE}`)),
      "a bad body": () => new Response(`{"name": "${VALUE}`),
      "a missing field": () => json(200, { value: VALUE }),
    };
    for (const [what, answer] of Object.entries(answers)) {
      for (const [name, call] of Object.entries(calls)) {
        const { secret } = await stubbedSecret(ctx, answer);
        const error = await assert.rejects(call(ctx, secret), undefined, `${name}, ${what}`);
        assert.ok(error instanceof sdk.SandboxError, `${name}, ${what}`);
        const own = Object.assign(Object.create(error), { cause: undefined });
        assert.excludes(shown(own, runtime), VALUE, `${name}, ${what}`);
      }
    }
  });

  test("no error shows a value of several lines, in whichever form it comes back", async (ctx) => {
    const { sdk, assert, runtime } = ctx;
    const values = [
      "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----\n",
      '\tMIIEvQIBADANBg "quoted" \\ back\r\n',
    ];
    const escaped = (text) => JSON.stringify(text).slice(1, -1);
    const forms = {
      "as it is": (value) => value,
      trimmed: (value) => value.trim(),
      "without its final newline": (value) => value.trimEnd(),
      escaped,
      "trimmed and escaped": (value) => escaped(value.trim()),
    };
    const answers = {
      "in a text": (told) => new Response(`bad value ${told}, sorry`, { status: 400 }),
      "at its end": (told) => new Response(`bad value: ${told}`, { status: 500 }),
      alone: (told) => new Response(told, { status: 400 }),
      "in an envelope": (told) => failure(400, `bad ${told}`, `the value "${told}" is not good`),
      "in no JSON": (told) => Promise.reject(new SyntaxError(`Unexpected token in ${told}`)),
      "in a failure of the network": (told) => Promise.reject(new TypeError(`cannot send ${told}`)),
      "with the whole request": (_, { init }) => new Response(`cannot parse: ${init.body}`, { status: 400 }),
    };
    for (const value of values) {
      for (const [form, formOf] of Object.entries(forms)) {
        for (const [where, answer] of Object.entries(answers)) {
          for (const [name, call] of Object.entries(calls)) {
            const { secret } = await stubbedSecret(ctx, (request) => answer(formOf(value), request));
            const what = `${name}, ${form}, ${where}`;
            const error = await assert.rejects(call(ctx, secret, value), undefined, what);
            assert.ok(error instanceof sdk.SandboxError, what);
            const own = Object.assign(Object.create(error), { cause: undefined });
            assert.excludes(shown(own, runtime), "MIIEvQIBADANBg", what);
          }
        }
      }
    }
  });

  test("the value of an earlier call is not kept", async (ctx) => {
    const { assert, runtime } = ctx;
    const { secret } = await stubbedSecret(ctx, () => json(200, wireSecret()));
    const rotated = await secret.rotate(ROTATED);
    const seen = new Set();
    // Everything that can be reached by properties, hidden ones and getters included.
    const look = (value, path) => {
      if (typeof value === "string") for (const text of [VALUE, ROTATED]) assert.excludes(value, text, path);
      if (value === null || !["object", "function"].includes(typeof value) || seen.has(value)) return;
      if (path.split(".").length > 5) return;
      seen.add(value);
      for (const key of Reflect.ownKeys(value)) {
        let inner;
        try {
          inner = value[key];
        } catch {
          continue;
        }
        look(inner, `${path}.${String(key)}`);
      }
    };
    look(secret, "secret");
    look(rotated, "rotated");
    assert.ok(seen.size > 3, "it looked");
    if (runtime.inspect) assert.excludes(runtime.inspect([secret, rotated]), ROTATED);
  });

  test("a value of another type is refused, and not shown", async (ctx) => {
    const { sdk, assert, runtime } = ctx;
    const { secret, calls: sent } = await stubbedSecret(ctx, () => json(200, wireSecret()));
    const wrong = [
      undefined,
      null,
      "",
      5,
      true,
      {},
      [VALUE],
      { value: VALUE },
      new String(VALUE),
      () => VALUE,
    ];
    for (const value of wrong) {
      const create = () => sdk.Secret.create({ ...connection, name: "n", ...BEARER, value });
      for (const call of [create, () => secret.rotate(value)]) {
        const error = await assert.rejects(call, sdk.ValidationError, assert.show(value));
        assert.excludes(shown(error, runtime), VALUE);
      }
    }
    assert.equal(sent.length, 0, "requests");
  });

  test("console.log of a real one", { needs: "inspect" }, async (ctx) => {
    const { assert, runtime } = ctx;
    const secret = await liveSecret(ctx);
    const text = runtime.inspect(secret);
    for (const part of ["Secret", secret.id, secret.name, "api.example.com"]) {
      assert.ok(text.includes(part), `${part} is shown in ${text}`);
    }
    for (const hidden of [VALUE, ctx.apiKey, "__wbg", "ptr"]) assert.excludes(text, hidden);
  });
}
