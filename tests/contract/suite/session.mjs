// Sessions of commands on the local server: real input, output, signals and ends.

import { KINDS, outcome, socketSandbox } from "../support/sessions.mjs";
import { eventually, live, liveSandbox } from "../support/live.mjs";
import { patientTimers } from "../support/quick-timers.mjs";
import {
  Mine,
  NOT_OPTIONS,
  NOT_STRINGS,
  NOT_TIMEOUTS,
  OWN_OPTIONS,
  circular,
} from "../support/wrong-values.mjs";

const needs = "websocket";
const SAID_MS = 10_000;

/** A session of a fresh sandbox that ends with the test; `heard` grows. */
async function liveSession(ctx, sandbox, command, options = {}) {
  const heard = { stdout: "", stderr: "" };
  let look = () => {};
  const session = await sandbox.commands.spawn(command, {
    onStdout(text) {
      heard.stdout += text;
      look();
    },
    onStderr: (text) => (heard.stderr += text),
    ...options,
  });
  ctx.defer(() => session.close());
  /** Looks when there is output, not by a clock: while output floods in, WebKit's workers let no timer pass. */
  const says = (text) =>
    new Promise((resolve, reject) => {
      const late = setTimeout(
        () => reject(new Error(`it did not say ${text} within ${SAID_MS} ms`)),
        SAID_MS,
      );
      look = () => {
        if (!heard.stdout.includes(text)) return;
        clearTimeout(late);
        look = () => {};
        resolve();
      };
      look();
    });
  return { session, heard, says };
}

