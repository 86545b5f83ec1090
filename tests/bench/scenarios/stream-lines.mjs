// A million short lines, one by one through `for await`, beside the peer's callbacks, which get each event.
import { interleaved } from "../measure.mjs";
import { stubbedSandbox, withFetch } from "../service.mjs";

/** @typedef {import("../measure.mjs").Urls} Urls */

const LINES = 1_000_000;
const CHUNK_BYTES = 64 * 1024;
const TIMESTAMP = "2026-08-01T12:00:00.123456789Z";

/** The whole answer in chunks: events of `each` lines, and the last. @param {number} each */
function transcript(each) {
  const encoder = new TextEncoder();
  /** @type {Uint8Array[]} */
  const chunks = [];
  let text = "";
  /** @param {object} event */
  const add = (event) => {
    text += `data: ${JSON.stringify({ timestamp: TIMESTAMP, ...event })}\n\n`;
    for (; text.length >= CHUNK_BYTES; text = text.slice(CHUNK_BYTES)) {
      chunks.push(encoder.encode(text.slice(0, CHUNK_BYTES)));
    }
  };
  for (let line = 0; line < LINES; line += each) {
    add({ stdout: Array.from({ length: each }, (_, i) => `line ${line + i}\n`).join("") });
  }
  add({ exit_code: 0, finished: true });
  return [...chunks, encoder.encode(text)];
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

/** How many lines came, in a loop. @param {any} sandbox */
async function looped(sandbox) {
  let count = 0;
  for await (const line of sandbox.commands.stream("make").lines()) if (line) count++;
  return count;
}

/**
 * The same by the peer's callback, which has to find them in what comes.
 *
 * @param {any} sandbox
 */
async function called(sandbox) {
  let count = 0;
  let rest = "";
  /** @param {string} text */
  const onStdout = (text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line) count++;
  };
  await sandbox.commands.run("make", { onStdout });
  return count;
}

/**
 * @param {Urls} urls
 * @param {number} each
 */
async function lines(urls, each) {
  const chunks = transcript(each);
  const medians = await interleaved({ rounds: 7, warmups: 2 }, async (side) => {
    const sandbox = await stubbedSandbox(await import(urls[side]));
    return withFetch(
      async () => answer(chunks),
      async () => {
        const start = performance.now();
        const count = await (side === "ours" ? looped : called)(sandbox);
        const took = performance.now() - start;
        if (count !== LINES) throw new Error(`${count} of ${LINES} lines came`);
        return took;
      },
    );
  });
  return [{ unit: "ms", ...medians }];
}

export const streamLines = {
  /** Each comes alone. @param {Urls} urls */
  "stream-lines": (urls) => lines(urls, 1),
  /** Several come together, as of a program that writes fast. @param {Urls} urls */
  "stream-lines-4k": (urls) => lines(urls, 320),
};
