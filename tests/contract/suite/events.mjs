// Event streams: bytes in, events out, however they are cut and whatever they hold.

import { event, finished, streamOf } from "../support/fixtures.mjs";
import { stubbedSandbox } from "../support/stub-fetch.mjs";

const encode = (text) => new TextEncoder().encode(text);

/** Runs one stream and returns the callbacks' texts and the result. */
async function play(sandbox, use, pieces) {
  use(pieces);
  const seen = [];
  const done = await sandbox.commands.run("x", {
    onStdout: (text) => seen.push(["out", text]),
    onStderr: (text) => seen.push(["err", text]),
  });
  return { seen, done };
}

/** A sandbox whose next stream is what `use` was given. */
async function player(ctx) {
  let pieces;
  const { sandbox } = await stubbedSandbox(ctx, () => streamOf(pieces));
  return (next) => play(sandbox, (given) => (pieces = given), next);
}

// Everything the format allows, once.
const TRANSCRIPT = [
  ": a comment first",
  "",
  'data: {"timestamp":"2026-08-01T12:00:00Z","stdout":"one\\n"}',
  "",
  "event: output",
  "id: 7",
  "retry: 10",
  'data: {"stderr":"zwei é漢😀"}',
  ": in between",
  "",
  'data:{"stdout":"no space"}',
  "",
  'data: {"stdout":',
  'data:   "several',
  'data: lines"}',
  "",
  'data: {"stdout":"over",',
  'data: "stderr":null}',
  "",
  "data: not JSON",
  "",
  "data",
  "",
  "",
  "unknown: field",
  "database: {}",
  "",
  'data: {"stdout":"\\u00e9\\ud83d\\ude00\\"\\\\/"}',
  "",
  'data: {"exit_code":9,"finished":true}',
  "",
  "",
];

