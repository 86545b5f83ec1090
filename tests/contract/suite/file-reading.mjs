// Files read in parts and as streams.

import { FRESH, TOKEN, endlessBody, failure, json, streamOf, wireSandbox } from "../support/fixtures.mjs";
import { liveSandbox } from "../support/live.mjs";
import { hang, stubbedSandbox } from "../support/stub-fetch.mjs";

const WHOLE = Uint8Array.from({ length: 100 }, (_, at) => at);
const DATE = "Sat, 01 Aug 2026 12:00:00 GMT";

/** Nothing waits between two attempts. */
const quick = { options: { retry: { maxDelayMs: 0 } } };

/** A file's bytes in pieces. `breaks` says that it ends in an error. */
const pieces = function* (bytes, size, breaks = false) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  if (breaks) throw new TypeError("the connection is gone");
};

/** Answers with a part of a file, as its Range says, and with the whole where that `ignores` it. */
function served(call, bytes, { ignores = false, date = DATE, size = 7, length, body } = {}) {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(call.headers.range ?? "") ?? [];
  if (first !== undefined && !ignores && Number(first) >= bytes.length)
    return failure(416, "x", "no such part");
  const isPart = first !== undefined && !ignores;
  const end = last ? Number(last) + 1 : Infinity;
  const part = isPart ? bytes.slice(Number(first), end) : bytes;
  const headers = { "content-length": String(length ?? part.length) };
  if (date) headers["last-modified"] = date;
  return streamOf(body?.(part) ?? pieces(part, size), { status: isPart ? 206 : 200, headers });
}

