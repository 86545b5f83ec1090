// What fetch answers where it is not this realm's, or has no streams: test environments, mocks, React Native.

import { KEY, event, finished, result, wireSandbox } from "../support/fixtures.mjs";
import { stubFetch, stubbedSandbox } from "../support/stub-fetch.mjs";

const connection = { apiKey: KEY, baseUrl: "http://localhost:9" };
const encoder = new TextEncoder();
const decoder = new TextDecoder();

const typedArray = Object.getPrototypeOf(Uint8Array.prototype);
const foreignPrototype = Object.create(null, {
  ...Object.getOwnPropertyDescriptors(typedArray),
  ...Object.getOwnPropertyDescriptors(Uint8Array.prototype),
});

/** Bytes as those of another realm are: whole, but no instance of this realm's `Uint8Array`. */
const foreign = (text) => Object.setPrototypeOf(encoder.encode(text), foreignPrototype);

/** A response with a body of foreign chunks. */
function foreignResponse(status, texts, headers = {}) {
  const body = new ReadableStream({
    start(controller) {
      for (const text of texts) controller.enqueue(foreign(text));
      controller.close();
    },
  });
  // A real `Response` would refuse such chunks, so it lends no more than its head.
  return { status, ok: status < 400, headers: new Headers(headers), body };
}

/** An error as another realm's is: with a name and a message, but no instance of this realm's `Error`. */
const foreignError = (name, message, more = {}) =>
  Object.assign(Object.create(null), { name, message, ...more });

