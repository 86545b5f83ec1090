// Bodies of answers.
import { SANDBOX, invalid, make } from "./errors.js";
import { header } from "./failures.js";
import { encoder } from "./runtime.js";

const MAX_ANNOUNCED = 2 ** 32;
/** The status of an answer to a request for a part of a file that begins where the file ends, or behind that. */
export const BEHIND_THE_END = 416;
/** The whole of a file. @type {Range} */
export const ALL = { offset: 0, length: Infinity };
/** So many characters of an error's body are read. */
const MAX_ERROR_BODY = 65_536;

/**
 * What `fetch` answered with, if that is a response. A mock or a `fetch` of a caller's own may have another class.
 *
 * @param {Response} answer
 */
export function responseOf(answer) {
  if (typeof answer?.status === "number") return answer;
  throw invalid("is not a Response");
}

/** @typedef {{ done?: boolean, value?: unknown }} Part What a reader gives. */
/** @typedef {{ read(): Promise<Part>, cancel?(reason?: unknown): Promise<unknown> | undefined }} Reader */

/**
 * A reader of a body, whatever `fetch` there is: of a stream, of what can be iterated such as node-fetch's, or of the
 * whole, as many a mock has it.
 *
 * @param {Response} response
 * @returns {Reader}
 */
export function readerOf(response) {
  const { body } = response;
  if (body?.getReader) return body.getReader();
  const parts = body?.[Symbol.asyncIterator]?.();
  if (parts) return { read: () => parts.next(), cancel: () => parts.return?.() };
  let done = true;
  return { read: async () => ({ done: (done = !done), value: done ? undefined : await wholeOf(response) }) };
}

/** @typedef {{ offset: number, length: number }} Range A part of a file: so many bytes after the first. */

/**
 * A reader of that part of a file of which an answer has that part, the whole, or, behind the file's end, nothing.
 *
 * @param {Response} response
 * @param {Range} range
 * @returns {Reader}
 */
function partOf(response, { offset, length }) {
  const reader = readerOf(response);
  const isWhole = response.status === 200;
  let skip = isWhole ? offset : 0;
  let left = response.status === BEHIND_THE_END ? 0 : length;
  return {
    async read() {
      // Of a part the end is read too, so that the connection can serve again.
      while (left > 0 || !isWhole) {
        const chunk = chunkOf(await reader.read());
        if (!chunk) break;
        const piece = chunk.subarray(skip, skip + left);
        skip -= Math.min(skip, chunk.length);
        left -= piece.length;
        if (piece.length > 0) return { value: piece };
      }
      return { done: true };
    },
  };
}

/**
 * A reader of what is wanted of an answer: all of it, or that part of a file.
 *
 * @param {Response} response
 * @param {Range | undefined} range
 */
export const wantedOf = (response, range) => (range ? partOf(response, range) : readerOf(response));

/**
 * How many bytes that has, not a number where the answer does not say.
 *
 * @param {Response} response
 * @param {Range} [range]
 */
export function lengthOf(response, { offset, length } = ALL) {
  if (response.status === BEHIND_THE_END) return 0;
  // Undefined is no number either, for `test` makes a text of it.
  const whole = /** @type {string} */ (header(response, "content-length"));
  if (!/^\d+$/.test(whole) || header(response, "content-encoding")) return NaN;
  return Math.min(Math.max(Number(whole) - (response.status === 200 ? offset : 0), 0), length);
}

/** @param {Response} response */
async function wholeOf(response) {
  if (response.arrayBuffer) return new Uint8Array(await response.arrayBuffer());
  if (response.text) return response.text();
  if (response.json) return JSON.stringify(await response.json());
  throw invalid("has no body that this can read");
}

/**
 * The bytes of what a reader gave, undefined at the end.
 *
 * @param {Part} part
 * @returns {Uint8Array | undefined}
 */
