// The screen of a sandbox on the local server: a real one where the server's machine has the programs for it, and a clear
// error where it has not. Which of the two it is, the answer to the first screenshot tells: 501 `desktop_unavailable`
// names the program that is missing.

import { eventually, liveSandbox } from "../support/live.mjs";

const DESKTOP = { fromTemplate: "superserve/desktop" };

/** A sandbox with a screen, and its first picture; undefined where there can be none. */
async function screenOf(ctx, options) {
  const sandbox = await liveSandbox(ctx, { ...DESKTOP, ...options });
  const shot = await sandbox.desktop.screenshot().catch((error) => error);
  if (!(shot instanceof Error)) return { sandbox, shot };
  const { assert, sdk } = ctx;
  assert.isError(shot, sdk.ServerError);
  assert.equal(shot.code, "desktop_unavailable", shot.message);
  assert.match(shot.message, /not installed|not running/);
  return undefined;
}

/** The size that a PNG says it has. */
function sizeOf(png) {
  const view = new DataView(png.buffer, png.byteOffset);
  return [view.getUint32(16), view.getUint32(20)];
}

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("a sandbox without a screen says so", async (ctx) => {
    const { sdk, assert } = ctx;
    const { desktop } = await liveSandbox(ctx);
    for (const call of [() => desktop.screenshot(), () => desktop.click(1, 1), () => desktop.write("x")]) {
      const error = await assert.rejects(call, sdk.ServerError);
      assert.equal(error.code, "desktop_unavailable");
      assert.match(error.message, /superserve\/desktop/);
    }
  });

  test("a window is clicked on, typed into and seen", { timeoutMs: 60_000 }, async (ctx) => {
    const { assert } = ctx;
    const screen = await screenOf(ctx, {});
    if (!screen) return;
    const { sandbox, shot } = screen;
    const { desktop, commands } = sandbox;
    assert.deepEqual([...shot.data.subarray(0, 4)], [0x89, 0x50, 0x4e, 0x47], "a PNG");
    assert.deepEqual(sizeOf(shot.data), [shot.width, shot.height]);
    await desktop.resize(1024, 600);
    const resized = await desktop.screenshot();
    assert.deepEqual([resized.width, resized.height], [1024, 600]);
    assert.deepEqual(sizeOf(resized.data), [1024, 600]);

    // xev, of x11-utils, writes down what happens to its window. Without it there is nothing more to see.
    const { exitCode } = await commands.run("command -v xev");
    if (exitCode !== 0) return;
    const start = `(DISPLAY=:0 stdbuf -oL xev -geometry 300x200+100+50 >/tmp/events 2>&1 &)
      until grep -q 'Expose event' /tmp/events; do sleep 0.05; done`;
    await commands.run(start);
    const seen = await desktop.screenshot();
    assert.notEqual(seen.data.length, resized.data.length, "a window shows");
    const happens = (event, ...patterns) =>
      eventually(async () => {
        const filters = patterns.map((one) => `grep -e '${one}'`).join(" | ");
        const find = `grep -A5 '^${event} event' /tmp/events | tr '\\n' ' ' | sed 's/ -- /\\n/g' | ${filters}`;
        return (await commands.run(find)).stdout;
      }, `${event} ${patterns}`);

    await desktop.click(150, 90);
    await happens("ButtonPress", "root:(150,90)", "button 1,");
    await desktop.click(151, 90, { button: "middle" });
    await happens("ButtonPress", "root:(151,90)", "button 2,");
    await desktop.rightClick(152, 90);
    await happens("ButtonPress", "root:(152,90)", "button 3,");
    await desktop.doubleClick(153, 90);
    await happens("ButtonRelease", "root:(153,90)", "button 1,");
    await desktop.moveMouse(160, 120);
    await happens("MotionNotify", "root:(160,120)");
    await desktop.scroll({ dy: 2 });
    await happens("ButtonPress", "root:(160,120)", "button 5,");
    await desktop.drag([170, 100], [180, 140]);
    await happens("MotionNotify", "root:(180,140)", "state 0x100");
    await happens("ButtonRelease", "root:(180,140)", "button 1,");
    await desktop.write("q");
    await happens("KeyPress", "keysym 0x71, q");
    await desktop.press("ctrl+pageup");
    await happens("KeyPress", "state 0x4,", "Prior");
    await desktop.press("ctrl+-");
    await happens("KeyPress", "state 0x4,", "minus");
    await desktop.actions([
      { type: "click", x: 190, y: 100 },
      { type: "press", keys: "enter" },
      { type: "write", text: "z" },
    ]);
    await happens("ButtonPress", "root:(190,100)", "button 1,");
    await happens("KeyPress", "keysym 0xff0d, Return");
    await happens("KeyPress", "keysym 0x7a, z");
    const bad = await assert.rejects(() => desktop.press("NoSuchKey"), ctx.sdk.ValidationError);
    assert.match(bad.message, /NoSuchKey/);
  });

  test("a paused sandbox is woken for its screen", { timeoutMs: 60_000 }, async (ctx) => {
    const screen = await screenOf(ctx, {});
    if (!screen) return;
    const { desktop } = screen.sandbox;
    await screen.sandbox.pause();
    ctx.assert.equal((await desktop.screenshot()).width, screen.shot.width);
  });

  test("the page of the screen", { timeoutMs: 60_000 }, async (ctx) => {
    const { assert } = ctx;
    for (const previewAccess of ["public", "private"]) {
      const sandbox = await liveSandbox(ctx, { ...DESKTOP, previewAccess });
      await sandbox.pause();
      const url = new URL(await sandbox.desktop.getStreamUrl({ viewOnly: true }));
      const { status } = await sandbox.getInfo();
      assert.equal(status, "active", "woken");
      assert.ok(url.host.startsWith(`6080-${sandbox.id}.`), url.host);
      const { ports } = await sandbox.listPreviewPorts();
      assert.deepEqual(
        ports.map(({ port, access }) => [port, access]),
        [[6080, previewAccess]],
      );
      const names = [...url.searchParams.keys()].slice(0, 3);
      assert.deepEqual(names, ["autoconnect", "resize", "view_only"]);
      assert.equal(
        url.searchParams.size ?? [...url.searchParams].length,
        previewAccess === "private" ? 4 : 3,
      );
    }
  });
}
