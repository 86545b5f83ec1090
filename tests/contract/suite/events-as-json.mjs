// Events read as JSON.parse reads them, whatever they hold and however they are cut; logs over connections that break.

import { json, streamOf } from "../support/fixtures.mjs";
import { fuzzRounds, generator } from "../support/generator.mjs";
import { stubbedSandbox } from "../support/stub-fetch.mjs";
import { logEnd, logEvent, stubbedTemplate, wireBuild } from "../support/templates.mjs";
import { virtualTime } from "../support/virtual-time.mjs";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const wire = (data) => `data: ${data}\n\n`;
const LAST = '{"finished":true,"exit_code":0}';

/** A sandbox whose next stream is given: what it delivered, and how the call ended. */
async function player(ctx) {
  let pieces;
  const { sandbox } = await stubbedSandbox(ctx, () => streamOf(pieces));
  return async (next) => {
    pieces = next;
    const seen = [];
    const outcome = await sandbox.commands
      .run("x", {
        onStdout: (text) => seen.push(["out", text]),
        onStderr: (text) => seen.push(["err", text]),
      })
      .catch((error) => error);
    return { seen, outcome };
  };
}

/** What a plain reader makes of the data of events: the texts of the callbacks, joined by channel, and the end. */
function reading(datas) {
  const heard = { out: "", err: "" };
  const order = [];
  const hear = (channel, text) => {
    if (typeof text !== "string" || text === "") return;
    heard[channel] += text;
    order.push([channel, text]);
  };
  for (const data of datas) {
    for (const event of objectsOf(data)) {
      hear("out", event.stdout);
      hear("err", event.stderr);
      hear("err", event.error);
      if (event.finished !== true) continue;
      const code = event.exit_code ?? 0;
      return { heard, order, end: Number.isSafeInteger(code) ? code : "invalid_response" };
    }
  }
  return { heard, order, end: "stream_ended" };
}

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** Of lines that are no JSON together, each may be an event. */
function objectsOf(data) {
  for (const texts of [[data], data.split("\n")]) {
    try {
      return texts.map((text) => JSON.parse(text)).filter(isObject);
    } catch {
      // Not in this way.
    }
  }
  return [];
}

const endOf = (outcome) => (outcome instanceof Error ? outcome.code : outcome.exitCode);

/** Bytes in chunks that end at random places, sometimes none, sometimes each byte by itself. */
function cutUp({ below, chance }, bytes) {
  if (chance(4)) return [bytes];
  const most = chance(150) ? 3 : chance(6) ? 60 : 4000;
  const pieces = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 1 + below(most);
    pieces.push(bytes.subarray(at, end));
    at = end;
  }
  return pieces;
}

/** The text of one event's data: JSON of the service's kind, of another, or what is almost JSON. */
function dataBy(random) {
  const { below, chance, pick } = random;
  const space = () => (chance(6) ? pick([" ", "\t", "  "]) : "");
  const escaped = () =>
    pick([
      "\\n",
      "\\t",
      "\\\\",
      '\\"',
      "\\/",
      "\\b",
      "\\u0041",
      "\\u00e9",
      "\\ud83d\\ude00",
      "\\ud800",
      "\\udc00x",
      "\\u0000",
    ]);
  const wrong = () => pick(["\\x", "\\u12", "\\u12g4", "\t", "\u0001", "\\", "\\U0041", '"']);
  const string = () => {
    let text = "";
    for (let i = below(chance(400) ? 400 : 7); i > 0; i--) {
      text += chance(4)
        ? escaped()
        : chance(60)
          ? wrong()
          : pick(["a", "line ", "é", "漢字", "😀", "data:", ":", "{", "}", ",", "\ufeff", "\u2028"]);
    }
    return `"${text}"`;
  };
  const number = () =>
    pick([
      "0",
      "-0",
      "1",
      "7",
      "137",
      "-1",
      "1e2",
      "13.7e1",
      "1E+2",
      "3221225477",
      "1e999",
      "-1e999",
      "1.5",
      "01",
      "1.",
      ".5",
      "+1",
      "-",
      "0x1",
      "9007199254740993",
      "1e-7",
      "0e0",
      "00",
      "1e",
      "NaN",
    ]);
  const value = (depth) => {
    const kind = below(depth > 4 ? 5 : 8);
    if (kind < 2) return string();
    if (kind === 2) return number();
    if (kind < 5) return pick(["true", "false", "null", "tru", "nul", "True"].slice(0, chance(30) ? 6 : 3));
    if (kind === 5) return `[${Array.from({ length: below(3) }, () => value(depth + 1)).join(",")}]`;
    return object(depth + 1, ["a", "stdout", "finished", "exit_code", "deep"]);
  };
  const member = (depth, keys) => {
    const key = pick(keys);
    const name = chance(40) ? `"${key.replace("t", "\\u0074")}"` : `"${key}"`;
    const usual = depth === 0 && !chance(8);
    const made =
      usual && /std|error|timestamp/.test(key)
        ? string()
        : usual && key === "exit_code"
          ? number()
          : usual && key === "finished"
            ? chance(12)
              ? "true"
              : "false"
            : value(depth + 1);
    return `${name}${space()}:${space()}${made}`;
  };
  const object = (depth, keys) => {
    // Two of one name now and then.
    const members = Array.from({ length: below(5) }, () => member(depth, keys));
    return `{${space()}${members.join(`${space()},${space()}`)}${chance(80) ? "," : ""}${space()}}`;
  };
  const KEYS = [
    "stdout",
    "stdout",
    "stderr",
    "error",
    "finished",
    "exit_code",
    "timestamp",
    "unknown",
    "truncated",
    "__proto__",
    "toString",
  ];
  const mutated = (text) => {
    const at = below(text.length);
    return chance(2)
      ? text.slice(0, at) + text.slice(at + 1)
      : text.slice(0, at) + pick(['"', "{", "}", ",", ":", "\\", "x", "0", " "]) + text.slice(at);
  };
  if (chance(50)) return pick(["", "null", "1", '"text"', "[]", "not json", "{}", "[DONE]", "{", "}{"]);
  if (chance(500))
    return `{"stdout":"${"x".repeat(below(300_000))}","deep":${"[".repeat(200)}${"]".repeat(200)}}`;
  const text = space() + object(0, KEYS) + space();
  return chance(6) ? mutated(text) : text;
}