/** A response that has no stream, only what reads the whole. */
const streamless = (status, text, headers = {}) => ({
  status,
  ok: status < 400,
  headers: new Headers(headers),
  text: async () => text,
  json: async () => JSON.parse(text),
  arrayBuffer: async () => encoder.encode(text).buffer,
});

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("chunks of another realm are bytes", async (ctx) => {
    const { assert } = ctx;
    assert.equal(foreign("x") instanceof Uint8Array, false, "the fixture is foreign");
    for (const parts of [["whole 漢"], ["in ", "three ", "parts"], []]) {
      const text = parts.join("");
      const { length } = encoder.encode(text);
      for (const headers of [{}, { "content-length": `${length}` }, { "content-length": `${length >> 1}` }]) {
        const { sandbox } = await stubbedSandbox(ctx, () => foreignResponse(200, parts, headers));
        assert.equal(await sandbox.files.readText("/a"), text);
        assert.equal(decoder.decode(await sandbox.files.read("/a")), text);
        const zip = await sandbox.files.downloadDir("/a");
        assert.deepEqual([...zip], [...encoder.encode(text)]);
      }
    }
  });

  test("output of another realm, whole and as it comes", async (ctx) => {
    const { assert } = ctx;
    const plain = JSON.stringify(result({ stdout: "out", exit_code: 3 }));
    const events = event({ stdout: "é漢" }) + event({ stderr: "e" }) + finished(3);
    const { sandbox } = await stubbedSandbox(ctx, ({ path }) => {
      const text = path === "/exec" ? plain : events;
      return foreignResponse(200, [text.slice(0, 9), text.slice(9, 10), text.slice(10)]);
    });
    const { stdout, exitCode } = await sandbox.commands.run("x");
    assert.deepEqual({ stdout, exitCode }, { stdout: "out", exitCode: 3 });
    const heard = [];
    const done = await sandbox.commands.run("x", { onStdout: (text) => heard.push(text) });
    assert.deepEqual(heard, ["é漢"]);
    assert.deepEqual([done.stdout, done.stderr, done.exitCode], ["é漢", "e", 3]);
  });

  test("an error's body of another realm is told", async (ctx) => {
    const { sdk, assert } = ctx;
    const body = '{"error":{"code":"busy","message":"the reason"}}';
    const { sandbox } = await stubbedSandbox(ctx, () =>
      foreignResponse(409, [body.slice(0, 5), body.slice(5)]),
    );
    for (const call of [() => sandbox.pause(), () => sandbox.commands.run("x", { onStdout() {} })]) {
      const error = await assert.rejects(call, sdk.ConflictError);
      assert.deepEqual([error.message, error.code], ["the reason", "busy"]);
    }
  });

  test("an error of another realm keeps its words", async (ctx) => {
    const { sdk, assert } = ctx;
    const cause = foreignError("Error", "connect ECONNREFUSED 192.0.2.1:443", { code: "ECONNREFUSED" });
    const thrown = foreignError("TypeError", "fetch failed", { cause });
    for (const respond of [
      () => Promise.reject(thrown),
      () => {
        throw thrown;
      },
    ]) {
      stubFetch(ctx, respond);
      const error = await assert.rejects(
        () => sdk.Sandbox.create({ ...connection, name: "x" }),
        sdk.SandboxError,
      );
      assert.equal(error.message, "Network error: fetch failed: connect ECONNREFUSED 192.0.2.1:443");
      assert.equal(error.code, "network_error");
      assert.equal(error.cause, thrown, "cause");
    }
  });

  test("what is not JSON is no failure of the network, whatever realm says so", async (ctx) => {
    const { sdk, assert } = ctx;
    const unexpected = foreignError("SyntaxError", "Unexpected token 'o', \"not json\" is not valid JSON");
    const answers = {
      "this realm's": () => new Response("not json"),
      "another realm's": () => ({ status: 200, json: () => Promise.reject(unexpected) }),
      "another realm's, at once": () => ({
        status: 200,
        json() {
          throw unexpected;
        },
      }),
      "without a stream": () => streamless(200, "not json"),
    };
    for (const [whose, answer] of Object.entries(answers)) {
      const { sandbox, calls } = await stubbedSandbox(ctx, answer);
      const error = await assert.rejects(() => sandbox.getInfo(), sdk.SandboxError, whose);
      assert.equal(error.code, "invalid_response", whose);
      assert.excludes(error.message, "Network error", whose);
      assert.equal(calls.length, 1, `requests, ${whose}`);
    }
  });

  test("without a stream, the whole is read", async (ctx) => {
    const { sdk, assert } = ctx;
    const text = "precious é漢😀\0";
    const { length } = encoder.encode(text);
    for (const headers of [{}, { "content-length": `${length}` }]) {
      const { sandbox } = await stubbedSandbox(ctx, () => streamless(200, text, headers));
      assert.equal(await sandbox.files.readText("/a"), text);
      for (const call of ["read", "downloadDir"]) {
        const bytes = await sandbox.files[call]("/a");
        assert.ok(bytes instanceof Uint8Array, call);
        assert.deepEqual([...bytes], [...encoder.encode(text)], call);
        assert.equal(
          (await sandbox.files[call]("/a", { maxBytes: length })).length,
          length,
          "as many as may be",
        );
        const tooMuch = () => sandbox.files[call]("/a", { maxBytes: length - 1 });
        const error = await assert.rejects(tooMuch, sdk.ValidationError, call);
        assert.equal(error.code, "too_large", call);
        assert.match(error.message, /maxBytes/, call);
      }
    }
  });

  test("without a stream, a command's result and its limit", async (ctx) => {
    const { sdk, assert } = ctx;
    const body = JSON.stringify(result({ stdout: "hi", stderr: "漢", exit_code: 3 }));
    const { sandbox } = await stubbedSandbox(ctx, () => streamless(200, body));
    const { stdout, stderr, exitCode } = await sandbox.commands.run("x");
    assert.deepEqual([stdout, stderr, exitCode], ["hi", "漢", 3]);
    const tooMuch = () => sandbox.commands.run("x", { maxOutputBytes: 10 });
    assert.equal((await assert.rejects(tooMuch, sdk.ValidationError)).code, "too_large");
    const { sandbox: other, calls } = await stubbedSandbox(ctx, () =>
      streamless(200, event({ stdout: "漢" }) + finished()),
    );
    const heard = [];
    await other.commands.run("x", { onStdout: (text) => heard.push(text) });
    assert.deepEqual(heard, ["漢"], "all at once");
    assert.equal(calls.length, 1, "requests");
  });

  test("without a stream, an error's code and message", async (ctx) => {
    const { sdk, assert } = ctx;
    const answers = [
      [409, '{"error":{"code":"busy","message":"the reason"}}', sdk.ConflictError, "the reason", "busy"],
      [404, "no such file", sdk.NotFoundError, "no such file", undefined],
      [418, "", sdk.SandboxError, "API error (418)", undefined],
    ];
    for (const [status, body, Class, message, code] of answers) {
      const { sandbox } = await stubbedSandbox(ctx, () => streamless(status, body));
      for (const call of [
        () => sandbox.pause(),
        () => sandbox.files.read("/a"),
        () => sandbox.commands.run("x", { onStdout() {} }),
      ]) {
        const error = await assert.rejects(call, Class, `${status}`);
        assert.deepEqual([error.message, error.code, error.statusCode], [message, code, status]);
      }
    }
  });

  test("without a stream, the other calls", async (ctx) => {
    const { sdk, assert } = ctx;
    const { sandbox } = await stubbedSandbox(ctx, ({ method }) =>
      method === "GET" ? streamless(200, JSON.stringify(wireSandbox())) : streamless(204, ""),
    );
    assert.equal((await sandbox.getInfo()).name, "fixture");
    assert.equal(await sandbox.files.write("/a", "b"), undefined);
    assert.equal(await sandbox.pause(), undefined);
    assert.equal(await sandbox.kill(), undefined);
    // Nothing at all to read: an error has its status, and a file is not taken for an empty one.
    stubFetch(ctx, () => ({ status: 500 }));
    assert.equal((await assert.rejects(() => sandbox.pause(), sdk.ServerError)).message, "API error (500)");
    stubFetch(ctx, () => ({ status: 200 }));
    const error = await assert.rejects(() => sandbox.files.readText("/a"), sdk.SandboxError);
    assert.equal(error.code, "invalid_response");
  });
}
