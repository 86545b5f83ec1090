// Processes: programs that outlive whoever has started them, on the local server, and over connections that are cut.

import { EVENT_STREAM, event, finished, json, result, wireSandbox } from "../support/fixtures.mjs";
import { eventually, liveSandbox } from "../support/live.mjs";
import { quickTimers } from "../support/quick-timers.mjs";
import { stubbedSandbox } from "../support/stub-fetch.mjs";
import { ALL, ticketOf, ticketSandbox } from "../support/tickets.mjs";
import {
  NOT_COUNTS,
  NOT_LISTS,
  NOT_OPTIONS,
  NOT_STRINGS,
  NOT_STRING_MAPS,
  NOT_TIMEOUTS,
  withoutNull,
} from "../support/wrong-values.mjs";

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

const RECORD = '{"command":"true","restart":"never"}\nabcdefghijkl running 1700000000000 5 0 - -\n';

/** Where timers run faster, for what a busy machine may take. */
const AMPLE = { timeoutMs: 3_600_000 };

/**
 * A sandbox with one process, whose streams get what `answer` says, from the values that the script is given, and end there.
 *
 * @param {Ctx} ctx
 * @param {(values: string[], stream: number) => string} answer
 * @param {(call: any) => any} [other]
 */
async function stubbedProcess(ctx, answer, other) {
  let streams = 0;
  const stub = await stubbedSandbox(ctx, (call) => {
    if (call.path === "/exec") return json(200, result({ stdout: RECORD }));
    if (call.path !== "/exec/stream") return other?.(call) ?? json(200, wireSandbox());
    // The program's arguments: -c, the script, how the values cross, and the folder.
    return new Response(answer(call.json.args.slice(4), streams++), { headers: EVENT_STREAM });
  });
  return { ...stub, process: await stub.sandbox.processes.get("abcdefghijkl", AMPLE) };
}

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
    // The first request of each may still resume a sandbox: all three are to be on their way.
    const calls =
      "cat /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n' | grep ^SUPERSERVE_CALL= | sort -u | wc -l";
    await eventually(async () => Number((await sandbox.commands.run(calls)).stdout) === 3, "three that wait");
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

  test("what one has left running gets its signals, and goes with it", async (ctx) => {
    const { assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    // Of its group, and of a session of its own.
    const command =
      "sleep 1000 & echo $!; setsid sleep 1000 & echo $!; exec 2>&1; env -i sleep 1000 & echo $!";
    // One that has ended may wait for somebody to take note of it.
    const alive = async (/** @type {string[]} */ pids) => {
      const files = pids.map((pid) => `/proc/${pid}/stat`).join(" ");
      const { stdout } = await sandbox.commands.run(`grep -Lsx "[^)]*) [ZX] .*" ${files}; true`);
      return stdout.split("\n").length - 1;
    };
    const ends = ["kill", "remove"].map(async (end) => {
      const process = await sandbox.processes.start(`${command}; exit 4`);
      assert.equal((await process.wait()).exitCode, 4);
      const pids = (await process.logs()).stdout.trim().split("\n");
      assert.equal(pids.length, 3);
      assert.equal(await alive(pids), 3, "of them go on");
      await process[end]();
      await eventually(async () => (await alive(pids)) === 0, `the end of all by ${end}`);
    });
    await Promise.all(ends);
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
    const env = await sandbox.processes.start("/usr/bin/env", {
      args: [],
      env: { "-u": "kept", "a.b": "=", n: "two\nlines", PATH: "/nowhere" },
    });
    await env.wait();
    const text = (await env.logs()).stdout;
    assert.ok(text.includes("n=two\nlines\n"), text);
    const lines = text.split("\n").filter((line) => /^(a\.b|-u|PATH|SUPERSERVE_\w+|LC_ALL|_\w+)=/.test(line));
    assert.deepEqual(lines.sort(), ["-u=kept", "PATH=/nowhere", `SUPERSERVE_PROCESS=${env.id}`, "a.b=="]);
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

  test("its variables are in no command line, whoever it runs as", async (ctx) => {
    const { assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    const { commands, processes } = sandbox;
    const isRoot = (await commands.run("id -u")).stdout === "0\n";
    // By name and by number.
    for (const user of [undefined, ...(isRoot ? ["nobody", "65534"] : [])]) {
      const process = await processes.start('echo "$USER $HOME $SECRET"; id -un; exec sleep 1000', {
        user,
        env: { SECRET: `in ${sandbox.id}`, PATH: "/nowhere:/usr/bin:/bin" },
      });
      await process.waitForLine(/^\w+$/);
      const { stdout } = await process.logs();
      assert.match(stdout, user ? /^nobody \S+ in \S+\nnobody\n$/ : / in \S+\n\w+\n$/);
      const seen = `cat /proc/[0-9]*/cmdline | tr '\\0' '\\n' | grep -c "[i]n ${sandbox.id}"; true`;
      assert.equal((await commands.run(seen)).stdout, "0\n");
      await process.remove();
    }
  });

  test("a follower that is cut at any byte tells each once", async (ctx) => {
    const { assert } = ctx;
    const whole = "a é ✨ 😀\nb\n";
    const bytes = new TextEncoder().encode(whole);
    const told = (/** @type {Uint8Array} */ part) => `${btoa(String.fromCharCode(...part))}\n`;
    quickTimers(ctx, 1000);
    let cut = 0;
    const { process } = await stubbedProcess(ctx, ([, , out, err], stream) => {
      const from = Number(out);
      const half = from + Math.ceil((bytes.length - from) / 2);
      const pieces = [
        [from, half],
        [half, bytes.length],
      ].map(([at, end]) => `${told(bytes.subarray(at, end))}:stdout ${at} ${end - at}\n`);
      const text = `:open ${out} ${err}\n${pieces.join("")}:end\n`;
      const isCut = stream % 3 !== 2 && cut < text.length;
      return isCut ? event({ stdout: text.slice(0, cut) }) : event({ stdout: text }) + finished();
    });
    for (; cut < 80; cut++) {
      const all = await read(process.follow(AMPLE));
      assert.deepEqual(all, { stdout: whole, stderr: "" }, `cut at ${cut}`);
    }
  });

  test("a sandbox that is paused is not resumed by those who wait, and gone on with when it is", async (ctx) => {
    const { assert } = ctx;
    quickTimers(ctx, 100);
    const ended = RECORD.replace("running", "exited");
    for (const [name, text] of [
      ["follow", ":open 0 0\n:end\n"],
      ["wait", ended],
      ["waitForPort", "!open\n"],
    ]) {
      const states = ["pausing", "paused", "paused", "active"];
      const { process, calls } = await stubbedProcess(
        ctx,
        (_, stream) => (stream ? event({ stdout: text }) + finished() : ""),
        ({ method }) => method === "GET" && json(200, wireSandbox({ status: states.shift() })),
      );
      await (name === "follow"
        ? read(process.follow(AMPLE))
        : process[name](...(name === "wait" ? [AMPLE] : [3000, AMPLE])));
      assert.equal(states.length, 0, name);
      assert.deepEqual(
        calls.filter(({ path }) => /activate|resume/.test(path)),
        [],
      );
    }
  });

  test("a ticket for processes allows all of it, and no other ticket does", async (ctx) => {
    const { assert, sdk } = ctx;
    const answer = ({ url }) =>
      /\/(follow|wait|port)$/.test(new URL(url).pathname)
        ? new Response(event({ stdout: url.endsWith("port") ? "!open\n" : RECORD }) + finished(), {
            headers: EVENT_STREAM,
          })
        : json(200, result({ stdout: RECORD }));
    /** @type {[string, (sandbox: any) => Promise<unknown>][]} */
    const all = [
      ["start", ({ processes }) => processes.start("true")],
      ["list", ({ processes }) => processes.list()],
      ["describe", ({ processes }) => processes.get("x")],
      ["remove", ({ processes }) => processes.remove("x")],
      ["ports", (sandbox) => sandbox.ports()],
      ["port", (sandbox) => sandbox.waitForPort(3000)],
    ];
    for (const [path, call] of all) {
      const own = ticketSandbox(ctx, answer, { ticket: ticketOf({ allow: ["processes"] }) });
      await call(own.sandbox);
      assert.deepEqual(
        own.calls.map(({ url }) => new URL(url).pathname.split("/").slice(-2).join("/")),
        [`processes/${path}`],
      );
      const others = { ticket: ticketOf({ allow: ALL.filter((one) => one !== "processes") }) };
      const { sandbox, calls } = ticketSandbox(ctx, answer, others);
      const error = await assert.rejects(call(sandbox), sdk.AuthenticationError, path);
      assert.deepEqual([error.code, calls.length], ["not_allowed", 0], path);
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
    const { process, ...stub } = await stubbedProcess(ctx, () => finished());
    const before = stub.calls.length;
    const limits = withoutNull(NOT_COUNTS);
    /** @type {[string, any, Record<string, unknown[]>, unknown[]][]} */
    const refused = [
      [
        "start",
        sandbox.processes,
        {
          name: withoutNull(NOT_STRINGS),
          args: withoutNull(NOT_LISTS),
          cwd: withoutNull(NOT_STRINGS),
          env: withoutNull(NOT_STRING_MAPS),
          user: withoutNull(NOT_STRINGS),
          restart: withoutNull(NOT_STRINGS),
          maxLogBytes: limits,
        },
        ["true"],
      ],
      ["list", sandbox.processes, {}, []],
      ["get", sandbox.processes, {}, ["x"]],
      ["remove", sandbox.processes, {}, ["x"]],
      ["info", process, {}, []],
      ["logs", process, { from: [5, "x", { stdout: -1 }], tail: limits, stream: ["", "out", 5] }, []],
      ["follow", process, { from: [5, "x", { stderr: "0" }], tail: limits, stream: ["", "out", 5] }, []],
      ["wait", process, {}, []],
      ["kill", process, {}, ["SIGTERM"]],
      ["write", process, {}, ["x"]],
      ["closeStdin", process, {}, []],
      ["waitForPort", process, { path: ["", "x", "/a b"], status: [99, 600, ...limits] }, [1]],
      ["waitForLine", process, { tail: limits }, ["x"]],
      ["remove", process, {}, []],
    ];
    for (const [name, of, options, values] of refused) {
      const wrong = [
        ...NOT_OPTIONS,
        ...Object.entries({ timeoutMs: NOT_TIMEOUTS, ...options }).flatMap(([key, all]) =>
          all.map((value) => ({ [key]: value })),
        ),
      ];
      for (const given of wrong) {
        const call = async () => of[name](...values, given);
        await assert.rejects(call, sdk.ValidationError, `${name} ${assert.show(given)}`);
      }
    }
    assert.equal(stub.calls.length, before);
    for (const name of ["get", "remove"]) {
      for (const value of ["", 5, null, "x".repeat(300)]) {
        await assert.rejects(() => sandbox.processes[name](value), sdk.ValidationError, `${name} ${value}`);
      }
    }
    assert.equal(calls.length, 0);
  });
}
