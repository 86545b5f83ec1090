// Characters that are split over frames, of both outputs, at every byte.

import { KINDS, joined, stubbedSession } from "../support/sessions.mjs";
import { sandboxAt, withSandbox } from "../support/fixtures.mjs";

const [SPAWN] = KINDS;
const TEXT = "aé漢😀b\u2028\r\n𝒳\ufeffÿ";
const encoder = new TextEncoder();
const BYTES = encoder.encode(TEXT);

/** The output of frames `[channel, bytes]`: what the callbacks heard, and the result. */
async function output(ctx, frames) {
  const heard = { stdout: [], stderr: [] };
  const { session, socket } = await stubbedSession(ctx, SPAWN, {
    onStdout: (text) => heard.stdout.push(text),
    onStderr: (text) => heard.stderr.push(text),
  });
  for (const [channel, bytes] of frames) socket.bytes(channel, bytes);
  socket.finish(0);
  const { stdout, stderr } = await session.wait();
  ctx.assert.equal(heard.stdout.join(""), stdout, "the callbacks and the result agree");
  ctx.assert.equal(heard.stderr.join(""), stderr, "the callbacks and the result agree");
  ctx.assert.ok(
    [...heard.stdout, ...heard.stderr].every((text) => text.length > 0),
    "no callback without text",
  );
  return { stdout, stderr, heard };
}

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  for (const [channel, name] of [
    [1, "stdout"],
    [2, "stderr"],
  ]) {
    test(`${name}, cut at every byte`, async (ctx) => {
      const { assert } = ctx;
      for (let cut = 0; cut <= BYTES.length; cut++) {
        const parts = [BYTES.subarray(0, cut), BYTES.subarray(cut)];
        const frames = parts.map((part) => [channel, part]);
        const { [name]: text, heard } = await output(ctx, frames);
        assert.equal(text, TEXT, `cut at byte ${cut}`);
        assert.excludes(heard[name].join("|"), "\ufffd", `cut at byte ${cut}`);
      }
    });

    test(`${name}, cut at every pair of bytes, and at all`, async (ctx) => {
      const { assert } = ctx;
      const short = encoder.encode("é漢😀");
      for (let one = 0; one <= short.length; one++) {
        for (let two = one; two <= short.length; two++) {
          const parts = [short.subarray(0, one), short.subarray(one, two), short.subarray(two)];
          const { [name]: text } = await output(
            ctx,
            parts.map((part) => [channel, part]),
          );
          assert.equal(text, "é漢😀", `cut at ${one} and ${two}`);
        }
      }
      const { [name]: text } = await output(
        ctx,
        [...BYTES].map((byte) => [channel, Uint8Array.of(byte)]),
      );
      assert.equal(text, TEXT, "a byte a frame");
    });
  }

  test("both outputs, each in the middle of a character of its own", async (ctx) => {
    const { assert } = ctx;
    const [out, err] = ["漢é😀漢", "😀漢éé"].map((text) => encoder.encode(text));
    const frames = [];
    for (let i = 0; i < Math.max(out.length, err.length); i++) {
      if (i < out.length) frames.push([1, out.subarray(i, i + 1)]);
      if (i < err.length) frames.push([2, err.subarray(i, i + 1)]);
    }
    const { stdout, stderr } = await output(ctx, frames);
    assert.deepEqual([stdout, stderr], ["漢é😀漢", "😀漢éé"]);
  });

  test("a character comes as soon as it is whole", async (ctx) => {
    const heard = [];
    const { session, socket } = await stubbedSession(ctx, SPAWN, { onStdout: (text) => heard.push(text) });
    const [a, b, c] = encoder.encode("漢");
    socket.bytes(1, "x", a);
    socket.bytes(1, b);
    ctx.assert.equal(heard.join(""), "x");
    socket.bytes(1, c);
    ctx.assert.equal(heard.join(""), "x漢");
    socket.finish();
    await session.wait();
  });

  test("an error that ends nothing leaves the halves of a character together", async (ctx) => {
    const { assert } = ctx;
    const bytes = encoder.encode("€😀");
    for (const [channel, name] of [
      [1, "stdout"],
      [2, "stderr"],
    ]) {
      for (let cut = 1; cut < bytes.length; cut++) {
        const { session, socket } = await stubbedSession(ctx, SPAWN);
        socket.bytes(channel, bytes.subarray(0, cut));
        socket.text({ error: "!" });
        socket.bytes(channel, bytes.subarray(cut));
        socket.finish(0);
        const result = await session.wait();
        assert.equal(result[name].replace("!", ""), "€😀", `${name}, cut at byte ${cut}`);
        assert.ok(result.stderr.includes("!"), "the error is told");
      }
    }
  });

  test("what stays incomplete becomes U+FFFD", async (ctx) => {
    const { assert } = ctx;
    const whole = encoder.encode("😀");
    for (let length = 1; length < whole.length; length++) {
      const part = whole.subarray(0, length);
      const { stdout, stderr } = await output(ctx, [
        [1, "a"],
        [1, part],
        [2, part],
      ]);
      assert.equal(stdout, "a\ufffd", `${length} bytes of stdout`);
      assert.equal(stderr, "\ufffd", `${length} bytes of stderr`);
    }
  });

  test("bytes that are no UTF-8 become U+FFFD, as the standard says, at every cut", async (ctx) => {
    const { assert } = ctx;
    const invalid = Uint8Array.from([
      ...[0x61, 0xff, 0x62, 0xc3, 0x28, 0xe6, 0xbc, 0x63, 0xf0, 0x9f, 0x98, 0x64],
      ...[0xed, 0xa0, 0x80, 0xc0, 0xaf, 0xf5, 0x80, 0x65, 0x80, 0xe6],
    ]);
    const expected = new TextDecoder().decode(invalid);
    for (let cut = 0; cut <= invalid.length; cut++) {
      const frames = [invalid.subarray(0, cut), invalid.subarray(cut)].map((part) => [1, part]);
      assert.equal((await output(ctx, frames)).stdout, expected, `cut at byte ${cut}`);
    }
  });

  test("a byte order mark is output like any other", async (ctx) => {
    const { assert } = ctx;
    const bytes = [...encoder.encode("\ufefftext")];
    for (const frames of [[[1, "\ufefftext"]], bytes.map((byte) => [1, Uint8Array.of(byte)])]) {
      assert.equal((await output(ctx, frames)).stdout, "\ufefftext", `${frames.length} frames`);
    }
  });

  test("the bytes of a terminal are passed on as they come", async (ctx) => {
    const { assert } = ctx;
    const [, TERMINAL] = KINDS;
    const heard = [];
    const { session, socket } = await stubbedSession(ctx, TERMINAL, { onData: (data) => heard.push(data) });
    const [a, b, c] = encoder.encode("漢");
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    for (const part of [[a], [b, c], all, [1], [0x1b, 0x5b, 0x41]]) socket.bytes(Uint8Array.from(part));
    TERMINAL.finish(socket);
    await session.wait();
    assert.ok(
      heard.every((data) => data instanceof Uint8Array),
      "Uint8Array each",
    );
    assert.deepEqual(
      heard.map((data) => [...data]),
      [[a], [b, c], [...all], [1], [0x1b, 0x5b, 0x41]],
    );
  });

  test("random bytes in random frames are what a decoder makes of the whole", async (ctx) => {
    let state = 7;
    const random = (n) => {
      state = (state * 1103515245 + 12345) & 0x7fffffff;
      return (state >> 8) % n;
    };
    // Beginnings and parts of characters more often than chance would have them.
    const bytes = [
      0x0a, 0x41, 0x7f, 0x80, 0xbf, 0xc3, 0xa9, 0xe6, 0xbc, 0xa2, 0xed, 0xa0, 0xf0, 0x9f, 0x98, 0xff,
    ];
    for (let round = 0; round < 300; round++) {
      const frames = Array.from({ length: 1 + random(8) }, () => [
        1 + random(2),
        Uint8Array.from({ length: random(6) }, () => bytes[random(bytes.length)]),
      ]);
      const { stdout, stderr } = await output(ctx, frames);
      for (const [text, channel] of [
        [stdout, 1],
        [stderr, 2],
      ]) {
        const whole = joined(frames.filter(([of]) => of === channel).map(([, part]) => part));
        const what = () => `round ${round}, channel ${channel}: ${[...whole]}`;
        ctx.assert.equal(text, new TextDecoder("utf-8", { ignoreBOM: true }).decode(whole), what());
      }
    }
  });

  test("cut at every byte on a real connection", { needs: "websocket" }, async (ctx) => {
    const { assert, fault } = ctx;
    const cuts = Array.from({ length: BYTES.length - 1 }, (_, i) => i + 1);
    const server = await fault.serve(
      ctx,
      withSandbox({
        path: "/exec/connect",
        replies: cuts.map((cut) => ({
          frames: [
            { channel: 1, text: TEXT, cuts: [cut] },
            { channel: 2, text: TEXT, cuts },
            { json: { finished: true, exit_code: cut } },
          ],
        })),
      }),
    );
    const sandbox = await sandboxAt(ctx, server);
    for (const cut of cuts) {
      const session = await sandbox.commands.spawn("x");
      const { stdout, stderr, exitCode } = await session.wait();
      assert.deepEqual({ stdout, stderr, exitCode }, { stdout: TEXT, stderr: TEXT, exitCode: cut });
    }
  });
}
