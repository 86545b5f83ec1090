// Files, on the local server and over stubs.

import { FRESH, TOKEN, endlessBody, json, wireSandbox } from "../support/fixtures.mjs";
import { eventually, liveSandbox } from "../support/live.mjs";
import { stubbedSandbox } from "../support/stub-fetch.mjs";

const encode = (text) => new TextEncoder().encode(text);

/** Bytes that no text decoding leaves alone. */
function noise(length) {
  const bytes = new Uint8Array(length);
  let state = 1;
  for (let i = 0; i < length; i++) {
    state = (state * 1103515245 + 12345) & 0x7fffffff;
    bytes[i] = state >> 16;
  }
  return bytes;
}

/** What a stream of these chunks pulls. */
function streamed(chunks) {
  const rest = [...chunks];
  return (controller) => (rest.length > 0 ? controller.enqueue(rest.shift()) : controller.close());
}

/** The files of a zip, as the sandbox's Python reads them: name → text. */
async function unzip(sandbox, zip) {
  await sandbox.files.write("/tmp/check.zip", zip);
  const program = `import json, zipfile
archive = zipfile.ZipFile("/tmp/check.zip")
assert archive.testzip() is None
print(json.dumps({i.filename: archive.read(i).decode() for i in archive.infolist() if not i.is_dir()}))`;
  const { stdout, stderr, exitCode } = await sandbox.commands.run(`python3 -c '${program}'`);
  if (exitCode !== 0) throw new Error(`unzip: ${stderr}`);
  return JSON.parse(stdout);
}

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("every kind of content comes back", async (ctx) => {
    const { assert } = ctx;
    const { files, commands } = await liveSandbox(ctx);
    const bytes = noise(1000);
    const padded = new Uint8Array(1200);
    padded.set(bytes, 100);
    const contents = {
      "a Uint8Array": bytes,
      "a view into a larger buffer": padded.subarray(100, 1100),
      "an ArrayBuffer": bytes.slice().buffer,
      "a Blob": new Blob([bytes.subarray(0, 500), bytes.subarray(500)], { type: "image/png" }),
    };
    for (const [name, content] of Object.entries(contents)) {
      assert.equal(await files.write("/app/content", content), undefined, name);
      const back = await files.read("/app/content");
      assert.equal(back.constructor.name, "Uint8Array", name);
      assert.deepEqual(back, bytes, name);
    }
    await files.write("/app/text", "zwei é漢😀\n");
    assert.equal(await files.readText("/app/text"), "zwei é漢😀\n");
    assert.deepEqual(await files.read("/app/text"), encode("zwei é漢😀\n"));
    assert.equal((await commands.run("cat /app/text")).stdout, "zwei é漢😀\n", "what commands see");
  });

  test("empty files", async (ctx) => {
    const { assert } = ctx;
    const { files } = await liveSandbox(ctx);
    for (const content of ["", new Uint8Array(0), new ArrayBuffer(0), new Blob([])]) {
      await files.write("/tmp/empty", "not yet");
      await files.write("/tmp/empty", content);
      assert.equal((await files.read("/tmp/empty")).length, 0);
      assert.equal(await files.readText("/tmp/empty"), "");
    }
  });

  test("parents are made, files are replaced", async (ctx) => {
    const { assert } = ctx;
    const { files } = await liveSandbox(ctx);
    await files.write("/a/new/deep/folder/file", "a long first version");
    await files.write("/a/new/deep/folder/file", "short");
    assert.equal(await files.readText("/a/new/deep/folder/file"), "short");
  });

  test("names of every kind", async (ctx) => {
    const { files, commands } = await liveSandbox(ctx);
    const names = [
      "a b",
      "a&format=zip",
      "a#b",
      "a%20b",
      "a+b",
      "漢字😀",
      "a?b=c",
      "..a",
      "a..",
      "...",
      "'\"$`\\",
    ];
    for (const name of names) {
      await files.write(`/tmp/names/${name}`, name);
      ctx.assert.equal(await files.readText(`/tmp/names/${name}`), name);
    }
    const { stdout } = await commands.run("ls -A /tmp/names | wc -l");
    ctx.assert.equal(stdout.trim(), String(names.length));
  });

  test("a 20 MB file comes back the same", { timeoutMs: 60_000 }, async (ctx) => {
    const { assert } = ctx;
    const { files, commands } = await liveSandbox(ctx);
    const bytes = noise(20_000_000);
    await files.write("/tmp/large", bytes);
    assert.equal((await commands.run("stat -c %s /tmp/large")).stdout, "20000000\n");
    assert.deepEqual(await files.read("/tmp/large"), bytes);
  });

  test("readText is UTF-8, wrong bytes replaced", async (ctx) => {
    const { files } = await liveSandbox(ctx);
    const bytes = new Uint8Array([0x61, 0xff, 0xf0, 0x9f, 0x98, 0x80, 0xc3]);
    await files.write("/tmp/mixed", bytes);
    ctx.assert.equal(await files.readText("/tmp/mixed"), "a\ufffd😀\ufffd");
  });

  test("what is not there is a NotFoundError", async (ctx) => {
    const { sdk, assert } = ctx;
    const { files } = await liveSandbox(ctx);
    for (const attempt of ["read", "readText", "downloadDir"]) {
      const error = await assert.rejects(() => files[attempt]("/no/such/thing"), sdk.NotFoundError, attempt);
      assert.equal(error.statusCode, 404);
      assert.ok(error.message.length > 0);
    }
  });

  test("a directory downloads as a zip of its base name", async (ctx) => {
    const { assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    const { files, commands } = sandbox;
    await files.write("/app/output/report.txt", "report");
    await files.write("/app/output/deep/er/é.txt", "accent");
    await files.write("/app/secret.txt", "outside");
    await commands.run("cd /app/output && ln -s ../secret.txt link && ln -s / root && mkdir empty");
    const zip = await files.downloadDir("/app/output");
    assert.equal(zip.constructor.name, "Uint8Array");
    assert.deepEqual(await unzip(sandbox, zip), {
      "output/report.txt": "report",
      "output/deep/er/é.txt": "accent",
    });
    const slash = await files.downloadDir("/app/output/");
    assert.deepEqual(Object.keys(await unzip(sandbox, slash)).sort(), [
      "output/deep/er/é.txt",
      "output/report.txt",
    ]);
    assert.deepEqual(await files.downloadDir("/app/secret.txt"), encode("outside"), "a regular file");
  });

  test("paths are checked before the request", async (ctx) => {
    const { sdk, assert } = ctx;
    const { sandbox, calls } = await stubbedSandbox(ctx, () => new Response("x"));
    const { files } = sandbox;
    const refused = [
      "",
      " ",
      "relative",
      "./a",
      "../a",
      "a/b",
      "~/a",
      "\\a",
      " /a",
      "/..",
      "/../a",
      "/a/..",
      "/a/../b",
      "/a/b/../../c",
      "//..",
      "/a//../b",
      "/../",
      undefined,
      null,
      1,
      {},
      [],
      ["/a"],
      new String("/a"),
      Symbol("/a"),
    ];
    const attempts = {
      write: (path) => files.write(path, "x"),
      read: (path) => files.read(path),
      readText: (path) => files.readText(path),
      downloadDir: (path) => files.downloadDir(path),
    };
    for (const [name, attempt] of Object.entries(attempts)) {
      for (const path of refused) {
        await assert.rejects(() => attempt(path), sdk.ValidationError, `${name} ${assert.show(path)}`);
      }
    }
    assert.equal(calls.length, 0, "requests");
    for (const path of ["/", "/.", "/a/./b", "/...", "/..a", "/a..", "/a/..b/c", "//a", "/a/", "/%2e%2e/a"]) {
      await files.readText(path);
      assert.equal(new URL(calls.at(-1).url).searchParams.get("path"), path);
    }
  });

  test("content of a wrong kind is refused before the request", async (ctx) => {
    const { sdk, assert } = ctx;
    const { sandbox, calls } = await stubbedSandbox(ctx, () => new Response(null, { status: 201 }));
    const refused = [
      undefined,
      null,
      0,
      NaN,
      true,
      {},
      [],
      [1, 2],
      () => "x",
      Symbol("x"),
      5n,
      new Date(),
      Promise.resolve("x"),
    ];
    for (const content of refused) {
      await assert.rejects(
        () => sandbox.files.write("/a", content),
        sdk.ValidationError,
        assert.show(content),
      );
    }
    assert.equal(calls.length, 0, "requests");
  });

  test("the bytes of a write, and nothing around them", async (ctx) => {
    const { assert } = ctx;
    const { sandbox, calls } = await stubbedSandbox(ctx, () => new Response(null, { status: 204 }));
    const padded = new Uint8Array([9, 1, 2, 3, 9]);
    const contents = ["text é", padded.subarray(1, 4), padded.slice(1, 4).buffer, new Blob(["blob"])];
    for (const content of contents) await sandbox.files.write("/a", content);
    const sent = await Promise.all(
      calls.map(async ({ init }) => new Uint8Array(await new Response(init.body).arrayBuffer())),
    );
    const bytes = new Uint8Array([1, 2, 3]);
    assert.deepEqual(sent, [encode("text é"), bytes, bytes, encode("blob")]);
  });

  test("content is sent whole again after a rotation", async (ctx) => {
    const { assert, fault } = ctx;
    const server = await fault.serve(ctx, [
      { method: "POST", path: "/sandboxes", replies: [{ status: 201, json: wireSandbox() }] },
      { path: "/sandboxes/.*/activate", replies: [{ json: wireSandbox({ access_token: FRESH }) }] },
      { path: "/files", headers: { "x-access-token": TOKEN }, replies: [{ status: 401, body: "stale" }] },
      { path: "/files", headers: { "x-access-token": FRESH }, replies: [{ status: 204 }] },
    ]);
    const text = "content ".repeat(5_000);
    for (const content of [text, encode(text), encode(text).buffer, new Blob([text])]) {
      const sandbox = await ctx.sdk.Sandbox.create({ name: "x", apiKey: "k", baseUrl: server.origin });
      await sandbox.files.write("/a", content);
      const last = (await server.log()).at(-1);
      assert.equal(last.headers["x-access-token"], FRESH);
      assert.equal(last.body, text, content.constructor.name);
    }
  });

  test("maxBytes caps a download while reading", async (ctx) => {
    const { sdk, assert } = ctx;
    let state;
    const { sandbox, calls } = await stubbedSandbox(ctx, () => {
      const endless = endlessBody({ piece: 1000, limit: 1_000_000 });
      state = endless.state;
      return new Response(endless.body);
    });
    for (const name of ["read", "downloadDir"]) {
      const error = await assert.rejects(() => sandbox.files[name]("/a", { maxBytes: 5000 }));
      assert.ok(error instanceof sdk.SandboxError, name);
      assert.match(error.message, /maxBytes/, name);
      assert.within(state.pulled, 5000, 50_000, `bytes pulled by ${name}`);
      const { signal } = calls.at(-1).init;
      await eventually(() => state.cancelled || signal.aborted, "the body's end", 1000);
    }
  });

  test("maxBytes is a limit, not a length", async (ctx) => {
    const { sdk, assert } = ctx;
    const { sandbox } = await stubbedSandbox(ctx, () => new Response(new Uint8Array(10)));
    assert.equal((await sandbox.files.read("/a", { maxBytes: 10 })).length, 10);
    assert.equal((await sandbox.files.read("/a", { maxBytes: 2 ** 40 })).length, 10);
    const under = await assert.rejects(() => sandbox.files.read("/a", { maxBytes: 9 }));
    assert.ok(under instanceof sdk.SandboxError);
    const none = await assert.rejects(() => sandbox.files.read("/a", { maxBytes: 0 }));
    assert.ok(none instanceof sdk.SandboxError);
  });

  test("onProgress is told what has come, and how much there is", async (ctx) => {
    const { assert } = ctx;
    const chunks = [encode("first "), encode("second "), encode("third")];
    const answer =
      (headers) =>
      ({ init }) =>
        init.headers.Range
          ? new Response("", { status: 416 })
          : new Response(new ReadableStream({ pull: streamed(chunks) }, { highWaterMark: 0 }), { headers });
    for (const [headers, total] of [
      [{ "content-length": "18" }, 18],
      [{}, undefined],
      [{ "content-length": "18", "content-encoding": "gzip" }, undefined],
    ]) {
      for (const read of ["read", "readText", "downloadDir"]) {
        const told = [];
        const { sandbox } = await stubbedSandbox(ctx, answer(headers));
        await sandbox.files[read]("/a", { onProgress: (...values) => void told.push(values) });
        assert.deepEqual(
          told,
          [6, 13, 18].map((received) => [received, total]),
          read,
        );
      }
    }
  });

  test("what onProgress throws is what the call rejects with, and the rest is not read", async (ctx) => {
    const { assert } = ctx;
    const reason = { enough: true };
    const ways = {
      throws: () => {
        throw reason;
      },
      rejects: () => Promise.reject(reason),
    };
    for (const [name, onProgress] of Object.entries(ways)) {
      const { body, state } = endlessBody();
      const { sandbox, calls } = await stubbedSandbox(ctx, () => new Response(body));
      const error = await sandbox.files.read("/a", { onProgress }).catch((error) => error);
      assert.equal(error, reason, name);
      const { signal } = calls.at(-1).init;
      await eventually(() => state.cancelled || signal.aborted, "the body's end", 1000);
    }
    const { sandbox, calls } = await stubbedSandbox(ctx, () => new Response("x"));
    await assert.rejects(
      () => sandbox.files.read("/a", { onProgress: "no function" }),
      ctx.sdk.ValidationError,
    );
    assert.equal(calls.length, 0, "requests");
  });

  test("a megabyte's progress on the local server", async (ctx) => {
    const { assert } = ctx;
    const { files } = await liveSandbox(ctx);
    await files.write("/tmp/big", noise(1 << 20));
    const told = [];
    await files.read("/tmp/big", { onProgress: (received, total) => void told.push([received, total]) });
    const sizes = told.map(([received]) => received);
    assert.deepEqual(
      sizes,
      [...sizes].sort((a, b) => a - b),
    );
    assert.deepEqual(told.at(-1), [1 << 20, 1 << 20]);
    assert.ok(told.every(([, total]) => total === 1 << 20));
  });

  test("a content-length that is too small or none does not decide, one that is too large does", async (ctx) => {
    const { assert } = ctx;
    const body = encode("twelve bytes");
    for (const length of ["5", "500", "0", "nonsense", "-1", "999999999999", "1e3"]) {
      const { sandbox } = await stubbedSandbox(
        ctx,
        () => new Response(body, { headers: { "content-length": length } }),
      );
      const outcome = await sandbox.files.read("/a").catch((error) => error);
      // A length beyond the cap may be refused at once; every other answer is the bytes that came.
      if (length === "999999999999" && outcome instanceof Error) {
        assert.ok(outcome instanceof ctx.sdk.SandboxError);
        assert.match(outcome.message, /maxBytes/);
      } else if (length === "500") assert.equal(outcome.code, "incomplete");
      else assert.deepEqual(outcome, body, `content-length ${length}`);
    }
  });

  test("many files at once on one object", { timeoutMs: 60_000 }, async (ctx) => {
    const { files } = await liveSandbox(ctx);
    const numbers = Array.from({ length: 40 }, (_, i) => i);
    await Promise.all(numbers.map((i) => files.write(`/tmp/many/${i}`, `file ${i}`)));
    const texts = await Promise.all(numbers.map((i) => files.readText(`/tmp/many/${i}`)));
    ctx.assert.deepEqual(
      texts,
      numbers.map((i) => `file ${i}`),
    );
  });

  test("bytes that are shared, or may be taken away, are sent as they were", async (ctx) => {
    const { assert } = ctx;
    const { sandbox, calls } = await stubbedSandbox(ctx, () => new Response(null, { status: 204 }));
    const contents = [];
    if (typeof SharedArrayBuffer === "function") {
      const shared = new Uint8Array(new SharedArrayBuffer(5), 1, 3);
      shared.set([1, 2, 3]);
      contents.push(shared);
    }
    const resizable = new ArrayBuffer(3, { maxByteLength: 10 });
    new Uint8Array(resizable).set([1, 2, 3]);
    contents.push(resizable, new Uint8Array(resizable));
    for (const content of contents) {
      await sandbox.files.write("/a", content);
      const { body } = calls.at(-1).init;
      const { buffer } = ArrayBuffer.isView(body) ? body : { buffer: body };
      assert.ok(buffer instanceof ArrayBuffer && !buffer.resizable, "fetch takes it");
      assert.deepEqual([...new Uint8Array(await new Response(body).arrayBuffer())], [1, 2, 3]);
    }
  });

  test("a failed read is the service's error", async (ctx) => {
    const { sdk, assert } = ctx;
    const { sandbox } = await stubbedSandbox(
      ctx,
      () => new Response("path traversal not allowed", { status: 400 }),
    );
    const error = await assert.rejects(() => sandbox.files.read("/a"), sdk.ValidationError);
    assert.equal(error.message, "path traversal not allowed");
    const other = await stubbedSandbox(ctx, () => json(409, { error: { code: "busy", message: "no" } }));
    const conflict = await assert.rejects(() => other.sandbox.files.write("/a", ""), sdk.ConflictError);
    assert.equal(conflict.code, "busy");
  });
}
