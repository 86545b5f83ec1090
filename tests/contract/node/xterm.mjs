// `@superserve/sdk/xterm` with the real xterm.js, without a screen: on the local server, and over sessions that a test ends.

import headless from "@xterm/headless";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

import { eventually, liveSandbox } from "../support/live.mjs";
import { quickTimers } from "../support/quick-timers.mjs";
import { virtualTime } from "../support/virtual-time.mjs";

const needs = "websocket";

/** The entry in the form in which the package under test was loaded. */
async function entryOf({ sdkPath }) {
  if (sdkPath.endsWith(".cjs")) return createRequire(sdkPath)("@superserve/sdk/xterm");
  return import(pathToFileURL(join(dirname(sdkPath), "node_modules/@superserve/sdk/dist/xterm.js")).href);
}

/** A terminal with an addon, what it shows line by line, and the statuses that there were. */
async function shown(ctx, sandbox, options = {}) {
  const { SandboxAddon } = await entryOf(ctx);
  const terminal = new headless.Terminal({ cols: 90, rows: 24, allowProposedApi: true, scrollback: 1000 });
  const events = [];
  const addon = new SandboxAddon(sandbox, { ...options, onStatus: (event) => events.push(event) });
  terminal.loadAddon(addon);
  ctx.defer(() => terminal.dispose());
  const lines = () => {
    const { active } = terminal.buffer;
    return Array.from({ length: active.length }, (_, i) => active.getLine(i).translateToString(true));
  };
  return {
    terminal,
    addon,
    events,
    lines,
    /** Types as a person does. */
    type: (text) => terminal.input(text),
    statuses: () => events.map(({ status }) => status),
    shows: (pattern) => eventually(() => pattern.test(lines().join("\n")), `${pattern} on the terminal`),
    is: (status) => eventually(() => addon.status === status, `status ${status}`),
  };
}

/** The sockets that are opened until the test ends. */
function sockets(ctx) {
  const before = globalThis.WebSocket;
  const all = [];
  globalThis.WebSocket = class extends before {
    constructor(...given) {
      super(...given);
      all.push(this);
    }
  };
  ctx.defer(() => (globalThis.WebSocket = before));
  return all;
}

/** A terminal that shows nothing until it is told to. */
function slowTerminal() {
  const listeners = {};
  const on = (name) => (listener) => {
    listeners[name] = listener;
    return { dispose: () => delete listeners[name] };
  };
  const waiting = [];
  return {
    cols: 80,
    rows: 24,
    written: [],
    write(data, callback) {
      this.written.push(data);
      waiting.push(callback);
    },
    show() {
      for (const callback of waiting.splice(0)) callback?.();
    },
    onData: on("data"),
    onBinary: on("binary"),
    onResize: on("resize"),
    listeners,
  };
}

