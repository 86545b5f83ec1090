// Whether a body is the whole of what was asked for, whatever it came in.

import { KEY, event, finished, json, result, wireSandbox } from "../support/fixtures.mjs";
import { stubFetch, stubbedSandbox } from "../support/stub-fetch.mjs";
import { virtualTime } from "../support/virtual-time.mjs";

const connection = { apiKey: KEY, baseUrl: "http://localhost:9" };
const encoder = new TextEncoder();
const decoder = new TextDecoder();

const TEXT = "precious é漢😀";
const { length: SIZE } = encoder.encode(TEXT);

const READS = {
  read: async (files, options) => decoder.decode(await files.read("/a", options)),
  readText: (files, options) => files.readText("/a", options),
  downloadDir: async (files, options) => decoder.decode(await files.downloadDir("/a", options)),
};
const FILES = ["read", "readText"];

/** An answer with no class of its own, as a mock's or another fetch's is. */
const answer = (body, headers = {}, status = 200) => ({
  status,
  ok: status < 400,
  headers: new Headers(headers),
  ...body,
});

/** A body that gives these chunks, then ends; `read` answers the next. */
function chunked(chunks) {
  let at = 0;
  const read = async () => (at < chunks.length ? { done: false, value: chunks[at++] } : { done: true });
  return { body: { getReader: () => ({ read, cancel: async () => {} }) } };
}

