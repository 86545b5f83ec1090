// Terminals that have a name, on the local server: by each tool that the machine has, and by none.

import { eventually, liveSandbox } from "../support/live.mjs";
import { outcome } from "../support/sessions.mjs";
import { stubbedSandbox } from "../support/stub-fetch.mjs";
import { NOT_STRINGS } from "../support/wrong-values.mjs";

/** @typedef {import("../support/types.d.ts").Ctx} Ctx */

const needs = "websocket";
const TOOLS = ["tmux", "python3"];

/** A directory with all of the machine's programs but those, as the only one in which programs are looked for. */
const BIN = "/tmp/some-tools";
/** @param {any} sandbox @param {string[]} without */
async function keepFrom(sandbox, without) {
  const script = `mkdir -p ${BIN} && cd ${BIN} || exit
    for d in /usr/local/bin /usr/bin /bin; do ln -s $d/* . 2>/dev/null; done
    rm -f -- "$@"`;
  const path = { PATH: "/usr/local/bin:/usr/bin:/bin" };
  const { exitCode, stderr } = await sandbox.commands.run("/bin/sh", {
    args: ["-c", script, "sh", ...without],
    env: path,
  });
  if (exitCode !== 0) throw new Error(stderr);
}

/** A sandbox that has no other of the tools than that. @type {(ctx: Ctx, tool?: string) => Promise<any>} */
async function sandboxWith(ctx, tool) {
  const sandbox = await liveSandbox(ctx, { envVars: { PATH: BIN } });
  await keepFrom(
    sandbox,
    TOOLS.filter((other) => other !== tool),
  );
  return sandbox;
}

/** A look at a terminal: what it has shown, as text. @type {(ctx: Ctx, sandbox: any, options: object) => Promise<any>} */
async function look(ctx, sandbox, options) {
  const decoder = new TextDecoder();
  const shown = { text: "" };
  const session = await sandbox.terminal({
    ...options,
    onData: (/** @type {Uint8Array} */ data) => (shown.text += decoder.decode(data, { stream: true })),
  });
  ctx.defer(() => session.close());
  const shows = (/** @type {RegExp} */ pattern) =>
    eventually(() => pattern.test(shown.text), `${pattern} on the terminal`);
  return { session, shown, shows };
}

