// Files that are sent piece by piece, or put into their place by a step of its own.
import { PUT_FILE, READY, SEND_PART, SEND_STREAM, WRITE_FILE } from "#constants";

/** @import { Rest } from "../index.js" */

/** @typedef {Rest["run"]} Call What calls a step of a method. */
/** @typedef {{ next(): Promise<IteratorResult<Uint8Array>>, cancel(): void }} Pieces What gives a file piece by piece. */

/** A part has so many bytes. */
const PART_BYTES = 8 * 1024 * 1024;
/** Bytes that are there already are told of in pieces of this size. */
const PIECE_BYTES = 256 * 1024;
/** So long the parts may take to be joined, unless the caller says otherwise. */
const JOIN_MS = 300_000;
/** So many files are written at once. */
const AT_ONCE = 6;

/**
 * `Files.write`, where one request does not do.
 *
 * @param {any} options
 * @param {Rest} rest
 */
export async function write({ path, content, mode, append, createNew, onProgress, ...options }, rest) {
  const how = createNew ? "new" : append ? "append" : "";
  return putting(rest, path, how, { ...options, mode }, async (step, place) => {
    const isPlain = !rest.isSource(content) && !onProgress;
    if (!isPlain) return send({ ...rest, run: step }, place, content, { ...options, onProgress });
    await step(SEND_PART, [place, content, options]);
    return 0;
  });
}

/**
 * Sends a file by `work` under a name that nobody else has, beside the path at which it then appears. What fails leaves
 * nothing.
 *
 * @param {Rest} rest
 * @param {string} path
 * @param {string} how
 * @param {{ signal?: AbortSignal, timeoutMs?: number, mode?: number, expected?: string }} options
 * @param {(call: Call, path: string) => Promise<number>} work Answers with the number of parts beyond the first.
 */
export async function putting({ run, fresh }, path, how, { timeoutMs = JOIN_MS, ...options }, work) {
  const name = `.superserve-${fresh()}`;
  let sent = 0;
  /** @type {Call} */
  const counted = (step, values) => {
    if (step !== READY) sent++;
    return run(step, values);
  };
  try {
    const parts = await work(counted, `${path.replace(/\/*[^/]*\/*$/, "")}/${name}`);
    await run(PUT_FILE, [path, name, parts, how, { ...options, timeoutMs }]);
  } catch (error) {
    // In the background, and without the signal, which may have ended this, possibly before there was anything.
    const isThere = sent > 1 || (sent === 1 && /** @type {any} */ (error)?.attempts !== 0);
    if (isThere) run(PUT_FILE, [path, name, 0, "discard"]).catch(() => {});
    throw error;
  }
}

/**
 * Sends what gives a file piece by piece to `path`, whose name nobody else has: by one request, where the runtime can and
 * it is not small, else in parts, the second of which goes to `path.1`. Answers with the number of parts beyond the first.
 *
 * @param {Rest} rest
 * @param {string} path
 * @param {any} content
 * @param {{ signal?: AbortSignal, timeoutMs?: number, onProgress?: Function, total?: number }} options
 */
export async function send(
  rest,
  path,
  content,
  { signal, timeoutMs, onProgress, total = sizeOf(rest, content) },
) {
  const { run } = rest;
  const options = { signal, timeoutMs, onProgress, sent: 0, total };
  const pieces = piecesOf(rest, content, signal);
  try {
    let part = await gather(pieces);
    if (part.length === PART_BYTES && canStream() && (await run(READY, [options]))) {
      await run(SEND_STREAM, [path, joined(part, pieces), options]);
      return 0;
    }
    for (let count = 0; ; count++) {
      const place = count ? `${path}.${count}` : path;
      const isLast = part.length < PART_BYTES;
      // The next is gathered while this one is on its way.
      const [, next] = await Promise.all([
        run(SEND_PART, [place, part, options]),
        isLast ? undefined : gather(pieces),
      ]);
      options.sent += part.length;
      if (!next?.length) return count;
      part = next;
    }
  } catch (error) {
    pieces.cancel();
    throw error;
  }
}

/**
 * The next bytes, as many as a part has, unless they end before or the caller no longer wants them.
 *
 * @param {Pieces} pieces
 */
