// The screen of a sandbox: what goes over the wire, and what is refused before.

import { ID, TOKEN, failure, json, wireSandbox } from "../support/fixtures.mjs";
import { stubbedSandbox } from "../support/stub-fetch.mjs";
import { ticketOf, ticketSandbox } from "../support/tickets.mjs";

const SERVICE = "/superserve.boxd.v1.DesktopService";
const done = () => json(200, {});
const pointer = (x, y, action, button) => ({
  x,
  y,
  action: `POINTER_ACTION_${action}`,
  ...(button && { button: `POINTER_BUTTON_${button}` }),
});

/** What a call sends: the method of the service, and its body. */
async function sent(ctx, call) {
  const { sandbox, calls } = await stubbedSandbox(ctx, done);
  ctx.assert.equal(await call(sandbox.desktop), undefined);
  ctx.assert.equal(calls.length, 1, "requests");
  const [{ path, method, json: body, headers }] = calls;
  ctx.assert.equal(method, "POST");
  ctx.assert.equal(headers["x-access-token"], TOKEN);
  ctx.assert.ok(path.startsWith(`${SERVICE}/`), path);
  return [path.slice(SERVICE.length + 1), body];
}

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("the mouse", async (ctx) => {
    const { assert } = ctx;
    const calls = [
      [(desktop) => desktop.click(0, 7), pointer(0, 7, "CLICK")],
      [(desktop) => desktop.click(3, 7, { button: "left" }), pointer(3, 7, "CLICK", "LEFT")],
      [(desktop) => desktop.click(3, 7, { button: "middle" }), pointer(3, 7, "CLICK", "MIDDLE")],
      [(desktop) => desktop.click(3, 7, {}), pointer(3, 7, "CLICK")],
      [(desktop) => desktop.doubleClick(3, 7), pointer(3, 7, "DOUBLE_CLICK")],
      [(desktop) => desktop.doubleClick(3, 7, { button: "right" }), pointer(3, 7, "DOUBLE_CLICK", "RIGHT")],
      [(desktop) => desktop.rightClick(3, 7), pointer(3, 7, "CLICK", "RIGHT")],
      [(desktop) => desktop.middleClick(3, 7), pointer(3, 7, "CLICK", "MIDDLE")],
      [(desktop) => desktop.moveMouse(3, 7), pointer(3, 7, "MOVE")],
    ];
    for (const [call, body] of calls) assert.deepEqual(await sent(ctx, call), ["SendPointer", body]);
    assert.deepEqual(await sent(ctx, (desktop) => desktop.scroll({ dy: -2 })), ["Scroll", { dy: -2 }]);
    assert.deepEqual(await sent(ctx, (desktop) => desktop.scroll({ dx: 1, dy: 2 })), [
      "Scroll",
      { dx: 1, dy: 2 },
    ]);
  });

  test("a drag is one batch", async (ctx) => {
    const actions = [pointer(1, 2, "DOWN"), pointer(30, 40, "MOVE"), pointer(30, 40, "UP")];
    const [method, body] = await sent(ctx, (desktop) => desktop.drag([1, 2], [30, 40]));
    ctx.assert.equal(method, "SendActions");
    ctx.assert.deepEqual(body, { actions: actions.map((one) => ({ pointer: one })) });
  });

  test("text and keys", async (ctx) => {
    const { assert } = ctx;
    for (const text of ["", "hello\n", "Grüße 日本 😀", "ctrl+c"]) {
      assert.deepEqual(await sent(ctx, (desktop) => desktop.write(text)), ["SendKey", { text }]);
    }
    const keys = {
      enter: ["Return"],
      Return: ["Return"],
      ESC: ["Escape"],
      pageup: ["Page_Up"],
      PageDown: ["Page_Down"],
      Page_Up: ["Page_Up"],
      win: ["Super_L"],
      cmd: ["Super_L"],
      ctrl: ["Control_L"],
      backspace: ["BackSpace"],
      ArrowLeft: ["Left"],
      space: ["space"],
      a: ["a"],
      A: ["A"],
      F5: ["F5"],
      eacute: ["eacute"],
      XF86AudioMute: ["XF86AudioMute"],
      constructor: ["constructor"],
      "ctrl+c": ["c", "ctrl"],
      "Ctrl + Shift + T": ["T", "ctrl", "shift"],
      "control+alt+del": ["Delete", "ctrl", "alt"],
      "cmd+space": ["space", "super"],
      "meta+ArrowUp": ["Up", "super"],
      "ctrl++": ["plus", "ctrl"],
      "ctrl+-": ["minus", "ctrl"],
      "+": ["plus"],
    };
    for (const [name, [key, ...modifiers]] of Object.entries(keys)) {
      const body = { key, modifiers };
      assert.deepEqual(await sent(ctx, (desktop) => desktop.press(name)), ["SendKey", body], name);
    }
    const given = ["ctrl", "shift", "t"];
    const body = { key: "t", modifiers: ["ctrl", "shift"] };
    assert.deepEqual(await sent(ctx, (desktop) => desktop.press(given)), ["SendKey", body]);
    assert.deepEqual(given, ["ctrl", "shift", "t"], "the caller's list");
  });

  test("several actions in one request", async (ctx) => {
    const [method, body] = await sent(ctx, (desktop) =>
      desktop.actions([
        { type: "click", x: 1, y: 2, button: "right" },
        { type: "doubleClick", x: 1, y: 2 },
        { type: "rightClick", x: 1, y: 2 },
        { type: "middleClick", x: 1, y: 2 },
        { type: "moveMouse", x: 5, y: 6, signal: "passed over" },
        { type: "drag", from: [1, 2], to: [3, 4] },
        { type: "scroll", dy: 3 },
        { type: "write", text: "hi" },
        { type: "press", keys: "ctrl+a" },
        { type: "press", keys: ["enter"] },
      ]),
    );
    ctx.assert.equal(method, "SendActions");
    ctx.assert.deepEqual(body, {
      actions: [
        { pointer: pointer(1, 2, "CLICK", "RIGHT") },
        { pointer: pointer(1, 2, "DOUBLE_CLICK") },
        { pointer: pointer(1, 2, "CLICK", "RIGHT") },
        { pointer: pointer(1, 2, "CLICK", "MIDDLE") },
        { pointer: pointer(5, 6, "MOVE") },
        { pointer: pointer(1, 2, "DOWN") },
        { pointer: pointer(3, 4, "MOVE") },
        { pointer: pointer(3, 4, "UP") },
        { scroll: { dy: 3 } },
        { key: { text: "hi" } },
        { key: { key: "a", modifiers: ["ctrl"] } },
        { key: { key: "Return", modifiers: [] } },
      ],
    });
  });

  test("another size", async (ctx) => {
    for (const [width, height] of [
      [320, 200],
      [8192, 8192],
      [1280, 801],
    ]) {
      const size = { width, height };
      ctx.assert.deepEqual(await sent(ctx, (desktop) => desktop.resize(width, height)), ["Resize", size]);
    }
  });

  test("what is wrong is refused before a request", async (ctx) => {
    const { sdk, assert } = ctx;
    const { sandbox, calls } = await stubbedSandbox(ctx, done);
    const { desktop } = sandbox;
    const notCoordinates = [-1, 1.5, NaN, Infinity, "5", "", null, undefined, {}, [5], 5n, true, 2 ** 53];
    const refused = {};
    for (const bad of notCoordinates) {
      const shown = assert.show(bad);
      for (const name of ["click", "doubleClick", "rightClick", "middleClick", "moveMouse"]) {
        refused[`${name} x ${shown}`] = () => desktop[name](bad, 1);
        refused[`${name} y ${shown}`] = () => desktop[name](1, bad);
      }
      refused[`drag from ${shown}`] = () => desktop.drag([bad, 1], [1, 1]);
      refused[`drag to ${shown}`] = () => desktop.drag([1, 1], [1, bad]);
      refused[`action ${shown}`] = () => desktop.actions([{ type: "click", x: bad, y: 1 }]);
    }
    for (const bad of [[], [1], [1, 2, 3], "1,2", { x: 1, y: 2 }, 5, null, undefined]) {
      refused[`drag from ${assert.show(bad)}`] = () => desktop.drag(bad, [1, 1]);
      refused[`drag to ${assert.show(bad)}`] = () => desktop.drag([1, 1], bad);
    }
    for (const bad of [
      "",
      " ",
      [],
      [""],
      ["ctrl", ""],
      [5],
      5,
      null,
      undefined,
      {},
      "a+b",
      ["esc", "c"],
      "fn+a",
    ]) {
      refused[`press ${assert.show(bad)}`] = () => desktop.press(bad);
      refused[`press in a batch ${assert.show(bad)}`] = () => desktop.actions([{ type: "press", keys: bad }]);
    }
    for (const bad of [5, null, undefined, {}, ["a"]]) {
      refused[`write ${assert.show(bad)}`] = () => desktop.write(bad);
    }
    const notActions = [
      ...[5, null, undefined, "click", {}, [], { type: "click" }, { x: 1, y: 2 }, { type: "resize" }],
      ...[{ type: "screenshot" }, { type: "constructor" }, { type: "kill" }, { type: "write" }],
      { type: "click", x: 1, y: 2, button: "back" },
      { type: "drag", from: [1, 2] },
      { type: "scroll", dy: 1.5 },
    ];
    for (const bad of notActions) {
      const good = { type: "click", x: 1, y: 2 };
      refused[`actions ${assert.show(bad)}`] = () => desktop.actions([good, bad]);
    }
    for (const bad of [5, null, undefined, {}, "click"]) {
      refused[`actions of ${assert.show(bad)}`] = () => desktop.actions(bad);
    }
    for (const [width, height] of [
      ...[
        [312, 600],
        [321, 600],
        [804, 600],
        [8200, 600],
        [800, 199],
        [800, 8193],
        [800.5, 600],
        [800],
        ["800", 600],
      ],
    ]) {
      refused[`resize ${width}, ${height}`] = () => desktop.resize(width, height);
    }
    refused["scroll of nothing"] = () => desktop.scroll();
    refused.viewOnly = () => desktop.getStreamUrl({ viewOnly: "yes" });
    refused.expiresInSeconds = () => desktop.getStreamUrl({ expiresInSeconds: 604_801 });
    for (const [what, call] of Object.entries(refused)) {
      const error = await assert.rejects(call, sdk.ValidationError, what);
      assert.equal(error.operation?.split(".")[0], "Desktop", what);
    }
    assert.equal(calls.length, 0, "requests");
  });

  test("an error says where in a batch it is", async (ctx) => {
    const { sandbox } = await stubbedSandbox(ctx, done);
    const { message } = await ctx.assert.rejects(
      () =>
        sandbox.desktop.actions([
          { type: "write", text: "a" },
          { type: "click", x: 1, y: -1 },
        ]),
      ctx.sdk.ValidationError,
    );
    ctx.assert.match(message, /actions\[1\]\.y/);
  });

  for (const native of [true, false]) {
    for (const buffer of [true, false]) {
      const how = `${native ? "with" : "without"} fromBase64, ${buffer ? "with" : "without"} Buffer`;
      test(`a screenshot's bytes, ${how}`, async (ctx) => {
        const { assert, sdk } = ctx;
        /** @type {object} */
        let answer = {};
        // No `Response`, which Node.js makes with a Buffer.
        const told = () => ({ status: 200, headers: new Headers(), json: async () => answer });
        const { sandbox } = await stubbedSandbox(ctx, async () => told());
        hide(ctx, Uint8Array, "fromBase64", native);
        hide(ctx, globalThis, "Buffer", buffer);
        for (const length of [0, 1, 2, 3, 255, 100_000]) {
          const bytes = Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8)) & 255);
          let text = "";
          for (const byte of bytes) text += String.fromCharCode(byte);
          answer = { image: btoa(text), width: 1280, height: 800 };
          const shot = await sandbox.desktop.screenshot();
          assert.deepEqual(Object.keys(shot), ["data", "width", "height"]);
          assert.deepEqual([shot.width, shot.height], [1280, 800]);
          assert.equal(Object.getPrototypeOf(shot.data), Uint8Array.prototype);
          assert.equal(shot.data.buffer.byteLength, length, "memory of its own");
          assert.equal(`${shot.data}`, `${bytes}`);
        }
        for (const image of [undefined, null, 5, {}]) {
          answer = { image, width: 1, height: 1 };
          const { message } = await assert.rejects(() => sandbox.desktop.screenshot(), sdk.SandboxError);
          assert.match(message, /image/);
        }
      });
    }
  }

  test("a screenshot of 32 MiB", async (ctx) => {
    const bytes = new Uint8Array(24 * 1024 * 1024 - 2);
    for (let i = 0; i < bytes.length; i += 997) bytes[i] = i;
    // A call takes so many arguments only, and a multiple of three needs no padding.
    const chunks = [];
    for (let at = 0; at < bytes.length; at += 24_573) {
      chunks.push(btoa(String.fromCharCode(...bytes.subarray(at, at + 24_573))));
    }
    const image = chunks.join("");
    const answer = JSON.stringify({ image, width: 8192, height: 8192 });
    const { sandbox } = await stubbedSandbox(ctx, () => new Response(answer));
    const { data } = await sandbox.desktop.screenshot();
    ctx.assert.equal(data.length, bytes.length);
    for (let i = 0; i < bytes.length; i += 997) {
      if (data[i] !== bytes[i]) throw new Error(`byte ${i} is ${data[i]}`);
    }
  });

  test("a screen that is not there", async (ctx) => {
    const answer = () => failure(501, "desktop_unavailable", "this sandbox has no screen");
    const { sandbox } = await stubbedSandbox(ctx, answer);
    for (const call of [() => sandbox.desktop.screenshot(), () => sandbox.desktop.click(1, 2)]) {
      const error = await ctx.assert.rejects(call, ctx.sdk.ServerError);
      ctx.assert.equal(error.code, "desktop_unavailable");
      ctx.assert.equal(error.statusCode, 501);
      ctx.assert.match(error.message, /no screen/);
    }
  });

  const PORTS = `/sandboxes/${ID}/preview-ports`;
  const PAGE = `http://6080-${ID}.localhost:9/vnc.html?autoconnect=1&resize=scale`;
  const answers =
    (access) =>
    ({ path }) => {
      if (path.endsWith("/activate")) return json(200, wireSandbox({ access_token: "tok_awake" }));
      if (path.endsWith(PORTS)) return json(201, { port: 6080, token_version: 1, access });
      return json(200, { port: 6080, access, token: "pvt_1/2", query_param: "p t", token_version: 1 });
    };

  test("the page of the screen: wakes, publishes, signs where it is private", async (ctx) => {
    const { assert } = ctx;
    for (const [access, options, url, body] of [
      ["public", undefined, PAGE],
      ["legacy_public", { viewOnly: false }, PAGE],
      ["public", { viewOnly: true }, `${PAGE}&view_only=1`],
      ["private", {}, `${PAGE}&p%20t=pvt_1%2F2`, { expires_in_seconds: 60 }],
      [
        ...["private", { viewOnly: true, expiresInSeconds: 3600 }],
        ...[`${PAGE}&view_only=1&p%20t=pvt_1%2F2`, { expires_in_seconds: 3600 }],
      ],
    ]) {
      const { sandbox, calls } = await stubbedSandbox(ctx, answers(access));
      assert.equal(await sandbox.desktop.getStreamUrl(options), url);
      const seen = calls.map(({ method, path, init }) => [method, path, init.body && JSON.parse(init.body)]);
      const expected = [
        ["POST", `/sandboxes/${ID}/activate`, undefined],
        ["POST", PORTS, { port: 6080 }],
      ];
      if (body) expected.push(["POST", `${PORTS}/6080/token`, body]);
      assert.deepEqual(seen, expected);
      await sandbox.commands.run("true").catch(() => {});
      assert.equal(calls.at(-1).headers["x-access-token"], "tok_awake", "the token of the wake-up");
    }
  });

  test("the page of the screen: whichever request fails", async (ctx) => {
    const { sdk, assert } = ctx;
    for (const step of [0, 1, 2]) {
      const good = answers("private");
      const { sandbox, calls } = await stubbedSandbox(ctx, (call, index) =>
        index === step ? failure(404, "not_found", "gone") : good(call),
      );
      const error = await assert.rejects(() => sandbox.desktop.getStreamUrl(), sdk.NotFoundError);
      assert.equal(error.operation, "Desktop.getStreamUrl");
      assert.equal(error.sandboxId, ID);
      assert.equal(calls.length, step + 1);
    }
    const controller = new AbortController();
    const { sandbox, calls } = await stubbedSandbox(ctx, (call) => {
      controller.abort("enough");
      return answers("private")(call);
    });
    const { signal } = controller;
    const error = await assert.rejects(() => sandbox.desktop.getStreamUrl({ signal }), sdk.SandboxError);
    assert.equal(error.cause, "enough");
    assert.equal(calls.length, 1, "requests");
  });

  test("a page's ticket: desktop for the screen, preview for its page", async (ctx) => {
    const { sdk, assert } = ctx;
    const without = ticketSandbox(ctx, done, { ticket: ticketOf({ allow: ["preview", "exec"] }) });
    const error = await assert.rejects(() => without.sandbox.desktop.click(1, 2), sdk.AuthenticationError);
    assert.equal(error.code, "not_allowed");
    assert.equal(without.calls.length, 0, "requests");
    const other = ticketSandbox(ctx, done, { ticket: ticketOf({ allow: ["desktop"] }) });
    await assert.rejects(() => other.sandbox.desktop.getStreamUrl(), sdk.AuthenticationError);
    assert.equal(other.calls.length, 0, "requests");
    const relayed = answers("private");
    const { sandbox, calls } = ticketSandbox(
      ctx,
      (call) => (call.path.endsWith("/activate") ? json(200, true) : relayed(call)),
      { ticket: ticketOf({ allow: ["preview"], previews: "https://sandbox.example.com" }) },
    );
    const url = await sandbox.desktop.getStreamUrl();
    assert.match(url, /^https:\/\/6080-.*\/vnc\.html\?autoconnect=1&resize=scale&p%20t=pvt_1%2F2$/);
    assert.equal(calls.length, 3, "requests");
  });
}

/**
 * Takes a property away for the time of a test, unless it is to be there, where it can be taken away.
 *
 * @param {import("../support/types.d.ts").Ctx} ctx
 * @param {any} object
 * @param {string} name
 * @param {boolean} stays
 */
function hide(ctx, object, name, stays) {
  const descriptor = Object.getOwnPropertyDescriptor(object, name);
  if (stays || !descriptor?.configurable) return;
  Object.defineProperty(object, name, { value: undefined, configurable: true, writable: true });
  ctx.defer(() => Object.defineProperty(object, name, descriptor));
}