/** The error that each of the ways to read a file rejects with. */
async function eachRejects(ctx, respond, code, names = Object.keys(READS)) {
  const { sdk, assert } = ctx;
  for (const name of names) {
    const { sandbox, calls } = await stubbedSandbox(ctx, respond);
    const error = await assert.rejects(READS[name](sandbox.files), sdk.SandboxError, name);
    assert.equal(error.code, code, name);
    assert.equal(calls.length, code === "invalid_response" ? 1 : calls.length, `requests of ${name}`);
  }
}

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("a good status that stands for less than the file is no file", async (ctx) => {
    for (const status of [203, 204, 205, 206]) {
      const body = status === 204 || status === 205 ? null : TEXT;
      await eachRejects(ctx, () => new Response(body, { status }), "invalid_response");
    }
  });

  test("fewer bytes than were announced are incomplete", async (ctx) => {
    const announced = { "content-length": `${SIZE + 1}` };
    await eachRejects(ctx, () => answer(chunked([encoder.encode(TEXT)]), announced), "incomplete");
    await eachRejects(ctx, () => answer(chunked([]), announced), "incomplete");
    await eachRejects(ctx, () => answer({ text: async () => TEXT }, announced), "incomplete");
  });

  const unsure = {
    "a coded body": { "content-encoding": "gzip", "content-length": "7" },
    "a connection that is the body's end": { connection: "close" },
  };
  for (const [what, headers] of Object.entries(unsure)) {
    test(`${what}: the SDK asks for what may follow`, async (ctx) => {
      const { sdk, assert } = ctx;
      for (const name of FILES) {
        for (const [status, whole] of [
          [416, true],
          [206, false],
          [200, false],
        ]) {
          const { sandbox, calls } = await stubbedSandbox(ctx, ({ headers: sent }) =>
            sent.range
              ? json(status, { error: { code: "c", message: "m" } })
              : answer(chunked([encoder.encode(TEXT)]), headers),
          );
          const read = READS[name](sandbox.files);
          const where = `${name}, ${status}`;
          if (whole) assert.equal(await read, TEXT, where);
          else assert.equal((await assert.rejects(read, sdk.SandboxError, where)).code, "incomplete", where);
          assert.deepEqual(
            calls.map(({ headers: sent }) => sent.range),
            [undefined, `bytes=${SIZE}-`],
            where,
          );
          assert.equal(calls[1].url, calls[0].url, where);
          assert.equal(calls[1].method, "GET", where);
          assert.equal(calls[1].headers["x-access-token"], calls[0].headers["x-access-token"], where);
        }
      }
    });

    test(`${what}: an archive tells its own end`, async (ctx) => {
      const { sandbox, calls } = await stubbedSandbox(ctx, () =>
        answer(chunked([encoder.encode(TEXT)]), headers),
      );
      ctx.assert.equal(await READS.downloadDir(sandbox.files), TEXT);
      ctx.assert.equal(calls.length, 1);
    });
  }

  test("a length that is met needs no second look", async (ctx) => {
    for (const headers of [
      {},
      { connection: "keep-alive" },
      { connection: "close", "content-length": `${SIZE}` },
    ]) {
      for (const name of FILES) {
        const { sandbox, calls } = await stubbedSandbox(ctx, () =>
          answer(chunked([encoder.encode(TEXT)]), headers),
        );
        ctx.assert.equal(await READS[name](sandbox.files), TEXT);
        ctx.assert.equal(calls.length, 1, ctx.assert.show(headers));
      }
    }
  });

  const half = Math.floor(TEXT.length / 2) - 1;
  const forms = {
    "an async iterable of bytes": (text) => ({
      body: (async function* () {
        const bytes = encoder.encode(text);
        yield bytes.subarray(0, 9);
        yield bytes.subarray(9);
      })(),
    }),
    "an async iterable of strings": (text) => ({
      body: (async function* () {
        yield text.slice(0, half);
        yield text.slice(half);
      })(),
    }),
    "text() alone": (text) => ({ text: async () => text }),
    "arrayBuffer() alone": (text) => ({ arrayBuffer: async () => encoder.encode(text).buffer }),
  };
  for (const [what, form] of Object.entries(forms)) {
    test(`${what} is a body`, async (ctx) => {
      const { sdk, assert } = ctx;
      for (const [name, read] of Object.entries(READS)) {
        const { sandbox } = await stubbedSandbox(ctx, () => answer(form(TEXT)));
        assert.equal(await read(sandbox.files), TEXT, name);
        const error = await assert.rejects(
          read(sandbox.files, { maxBytes: SIZE - 1 }),
          sdk.ValidationError,
          name,
        );
        assert.equal(error.code, "too_large", name);
      }
      const wire = JSON.stringify(result({ stdout: TEXT, exit_code: 3 }));
      const events = event({ stdout: TEXT }) + finished(3);
      const { sandbox } = await stubbedSandbox(ctx, ({ path }) =>
        answer(form(path === "/exec" ? wire : events)),
      );
      const heard = [];
      const streamed = await sandbox.commands.run("x", { onStdout: (text) => heard.push(text) });
      assert.equal(heard.join(""), TEXT, "heard");
      for (const { stdout, exitCode } of [await sandbox.commands.run("x"), streamed]) {
        assert.deepEqual([stdout, exitCode], [TEXT, 3]);
      }
      stubFetch(ctx, () => answer(form(JSON.stringify([wireSandbox()]))));
      assert.equal((await sdk.Sandbox.list(connection)).length, 1);
      stubFetch(ctx, () => answer(form('{"error":{"code":"busy","message":"the reason"}}'), {}, 409));
      const refused = await assert.rejects(sdk.Sandbox.list(connection), sdk.ConflictError);
      assert.deepEqual([refused.code, refused.message], ["busy", "the reason"]);
    });
  }

  test("json() alone is a body of JSON", async (ctx) => {
    const { sdk, assert } = ctx;
    const { sandbox } = await stubbedSandbox(ctx, () =>
      answer({ json: async () => result({ stdout: TEXT }) }),
    );
    assert.equal((await sandbox.commands.run("x")).stdout, TEXT);
    assert.equal(await sandbox.files.readText("/a"), JSON.stringify(result({ stdout: TEXT })));
    stubFetch(ctx, () => answer({ json: async () => [wireSandbox()] }));
    assert.equal((await sdk.Sandbox.list(connection)).length, 1);
    const told = { error: { code: "busy", message: "the reason" } };
    stubFetch(ctx, () => answer({ json: async () => told }, {}, 409));
    assert.equal((await assert.rejects(sdk.Sandbox.list(connection), sdk.ConflictError)).code, "busy");
  });

  test("an answer with nothing to read is invalid", async (ctx) => {
    const { sdk, assert } = ctx;
    for (const headers of [{ headers: new Headers() }, {}]) {
      const respond = () => Promise.resolve({ status: 200, ok: true, ...headers });
      await eachRejects(ctx, respond, "invalid_response");
      const { sandbox } = await stubbedSandbox(ctx, respond);
      const calls = {
        run: () => sandbox.commands.run("x"),
        stream: () => sandbox.commands.run("x", { onStdout() {} }),
        list: () => sdk.Sandbox.list(connection),
      };
      for (const [name, call] of Object.entries(calls)) {
        assert.equal((await assert.rejects(call, sdk.SandboxError, name)).code, "invalid_response", name);
      }
    }
    stubFetch(ctx, () => Promise.resolve({ status: 409 }));
    assert.equal((await assert.rejects(sdk.Sandbox.list(connection), sdk.ConflictError)).statusCode, 409);
  });

  test("JSON without end is too large: read so far and no further, not asked for again", async (ctx) => {
    const { sdk, assert } = ctx;
    const piece = new Uint8Array(1 << 20).fill(0x20);
    const most = 64;
    let pulled = 0;
    const endless = {
      read: async () => (pulled++, pulled > 2 * most ? { done: true } : { done: false, value: piece }),
    };
    let given;
    const calls = stubFetch(ctx, (call) => {
      given = call.init.signal;
      return answer({ body: { getReader: () => endless } });
    });
    const error = await assert.rejects(sdk.Sandbox.list(connection), sdk.SandboxError);
    assert.equal(error.code, "too_large");
    assert.equal(calls.length, 1, "requests");
    assert.equal(pulled, most + 1, "pieces read");
    assert.ok(given.aborted, "the connection is let go");
  });

  const taken = () => {
    const bytes = encoder.encode(event({ stdout: "x" }) + finished());
    structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
    return bytes;
  };
  const boom = () => {
    throw new Error("not to be called");
  };
  const throwing = (text) => {
    class Odd extends Uint8Array {
      static get [Symbol.species]() {
        return boom();
      }
      subarray = boom;
      slice = boom;
    }
    const bytes = encoder.encode(text);
    return new Odd(bytes.buffer);
  };

  test("a chunk whose memory was taken away does not hang, and nothing of it is heard", async (ctx) => {
    const { sdk, assert } = ctx;
    const heard = [];
    const { sandbox } = await stubbedSandbox(ctx, () => answer(chunked([taken()])));
    const run = sandbox.commands.run("x", { onStdout: (text) => heard.push(text) });
    assert.equal((await assert.rejects(run, sdk.SandboxError)).code, "invalid_response");
    assert.deepEqual(heard, []);
    for (const headers of [{}, { "content-length": "9" }]) {
      await eachRejects(ctx, () => answer(chunked([taken()]), headers), "invalid_response");
      await eachRejects(
        ctx,
        () => answer(chunked([encoder.encode(TEXT), taken()]), headers),
        "invalid_response",
      );
    }
  });

  test("a chunk whose class throws when it is cut is bytes like any other", async (ctx) => {
    const { assert } = ctx;
    for (const headers of [{}, { "content-length": `${SIZE}` }, { "content-length": `${SIZE - 2}` }]) {
      for (const [name, read] of Object.entries(READS)) {
        const { sandbox } = await stubbedSandbox(ctx, () => answer(chunked([throwing(TEXT)]), headers));
        assert.equal(await read(sandbox.files), TEXT, name);
      }
    }
    const long = "x".repeat(200_000);
    const { sandbox } = await stubbedSandbox(ctx, () =>
      answer(chunked([throwing(event({ stdout: long }) + finished(4))])),
    );
    const { stdout, exitCode } = await sandbox.commands.run("x", { onStdout() {} });
    assert.ok(stdout === long, "the output");
    assert.equal(exitCode, 4);
  });

  test("chunks that are empty for ever end with the call's time", async (ctx) => {
    const { sdk, assert } = ctx;
    // Each read takes a millisecond of a clock whose timers get no turn.
    const time = virtualTime(ctx);
    const empty = new Uint8Array();
    const respond = () => {
      let reads = 0;
      const read = async () => {
        time.leap(1);
        return ++reads < 100_000 ? { done: false, value: empty } : { done: true };
      };
      return answer({ body: { getReader: () => ({ read }) } });
    };
    const { sandbox } = await stubbedSandbox(ctx, respond);
    const streamed = sandbox.commands.run("x", { onStdout() {}, timeoutMs: 1000 });
    await assert.rejects(streamed, sdk.TimeoutError, "a stream");
    assert.within(time.elapsed(), 5000, 7000, "milliseconds of a stream");
    for (const [name, read] of Object.entries(READS)) {
      const before = time.elapsed();
      await assert.rejects(read(sandbox.files, { timeoutMs: 1000 }), sdk.TimeoutError, name);
      assert.within(time.elapsed() - before, 1000, 1100, `milliseconds of ${name}`);
    }
  });
}