async function gather(pieces) {
  const part = new Uint8Array(PART_BYTES);
  let size = 0;
  while (size < PART_BYTES) {
    const { done, value } = await pieces.next();
    if (done) break;
    size += value.length;
    part.set(value, size - value.length);
  }
  return part.subarray(0, size);
}

/**
 * A part that was gathered, and the pieces after it.
 *
 * @param {Uint8Array} part
 * @param {Pieces} pieces
 */
function joined(part, pieces) {
  /** @type {Uint8Array | undefined} */
  let first = part;
  return {
    async next() {
      const value = first;
      first = undefined;
      return value ? { value } : pieces.next();
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/**
 * The pieces of a content, none larger than what is left of a part, since a large one is cut at its end. They end with the
 * signal: the next step says why.
 *
 * @param {Rest} rest
 * @param {any} content
 * @param {AbortSignal | undefined} signal
 * @returns {Pieces}
 */
function piecesOf(rest, content, signal) {
  const reader = rest.readerOf(streamed(rest, content));
  const gone = ended(signal);
  /** @type {Uint8Array} */
  let left = new Uint8Array();
  let sinceCut = 0;
  return {
    async next() {
      while (left.length === 0) {
        const part = await Promise.race([reader.read(), gone]);
        if (!part || part.done) return { done: true, value: undefined };
        left = bytesOf(rest, part.value);
      }
      const value = left.subarray(0, PART_BYTES - sinceCut);
      left = left.subarray(value.length);
      sinceCut = (sinceCut + value.length) % PART_BYTES;
      return { value };
    },
    cancel() {
      // Whatever it says, nobody wants it.
      const told = async () => {
        await reader.cancel?.();
      };
      told().catch(() => {});
    },
  };
}

/** What a reader can be made of. @type {(rest: Rest, content: any) => any} */
function streamed(rest, content) {
  if (content.getReader || content[Symbol.asyncIterator]) return { body: content };
  if (content.stream) return { body: content.stream() };
  return rest.isSource(content) ? content : { body: slices(bytesOf(rest, content)) };
}

/** @param {Uint8Array} bytes */
async function* slices(bytes) {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES);
}

/** @type {(rest: Rest, value: any) => Uint8Array} */
function bytesOf({ refusal }, value) {
  if (typeof value === "string") return new TextEncoder().encode(value);
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  throw refusal("content", "come as bytes or text");
}

/** How many bytes a content has, if that is known. @type {(rest: Rest, content: any) => number | undefined} */
function sizeOf(rest, content) {
  if (rest.isSource(content)) return rest.lengthOf(content) || undefined;
  return content.size ?? bytesOf(rest, content).length;
}

/** @param {AbortSignal | undefined} signal */
const ended = (signal) =>
  new Promise((resolve) => {
    if (signal?.aborted) resolve(undefined);
    signal?.addEventListener("abort", () => resolve(undefined), { once: true });
  });

/** @type {boolean | undefined} */
let streams;

/** Whether `fetch` can send a stream, and does not make a text of it. */
function canStream() {
  try {
    const init = { method: "POST", body: new ReadableStream(), duplex: "half" };
    streams ??= !new Request("http://localhost", init).headers.has("content-type");
  } catch {
    streams = false;
  }
  return streams;
}

/**
 * `Files.writeMany`.
 *
 * @param {any} options
 * @param {Rest} rest
 */
export async function writeMany({ files, signal, timeoutMs }, { run, check, isOurs }) {
  const own = new AbortController();
  /** @type {{ path: string, content: unknown, mode?: number }[]} */
  const all = files;
  const jobs = all.map(({ path, content, mode }) => [path, content, { mode, timeoutMs, signal: own.signal }]);
  // All of them, before anything is sent.
  for (const job of jobs) check(WRITE_FILE, job);
  const abort = () => own.abort(signal.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort, { once: true });
  const work = async () => {
    for (let job; (job = jobs.shift()); ) {
      try {
        await run(WRITE_FILE, job);
      } catch (error) {
        jobs.length = 0;
        const { message } = /** @type {Error} */ (error);
        if (isOurs(error) && !message.includes(`${job[0]}`)) error.message = `${job[0]}: ${message}`;
        own.abort(error);
        throw error;
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  } finally {
    signal?.removeEventListener("abort", abort);
  }
  return undefined;
}
