// What a process has written and writes: by a script in the sandbox, whose stream is opened anew whenever it ends.
import { FOLLOW_PROCESS, NOT_FOUND, NOT_FOUND_STATUS, SANDBOX } from "#constants";
import { limited, patience } from "./again.js";

/** @import { Rest } from "../index.js" */
/** @typedef {"stdout" | "stderr"} Stream */
/** @typedef {{ stream: Stream, text: string, position: Record<Stream, number>, skipped?: number }} Output */
/** @typedef {{ from?: Partial<Record<Stream, number>>, tail?: number, stream?: string, signal?: AbortSignal, timeoutMs?: number }} Options */

/** So much is asked for by one request: no more waits for its reader. */
const MOST_BYTES = 4_194_304;
/** Stands for a stream that is not asked for, and for its end. */
const NONE = -1;
const END = -2;
const STREAMS = /** @type {Stream[]} */ (["stdout", "stderr"]);
/** What the script says of the base64 before it, or of itself. */
const WORD = /^:(\w+) ?(-?\d*) ?(-?\d*)$/;

/** @type {(base64: string) => Uint8Array} */
const bytesOf = (base64) => Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));

/** Where the last whole character of UTF-8 ends. @param {Uint8Array} bytes */
function wholeEnd(bytes) {
  const { length } = bytes;
  for (let back = 1; back <= Math.min(3, length); back++) {
    const byte = bytes[length - back];
    if (byte < 0x80) break;
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? length - back : length;
  }
  return length;
}

/**
 * The bytes of one stream become text: what is told of it, and where what comes next begins.
 *
 * @param {Stream} stream
 * @param {number} offset
 */
function reader(stream, offset) {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let held = new Uint8Array(0);
  return {
    stream,
    /** Where the next bytes begin. */
    offset,
    /** Where the next text begins. */
    get place() {
      return this.offset < 0 ? 0 : this.offset - held.length;
    },
    /** What these bytes complete, or with none what is left of them. @type {(bytes?: Uint8Array) => string} */
    text(bytes) {
      const all = new Uint8Array(held.length + (bytes?.length ?? 0));
      all.set(held);
      if (bytes) all.set(bytes, held.length);
      const end = bytes ? wholeEnd(all) : all.length;
      held = all.slice(end);
      return decoder.decode(all.subarray(0, end));
    },
  };
}

/**
 * Tells what the process of that id writes: as long as it runs, or what there is.
 *
 * @param {string} id
 * @param {Options} options
 * @param {boolean} isLive
 * @param {Rest} rest
 * @param {AbortSignal} signal What ends it.
 * @returns {AsyncGenerator<Output, Record<Stream, number>, undefined>}
 */
export async function* told(id, { from, tail = NONE, stream = "both", timeoutMs }, isLive, rest, signal) {
  const { run, make } = rest;
  const { again, renew } = patience(rest, signal);
  const [out, err] = STREAMS.map((name) => {
    const isWanted = stream === "both" || stream === name;
    return reader(name, !isWanted ? NONE : tail === NONE ? (from?.[name] ?? 0) : END);
  });
  const readers = { stdout: out, stderr: err };
  const position = () => ({ stdout: out.place, stderr: err.place });
  /** What has come and is not told yet. @type {Output[]} */
  let queue = [];
  let wake = () => {};
  /** @param {Stream} name @param {string} text @param {number} skipped */
  const push = (name, text, skipped) => {
    if (!text && !skipped) return;
    const output = { stream: name, text, position: position() };
    queue.push(skipped ? { ...output, skipped } : output);
  };

  for (;;) {
    /** Why the stream ended, as the script says. */
    let end = "";
    /** @type {unknown} */
    let odd;
    let line = "";
    /** @type {string[]} */
    let base64 = [];
    let isOver = false;
    /** @param {string} one */
    const take = (one) => {
      const [, word, first, second] = WORD.exec(one) ?? [];
      if (!word) return base64.push(one);
      renew();
      if (word === "open") {
        // What the end of a stream was, or where its last lines begin, is known from now on.
        if (out.offset === END) out.offset = +first;
        if (err.offset === END) err.offset = +second;
      } else if (word === "stdout" || word === "stderr") {
        const bytes = bytesOf(base64.join(""));
        base64 = [];
        const to = readers[word];
        // A file that was rotated away under the reader's hands is asked for again.
        if (end || bytes.length !== +second || +first < to.offset) return (end ||= "odd");
        const skipped = +first - to.offset;
        if (skipped) push(word, to.text(), 0);
        to.offset = +first + bytes.length;
        const text = to.text(bytes);
        push(word, text, skipped);
      } else {
        end ||= word;
      }
    };
    /** @param {string} text */
    const onStdout = (text) => {
      const lines = (line + text).split("\n");
      line = lines.pop() ?? "";
      try {
        for (const one of lines) take(one);
      } catch (error) {
        odd ??= error;
      }
      wake();
    };
    const tailed = out.offset === END || err.offset === END ? tail : NONE;
    const asked = [id, out.offset, err.offset, MOST_BYTES, isLive, tailed];
    /** @type {unknown} */
    let failure;
    const request = run(FOLLOW_PROCESS, [...asked, { signal, timeoutMs, onStdout }], true)
      .catch((/** @type {unknown} */ error) => {
        failure = error ?? new Error();
      })
      .then(() => {
        isOver = true;
        wake();
      });
    for (;;) {
      const next = queue.shift();
      if (next) {
        yield next;
      } else if (isOver) {
        break;
      } else {
        await new Promise((/** @type {(value?: unknown) => void} */ resolve) => {
          wake = resolve;
        });
        wake = () => {};
      }
    }
    await request;
    queue = [];
    if (odd) throw make(SANDBOX, "the sandbox told what no process writes", 0, "invalid_response");
    if (failure) await again(failure);
    else if (end === "absent")
      throw make(NOT_FOUND, `there is no process ${id}`, NOT_FOUND_STATUS, "not_found");
    else if (end === "end" || (!isLive && end === "all")) break;
    else if (!end) await again(make(SANDBOX, "the sandbox told nothing", 0, "stream_ended"));
  }
  for (const { stream: name, text } of [out, err].map((one) => ({ stream: one.stream, text: one.text() }))) {
    if (text) yield { stream: name, text, position: position() };
  }
  return position();
}

/** Tells it to a loop. @param {string} id @param {Options} options @param {Rest} rest @param {<T>(work: Promise<T>) => Promise<T>} named */
export function follower(id, options, rest, named) {
  const { signal, end } = limited(options.signal);
  const inner = told(id, options, true, rest, signal);
  let isOver = false;
  return {
    async next() {
      if (isOver) return { done: true, value: undefined };
      try {
        const { done, value } = await named(inner.next());
        if (!done && !isOver) return { done, value };
      } catch (error) {
        if (!isOver) {
          isOver = true;
          end();
          throw error;
        }
      }
      isOver = true;
      end();
      return { done: true, value: undefined };
    },
    async return() {
      isOver = true;
      end();
      await inner.return({ stdout: 0, stderr: 0 }).catch(() => {});
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
