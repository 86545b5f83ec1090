// Folders, from what every runtime has: sent as one archive, fetched as one, compared.

import { json } from "../support/fixtures.mjs";
import { failing } from "../support/failing.mjs";
import { liveSandbox } from "../support/live.mjs";
import { hang, stubbedSandbox } from "../support/stub-fetch.mjs";

/** @typedef {import("../support/types.d.ts").Ctx} Ctx */

/** What a script has come to. @type {(exitCode?: number, stderr?: string) => Response} */
const ran = (exitCode = 0, stderr = "") => json(200, { stdout: "", stderr, exit_code: exitCode });

/** What is below a folder: `path type size mode target`, as far as there is such. */
async function below(files, folder) {
  const listed = await files.list(folder, { depth: 9 });
  return listed.map(({ path, type, size, mode, target = "" }) => {
    const about = { file: `${size} ${mode.toString(8)}`, directory: mode.toString(8), symlink: target }[type];
    return `${path.slice(folder.length + 1)} ${type} ${about}`;
  });
}

async function* inTurn(items) {
  yield* items;
}

/** A `File`, which Node.js has had since 20. */
const fileOf = (content, name) => Object.assign(new Blob([content]), { name });

/** A file that was picked with its folder. */
function picked(path, content) {
  const file = fileOf(content, path.split("/").at(-1));
  Object.defineProperty(file, "webkitRelativePath", { value: path });
  return file;
}

/** A tree as pages get it: a string is a file. */
const tree = { "a.txt": "one", sub: { deep: { b: "three" }, empty: {} } };

function handle(name, inner) {
  if (typeof inner === "string") return { kind: "file", name, getFile: async () => fileOf(inner, name) };
  const values = () => inTurn(Object.entries(inner).map(([name, value]) => handle(name, value)));
  return { kind: "directory", name, values };
}

function dropped(name, inner) {
  if (typeof inner === "string") {
    return { isFile: true, name, file: (/** @type {Function} */ take) => take(fileOf(inner, name)) };
  }
  const all = Object.entries(inner).map(([name, value]) => dropped(name, value));
  // As Chromium does: some, some more, and then none.
  const createReader = () => {
    const rest = [...all];
    return { readEntries: (/** @type {Function} */ take) => take(rest.splice(0, 1)) };
  };
  return { isDirectory: true, name, createReader };
}

