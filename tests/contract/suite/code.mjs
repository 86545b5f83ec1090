// Code that keeps its state from one run to the next, on the local server.

import { EVENT_STREAM, event, json, wireSandbox } from "../support/fixtures.mjs";
import { eventually, liveSandbox } from "../support/live.mjs";
import { stubbedSandbox } from "../support/stub-fetch.mjs";

/** @typedef {import("../support/types.d.ts").Ctx} Ctx */

/** What each language says for the same. */
const LANGUAGES = [
  {
    language: "python",
    program: "python3",
    set: "x = 20\nprint('out', x)\nimport sys; print('é✨', file=sys.stderr)",
    get: "x + 1",
    loop: "print('begun', flush=True)\nwhile True: pass",
    fails: "def f():\n  raise ValueError('bad')\nf()",
    error: "ValueError",
    die: "import os; os._exit(3)",
    kill: "import os, signal; os.kill(os.getppid(), signal.SIGKILL); input()",
    env: "import os; print(os.environ.get('A'), os.getcwd())",
    many: "print('x' * 3000000)",
  },
  {
    language: "javascript",
    program: "node",
    set: "const x = 20; console.log('out', x); console.error('é✨')",
    get: "x + 1",
    loop: "console.log('begun'); while (true);",
    fails: "function f() {\n  throw new TypeError('bad')\n}\nf()",
    error: "TypeError",
    die: "process.exit(3)",
    kill: "process.kill(process.ppid, 'SIGKILL'); await new Promise(() => {})",
    env: "console.log(process.env.A, process.cwd())",
    many: "console.log('x'.repeat(3000000))",
  },
  {
    language: "bash",
    program: "bash",
    set: "x=20; echo out $x; echo é✨ >&2",
    get: "echo $((x+1))",
    loop: "echo begun; while :; do :; done",
    fails: "f() { return 4; }\nf",
    error: "ExitStatus",
    die: "exit 3",
    kill: "kill -KILL $(tail -1 ~/.superserve/code/bash/pid | cut -d' ' -f1); sleep 1000",
    env: 'echo "$A $PWD"',
    many: "head -c 3000000 /dev/zero | tr '\\0' x",
  },
];

/** The languages that this sandbox has programs for; which others are passed over is said aloud. @param {any} sandbox @param {Ctx} ctx */
async function found(sandbox, ctx) {
  const all = [];
  for (const one of LANGUAGES) {
    const { error, stdout } = await sandbox.code
      .run(one.env, { language: one.language })
      .catch((/** @type {any} */ error) => ({ error }));
    if (error?.code === "tool_missing") console.log(`  passed over: ${one.language}, which is not there`);
    else all.push(one);
    if (error && error.code !== "tool_missing")
      ctx.assert.equal(error, undefined, `${one.language} ${stdout} ${error.message}`);
  }
  return all;
}

