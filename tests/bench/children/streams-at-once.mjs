// Many commands that print 100 KB each, all at once, on a stubbed fetch: node streams-at-once.mjs <module> <count>
import { setImmediate as turn } from "node:timers/promises";

import { isFloor } from "../measure.mjs";
import { peakMb } from "../memory.mjs";
import { stubbedSandbox, withFetch } from "../service.mjs";

const EVENTS = 100;
const CHUNK_BYTES = 15_000;
/** What no stream's number looks like, and as long as one. */
const PLACE = "####";
/** So many first, a few at once, since what is not compiled yet would be most of the time of a few. */
const WARMUPS = 300;
const FEW = 60;

const line = `${PLACE} compiling module graph resolved in 12ms\n`;
const outputs = Array.from({ length: EVENTS }, (_, event) => `${event}\n${line.repeat(20)}`);
const frame = (/** @type {object} */ event) =>
  `data: ${JSON.stringify({ timestamp: "2026-08-01T12:00:00.123456789Z", ...event })}\n\n`;
const answer = outputs.map((stdout) => frame({ stdout })).join("") + frame({ exit_code: 0, finished: true });
const bytes = new TextEncoder().encode(answer);
/** Where the number belongs. */
const places = Array.from(answer.matchAll(new RegExp(PLACE, "g")), ({ index }) => index);
const name = (/** @type {number} */ number) => String(number).padStart(PLACE.length, "0");

/** The chunks of an answer to which its stream's number is put wherever it belongs. */
const chunks = Array.from({ length: Math.ceil(bytes.length / CHUNK_BYTES) }, (_, index) => {
  const start = index * CHUNK_BYTES;
  const end = start + CHUNK_BYTES;
  const here = places.filter((place) => place > start - PLACE.length && place < end);
  return { content: bytes.subarray(start, end), here: here.map((place) => place - start) };
});

/** @param {{ content: Uint8Array, here: number[] }} chunk @param {number} number */
function filled({ content, here }, number) {
  const copy = content.slice();
  const digits = Array.from(name(number), (digit) => digit.charCodeAt(0));
  for (const place of here) {
    for (let i = 0; i < digits.length; i++) copy[place + i] = digits[i];
  }
  return copy;
}

/** Each chunk comes in a turn of the loop after it was asked for, so that those of all streams alternate. */
async function stub(/** @type {any} */ _url, /** @type {any} */ { body }) {
  const { command } = JSON.parse(body);
  const number = Number(command.split(" ")[1]);
  let next = 0;
  const stream = new ReadableStream({
    async pull(controller) {
      await turn();
      if (next < chunks.length) controller.enqueue(filled(chunks[next++], number));
      else controller.close();
    },
  });
  return new Response(stream, { headers: { "content-type": "text/event-stream" } });
}

const [url = "", count = ""] = process.argv.slice(2);
const sandbox = await stubbedSandbox(await import(url));

/** @param {number} number */
async function command(number) {
  let length = 0;
  const { stdout, exitCode } = await sandbox.commands.run(`print ${number}`, {
    /** @param {string} data */
    onStdout(data) {
      length += data.length;
    },
  });
  return { stdout, exitCode, length };
}

const atOnce = (/** @type {number} */ many) =>
  Promise.all(Array.from({ length: many }, (_, number) => command(number)));

await withFetch(stub, async () => {
  for (let done = 0; done < WARMUPS; done += FEW) await atOnce(FEW);
  const start = performance.now();
  const results = await atOnce(Number(count));
  const ms = performance.now() - start;
  const peak = peakMb();
  for (const [number, { stdout, exitCode, length }] of isFloor(url) ? [] : results.entries()) {
    const expected = outputs.join("").replaceAll(PLACE, name(number));
    const intact = stdout === expected && length === expected.length && exitCode === 0;
    if (!intact) throw new Error(`stream ${number}: not the output that was sent`);
  }
  console.log(JSON.stringify({ ms, peakMb: peak }));
});
