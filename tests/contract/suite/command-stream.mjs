// A command's output as a stream: read by loops, lines and pipes, kept only if asked for, and ended by whoever leaves it.

import { event, finished, json, streamOf, wireSandbox } from "../support/fixtures.mjs";
import { eventually, liveSandbox } from "../support/live.mjs";
import { outcome, socketSandbox } from "../support/sessions.mjs";
import { hang, stubbedSandbox } from "../support/stub-fetch.mjs";
import { replaceWebSocket } from "../support/stub-socket.mjs";
import { ALL, RELAY, ticketOf, ticketSandbox } from "../support/tickets.mjs";
import { settle, virtualTime } from "../support/virtual-time.mjs";

const needs = "websocket";
const PIECE = "x".repeat(65_536);

/** All that a loop gets. */
async function all(iterable) {
  const got = [];
  for await (const one of iterable) got.push(one);
  return got;
}

/** The texts of one stream together. */
const textOf = (pieces, name) => pieces.flatMap(({ stream, text }) => (stream === name ? text : [])).join("");

/** A sandbox whose commands' output are these pieces; `requests` are those that began one. */
async function speaking(ctx, ...pieces) {
  const { sandbox, calls } = await stubbedSandbox(ctx, ({ path }) =>
    path === "/exec/stream" ? streamOf(pieces) : json(200, { stdout: "", stderr: "", exit_code: 0 }),
  );
  return { sandbox, calls };
}

/** A body that counts its pulls, of `count` pieces and the end. */
function counted(count) {
  const state = { pulls: 0 };
  function* pieces() {
    for (; state.pulls < count; state.pulls++) yield event({ stdout: PIECE });
    yield finished();
  }
  return { state, answer: () => streamOf(pieces()) };
}