/** A sandbox whose sessions a test ends. */
function fakeSandbox(status = "active") {
  const opened = [];
  const sandbox = {
    status,
    looks: 0,
    opened,
    async getInfo() {
      sandbox.looks += 1;
      return { status: sandbox.status };
    },
    async terminal(options) {
      let end;
      let fail;
      const over = new Promise((resolve, reject) => ([end, fail] = [resolve, reject]));
      over.catch(() => {});
      const session = {
        options,
        end,
        fail,
        written: [],
        sizes: [],
        isClosed: false,
        write: (data) => session.written.push(data),
        resize: (...size) => session.sizes.push(size),
        wait: () => over,
        async close() {
          session.isClosed = true;
          fail(new Error("closed"));
        },
      };
      options.signal.addEventListener("abort", () => session.close());
      opened.push(session);
      return session;
    },
  };
  return sandbox;
}

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("keys, the size and the end of a shell", { needs }, async (ctx) => {
    const { assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    const { terminal, type, shows, is, addon, events, statuses } = await shown(ctx, sandbox);
    await is("connected");
    type("stty size; echo $((40 + 2)) é漢\r");
    await shows(/24 90\n42 é漢/);
    terminal.resize(100, 30);
    type("stty size\r");
    await shows(/30 100/);
    type("exit\r");
    await is("closed");
    assert.equal(events.at(-1).reason, "shell exited");
    assert.deepEqual(statuses(), ["connecting", "connected", "closed"]);
    addon.reconnect();
    await is("connected");
    type("echo again $((1 + 1))\r");
    await shows(/again 2/);
    addon.dispose();
    assert.equal(addon.status, "closed");
    const { stdout } = await sandbox.commands.run("pgrep -x bash | wc -l");
    if (stdout.trim() !== "0") {
      const none = async () => (await sandbox.commands.run("pgrep -x bash | wc -l")).stdout.trim() === "0";
      await eventually(none, "the end of the shell");
    }
  });

  test("the screen is there again after each of three lost connections", {
    needs,
    timeoutMs: 60_000,
  }, async (ctx) => {
    const { assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    const { stdout } = await sandbox.commands.run("for t in tmux python3 vim; do command -v $t; done");
    if (!/tmux|python3/.test(stdout))
      return console.log("# skipped: this machine has neither tmux nor python3");
    const all = sockets(ctx);
    quickTimers(ctx, 5);
    const { type, shows, is, lines, statuses } = await shown(ctx, sandbox, { name: "kept" });
    await is("connected");
    type("x=kept; seq 500 540; echo $((6 * 7)) above\r");
    await shows(/42 above\n.*[$#] ?$/m);
    const hasVim = stdout.includes("vim");
    if (!hasVim) console.log("# without vim: this machine has none");
    for (let times = 1; times <= 3; times++) {
      const before = lines().join("\n").trimEnd();
      const count = statuses().filter((status) => status === "connected").length;
      all.at(-1).close();
      await eventually(
        () => statuses().filter((status) => status === "connected").length > count,
        "a connection",
      );
      // What is above the screen is there too.
      await eventually(
        () => lines().join("\n").trimEnd() === before,
        `the same: ${before}\n--\n${lines().join("\n")}`,
      );
      type(`echo $x $((100 + ${times}))\r`);
      await shows(new RegExp(`kept ${100 + times}\\n.*[$#] ?$`, "m"));
    }
    if (hasVim) {
      type("vim -u NONE /etc/passwd\r");
      await shows(/root:x?:0:0[\s\S]*passwd/);
      const before = lines().slice(-24).join("\n");
      const count = all.length;
      all.at(-1).close();
      await eventually(() => all.length > count, "another connection");
      await is("connected");
      await eventually(() => lines().slice(-24).join("\n") === before, "the same file");
      type(":q\r");
      await shows(/kept 103/);
    }
    assert.ok(!statuses().includes("closed"));
  });

  test("a sandbox that sleeps is resumed by what is typed, and by nothing else", {
    needs,
    timeoutMs: 60_000,
  }, async (ctx) => {
    const sandbox = await liveSandbox(ctx);
    const all = sockets(ctx);
    const { type, shows, is } = await shown(ctx, sandbox);
    await is("connected");
    await sandbox.pause();
    // The service may cut it by itself, or not.
    all.at(-1).close();
    await is("paused");
    type("x");
    await is("connected");
    type("echo $((30 + 3)) awake\r");
    await shows(/33 awake/);
  });

  /** An addon on a sandbox and a terminal that are the test's, at a time that is too. */
  async function staged(ctx, options, status) {
    const clock = virtualTime(ctx);
    const { SandboxAddon } = await entryOf(ctx);
    const [sandbox, terminal] = [fakeSandbox(status), slowTerminal()];
    const events = [];
    const addon = new SandboxAddon(sandbox, { ...options, onStatus: (event) => events.push(event) });
    ctx.defer(() => addon.dispose());
    addon.activate(terminal);
    await clock.advance(0);
    const statuses = () => events.splice(0).map(({ status }) => status);
    return { clock, sandbox, terminal, addon, events, statuses, last: () => sandbox.opened.at(-1) };
  }

  test("a connection that is lost is tried again, ever more seldom, and what is typed meanwhile is sent", async (ctx) => {
    const { assert } = ctx;
    const { clock, sandbox, terminal, statuses, last } = await staged(ctx, { name: "x" });
    const { name, cols, rows } = last().options;
    assert.deepEqual([name, cols, rows, ...statuses()], ["x", 80, 24, "connecting", "connected"]);
    const { getInfo } = sandbox;
    sandbox.getInfo = async () => {
      sandbox.looks += 1;
      throw new TypeError("no network");
    };
    sandbox.looks = 0;
    last().fail(new Error("lost"));
    await clock.advance(0);
    assert.deepEqual(statuses(), ["reconnecting"]);
    terminal.listeners.data("ls\r");
    terminal.listeners.data("\x1b[?1;2c");
    // Three quarters of half a second, of one, of two … with what chance is here.
    for (const [i, ms] of [375, 750, 1500, 3000, 6000, 11_250, 11_250].entries()) {
      await clock.advance(ms - 1);
      assert.equal(sandbox.looks, i);
      await clock.advance(1);
      assert.equal(sandbox.looks, i + 1);
    }
    sandbox.getInfo = getInfo;
    terminal.cols = 100;
    await clock.advance(11_250);
    assert.deepEqual(statuses(), ["connected"]);
    assert.deepEqual([last().options.cols, ...last().written], [100, "ls\r"]);
    terminal.listeners.data("\x1b[200~pasted\x1b[201~");
    terminal.listeners.binary("\x1b[M\xff\x80!");
    terminal.listeners.resize({ cols: 70, rows: 20 });
    assert.deepEqual(last().written.slice(1), [
      "\x1b[200~pasted\x1b[201~",
      Uint8Array.of(27, 91, 77, 255, 128, 33),
    ]);
    assert.deepEqual(last().sizes, [[70, 20]]);
  });

  test("another attempt is made at once when somebody says so", async (ctx) => {
    const { clock, sandbox, addon, last } = await staged(ctx, {});
    last().fail(new Error("lost"));
    await clock.advance(0);
    addon.reconnect();
    await clock.advance(0);
    ctx.assert.deepEqual([sandbox.opened.length, addon.status], [2, "connected"]);
  });

  test("a shell that was lost leaves nothing to the next: neither keys nor modes", async (ctx) => {
    const { assert } = ctx;
    const { clock, terminal, last } = await staged(ctx, {});
    last().fail(new Error("lost"));
    await clock.advance(0);
    terminal.listeners.data("rm -rf x");
    await clock.advance(60_000);
    assert.deepEqual(last().written, []);
    for (const part of ["\x1b[?1049l", "\x1b[!p", "2004l"])
      assert.ok(terminal.written.join("").includes(part), part);
  });

  test("no time and no terminal's own words resume a sandbox, a key does", async (ctx) => {
    const { assert } = ctx;
    const { clock, sandbox, terminal, addon, statuses, last } = await staged(ctx, { name: "x" });
    sandbox.status = "paused";
    last().fail(new Error("lost"));
    await clock.advance(3_600_000);
    assert.deepEqual(statuses(), ["connecting", "connected", "reconnecting", "paused"]);
    // It looks ever more seldom.
    assert.within(sandbox.looks, 100, 300);
    for (const own of [
      "\x1b[I",
      "\x1b[O",
      "\x1b[?1;2c",
      "\x1b[5;1R",
      "\x1b[<0;1;1M",
      "\x1b]11;rgb:0/0/0\x07",
      "\x1bP>|x\x1b\\",
    ]) {
      terminal.listeners.data(own);
    }
    await clock.advance(60_000);
    assert.deepEqual([sandbox.opened.length, addon.status], [1, "paused"]);
    terminal.listeners.data("\x1b[A");
    await clock.advance(0);
    assert.deepEqual([sandbox.opened.length, addon.status, ...last().written], [2, "connected", "\x1b[A"]);
    // Whoever else resumes it is as good.
    last().fail(new Error("lost"));
    await clock.advance(60_000);
    sandbox.status = "active";
    await clock.advance(60_000);
    assert.deepEqual([sandbox.opened.length, addon.status], [3, "connected"]);
  });

  test("one that sleeps from the beginning is not resumed either", async (ctx) => {
    const { sandbox, addon } = await staged(ctx, {}, "paused");
    ctx.assert.deepEqual([sandbox.opened.length, addon.status], [0, "paused"]);
  });

  test("a ticket that may not look has one connection without being asked", async (ctx) => {
    const { assert } = ctx;
    const { SandboxAddon } = await entryOf(ctx);
    const clock = virtualTime(ctx);
    const sandbox = fakeSandbox();
    sandbox.getInfo = async () => {
      throw Object.assign(new Error("not allowed"), { name: "AuthenticationError", code: "not_allowed" });
    };
    const [addon, terminal] = [new SandboxAddon(sandbox), slowTerminal()];
    ctx.defer(() => addon.dispose());
    addon.activate(terminal);
    await clock.advance(0);
    assert.equal(addon.status, "connected");
    sandbox.opened[0].fail(new Error("lost"));
    await clock.advance(600_000);
    assert.deepEqual([sandbox.opened.length, addon.status], [1, "paused"]);
    terminal.listeners.data("x");
    await clock.advance(0);
    assert.deepEqual([sandbox.opened.length, addon.status], [2, "connected"]);
  });

  test("what another attempt does not help closes it", async (ctx) => {
    const { assert } = ctx;
    const cases = [
      { name: "NotFoundError", statusCode: 404 },
      { name: "AuthenticationError", statusCode: 401 },
      { name: "SandboxError", code: "tool_missing", statusCode: 501 },
      { name: "SandboxError", code: "no_websocket" },
    ];
    for (const fields of cases) {
      const error = Object.assign(new Error("no"), fields);
      const { clock, addon, events, last } = await staged(ctx, { name: "x" });
      last().fail(error);
      await clock.advance(0);
      assert.equal(events.at(-1).error, error);
      assert.equal(addon.status, "closed");
    }
  });

  test("a terminal with a name that falls behind is let go of, and opened again as it is by then", async (ctx) => {
    const { assert } = ctx;
    const { clock, sandbox, terminal, statuses, last } = await staged(ctx, { name: "x" });
    const piece = new Uint8Array(1 << 20);
    for (let i = 0; i < 100; i++) last().options.onData(piece);
    assert.deepEqual([last().isClosed, terminal.written.length], [true, 5]);
    await clock.advance(60_000);
    assert.equal(sandbox.opened.length, 1);
    terminal.listeners.data("\x03");
    terminal.show();
    await clock.advance(0);
    assert.deepEqual([sandbox.opened.length, ...last().written], [2, "\x03"]);
    assert.deepEqual(statuses(), ["connecting", "connected"]);
  });

  test("of a shell that is too fast something is left out, which is said", async (ctx) => {
    const { assert } = ctx;
    const { terminal, last } = await staged(ctx, {});
    const piece = new Uint8Array(1 << 20);
    for (let i = 0; i < 100; i++) last().options.onData(piece);
    assert.deepEqual([last().isClosed, terminal.written.length], [false, 5]);
    terminal.show();
    assert.ok(terminal.written[5].includes("…"));
    last().options.onData(piece);
    assert.equal(terminal.written.length, 7);
  });

  test("the terminal's end is the addon's", async (ctx) => {
    const { assert } = ctx;
    const { clock, terminal, addon, sandbox, events, last } = await staged(ctx, {});
    addon.dispose();
    await clock.advance(600_000);
    assert.deepEqual([last().isClosed, sandbox.opened.length, events.at(-1).status], [true, 1, "closed"]);
    assert.deepEqual([Object.keys(terminal.listeners).length, clock.pending()], [0, 0]);
  });

  test("an idle terminal with a name is opened again, without one it is closed", async (ctx) => {
    const { assert } = ctx;
    for (const [options, status] of [
      [{ name: "x" }, "connected"],
      [{}, "closed"],
    ]) {
      const { clock, addon, events, last } = await staged(ctx, options);
      await clock.advance(600_000);
      last().end({ code: 1000, reason: "idle for too long" });
      await clock.advance(1_000);
      assert.equal(addon.status, status);
      if (status === "closed") assert.equal(events.at(-1).reason, "idle for too long");
    }
  });
}
