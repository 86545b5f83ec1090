// `files.replace`: a text in a file, by another.

import { failure, json, result } from "../support/fixtures.mjs";
import { liveSandbox } from "../support/live.mjs";
import { stubbedSandbox } from "../support/stub-fetch.mjs";

const encoder = new TextEncoder();

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("a text is replaced as often as it is said to be there", async (ctx) => {
    const { assert, sdk } = ctx;
    const { files, commands } = await liveSandbox(ctx);
    const all = { count: "all" };
    for (const [before, old, by, options, after, count] of [
      ["a b c", "b", "B", {}, "a B c", 1],
      ["b", "b", "", {}, "", 1],
      ["abab", "ab", "x", { count: 2 }, "xx", 2],
      ["aaaa", "aa", "a", all, "aa", 2],
      ["one\ntwo\n", "\n", "\r\n", all, "one\r\ntwo\r\n", 2],
      ["é漢😀", "漢", "ö", {}, "éö😀", 1],
      ["a$&b", "$&", "$1", {}, "a$1b", 1],
      ["abcabd", "abd", "x", {}, "abcx", 1],
      ["aab", "ab", "x", {}, "ax", 1],
    ]) {
      await files.write("/app/f", before);
      assert.deepEqual(await files.replace("/app/f", old, by, options), { count }, before);
      assert.equal(await files.readText("/app/f"), after, before);
    }
    for (const [before, old, options, found] of [
      ["a b b", "b", {}, 2],
      ["a", "b", {}, 0],
      ["a", "b", all, 0],
      ["b", "b", { count: 2 }, 1],
      ["", "b", {}, 0],
    ]) {
      await files.write("/app/f", before);
      const error = await assert.rejects(() => files.replace("/app/f", old, "x", options), sdk.ConflictError);
      assert.deepEqual(
        [error.code, error.statusCode, error.operation],
        ["count_mismatch", 409, "Files.replace"],
      );
      assert.ok(error.message.includes(`${found} times`), error.message);
      assert.equal(await files.readText("/app/f"), before, "nothing is changed");
    }
    assert.equal((await commands.run("ls -A /app")).stdout, "f\n");
  });

  test("other bytes, the mode and links stay as they are", async (ctx) => {
    const { assert } = ctx;
    const { files, commands } = await liveSandbox(ctx);
    const bytes = new Uint8Array([0xff, 0, 0x61, 0x62, 0xc3, 10]);
    await files.write("/app/f", bytes, { mode: 0o751 });
    await commands.run("ln -s f /app/link");
    await files.replace("/app/link", "ab", "AB");
    assert.deepEqual(await files.read("/app/f"), new Uint8Array([0xff, 0, 0x41, 0x42, 0xc3, 10]));
    assert.equal(
      (await commands.run("stat -c '%a %F' /app/f /app/link")).stdout,
      "751 regular file\n777 symbolic link\n",
    );
  });

  test("what cannot be replaced", async (ctx) => {
    const { assert, sdk } = ctx;
    const { files, commands } = await liveSandbox(ctx);
    await assert.rejects(() => files.replace("/app/none", "a", "b"), sdk.NotFoundError);
    await commands.run("mkdir /app");
    const error = await assert.rejects(() => files.replace("/app", "a", "b"), sdk.ValidationError);
    assert.equal(error.code, "is_directory");
  });

  test("options and texts that are none", async (ctx) => {
    const { assert, sdk } = ctx;
    const { sandbox, calls } = await stubbedSandbox(ctx, () => failure(500, "x", "x"));
    for (const [path, ...rest] of [
      ["f", "a", "b"],
      ["/f", "", "b"],
      ["/f", 1, "b"],
      ["/f", "a"],
      ["/f", "a", "b", { count: 0 }],
      ["/f", "a", "b", { count: 1.5 }],
      ["/f", "a", "b", { count: "some" }],
    ]) {
      const error = await assert.rejects(() => sandbox.files.replace(path, ...rest), sdk.ValidationError);
      assert.equal(error.operation, "Files.replace");
    }
    assert.equal(calls.length, 0);
  });

  test("a file that another has changed meanwhile stays as that has it", async (ctx) => {
    const { assert, sdk } = ctx;
    const { files, commands } = await liveSandbox(ctx);
    const { fetch } = globalThis;
    ctx.defer(() => (globalThis.fetch = fetch));
    const changes = {
      "other bytes": "echo later > /app/f",
      "another file": "echo later > /app/g && mv /app/g /app/f",
      "none any more": "rm /app/f",
    };
    for (const [what, change] of Object.entries(changes)) {
      await files.write("/app/f", "first");
      let isRead = false;
      globalThis.fetch = async (url, init) => {
        const answer = await fetch(url, init);
        if (!isRead && init.method === "GET") {
          isRead = true;
          await commands.run(change);
        }
        return answer;
      };
      const error = await assert.rejects(
        () => files.replace("/app/f", "first", "second"),
        sdk.ConflictError,
        what,
      );
      assert.equal(error.code, "changed", what);
      globalThis.fetch = fetch;
      const { stdout } = await commands.run("cat /app/f");
      assert.equal(stdout, change.includes("later") ? "later\n" : "", what);
    }
    await commands.run("while ls -A /app | grep -q superserve; do sleep 0.1; done");
  });

  test("four requests, and the last has what the first told", async (ctx) => {
    const { assert } = ctx;
    const bodies = [];
    const { sandbox, calls } = await stubbedSandbox(ctx, (call) => {
      if (call.method === "GET") return new Response("a b");
      if (!call.path.startsWith("/exec")) bodies.push(call.init.body);
      return call.path.startsWith("/exec") ? json(200, result({ stdout: "1:2:3\n" })) : json(200, {});
    });
    await sandbox.files.replace("/app/f", "b", "c");
    assert.deepEqual(
      calls.map(({ method, path }) => `${method} ${path.split("?")[0]}`),
      ["POST /exec", "GET /files", "POST /files", "POST /exec"],
    );
    assert.deepEqual(bodies, [encoder.encode("a c")]);
    assert.equal(calls[3].json.args.at(-1), "1:2:3");
  });
}
