// Sessions at sizes and ends that only Node can show.

import { constants } from "node:buffer";
import { createHash } from "node:crypto";
import { createServer } from "node:http";

import { each } from "../support/each.mjs";
import { KINDS, socketSandbox } from "../support/sessions.mjs";
import { event, finished, sandboxAt, streamOf, withSandbox, wireSandbox } from "../support/fixtures.mjs";
import { liveSandbox } from "../support/live.mjs";
import { quickTimers } from "../support/quick-timers.mjs";
import { startChild } from "./child.mjs";

const MIB = 1024 * 1024;

/** Different bytes everywhere, the same each time. */
function noise(length) {
  const bytes = Buffer.alloc(length);
  let state = 0x9e3779b9;
  for (let i = 0; i + 4 <= length; i += 4) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes.writeUInt32LE(state, i);
  }
  return bytes;
}

const sha256 = (data) => createHash("sha256").update(data).digest("hex");

/** A server whose WebSockets get these bytes once they are open, and no end. Answers with its origin. */
async function serverOf(ctx, bytes) {
  const sockets = new Set();
  const server = createServer((_, response) => {
    response.writeHead(201, { "content-type": "application/json" }).end(JSON.stringify(wireSandbox()));
  });
  server.on("upgrade", (request, socket) => {
    sockets.add(socket.on("error", () => {}));
    const { "sec-websocket-key": key, "sec-websocket-protocol": offered } = request.headers;
    const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
    const head = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"];
    const own = [
      `Sec-WebSocket-Accept: ${accept}`,
      `Sec-WebSocket-Protocol: ${offered.split(",")[0].trim()}`,
    ];
    socket.write(`${[...head, ...own].join("\r\n")}\r\n\r\n`);
    socket.write(bytes);
    // Whatever comes is read, the client's own close too, and changes nothing.
    socket.resume();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  ctx.defer(async () => {
    for (const socket of sockets) socket.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { origin: `http://127.0.0.1:${server.address().port}` };
}

/** A close frame with the code 1001. */
const CLOSE_FRAME = Buffer.from([0x88, 2, 0x03, 0xe9]);

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  for (const kind of KINDS) {
    test(`${kind.name}: a close frame on a connection that stays ends it`, async (ctx) => {
      const { assert, sdk } = ctx;
      const sandbox = await sandboxAt(ctx, await serverOf(ctx, CLOSE_FRAME));
      quickTimers(ctx);
      const session = await kind.start(sandbox);
      const since = performance.now();
      const error = await assert.rejects(session.wait(), sdk.SandboxError);
      assert.equal(error.code, "connection_closed");
      // Some 4 s; the WebSocket itself would wait for half a minute.
      assert.within(performance.now() - since, 0, 15_000, "milliseconds");
    });
  }

  test("64 MB through cat come back as they were", { timeoutMs: 60_000 }, async (ctx) => {
    const { assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    // Text whose characters have one to four bytes, at offsets that no frame size divides.
    const piece = `${noise(40_000).toString("base64")}é漢😀\n`;
    const text = piece.repeat(Math.ceil((64 * MIB) / Buffer.byteLength(piece)));
    const heard = createHash("sha256");
    const session = await sandbox.commands.spawn("cat", { onStdout: (part) => heard.update(part) });
    const half = Math.floor(text.length / 2);
    session.stdin.write(text.slice(0, half));
    session.stdin.write(Buffer.from(text.slice(half)));
    session.stdin.close();
    const { stdout, exitCode } = await session.wait();
    assert.equal(exitCode, 0);
    assert.equal(stdout.length, text.length);
    assert.ok(stdout === text, "the result");
    assert.equal(heard.digest("hex"), sha256(text), "the callbacks");
  });

  test("64 MB of any bytes reach the command", { timeoutMs: 60_000 }, async (ctx) => {
    const { assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    const bytes = noise(64 * MIB);
    const session = await sandbox.commands.spawn("sha256sum");
    for (let at = 0; at < bytes.length; at += MIB) session.stdin.write(bytes.subarray(at, at + MIB));
    session.stdin.close();
    assert.equal((await session.wait()).stdout.split(" ")[0], sha256(bytes));
  });

  test("output that no string can hold is an error, heard to the last", {
    timeoutMs: 240_000,
  }, async (ctx) => {
    const { assert, sdk } = ctx;
    const length = constants.MAX_STRING_LENGTH + 1;
    const piece = "x".repeat(MIB);
    function* pieces() {
      for (let left = length; left > 0; left -= MIB) yield piece.slice(0, left);
    }
    function* events() {
      for (const stdout of pieces()) yield event({ stdout });
      yield finished();
    }
    const { sandbox, sockets } = await socketSandbox(ctx, { fetch: () => streamOf(events()) });
    const calls = {
      run: (options) => sandbox.commands.run("fixture", options),
      async spawn(options) {
        const session = await sandbox.commands.spawn("fixture", options);
        for (const text of pieces()) sockets[0].binary(Buffer.from(`\x01${text}`));
        sockets[0].finish();
        return session.wait();
      },
    };
    for (const [what, call] of Object.entries(calls)) {
      let heard = 0;
      const onStdout = (text) => (heard += text.length);
      const error = await assert.rejects(call({ onStdout }), sdk.SandboxError, what);
      assert.equal(error.code, "too_large", what);
      assert.equal(heard, length, what);
    }
  });

  for (const kind of KINDS) {
    test(`a program ends by itself, however its ${kind.name} ended`, { timeoutMs: 60_000 }, async (ctx) => {
      const { assert, fault } = ctx;
      const frames = {
        end: kind.finishing,
        drop: [{ close: true }],
        throw: [kind.saying("x"), { stall: true }],
        close: [{ stall: true }],
        abort: [{ stall: true }],
      };
      const dials = {
        "failed dial": { status: null, body: [{ reset: true }] },
        "aborted dial": { status: null, body: [{ stall: true }] },
      };
      const work = async (how) => {
        const activate = { path: "/sandboxes/.*/activate", replies: [{ status: 500 }] };
        const dial = { path: kind.path, replies: [dials[how] ?? { frames: frames[how] }] };
        const server = await fault.serve(ctx, withSandbox(activate, dial));
        const input = { connection: { apiKey: "k", baseUrl: server.origin }, kind: kind.name, how };
        const child = startChild(ctx, "end-session", input);
        const done = Number(await child.line("done "));
        const { code, stderr, at } = await child.exit;
        assert.equal(code, 0, stderr);
        assert.equal(stderr, "", how);
        assert.within(
          at - done,
          0,
          3500,
          `${how}: milliseconds from the last call to the end of the process`,
        );
      };
      await each([...Object.keys(frames), ...Object.keys(dials)], work, 3);
    });
  }
}
