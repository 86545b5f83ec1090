// Streaming commands: callbacks as output comes, and what a callback may do.

import {
  FRESH,
  TOKEN,
  event,
  finished,
  json,
  streamOf,
  streamReply,
  ticks,
  wireSandbox,
} from "../support/fixtures.mjs";
import { eventually, liveSandbox } from "../support/live.mjs";
import { goodResponse } from "../support/methods.mjs";
import { patientTimers } from "../support/quick-timers.mjs";
import { stubbedSandbox } from "../support/stub-fetch.mjs";
import { settle } from "../support/virtual-time.mjs";

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("output arrives while the command runs", async (ctx) => {
    const { assert } = ctx;
    const { commands } = await liveSandbox(ctx);
    // It goes on only when told that its last word came.
    const heard = (word) => `for try in $(seq 50); do test -e heard-${word} && break; sleep 0.1; done`;
    const command = `for i in 1 2 3; do echo $i; ${heard("$i")}; done; echo end >&2; ${heard("end")}; ls heard-*; exit 4`;
    const words = [];
    const onWord = async (text) => {
      words.push(text);
      if (!text.startsWith("heard")) await commands.run(`touch heard-${text.trim()}`);
    };
    const done = await commands.run(command, { onStdout: onWord, onStderr: onWord });
    const told = ["1", "2", "3", "end"].map((word) => `heard-${word}\n`).join("");
    assert.equal(words.join(""), `1\n2\n3\nend\n${told}`);
    assert.equal(done.stdout, `1\n2\n3\n${told}`);
    assert.equal(done.stderr, "end\n");
    assert.equal(done.exitCode, 4);
  });

  test("either callback alone streams", async (ctx) => {
    const { assert } = ctx;
    for (const name of ["onStdout", "onStderr"]) {
      const { sandbox, calls } = await stubbedSandbox(ctx, () =>
        streamOf([event({ stdout: "o" }), event({ stderr: "e" }), finished()]),
      );
      const seen = [];
      const done = await sandbox.commands.run("x", { [name]: (text) => seen.push(text) });
      assert.match(calls[0].url, /\/exec\/stream$/);
      assert.deepEqual(seen, [name === "onStdout" ? "o" : "e"]);
      assert.equal(done.stdout, "o");
      assert.equal(done.stderr, "e");
    }
  });

  test("the stream's request is the plain one's", async (ctx) => {
    const { sandbox, calls } = await stubbedSandbox(ctx, () => streamOf([finished()]));
    await sandbox.commands.run("echo", { onStdout() {}, cwd: "/tmp", env: { A: "1" }, timeoutMs: 1500 });
    ctx.assert.deepEqual(calls[0].json, {
      command: "echo",
      working_dir: "/tmp",
      env: { A: "1" },
      timeout_s: 2,
    });
  });

  test("a 3 MB output of many-byte characters", async (ctx) => {
    const { assert } = ctx;
    const { commands } = await liveSandbox(ctx);
    let text = "";
    const program = "import sys; [sys.stdout.write('é漢😀') for _ in range(333333)]";
    const done = await commands.run(`python3 -c "${program}"`, { onStdout: (part) => (text += part) });
    assert.equal(text.length, 4 * 333_333);
    assert.ok(text === "é漢😀".repeat(333_333), "no character is split");
    assert.ok(done.stdout === text, "the result holds the same");
  });

  test("64 MB from a real command", { timeoutMs: 60_000 }, async (ctx) => {
    const { assert } = ctx;
    const { commands } = await liveSandbox(ctx);
    let size = 0;
    const done = await commands.run("head -c 64000000 /dev/zero | tr '\\0' x", {
      timeoutMs: 50_000,
      onStdout: (text) => (size += text.length),
    });
    assert.equal(done.exitCode, 0);
    assert.equal(size, 64_000_000, "characters to the callback");
    assert.ok(done.stdout === "x".repeat(64_000_000), "the result holds them all");
  });

  test("the error of the last event is added to stderr", async (ctx) => {
    const { assert } = ctx;
    const { sandbox } = await stubbedSandbox(ctx, () =>
      streamOf([event({ stderr: "partly " }), finished(124, { error: "timed out", code: "timeout" })]),
    );
    const done = await sandbox.commands.run("x", { onStdout() {} });
    assert.equal(done.exitCode, 124);
    assert.match(done.stderr, /^partly [\s\S]*timed out/);
  });

  test("a last event without an exit code has 0, as in the TypeScript package", async (ctx) => {
    for (const [last, exitCode] of [
      [{}, 0],
      [{ exit_code: null, error: "" }, 0],
      [{ error: "lost the sandbox" }, 0],
    ]) {
      const reply = () => streamOf([event({ stdout: "o" }), event({ finished: true, ...last })]);
      const { sandbox } = await stubbedSandbox(ctx, reply);
      const done = await sandbox.commands.run("x", { onStdout() {} });
      ctx.assert.deepEqual(
        [done.stdout, done.stderr, done.exitCode],
        ["o", last.error ?? "", exitCode],
        JSON.stringify(last),
      );
    }
  });

  test("a value nested a hundred deep takes no output with it", async (ctx) => {
    const deep = `{"more":${"[".repeat(100)}${"]".repeat(100)},"stdout":"o"}`;
    const { sandbox } = await stubbedSandbox(ctx, () => streamOf([`data: ${deep}\n\n`, finished()]));
    ctx.assert.equal((await sandbox.commands.run("x", { onStdout() {} })).stdout, "o");
  });

  test("the server's timeout on a stream", async (ctx) => {
    const { commands } = await liveSandbox(ctx);
    patientTimers(ctx);
    const done = await commands.run("echo first; sleep 600", { timeoutMs: 1000, onStdout() {} });
    ctx.assert.equal(done.stdout, "first\n");
    ctx.assert.notEqual(done.exitCode, 0);
    ctx.assert.ok(done.stderr.length > 0, "it says why");
  });

  test("the result does not wait for the connection's end", async (ctx) => {
    const { assert, fault } = ctx;
    const server = await fault.serve(ctx, [
      { method: "POST", path: "/sandboxes", replies: [{ status: 201, json: wireSandbox() }] },
      {
        path: "/exec/stream",
        replies: [streamReply(event({ stdout: "a" }), finished(5), { stall: true })],
      },
    ]);
    const sandbox = await ctx.sdk.Sandbox.create({ name: "x", apiKey: "k", baseUrl: server.origin });
    // That never comes.
    const done = await sandbox.commands.run("x", { onStdout() {} });
    assert.equal(done.exitCode, 5);
    await server.until((log) => log[1].ended === "client", "the connection is given up");
  });

  test("a callback that throws ends the stream with that very value", async (ctx) => {
    const { assert, fault } = ctx;
    const thrown = [new Error("mine"), "text", 0, null, undefined, { not: "an error" }, Symbol("s")];
    // One that looks like an answer of the service must not make the command run again.
    thrown.push(new ctx.sdk.ServerError("mine too", undefined, 503), new ctx.sdk.AuthenticationError());
    const server = await fault.serve(ctx, [
      { method: "POST", path: "/sandboxes", replies: [{ status: 201, json: wireSandbox() }] },
      {
        path: "/exec/stream",
        replies: [streamReply(event({ stdout: "a", stderr: "b" }), ticks())],
      },
    ]);
    const sandbox = await ctx.sdk.Sandbox.create({ name: "x", apiKey: "k", baseUrl: server.origin });
    let requests = 1;
    for (const name of ["onStdout", "onStderr"]) {
      for (const value of thrown) {
        let calls = 0;
        const run = sandbox.commands.run("x", {
          [name]() {
            calls += 1;
            throw value;
          },
        });
        assert.equal(await assert.rejects(run), value, name);
        assert.equal(calls, 1, "calls of the callback");
        const index = requests++;
        await server.until((log) => log[index]?.ended === "client", "the stream is aborted");
      }
    }
  });

  test("a callback whose promise rejects ends the stream with that very value", async (ctx) => {
    const { assert } = ctx;
    for (const name of ["onStdout", "onStderr"]) {
      for (const value of [new Error("mine"), "text", null, undefined]) {
        const { sandbox, calls } = await stubbedSandbox(ctx, (call) => {
          const start = (controller) => {
            controller.enqueue(new TextEncoder().encode(event({ stdout: "a", stderr: "b" })));
            call.init.signal.addEventListener("abort", () => controller.error(call.init.signal.reason));
          };
          return new Response(new ReadableStream({ start }));
        });
        const run = sandbox.commands.run("x", {
          async [name]() {
            await settle(1);
            throw value;
          },
        });
        assert.equal(await assert.rejects(run), value, name);
        assert.ok(calls[0].init.signal.aborted, `${name}: the stream is aborted`);
      }
    }
  });

  test("a callback's promise that rejects after the end is nobody's error", async (ctx) => {
    const { assert } = ctx;
    const { sandbox } = await stubbedSandbox(ctx, () => streamOf([event({ stdout: "a" }), finished(3)]));
    let reject;
    const onStdout = () => new Promise((_, fail) => (reject = fail));
    assert.equal((await sandbox.commands.run("x", { onStdout })).exitCode, 3);
    reject(new Error("late"));
    // The runner would report the rejection.
    await settle();
  });

  test("a callback that throws stops the events already read", async (ctx) => {
    const { assert } = ctx;
    const { sandbox } = await stubbedSandbox(ctx, () =>
      streamOf([event({ stdout: "1" }) + event({ stdout: "2" }) + event({ stderr: "3" }) + finished()]),
    );
    const seen = [];
    const boom = new Error("boom");
    const run = sandbox.commands.run("x", {
      onStdout(text) {
        seen.push(text);
        throw boom;
      },
      onStderr: (text) => seen.push(text),
    });
    assert.equal(await assert.rejects(run), boom);
    assert.deepEqual(seen, ["1"]);
    assert.equal((await sandbox.commands.run("x", { onStderr() {} })).exitCode, 0, "the next call");
  });

  test("callbacks are called without delay between events", async (ctx) => {
    const { assert } = ctx;
    let release;
    const gate = new Promise((resolve) => (release = resolve));
    const encoder = new TextEncoder();
    const body = new ReadableStream({
      async start(controller) {
        controller.enqueue(encoder.encode(event({ stdout: "now" })));
        await gate;
        controller.enqueue(encoder.encode(finished()));
        controller.close();
      },
    });
    const { sandbox } = await stubbedSandbox(ctx, () => new Response(body));
    const seen = [];
    const run = sandbox.commands.run("x", { onStdout: (text) => seen.push(text) });
    await eventually(() => seen.length === 1, "the first event", 2000);
    assert.deepEqual(seen, ["now"]);
    release();
    assert.equal((await run).exitCode, 0);
  });

  test("a callback may call methods of the same sandbox", async (ctx) => {
    const { assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    const inner = [];
    const done = await sandbox.commands.run("for i in 1 2 3; do echo $i; sleep 0.1; done", {
      onStdout(text) {
        inner.push(sandbox.commands.run(`echo inner ${text.trim().split("\n").length}`));
        inner.push(sandbox.files.write("/tmp/inner", text));
        inner.push(sandbox.getInfo());
        JSON.stringify(sandbox);
      },
    });
    assert.equal(done.stdout, "1\n2\n3\n");
    assert.ok(inner.length >= 3, "the callback ran");
    for (const settled of await Promise.allSettled(inner)) assert.equal(settled.status, "fulfilled");
  });

  test("a callback may kill the sandbox", async (ctx) => {
    const { assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    let killed;
    const run = sandbox.commands.run("echo go; sleep 30", {
      onStdout() {
        killed ??= sandbox.kill();
      },
    });
    const outcome = await run.catch((error) => error);
    await killed;
    if (outcome instanceof Error) assert.ok(outcome instanceof ctx.sdk.SandboxError, "a SandboxError");
    else assert.notEqual(outcome.exitCode, 0);
  });

  test("a failed stream is the same error as a failed call", async (ctx) => {
    const { sdk, assert } = ctx;
    const { sandbox } = await stubbedSandbox(ctx, () => new Response("the agent said no", { status: 500 }));
    const run = () => sandbox.commands.run("x", { onStdout() {} });
    const error = await assert.rejects(run, sdk.ServerError);
    assert.equal(error.message, "the agent said no");
    assert.equal(error.statusCode, 500);
  });

  test("a stream is retried after a rotation, and emits once", async (ctx) => {
    const { assert } = ctx;
    const stream = { reply: { status: 200, body: event({ stdout: "once" }) + finished() } };
    const { sandbox, calls } = await stubbedSandbox(ctx, ({ url, headers }) => {
      if (url.endsWith("/activate")) return json(200, wireSandbox({ access_token: FRESH }));
      return headers["x-access-token"] === TOKEN
        ? new Response("sandbox is not running", { status: 503 })
        : goodResponse(stream);
    });
    const seen = [];
    const done = await sandbox.commands.run("x", { onStdout: (text) => seen.push(text) });
    assert.deepEqual(seen, ["once"]);
    assert.equal(done.stdout, "once");
    assert.equal(calls.length, 3);
  });
}
