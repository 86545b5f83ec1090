// Sessions at sizes and ends that only Node can show.

import { constants } from "node:buffer";
import { createHash } from "node:crypto";

import { each } from "../support/each.mjs";
import { KINDS } from "../support/sessions.mjs";
import { withSandbox } from "../support/fixtures.mjs";
import { liveSandbox } from "../support/live.mjs";
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

export default function ({ test }) {
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

  test("output that no string can hold is an error, heard to the last", { timeoutMs: 240_000 }, async (ctx) => {
    const { assert, sdk } = ctx;
    const { MAX_STRING_LENGTH } = constants;
    const sandbox = await liveSandbox(ctx);
    const command = `head -c ${MAX_STRING_LENGTH + 1} /dev/zero | tr '\\0' x`;
    const calls = {
      run: (options) => sandbox.commands.run(command, options),
      spawn: async (options) => (await sandbox.commands.spawn(command, options)).wait(),
    };
    for (const [what, call] of Object.entries(calls)) {
      let heard = 0;
      const error = await assert.rejects(
        // The service's own limit of 30 s would end it on a busy machine.
        call({ timeoutMs: 110_000, onStdout: (text) => (heard += text.length) }),
        sdk.SandboxError,
        what,
      );
      assert.equal(error.code, "too_large", what);
      assert.equal(heard, MAX_STRING_LENGTH + 1, what);
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
