// Files written piece by piece, and put into their place by a step of their own.

import { FRESH, TOKEN, failure, json, result, wireSandbox } from "../support/fixtures.mjs";
import { eventually, liveSandbox } from "../support/live.mjs";
import { hang, stubbedSandbox } from "../support/stub-fetch.mjs";

const PART = 8 * 1024 * 1024;
const encoder = new TextEncoder();

/** A `fetch` of a caller's own: no stream is sent by it. */
const own = { fetch: (...args) => globalThis.fetch(...args) };

/** So many bytes in pieces, each of which has its number. `fails` is thrown after them. */
async function* pieces(total, size = 1_000_000, fails = undefined) {
  for (let at = 0, number = 0; at < total; at += size) {
    yield new Uint8Array(Math.min(size, total - at)).fill(number++ % 251);
  }
  if (fails) throw fails;
}

/** The same as a stream. */
function streamOf(total, size) {
  const source = pieces(total, size);
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await source.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
}

/** All bytes of a request's body. */
const bodyOf = async ({ init: { body } }) => new Uint8Array(await new Response(body).arrayBuffer());

/**
 * A sandbox's files in memory, and what was done with them. `before(call)` may answer in its place.
 *
 * @param {any} ctx
 * @param {{ options?: object, before?: Function, status?: string }} [how]
 */
async function stubbed(ctx, { options = {}, before = () => undefined, status = "active" } = {}) {
  const files = new Map();
  /** @type {string[]} */
  const done = [];
  const { sandbox, calls } = await stubbedSandbox(
    ctx,
    async (call) => {
      const { pathname, searchParams } = new URL(call.url);
      const path = searchParams.get("path");
      if (pathname === "/files" && call.method === "POST") {
        const part = path.replace(/^.*\.superserve-[^.]*/, "temporary");
        done.push(`POST ${part}`);
        const answer = await before(call, part);
        if (answer) return answer;
        files.set(path, await bodyOf(call));
        return json(200, { path, size: files.get(path).length });
      }
      if (pathname === "/exec") {
        const [, script, , , target, name, parts, how, mode] = call.json.args;
        const what = script.includes("rm -f") ? `put ${target} ${parts} ${how} ${mode}` : "stop";
        done.push(what.trim());
        const answer = await before(call, how, name);
        return answer ?? json(200, result());
      }
      const answer = await before(call);
      if (answer) return answer;
      if (call.method === "GET") return json(200, wireSandbox({ status }));
      return json(200, wireSandbox({ access_token: FRESH }));
    },
    { options },
  );
  return { files, done, calls, write: sandbox.files.write.bind(sandbox.files), sandbox };
}

/** What was sent under temporary names, in one. */
function joined(files) {
  const parts = [...files].filter(([path]) => path.includes(".superserve-"));
  const sizes = parts.map(([, bytes]) => bytes.length);
  const whole = new Uint8Array(sizes.reduce((sum, size) => sum + size, 0));
  let at = 0;
  for (const [, bytes] of parts) {
    whole.set(bytes, at);
    at += bytes.length;
  }
  return { whole, sizes };
}

/** Whether some bytes are those of `pieces`. */
function areThose(bytes, total, size = 1_000_000) {
  for (let at = 0; at < total; at++) if (bytes[at] !== Math.floor(at / size) % 251) return false;
  return bytes.length === total;
}

