// What only shows between processes, or at the end of one.

import { event, finished, withSandbox, wireSandbox } from "../support/fixtures.mjs";
import { each } from "../support/each.mjs";
import { liveSandbox } from "../support/live.mjs";
import { runChild, startChild } from "./child.mjs";

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("two processes wake a paused sandbox at once, whatever they want of it", {
    timeoutMs: 90_000,
  }, async (ctx) => {
    const { assert, slow } = ctx;
    const work = async (how) => {
      const sandbox = await liveSandbox({ ...ctx, ...slow });
      await sandbox.files.write("/tmp/shared", "both of us");
      const input = { connection: slow, id: sandbox.id, how };
      const children = [startChild(ctx, "wake", input), startChild(ctx, "wake", input)];
      await Promise.all(children.map((child) => child.line("ready")));
      await sandbox.pause();
      for (const child of children) child.send("go");
      const results = await Promise.all(children.map((child) => child.line("result ").then(JSON.parse)));
      for (const { text, status } of results) {
        assert.equal(text, "both of us", how);
        assert.equal(status, "active", how);
      }
      const activates = results.flatMap((result) => result.activates).sort();
      assert.deepEqual(activates, [200, 409], `${how}: one woke it, the other met the conflict`);
      for (const child of children) assert.equal((await child.exit).code, 0, how);
    };
    await each(["command", "stream", "file", "connect", "session"], work, 3);
  });

  const ways = [
    "a plain call",
    "a command",
    "a stream whose server does not close",
    "a failed call",
    "a timeout",
    "an abort while waiting",
    "an abort in a retry's sleep",
  ];
  for (const how of ways) {
    test(`a program ends by itself after ${how}`, async (ctx) => {
      const { assert, fault } = ctx;
      const server = await fault.serve(
        ctx,
        withSandbox(
          { method: "GET", path: "/sandboxes", replies: [{ status: 503, headers: { "retry-after": "30" } }] },
          { method: "GET", path: "/sandboxes/.*", replies: [{ json: wireSandbox() }] },
          { path: "/exec", replies: [{ json: { exit_code: 0 } }] },
          {
            path: "/exec/stream",
            replies: [{ body: [event({ stdout: "x" }), finished(), { stall: true }] }],
          },
          { path: "/files", replies: [{ body: ["half", { stall: true }] }] },
        ),
      );
      const child = startChild(ctx, "end", { connection: { apiKey: "k", baseUrl: server.origin }, how });
      const done = Number(await child.line("done "));
      const { code, stderr, at } = await child.exit;
      assert.equal(code, 0, stderr);
      assert.equal(stderr, "");
      assert.within(at - done, 0, 2500, "milliseconds from the last call to the end of the process");
    });
  }

  test("nothing is left unhandled, however a call ends", { timeoutMs: 60_000 }, async (ctx) => {
    const flags = ["--unhandled-rejections=strict", "--trace-warnings"];
    const { failures, stderr } = await runChild(ctx, "quiet", {}, flags);
    ctx.assert.within(failures, 300, 546, "calls that failed");
    ctx.assert.equal(stderr, "", "warnings");
  });

  test("an engine without Symbol.asyncDispose gets it, unless that is forbidden", async (ctx) => {
    for (const isFrozen of [false, true]) {
      const { isDefined, isThere } = await runChild(ctx, "symbols", { isFrozen });
      ctx.assert.deepEqual([isDefined, isThere], [!isFrozen, true], `frozen: ${isFrozen}`);
    }
  });

  test("hundreds of calls under one signal raise no warning", async (ctx) => {
    const { lists, stderr } = await runChild(ctx, "listeners", {});
    ctx.assert.equal(lists, 200);
    ctx.assert.equal(stderr, "", "warnings");
  });

  test("a page and its workers send what CORS lets through, and only that", async (ctx) => {
    const { assert } = ctx;
    const allowed = ["accept", "content-type", "x-access-token"];
    for (const as of ["page", "worker"]) {
      const { calls } = await runChild(ctx, "page", { as });
      const data = calls.filter(({ url }) => /\/(exec|files)/.test(url));
      assert.equal(data.length, 6, "calls of the data plane");
      for (const { url, headers } of data) {
        assert.ok(headers.includes("x-access-token"), `${as}: ${url}`);
        const others = headers.filter((name) => !allowed.includes(name));
        assert.deepEqual(others, [], `${as}: other headers of ${url}`);
      }
      const hosts = [...new Set(data.map(({ url }) => new URL(url).host))];
      assert.deepEqual(hosts, ["boxd-abc.usw-sandbox.superserve.ai", "localhost:9"], as);
      assert.ok(
        calls.every(({ headers }) => !headers.includes("user-agent")),
        `${as}: no User-Agent`,
      );
    }
    const { calls } = await runChild(ctx, "page", { as: "a server" });
    const exec = calls.find(({ url }) => url.endsWith("/exec"));
    assert.equal(new URL(exec.url).host, "usw-sandbox.superserve.ai");
    assert.ok(exec.headers.includes("x-superserve-sandbox-id"));
    assert.ok(exec.headers.includes("user-agent"));
  });
}
