// Bodies of answers. They are read through a call, which may end at any time: `call.next(reader)` is the next chunk of
// one, undefined at its end.
import { invalid } from "./errors.js";
import { header } from "./failures.js";
import { give } from "./stream.js";

const MAX_ANNOUNCED = 2 ** 32;
/** Of an error's body, so many characters are read. */
export const MAX_ERROR_BODY = 65_536;

export function responseOf(answer) {
  if (typeof answer?.status === "number") return answer;
  throw invalid("is not a Response");
}

export function readerOf(response) {
  if (!response.body) throw invalid("has no body");
  return response.body.getReader();
}

/** Asynchronous, so that a reader that throws at once rejects. */
export const next = async (reader) => reader.read();

export function chunkOf({ done, value }) {
  if (done) return undefined;
  if (value instanceof Uint8Array) return value;
  // Of another realm, or another kind of view.
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  throw invalid("has chunks that are not bytes");
}

/**
 * The whole body, undefined where it has more than `limit` bytes. With a Content-Length it is read into one buffer of
 * that size, so that a large file is never held twice.
 */
export async function bytesOf(call, response, limit, onProgress) {
  const length = header(response, "content-length");
  let announced = /^\d+$/.test(length) && !header(response, "content-encoding") ? Number(length) : 0;
  if (announced > limit) return undefined;
  // More than any file here has is a mistake of the server's, and no size to set memory aside for.
  if (announced > MAX_ANNOUNCED) announced = 0;
  if (!response.body) {
    // Runtimes and mocks that have no streams have the whole.
    const whole = new Uint8Array((await response.arrayBuffer?.()) ?? 0);
    return whole.length > limit ? undefined : whole;
  }
  const reader = response.body.getReader();
  let buffer = new Uint8Array(announced);
  let size = 0;
  const chunks = [];
  for (let chunk; (chunk = await call.next(reader)); ) {
    if (size + chunk.length > limit) return undefined;
    if (size + chunk.length <= buffer.length) buffer.set(chunk, size);
    else chunks.push(chunk);
    size += chunk.length;
    if (onProgress) give(call, onProgress, size, announced || undefined);
  }
  if (chunks.length === 0) return size === buffer.length ? buffer : buffer.slice(0, size);
  if (chunks.length === 1 && chunks[0].length === size) return chunks[0];
  // The header promised less than came: what is in the buffer comes first.
  const late = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const whole = new Uint8Array(size);
  whole.set(buffer.subarray(0, size - late));
  buffer = undefined;
  let at = size - late;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

/** The beginning of a body as text. What is not there or breaks off leaves what came. */
export async function beginningOf(call, response) {
  let text = "";
  try {
    // Mocks and older implementations have no streams, or others.
    if (!response.body?.getReader) {
      const whole = async () => (await response.text?.()) ?? JSON.stringify(await response.json?.());
      return (await call.wait(whole())) ?? "";
    }
    const reader = response.body.getReader();
    const stream = new TextDecoder();
    for (let chunk; text.length < MAX_ERROR_BODY && (chunk = await call.next(reader)); ) {
      text += stream.decode(chunk, { stream: true });
    }
  } catch {
    call.check();
  }
  return text;
}

/** Copies what comes after `start` of a chunk; answers with the number of bytes. */
export function copy(chunk, start, into) {
  const piece = chunk.subarray(start, start + into.length);
  into.set(piece);
  return piece.length;
}