const TREE = [
  "a.txt file 3 644",
  "sub directory 755",
  "sub/deep directory 755",
  "sub/deep/b file 5 644",
  "sub/empty directory 755",
];

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("entries come to be what they say", async (ctx) => {
    const { assert } = ctx;
    const { files } = await liveSandbox(ctx);
    const long = `${"d".repeat(120)}/${"f".repeat(200)}`;
    const stream = new Response("streamed").body;
    const done = await files.uploadDir(
      inTurn([
        { path: "run.sh", content: "make", mode: 0o750, modifiedAt: new Date(1_700_000_000_000) },
        { path: "./bytes", content: new Uint8Array([1, 2, 3]) },
        { path: "blob", content: new Blob(["blob"]) },
        { path: "stream", content: stream },
        { path: "pieces", content: inTurn(["some ", new TextEncoder().encode("more")]) },
        { path: "nothing", type: "file" },
        { path: "empty", mode: 0o700 },
        { path: "link", target: "run.sh" },
        { path: "gone", target: "/nowhere\n/*" },
        { path: "-rf 'a\"\n\udcff漢😀", content: "x" },
        { path: long, content: "long" },
      ]),
      "/tmp/folder/made",
    );
    assert.deepEqual(done, { files: 8, bytes: 33 });
    assert.deepEqual(await below(files, "/tmp/folder/made"), [
      "-rf 'a\"\n\udcff漢😀 file 1 644",
      "blob file 4 644",
      "bytes file 3 644",
      `${"d".repeat(120)} directory 755`,
      `${long} file 4 644`,
      "empty directory 700",
      "gone symlink /nowhere\n/*",
      "link symlink run.sh",
      "nothing file 0 644",
      "pieces file 9 644",
      "run.sh file 4 750",
      "stream file 8 644",
    ]);
    assert.equal(+(await files.stat("/tmp/folder/made/run.sh")).modifiedAt, 1_700_000_000_000);
    assert.equal(await files.readText("/tmp/folder/made/pieces"), "some more");
    assert.equal(await files.readText("/tmp/folder/made/stream"), "streamed");
  });

  test("what is there by other names stays, and modes of directories too", async (ctx) => {
    const { assert } = ctx;
    const { files, commands } = await liveSandbox(ctx);
    await commands.run(
      "mkdir -p /tmp/f/sub && echo old >/tmp/f/a && echo >/tmp/f/sub/kept && chmod 711 /tmp/f /tmp/f/sub",
    );
    await files.uploadDir(
      [
        { path: "a", content: "new" },
        { path: "sub/b", content: "b" },
      ],
      "/tmp/f/",
    );
    assert.deepEqual(await below(files, "/tmp/f"), [
      "a file 3 644",
      "sub directory 711",
      "sub/b file 1 644",
      "sub/kept file 1 644",
    ]);
    assert.equal((await files.stat("/tmp/f")).mode, 0o711);
    await files.uploadDir([], "/tmp/f/none/at/all");
    assert.equal((await files.stat("/tmp/f/none/at/all")).type, "directory");
  });

  test("picked and dropped folders are trees", async (ctx) => {
    const { assert } = ctx;
    const { files } = await liveSandbox(ctx);
    const list = [picked("chosen/a.txt", "one"), picked("chosen/sub/deep/b", "three")];
    const withoutEmpty = TREE.filter((line) => !line.includes("empty"));
    const ofOld = { length: 2, item: (/** @type {number} */ at) => list[at], 0: list[0], 1: list[1] };
    for (const [at, source, expected] of [
      ["list", list, withoutEmpty],
      ["old", ofOld, withoutEmpty],
      ["handle", handle("chosen", tree), TREE],
      ["dropped", dropped("chosen", tree), TREE],
    ]) {
      await files.uploadDir(source, `/tmp/${at}`);
      assert.deepEqual(await below(files, `/tmp/${at}`), expected, at);
    }
  });

  test("ignore rules leave out what git would", async (ctx) => {
    const { assert } = ctx;
    const { files } = await liveSandbox(ctx);
    const items = [
      { path: "sub/.gitignore", content: "!keep.log\n/only-here" },
      { path: ".gitignore", content: "*.log\nbuild/\n" },
      { path: "a.log", content: "" },
      { path: "build/x", content: "" },
      { path: "sub/keep.log", content: "" },
      { path: "sub/only-here", content: "" },
      { path: "sub/secret", content: "" },
      { path: "sub/build", content: "" },
    ];
    await files.uploadDir(items, "/tmp/i", { gitignore: true, ignore: ["secret", "# none", ""] });
    const paths = (await files.list("/tmp/i", { depth: 9 })).map(({ path }) => path.slice(7));
    assert.deepEqual(paths, [".gitignore", "sub", "sub/.gitignore", "sub/build", "sub/keep.log"]);
    await files.uploadDir(items, "/tmp/all");
    assert.equal((await files.list("/tmp/all", { depth: 9 })).length, items.length + 2);
  });

  test("a tar is a stream of all there is", async (ctx) => {
    const { assert } = ctx;
    const { files, commands } = await liveSandbox(ctx);
    await files.uploadDir(
      [
        { path: "sub/a", content: "12345" },
        { path: "link", target: "sub" },
      ],
      "/tmp/t",
    );
    let seen = 0;
    const stream = await files.downloadDir("/tmp/t", {
      format: "tar",
      onProgress: (bytes) => (seen = bytes),
    });
    const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
    assert.equal(seen, bytes.length);
    const text = new TextDecoder("latin1").decode(bytes);
    for (const name of ["./sub/", "./sub/a", "./link"]) assert.ok(text.includes(`${name}\0`), name);
    assert.ok(text.includes("12345"));
    const zip = await files.downloadDir("/tmp/t", { format: "zip" });
    assert.equal(String.fromCharCode(zip[0], zip[1]), "PK");
    const cancelled = await files.downloadDir("/tmp/t", { format: "tar" });
    await cancelled.cancel();
    // The next call comes after what removes them.
    await assert.rejects(files.downloadDir("/tmp/none", { format: "tar" }), ctx.sdk.NotFoundError);
    const left = async () => (await commands.run("ls -A /tmp /tmp/t | grep superserve-")).stdout;
    for (let tries = 0; (await left()) !== "" && tries < 100; tries++);
    assert.equal(await left(), "", "nothing is left of the archives");
  });

  test("sync sends what differs and removes what it is told to", async (ctx) => {
    const { assert } = ctx;
    const { files } = await liveSandbox(ctx);
    const modifiedAt = 1_700_000_000_123;
    const items = ["a", "sub/b", "sub/c"].map((path) => ({ path, content: path, modifiedAt }));
    const sync = (/** @type {unknown[]} */ source, options = {}) => files.sync(source, "/tmp/s", options);
    const all = ["a", "sub", "sub/b", "sub/c"];
    assert.deepEqual(await sync(items, { dryRun: true }), {
      sent: all,
      removed: [],
      unchanged: 0,
      bytes: 11,
    });
    assert.equal(await files.exists("/tmp/s"), false);
    assert.deepEqual(await sync(items), { sent: all, removed: [], unchanged: 0, bytes: 11 });
    assert.deepEqual(await sync(items), { sent: [], removed: [], unchanged: 4, bytes: 0 });

    const later = items.map((item) => (item.path === "a" ? { ...item, modifiedAt: modifiedAt + 1 } : item));
    assert.deepEqual((await sync(later)).sent, ["a"], "a millisecond later");
    assert.deepEqual((await sync([...later, { path: "l", target: "a" }])).sent, ["l"]);
    assert.equal((await files.stat("/tmp/s/l")).target, "a");

    await files.write("/tmp/s/extra/x", "");
    await files.write("/tmp/s/extra/kept.log", "");
    await files.write("/tmp/s/-old\n\udcff", "");
    assert.deepEqual((await sync(later)).removed, []);
    const gone = ["-old\n\udcff", "extra/x", "l"];
    const options = { delete: true, ignore: ["*.log"] };
    assert.deepEqual((await sync(later, { ...options, dryRun: true })).removed, gone);
    assert.deepEqual(await sync(later, options), { sent: [], removed: gone, unchanged: 4, bytes: 0 });
    assert.deepEqual(
      (await below(files, "/tmp/s")).map((line) => line.split(" ")[0]),
      ["a", "extra", "extra/kept.log", "sub", "sub/b", "sub/c"],
    );

    const instead = [
      { path: "sub", content: "a file" },
      { path: "a/x", content: "" },
    ];
    await failing(ctx, sync(instead), {
      name: "ConflictError",
      code: "is_directory",
      operation: "Files.sync",
    });
    assert.deepEqual((await sync(instead, { delete: true })).removed, ["sub", "a", "extra"]);
    assert.equal(await files.readText("/tmp/s/sub"), "a file");
  });

  test("what is in the way is an error, and nothing is left behind", async (ctx) => {
    const { assert } = ctx;
    const { files, commands } = await liveSandbox(ctx);
    await commands.run("mkdir -p /tmp/w/dir/full && echo 1 >/tmp/w/file && ln -s dir /tmp/w/link");
    for (const [items, code] of [
      [[{ path: "dir", content: "" }], "is_directory"],
      [[{ path: "file/x", content: "" }], "not_directory"],
      [[{ path: "link/x", content: "" }], "not_directory"],
    ]) {
      await failing(ctx, files.uploadDir(items, "/tmp/w"), { code, operation: "Files.uploadDir" }, code);
    }
    assert.equal((await commands.run("ls -A /tmp/w /tmp/w/dir")).stdout.includes("superserve"), false);
    assert.equal(await files.readText("/tmp/w/file"), "1\n");
  });

  test("a folder is one archive, however many files", async (ctx) => {
    const { assert } = ctx;
    const { sandbox, calls } = await stubbedSandbox(ctx, ({ url }) =>
      url.includes("/exec") ? ran() : json(200, {}),
    );
    const items = Array.from({ length: 400 }, (_, at) => ({
      path: `d${at % 7}/${at}`,
      content: "x".repeat(at),
    }));
    /** @type {[number, number | undefined][]} */
    const progress = [];
    const onProgress = (/** @type {number} */ bytes, /** @type {number} */ total) =>
      progress.push([bytes, total]);
    assert.deepEqual(await sandbox.files.uploadDir(items, "/app", { onProgress }), {
      files: 400,
      bytes: 79_800,
    });
    assert.ok(calls.length <= 8, `${calls.length} requests`);
    assert.deepEqual(progress.at(-1), [79_800, 79_800]);
    assert.ok(progress.every(([bytes], at) => at === 0 || bytes >= progress[at - 1][0]));
  });

  test("what is no folder is refused before a request", async (ctx) => {
    const { assert, sdk } = ctx;
    const { sandbox, calls } = await stubbedSandbox(ctx, () => ran());
    const { files } = sandbox;
    const file = { path: "a", content: "" };
    const cases = [
      [5, "/app"],
      [{}, "/app"],
      [undefined, "/app"],
      [[file], "app"],
      [[file], "/app/../etc"],
      [[file], "/app", { ignore: "*.log" }],
      [[file], "/app", { gitignore: 1 }],
      [[file], "/app", { onProgress: 1 }],
      ...["", "/etc/x", "../x", "a/../../x", "a\0b", 5].map((path) => [[{ ...file, path }], "/app"]),
      ...[-1, 0o10000, "755"].map((mode) => [[{ ...file, mode }], "/app"]),
      [[{ ...file, type: "pipe" }], "/app"],
      [[{ path: "l", type: "symlink" }], "/app"],
      [[{ ...file, content: 5 }], "/app"],
      [[{ ...file, modifiedAt: "today" }], "/app"],
      [[null], "/app"],
    ];
    for (const [source, path, options] of cases) {
      for (const name of ["uploadDir", "sync"]) {
        const error = await assert.rejects(
          (async () => files[name](source, path, options))(),
          sdk.ValidationError,
          `${name} ${JSON.stringify([source, path, options])}`,
        );
        assert.equal(error.operation, `Files.${name}`);
      }
    }
    for (const options of [{ format: "7z" }, { format: "tar", onProgress: 1 }]) {
      await assert.rejects(files.downloadDir("/app", options), sdk.ValidationError);
    }
    await assert.rejects(files.downloadDir("app", { format: "tar" }), sdk.ValidationError);
    assert.equal(calls.map(({ url }) => url).join(), "");
  });

  test("what a source or a callback throws ends the call", async (ctx) => {
    const { assert } = ctx;
    const { sandbox, calls } = await stubbedSandbox(ctx, ({ url }) =>
      url.includes("/exec") ? ran() : json(200, {}),
    );
    const { files } = sandbox;
    const mine = new Error("mine");
    const failing = async function* () {
      yield { path: "a", content: "a" };
      throw mine;
    };
    assert.equal(await assert.rejects(files.uploadDir(failing(), "/app")), mine);
    assert.equal(calls.length, 0);
    const items = [
      { path: "a", content: "a" },
      { path: "b", content: "b" },
    ];
    const throws = () => {
      throw mine;
    };
    assert.equal(await assert.rejects(files.uploadDir(items, "/app", { onProgress: throws })), mine);
  });

  test("an abort ends it, and what was sent is removed", async (ctx) => {
    const { assert } = ctx;
    const controller = new AbortController();
    /** @type {() => void} */
    let discarded = () => {};
    const isDiscarded = new Promise((resolve) => (discarded = () => resolve(undefined)));
    const { sandbox } = await stubbedSandbox(ctx, (call) => {
      const body = typeof call.init.body === "string" ? call.init.body : "";
      if (body.includes("tar -xpof")) {
        controller.abort(new Error("enough"));
        return hang(call);
      }
      if (body.includes(".superserve-*)")) discarded();
      return call.url.includes("/exec") ? ran() : json(200, {});
    });
    const uploading = sandbox.files.uploadDir([{ path: "a", content: "a" }], "/app", {
      signal: controller.signal,
    });
    const error = await failing(ctx, uploading, { name: "SandboxError", operation: "Files.uploadDir" });
    assert.equal(error.cause?.message, "enough");
    await isDiscarded;
  });
}