/** What was sent to end what a command has started. */
const isStop = ({ path, init }) => path === "/exec" && init.body.includes("SUPERSERVE_CALL=$1");

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("a loop gets the output as it comes, and the result has the exit code", async (ctx) => {
    const { assert } = ctx;
    const { commands } = await liveSandbox(ctx);
    // It goes on only when told that its word came.
    const stream = commands.stream(
      "echo one; until test -e heard; do sleep 0.05; done; echo two >&2; printf é漢😀; exit 3",
    );
    const pieces = [];
    for await (const piece of stream) {
      if (pieces.length === 0) await commands.run("touch heard");
      pieces.push(piece);
    }
    assert.equal(textOf(pieces, "stdout"), "one\né漢😀");
    assert.equal(textOf(pieces, "stderr"), "two\n");
    assert.deepEqual(await stream.result, { stdout: "", stderr: "", exitCode: 3, truncated: true });
    assert.deepEqual(await stream.next(), { done: true, value: undefined });
  });

  test("the result is whole when it is asked for at once, whoever reads", async (ctx) => {
    const { assert } = ctx;
    const { commands } = await liveSandbox(ctx);
    const whole = { stdout: "out\n", stderr: "err\n", exitCode: 4, truncated: false };
    const command = "echo out; echo err >&2; exit 4";
    assert.deepEqual(await commands.stream(command).result, whole, "nobody");
    const stream = commands.stream(command);
    const { result } = stream;
    assert.equal(textOf(await all(stream), "stdout"), "out\n");
    assert.deepEqual(await result, whole, "a loop");
    assert.equal(stream.result, result, "the same promise");
  });

  test("arguments are no shell's", async (ctx) => {
    const { assert } = ctx;
    const { commands } = await liveSandbox(ctx);
    const stream = commands.stream("echo $A; pwd", { cwd: "/", env: { A: "b c" } });
    assert.equal((await stream.result).stdout, "b c\n/\n");
    const args = ["%s|", "a b", "$(c)", "it's", ""];
    assert.equal((await commands.stream("printf", { args }).result).stdout, "a b|$(c)|it's||");
  });

  test("lines", async (ctx) => {
    const { assert } = ctx;
    const output = [
      event({ stdout: "one\ntw" }),
      event({ stderr: "err" }),
      event({ stdout: "o\r" }),
      event({ stdout: "\n\n\rthree\r\nfo" }),
      event({ stderr: "or\nmore" }),
      event({ stdout: "ur" }),
      finished(),
    ];
    const { sandbox } = await speaking(ctx, ...output);
    const lines = (only) => all(sandbox.commands.stream("x").lines(only));
    assert.deepEqual(await lines("stdout"), ["one", "two", "", "\rthree", "four"]);
    assert.deepEqual(await lines("stderr"), ["error", "more"]);
    const both = ["one", "two", "", "\rthree", "error", "four", "more"];
    assert.deepEqual(await lines(), both, "piece by piece");
    const { sandbox: quick } = await speaking(ctx, output.join(""));
    assert.deepEqual(await all(quick.commands.stream("x").lines()), both, "all at once");
  });

  test("lines that several ask for at once", async (ctx) => {
    const { assert } = ctx;
    const { sandbox } = await speaking(ctx, event({ stdout: "a\nb" }), event({ stdout: "c\nd" }), finished());
    const lines = sandbox.commands.stream("x").lines();
    const asked = await Promise.all([1, 2, 3, 4, 5].map(() => lines.next()));
    assert.deepEqual(
      asked.map(({ value }) => value),
      ["a", "bc", "d", undefined, undefined],
    );
  });

  test("a line that does not end, ends the command", async (ctx) => {
    const { assert, sdk } = ctx;
    const { state, answer } = counted(2_000);
    const { sandbox, calls } = await stubbedSandbox(ctx, (call) =>
      call.path === "/exec/stream" ? answer() : json(200, { stdout: "", stderr: "", exit_code: 0 }),
    );
    const stream = sandbox.commands.stream("x");
    const error = await assert.rejects(stream.lines().next(), sdk.SandboxError);
    assert.equal(`${error.code} ${error.operation}`, "too_large Commands.stream");
    assert.ok(state.pulls < 1_100, `${state.pulls} were pulled`);
    assert.equal((await outcome(stream.result)).code, "stream_closed");
    await eventually(() => calls.some(isStop), "the command's end");
  });

  test("a hundred thousand lines in their order", async (ctx) => {
    const { assert } = ctx;
    const { commands } = await liveSandbox(ctx);
    let count = 0;
    for await (const line of commands.stream("seq 100000").lines()) {
      if (Number(line) !== ++count) assert.fail(`${line} comes as number ${count}`);
    }
    assert.equal(count, 100_000);
  });

  test("what is wrong with what it is called with is thrown at once", async (ctx) => {
    const { assert, sdk } = ctx;
    const { sandbox, calls } = await speaking(ctx, finished());
    const wrong = [
      ["", {}],
      [undefined, {}],
      ["x", { encoding: "utf-8" }],
      ["x", { stdin: 1 }],
      ["x", { args: [1] }],
      ["x", { env: { A: 1 } }],
      ["x", { timeoutMs: -1 }],
      ["x", { signal: {} }],
      ["x", 1],
    ];
    for (const [command, options] of wrong) {
      assert.throws(() => sandbox.commands.stream(command, options), sdk.ValidationError);
    }
    await settle();
    assert.equal(calls.length, 0, "requests");
    const stream = sandbox.commands.stream("x");
    for (const signal of ["TERM", "", 9, null, {}]) {
      const error = await assert.rejects(stream.kill(signal), sdk.ValidationError);
      assert.equal(error.operation, "Commands.stream");
    }
    for (const only of ["stdin", "", 1, null]) {
      assert.throws(() => stream.lines(only), sdk.ValidationError);
    }
    assert.throws(() => stream.stdin.write(1), sdk.ValidationError);
    const error = assert.throws(() => stream.stdin.write("text"), sdk.SandboxError);
    assert.equal(error.code, "stdin_closed");
    await stream.result;
  });

  test("the request is that of the command", async (ctx) => {
    const { assert } = ctx;
    const { sandbox, calls } = await speaking(ctx, event({ stdout: "o" }), finished());
    const options = { cwd: "/tmp", env: { A: "1" }, timeoutMs: 1500 };
    assert.equal((await sandbox.commands.stream("make all", options).result).stdout, "o");
    const [{ json: body }] = calls;
    const { SUPERSERVE_CALL: name, ...env } = body.env;
    assert.ok(name, "by which its processes are found");
    assert.deepEqual(
      { ...body, env },
      { command: "make all", working_dir: "/tmp", timeout_s: 2, env: { A: "1" } },
    );
  });

  test("leaving a loop ends the request, and what the command has started", async (ctx) => {
    const { assert, sdk } = ctx;
    const sandbox = await liveSandbox(ctx);
    const running = async () => {
      const { stdout } = await sandbox.commands.run("pgrep -fc 'sleep 6543[2]'; true");
      return Number(stdout);
    };
    const command = "sleep 65432 & echo begun; sleep 65432";
    for (const read of [
      async (stream) => {
        for await (const { text } of stream) if (text.includes("begun")) break;
      },
      async (stream) => {
        for await (const line of stream.lines()) if (line === "begun") break;
      },
      async (stream) => {
        const reader = stream.readable.getReader();
        assert.equal((await reader.read()).value, "begun\n");
        await reader.cancel();
      },
      async (stream) => {
        await stream.next();
        await stream[Symbol.asyncDispose]();
      },
    ]) {
      const stream = sandbox.commands.stream(command);
      await read(stream);
      const error = await assert.rejects(stream.result, sdk.SandboxError);
      assert.equal(`${error.code} ${error.operation}`, "stream_closed Commands.stream");
      assert.deepEqual(await stream.next(), { done: true, value: undefined });
      await eventually(async () => (await running()) === 0, "the end of what it had started");
    }
  });

  test("a stream that was left at once, and one that is over", async (ctx) => {
    const { assert } = ctx;
    const { sandbox } = await speaking(ctx, event({ stdout: "o" }), finished(5));
    const left = sandbox.commands.stream("x");
    await left.return();
    assert.equal((await outcome(left.result)).code, "stream_closed");
    const over = sandbox.commands.stream("x");
    await all(over);
    await over.return();
    await over[Symbol.asyncDispose]();
    await over.kill();
    assert.equal((await over.result).exitCode, 5);
  });

  test("a signal reaches the command", async (ctx) => {
    const { assert, sdk } = ctx;
    const { commands } = await liveSandbox(ctx);
    const stream = commands.stream(
      "trap 'echo caught; exit 7' INT; echo ready; while :; do sleep 0.05; done",
    );
    const { result } = stream;
    await stream.next();
    await stream.kill("SIGINT");
    const { stdout, exitCode } = await result;
    assert.equal(`${stdout}${exitCode}`, "ready\ncaught\n7");
    const silent = commands.stream("sleep 600");
    await assert.rejects(silent.kill("SIGNOTHING"), sdk.ValidationError);
    await silent.kill();
    assert.notEqual((await silent.result).exitCode, 0);
  });

  test("a signal that reaches nothing is an error, unless the command is over", async (ctx) => {
    const { assert, sdk } = ctx;
    const output = new TransformStream();
    const writer = output.writable.getWriter();
    const { sandbox, calls } = await stubbedSandbox(ctx, ({ path }) =>
      path === "/exec/stream"
        ? new Response(output.readable)
        : calls.length < 3
          ? json(200, { stdout: "", stderr: "", exit_code: 1 })
          : new Promise(() => {}),
    );
    const stream = sandbox.commands.stream("x");
    const error = await assert.rejects(stream.kill(), sdk.SandboxError);
    assert.equal(`${error.code} ${error.operation}`, "process_not_found Commands.stream");
    const killed = stream.kill();
    await eventually(() => calls.length === 3, "the request");
    writer.write(new TextEncoder().encode(finished(5)));
    await killed;
    assert.equal((await stream.result).exitCode, 5);
  });

  test("an abort ends it in any state", async (ctx) => {
    const { assert, sdk } = ctx;
    const reason = new Error("enough");
    const bodies = {
      "while the answer is waited for": (call) => hang(call),
      "in the middle": silence,
      "while it waits for its reader": counted(1000).answer,
    };
    for (const [state, answer] of Object.entries(bodies)) {
      const { sandbox, calls } = await stubbedSandbox(ctx, (call) =>
        call.path === "/exec/stream" ? answer(call) : json(200, { stdout: "", stderr: "", exit_code: 0 }),
      );
      const control = new AbortController();
      const stream = sandbox.commands.stream("x", { signal: control.signal });
      await eventually(() => calls.length > 0, "the request");
      await settle();
      control.abort(reason);
      for (const promise of [stream.next(), stream.result]) {
        const error = await assert.rejects(promise, sdk.SandboxError, state);
        assert.equal(error.code, "aborted", state);
        assert.equal(error.cause, reason, state);
      }
      await eventually(() => calls.some(isStop), `${state}: the command's end`);
      assert.equal(calls.find(isStop).json.args.at(-1), calls[0].json.env.SUPERSERVE_CALL, state);
    }
    const { sandbox, calls } = await speaking(ctx, event({ stdout: "o" }), finished(5));
    const before = sandbox.commands.stream("x", { signal: AbortSignal.abort(reason) });
    assert.equal((await outcome(before.next())).cause, reason);
    assert.equal(calls.length, 0, "requests of a signal that was aborted before");
    const control = new AbortController();
    const after = sandbox.commands.stream("x", { signal: control.signal });
    await all(after);
    control.abort();
    assert.equal((await after.result).exitCode, 5);
  });

  test("a stream that is cut is an error to whoever reads, and of the result", async (ctx) => {
    const { assert, sdk } = ctx;
    const { sandbox } = await speaking(ctx, event({ stdout: "one\ntwo" }));
    for (const read of [(stream) => stream, (stream) => stream.lines(), ({ readable }) => chunks(readable)]) {
      const stream = sandbox.commands.stream("x");
      const got = [];
      const error = await assert.rejects(async () => {
        for await (const one of read(stream)) got.push(one.text ?? one);
      }, sdk.SandboxError);
      assert.equal(`${error.code} ${error.operation}`, "stream_ended Commands.stream");
      assert.equal(got.join("").slice(0, 3), "one");
      assert.ok((await outcome(stream.result)) === error, "the same");
    }
    const left = sandbox.commands.stream("x");
    await left.next();
    await outcome(left.result);
    await left.return();
    assert.deepEqual(await left.next(), { done: true, value: undefined });
    // Nobody hears of these; the runner would report a rejection.
    sandbox.commands.stream("x");
    void sandbox.commands.stream("x").result;
    await settle(10);
  });

  test("a slow reader slows the stream", async (ctx) => {
    const { assert } = ctx;
    const { state, answer } = counted(200);
    const { sandbox } = await stubbedSandbox(ctx, answer);
    const stream = sandbox.commands.stream("x");
    let most = 0;
    let read = 0;
    for await (const { text } of stream) {
      read += text.length;
      if (read > 3_000_000) continue;
      await settle();
      most = Math.max(most, state.pulls * PIECE.length - read);
    }
    assert.equal(read, 200 * PIECE.length);
    assert.ok(most < 1_000_000, `${most} characters were waiting`);
    assert.equal((await stream.result).truncated, true);
  });

  test("a reader may take its time", async (ctx) => {
    const { assert } = ctx;
    const time = virtualTime(ctx);
    const { state, answer } = counted(200);
    const { sandbox } = await stubbedSandbox(ctx, answer);
    const stream = sandbox.commands.stream("x");
    await time.run(stream.next());
    await time.advance(3_600_000);
    assert.ok(state.pulls < 20, `${state.pulls} were pulled`);
    assert.equal((await time.run(all(stream))).map(({ text }) => text).join("").length, 199 * PIECE.length);
    assert.equal((await time.run(stream.result)).exitCode, 0);
    assert.equal(time.pending(), 0, "timers left");
  });

  test("nobody's output waits, unless the result is asked for", async (ctx) => {
    const { assert } = ctx;
    const { state, answer } = counted(200);
    const { sandbox } = await stubbedSandbox(ctx, answer);
    const stream = sandbox.commands.stream("x");
    await eventually(() => state.pulls > 0, "the beginning");
    await settle(10);
    assert.ok(state.pulls < 20, `${state.pulls} were pulled`);
    const { stdout, truncated } = await stream.result;
    assert.equal(stdout.length, 200 * PIECE.length);
    assert.equal(truncated, false);
    assert.equal(textOf(await all(stream), "stdout").length, stdout.length, "a late reader gets it all");
  });

  test("a callback's promise slows the stream, and ends it where it rejects", async (ctx) => {
    const { assert } = ctx;
    const { state, answer } = counted(200);
    const { sandbox } = await stubbedSandbox(ctx, answer);
    let go = () => {};
    const gate = new Promise((resolve) => {
      go = resolve;
    });
    let size = 0;
    const done = sandbox.commands.run("x", {
      onStdout(text) {
        size += text.length;
        return gate;
      },
    });
    await eventually(() => state.pulls > 0, "the beginning");
    await settle(10);
    assert.ok(state.pulls < 10, `${state.pulls} were pulled`);
    go();
    assert.equal((await done).stdout.length, 200 * PIECE.length);
    assert.equal(size, 200 * PIECE.length);
    const wrong = new Error("wrong");
    const { sandbox: other } = await stubbedSandbox(ctx, counted(200).answer);
    const failing = other.commands.run("x", { onStdout: () => settle().then(() => Promise.reject(wrong)) });
    assert.ok((await outcome(failing)) === wrong, "the very value");
  });

  test("a stream for pipes has standard output alone", async (ctx) => {
    const { assert } = ctx;
    const output = [event({ stdout: "é" }), event({ stderr: "no" }), event({ stdout: "b" }), finished()];
    const { sandbox } = await speaking(ctx, ...output);
    const stream = sandbox.commands.stream("x");
    const { readable } = stream;
    assert.equal(stream.readable, readable, "the same");
    assert.deepEqual(await all(chunks(stream.readable)), ["é", "b"]);
  });

  test("input, output and the end over a socket", { needs }, async (ctx) => {
    const { assert } = ctx;
    const { commands } = await liveSandbox(ctx);
    const stream = commands.stream("cat; echo end >&2; exit 6", { stdin: true });
    stream.stdin.write("héllo\n");
    const bytes = new TextEncoder().encode("bytes\n");
    stream.stdin.write(bytes);
    bytes.fill(0);
    stream.stdin.close();
    assert.equal(assert.throws(() => stream.stdin.write("x")).code, "stdin_closed");
    const { stdout, stderr, exitCode } = await stream.result;
    assert.deepEqual([stdout, stderr, exitCode], ["héllo\nbytes\n", "end\n", 6]);
  });

  test("bytes come exactly as they are written", { needs }, async (ctx) => {
    const { assert } = ctx;
    const { commands } = await liveSandbox(ctx);
    const program = "import sys; sys.stdout.buffer.write(bytes(range(256)) * 4000); sys.stderr.write('e')";
    const options = { args: ["-c", program], encoding: "bytes" };
    const size = 256 * 4000;
    let at = 0;
    let stderr = 0;
    for await (const { stream, bytes } of commands.stream("python3", options)) {
      if (stream === "stderr") stderr += bytes.length;
      else for (const byte of bytes) if (byte !== at++ % 256) assert.fail(`byte ${at} is ${byte}`);
    }
    assert.deepEqual([at, stderr], [size, 1]);
    const { readable } = commands.stream("python3", options);
    assert.equal((await new Response(readable).arrayBuffer()).byteLength, size);
    // It has no input, which it would wait for.
    assert.equal((await commands.stream("cat; printf é", { encoding: "bytes" }).result).stdout, "é");
  });

  test("leaving a loop over a socket ends the command", { needs }, async (ctx) => {
    const { assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    const stream = sandbox.commands.stream("echo $$; exec sleep 65431", { stdin: true });
    let pid = 0;
    for await (const { text } of stream) {
      pid = Number(text);
      break;
    }
    assert.equal((await outcome(stream.result)).code, "stream_closed");
    const runs = `kill -0 ${pid}`;
    await eventually(async () => (await sandbox.commands.run(runs)).exitCode !== 0, "the command's end");
    const killed = sandbox.commands.stream("sleep 65431", { encoding: "bytes" });
    await killed.kill("SIGKILL");
    assert.notEqual((await killed.result).exitCode, 0);
  });

  test("characters over several messages of a socket", async (ctx) => {
    const { assert } = ctx;
    const { sandbox, sockets } = await socketSandbox(ctx);
    const stream = sandbox.commands.stream("x", { stdin: true });
    await eventually(() => sockets[0]?.sent.length, "the session");
    assert.deepEqual(sockets[0].sent[0], { command: "x" });
    const [one, two, three] = new TextEncoder().encode("漢");
    sockets[0].bytes(1, "a", one);
    sockets[0].bytes(1, two);
    sockets[0].bytes(2, "e", one);
    sockets[0].bytes(1, three, "b\r");
    sockets[0].bytes(1, "\n");
    sockets[0].finish(0);
    const lines = await all(stream.lines("stdout"));
    assert.deepEqual(lines, ["a漢b"]);
    assert.deepEqual(await all(stream), [], "it is read once");
    const bytes = sandbox.commands.stream("x", { encoding: "bytes" });
    await eventually(() => sockets[1]?.sent.length, "the session");
    assert.deepEqual(sockets[1].controls.at(-1), { type: "stdin_close" });
    sockets[1].bytes(1, one);
    sockets[1].bytes(1, two, three, "\nlast");
    sockets[1].finish(0, { error: "why" });
    assert.deepEqual(await all(bytes.lines()), ["漢", "last", "why"]);
    const kept = sandbox.commands.stream("x", { encoding: "bytes" });
    await eventually(() => sockets[2]?.sent.length, "the session");
    sockets[2].bytes(1, one);
    const { result } = kept;
    sockets[2].bytes(1, two, three, one);
    sockets[2].finish(0);
    assert.equal((await result).stdout, "漢\ufffd", "a character in two pieces, and half of one");
    assert.deepEqual(
      (await all(kept)).flatMap((piece) => [...piece.bytes]),
      [one, two, three, one],
    );
  });

  test("a socket that is cut, or refused, is an error to both", async (ctx) => {
    const { assert, sdk } = ctx;
    const { sandbox, sockets } = await socketSandbox(ctx);
    const stream = sandbox.commands.stream("x", { stdin: true });
    await eventually(() => sockets[0]?.sent.length, "the session");
    sockets[0].bytes(1, "o");
    sockets[0].end(1006);
    assert.equal((await stream.next()).value.text, "o");
    for (const promise of [stream.next(), stream.result]) {
      assert.equal((await assert.rejects(promise, sdk.SandboxError)).code, "connection_closed");
    }
    replaceWebSocket(ctx, undefined);
    const none = sandbox.commands.stream("x", { encoding: "bytes" });
    assert.equal((await outcome(none.next())).code, "no_websocket");
    assert.equal((await outcome(none.result)).code, "no_websocket");
  });

  test("a slow reader pauses a socket that can be, and ends the command of one that cannot", async (ctx) => {
    const { assert, sdk } = ctx;
    const { sandbox, sockets } = await socketSandbox(ctx);
    const piece = new Uint8Array(1 << 22).fill(120);
    piece[0] = 1;
    const begin = async (at) => {
      const stream = sandbox.commands.stream("x", { encoding: "bytes" });
      await eventually(() => sockets[at]?.sent.length, "the session");
      const socket = sockets[at];
      socket.steps = [];
      return { stream, socket };
    };
    const paused = await begin(0);
    for (const step of ["pause", "resume"]) paused.socket[step] = () => paused.socket.steps.push(step);
    paused.socket.binary(piece);
    assert.deepEqual(paused.socket.steps, ["pause"]);
    assert.equal((await paused.stream.next()).value.bytes.length, piece.length - 1);
    await settle();
    assert.deepEqual(paused.socket.steps, ["pause", "resume"]);
    await paused.stream.return();

    const { stream, socket } = await begin(1);
    for (let i = 0; i < 17; i++) socket.binary(piece);
    const error = await assert.rejects(stream.result, sdk.SandboxError);
    assert.equal(error.code, "reader_too_slow");
    assert.ok(
      socket.controls.some(({ name }) => name === "SIGTERM"),
      "the command is told to end",
    );
  });

  test("a callback's promise pauses a session's socket", async (ctx) => {
    const { assert } = ctx;
    const { sandbox, sockets } = await socketSandbox(ctx);
    const gates = [];
    const onStdout = () => new Promise((resolve) => gates.push(resolve));
    const session = await sandbox.commands.spawn("x", { onStdout });
    const steps = [];
    for (const step of ["pause", "resume"]) sockets[0][step] = () => steps.push(step);
    sockets[0].bytes(1, PIECE);
    assert.deepEqual(steps, [], "what is little is not waited for");
    sockets[0].bytes(1, PIECE);
    assert.deepEqual(steps, ["pause"]);
    gates[0]();
    await settle();
    assert.deepEqual(steps, ["pause", "resume"]);
    sockets[0].finish(0);
    assert.equal((await session.wait()).stdout, PIECE + PIECE);
  });

  test("a pause in the middle", async (ctx) => {
    const { assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    const { commands } = sandbox;
    const stream = commands.stream("echo begun; until test -e heard; do sleep 0.05; done; echo on");
    assert.equal((await stream.next()).value.text, "begun\n");
    await sandbox.pause();
    await sandbox.resume();
    await commands.run("touch heard");
    assert.equal(textOf(await all(stream), "stdout"), "on\n");
    assert.equal((await stream.result).exitCode, 0);
  });

  test("a ticket that allows commands allows their streams, one that does not, none", async (ctx) => {
    const { sdk, assert } = ctx;
    const stream = (allow, options) => {
      const { sandbox, calls } = ticketSandbox(ctx, () => streamOf([finished(4)]), {
        ticket: ticketOf({ allow }),
      });
      return { stream: sandbox.commands.stream("x", options), calls };
    };
    const allowed = stream(["exec"]);
    assert.equal((await allowed.stream.result).exitCode, 4);
    assert.deepEqual(
      allowed.calls.map(({ url }) => url),
      [`${RELAY}/exec/stream`],
    );
    const others = ALL.filter((one) => one !== "exec");
    for (const refused of [
      stream(others),
      ...[{ stdin: true }, { encoding: "bytes" }].map((options) => stream(["exec"], options)),
    ]) {
      for (const promise of [refused.stream.next(), refused.stream.lines().next(), refused.stream.result]) {
        const error = await assert.rejects(promise, sdk.AuthenticationError);
        assert.equal(error.code, "not_allowed");
      }
      assert.equal(refused.calls.length, 0, "requests");
    }
  });

  test("a paused sandbox is woken first", async (ctx) => {
    const { assert } = ctx;
    let asleep = true;
    const { sandbox } = await stubbedSandbox(ctx, ({ path }) => {
      if (path.endsWith("/activate")) {
        asleep = false;
        return json(200, wireSandbox());
      }
      return asleep ? json(503, {}) : streamOf([event({ stdout: "o" }), finished()]);
    });
    assert.deepEqual(await all(sandbox.commands.stream("x")), [{ stream: "stdout", text: "o" }]);
  });
}

/** An answer of which nothing comes. */
const silence = () => new Response(new ReadableStream({ pull: () => new Promise(() => {}) }));

/** The chunks of a stream, where its own iterator is missing. */
async function* chunks(readable) {
  const reader = readable.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield value;
  }
}