/** Waits until what was sent is removed, in the background. @param {string[]} done */
const discarded = (done) =>
  eventually(() => done.at(-1) === "put /app/f 0 discard", "the end of what was sent");

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("everything that gives a content piece by piece", async (ctx) => {
    const { assert } = ctx;
    const { files, commands } = await liveSandbox(ctx);
    const bytes = encoder.encode("é漢😀 and more");
    const sources = {
      "a stream": () => new Response(bytes).body,
      "a stream of text": () =>
        new ReadableStream({
          start(controller) {
            for (const text of ["é漢", "😀", " and more"]) controller.enqueue(text);
            controller.close();
          },
        }),
      "a response": () => new Response(bytes),
      "an async iterable": async function* () {
        yield bytes.subarray(0, 3);
        yield new TextDecoder().decode(bytes.subarray(2, 2));
        yield new DataView(bytes.buffer, 3);
      },
    };
    for (const [name, make] of Object.entries(sources)) {
      const source = make();
      await files.write("/app/new/file", source);
      assert.deepEqual(await files.read("/app/new/file"), bytes, name);
    }
    await files.write("/app/new/empty", new Response(null));
    assert.equal((await files.read("/app/new/empty")).length, 0);
    const { stdout } = await commands.run("ls -A /app/new");
    assert.equal(stdout, "empty\nfile\n", "nothing is left");
  });

  test("20 MB piece by piece, by one request or in parts", { timeoutMs: 60_000 }, async (ctx) => {
    const { assert } = ctx;
    for (const options of [{}, own]) {
      const { files, commands } = await liveSandbox(ctx, options);
      const told = [];
      const onProgress = (...sent) => void told.push(sent);
      await files.write("/tmp/d/large", streamOf(20_000_000, 1_000_000), { onProgress });
      assert.ok(areThose(await files.read("/tmp/d/large"), 20_000_000));
      assert.equal((await commands.run("ls -A /tmp/d")).stdout, "large\n");
      assert.deepEqual(told.at(-1), [20_000_000, undefined]);
      assert.ok(told.every(([sent], i) => i === 0 || sent > told[i - 1][0]));
    }
  });

  test("modes, links, the end of a file, and files that are new", async (ctx) => {
    const { assert, sdk } = ctx;
    const { files, commands } = await liveSandbox(ctx);
    const modeOf = async (path) => (await commands.run(`stat -c %a ${path}`)).stdout.trim();
    const text = (path) => files.readText(path);
    await files.write("/app/a", "one", { mode: 0o750 });
    assert.equal(await modeOf("/app/a"), "750");
    await files.write("/app/a", new Response("two"));
    assert.deepEqual([await text("/app/a"), await modeOf("/app/a")], ["two", "750"], "its mode stays");
    await files.write("/app/a", "three", { append: true });
    assert.equal(await text("/app/a"), "twothree");
    await files.write("/app/b", "new", { append: true, mode: 0o600 });
    assert.deepEqual([await text("/app/b"), await modeOf("/app/b")], ["new", "600"]);
    await files.write("/app/c", "new", { createNew: true, mode: 0o640 });
    assert.deepEqual([await text("/app/c"), await modeOf("/app/c")], ["new", "640"]);
    const error = await assert.rejects(
      () => files.write("/app/c", "newer", { createNew: true }),
      sdk.ConflictError,
    );
    assert.deepEqual([error.code, error.statusCode, error.operation], ["already_exists", 409, "Files.write"]);
    assert.ok(error.message.includes("/app/c"), error.message);
    assert.equal(await text("/app/c"), "new");
    await commands.run(
      "mkdir /app/d && ln -s d/real /app/link && ln -s link /app/again && echo old > /app/d/real",
    );
    await files.write("/app/again", new Response("through"));
    assert.equal(await text("/app/d/real"), "through");
    assert.equal((await commands.run("readlink /app/link /app/again")).stdout, "d/real\nlink\n");
    const onto = await assert.rejects(() => files.write("/app/d", new Response("x")), sdk.ValidationError);
    assert.equal(onto.code, "is_directory");
    await commands.run("while ls -A /app /app/d | grep -q superserve; do sleep 0.1; done");
    const { stdout } = await commands.run("ls -A /app /app/d");
    assert.equal(stdout, "/app:\na\nagain\nb\nc\nd\nlink\n\n/app/d:\nreal\n");
  });

  test("names of every kind can be put into their place", async (ctx) => {
    const { assert } = ctx;
    const { files } = await liveSandbox(ctx);
    for (const name of ["a b", "-rf", "*", "'\"$`\\", "a\nb\n", "漢字😀", "x".repeat(255), "\udcff\udc80"]) {
      await files.write(`/tmp/names/${name}`, "old");
      await files.write(`/tmp/names/${name}`, new Response("new"));
      assert.equal(await files.readText(`/tmp/names/${name}`), "new", name);
    }
    assert.equal((await files.list("/tmp/names")).length, 8);
  });

  test("plain content is one request, and a small stream two", async (ctx) => {
    const { assert } = ctx;
    const { done, calls, write } = await stubbed(ctx);
    for (const content of ["a", encoder.encode("a"), new Blob(["a"]), new Uint8Array(9).buffer]) {
      await write("/app/f", content);
    }
    assert.deepEqual(done.splice(0), Array(4).fill("POST /app/f"));
    await write("/app/f", new Response("abc"));
    await write("/app/f", "abc", { mode: 0o755 });
    await write("/app//f/", "abc", { append: true });
    await write("/f", "abc", { createNew: true });
    assert.deepEqual(done, [
      "POST temporary",
      "put /app/f 0",
      "POST temporary",
      "put /app/f 0  493",
      "POST temporary",
      "put /app/f 0 append",
      "POST temporary",
      "put /f 0 new",
    ]);
    const paths = calls.flatMap(({ url }) => new URL(url).searchParams.get("path") ?? []);
    assert.ok(/^\/app\/\.superserve-[^/]+$/.test(paths[4]), paths[4]);
    assert.ok(/^\/app\/\.superserve-[^/]+$/.test(paths[6]), paths[6]);
    assert.ok(/^\/\.superserve-[^/]+$/.test(paths[7]), paths[7]);
  });

  test("a large stream is one request where the runtime can, and the sandbox is awake by then", async (ctx) => {
    const { assert, runtime } = ctx;
    if (runtime.browser) return;
    for (const status of ["active", "paused"]) {
      const { files, done, calls, write } = await stubbed(ctx, { status });
      const told = [];
      const onProgress = (...sent) => void told.push(sent);
      await write("/app/f", streamOf(20_000_000), { onProgress });
      assert.deepEqual(done, ["POST temporary", "put /app/f 0"]);
      const { whole, sizes } = joined(files);
      assert.deepEqual(sizes, [20_000_000]);
      assert.ok(areThose(whole, 20_000_000));
      const sent = calls.find(({ url }) => url.includes("/files?"));
      assert.equal(sent.init.duplex, "half");
      const wakes = calls.filter(({ path }) => path.endsWith("/activate"));
      assert.equal(wakes.length, status === "paused" ? 1 : 0);
      assert.equal(sent.headers["x-access-token"], status === "paused" ? FRESH : TOKEN);
      assert.deepEqual(told.at(-1), [20_000_000, undefined]);
    }
  });

  test("a stream is read as fast as it is sent", async (ctx) => {
    const { assert, runtime } = ctx;
    let pulled = 0;
    const source = new ReadableStream({
      pull(controller) {
        pulled++;
        controller.enqueue(new Uint8Array(PART / 4));
      },
    });
    const { write } = await stubbed(ctx, {
      before: ({ url }) => url.includes("/files?") && hang({ init: {} }),
    });
    const controller = new AbortController();
    const writing = write("/app/f", source, { signal: controller.signal });
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.ok(pulled <= (runtime.browser ? 9 : 6), `${pulled}`);
    controller.abort();
    await assert.rejects(() => writing, ctx.sdk.SandboxError);
  });

  test("parts where no stream can be sent, each of which may be sent again", async (ctx) => {
    const { assert } = ctx;
    let refused = 0;
    const { files, done, write } = await stubbed(ctx, {
      options: { ...own, retry: { maxDelayMs: 0 } },
      before: (_, part) =>
        part === "temporary.1" && refused++ < 2 ? failure(502, "busy", "later") : undefined,
    });
    const told = [];
    const onProgress = (...sent) => void told.push(sent);
    const headers = { "content-length": "20000000" };
    await write("/app/f", new Response(streamOf(20_000_000, 999_999), { headers }), { onProgress });
    assert.deepEqual(done, [
      "POST temporary",
      ...Array(3).fill("POST temporary.1"),
      "POST temporary.2",
      "put /app/f 2",
    ]);
    const { whole, sizes } = joined(files);
    assert.deepEqual(sizes, [PART, PART, 20_000_000 - 2 * PART]);
    assert.ok(areThose(whole, 20_000_000, 999_999));
    assert.deepEqual(
      told,
      [PART, 2 * PART, 20_000_000].map((sent) => [sent, 20_000_000]),
    );
  });

  test("what is as large as some parts has no empty one, whatever its pieces", async (ctx) => {
    const { assert } = ctx;
    for (const size of [PART / 2, 3 * PART]) {
      const { files, done, write } = await stubbed(ctx, { options: own });
      await write("/f", streamOf(2 * PART, size));
      assert.deepEqual(done, ["POST temporary", "POST temporary.1", "put /f 1"], `${size}`);
      assert.ok(areThose(joined(files).whole, 2 * PART, size));
    }
  });

  test("progress of bytes that are there already", async (ctx) => {
    const { assert } = ctx;
    for (const content of [
      "é".repeat(5),
      new Uint8Array(10),
      new Uint8Array(10).buffer,
      new Blob(["0123456789"]),
    ]) {
      const { files, write } = await stubbed(ctx);
      const told = [];
      await write("/f", content, { onProgress: (...sent) => void told.push(sent) });
      assert.deepEqual(told, [[10, 10]]);
      assert.equal(joined(files).whole.length, 10);
    }
  });

  test("a source that throws midway", async (ctx) => {
    const { assert } = ctx;
    const mine = new RangeError("mine");
    for (const [total, options] of [
      [10, {}],
      [20_000_000, {}],
      [20_000_000, own],
    ]) {
      const { done, write } = await stubbed(ctx, { options });
      const error = await assert.rejects(() => write("/app/f", pieces(total, 1_000_000, mine)), RangeError);
      assert.equal(error, mine);
      if (total === 10) assert.deepEqual(done, [], "nothing was sent");
      else await discarded(done);
      assert.ok(!done.includes("put /app/f 0") && !done.includes("put /app/f 1"));
    }
  });

  test("what gives something else than bytes or text", async (ctx) => {
    const { assert, sdk } = ctx;
    const { calls, write } = await stubbed(ctx);
    const numbers = async function* () {
      yield 1;
    };
    await assert.rejects(() => write("/f", numbers()), sdk.ValidationError);
    const locked = new Response("x");
    locked.body.getReader();
    const used = new Response("x");
    await used.text();
    for (const content of [locked.body, used, {}, [], 1, null, undefined]) {
      const error = await assert.rejects(() => write("/f", content), sdk.ValidationError);
      assert.equal(error.operation, "Files.write");
    }
    for (const options of [
      { mode: -1 },
      { mode: 0o10000 },
      { append: 1 },
      { createNew: "x" },
      { onProgress: 1 },
    ]) {
      await assert.rejects(() => write("/f", "x", options), sdk.ValidationError);
    }
    await assert.rejects(() => write("f", new Response("x")), sdk.ValidationError);
    assert.equal(calls.length, 0);
  });

  test("an abort ends a write, whatever it is at, and leaves nothing", async (ctx) => {
    const { assert, sdk } = ctx;
    const reason = new Error("enough");
    const states = {
      "before anything": { now: true, requests: 0 },
      "while the source is silent": { source: () => new ReadableStream(), requests: 0 },
      "in a part": { at: (_, part) => part === "temporary", options: own },
      "in another part": { at: (_, part) => part === "temporary.1", options: own },
      "in a stream": { at: (_, part) => part === "temporary" },
      "in the last step": { at: (_, how) => how === "" },
    };
    for (const [what, { now, source, at = () => false, options, requests }] of Object.entries(states)) {
      const controller = new AbortController();
      const { done, calls, write } = await stubbed(ctx, {
        options,
        before: (call, ...of) => {
          if (!at(call, ...of)) return undefined;
          setTimeout(() => controller.abort(reason), 1);
          return hang(call);
        },
      });
      if (now) controller.abort(reason);
      let cancelled = false;
      const content = source?.() ?? streamOf(20_000_000);
      const cancel = content.cancel;
      assert.equal(typeof cancel, "function");
      const read = content.getReader.bind(content);
      content.getReader = () => {
        const reader = read();
        const { cancel } = reader;
        reader.cancel = (...args) => {
          cancelled = true;
          return cancel.apply(reader, args);
        };
        return reader;
      };
      const writing = write("/app/f", content, { signal: controller.signal });
      if (source) controller.abort(reason);
      const error = await assert.rejects(() => writing, sdk.SandboxError, what);
      assert.deepEqual([error.code, error.cause, error.operation], ["aborted", reason, "Files.write"], what);
      if (requests === 0) assert.equal(calls.length, 0, what);
      else await discarded(done);
      if (what !== "in the last step") await eventually(() => cancelled, `${what}: the end of its source`);
    }
  });

  test("a full disk is an error that leaves nothing", async (ctx) => {
    const { assert, sdk } = ctx;
    const full = () => failure(507, "sandbox_storage_full", "no space left");
    for (const [content, options] of [
      [() => new Response("x"), {}],
      [() => streamOf(20_000_000), {}],
      [() => streamOf(20_000_000), own],
    ]) {
      const { done, write } = await stubbed(ctx, {
        options,
        before: ({ url }) => (url.includes("/files?") ? full() : undefined),
      });
      const error = await assert.rejects(() => write("/app/f", content()), sdk.ServerError);
      assert.deepEqual([error.code, error.statusCode], ["sandbox_storage_full", 507]);
      await discarded(done);
      assert.deepEqual(done, ["POST temporary", "put /app/f 0 discard"]);
    }
  });

  test("a callback that throws ends a write", async (ctx) => {
    const { assert } = ctx;
    const throws = () => {
      throw new RangeError("mine");
    };
    for (const options of [{}, own]) {
      const { done, write } = await stubbed(ctx, { options });
      await assert.rejects(() => write("/app/f", streamOf(20_000_000), { onProgress: throws }), RangeError);
      await discarded(done);
    }
  });

  test("a stream that the service does not take ends by its time", async (ctx) => {
    const { assert, sdk } = ctx;
    for (const options of [{}, own]) {
      const { write } = await stubbed(ctx, {
        options,
        before: (call, part) => part === "temporary" && hang(call),
      });
      await assert.rejects(() => write("/f", streamOf(20_000_000), { timeoutMs: 30 }), sdk.TimeoutError);
    }
  });

  test("several files at once", async (ctx) => {
    const { assert, sdk } = ctx;
    const { files, commands } = await liveSandbox(ctx);
    const all = Array.from({ length: 20 }, (_, i) => ({ path: `/app/many/${i}`, content: `file ${i}` }));
    assert.equal(await files.writeMany([...all, { path: "/app/run", content: "x", mode: 0o755 }]), undefined);
    assert.equal((await commands.run("cat /app/many/* | wc -c")).stdout.trim(), "130");
    assert.equal((await commands.run("stat -c %a /app/run")).stdout, "755\n");
    await files.writeMany([]);
    await commands.run("mkdir /app/dir");
    const error = await assert.rejects(
      () => files.writeMany([{ path: "/app/dir", content: new Response("x") }]),
      sdk.ValidationError,
    );
    assert.equal(error.operation, "Files.writeMany");
    assert.ok(error.message.includes("/app/dir"), error.message);
  });

  test("the first error ends the rest", async (ctx) => {
    const { assert, sdk } = ctx;
    let under = 0;
    let most = 0;
    const { calls, sandbox } = await stubbed(ctx, {
      before: async (call) => {
        most = Math.max(most, ++under);
        await new Promise((resolve) => setTimeout(resolve, 5));
        under--;
        if (call.url.includes("bad")) return failure(500, "odd", "no");
        return call.url.includes("slow") ? hang(call) : undefined;
      },
    });
    const file = (path) => ({ path, content: "x" });
    const paths = ["/1", "/2", "/3", "/slow", "/bad", "/slow2", "/6", "/7", ...Array(50).fill("/never")];
    const error = await assert.rejects(() => sandbox.files.writeMany(paths.map(file)), sdk.ServerError);
    assert.ok(error.message.includes("/bad"), error.message);
    assert.equal(most, 6);
    const slow = calls.filter(({ url }) => url.includes("slow"));
    assert.deepEqual(
      slow.map(({ init }) => init.signal.aborted),
      [true, true],
    );
    assert.ok(calls.length < 20, `${calls.length}`);
    const before = calls.length;
    for (const files of [
      [file("/a"), file("b")],
      [file("/a"), {}],
      "x",
      [file("/a"), { ...file("/b"), mode: -1 }],
    ]) {
      await assert.rejects(() => sandbox.files.writeMany(files), sdk.ValidationError);
    }
    assert.equal(calls.length, before, "all are checked first");
    const controller = new AbortController();
    const writing = sandbox.files.writeMany([file("/slow")], { signal: controller.signal });
    setTimeout(() => controller.abort("enough"), 10);
    const aborted = await assert.rejects(() => writing, sdk.SandboxError);
    assert.deepEqual([aborted.code, aborted.cause], ["aborted", "enough"]);
  });
}