/** All that a stream gives, in one piece. */
async function whole(stream) {
  // A `Response` of it would fail in a browser's own words.
  const reader = stream.getReader();
  const chunks = [];
  for (let part; !(part = await reader.read()).done; ) chunks.push(part.value);
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("each format has its own form", async (ctx) => {
    const { assert } = ctx;
    const { files } = await liveSandbox(ctx);
    await files.write("/app/file", "é漢😀");
    assert.equal(await files.read("/app/file", { format: "text" }), "é漢😀");
    assert.deepEqual(await files.read("/app/file", { format: "bytes" }), new TextEncoder().encode("é漢😀"));
    const blob = await files.read("/app/file", { format: "blob" });
    assert.ok(blob instanceof Blob);
    assert.deepEqual([await blob.text(), blob.type], ["é漢😀", ""]);
    const stream = await files.read("/app/file", { format: "stream" });
    assert.ok(stream instanceof ReadableStream);
    assert.equal(await new Response(stream).text(), "é漢😀");
  });

  test("parts of a file on the local server", async (ctx) => {
    const { assert, sdk } = ctx;
    const { files } = await liveSandbox(ctx);
    await files.write("/app/file", WHOLE);
    await files.write("/app/empty", "");
    for (const [offset, length] of [
      [0, 10],
      [10, undefined],
      [95, 10],
      [99, 1],
      [100, undefined],
      [1000, 5],
      [20, 0],
    ]) {
      const expected = WHOLE.slice(offset, offset + (length ?? 100));
      const what = `${offset} ${length}`;
      assert.deepEqual(await files.read("/app/file", { offset, length }), expected, what);
      const stream = await files.read("/app/file", { offset, length, format: "stream" });
      assert.deepEqual(await whole(stream), expected, what);
    }
    assert.deepEqual(await files.read("/app/empty", { offset: 0, length: 5 }), new Uint8Array());
    await assert.rejects(() => files.read("/app/none", { offset: 5 }), sdk.NotFoundError);
  });

  test("a part is asked for by its range", async (ctx) => {
    const { assert } = ctx;
    const { sandbox, calls } = await stubbedSandbox(ctx, (call) => served(call, WHOLE));
    for (const [options, range] of [
      [{ offset: 0, length: 10 }, "bytes=0-9"],
      [{ offset: 10 }, "bytes=10-"],
      [{ offset: 10, length: 1 }, "bytes=10-10"],
      [{ length: 0 }, "bytes=0-0"],
      [{ offset: 0 }, undefined],
    ]) {
      await sandbox.files.read("/f", options);
      assert.equal(calls.at(-1).headers.range, range);
    }
    assert.equal(await sandbox.files.read("/f", { offset: 65, length: 3, format: "text" }), "ABC");
  });

  test("a server that takes no notice of ranges", async (ctx) => {
    const { assert } = ctx;
    for (const size of [1, 7, 50, 99, 100]) {
      const { sandbox } = await stubbedSandbox(ctx, (call) => served(call, WHOLE, { ignores: true, size }));
      for (const [offset, length] of [
        [0, 10],
        [49, 2],
        [50, undefined],
        [99, 1],
        [100, 1],
        [300, undefined],
        [5, 0],
      ]) {
        const expected = WHOLE.slice(offset, offset + (length ?? 100));
        const what = `${size} ${offset} ${length}`;
        assert.deepEqual(await sandbox.files.read("/f", { offset, length }), expected, what);
        const blob = await sandbox.files.read("/f", { offset, length, format: "blob" });
        assert.equal(blob.size, expected.length, what);
        const stream = await sandbox.files.read("/f", { offset, length, format: "stream" });
        assert.deepEqual(await whole(stream), expected, what);
      }
    }
  });

  test("of a whole that nobody asked for no more is read than is wanted", async (ctx) => {
    const { assert } = ctx;
    const { body, state } = endlessBody();
    const { sandbox, calls } = await stubbedSandbox(ctx, () => new Response(body));
    const bytes = await sandbox.files.read("/f", { offset: 70_000, length: 10 });
    assert.deepEqual(bytes, new Uint8Array(10).fill(120));
    assert.ok(state.pulled <= 4 * 65_536, `${state.pulled}`);
    assert.ok(calls[0].init.signal.aborted, "the request has ended");
  });

  test("at the end of a file there is nothing to read", async (ctx) => {
    const { assert } = ctx;
    const { sandbox } = await stubbedSandbox(ctx, (call) => served(call, WHOLE));
    for (const offset of [100, 101, 1e9]) {
      assert.deepEqual(await sandbox.files.read("/f", { offset }), new Uint8Array());
      assert.equal(await sandbox.files.read("/f", { offset, format: "text" }), "");
      assert.equal((await sandbox.files.read("/f", { offset, format: "blob" })).size, 0);
      const stream = await sandbox.files.read("/f", { offset, format: "stream" });
      assert.deepEqual(await whole(stream), new Uint8Array());
    }
  });

  test("a 416 that no part was asked for is an error", async (ctx) => {
    const { sandbox } = await stubbedSandbox(ctx, () => failure(416, "odd", "why not"));
    const error = await ctx.assert.rejects(() => sandbox.files.read("/f"), ctx.sdk.SandboxError);
    ctx.assert.deepEqual([error.statusCode, error.code], [416, "odd"]);
  });

  test("options that are none", async (ctx) => {
    const { assert, sdk } = ctx;
    const { sandbox, calls } = await stubbedSandbox(ctx, (call) => served(call, WHOLE));
    for (const options of [
      { offset: -1 },
      { offset: 1.5 },
      { offset: "1" },
      { length: -1 },
      { length: Infinity },
      { format: "json" },
      { format: 1 },
    ]) {
      const error = await assert.rejects(() => sandbox.files.read("/f", options), sdk.ValidationError);
      assert.equal(error.operation, "Files.read");
    }
    assert.equal(calls.length, 0);
  });

  test("maxBytes is of the part that is read", async (ctx) => {
    const { assert, sdk } = ctx;
    const { sandbox } = await stubbedSandbox(ctx, (call) => served(call, WHOLE, { ignores: true }));
    const { files } = sandbox;
    assert.equal((await files.read("/f", { offset: 10, length: 20, maxBytes: 20 })).length, 20);
    const error = await assert.rejects(
      () => files.read("/f", { offset: 10, maxBytes: 20 }),
      sdk.ValidationError,
    );
    assert.equal(error.code, "too_large");
    const early = { format: "stream", maxBytes: 99 };
    assert.equal(
      (await assert.rejects(() => files.read("/f", early), sdk.ValidationError)).code,
      "too_large",
    );
  });

  test("a stream that turns out to be larger than maxBytes fails", async (ctx) => {
    const { assert, sdk } = ctx;
    const { body } = endlessBody();
    const { sandbox, calls } = await stubbedSandbox(ctx, () => new Response(body));
    const stream = await sandbox.files.read("/f", { format: "stream", maxBytes: 100_000 });
    const error = await assert.rejects(() => whole(stream), sdk.ValidationError);
    assert.deepEqual([error.code, error.operation], ["too_large", "Files.read"]);
    assert.ok(calls[0].init.signal.aborted);
  });

  test("a stream is read as far as it is wanted", async (ctx) => {
    const { assert } = ctx;
    const { body, state } = endlessBody();
    const { sandbox, calls } = await stubbedSandbox(ctx, () => new Response(body));
    const reader = (await sandbox.files.read("/f", { format: "stream" })).getReader();
    for (let i = 0; i < 3; i++) assert.equal((await reader.read()).value.length, 65_536);
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.ok(state.pulled <= 6 * 65_536, `${state.pulled}`);
    assert.equal(calls[0].init.signal.aborted, false);
    await reader.cancel("enough");
    assert.ok(calls[0].init.signal.aborted, "cancelling ends the request");
    assert.equal((await reader.read()).done, true);
  });

  test("a stream that breaks off goes on where it was", async (ctx) => {
    const { assert } = ctx;
    for (const ignores of [false, true]) {
      for (const part of [{}, { offset: 5 }, { offset: 5, length: 60 }]) {
        const { offset = 0, length = 100 } = part;
        const expected = WHOLE.slice(offset, offset + length);
        let answers = 0;
        const { sandbox, calls } = await stubbedSandbox(
          ctx,
          (call) => {
            const breaks = ++answers < 4;
            const body = (bytes) => pieces(breaks ? bytes.subarray(0, 7 * answers) : bytes, 7, breaks);
            return served(call, WHOLE, { ignores, length: undefined, body });
          },
          quick,
        );
        const told = [];
        const onProgress = (...told_) => void told.push(told_);
        const stream = await sandbox.files.read("/f", { format: "stream", onProgress, ...part });
        const what = `${ignores} ${offset} ${length}`;
        assert.deepEqual(await whole(stream), expected, what);
        assert.equal(calls.length, 4, what);
        assert.deepEqual(told.at(-1), [expected.length, expected.length], what);
        assert.ok(
          told.every(([size], i) => i === 0 || size > told[i - 1][0]),
          "it tells of each piece once",
        );
      }
    }
  });

  test("the rest is asked for by its range", async (ctx) => {
    const { assert } = ctx;
    let answers = 0;
    const { sandbox, calls } = await stubbedSandbox(
      ctx,
      (call) => served(call, WHOLE, { body: (bytes) => pieces(bytes.subarray(0, 30), 10, ++answers < 3) }),
      quick,
    );
    const stream = await sandbox.files.read("/f", { format: "stream", offset: 10, length: 90 });
    assert.deepEqual(await whole(stream), WHOLE.slice(10));
    assert.deepEqual(
      calls.map(({ headers }) => headers.range),
      ["bytes=10-99", "bytes=40-99", "bytes=70-99"],
    );
  });

  test("a body that ends before its length has broken off", async (ctx) => {
    const { assert } = ctx;
    let answers = 0;
    const { sandbox, calls } = await stubbedSandbox(
      ctx,
      (call) => {
        const body = (bytes) => pieces(answers++ === 0 ? bytes.subarray(0, 40) : bytes, 8);
        return served(call, WHOLE, { body });
      },
      quick,
    );
    assert.deepEqual(await whole(await sandbox.files.read("/f", { format: "stream" })), WHOLE);
    assert.equal(calls.length, 2);
  });

  test("a file that has changed is not gone on with", async (ctx) => {
    const { assert, sdk } = ctx;
    const changes = {
      "another date": (call) => served(call, WHOLE, { date: "Sat, 01 Aug 2026 12:00:01 GMT" }),
      "another length": (call) => served(call, WHOLE.slice(0, 90)),
      "nothing left": (call) => served(call, WHOLE.slice(0, 10)),
      "no date": (call) => served(call, WHOLE, { date: "" }),
    };
    for (const [what, after] of Object.entries(changes)) {
      let answers = 0;
      const { sandbox } = await stubbedSandbox(
        ctx,
        (call) => {
          const body = (bytes) => pieces(bytes.subarray(0, 30), 10, true);
          return answers++ === 0 ? served(call, WHOLE, { body }) : after(call);
        },
        quick,
      );
      const reader = (await sandbox.files.read("/f", { format: "stream" })).getReader();
      for (let i = 0; i < 3; i++) await reader.read();
      const error = await assert.rejects(async () => reader.read(), sdk.ConflictError, what);
      assert.deepEqual([error.code, error.operation], ["changed", "Files.read"], what);
    }
  });

  test("without a date nobody can say that a file is the same", async (ctx) => {
    const { assert, sdk } = ctx;
    const body = (bytes) => pieces(bytes.subarray(0, 30), 10, true);
    const { sandbox, calls } = await stubbedSandbox(
      ctx,
      (call) => served(call, WHOLE, { date: "", body }),
      quick,
    );
    const stream = await sandbox.files.read("/f", { format: "stream" });
    const error = await assert.rejects(() => whole(stream), sdk.SandboxError);
    assert.equal(error.code, "network_error");
    assert.equal(calls.length, 1);
  });

  test("a stream that does not get on gives up", async (ctx) => {
    const { assert, sdk } = ctx;
    const body = () => pieces(new Uint8Array(), 1, true);
    for (const [retry, requests] of [
      [{ maxDelayMs: 0 }, 3],
      [{ maxDelayMs: 0, attempts: 5 }, 5],
      [false, 1],
    ]) {
      const { sandbox, calls } = await stubbedSandbox(ctx, (call) => served(call, WHOLE, { body }), {
        options: { retry },
      });
      const stream = await sandbox.files.read("/f", { format: "stream" });
      const error = await assert.rejects(() => whole(stream), sdk.SandboxError);
      assert.equal(error.code, "network_error");
      assert.equal(calls.length, requests);
    }
  });

  test("a file that is gone when a stream goes on", async (ctx) => {
    const { assert, sdk } = ctx;
    let answers = 0;
    const body = (bytes) => pieces(bytes.subarray(0, 30), 10, true);
    const { sandbox } = await stubbedSandbox(
      ctx,
      (call) => (answers++ === 0 ? served(call, WHOLE, { body }) : failure(404, "not_found", "no such file")),
      quick,
    );
    const stream = await sandbox.files.read("/f", { format: "stream" });
    await assert.rejects(() => whole(stream), sdk.NotFoundError);
  });

  test("an abort ends a stream, whatever it is at", async (ctx) => {
    const { assert, sdk } = ctx;
    const reason = new Error("enough");
    const ended = async (work, what) => {
      const error = await assert.rejects(work, sdk.SandboxError, what);
      assert.deepEqual([error.code, error.cause, error.operation], ["aborted", reason, "Files.read"], what);
    };
    {
      const { sandbox } = await stubbedSandbox(ctx, hang);
      const controller = new AbortController();
      const opening = sandbox.files.read("/f", { format: "stream", signal: controller.signal });
      controller.abort(reason);
      await ended(() => opening, "before the answer");
    }
    for (const waits of [true, false]) {
      const controller = new AbortController();
      let sent;
      const { sandbox } = await stubbedSandbox(ctx, (call) => {
        sent = call.init.signal;
        const body = new ReadableStream({
          start(stream) {
            stream.enqueue(WHOLE);
            sent.addEventListener("abort", () => stream.error(sent.reason));
          },
        });
        return new Response(body, { headers: { "last-modified": DATE } });
      });
      const stream = await sandbox.files.read("/f", { format: "stream", signal: controller.signal });
      const reader = stream.getReader();
      await reader.read();
      const reading = waits && reader.read();
      controller.abort(reason);
      assert.ok(sent.aborted, "the request has ended");
      await ended(async () => reading || reader.read(), waits ? "in a piece" : "between two");
    }
  });

  test("a stream that stalls ends by its time", async (ctx) => {
    const { assert, sdk } = ctx;
    const { sandbox, calls } = await stubbedSandbox(ctx, () => new Response(new ReadableStream()));
    const stream = await sandbox.files.read("/f", { format: "stream", timeoutMs: 20 });
    await assert.rejects(() => whole(stream), sdk.TimeoutError);
    assert.ok(calls[0].init.signal.aborted);
  });

  test("a callback that throws ends a stream", async (ctx) => {
    const { assert } = ctx;
    const { sandbox } = await stubbedSandbox(ctx, (call) => served(call, WHOLE));
    const onProgress = () => {
      throw new RangeError("mine");
    };
    const stream = await sandbox.files.read("/f", { format: "stream", onProgress });
    const error = await assert.rejects(() => whole(stream), RangeError);
    assert.equal(error.message, "mine");
  });

  test("a sandbox that sleeps is woken for a stream", async (ctx) => {
    const { assert } = ctx;
    const { sandbox, calls } = await stubbedSandbox(ctx, (call) => {
      if (call.path.endsWith("/activate")) return json(200, wireSandbox({ access_token: FRESH }));
      if (call.headers["x-access-token"] === TOKEN) return new Response("asleep", { status: 401 });
      return served(call, WHOLE);
    });
    const stream = await sandbox.files.read("/f", { format: "stream", offset: 50 });
    assert.deepEqual(await whole(stream), WHOLE.slice(50));
    assert.deepEqual(
      calls.map(({ headers }) => headers.range),
      ["bytes=50-", undefined, "bytes=50-"],
    );
  });

  test("a stream of 20 MB on the local server", { timeoutMs: 60_000 }, async (ctx) => {
    const { assert } = ctx;
    const { files, commands } = await liveSandbox(ctx);
    await commands.run("seq 1 2900000 > /tmp/large");
    const { stdout } = await commands.run("stat -c %s /tmp/large");
    let size = 0;
    let last = 0;
    const onProgress = (received, total) => {
      last = received;
      assert.equal(total, Number(stdout));
    };
    const stream = await files.read("/tmp/large", { format: "stream", onProgress });
    const reader = stream.getReader();
    for (let part; !(part = await reader.read()).done; ) size += part.value.length;
    assert.deepEqual([size, last], [Number(stdout), Number(stdout)]);
  });
}