/** @type {(sandbox: any) => Promise<string[]>} */
const namesOf = async (sandbox) => (await sandbox.terminals.list()).map(({ name }) => name);

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  for (const tool of TOOLS) {
    /** @type {(name: string, body: (ctx: Ctx, sandbox: any) => Promise<void>) => void} */
    const with_ = (name, body) =>
      test(`${tool}: ${name}`, { needs, timeoutMs: 60_000 }, async (ctx) => {
        const sandbox = await sandboxWith(ctx, tool);
        const { stdout } = await sandbox.commands.run(`command -v ${tool}`);
        if (!stdout) return console.log(`# skipped: this machine has no ${tool}`);
        await body(ctx, sandbox);
      });

    with_(
      "whoever opens the name again has its screen, what was above it, and goes on",
      async (ctx, sandbox) => {
        const { assert } = ctx;
        const name = `it's "a" $(name) ✨; \\n é`;
        const before = await look(ctx, sandbox, { name, cols: 90, rows: 20 });
        // The line that became the viewer is nobody's to see.
        assert.excludes(before.shown.text, "exec");
        before.session.write("stty size; echo first $((40 + 2))\r");
        await before.shows(/20 90\r\n[\s\S]*first 42/);
        // Of much at once tmux shows whoever looks the end.
        before.session.write("seq 1000 1060; x=kept\r");
        await before.shows(/1060/);
        await before.session.close();
        const [{ viewers, ...info }, ...more] = await sandbox.terminals.list();
        assert.deepEqual([info.name, info.cols, info.rows, more.length], [name, 90, 20, 0]);
        assert.ok(info.createdAt instanceof Date && info.pid > 1);
        await eventually(async () => (await sandbox.terminals.list())[0].viewers === 0, "the viewer gone");
        const again = await look(ctx, sandbox, { name, cols: 90, rows: 20 });
        await again.shows(/first 42\r\n[\s\S]*1000\r\n[\s\S]*1060/);
        again.session.write("echo $x $((50 + 1))\r");
        await again.shows(/kept 51/);
        again.session.write("exit\r");
        assert.equal((await again.session.wait()).code, 1000);
        await eventually(async () => (await namesOf(sandbox)).length === 0, "its end");
      },
    );

    with_("two look at it, and it has the size of who came, typed or resized last", async (ctx, sandbox) => {
      const one = await look(ctx, sandbox, { name: "two", cols: 80, rows: 24 });
      one.session.write("trap 'echo now $(stty size)' WINCH; echo trapped $((1 + 1))\r");
      await one.shows(/trapped 2/);
      const other = await look(ctx, sandbox, { name: "two", cols: 100, rows: 40 });
      await one.shows(/now 40 100/);
      other.session.resize(101, 41);
      await one.shows(/now 41 101/);
      one.session.resize(70, 20);
      await other.shows(/now 20 70/);
      other.session.write("echo both $((2 + 3))\r");
      await Promise.all([
        one.shows(/both 5/),
        other.shows(/both 5/),
        one.shows(/now 41 101[\s\S]*now 41 101/),
      ]);
      const [{ viewers }] = await sandbox.terminals.list();
      ctx.assert.equal(viewers, 2);
      await sandbox.terminals.kill("two");
      ctx.assert.deepEqual(await namesOf(sandbox), []);
      const ends = await Promise.all([one.session.wait(), other.session.wait()]);
      ctx.assert.deepEqual(
        ends.map(({ code }) => code),
        [1000, 1000],
      );
    });

    with_("a program that fills the screen is there again", async (ctx, sandbox) => {
      const name = "full";
      // Its screen is the other one, drawn anew at each change of size.
      const program = `printf '\\033[?1049h'; trap : WINCH
        while :; do printf '\\033[H\\033[2Jsize %s' "$(stty size)"; sleep 3600 & wait $!; done`;
      const before = await look(ctx, sandbox, { name });
      before.session.write("echo above $((6 * 7))\r");
      await before.shows(/above 42/);
      await sandbox.files.write("/tmp/full.sh", program);
      before.session.write("sh /tmp/full.sh\r");
      await before.shows(/size 24 80/);
      await before.session.close();
      const again = await look(ctx, sandbox, { name, cols: 100, rows: 30 });
      await again.shows(/size 30 100/);
      again.session.kill("SIGINT");
      again.session.write("printf '\\033[?1049l'; echo out $((6 * 8))\r");
      await again.shows(/out 48/);
    });

    with_("it is killed and signalled by its name, and made anew", async (ctx, sandbox) => {
      const { assert } = ctx;
      const { session, shows } = await look(ctx, sandbox, { name: "a" });
      // What JavaScript takes for a line's end is none elsewhere.
      const other = "b\u2028c";
      await look(ctx, sandbox, { name: other });
      assert.deepEqual(await namesOf(sandbox), ["a", other]);
      session.write("sh -c 'echo sleeps $((1 + 1)); exec sleep 600'\r");
      await shows(/sleeps 2/);
      session.kill("SIGINT");
      session.write("echo back $((1 + 2))\r");
      await shows(/back 3/);
      await sandbox.terminals.kill("a");
      await sandbox.terminals.kill("a");
      await session.closed;
      assert.deepEqual(await namesOf(sandbox), [other]);
      const anew = await look(ctx, sandbox, { name: "a" });
      anew.session.write("echo new $((2 + 2))\r");
      await anew.shows(/new 4/);
      assert.excludes(anew.shown.text, "sleeps");
    });

    with_("ten open one name at once, and it is one terminal", async (ctx, sandbox) => {
      const all = await Promise.all(Array.from({ length: 10 }, () => look(ctx, sandbox, { name: "one" })));
      all[3].session.write("echo all $((3 * 3))\r");
      await Promise.all(all.map(({ shows }) => shows(/all 9/)));
      const [{ viewers }, ...more] = await sandbox.terminals.list();
      ctx.assert.deepEqual([viewers, more.length], [10, 0]);
    });

    with_("it goes on where a sandbox was paused", async (ctx, sandbox) => {
      const before = await look(ctx, sandbox, { name: "night" });
      before.session.write("echo before $((5 * 5)); x=slept\r");
      await before.shows(/before 25/);
      await sandbox.pause();
      const again = await look(ctx, sandbox, { name: "night" });
      await again.shows(/before 25/);
      again.session.write("echo $x $((5 * 6))\r");
      await again.shows(/slept 30/);
    });
  }

  test("where neither tool is, it says so", { needs }, async (ctx) => {
    const { sdk, assert } = ctx;
    const sandbox = await sandboxWith(ctx);
    const error = await assert.rejects(sandbox.terminal({ name: "x" }), sdk.SandboxError);
    assert.deepEqual([error.code, error.operation], ["tool_missing", "Sandbox.terminal"]);
    for (const tool of TOOLS) assert.ok(error.message.includes(tool), error.message);
    assert.deepEqual(await sandbox.terminals.list(), []);
    // Without a name it needs none.
    const { session, shows } = await look(ctx, sandbox, {});
    session.write("echo plain $((4 + 4))\r");
    await shows(/plain 8/);
  });

  test("names that are none are refused before anything is sent", async (ctx) => {
    const { sdk, assert } = ctx;
    const { sandbox, calls } = await stubbedSandbox(ctx, () => new Response());
    for (const name of [
      ...NOT_STRINGS.filter((one) => one !== undefined),
      "",
      " ",
      "x".repeat(65),
      "a\nb",
      "\0",
      "\x1b",
    ]) {
      const shown = assert.show(name);
      await assert.rejects(() => sandbox.terminal({ name }), sdk.ValidationError, shown);
      await assert.rejects(() => sandbox.terminals.kill(name), sdk.ValidationError, shown);
    }
    assert.equal(calls.length, 0);
  });

  test("an abort ends the look, not the terminal", { needs, timeoutMs: 40_000 }, async (ctx) => {
    const { sdk, assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    const { stdout } = await sandbox.commands.run(TOOLS.map((tool) => `command -v ${tool}`).join("; "));
    if (!stdout) return console.log("# skipped: this machine has neither tool");
    const controller = new AbortController();
    const { session, shows } = await look(ctx, sandbox, { name: "x", signal: controller.signal });
    session.write("echo up $((1 + 1))\r");
    await shows(/up 2/);
    controller.abort();
    const error = await assert.rejects(session.wait(), sdk.SandboxError);
    assert.equal(error.code, "aborted");
    const early = AbortSignal.abort();
    const refused = await outcome(sandbox.terminal({ name: "y", signal: early }));
    assert.equal(refused.code, "aborted");
    assert.deepEqual(await namesOf(sandbox), ["x"]);
  });
}
