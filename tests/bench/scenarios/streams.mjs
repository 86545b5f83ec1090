// A command that prints 50 MB, as it comes over the wire.
import { interleaved, isFloor } from "../measure.mjs";
import { stubbedSandbox, withFetch } from "../service.mjs";

/** @typedef {import("../measure.mjs").Urls} Urls */

const TOTAL_BYTES = 50_000_000;
const CHUNK_BYTES = 64 * 1024;
const TIMESTAMP = "2026-08-01T12:00:00.123456789Z";

const encoder = new TextEncoder();

/**
 * An event as the service frames it.
 *
 * @param {object} event
 */
const frame = (event) => `data: ${JSON.stringify({ timestamp: TIMESTAMP, ...event })}\n\n`;

/**
 * Plain text that makes an event of exactly `bytes` on the wire.
 *
 * @param {number} bytes
 */
function ascii(bytes) {
  const words = "compiling module graph resolved in 12ms ";
  return words.repeat(Math.ceil(bytes / words.length)).slice(0, bytes - frame({ stdout: "" }).length);
}

const NON_ASCII = "café — 日本語のログ出力です。 Größe: 12 µs ✓ 🚀 проверка завершена\n";

/** The same lines again and again, in an event of up to `bytes` on the wire. @param {number} bytes */
function nonAscii(bytes) {
  const line = encoder.encode(JSON.stringify(NON_ASCII)).length - '""'.length;
  return NON_ASCII.repeat((bytes - frame({ stdout: "" }).length) / line);
}

export const OUTPUTS = {
  "sse-ascii-100b": ascii(100),
  "sse-ascii-4k": ascii(4096),
  "sse-escaped":
    '\u001b[32mok\u001b[0m test "parses C:\\\\tmp\\\\a.json"\t(3 ms)\r\n' +
    "\u001b[2mnode_modules/.bin/jest --ci\u001b[0m\n",
  "sse-nonascii": NON_ASCII,
  "sse-nonascii-4k": nonAscii(4096),
};

/**
 * The whole answer in chunks, of so many bytes or just less, and the text that the client must hand on.
 *
 * @param {string} text
 * @param {number} total
 */
export function transcript(text, total) {
  const event = encoder.encode(frame({ stdout: text }));
  const count = Math.floor(total / event.length);
  const end = encoder.encode(frame({ exit_code: 0, finished: true }));
  const bytes = new Uint8Array(count * event.length + end.length);
  for (let i = 0; i < count; i++) bytes.set(event, i * event.length);
  bytes.set(end, count * event.length);
  const chunks = [];
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) chunks.push(bytes.slice(at, at + CHUNK_BYTES));
  return { chunks, whole: text.repeat(count) };
}

/** @param {Uint8Array[]} chunks */
function answer(chunks) {
  let next = 0;
  const body = new ReadableStream({
    pull(controller) {
      if (next < chunks.length) controller.enqueue(chunks[next++]);
      else controller.close();
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

/**
 * Milliseconds that a command takes whose output that is.
 *
 * @param {string} url
 * @param {ReturnType<typeof transcript>} output
 */
export async function readStream(url, { chunks, whole }) {
  const sandbox = await stubbedSandbox(await import(url));
  return withFetch(
    async () => answer(chunks),
    async () => {
      let seen = 0;
      const start = performance.now();
      const { stdout, exitCode } = await sandbox.commands.run("make", {
        /** @param {string} data */
        onStdout(data) {
          seen += data.length;
        },
      });
      const took = performance.now() - start;
      const intact = isFloor(url) || (seen === whole.length && stdout === whole && exitCode === 0);
      if (!intact)
        throw new Error(`stream: ${seen} of ${whole.length} characters arrived, or not those sent`);
      return took;
    },
  );
}

export const streams = Object.fromEntries(
  Object.entries(OUTPUTS).map(([name, text]) => [
    name,
    async (/** @type {Urls} */ urls) => {
      const output = transcript(text, TOTAL_BYTES);
      const medians = await interleaved({ rounds: 7, warmups: 2 }, (side) => readStream(urls[side], output));
      return [{ unit: "ms", ...medians }];
    },
  ]),
);
