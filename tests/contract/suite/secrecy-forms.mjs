// What of a secret no error shows, in whatever form a server repeats it; and what is no secret.

import { FRESH, KEY, TOKEN, failure, json, wireSandbox } from "../support/fixtures.mjs";
import { BEARER } from "../support/secrets.mjs";
import { stubFetch, stubbedSandbox } from "../support/stub-fetch.mjs";

const connection = { apiKey: KEY, baseUrl: "http://localhost:9" };
const VALUE = "line-one-of-the-value\nshort-1\nlinetwo9\nline-three&=<é>of-the-value";

const plain = (text) => () => new Response(text, { status: 400 });
const ascii = (text) =>
  JSON.stringify(text).replace(/[^ -~]/g, (unit) => `\\u00${unit.charCodeAt().toString(16)}`);
const html = (text) => text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");

/** The error of storing a value. */
async function refusal(ctx, value, answer, more = {}) {
  stubFetch(ctx, answer);
  const create = () => ctx.sdk.Secret.create({ ...connection, name: "n", value, ...BEARER, ...more });
  return ctx.assert.rejects(create);
}

/** An error, and its causes, as `console.log` has them; without that as far as they can be read. */
function shown(ctx, error) {
  const parts = [];
  for (let each = error; each; each = each.cause)
    parts.push(each.message, each.stack, JSON.stringify({ ...each }));
  return `${parts.join("\n")}\n${ctx.runtime.inspect?.(error) ?? ""}`;
}

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("a value in other forms, by its lines, and cut off", async (ctx) => {
    const { assert } = ctx;
    const told = {
      "percent-encoded": encodeURIComponent(VALUE),
      "as JSON": JSON.stringify(VALUE),
      "as JSON in ASCII": ascii(VALUE),
      "as HTML": html(VALUE),
      "in other letters": VALUE.toUpperCase(),
      "the first line": "line-one-of-the-value",
      "a short line": "(linetwo9)",
      "cut off by the connection": "line-one-",
      "cut off by the server": "line-one-…",
      "a long piece": "ne-one-of-the-va",
    };
    for (const [what, text] of Object.entries(told)) {
      const error = await refusal(ctx, VALUE, plain(`refused: ${text}`));
      const text2 = shown(ctx, error).toLowerCase();
      for (const part of ["line-one", "linetwo9", "line-three", "of-the-value"])
        assert.excludes(text2, part, what);
      assert.match(error.message, /^refused: .?\[redacted\]/, what);
    }
    const bytes = new TextEncoder().encode(VALUE);
    const base64 = btoa(String.fromCharCode(...bytes));
    assert.excludes((await refusal(ctx, VALUE, plain(`auth ${base64}`))).message, base64.slice(0, 12));
  });

  test("everyday words and codes stay", async (ctx) => {
    const { sdk, assert } = ctx;
    for (const value of ["v", "test", "bad", "message"]) {
      const error = await refusal(ctx, value, () => failure(400, "validation_error", "bad test message"), {
        apiKey: value,
      });
      assert.deepEqual([error.code, error.message], ["validation_error", "bad test message"], value);
    }
    const named = await refusal(ctx, "validation_error", () => failure(400, "validation_error", "no"));
    assert.equal(named.code, "validation_error", "a code that is a secret's value too");
    const secret = await refusal(ctx, "x", () => failure(400, KEY, "no"));
    assert.equal(secret.code, undefined, "a secret in the place of a code");
    assert.isError(secret, sdk.ValidationError);
  });

  test("the other plane's credential, and the token before", async (ctx) => {
    const { assert } = ctx;
    let text;
    const { sandbox } = await stubbedSandbox(ctx, ({ url }) => {
      if (url.endsWith("/resume")) return json(200, { id: "x", status: "active", access_token: FRESH });
      return failure(400, text.startsWith("code ") ? text.slice(5) : "c", text);
    });
    const calls = { control: () => sandbox.pause(), data: () => sandbox.commands.run("x") };
    const tells = async (secret) => {
      for (const [plane, call] of Object.entries(calls)) {
        for (const before of ["row: ", "code "]) {
          text = before + secret;
          const error = await assert.rejects(call);
          assert.excludes(shown(ctx, error), secret, plane);
          assert.ok(error.message.endsWith("[redacted]"), error.message);
        }
      }
    };
    await tells(KEY);
    await tells(TOKEN);
    await sandbox.resume();
    await tells(FRESH);
    await tells(TOKEN);
  });

  test("a cause that holds one is told without, any other is kept", async (ctx) => {
    const { sdk, assert } = ctx;
    const parser = Object.assign(new Error("Invalid header token"), {
      code: "HPE_INVALID",
      data: '{"access_token":"new"}',
    });
    const holding = {
      "its message": new TypeError(`cannot send ${KEY}`),
      "its cause": new TypeError("fetch failed", { cause: new Error(KEY) }),
      "its request": Object.assign(new TypeError("failed"), { config: { headers: { "X-API-Key": KEY } } }),
      "its headers": Object.assign(new TypeError("failed"), { headers: new Headers({ "X-API-Key": KEY }) }),
      "bytes of an answer": new TypeError("fetch failed", { cause: parser }),
      "a text": `no ${KEY}`,
    };
    for (const [what, cause] of Object.entries(holding)) {
      stubFetch(ctx, () => Promise.reject(cause));
      const error = await assert.rejects(() => sdk.Sandbox.create({ ...connection, name: "x" }));
      const text = shown(ctx, error);
      for (const secret of [KEY, "access_token"]) assert.excludes(text, secret, what);
      assert.equal(error.cause instanceof TypeError, cause instanceof TypeError, what);
      assert.equal(error.cause.constructor, cause.constructor, what);
    }
    const innocent = new TypeError("fetch failed", {
      cause: Object.assign(new Error("reset"), { code: "ECONNRESET" }),
    });
    stubFetch(ctx, () => Promise.reject(innocent));
    const lost = await assert.rejects(() => sdk.Sandbox.create({ ...connection, name: "x" }));
    assert.equal(lost.cause, innocent);
    const reason = new Error(`mine: ${KEY}`);
    const ended = () => sdk.Sandbox.create({ ...connection, name: "x", signal: AbortSignal.abort(reason) });
    assert.equal((await assert.rejects(ended)).cause, reason, "the reason of a caller is the caller's");
    const broken = JSON.stringify(wireSandbox({ access_token: "unheardof-token" })).replace("}", "x}");
    stubFetch(ctx, () => new Response(broken, { status: 201 }));
    const invalid = await assert.rejects(() => sdk.Sandbox.create({ ...connection, name: "x" }));
    assert.excludes(shown(ctx, invalid), "unheardof", "an answer that is no JSON");
  });
}
