// Processes: programs that outlive whoever has started them, on the local server.

import { eventually, liveSandbox } from "../support/live.mjs";
import { stubbedSandbox } from "../support/stub-fetch.mjs";

/** @typedef {import("../support/types.d.ts").Ctx} Ctx */

/** All that a follower tells, stream by stream. @param {AsyncIterable<any>} follower */
async function read(follower) {
  /** @type {any} */
  const all = { stdout: "", stderr: "" };
  for await (const { stream, text } of follower) all[stream] += text;
  return all;
}

/** That work fails with an error that has those members. @param {Ctx["assert"]} assert @param {any} work @param {object} members */
async function fails(assert, work, members) {
  const error = await (typeof work === "function" ? work() : work).then(
    () => ({ name: "no error" }),
    (/** @type {unknown} */ error) => error,
  );
  const found = Object.fromEntries(Object.keys(members).map((name) => [name, error[name]]));
  assert.deepEqual(found, members, error.message);
}

/** The same sandbox, as another program has it. @param {Ctx} ctx @param {any} sandbox */
const elsewhere = ({ sdk, baseUrl, apiKey, relay }, sandbox) =>
  relay ? sandbox : sdk.Sandbox.connect(sandbox.id, { baseUrl, apiKey });

/** What lies in the directory of a sandbox's processes, beside its lock. @param {any} sandbox */
const kept = async (sandbox) =>
  (await sandbox.commands.run("ls -A ~/.superserve/processes | grep -vx lock")).stdout.trim();

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("one is started, found by others, and told of when it has ended", async (ctx) => {
    const { assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    const process = await sandbox.processes.start(
      'echo "$X"; echo err >&2; pwd; read line; echo "got $line"; exit 3',
      {
        name: "first",
        cwd: "/tmp",
        env: { X: "a 'b' \"c\" $d" },
      },
    );
    assert.equal(process.name, "first");
    const running = await process.info();
    assert.deepEqual(
      [running.id, running.name, running.status, running.restart, running.cwd, running.exitCode],
      [process.id, "first", "running", "never", "/tmp", undefined],
    );
    assert.ok(running.pid > 1 && running.startedAt instanceof Date);
    const other = await elsewhere(ctx, sandbox);
    const same = await other.processes.get("first");
    assert.equal(same.id, process.id);
    assert.deepEqual(
      (await other.processes.list()).map(({ id, command }) => [id, command]),
      [[process.id, process.command]],
    );
    const ended = process.wait();
    await same.write("å line\n");
    const info = await ended;
    assert.deepEqual([info.status, info.exitCode, info.pid, info.restarts], ["exited", 3, undefined, 0]);
    assert.ok(info.endedAt >= info.startedAt);
    const { stdout, stderr, skipped, position } = await (await other.processes.get(process.id)).logs();
    const expected = "a 'b' \"c\" $d\n/tmp\ngot å line\n";
    assert.deepEqual([stdout, stderr, skipped], [expected, "err\n", 0]);
    assert.deepEqual(position, { stdout: new TextEncoder().encode(expected).length, stderr: 4 });
    await same.remove();
    for (const call of [() => process.info(), () => process.logs(), () => sandbox.processes.get("first")]) {
      await fails(assert, call, { name: "NotFoundError", code: "not_found" });
    }
    assert.deepEqual(await other.processes.list(), []);
    if (!ctx.relay) assert.equal(await kept(sandbox), "");
  });

  test("of two that start a name at once one does, and the next takes it over", async (ctx) => {
    const { assert, sdk } = ctx;
    const sandbox = await liveSandbox(ctx);
    const starts = await Promise.allSettled(
      Array.from({ length: 4 }, () => sandbox.processes.start("cat", { name: "one" })),
    );
    const [winner, ...more] = starts.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    assert.equal(more.length, 0);
    for (const one of starts) {
      if (one.status === "fulfilled") continue;
      assert.ok(one.reason instanceof sdk.ConflictError);
      assert.deepEqual([one.reason.code, one.reason.operation], ["already_exists", "Processes.start"]);
    }
    await winner.kill();
    assert.equal((await winner.wait()).exitCode, 143);
    const next = await sandbox.processes.start("true", { name: "one" });
    assert.notEqual(next.id, winner.id);
    assert.deepEqual(
      (await sandbox.processes.list()).map(({ id }) => id),
      [next.id],
    );
  });

  test("a signal reaches all of its session, and input ends", async (ctx) => {
    const { assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    const group = await sandbox.processes.start("sleep 1000 & sleep 1000");
    const { pid } = await group.info();
    const alive = async () => (await sandbox.commands.run(`ps -o pid= --sid ${pid} || true`)).stdout.trim();
    if (!ctx.relay)
      await eventually(async () => (await alive()).split("\n").length >= 3, "all of its processes");
    await group.kill("SIGKILL");
    assert.equal((await group.wait()).exitCode, 137);
    if (!ctx.relay) await eventually(async () => (await alive()) === "", "none of them");
    await group.kill();
    await fails(assert, group.kill("TERM"), { name: "ValidationError", operation: "Process.kill" });

    const cat = await sandbox.processes.start("cat", { args: [] });
    const big = "x".repeat(200_000);
    await Promise.all([
      cat.write("one "),
      cat.write(new TextEncoder().encode("two ")),
      cat.write(big),
      cat.closeStdin(),
    ]);
    assert.equal((await cat.wait()).exitCode, 0);
    assert.equal((await cat.logs()).stdout, `one two ${big}`);
    await fails(assert, cat.write("more"), { name: "ConflictError", code: "not_running" });
    const idle = await sandbox.processes.start("exec <&-; sleep 1000");
    await idle.closeStdin();
    await fails(assert, idle.write("more"), { code: "stdin_closed", operation: "Process.write" });
    await idle.remove();
  });

  test("what it writes is followed from its first byte to its last, or from where another was", async (ctx) => {
    const { assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    const process = await sandbox.processes.start(
      'read go; i=0; while [ $i -lt 300 ]; do echo "line $i é✨"; echo "warn $i" >&2; i=$((i+1)); done; read go; printf "no end ✨"',
    );
    const all = read(process.follow());
    const lines = read(process.follow({ stream: "stderr" }));
    await process.write("go\n");
    const line = await process.waitForLine(/^line 29\d/);
    assert.equal(line, "line 290 é✨");
    await process.waitForLine("line 299");
    const { position } = await process.logs();
    const later = read(process.follow({ from: position }));
    const tailed = read(process.follow({ tail: 2, stream: "stdout" }));
    assert.equal((await process.logs({ tail: 2 })).stdout, "line 298 é✨\nline 299 é✨\n");
    await process.write("go\n");
    const whole = await all;
    assert.equal(
      whole.stdout,
      `${Array.from({ length: 300 }, (_, i) => `line ${i} é✨\n`).join("")}no end ✨`,
    );
    assert.equal(whole.stderr, Array.from({ length: 300 }, (_, i) => `warn ${i}\n`).join(""));
    assert.deepEqual(await lines, { stdout: "", stderr: whole.stderr });
    assert.deepEqual(await later, { stdout: "no end ✨", stderr: "" });
    assert.ok((await tailed).stdout.endsWith("line 299 é✨\nno end ✨"));
    await fails(assert, process.waitForLine("never"), {
      code: "process_ended",
      operation: "Process.waitForLine",
    });
  });

  test("a follower that is left or aborted ends at once, and nothing of it stays in the sandbox", async (ctx) => {
    const { assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    const process = await sandbox.processes.start("echo begun; sleep 1000");
    for await (const { text } of process.follow()) {
      assert.equal(text, "begun\n");
      break;
    }
    const own = new AbortController();
    const follower = process.follow({ signal: own.signal });
    await follower.next();
    const next = follower.next();
    own.abort(new Error("enough"));
    await fails(assert, next, { code: "aborted", operation: "Process.follow" });
    assert.deepEqual(await follower.next(), { done: true, value: undefined });
    const waiting = process.follow();
    await waiting.next();
    const pending = waiting.next();
    await waiting.return();
    assert.deepEqual(await pending, { done: true, value: undefined });
    if (!ctx.relay) {
      const find = "grep -lz '^SUPERSERVE_CALL=' /proc/[0-9]*/environ 2>/dev/null";
      await eventually(async () => !(await sandbox.commands.run(find)).stdout.trim(), "no process of it");
    }
    assert.equal((await process.info()).status, "running");
    await process.remove();
  });

  test("it lives through a pause, and so do those who wait for it", { timeoutMs: 60_000 }, async (ctx) => {
    const { assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    const process = await sandbox.processes.start(
      'i=0; while read line; do i=$((i+1)); echo "$i $line"; done; echo end',
    );
    const all = read(process.follow());
    const ended = process.wait();
    await process.write("before\n");
    await process.waitForLine("1 before");
    const last = process.waitForLine("2 after");
    await sandbox.pause();
    await sandbox.resume();
    await process.write("after\n");
    assert.equal(await last, "2 after");
    await process.closeStdin();
    assert.equal((await ended).exitCode, 0);
    assert.equal((await all).stdout, "1 before\n2 after\nend\n");
  });

  test("one that fails is started again, until it is told to end", async (ctx) => {
    const { assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    const process = await sandbox.processes.start("echo run; read line; exit 7", { restart: "on-failure" });
    await process.write("\n");
    await eventually(async () => (await process.info()).restarts === 1, "it runs again");
    assert.deepEqual(
      [(await process.info()).status, (await process.logs()).stdout],
      ["running", "run\nrun\n"],
    );
    await process.kill();
    assert.deepEqual([(await process.wait()).exitCode, (await process.info()).restarts], [143, 1]);
    const fine = await sandbox.processes.start("true", { restart: "on-failure" });
    assert.equal((await fine.wait()).restarts, 0);
  });

  test("a port is waited for, as long as the process runs", async (ctx) => {
    const { assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    const ended = await sandbox.processes.start("echo starting; echo 'no such module' >&2; exit 1");
    const early = await ended.waitForPort(65_001).catch((error) => error);
    assert.deepEqual([early.code, early.operation], ["process_ended", "Process.waitForPort"]);
    assert.match(early.message, /exit code 1[\s\S]*starting\nno such module$/);
    const idle = await sandbox.processes.start("sleep 1000");
    await fails(assert, idle.waitForPort(65_001, { timeoutMs: 300 }), {
      name: "TimeoutError",
      code: "timeout",
    });
    const { stdout: python } = await (ctx.relay
      ? { stdout: "" }
      : sandbox.commands.run("command -v python3"));
    if (!python) return;
    const script =
      "import http.server as h; s = h.HTTPServer(('127.0.0.1', 0), h.SimpleHTTPRequestHandler); print(s.server_port, flush=True); s.serve_forever()";
    const server = await sandbox.processes.start("python3", { args: ["-c", script], cwd: "/tmp" });
    const port = Number(await server.waitForLine(/^\d+$/));
    await server.waitForPort(port);
    await server.waitForPort(port, { path: "/" });
    await server.waitForPort(port, { path: "/nothing", status: 404 });
    await fails(assert, server.waitForPort(port, { path: "/nothing", timeoutMs: 300 }), {
      name: "TimeoutError",
    });
    await server.remove();
  });

  test("output is bounded, and positions stay true", async (ctx) => {
    const { assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    const process = await sandbox.processes.start(
      'i=0; while [ $i -lt 20000 ]; do echo "$i"; i=$((i+1)); done',
      { maxLogBytes: 65_536 },
    );
    await process.wait();
    const whole = Array.from({ length: 20_000 }, (_, i) => `${i}\n`).join("");
    const { stdout, skipped, position } = await process.logs();
    assert.equal(position.stdout, whole.length);
    assert.ok(
      skipped > 0 && stdout.length <= 32_768 && stdout.length >= 24_576,
      `${skipped} ${stdout.length}`,
    );
    assert.equal(stdout, whole.slice(skipped));
    const from = { stdout: whole.length - 1000 };
    assert.equal((await process.logs({ from })).stdout, whole.slice(-1000));
  });

  test("a program is run as it is, and what is wrong is said", async (ctx) => {
    const { assert, sdk } = ctx;
    const sandbox = await liveSandbox(ctx);
    const odd = ["a b", "$(x)", "'\"\\", "", "-n", "\n", "é✨"];
    const program = await sandbox.processes.start("printf", {
      args: ["<%s>", ...odd],
      env: { "a.b": "=", n: "kept" },
    });
    await program.wait();
    assert.equal((await program.logs()).stdout, odd.map((one) => `<${one}>`).join(""));
    assert.deepEqual((await program.info()).args, ["<%s>", ...odd]);
    const env = await sandbox.processes.start("env", { args: [], env: { "a.b": "=", n: "kept" } });
    await env.wait();
    const lines = (await env.logs()).stdout.split("\n");
    assert.deepEqual(lines.filter((line) => /^(a\.b|n|SUPERSERVE_CALL|LC_ALL|_\w+)=/.test(line)).sort(), [
      "a.b==",
      "n=kept",
    ]);
    const missing = await sandbox.processes.start("no-such-program", { args: ["x"] });
    assert.equal((await missing.wait()).exitCode, 127);
    await fails(assert, sandbox.processes.start("true", { cwd: "/no/such" }), {
      name: "NotFoundError",
      code: "not_found",
    });
    await fails(assert, sandbox.processes.start("true", { user: "nobody-of-that-name" }), {
      code: "tool_missing",
    });
    for (const id of ["none", "../x", "a b", "*", "", ".."]) {
      await assert.rejects(sandbox.processes.get(id), id ? sdk.NotFoundError : sdk.ValidationError, id);
    }
  });

  test("what cannot be is refused before anything is sent", async (ctx) => {
    const { assert, sdk } = ctx;
    const { sandbox, calls } = await stubbedSandbox(ctx, () => new Response("{}"));
    /** @type {any[]} */
    const wrong = [
      [""],
      [5],
      ["true", { name: "" }],
      ["true", { name: ".a" }],
      ["true", { name: "a/b" }],
      ["true", { name: "a@b" }],
      ["true", { name: "x".repeat(65) }],
      ["true", { args: "x" }],
      ["true", { args: ["a\0b"] }],
      ["a\0b"],
      ["true", { cwd: "tmp" }],
      ["true", { env: { "": "x" } }],
      ["true", { env: { "a=b": "x" } }],
      ["true", { env: { a: "x\0" } }],
      ["true", { env: { a: 5 } }],
      ["true", { user: 5 }],
      ["true", { restart: "always" }],
      ["true", { maxLogBytes: 65_535 }],
    ];
    for (const values of wrong) {
      await assert.rejects(
        () => sandbox.processes.start(...values),
        sdk.ValidationError,
        JSON.stringify(values),
      );
    }
    for (const name of ["get", "remove"]) {
      for (const value of ["", 5, null, "x".repeat(300)]) {
        await assert.rejects(() => sandbox.processes[name](value), sdk.ValidationError, `${name} ${value}`);
      }
    }
    assert.equal(calls.length, 0);
  });
}
