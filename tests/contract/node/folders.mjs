// Folders of the machine that the program runs on.

import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { json } from "../support/fixtures.mjs";
import { failing } from "../support/failing.mjs";
import { liveSandbox } from "../support/live.mjs";
import { stubbedSandbox } from "../support/stub-fetch.mjs";

/** A folder that goes with the test. */
function folder(ctx) {
  const path = mkdtempSync(join(tmpdir(), "superserve-folders-"));
  ctx.defer(() => {
    execFileSync("chmod", ["-R", "u+rwx", path]);
    rmSync(path, { recursive: true });
  });
  return path;
}

const NAMES = [
  "plain",
  "a b",
  "'\"`$(x)`",
  "-rf",
  "--",
  "two\nlines",
  "*",
  "漢字😀",
  ".hidden",
  "x".repeat(255),
  "back\\slash",
];

/** A path with a byte that is no UTF-8. */
const odd = (path) => Buffer.concat([Buffer.from(`${path}/odd`), Buffer.of(0xff)]);

/** A tree with whatever may be in one. */
function fill(path) {
  for (const name of NAMES) writeFileSync(join(path, name), name);
  writeFileSync(odd(path), "odd");
  mkdirSync(join(path, "empty"), { mode: 0o700 });
  mkdirSync(join(path, "deep", ...Array(12).fill("d".repeat(60))), { recursive: true });
  writeFileSync(join(path, "deep", ...Array(12).fill("d".repeat(60)), "leaf"), "leaf");
  writeFileSync(join(path, "program"), "#!/bin/sh");
  chmodSync(join(path, "program"), 0o751);
  writeFileSync(join(path, "large"), Buffer.alloc(300_001, "large"));
  utimesSync(join(path, "large"), 1_600_000_000, 1_600_000_000);
  symlinkSync("plain", join(path, "link"));
  symlinkSync("gone", join(path, "dangling"));
  symlinkSync(".", join(path, "loop"));
  execFileSync("mkfifo", [join(path, "pipe")]);
}

/** What is below a folder, as one text for each path. */
function seen(path) {
  const tell = "%P %y %m %s %l %Ts\\0";
  const text = execFileSync(
    "find",
    [path, "-mindepth", "1", "-type", "d", "-printf", "%P d %m\\0", "-o", "-printf", tell],
    {
      encoding: "latin1",
    },
  );
  return text.split("\0").filter(Boolean).sort();
}