/** How many processes of the sandbox have this in their command line. */
async function running(sandbox, pattern) {
  const { stdout } = await sandbox.commands.run(`pgrep -fc '${pattern}'; true`);
  return Number(stdout);
}

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("input, output, end of input, exit code", { needs }, async (ctx) => {
    const { assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    const { session, heard, says } = await liveSession(ctx, sandbox, "cat; echo done >&2; exit 7");
    session.stdin.write("grüße 漢\n");
    await says("grüße 漢\n");
    session.stdin.write(new TextEncoder().encode("bytes\n"));
    session.stdin.close();
    const { stdout, stderr, exitCode } = await session.wait();
    assert.deepEqual(
      { stdout, stderr, exitCode },
      { stdout: "grüße 漢\nbytes\n", stderr: "done\n", exitCode: 7 },
    );
    assert.deepEqual(heard, { stdout, stderr });
  });

  test("a program gets its arguments as they are", { needs }, async (ctx) => {
    const { assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    const args = ["%s\\n", "a b", "'\"", "$(id) `id` $HOME", "line\nline", "*", "", "; exit 3"];
    const session = await sandbox.commands.spawn("printf", { args });
    const { stdout, exitCode } = await session.wait();
    assert.deepEqual([stdout, exitCode], [`${args.slice(1).join("\n")}\n`, 0]);
  });

  test("a conversation, line by line", { needs }, async (ctx) => {
    const { assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    const { session, says } = await liveSession(ctx, sandbox, "while read n; do echo $((n * n)).; done");
    for (const n of [3, 12, 111]) {
      session.stdin.write(`${n}\n`);
      await says(`${n * n}.\n`);
    }
    session.stdin.close();
    assert.equal((await session.wait()).stdout, "9.\n144.\n12321.\n");
  });

  test("cwd and env", { needs }, async (ctx) => {
    const sandbox = await liveSandbox(ctx);
    const options = { cwd: "/usr/lib", env: { GREETING: "grüße\n$HOME" } };
    const { session } = await liveSession(ctx, sandbox, 'pwd; printf %s "$GREETING"', options);
    ctx.assert.equal((await session.wait()).stdout, "/usr/lib\ngrüße\n$HOME");
  });

  test("a working directory that does not exist", { needs }, async (ctx) => {
    const { assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    const { session } = await liveSession(ctx, sandbox, "pwd", { cwd: "/no/such/place" });
    const { exitCode, stderr } = await session.wait();
    assert.notEqual(exitCode, 0);
    assert.ok(stderr.length > 0, "it says why");
  });

  test("signals reach the command", { needs }, async (ctx) => {
    const { assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    const traps = ["TERM", "INT", "USR1"].map((name) => `trap 'echo got ${name}' ${name}`).join("; ");
    const command = `${traps}; echo ready; while :; do sleep 0.05; done`;
    const { session, says } = await liveSession(ctx, sandbox, command);
    await says("ready");
    session.kill();
    await says("got TERM");
    session.kill("SIGINT");
    await says("got INT");
    session.kill("SIGUSR1");
    await says("got USR1");
    session.kill("SIGKILL");
    assert.equal((await session.wait()).exitCode, 137);
  });

  test("kill in every phase", { needs, timeoutMs: 40_000 }, async (ctx) => {
    const { assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    const first = await liveSession(ctx, sandbox, "exec sleep 61");
    first.session.kill();
    const early = await first.session.wait();
    assert.equal(early.exitCode, 143, "just after the open");

    const flowing = await liveSession(ctx, sandbox, "yes é漢");
    await flowing.says("é漢");
    flowing.session.kill("SIGKILL");
    const { exitCode, stdout } = await flowing.session.wait();
    assert.equal(exitCode, 137, "while output flows");
    assert.ok(stdout.startsWith("é漢\né漢\n"), "its output is kept");
    assert.excludes(stdout, "\ufffd\n", "and whole");

    const twice = await liveSession(ctx, sandbox, "exec sleep 62");
    twice.session.kill();
    twice.session.kill();
    assert.equal((await twice.session.wait()).exitCode, 143, "twice");

    const over = await liveSession(ctx, sandbox, "exit 5");
    const end = await over.session.wait();
    over.session.kill();
    over.session.kill("SIGKILL");
    assert.equal(await over.session.wait(), end, "after the end");
    assert.equal(end.exitCode, 5);

    const stubborn = await liveSession(ctx, sandbox, "trap '' TERM; echo set; while :; do sleep 0.05; done");
    await stubborn.says("set");
    stubborn.session.kill();
    stubborn.session.kill("SIGKILL");
    assert.equal((await stubborn.session.wait()).exitCode, 137, "one that ignores the first");
    assert.equal(await running(sandbox, "[s]leep 6|[y]es é"), 0, "nothing runs on");
  });

  test("close in every phase", { needs, timeoutMs: 40_000 }, async (ctx) => {
    const { assert, sdk } = ctx;
    const sandbox = await liveSandbox(ctx);
    const closed = async (session, what) => {
      await Promise.all([session.close(), session.close()]);
      const error = await assert.rejects(session.wait(), sdk.SandboxError, what);
      assert.equal(error.code, "session_closed", what);
    };
    await closed((await liveSession(ctx, sandbox, "sleep 71")).session, "just after the open");
    const flowing = await liveSession(ctx, sandbox, "yes 72");
    await flowing.says("72");
    await closed(flowing.session, "while output flows");
    const unread = await liveSession(ctx, sandbox, "sleep 73");
    unread.session.stdin.write(new Uint8Array(8 << 20));
    await closed(unread.session, "while input waits");
    const over = await liveSession(ctx, sandbox, "exit 4");
    assert.equal((await over.session.wait()).exitCode, 4);
    await over.session.close();
    assert.equal((await over.session.wait()).exitCode, 4, "after the end");
    const gone = async () => (await running(sandbox, "[s]leep 7|[y]es 72")) === 0;
    assert.ok(await eventually(gone, "the end of the commands"));
  });

  test("abort in every phase", { needs, timeoutMs: 40_000 }, async (ctx) => {
    const { assert, sdk } = ctx;
    const sandbox = await liveSandbox(ctx);
    for (const phase of ["dialling", "open", "flowing"]) {
      const controller = new AbortController();
      const reason = { phase };
      const started = liveSession(ctx, sandbox, "yes 81", { signal: controller.signal });
      if (phase === "dialling") {
        controller.abort(reason);
        const error = await assert.rejects(started, sdk.SandboxError);
        assert.equal(error.cause, reason);
        continue;
      }
      const { session, says } = await started;
      if (phase === "flowing") await says("81");
      controller.abort(reason);
      const error = await assert.rejects(session.wait(), sdk.SandboxError, phase);
      assert.equal(error.code, "aborted", phase);
      assert.equal(error.cause, reason, phase);
    }
    const gone = async () => (await running(sandbox, "[y]es 81")) === 0;
    assert.ok(await eventually(gone, "the end of the commands"));
  });

  test("a callback that throws ends the command", { needs }, async (ctx) => {
    const { assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    const mine = new Mine("enough");
    const onStdout = () => {
      throw mine;
    };
    const { session } = await liveSession(ctx, sandbox, "yes 82", { onStdout });
    assert.equal(await outcome(session.wait()), mine);
    const gone = async () => (await running(sandbox, "[y]es 82")) === 0;
    assert.ok(await eventually(gone, "the end of the command"));
  });

  test("the server's timeout ends the command", { needs }, async (ctx) => {
    const { assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    patientTimers(ctx);
    const { session, heard } = await liveSession(ctx, sandbox, "echo before; sleep 630", { timeoutMs: 1000 });
    const { exitCode, stdout, stderr } = await session.wait();
    assert.equal(exitCode, 124);
    assert.equal(stdout, "before\n");
    assert.match(stderr, /time/i);
    assert.equal(heard.stderr, stderr);
    assert.equal(await running(sandbox, "[s]leep 630"), 0);
  });

  test("a paused sandbox wakes", { needs }, async (ctx) => {
    const { assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    await sandbox.files.write("/tmp/kept", "kept");
    await sandbox.pause();
    const { session } = await liveSession(ctx, sandbox, "cat /tmp/kept");
    assert.equal((await session.wait()).stdout, "kept");
    assert.equal((await sandbox.getInfo()).status, "active");
  });

  test("twenty at once wake a paused sandbox with one activate", {
    needs,
    timeoutMs: 40_000,
  }, async (ctx) => {
    const { assert, slow } = ctx;
    const sandbox = await liveSandbox({ ...ctx, ...slow });
    await sandbox.pause();
    const activates = [];
    const { fetch } = globalThis;
    globalThis.fetch = (url, init) => {
      if (String(url).endsWith("/activate")) activates.push(url);
      return fetch(url, init);
    };
    ctx.defer(() => (globalThis.fetch = fetch));
    const outputs = await Promise.all(
      Array.from({ length: 20 }, async (_, i) => {
        const session = await sandbox.commands.spawn(`echo ${i}`);
        return (await session.wait()).stdout;
      }),
    );
    assert.deepEqual(
      outputs,
      outputs.map((_, i) => `${i}\n`),
    );
    assert.equal(activates.length, 1, "activates");
  });

  test("a session outlives a pause and a resume", { needs }, async (ctx) => {
    const { assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    const { session, says } = await liveSession(ctx, sandbox, "cat");
    session.stdin.write("before ");
    await says("before ");
    await sandbox.pause();
    await sandbox.resume();
    session.stdin.write("after");
    session.stdin.close();
    assert.equal((await session.wait()).stdout, "before after");
  });

  test("a sandbox that is killed ends its sessions", { needs }, async (ctx) => {
    const { assert, sdk } = ctx;
    const sandbox = await liveSandbox(ctx);
    const { session } = await liveSession(ctx, sandbox, "sleep 64");
    await sandbox.kill();
    // The server may still tell how the command ended.
    const end = await outcome(session.wait());
    if (end instanceof Error) assert.isError(end, sdk.SandboxError);
    else assert.notEqual(end.exitCode, 0);
    await assert.rejects(sandbox.commands.spawn("true"), sdk.NotFoundError);
  });

  test("a hundred at once, each with its own input", { needs, timeoutMs: 60_000 }, async (ctx) => {
    const { assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    const results = await Promise.all(
      Array.from({ length: 100 }, async (_, i) => {
        const session = await sandbox.commands.spawn(`cat; exit ${i}`);
        const text = `${i} é漢😀 `.repeat(2000);
        session.stdin.write(text);
        session.stdin.close();
        const { stdout, exitCode } = await session.wait();
        return stdout === text ? exitCode : `${i}: ${stdout.length} characters`;
      }),
    );
    assert.deepEqual(
      results,
      results.map((_, i) => i),
    );
  });

  test("4 MB there and back", { needs, timeoutMs: 40_000 }, async (ctx) => {
    const { assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    const session = await sandbox.commands.spawn("cat");
    const text = "0123456789 é漢😀\n".repeat(200_000);
    session.stdin.write(text);
    session.stdin.close();
    assert.ok((await session.wait()).stdout === text);
  });

  test("commands and options of a wrong type are refused before anything is sent", async (ctx) => {
    const { sdk, assert } = ctx;
    const { sandbox, calls, sockets } = await socketSandbox(ctx);
    const { commands } = sandbox;
    for (const command of [undefined, "", ...NOT_STRINGS]) {
      const ran = await outcome(commands.run(command));
      calls.length = 0;
      const spawned = await outcome(commands.spawn(command));
      const both = [ran, spawned].map((end) => end instanceof sdk.ValidationError);
      assert.equal(both[1], both[0], `${assert.show(command)}: as for run`);
    }
    sockets.length = 0;
    for (const options of NOT_OPTIONS) {
      await assert.rejects(() => commands.spawn("x", options), sdk.ValidationError, assert.show(options));
    }
    const { args, cwd, env, onStdout, onStderr } = OWN_OPTIONS["commands.run"];
    const signal = ["abort", 1, true, {}, [], () => {}, new AbortController()];
    const wrong = {
      args,
      cwd,
      env: [...env, circular()],
      onStdout,
      onStderr,
      timeoutMs: NOT_TIMEOUTS,
      signal,
    };
    for (const [key, values] of Object.entries(wrong)) {
      for (const value of values) {
        const spawn = () => commands.spawn("x", { [key]: value });
        await assert.rejects(spawn, sdk.ValidationError, `${key}: ${assert.show(value)}`);
      }
    }
    assert.equal(calls.length + sockets.length, 0, "requests and connections");
  });

  test("a getter that throws rejects with its error", async (ctx) => {
    const { assert } = ctx;
    for (const kind of KINDS) {
      const { sandbox, calls, sockets } = await socketSandbox(ctx);
      const keys = { spawn: ["cwd", "env", "timeoutMs", "onStdout", "signal"], terminal: ["cols", "onData"] };
      for (const key of keys[kind.name]) {
        for (const thrown of [new Mine(key), "a text", null, undefined]) {
          const options = Object.defineProperty({}, key, {
            enumerable: true,
            get() {
              throw thrown;
            },
          });
          const error = await assert.rejects(() => kind.start(sandbox, options), undefined, key);
          assert.equal(error, thrown, `getter of ${key}`);
        }
      }
      assert.equal(calls.length + sockets.length, 0, "requests and connections");
      await kind.start(sandbox);
      assert.equal(sockets.length, 1, "the next call works");
    }
  });

  test("the first session of a connected object", { needs }, async (ctx) => {
    const sandbox = await liveSandbox(ctx);
    const other = await ctx.sdk.Sandbox.connect(sandbox.id, live(ctx));
    const session = await other.commands.spawn("echo connected");
    ctx.assert.equal((await session.wait()).stdout, "connected\n");
  });
}