export function chunkOf({ done, value }) {
  if (done) return undefined;
  if (typeof value === "string") return encoder().encode(value);
  if (!ArrayBuffer.isView(value)) throw invalid("has chunks that are not bytes");
  // A class of a caller's own, another kind of view or one of another realm may do other things when it is cut.
  const isPlain = Object.getPrototypeOf(value) === Uint8Array.prototype;
  if (isPlain && /** @type {Uint8Array} */ (value).length) return /** @type {Uint8Array} */ (value);
  try {
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  } catch {
    // The piece would pass for an empty one.
    throw invalid("has a piece whose memory was taken away");
  }
}

/**
 * The whole body, or that part of a file, undefined where it has more than `limit` bytes. With a Content-Length it is read into one buffer of
 * that size, so that a large file is never held twice. `goesOn` is asked after each chunk, and told whether that is another
 * than the first with anything in it.
 *
 * @param {Response} response
 * @param {number} limit
 * @param {(size: number, announced: number | undefined, isLater: boolean) => boolean} goesOn
 * @param {Range} [range]
 */
export async function bytesOf(response, limit, goesOn, range) {
  let announced = lengthOf(response, range) || 0;
  if (announced > limit) return undefined;
  // More than any file here has is a mistake of the server's, and no size to set memory aside for.
  if (announced > MAX_ANNOUNCED) announced = 0;
  const reader = wantedOf(response, range);
  /** @type {Uint8Array | undefined} */
  let buffer;
  let size = 0;
  /** @type {Uint8Array[]} */
  const chunks = [];
  for (let chunk; (chunk = chunkOf(await reader.read())); ) {
    size += chunk.length;
    const isLater = size === 0 || size > chunk.length;
    if (size > limit || !goesOn(size, announced || undefined, isLater)) return undefined;
    // One chunk is the whole of most answers.
    if (chunk.length < announced) buffer ??= new Uint8Array(announced);
    if (buffer && size <= announced) buffer.set(chunk, size - chunk.length);
    else chunks.push(chunk);
  }
  if (chunks.length === 1 && chunks[0].length === size) return chunks[0];
  if (size < announced)
    throw make(SANDBOX, `the answer broke off after ${size} of ${announced} bytes`, 0, "incomplete");
  if (chunks.length === 0) return buffer ?? new Uint8Array();
  // The header promised less than came, or nothing: what is in the buffer comes first.
  const whole = new Uint8Array(size);
  let at = size - chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  if (buffer) whole.set(buffer.subarray(0, at));
  buffer = undefined;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

/**
 * Whether the runtime may have passed off the beginning of a body as the whole: none tells of a length that fits.
 *
 * @param {Response} response
 */
export function mayBeCut(response) {
  if (header(response, "content-encoding")) return true;
  return header(response, "connection") === "close" && !header(response, "content-length");
}

/**
 * The beginning of a body as text, and whether that is the whole. A body that breaks off leaves what came; it leaves
 * nothing where it may not be `cut`, since the end may be within a secret.
 *
 * @param {Response} response
 * @param {boolean} cut
 * @param {() => boolean} goesOn
 */
export async function beginningOf(response, cut, goesOn) {
  let text = "";
  try {
    const reader = readerOf(response);
    const stream = new TextDecoder();
    for (let chunk; text.length < MAX_ERROR_BODY && goesOn() && (chunk = chunkOf(await reader.read())); ) {
      text += stream.decode(chunk, { stream: true });
    }
  } catch {
    if (!cut) text = "";
  }
  return { text, isWhole: text.length < MAX_ERROR_BODY };
}

/** How many bytes a chunk has. It throws where the chunk's memory is gone. */
export const size = (/** @type {Uint8Array} */ chunk) =>
  chunk.length || new Uint8Array(chunk.buffer, 0, 0).length;

/**
 * Copies what comes after `start` of a chunk, and answers with the number of bytes, 0 where its memory is gone.
 *
 * @param {Uint8Array} chunk
 * @param {number} start
 * @param {Uint8Array} into
 */
export function copy(chunk, start, into) {
  const length = Math.min(chunk.length - start, into.length);
  if (length <= 0) return 0;
  into.set(new Uint8Array(chunk.buffer, chunk.byteOffset + start, length));
  return length;
}