/** A header of an archive, and the bytes after it. */
function entry(name, { type = "0", target = "", body = "", mode = 0o644 } = {}) {
  const block = Buffer.alloc(512);
  block.write(name, 0);
  block.write(`${mode.toString(8).padStart(7, "0")}\0`, 100);
  block.write(`${"0".repeat(7)}\0`, 108);
  block.write(`${"0".repeat(7)}\0`, 116);
  block.write(`${body.length.toString(8).padStart(11, "0")}\0`, 124);
  block.write(`${"0".repeat(11)}\0`, 136);
  block.write(" ".repeat(8), 148);
  block.write(type, 156);
  block.write(target, 157);
  block.write("ustar\x0000", 257);
  const sum = block.reduce((sum, byte) => sum + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  const padded = Buffer.alloc(Math.ceil(body.length / 512) * 512);
  padded.write(body);
  return Buffer.concat([block, padded]);
}

const END = Buffer.alloc(1024);

/** A sandbox whose folders come as that archive. */
async function fetching(ctx, archive) {
  const { sandbox } = await stubbedSandbox(ctx, ({ url }) =>
    url.includes("/exec")
      ? json(200, { stdout: "", stderr: "", exit_code: 0 })
      : new Response(archive, { headers: { "content-length": `${archive.length}` } }),
  );
  return sandbox.files;
}

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("a tree there and back is the same", async (ctx) => {
    const { assert } = ctx;
    const { files } = await liveSandbox(ctx);
    const [from, to] = [folder(ctx), folder(ctx)];
    fill(from);
    const sent = await files.uploadDir(`${from}/`, "/tmp/tree");
    assert.equal(sent.files, NAMES.length + 4);
    const got = await files.downloadDir("/tmp/tree", join(to, "made/here"));
    assert.deepEqual(got, { ...sent, skipped: [] });
    const expected = seen(from).filter((line) => !line.startsWith("pipe "));
    assert.deepEqual(seen(join(to, "made/here")), expected);
    for (const name of ["plain", "large"]) {
      assert.ok(readFileSync(join(from, name)).equals(readFileSync(join(to, "made/here", name))), name);
    }
    // In place of what is there, and beside what else is.
    writeFileSync(join(to, "made/here/plain"), "changed");
    writeFileSync(join(to, "made/here/other"), "stays");
    await files.downloadDir("/tmp/tree", join(to, "made/here"));
    assert.equal(readFileSync(join(to, "made/here/plain"), "utf8"), "plain");
    assert.equal(readFileSync(join(to, "made/here/other"), "utf8"), "stays");
  });

  test("sync of a tree is quiet until something changes", async (ctx) => {
    const { assert } = ctx;
    const { files } = await liveSandbox(ctx);
    const from = folder(ctx);
    fill(from);
    await files.uploadDir(from, "/tmp/tree");
    const again = await files.sync(from, "/tmp/tree", { delete: true });
    assert.deepEqual([again.sent, again.removed], [[], []]);
    chmodSync(join(from, "program"), 0o700);
    writeFileSync(odd(from), "longer");
    rmSync(join(from, "two\nlines"));
    const changed = await files.sync(from, "/tmp/tree", { delete: true });
    assert.deepEqual(changed.sent, ["odd\udcff", "program"]);
    assert.deepEqual(changed.removed, ["two\nlines"]);
    assert.equal(await files.readText("/tmp/tree/odd\udcff"), "longer");
  });

  test("the rules of a tree's files and the caller's own are heeded", async (ctx) => {
    const { assert } = ctx;
    const { files } = await liveSandbox(ctx);
    const from = folder(ctx);
    mkdirSync(join(from, "node_modules/x"), { recursive: true });
    mkdirSync(join(from, "src/out"), { recursive: true });
    for (const name of ["node_modules/x/y", "src/a.js", "src/out/b", "src/c.tmp", "d.secret"])
      writeFileSync(join(from, name), "");
    writeFileSync(join(from, ".gitignore"), "node_modules/\n");
    writeFileSync(join(from, "src/.gitignore"), "/out\n");
    await files.uploadDir(from, "/tmp/r", { gitignore: true, ignore: ["*.tmp", "*.secret"] });
    const paths = (await files.list("/tmp/r", { depth: 9 })).map(({ path }) => path.slice(7));
    assert.deepEqual(paths, [".gitignore", "src", "src/.gitignore", "src/a.js"]);
  });

  test("what vanishes or gets shorter while it is read", async (ctx) => {
    const { assert } = ctx;
    const { files } = await liveSandbox(ctx);
    const from = folder(ctx);
    for (let at = 100; at < 200; at++) writeFileSync(join(from, `${at}`), "x");
    let isFirst = true;
    const onProgress = () => {
      if (isFirst) rmSync(join(from, "199"));
      isFirst = false;
    };
    assert.equal((await files.uploadDir(from, "/tmp/v", { onProgress })).files, 99);
    writeFileSync(join(from, "900"), Buffer.alloc(3_000_000));
    const shorten = (/** @type {number} */ bytes) => {
      if (bytes > 1_000_000) writeFileSync(join(from, "900"), "");
    };
    const shortened = files.uploadDir(from, "/tmp/w", { onProgress: shorten });
    const error = await failing(ctx, shortened, { name: "ConflictError", code: "changed" });
    assert.ok(error.message.includes("900"), error.message);
    assert.equal(await files.exists("/tmp/w/900"), false);
  });

  test("a source or a file system that is not there is refused before a request", async (ctx) => {
    const { assert, sdk } = ctx;
    const { sandbox, calls } = await stubbedSandbox(ctx, () => json(200, {}));
    const file = join(folder(ctx), "file");
    writeFileSync(file, "");
    for (const source of ["/none/at/all", file]) {
      const error = await assert.rejects(sandbox.files.uploadDir(source, "/app"), sdk.ValidationError);
      assert.equal(error.operation, "Files.uploadDir");
    }
    const { getBuiltinModule } = process;
    process.getBuiltinModule = undefined;
    ctx.defer(() => {
      process.getBuiltinModule = getBuiltinModule;
    });
    await assert.rejects(sandbox.files.uploadDir("/tmp", "/app"), sdk.ValidationError);
    await assert.rejects(sandbox.files.sync("/tmp", "/app"), sdk.ValidationError);
    await assert.rejects(sandbox.files.downloadDir("/app", "/tmp/x"), sdk.ValidationError);
    assert.equal(calls.length, 0);
  });

  test("nothing of an archive gets out of the folder", async (ctx) => {
    const { assert, sdk } = ctx;
    const outside = folder(ctx);
    writeFileSync(join(outside, "victim"), "safe");
    const hostile = {
      "a name that goes up": [entry("../victim", { body: "bad" })],
      "a name that goes up within": [entry("a/../../victim", { body: "bad" })],
      "an absolute name": [entry(`${outside}/victim`, { body: "bad" })],
      "a link, and a file through it": [
        entry("in", { type: "2", target: outside }),
        entry("in/victim", { body: "bad" }),
      ],
      "a link to a link": [
        entry("d/", { type: "5" }),
        entry("d/e/", { type: "5" }),
        entry("d/e/up", { type: "2", target: "../.." }),
        entry("out", { type: "2", target: "d/e/up/.." }),
        entry("out/victim", { body: "bad" }),
      ],
      "a link that was a directory": [
        entry("d/", { type: "5" }),
        entry("d", { type: "2", target: "." }),
        entry("d/victim", { body: "bad" }),
      ],
      "a directory that was a link": [
        entry("d", { type: "2", target: "e" }),
        entry("d/", { type: "5" }),
        entry("d/victim", { body: "bad" }),
      ],
      "a hard link": [
        entry("hard", { type: "1", target: `${outside}/victim` }),
        entry("hard", { body: "bad" }),
      ],
      "a hard link that goes up": [entry("hard", { type: "1", target: "../victim" })],
      "the folder itself as a link": [
        entry("./", { type: "2", target: outside }),
        entry("victim", { body: "bad" }),
      ],
    };
    for (const [what, entries] of Object.entries(hostile)) {
      const into = join(outside, "folder");
      const files = await fetching(ctx, Buffer.concat([...entries, END]));
      const done = await files.downloadDir("/app", into).catch((error) => error);
      assert.ok(!(done instanceof Error) || done instanceof sdk.SandboxError, `${what}: ${done}`);
      assert.deepEqual(
        readdirSync(outside).sort(),
        existsSync(into) ? ["folder", "victim"] : ["victim"],
        what,
      );
      assert.equal(readFileSync(join(outside, "victim"), "utf8"), "safe", what);
      rmSync(into, { recursive: true, force: true });
    }
  });

  test("links of this machine are not followed, and those that lead out are left out", async (ctx) => {
    const { assert } = ctx;
    const [outside, into] = [folder(ctx), folder(ctx)];
    writeFileSync(join(outside, "file"), "safe");
    symlinkSync(outside, join(into, "in"));
    symlinkSync(join(outside, "file"), join(into, "file"));
    mkdirSync(join(into, "full"));
    const through = await fetching(ctx, Buffer.concat([entry("in/file", { body: "bad" }), END]));
    await failing(ctx, through.downloadDir("/app", into), { name: "ConflictError", code: "already_exists" });
    const over = await fetching(ctx, Buffer.concat([entry("full", { body: "bad" }), END]));
    await failing(ctx, over.downloadDir("/app", into), { name: "ConflictError", code: "already_exists" });
    const files = await fetching(
      ctx,
      Buffer.concat([
        entry("file", { body: "new", mode: 0o6755 }),
        entry("same", { type: "1", target: "file" }),
        entry("out", { type: "2", target: "/etc/passwd" }),
        entry("up", { type: "2", target: "../x" }),
        entry("pipe", { type: "6" }),
        entry("stays", { type: "2", target: "file" }),
        END,
      ]),
    );
    assert.deepEqual(await files.downloadDir("/app", into), {
      files: 2,
      bytes: 3,
      skipped: ["out", "up", "pipe"],
    });
    assert.equal(readFileSync(join(outside, "file"), "utf8"), "safe");
    assert.equal(readFileSync(join(into, "same"), "utf8"), "new");
    assert.equal(lstatSync(join(into, "file")).mode & 0o7777, 0o755);
    assert.equal(readlinkSync(join(into, "stays")), "file");
    assert.deepEqual(readdirSync(into).sort(), ["file", "full", "in", "same", "stays"]);
  });

  test("an archive that is cut or broken is an error, and leaves no half file", async (ctx) => {
    const { assert, sdk } = ctx;
    const whole = Buffer.concat([
      entry("a", { body: "whole" }),
      entry("b", { body: "x".repeat(100_000) }),
      END,
    ]);
    const broken = Buffer.from(whole);
    broken[1024 + 20] ^= 1;
    for (const archive of [
      whole.subarray(0, 1024 + 512 + 5000),
      whole.subarray(0, 700),
      broken,
      Buffer.alloc(100, 1),
    ]) {
      const into = folder(ctx);
      const files = await fetching(ctx, archive);
      const error = await assert.rejects(files.downloadDir("/app", into), sdk.SandboxError);
      assert.equal(`${error.code} ${error.operation}`, "invalid_response Files.downloadDir");
      assert.ok(readdirSync(into).every((name) => name === "a"));
    }
  });
}