/** That work fails with an error that has those members. @param {Ctx["assert"]} assert @param {Promise<any>} work @param {object} members */
async function fails(assert, work, members) {
  const error = await work.then(
    () => ({ name: "no error" }),
    (error) => error,
  );
  const found = Object.fromEntries(Object.keys(members).map((name) => [name, error[name]]));
  assert.deepEqual(found, members, error.message);
}

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("state is kept, output and results come as they are made, and errors are told", {
    timeoutMs: 60_000,
  }, async (ctx) => {
    const { assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    for (const { language, set, get, fails: bad, error: name, env, many } of await found(sandbox, ctx)) {
      /** @type {any[]} */
      const told = [];
      const first = await sandbox.code.run(set, {
        language,
        onStdout: (/** @type {string} */ text) => told.push(["stdout", text]),
        onStderr: (/** @type {string} */ text) => told.push(["stderr", text]),
      });
      assert.deepEqual(first, { context: language, stdout: "out 20\n", stderr: "é✨\n", results: [] });
      const join = (/** @type {string} */ of) =>
        told
          .filter(([stream]) => stream === of)
          .map(([, text]) => text)
          .join("");
      assert.deepEqual([join("stdout"), join("stderr")], ["out 20\n", "é✨\n"]);
      /** @type {any[]} */
      const results = [];
      const second = await sandbox.code.run(get, {
        context: language,
        onResult: (/** @type {any} */ one) => results.push(one),
      });
      assert.deepEqual(second.results, results);
      assert.equal(language === "bash" ? second.stdout : second.results[0]["text/plain"] + "\n", "21\n");
      const { error, stdout } = await sandbox.code.run(bad, { language });
      assert.equal(error.name, name);
      assert.equal(stdout, "");
      if (language !== "bash") {
        assert.equal(error.message, "bad");
        assert.match(
          error.traceback,
          language === "python" ? /line 2, in f[\s\S]*raise ValueError/ : /at f \(run-\d+\.js:2:/,
        );
      }
      assert.equal(
        (await sandbox.code.run(env, { language, cwd: "/usr", env: { A: "a 'b' \\0101 $x" } })).stdout,
        "a 'b' \\0101 $x /usr\n",
      );
      const after = (await sandbox.code.run(env, { language })).stdout;
      assert.ok(!after.includes("/usr") && !after.includes("'b'"), after);
      assert.equal((await sandbox.code.run(many, { language })).stdout.trim().length, 3_000_000);
    }
  });

  test("rich results have the forms that the language gives them", async (ctx) => {
    const { assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    const languages = (await found(sandbox, ctx)).map(({ language }) => language);
    if (languages.includes("python")) {
      const source = [
        "class Rich:",
        "  def __repr__(self): return 'rich'",
        "  def _repr_html_(self): return '<b>rich</b>'",
        "  def _repr_png_(self): return b'\\x89PNG'",
        "  def _repr_svg_(self): raise ValueError",
        "display(Rich(), 1)",
        "import asyncio",
        "await asyncio.sleep(0)",
        "[1, {'a': None, 'b': 'é✨'}]",
      ].join("\n");
      const { results, error } = await sandbox.code.run(source, { language: "python" });
      assert.equal(error, undefined);
      assert.deepEqual(results, [
        { "text/plain": "rich", "text/html": "<b>rich</b>", "image/png": "iVBORw==" },
        { "text/plain": "1" },
        { "text/plain": "[1, {'a': None, 'b': 'é✨'}]", "application/json": [1, { a: null, b: "é✨" }] },
      ]);
      const odd = await sandbox.code.run("[float('nan')]", { language: "python" });
      assert.deepEqual(odd.results, [{ "text/plain": "[nan]" }]);
    }
    if (languages.includes("javascript")) {
      const source = [
        "const a = await Promise.resolve(1)",
        "const { EOL } = require('os')",
        "display({ [Symbol.for('Jupyter.display')]: () => ({ 'text/html': '<b>é✨</b>' }) })",
        "const { sep } = await import('path');",
        "({ a, EOL, sep })",
      ].join("\n");
      for (let i = 0; i < 2; i++) {
        const { results, error, stderr } = await sandbox.code.run(source, { language: "javascript" });
        assert.deepEqual([error, stderr], [undefined, ""]);
        assert.equal(results[0]["text/html"], "<b>é✨</b>");
        assert.deepEqual(results[1]["application/json"], { a: 1, EOL: "\n", sep: "/" });
      }
    }
  });

  test("what runs is interrupted, by whoever asks, and the state is kept", {
    timeoutMs: 60_000,
  }, async (ctx) => {
    const { assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    for (const [at, { language, set, get, loop }] of (await found(sandbox, ctx)).entries()) {
      await sandbox.code.run(set, { language });
      const is21 = async () => {
        const { results, stdout, error } = await sandbox.code.run(get, { language });
        assert.equal(error, undefined);
        assert.equal(stdout || `${results[0]["text/plain"]}\n`, "21\n", language);
      };
      /** @param {object} options */
      const looping = (options) => {
        let run;
        const begun = new Promise((resolve) => {
          run = sandbox.code.run(loop, { language, onStdout: resolve, ...options });
          run.catch(resolve);
        });
        return { begun, run };
      };
      const asked = looping({});
      await asked.begun;
      const status = async () => (await sandbox.code.contexts()).find(({ id }) => id === language)?.status;
      assert.equal(await status(), "running");
      await sandbox.code.interrupt(language);
      const { error, stdout } = await asked.run;
      assert.deepEqual([error.name, stdout], ["Interrupted", "begun\n"]);
      await is21();
      // How a run is given up is the same in every language.
      if (at > 0) continue;
      const own = new AbortController();
      const aborted = looping({ signal: own.signal });
      await aborted.begun;
      own.abort(new Error("enough"));
      await fails(assert, aborted.run, { code: "aborted", operation: "Code.run" });
      await is21();
      await fails(assert, looping({ timeoutMs: 300 }).run, {
        name: "TimeoutError",
        code: "timeout",
        operation: "Code.run",
      });
      await is21();
      const thrown = new Error("mine");
      const failed = sandbox.code.run(loop, {
        language,
        onStdout() {
          throw thrown;
        },
      });
      assert.equal(await failed.catch((/** @type {any} */ error) => error), thrown);
      await is21();
      await eventually(async () => (await status()) === "idle", "nothing runs");
    }
  });

  test("a context whose process dies ends its run, and begins anew", { timeoutMs: 60_000 }, async (ctx) => {
    const { assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    for (const [at, { language, set, die, kill, env }] of (await found(sandbox, ctx)).entries()) {
      await sandbox.code.run(set, { language });
      const { error } = await sandbox.code.run(die, { language });
      assert.equal(error.name, "ContextEnded");
      assert.match(error.message, /exit code 3/);
      assert.equal((await sandbox.code.run(env, { language })).error, undefined);
      // The native tests kill the drivers of the others.
      if (at > 0) continue;
      assert.equal((await sandbox.code.run(kill, { language })).error.name, "ContextEnded");
      assert.equal((await sandbox.code.run(env, { language })).error, undefined);
    }
  });

  test("contexts are apart, found by others, listed, restarted and removed", async (ctx) => {
    const { assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    const other = ctx.relay
      ? sandbox
      : await ctx.sdk.Sandbox.connect(sandbox.id, { baseUrl: ctx.baseUrl, apiKey: ctx.apiKey });
    const say = "echo ${x-none}";
    await sandbox.code.run("x=1", { language: "bash" });
    await sandbox.code.run("x=2", { language: "bash", context: "two.of-it" });
    const said = async (/** @type {string} */ context) => (await other.code.run(say, { context })).stdout;
    assert.deepEqual([await said("bash"), await said("two.of-it")], ["1\n", "2\n"]);
    const all = await Promise.all(
      ["1", "2", "3"].map((n) => other.code.run(`x=$((x+${n}))`, { context: "bash" })),
    );
    assert.ok(all.every(({ error }) => !error));
    assert.equal(await said("bash"), "7\n");
    await eventually(
      async () => (await other.code.contexts()).every((/** @type {any} */ one) => one.status === "idle"),
      "both wait",
    );
    const listed = (await other.code.contexts()).sort((/** @type {any} */ a, /** @type {any} */ b) =>
      a.id < b.id ? -1 : 1,
    );
    assert.deepEqual(
      listed.map(({ id, language }) => [id, language]),
      [
        ["bash", "bash"],
        ["two.of-it", "bash"],
      ],
    );
    assert.ok(listed.every(({ startedAt }) => startedAt instanceof Date && startedAt.getTime() > 1e12));
    await fails(assert, other.code.run("1", { language: "python", context: "two.of-it" }), {
      name: "ConflictError",
      code: "other_language",
      operation: "Code.run",
    });
    const looping = sandbox.code.run("while :; do sleep 1; done", { context: "two.of-it" });
    await eventually(
      async () => (await other.code.contexts()).some((/** @type {any} */ one) => one.status === "running"),
      "it runs",
    );
    await other.code.restart("two.of-it");
    assert.equal((await looping).error.name, "ContextEnded");
    assert.deepEqual(
      (await other.code.contexts()).filter((/** @type {any} */ one) => one.id !== "bash"),
      [{ id: "two.of-it", language: "bash", status: "stopped" }],
    );
    assert.equal(await said("two.of-it"), "none\n");
    await other.code.remove("two.of-it");
    await other.code.remove("bash");
    assert.deepEqual(await sandbox.code.contexts(), []);
    for (const work of ["restart", "interrupt", "remove"]) {
      await fails(assert, sandbox.code[work]("bash"), {
        name: "NotFoundError",
        code: "not_found",
        operation: `Code.${work}`,
      });
    }
    await fails(assert, sandbox.code.run("1", { context: "bash" }), {
      name: "NotFoundError",
      operation: "Code.run",
    });
    await fails(assert, sandbox.code.run("1", { language: "bash", cwd: "/no/such" }), {
      name: "NotFoundError",
      code: "not_found",
      operation: "Code.run",
    });
    await sandbox.code.remove("bash");
    if (!ctx.relay) {
      assert.equal((await sandbox.commands.run("ls -A ~/.superserve/code")).stdout, "");
      const find = "grep -lz 'superserve/code' /proc/[0-9]*/cmdline 2>/dev/null | grep -v self";
      await eventually(
        async () => !(await sandbox.commands.run(`${find} || true`)).stdout.includes("/driver."),
        "no process of it",
      );
    }
  });

  test("a run that is cut off is interrupted, but no sandbox that was paused is resumed for that", async (ctx) => {
    const { assert, sdk } = ctx;
    for (const status of ["active", "paused"]) {
      const { sandbox, calls } = await stubbedSandbox(ctx, ({ path, method }) => {
        if (method === "GET") return json(200, wireSandbox({ status }));
        if (path !== "/exec/stream") return json(200, { stdout: "", stderr: "", exit_code: 0 });
        return new Response(event({ stdout: '{"begin": true}\n' }), { headers: EVENT_STREAM });
      });
      const run = sandbox.code.run("1", { language: "bash" });
      const error = await assert.rejects(run, sdk.SandboxError);
      assert.equal(error.code, "stream_ended");
      const sent = calls.filter(({ method }) => method === "POST").map(({ path }) => path);
      assert.deepEqual(sent, ["/exec/stream", ...(status === "active" ? ["/exec"] : [])], status);
    }
  });

  test("what cannot be is refused before anything is sent", async (ctx) => {
    const { assert, sdk } = ctx;
    const { sandbox, calls } = await stubbedSandbox(ctx, () => new Response("{}"));
    /** @type {any[]} */
    const wrong = [
      [5, { language: "bash" }],
      ["1"],
      ["1", {}],
      ["1", { language: "ruby" }],
      ["1\0", { language: "bash" }],
      ["x".repeat(1_000_001), { language: "bash" }],
      ["é".repeat(500_001), { language: "bash" }],
      ...["", "a/b", ".a", "a b", "x".repeat(65), 5].map((context) => ["1", { context }]),
      ["1", { language: "bash", cwd: "tmp" }],
      ...[{ "": "x" }, { "a=b": "x" }, { a: "x\0" }, { a: 5 }].map((env) => ["1", { language: "bash", env }]),
      ["1", { language: "bash", onResult: 5 }],
      ["1", { language: "bash", timeoutMs: -1 }],
    ];
    for (const values of wrong) {
      const shown = JSON.stringify(values).slice(0, 100);
      await assert.rejects(() => sandbox.code.run(...values), sdk.ValidationError, shown);
    }
    for (const name of ["restart", "interrupt", "remove"]) {
      for (const value of ["", 5, null, "x".repeat(300)]) {
        await assert.rejects(() => sandbox.code[name](value), sdk.ValidationError, `${name} ${value}`);
      }
    }
    assert.equal(calls.length, 0);
  });
}
