// Commands on the local server.

import { KEY, endlessBody, json, result } from "../support/fixtures.mjs";
import { eventually, live, liveSandbox } from "../support/live.mjs";
import { patientTimers } from "../support/quick-timers.mjs";
import { stubbedSandbox } from "../support/stub-fetch.mjs";

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("a command's output, errors and exit code", async (ctx) => {
    const { assert } = ctx;
    const { commands } = await liveSandbox(ctx);
    const good = await commands.run("echo out; echo err >&2");
    assert.equal(good.stdout, "out\n");
    assert.equal(good.stderr, "err\n");
    assert.equal(good.exitCode, 0);
    assert.equal(good.truncated, false, "not truncated");
    const bad = await commands.run("echo partly; exit 3");
    assert.equal(bad.exitCode, 3);
    assert.equal(bad.stdout, "partly\n");
    const missing = await commands.run("no-such-program-here");
    assert.equal(missing.exitCode, 127);
    assert.match(missing.stderr, /no-such-program-here/);
  });

  test("a shell runs it: pipes, quotes, several lines", async (ctx) => {
    const { commands } = await liveSandbox(ctx);
    const { stdout } = await commands.run(`printf 'b\\na\\n' | sort
for i in 1 2; do echo "line $i 'quoted'"; done`);
    ctx.assert.equal(stdout, "a\nb\nline 1 'quoted'\nline 2 'quoted'\n");
  });

  test("a program gets its arguments as they are", async (ctx) => {
    const { assert } = ctx;
    const { commands, files } = await liveSandbox(ctx);
    const args = [
      "%s\\n",
      "a b",
      "'\"",
      "$(touch /tmp/run) `id` $HOME",
      "line\nline",
      "*",
      "",
      "; exit 3",
      "grüße 😀",
    ];
    const expected = `${args.slice(1).join("\n")}\n`;
    const { stdout, exitCode } = await commands.run("printf", { args });
    assert.deepEqual([stdout, exitCode], [expected, 0]);
    let streamed = "";
    const onStdout = (text) => (streamed += text);
    const result = await commands.run("printf", { args, onStdout, env: { A: "1" }, cwd: "/tmp" });
    assert.deepEqual([streamed, result.stdout], [expected, expected]);
    assert.equal((await commands.run("ls /tmp")).stdout, "", "no shell has run");
    const name = "/tmp/a name; $(with)\nall 'quotes\"";
    await files.write(name, "content");
    assert.equal((await commands.run("cat", { args: ["--", name] })).stdout, "content");
    // A program's name is not a shell's line either.
    const missing = await commands.run("echo hello", { args: [] }).catch((error) => error);
    assert.ok(missing instanceof ctx.sdk.SandboxError || missing.exitCode !== 0, assert.show(missing));
    assert.equal((await commands.run("/bin/pwd", { args: [], cwd: "/usr" })).stdout, "/usr\n");
  });

  test("cwd and env", async (ctx) => {
    const { assert } = ctx;
    const { commands } = await liveSandbox(ctx);
    assert.equal((await commands.run("pwd")).stdout, "/home/user\n");
    assert.equal((await commands.run("pwd", { cwd: "/usr/lib" })).stdout, "/usr/lib\n");
    const { stdout } = await commands.run('printf %s "$GREETING"', { env: { GREETING: "grüße\n$HOME" } });
    assert.equal(stdout, "grüße\n$HOME");
  });

  test("text of every plane", async (ctx) => {
    const { commands } = await liveSandbox(ctx);
    const text = "ÿ € 漢字 😀 𝒳 \\ \" ' \u2028";
    const { stdout } = await commands.run('printf %s "$TEXT"', { env: { TEXT: text } });
    ctx.assert.equal(stdout, text);
    const binary = await commands.run("printf '\\377\\376ok'");
    ctx.assert.match(binary.stdout, /^\ufffd+ok$/);
  });

  test("a large output arrives whole", async (ctx) => {
    const { commands } = await liveSandbox(ctx);
    const { stdout } = await commands.run("head -c 3000000 /dev/zero | tr '\\0' x");
    ctx.assert.equal(stdout.length, 3_000_000);
  });

  test("the server's timeout ends the command", async (ctx) => {
    const { assert } = ctx;
    const { commands } = await liveSandbox(ctx);
    patientTimers(ctx);
    const ended = await commands.run("sleep 600 & sleep 600; echo never", { timeoutMs: 1000 });
    assert.notEqual(ended.exitCode, 0, "exitCode");
    assert.equal(ended.stdout, "", "stdout");
    const left = await eventually(
      async () => (await commands.run("ps -eo args | grep '[s]leep 600' | wc -l")).stdout.trim() === "0",
      "the end of its processes",
    );
    assert.ok(left);
  });

  test("maxOutputBytes caps what is read", async (ctx) => {
    const { sdk, assert } = ctx;
    const { commands } = await liveSandbox(ctx);
    const much = "head -c 200000 /dev/zero | tr '\\0' x";
    const capped = () => commands.run(much, { maxOutputBytes: 10_000 });
    await assert.rejects(capped, sdk.ValidationError);
    assert.equal((await commands.run(much, { maxOutputBytes: 300_000 })).stdout.length, 200_000);
    assert.equal((await commands.run("echo still here")).stdout, "still here\n");
  });

  test("the default cap is 10 MiB, and reading stops there", async (ctx) => {
    const { sdk, assert } = ctx;
    const { body, state } = endlessBody({ piece: 1 << 20 });
    const { sandbox, calls } = await stubbedSandbox(ctx, () => new Response(body));
    const error = await assert.rejects(() => sandbox.commands.run("yes"), sdk.ValidationError);
    assert.match(error.message, /maxOutputBytes|10485760|10 MiB/i);
    assert.within(state.pulled, 10 << 20, 16 << 20, "bytes pulled");
    await eventually(() => state.cancelled || calls[0].init.signal.aborted, "the body's end", 1000);
  });

  test("a declared length over the cap is refused at once", async (ctx) => {
    const { sandbox } = await stubbedSandbox(
      ctx,
      () => new Response("{}", { headers: { "content-length": String(11 << 20) } }),
    );
    const outcome = await sandbox.commands.run("yes").catch((error) => error);
    ctx.assert.isError(outcome, ctx.sdk.ValidationError);
  });

  test("truncated comes through", async (ctx) => {
    const answers = [true, false];
    const { sandbox } = await stubbedSandbox(ctx, (_, index) =>
      json(200, result({ truncated: answers[index] })),
    );
    ctx.assert.equal((await sandbox.commands.run("x")).truncated, true);
    ctx.assert.equal((await sandbox.commands.run("x")).truncated, false);
  });

  test("absent fields of the result are empty", async (ctx) => {
    for (const told of [{ exit_code: 7 }, { stdout: "" }, { stderr: "e" }]) {
      const { sandbox } = await stubbedSandbox(ctx, () => json(200, { ...told, new_field: {} }));
      const { stdout, stderr, exitCode } = await sandbox.commands.run("x");
      const expected = { stdout: "", stderr: told.stderr ?? "", exitCode: told.exit_code ?? 0 };
      ctx.assert.deepEqual({ stdout, stderr, exitCode }, expected);
    }
  });

  test("an answer that tells nothing of a command is no success", async (ctx) => {
    for (const told of [{}, { new_field: 1 }, { exit_code: null }, { exit_code: 1.5 }, { exit_code: "0" }]) {
      const { sandbox } = await stubbedSandbox(ctx, () => json(200, told));
      const error = await ctx.assert.rejects(() => sandbox.commands.run("x"), ctx.sdk.SandboxError);
      ctx.assert.equal(error.code, "invalid_response", JSON.stringify(told));
    }
  });

  test("forty commands at once on one object", { timeoutMs: 60_000 }, async (ctx) => {
    const { commands } = await liveSandbox(ctx);
    const numbers = Array.from({ length: 40 }, (_, i) => i);
    const outputs = await Promise.all(
      numbers.map(async (i) => {
        if (i % 2 === 0) return (await commands.run(`echo ${i}`)).stdout;
        let text = "";
        await commands.run(`echo ${i}`, { onStdout: (part) => (text += part) });
        return text;
      }),
    );
    ctx.assert.deepEqual(
      outputs,
      numbers.map((i) => `${i}\n`),
    );
  });

  test("two sandboxes do not see each other", async (ctx) => {
    const { assert, sdk } = ctx;
    const [one, two] = [await liveSandbox(ctx), await liveSandbox(ctx)];
    await one.files.write("/home/user/only-here", "1");
    await assert.rejects(() => two.files.read("/home/user/only-here"), sdk.NotFoundError);
    assert.equal((await one.commands.run("cat only-here")).stdout, "1");
    assert.notEqual((await two.commands.run("cat only-here")).exitCode, 0);
  });

  test("the key of the service never reaches the data plane", async (ctx) => {
    const { sandbox, calls } = await stubbedSandbox(ctx, () => json(200, result()));
    await sandbox.commands.run("x");
    ctx.assert.excludes(JSON.stringify([calls[0].url, calls[0].init]), KEY);
    ctx.assert.notEqual(live(ctx).apiKey, KEY, "the fixture's key is not the server's");
  });
}