/** The data of one event on the wire: as one line, or with line feeds where JSON has space; what follows it. */
function onWire({ chance, pick }, data) {
  const newline = chance(5) ? "\r\n" : "\n";
  const lines = data.split("\n").map((line) => `data:${chance(4) ? "" : " "}${line}${newline}`);
  const beside = chance(12) ? pick([`: comment${newline}`, `event: x${newline}`, `id${newline}`]) : "";
  return `${beside}${lines.join("")}${newline}`;
}

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("members that nobody knows may be as deep as they like", async (ctx) => {
    const { assert } = ctx;
    const run = await player(ctx);
    for (const depth of [1, 100, 1000]) {
      for (const [open, close] of [
        ["[", "]"],
        ['{"stdout":', "}"],
      ]) {
        const deep = `${open.repeat(depth)}"inner"${close.repeat(depth)}`;
        const datas = [`{"new":${deep},"stdout":"a"}`, `{"stdout":"b","new":${deep}}`];
        const { seen, outcome } = await run([
          [...datas, `{"new":${deep},"finished":true,"exit_code":3}`].map(wire).join(""),
        ]);
        assert.deepEqual(
          seen,
          [
            ["out", "a"],
            ["out", "b"],
          ],
          `${depth} times ${open}`,
        );
        assert.equal(outcome.exitCode, 3, `${depth} times ${open}`);
      }
    }
  });

  test("an exit code is a number as JSON has them, and an integer", async (ctx) => {
    const { assert, sdk } = ctx;
    const run = await player(ctx);
    const good = {
      "1e2": 100,
      "13.7e1": 137,
      3221225477: 3221225477,
      0: 0,
      7: 7,
      "-1": -1,
      "2.0": 2,
      null: 0,
    };
    for (const [text, code] of Object.entries(good)) {
      const { outcome } = await run([wire(`{"finished":true,"exit_code":${text}}`)]);
      assert.equal(outcome.exitCode, code, text);
    }
    for (const text of ["1e999", "-1e999", "1.5", '"3"', "true", "{}", "[]", "9007199254740993"]) {
      const { outcome } = await run([wire(`{"stdout":"x","finished":true,"exit_code":${text}}`)]);
      assert.isError(outcome, sdk.SandboxError, text);
      assert.equal(outcome.code, "invalid_response", text);
    }
    // No JSON, so no event either.
    for (const text of ["01", "+1", ".5", "1.", "0x1", "NaN", "Infinity", "1e", "-"]) {
      const { outcome } = await run([wire(`{"finished":true,"exit_code":${text}}`) + wire(LAST)]);
      assert.equal(outcome.exitCode, 0, text);
    }
  });

  test("duplicates, raw control characters, bad escapes: as JSON.parse has it", async (ctx) => {
    const { assert } = ctx;
    const run = await player(ctx);
    const cases = [
      ['{"stdout":"a","stdout":"b"}', [["out", "b"]]],
      ['{"stdout":"a","stdout":null}', []],
      ['{"stdout":"a","stdout":1}', []],
      ['{"std\\u006fut":"a"}', [["out", "a"]]],
      ['{"stdout":"a","std\\u006fut":"b"}', [["out", "b"]]],
      ['{"finished":true,"finished":false,"stdout":"on"}', [["out", "on"]]],
      ['{"stdout":"a\u0001b"}', []],
      ['{"stdout":"a\tb"}', []],
      ['{"stdout":"a\u007fb\u2028"}', [["out", "a\u007fb\u2028"]]],
      ['{"stdout":"\\x41"}', []],
      ['{"stdout":"\\u12g4"}', []],
      ['{"stdout":"\\ud800"}', [["out", "\ud800"]]],
      ['{"stdout":"a","n":01}', []],
      ['{"stdout":"a",}', []],
      ['{"stdout":"a"} x', []],
      ['\ufeff{"stdout":"a"}', []],
      ['{"__proto__":{"stdout":"a"}}', []],
      ['[{"stdout":"a"}]', []],
    ];
    for (const [data, expected] of cases) {
      assert.deepEqual(reading([data]).order, expected, `the reader of ${data}`);
      const bytes = encoder.encode(`:\n\n${wire(data)}${wire(LAST)}`);
      for (let cut = 0; cut <= bytes.length; cut++) {
        const { seen, outcome } = await run([bytes.subarray(0, cut), bytes.subarray(cut)]);
        assert.deepEqual(seen, expected, `${data}, cut at ${cut}`);
        assert.equal(outcome.exitCode, 0, data);
      }
    }
  });

  test("events that one newline separates are events", async (ctx) => {
    const { assert } = ctx;
    const run = await player(ctx);
    const lines = [{ stdout: "a" }, { stderr: "b" }, { stdout: "é漢" }, { finished: true, exit_code: 4 }];
    const text = lines.map((line) => `data: ${JSON.stringify(line)}\n`).join("");
    const bytes = encoder.encode(text);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const { seen, outcome } = await run([bytes.subarray(0, cut), bytes.subarray(cut)]);
      assert.deepEqual(
        seen,
        [
          ["out", "a"],
          ["err", "b"],
          ["out", "é漢"],
        ],
        `cut at ${cut}`,
      );
      assert.equal(outcome.exitCode, 4, `cut at ${cut}`);
    }
  });

  test("random events, cut at random, are what JSON.parse makes of them", {
    timeoutMs: 600_000,
  }, async (ctx) => {
    const { assert } = ctx;
    const random = generator(20_260_801);
    const run = await player(ctx);
    const rounds = fuzzRounds(ctx, 100_000);
    let events = 0;
    const ends = new Map();
    while (events < rounds) {
      const datas = Array.from({ length: 1 + random.below(60) }, () => dataBy(random));
      events += datas.length;
      if (random.chance(2)) datas.push(LAST);
      const bytes = encoder.encode(datas.map((data) => onWire(random, data)).join(""));
      const expected = reading(datas.map((data) => decoder.decode(encoder.encode(data))));
      const { seen, outcome } = await run(cutUp(random, bytes));
      const where = `before event ${events}: ${datas.join(" | ")}`;
      const heard = { out: "", err: "" };
      for (const [channel, text] of seen) heard[channel] += text;
      assert.deepEqual(seen, expected.order, where);
      assert.deepEqual(heard, expected.heard, where);
      assert.equal(endOf(outcome), expected.end, where);
      if (!(outcome instanceof Error)) {
        assert.equal(outcome.stdout, heard.out, where);
        assert.equal(outcome.stderr, heard.err, where);
      }
      ends.set(expected.end, (ends.get(expected.end) ?? 0) + 1);
    }
    for (const end of [0, 100, 3221225477, "invalid_response", "stream_ended"]) {
      assert.ok(ends.get(end) > 0, `some streams end with ${end}`);
    }
  });

  test("random logs over connections that break at random: each line once and in order", {
    timeoutMs: 600_000,
  }, async (ctx) => {
    const { assert } = ctx;
    const random = generator(7);
    const { below, chance, pick } = random;
    const time = virtualTime(ctx);
    let connect;
    const { template } = await stubbedTemplate(ctx, ({ path }) =>
      path.endsWith("/logs") ? connect() : json(200, wireBuild({ status: "building" })),
    );
    const rounds = fuzzRounds(ctx, 2000, 50);
    let connections = 0;
    for (let round = 0; round < rounds; round++) {
      // Few different texts, so that lines repeat.
      const lines = Array.from({ length: below(30) }, () =>
        pick(["a", "b", "step é漢", "", `only ${below(99)}`]),
      );
      const log = [...lines.map((line) => logEvent(line)), logEnd()];
      let left = below(6);
      connect = () => {
        connections += 1;
        // The service says so while a build waits, and forgets it.
        const replay = log.flatMap((line) =>
          chance(8) ? [logEvent("build queued", { stream: "system" }), line] : [line],
        );
        const bytes = encoder.encode(replay.join(""));
        if (left-- <= 0) return streamOf(cutUp(random, bytes));
        const some = cutUp(random, bytes.subarray(0, below(bytes.length)));
        return chance(2) ? streamOf(some) : brokenAfter(some);
      };
      const seen = [];
      const stream = template.streamBuildLogs({ onEvent: ({ text, stream: by }) => seen.push([text, by]) });
      await time.run(stream);
      const notice = ([text, by]) => by === "system" && text === "build queued";
      const told = seen.filter((event) => !notice(event)).map(([text]) => text);
      assert.deepEqual(told, [...lines, "build ready"], `round ${round}`);
    }
    assert.ok(connections > rounds * 2, "connections broke");
    assert.equal(time.pending(), 0, "timers left");
  });
}

/** A streaming response that fails after these pieces. */
function brokenAfter(pieces) {
  const source = pieces[Symbol.iterator]();
  const body = new ReadableStream({
    pull(controller) {
      const { done, value } = source.next();
      if (done) controller.error(new TypeError("terminated"));
      else controller.enqueue(value);
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}
