// What is looked for in a sandbox: files by their names, lines by what is in them.

import { json } from "../support/fixtures.mjs";
import { liveSandbox } from "../support/live.mjs";
import { stubbedSandbox } from "../support/stub-fetch.mjs";

/** What the service answers where a script has written that. @param {string} stdout */
const told = (stdout, more = {}) =>
  json(200, { stdout: btoa(stdout), stderr: "", exit_code: 0, duration_ms: 1, truncated: false, ...more });

/** A file, as scripts tell of it. @param {string} path */
const file = (path) => `f\x003\x00644\x001.5\x00me\0${path}\0\0`;

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("files are found by patterns", async (ctx) => {
    const { assert } = ctx;
    const { files, commands } = await liveSandbox(ctx);
    await commands.run(
      "mkdir -p /tmp/s/src/deep /tmp/s/node_modules/x /tmp/s/.git && cd /tmp/s && " +
        "touch src/a.ts src/deep/b.tsx src/deep/é.ts node_modules/x/c.ts .git/d.ts 'odd [x]{y}' && ln -s src link",
    );
    const find = async (/** @type {object} */ options) => {
      const { entries, truncated } = await files.find("/tmp/s", options);
      assert.equal(truncated, false);
      return entries.map(({ path }) => path.slice(7));
    };
    const ignore = ["node_modules", ".git/"];
    assert.deepEqual(await find({ pattern: "*.{ts,tsx}", ignore }), [
      "src/a.ts",
      "src/deep/b.tsx",
      "src/deep/é.ts",
    ]);
    assert.deepEqual(await find({ pattern: "?.ts", hidden: false, ignore: ["node_modules/**"] }), [
      "src/a.ts",
      "src/deep/é.ts",
    ]);
    assert.deepEqual(await find({ pattern: "src/*" }), ["src/a.ts", "src/deep"]);
    assert.deepEqual(await find({ pattern: "**/deep/[!b]*" }), ["src/deep/é.ts"]);
    assert.deepEqual(await find({ pattern: "odd \\[x]\\{y}", type: "file" }), ["odd [x]{y}"]);
    assert.deepEqual(await find({ type: "symlink" }), ["link"]);
    assert.deepEqual(await find({ type: "directory", ignore }), ["src", "src/deep"]);
    const listed = await files.list("/tmp/s", { depth: 3, pattern: "*.ts", hidden: false });
    assert.deepEqual(
      listed.map(({ name }) => name),
      ["c.ts", "a.ts", "é.ts"],
    );
    const some = await files.find("/tmp/s", { type: "file", limit: 2 });
    assert.equal(`${some.entries.length} ${some.truncated}`, "2 true");
  });

  test("names that are no UTF-8 are found and searched", async (ctx) => {
    const { assert } = ctx;
    const { files } = await liveSandbox(ctx);
    const path = "/tmp/caf\udce9\n/x\udcff";
    await files.write(path, "one\ntwo\n");
    const { entries } = await files.find("/tmp", { pattern: "x\udcff" });
    assert.deepEqual(
      entries.map((entry) => entry.path),
      [path],
    );
    const { matches } = await files.grep("/tmp", "two", { glob: "caf\udce9*/*" });
    assert.deepEqual(matches, [{ path, line: 2, column: 1, text: "two" }]);
  });

  test("lines are found by a text or an expression", async (ctx) => {
    const { assert } = ctx;
    const { files } = await liveSandbox(ctx);
    await files.write("/tmp/g/a.ts", "const a = 1\n// TODO(me): é\nend\n");
    await files.write("/tmp/g/sub/b.js", "x\n😀 todo\n");
    await files.write("/tmp/g/binary", new Uint8Array([84, 79, 68, 79, 0]));
    await files.write("/tmp/g/latin", new Uint8Array([0xe9, 32, 84, 79, 68, 79]));
    const { matches, truncated } = await files.grep("/tmp/g", "TODO");
    assert.deepEqual(matches, [
      { path: "/tmp/g/a.ts", line: 2, column: 4, text: "// TODO(me): é" },
      { path: "/tmp/g/latin", line: 1, column: 3, text: "\ufffd TODO" },
    ]);
    assert.equal(truncated, false);
    const some = async (/** @type {string} */ pattern, options = {}, path = "/tmp/g") =>
      (await files.grep(path, pattern, options)).matches.map(
        ({ path, line, column }) => `${path.slice(7)}:${line}:${column}`,
      );
    assert.deepEqual(await some("todo", { ignoreCase: true, ignore: ["latin"] }), [
      "a.ts:2:4",
      "sub/b.js:2:4",
    ]);
    assert.deepEqual(await some("TODO(me)"), ["a.ts:2:4"]);
    assert.deepEqual(await some("^(x|end)$", { regex: true }), ["a.ts:3:1", "sub/b.js:1:1"]);
    assert.deepEqual(await some("^(x|end)$", { regex: true, glob: "*.ts" }), ["a.ts:3:1"]);
    assert.deepEqual(await some("a", {}, "/tmp/g/a.ts"), ["a.ts:1:7"]);
    assert.deepEqual(await some("nothing"), []);
    const [line] = (await files.grep("/tmp/g/a.ts", "me", { context: 1 })).matches;
    assert.deepEqual([line?.before, line?.after], [["const a = 1"], ["end"]]);
    const first = await files.grep("/tmp/g", "e", { limit: 1 });
    assert.equal(`${first.matches.length} ${first.truncated}`, "1 true");
  });

  test("a search that fails says why", async (ctx) => {
    const { assert } = ctx;
    const { files } = await liveSandbox(ctx);
    await files.write("/tmp/w/file", "x");
    /** @type {[() => Promise<unknown>, string, string][]} */
    const cases = [
      [() => files.find("/tmp/w/none"), "NotFoundError", "not_found"],
      [() => files.find("/tmp/w/file"), "ValidationError", "not_directory"],
      [() => files.grep("/tmp/w/none", "x"), "NotFoundError", "not_found"],
      [() => files.grep("/tmp/w", "(", { regex: true }), "ValidationError", "bad_pattern"],
    ];
    for (const [act, name, code] of cases) {
      const error = await assert.rejects(act());
      assert.equal(`${error.name} ${error.code}`, `${name} ${code}`, error.message);
      assert.ok(error.message.includes("/tmp/w"), error.message);
    }
  });

  test("what is no pattern is refused before a request", async (ctx) => {
    const { assert, sdk } = ctx;
    const { sandbox, calls } = await stubbedSandbox(ctx, () => told(""));
    const { files } = sandbox;
    for (const pattern of ["[a", "{a,b", "a\\", "a\0", 5]) {
      await assert.rejects(files.find("/a", { pattern }), sdk.ValidationError, `find(${pattern})`);
      await assert.rejects(files.find("/a", { ignore: [pattern] }), sdk.ValidationError, `ignore ${pattern}`);
      await assert.rejects(files.list("/a", { pattern }), sdk.ValidationError, `list(${pattern})`);
      await assert.rejects(files.grep("/a", "x", { glob: pattern }), sdk.ValidationError, `grep(${pattern})`);
    }
    for (const options of [{ type: "files" }, { limit: 0 }, { ignore: "a" }, { hidden: 1 }]) {
      await assert.rejects(files.find("/a", options), sdk.ValidationError, JSON.stringify(options));
    }
    for (const pattern of ["", "a\nb", undefined])
      await assert.rejects(files.grep("/a", pattern), sdk.ValidationError);
    await assert.rejects(files.grep("/a", "(a)\\1", { regex: true }), sdk.ValidationError);
    assert.equal(calls.length, 0);
  });

  test("what was found is read as it was told, cut off or odd", async (ctx) => {
    const { assert, sdk } = ctx;
    let stdout = "";
    const { sandbox } = await stubbedSandbox(ctx, () => told(stdout));
    const { files } = sandbox;
    stdout = file("b") + file("a") + file("c");
    const found = await files.find("/d", { limit: 2 });
    assert.deepEqual(
      found.entries.map(({ path }) => path),
      ["/d/a", "/d/b"],
    );
    assert.equal(found.truncated, true);
    assert.equal((await files.find("/d", { limit: 3 })).truncated, false);
    stdout = "./a\x001:x\x1b[8;9mfoo\x1b[m\n./a\x002-next\n./a\x0010:\x1b[8;9mfoo\x1b[m\n";
    const { matches } = await files.grep("/", "foo", { context: 1 });
    assert.deepEqual(matches, [
      { path: "/a", line: 1, column: 2, text: "xfoo", before: [], after: ["next"] },
      { path: "/a", line: 10, column: 1, text: "foo", before: [], after: [] },
    ]);
    for (stdout of ["./a", "f\x003\0", "./a\0x:y\n"]) {
      const act = stdout.startsWith(".") && stdout.length > 3 ? files.grep("/", "x") : files.find("/");
      await assert.rejects(act, sdk.SandboxError, JSON.stringify(stdout));
    }
  });
}