const EVENTS = [
  ["out", "one\n"],
  ["err", "zwei é漢😀"],
  ["out", "no space"],
  ["out", "over"],
  ["out", 'é😀"\\/'],
];

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  for (const [name, newline] of [
    ["LF", "\n"],
    ["CRLF", "\r\n"],
    ["CR", "\r"],
  ]) {
    for (const [mark, prefix] of [
      ["", ""],
      [" with a BOM", "\ufeff"],
    ]) {
      test(`every split point, ${name}${mark}`, { timeoutMs: 60_000 }, async (ctx) => {
        const { assert } = ctx;
        const run = await player(ctx);
        const wire = encode(prefix + TRANSCRIPT.join(newline));
        for (let cut = 0; cut <= wire.length; cut++) {
          const { seen, done } = await run([wire.slice(0, cut), wire.slice(cut)]);
          assert.deepEqual(seen, EVENTS, `cut at byte ${cut}`);
          assert.equal(done.exitCode, 9, `cut at byte ${cut}`);
        }
        const bytes = Array.from(wire, (byte) => new Uint8Array([byte]));
        assert.deepEqual((await run(bytes)).seen, EVENTS, "one byte at a time");
        assert.deepEqual((await run([wire])).seen, EVENTS, "all at once");
      });
    }
  }

  test("every pair of split points of a short stream", { timeoutMs: 60_000 }, async (ctx) => {
    const run = await player(ctx);
    const wire = encode('data: {"stdout":"é😀"}\r\n\r\ndata: {"finished":true,"exit_code":2}\r\n\r\n');
    for (let a = 0; a <= wire.length; a++) {
      for (let b = a; b <= wire.length; b++) {
        const { seen, done } = await run([wire.slice(0, a), wire.slice(a, b), wire.slice(b)]);
        ctx.assert.deepEqual(seen, [["out", "é😀"]], `cuts at ${a} and ${b}`);
        ctx.assert.equal(done.exitCode, 2, `cuts at ${a} and ${b}`);
      }
    }
  });

  test("a last event without its blank line, or any newline", async (ctx) => {
    const run = await player(ctx);
    const start = event({ stdout: "a" });
    for (const newline of ["", "\n", "\r\n", "\r"]) {
      const wire = encode(`${start}data: {"finished":true,"exit_code":3}${newline}`);
      for (let cut = 0; cut <= wire.length; cut++) {
        const { seen, done } = await run([wire.slice(0, cut), wire.slice(cut)]);
        ctx.assert.deepEqual(seen, [["out", "a"]], `cut at byte ${cut}`);
        ctx.assert.equal(done.exitCode, 3);
      }
    }
  });

  test("line ends of all kinds in one stream", async (ctx) => {
    const run = await player(ctx);
    const wire = encode(
      'data: {"stdout":"1"}\r\rdata: {"stdout":"2"}\n\ndata: {"stdout":"3"}\r\n\r\n' +
        'data: {"stdout":"4"}\n\rdata: {"stdout":"5"}\r\n\ndata: {"finished":true}\r\n\r',
    );
    for (let cut = 0; cut <= wire.length; cut++) {
      const { seen } = await run([wire.slice(0, cut), wire.slice(cut)]);
      ctx.assert.deepEqual(
        seen.map(([, text]) => text),
        ["1", "2", "3", "4", "5"],
        `cut at ${cut}`,
      );
    }
  });

  test("a BOM counts only at the start", async (ctx) => {
    const run = await player(ctx);
    const { seen } = await run([
      "\ufeff",
      event({ stdout: "\ufeffkept" }),
      '\ufeffdata: {"stdout":"not a data line"}\n\n',
      finished(),
    ]);
    ctx.assert.deepEqual(seen, [["out", "\ufeffkept"]]);
  });

  test("every JSON means what JSON.parse says", async (ctx) => {
    const { assert } = ctx;
    const run = await player(ctx);
    const cases = [
      String.raw`{ "stdout" : "spaced" }`,
      String.raw`  {"stdout":"led by blanks"}  `,
      String.raw`{"note":"\"stdout\":\"fake\"","stdout":"real"}`,
      String.raw`{"meta":{"stdout":"fake"},"stdout":"real"}`,
      String.raw`{"meta":["stdout",{"stdout":"fake"}],"stderr":"real"}`,
      String.raw`{"stdout":"real","meta":{"stdout":"fake"}}`,
      String.raw`{"meta":{"stdout":"fake","finished":true}}`,
      String.raw`{"stdout":"first","stdout":"last"}`,
      String.raw`{"std\u006fut":"an escaped key"}`,
      String.raw`{"\u0073tderr":"another"}`,
      String.raw`{"stdout":"\b\f\n\r\t\/\\\"\u0000"}`,
      String.raw`{"stdout":"\ud83d\ude00 \u00e9"}`,
      String.raw`{"stdout":"ends in a backslash \\"}`,
      String.raw`{"stdout":"\\\\","stderr":"\\\""}`,
      String.raw`{"stdout":"}{][,:"}`,
      String.raw`{"stdout":"data: inside\\n\\n"}`,
      String.raw`{"timestamp":"2026-08-01T12:00:00.123456789Z","stdout":"usual"}`,
      String.raw`{"timestamp":"odd \" one","stdout":"x"}`,
      String.raw`{"timestamp":1,"stdout":"x"}`,
      String.raw`{"stdout":"x","timestamp":"2026-08-01T12:00:00Z"}`,
      String.raw`{"stdout":"x"} trailing`,
      String.raw`{"stdout":"x"`,
      String.raw`{"stdout":"x}`,
      String.raw`{"stdout":"x",}`,
      String.raw`{"stdout":"bad escape \x"}`,
      String.raw`{"stdout":"bad unicode \u12g4"}`,
      String.raw`{'stdout':'x'}`,
      String.raw`{stdout:"x"}`,
      `{"stdout":"a raw tab\t"}`,
      String.raw`{"stdout":""}`,
      String.raw`{"stdout":null,"stderr":"e"}`,
      String.raw`{"stdout":5}`,
      String.raw`{"stdout":{"a":1}}`,
      String.raw`{"stdout":["x"]}`,
      String.raw`{"finished":false,"stdout":"on"}`,
      String.raw`{"finished":null}`,
      String.raw`{"exit_code":1}`,
      String.raw`{}`,
      String.raw`[]`,
      String.raw`[{"stdout":"x"}]`,
      String.raw`null`,
      String.raw`42`,
      String.raw`"stdout"`,
      String.raw`true`,
      "",
    ];
    for (const data of cases) {
      let parsed;
      try {
        parsed = JSON.parse(data);
      } catch {
        parsed = null;
      }
      const text = (key) => (typeof parsed?.[key] === "string" ? parsed[key] : "");
      const { seen, done } = await run([`data: ${data}\n\n`, finished(6)]);
      const joined = (kind) =>
        seen
          .filter(([k]) => k === kind)
          .map(([, part]) => part)
          .join("");
      assert.equal(joined("out"), text("stdout"), `stdout of ${data}`);
      assert.equal(joined("err"), text("stderr"), `stderr of ${data}`);
      assert.equal(done.stdout, text("stdout"), `result.stdout of ${data}`);
      assert.equal(done.exitCode, 6, `exitCode after ${data}`);
    }
  });

  test("invalid UTF-8 becomes the replacement character", async (ctx) => {
    const run = await player(ctx);
    const wire = new Uint8Array([
      ...encode('data: {"stdout":"a'),
      0xff,
      0xc3,
      0x28,
      0xf0,
      0x9f,
      0x98,
      ...encode('b"}\n\n'),
      ...encode(finished()),
    ]);
    const expected = new TextDecoder().decode(wire.slice(18, 24));
    for (let cut = 0; cut <= 40; cut++) {
      const { done } = await run([wire.slice(0, cut), wire.slice(cut)]);
      ctx.assert.equal(done.stdout, `a${expected}b`, `cut at byte ${cut}`);
    }
  });

  test("a lone surrogate in an escape neither traps nor ends the stream", async (ctx) => {
    const run = await player(ctx);
    const { done } = await run(['data: {"stdout":"a\\ud800b"}\n\n', event({ stdout: "c" }), finished()]);
    ctx.assert.match(done.stdout, /^a[\ud800\ufffd]bc$/);
  });

  test("a stream that ends without `finished` is a SandboxError", async (ctx) => {
    const { sdk, assert } = ctx;
    const streams = [
      [],
      [": nothing\n\n"],
      [event({ stdout: "a" })],
      [event({ stdout: "a", exit_code: 0 })],
      ['data: {"finished":tr'],
      ["<html>not a stream</html>"],
    ];
    for (const pieces of streams) {
      const { sandbox } = await stubbedSandbox(ctx, () => streamOf(pieces));
      const run = () => sandbox.commands.run("x", { onStdout() {} });
      const error = await assert.rejects(run, sdk.SandboxError, assert.show(pieces));
      assert.ok(error.message.length > 10, "it says what happened");
    }
  });

  test("a response without a body is a SandboxError", async (ctx) => {
    const { sandbox } = await stubbedSandbox(ctx, () => new Response(null, { status: 200 }));
    const run = () => sandbox.commands.run("x", { onStdout() {} });
    await ctx.assert.rejects(run, ctx.sdk.SandboxError);
  });

  test("empty chunks change nothing", async (ctx) => {
    const run = await player(ctx);
    const none = new Uint8Array(0);
    const { seen } = await run([none, event({ stdout: "a" }), none, none, finished(), none]);
    ctx.assert.deepEqual(seen, [["out", "a"]]);
  });

  test("a 64 MB stream, whole and in order", { timeoutMs: 60_000 }, async (ctx) => {
    const { assert } = ctx;
    const line = "x".repeat(4000);
    let index = 0;
    const texts = function* () {
      let pending = "";
      for (; index < 16_384; index++) {
        pending += event({ timestamp: "2026-08-01T12:00:00Z", stdout: `${index}:${line}` });
        while (pending.length >= 65_536) {
          yield pending.slice(0, 65_536);
          pending = pending.slice(65_536);
        }
      }
      yield pending + finished(1);
    };
    const { sandbox } = await stubbedSandbox(ctx, () => streamOf(texts()));
    let next = 0;
    let size = 0;
    const done = await sandbox.commands.run("x", {
      onStdout(text) {
        if (!text.startsWith(`${next}:`)) throw new Error(`expected event ${next}, got ${text.slice(0, 20)}`);
        next += 1;
        size += text.length;
      },
    });
    assert.equal(next, 16_384, "events");
    assert.ok(size > 65_000_000, "characters");
    assert.equal(done.stdout.length, size, "characters of the result");
    assert.equal(done.exitCode, 1);
  });

  // So many pieces that a client which began anew with each would read 125 GB, and never be done.
  test("one event of 8 MB in small pieces takes linear time", async (ctx) => {
    const wire = event({ stdout: "é".repeat(4_000_000) }) + finished();
    const bytes = encode(wire);
    const pieces = [];
    for (let at = 0; at < bytes.length; at += 256) pieces.push(bytes.subarray(at, at + 256));
    const { sandbox } = await stubbedSandbox(ctx, () => streamOf(pieces));
    const done = await sandbox.commands.run("x", { onStdout() {} });
    ctx.assert.equal(done.stdout.length, 4_000_000);
  });

  test("cuts on a real connection", async (ctx) => {
    const { assert, fault } = ctx;
    const wire = TRANSCRIPT.join("\r\n");
    const cuts = [];
    for (let at = 3; at < encode(wire).length; at += 7) cuts.push(at);
    const server = await fault.serve(ctx, [
      {
        path: "/exec/stream",
        replies: [{ headers: { "content-type": "text/event-stream" }, body: [{ text: wire, cuts }] }],
      },
      {
        method: "POST",
        path: "/sandboxes",
        replies: [
          {
            status: 201,
            json: {
              id: "x",
              name: "x",
              status: "active",
              created_at: "2026-08-01T12:00:00Z",
              access_token: "t",
            },
          },
        ],
      },
    ]);
    const sandbox = await ctx.sdk.Sandbox.create({ name: "x", apiKey: "k", baseUrl: server.origin });
    const seen = [];
    const done = await sandbox.commands.run("x", {
      onStdout: (text) => seen.push(["out", text]),
      onStderr: (text) => seen.push(["err", text]),
    });
    assert.deepEqual(seen, EVENTS);
    assert.equal(done.exitCode, 9);
  });
}
