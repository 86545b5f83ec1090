// What people do with a file system: on the local server, and how it is asked for.

import { json } from "../support/fixtures.mjs";
import { eventually, liveSandbox } from "../support/live.mjs";
import { hang, stubbedSandbox } from "../support/stub-fetch.mjs";

/** @typedef {import("../support/types.d.ts").Ctx} Ctx */

/** Names that shells, tools and parsers trip over. The last two have bytes that are no UTF-8. */
const NAMES = [
  "plain.txt",
  "a b",
  "'quotes\" and `ticks` $(and) ${more}",
  "-rf",
  "--help",
  "*",
  "[a]?",
  "back\\slash \\0101 %s",
  "two\nlines\n",
  "\t\u0001",
  "漢字😀",
  "e\u0301",
  ".hidden",
  "...",
  "~",
  "#!/x".replace("/", ""),
  "x".repeat(255),
  "\udcff\udc80 and \\ more",
  "caf\udce9",
];

const sorted = (/** @type {string[]} */ names) => [...names].sort();

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("an entry tells what is there", async (ctx) => {
    const { assert } = ctx;
    const { files } = await liveSandbox(ctx);
    await files.mkdir("/tmp/things");
    await files.write("/tmp/things/file", "12345");
    await files.chmod("/tmp/things/file", 0o640);
    await files.symlink("nowhere", "/tmp/things/link");
    const file = await files.stat("/tmp/things/file");
    assert.deepEqual(Object.keys(file), ["name", "path", "type", "size", "mode", "modifiedAt", "owner"]);
    const { name, path, type, size, mode, modifiedAt, owner } = file;
    assert.deepEqual(
      { name, path, type, size, mode },
      { name: "file", path: "/tmp/things/file", type: "file", size: 5, mode: 0o640 },
    );
    assert.ok(modifiedAt instanceof Date && Math.abs(+modifiedAt - Date.now()) < 86_400_000, `${modifiedAt}`);
    assert.ok(owner.length > 0);
    const link = await files.stat("/tmp/things/link");
    assert.equal(`${link.type} ${link.target}`, "symlink nowhere");
    assert.equal((await files.stat("//tmp/./things/")).path, "/tmp/things");
    assert.equal((await files.stat("/")).type, "directory");
    assert.equal((await files.stat("/dev/null")).type, "other");
  });

  test("names are any bytes", async (ctx) => {
    const { assert } = ctx;
    const { files } = await liveSandbox(ctx);
    await files.mkdir("/tmp/any");
    for (const name of NAMES) await files.write(`/tmp/any/${name}`, "x");
    const listed = await files.list("/tmp/any");
    assert.deepEqual(sorted(listed.map(({ name }) => name)), sorted(NAMES));
    for (const { name, path } of listed) {
      assert.equal(path, `/tmp/any/${name}`);
      assert.equal((await files.stat(path)).name, name);
      assert.equal(await files.readText(path), "x", JSON.stringify(name));
    }
    // What each does to one of them, it does to that one alone.
    const hard = NAMES.filter((name) => name.length < 200 && /^-|[*'\\\n\udc80-\udcff]/u.test(name));
    for (const name of hard) {
      const at = `/tmp/any/${name}`;
      await files.chmod(at, 0o600);
      await files.rename(at, `${at}.moved`);
      await files.copy(`${at}.moved`, at);
      await files.symlink(name, `${at}.link`);
      assert.equal((await files.stat(`${at}.link`)).target, name);
      assert.equal((await files.stat(at)).mode, 0o600);
      for (const one of [at, `${at}.moved`, `${at}.link`]) await files.remove(one);
      assert.equal(await files.exists(at), false);
    }
    assert.deepEqual(
      sorted((await files.list("/tmp/any")).map(({ name }) => name)),
      sorted(NAMES.filter((one) => !hard.includes(one))),
    );
    const dir = "/tmp/di\udcf1r\n";
    await files.mkdir(dir);
    await files.mkdir(`${dir}/in\udcf1/it`, { recursive: true });
    const below = await files.list(dir, { depth: 5 });
    assert.deepEqual(
      below.map(({ path }) => path),
      [`${dir}/in\udcf1`, `${dir}/in\udcf1/it`],
    );
    await files.remove(dir, { recursive: true });
    assert.equal(await files.exists(dir), false);
  });

  test("a list has as many levels as are asked for", async (ctx) => {
    const { assert } = ctx;
    const { files, commands } = await liveSandbox(ctx);
    await commands.run("mkdir -p /tmp/l/a/b/c /tmp/l/.h/x && touch /tmp/l/z /tmp/l/a/y && ln -s a /tmp/l/s");
    const paths = async (options) => (await files.list("/tmp/l", options)).map(({ path }) => path.slice(7));
    assert.deepEqual(await paths(), [".h", "a", "s", "z"]);
    assert.deepEqual(await paths({ hidden: false }), ["a", "s", "z"]);
    assert.deepEqual(await paths({ depth: 2 }), [".h", ".h/x", "a", "a/b", "a/y", "s", "z"]);
    assert.deepEqual(await paths({ depth: 9, hidden: false }), ["a", "a/b", "a/b/c", "a/y", "s", "z"]);
    assert.deepEqual(
      (await files.list("/tmp/l/s")).map(({ path }) => path),
      ["/tmp/l/s/b", "/tmp/l/s/y"],
      "through a link",
    );
    assert.deepEqual(await files.list("/tmp/l/a/b/c"), []);
  });

  test("what fails says why", async (ctx) => {
    const { assert, sdk } = ctx;
    const { files, commands } = await liveSandbox(ctx);
    await commands.run(
      "mkdir -p /tmp/f/full/x && echo > /tmp/f/file && ln -s loop /tmp/f/loop && ln -s gone /tmp/f/dangling",
    );
    const long = "n".repeat(256);
    /** @type {[string, () => Promise<unknown>, string, string][]} */
    const cases = [
      ["stat", () => files.stat("/tmp/f/none"), "NotFoundError", "not_found"],
      ["stat below a file", () => files.stat("/tmp/f/file/x"), "ValidationError", "not_directory"],
      ["stat in a loop", () => files.stat("/tmp/f/loop/x"), "ValidationError", "too_many_links"],
      ["stat of a long name", () => files.stat(`/tmp/f/${long}`), "ValidationError", "name_too_long"],
      ["list", () => files.list("/tmp/f/none"), "NotFoundError", "not_found"],
      ["list of a file", () => files.list("/tmp/f/file"), "ValidationError", "not_directory"],
      ["mkdir", () => files.mkdir("/tmp/f/full"), "ConflictError", "already_exists"],
      ["mkdir below nothing", () => files.mkdir("/tmp/f/none/a"), "NotFoundError", "not_found"],
      [
        "mkdir of a file",
        () => files.mkdir("/tmp/f/file", { recursive: true }),
        "ConflictError",
        "already_exists",
      ],
      ["mkdir of a long name", () => files.mkdir(`/tmp/f/${long}`), "ValidationError", "name_too_long"],
      ["remove", () => files.remove("/tmp/f/none"), "NotFoundError", "not_found"],
      ["remove of what is full", () => files.remove("/tmp/f/full"), "ConflictError", "not_empty"],
      ["rename", () => files.rename("/tmp/f/none", "/tmp/f/x"), "NotFoundError", "not_found"],
      ["rename onto", () => files.rename("/tmp/f/file", "/tmp/f/full"), "ConflictError", "already_exists"],
      [
        "rename of a file over a directory",
        () => files.rename("/tmp/f/file", "/tmp/f/full", { overwrite: true }),
        "ValidationError",
        "is_directory",
      ],
      [
        "rename of a directory over a file",
        () => files.rename("/tmp/f/full", "/tmp/f/file", { overwrite: true }),
        "ValidationError",
        "not_directory",
      ],
      ["rename to nowhere", () => files.rename("/tmp/f/file", "/tmp/f/none/x"), "NotFoundError", "not_found"],
      ["copy", () => files.copy("/tmp/f/none", "/tmp/f/x"), "NotFoundError", "not_found"],
      ["copy of a directory", () => files.copy("/tmp/f/full", "/tmp/f/x"), "ValidationError", "is_directory"],
      ["copy onto", () => files.copy("/tmp/f/file", "/tmp/f/dangling"), "ConflictError", "already_exists"],
      ["chmod", () => files.chmod("/tmp/f/none", 0o600), "NotFoundError", "not_found"],
      ["symlink", () => files.symlink("x", "/tmp/f/dangling"), "ConflictError", "already_exists"],
    ];
    for (const [what, act, name, code] of cases) {
      const error = await assert.rejects(act(), undefined, what);
      assert.equal(`${error.name} ${error.code}`, `${name} ${code}`, `${what}: ${error.message}`);
      assert.ok(error instanceof sdk.SandboxError, what);
      const path = /\/tmp\/f\/\w+/.exec(error.message)?.[0] ?? "";
      assert.ok(path !== "", `${what} names a path: ${error.message}`);
    }
    assert.equal((await assert.rejects(files.stat("/none"))).operation, "Files.stat");
    assert.equal(await files.exists("/tmp/f/dangling"), true);
    assert.equal(await files.exists("/tmp/f/none"), false);
    assert.equal(await files.exists("/tmp/f/file/below"), false);
  });

  test("what is made, moved and copied", async (ctx) => {
    const { assert } = ctx;
    const { files, commands } = await liveSandbox(ctx);
    const run = async (/** @type {string} */ command) => (await commands.run(command)).stdout.trim();
    await files.mkdir("/tmp/m/a/b", { recursive: true });
    await files.mkdir("/tmp/m/a/b", { recursive: true });
    await files.write("/tmp/m/a/b/one", "1");
    await files.symlink("one", "/tmp/m/a/b/to-one");
    await files.chmod("/tmp/m/a/b/one", 0o711);
    await files.copy("/tmp/m/a", "/tmp/m/c", { recursive: true });
    assert.equal(await run("cd /tmp/m/c && find . | sort | tr '\\n' ' '"), ". ./b ./b/one ./b/to-one");
    assert.equal(await run("stat -c %a /tmp/m/c/b/one; readlink /tmp/m/c/b/to-one"), "711\none");
    await files.write("/tmp/m/two", "2");
    await files.copy("/tmp/m/two", "/tmp/m/a/b/one", { overwrite: true });
    assert.equal(await run("cat /tmp/m/a/b/one /tmp/m/c/b/one"), "21");
    await files.rename("/tmp/m/two", "/tmp/m/a/b/one", { overwrite: true });
    assert.equal(await run("cat /tmp/m/a/b/one; ls /tmp/m"), "2a\nc");
    await files.rename("/tmp/m/c", "/tmp/m/d");
    await files.chmod("/tmp/m/d", 0o700, { recursive: true });
    assert.equal(await run("stat -c %a /tmp/m/d/b/one"), "700");
    await files.remove("/tmp/m/d/b/to-one");
    assert.equal(await run("ls /tmp/m/d/b"), "one", "a link is removed, not what it leads to");
    await files.remove("/tmp/m", { recursive: true });
    assert.equal(await files.exists("/tmp/m"), false);
  });

  test("what is no path is refused before a request", async (ctx) => {
    const { assert, sdk } = ctx;
    const { sandbox, calls } = await stubbedSandbox(ctx, () => json(200, {}));

    const { files } = sandbox;
    for (const bad of ["", "a", "/a/../b", "/..", "/a\0b", 5, undefined, null]) {
      for (const name of ["list", "stat", "exists", "mkdir", "remove", "readText"]) {
        await assert.rejects(files[name](bad), sdk.ValidationError, `${name}(${String(bad)})`);
      }
      for (const name of ["rename", "copy"]) {
        await assert.rejects(files[name](bad, "/a"), sdk.ValidationError, name);
        await assert.rejects(files[name]("/a", bad), sdk.ValidationError, name);
      }
      await assert.rejects(files.symlink("/a", bad), sdk.ValidationError);
    }
    for (const bad of [-1, 0o10000, 1.5, "755"]) {
      await assert.rejects(files.chmod("/a", bad), sdk.ValidationError);
    }
    await assert.rejects(files.symlink("a\0", "/a"), sdk.ValidationError);
    assert.equal(calls.length, 0);
  });

  test("one request does it, and no shell reads a value", async (ctx) => {
    const { assert } = ctx;
    const told = { stdout: "", stderr: "", exit_code: 0, truncated: false };
    const { sandbox, calls } = await stubbedSandbox(ctx, () => json(200, told));
    await sandbox.files.rename("/a//$(b)/", "/c 'd'", { overwrite: true, timeoutMs: 90_500 });
    assert.equal(calls.length, 1);
    const [{ url, init }] = calls;
    assert.ok(url.endsWith("/exec"), url);
    const { command, args, env, timeout_s } = JSON.parse(init.body);
    assert.equal(command, "/bin/sh");
    assert.equal(args[0], "-c");
    assert.deepEqual(args.slice(2), ["s", "", "/a/$(b)", "/c 'd'", "1"]);
    assert.ok(!args[1].includes("$(b)"));
    assert.equal(timeout_s, 91);
    assert.equal(env.LC_ALL, "C");
    await sandbox.files.remove("/\udcff\\");
    const [mode, root, path, recursive] = JSON.parse(calls[1].init.body).args.slice(2);
    assert.deepEqual([mode, root, path, recursive], ["e", "", "/\\0377\\\\", ""]);
  });

  test("what ends before its answer ends in the sandbox too", async (ctx) => {
    const { assert } = ctx;
    for (const how of ["signal", "time", "connection"]) {
      const { sandbox, calls } = await stubbedSandbox(ctx, (call) => {
        if (calls.length > 1) return json(200, { stdout: "", stderr: "", exit_code: 0 });
        if (how === "connection") throw new TypeError("fetch failed");
        return hang(call);
      });
      const controller = new AbortController();
      const options = how === "time" ? { timeoutMs: 20 } : { signal: controller.signal };
      const removal = sandbox.files.remove("/a", options);
      if (how === "signal") controller.abort();
      await assert.rejects(removal, undefined, how);
      await eventually(() => calls.length === 2, `${how}: a second request`);
      const [first, second] = calls.map(({ init }) => JSON.parse(init.body));
      assert.equal(second.args.at(-1), first.env.SUPERSERVE_CALL, how);
      assert.ok(second.args[1].includes("kill"), how);
      assert.equal(second.env.SUPERSERVE_CALL, undefined, how);
    }
  });

  test("an abort leaves no process", async (ctx) => {
    const { assert } = ctx;
    const { files, commands } = await liveSandbox(ctx);
    await commands.run("mkfifo /tmp/pipe");
    const controller = new AbortController();
    // It waits for somebody to write.
    const copying = files
      .copy("/tmp/pipe", "/tmp/never", { signal: controller.signal })
      .catch((error) => error);
    void copying;
    const running = async () =>
      (await commands.run("grep -lz '^SUPERSERVE_CALL=' /proc/[0-9]*/environ 2>/dev/null")).stdout.trim();
    await files.exists("/tmp/pipe");
    controller.abort();
    await copying;
    await eventually(async () => (await running()) === "", "the end of all that was started");
    assert.equal(await running(), "");
  });

  test("what only reads is asked for again, what writes is not", async (ctx) => {
    const { assert } = ctx;
    const { sandbox, calls } = await stubbedSandbox(ctx, () =>
      calls.length % 2 === 1
        ? json(502, {})
        : json(200, { stdout: "", stderr: "superserve:not_found", exit_code: 1 }),
    );
    const error = await assert.rejects(sandbox.files.stat("/a"));
    assert.equal(`${error.name} ${error.code} ${error.statusCode}`, "NotFoundError not_found 404");
    assert.equal(calls.length, 2);
    await assert.rejects(sandbox.files.mkdir("/a"), ctx.sdk.ServerError);
    assert.equal(calls.length, 3);
  });

  test("a script that the service ends after its time has timed out", async (ctx) => {
    const { sdk, assert } = ctx;
    const ended = { stdout: "", stderr: "command timed out after 1 s and was killed", exit_code: 124 };
    const { sandbox } = await stubbedSandbox(ctx, () => json(200, ended));
    const error = await assert.rejects(sandbox.files.copy("/a", "/b", { timeoutMs: 1000 }), sdk.TimeoutError);
    assert.equal(error.code, "timeout");
  });

  test("an answer that is none is an error", async (ctx) => {
    const { assert } = ctx;
    const entry = btoa(["f", "5", "644", "1.5000", "user", "name", "", ""].join("\0"));
    const answers = [
      { stdout: "!", exit_code: 0 },
      { stdout: entry.slice(0, 8), exit_code: 0 },
      { stdout: "", exit_code: 0 },
      { stdout: entry, exit_code: 0, truncated: true },
    ];
    for (const answer of answers) {
      const { sandbox } = await stubbedSandbox(ctx, () => json(200, answer));
      const error = await assert.rejects(sandbox.files.stat("/a"), undefined, JSON.stringify(answer));
      assert.ok(["invalid_response", "too_large"].includes(error.code), `${error.code}`);
    }
    const { sandbox } = await stubbedSandbox(ctx, () =>
      json(200, { stdout: `${entry.slice(0, 9)}\n${entry.slice(9)}` }),
    );
    const { name, path, size, mode, modifiedAt, owner } = await sandbox.files.stat("/x/a");
    assert.deepEqual(
      { name, path, size, mode, modifiedAt: +modifiedAt, owner },
      { name: "name", path: "/x/a/name", size: 5, mode: 0o644, modifiedAt: 1500, owner: "user" },
    );
  });

  test("a paused sandbox wakes once", async (ctx) => {
    const { assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    await sandbox.files.mkdir("/tmp/w");
    await sandbox.pause();
    const { files } = sandbox;
    const all = await Promise.all([files.list("/tmp/w"), files.stat("/tmp/w"), files.mkdir("/tmp/w/a")]);
    assert.equal(all[1].path, "/tmp/w");
    assert.equal(await files.exists("/tmp/w/a"), true);
  });
}
