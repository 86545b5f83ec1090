// Archives as they are sent and as they come: JavaScript has the bytes, the module the headers.
import { FILE } from "../module.js";

/** @import { Core, Entry } from "../module.js" */

const BLOCK = 512;

/** Pieces of a stream are so large, so that few go through it. */
const PIECE = 262_144;

/**
 * What is to be sent. `open` gives the bytes of a file; undefined where it is gone by now.
 *
 * @typedef {Entry & { open?(): Promise<Content | undefined> }} Item
 * @typedef {{ size: number, pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array> }} Content
 */

/** Zeros from the end of that many bytes to that of their block. @param {number} size */
const filling = (size) => new Uint8Array((BLOCK - (size % BLOCK)) % BLOCK);

/** So many files are opened ahead of the one that is being sent. */
const AHEAD = 16;

/**
 * The archive of some items, in pieces. `sent` is told of the bytes of files as they go, and of each that has gone; `shrunk`
 * makes the error of a file that has fewer bytes than it had when it was opened.
 *
 * @param {Core} core
 * @param {Item[]} items
 * @param {{ sent(bytes: number): void, done(item: Item): void, shrunk(item: Item): Error }} told
 */
export async function* archiveOf(core, items, told) {
  /** @type {Promise<Content | undefined>[]} */
  const opened = [];
  let next = 0;
  for (const [at, item] of items.entries()) {
    for (; next < Math.min(at + AHEAD, items.length); next++) {
      opened[next] = Promise.resolve(items[next].open?.());
      // It is waited for in its turn.
      opened[next].catch(() => {});
    }
    const content = await opened[at];
    delete opened[at];
    if (!content) {
      if (item.kind === FILE) continue;
      yield core.write(item);
      told.done(item);
      continue;
    }
    const { size } = content;
    yield core.write({ ...item, size });
    let left = size;
    for await (const piece of content.pieces) {
      // What a file has got since is not of this archive.
      const part = piece.length > left ? piece.subarray(0, left) : piece;
      left -= part.length;
      told.sent(part.length);
      yield part;
      if (left === 0) break;
    }
    if (left > 0) throw told.shrunk(item);
    yield filling(size);
    told.done(item);
  }
  yield new Uint8Array(2 * BLOCK);
}

/**
 * The same bytes in larger pieces.
 *
 * @param {AsyncIterable<Uint8Array>} pieces
 * @returns {AsyncGenerator<Uint8Array<ArrayBuffer>>}
 */
export async function* gathered(pieces) {
  let buffer = new Uint8Array(PIECE);
  let filled = 0;
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length; ) {
      const part = piece.subarray(at, at + PIECE - filled);
      buffer.set(part, filled);
      filled += part.length;
      at += part.length;
      if (filled === PIECE) {
        yield buffer;
        buffer = new Uint8Array(PIECE);
        filled = 0;
      }
    }
  }
  if (filled > 0) yield buffer.subarray(0, filled);
}

/** Bytes that come in pieces of any size, taken in others. */
export class Source {
  #reader;
  #cut;
  #rest = new Uint8Array(0);

  /**
   * @param {ReadableStream<Uint8Array<ArrayBuffer>>} stream
   * @param {() => Error} cut Makes the error of a stream that ends too soon.
   */
  constructor(stream, cut) {
    this.#reader = stream.getReader();
    this.#cut = cut;
  }

  /** So many bytes, or fewer if not as many have come: one at least. @param {number} most */
  async #some(most) {
    while (this.#rest.length === 0) {
      const { done, value } = await this.#reader.read();
      if (done) throw this.#cut();
      this.#rest = value;
    }
    const some = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(some.length);
    return some;
  }

  /** So many bytes. @param {number} size */
  async take(size) {
    const first = size > 0 ? await this.#some(size) : new Uint8Array(0);
    if (first.length === size) return first;
    const whole = new Uint8Array(size);
    whole.set(first);
    for (let at = first.length; at < size; ) {
      const some = await this.#some(size - at);
      whole.set(some, at);
      at += some.length;
    }
    return whole;
  }

  /** So many bytes, as they come. @param {number} size */
  async *pieces(size) {
    for (let left = size; left > 0; ) {
      const some = await this.#some(left);
      left -= some.length;
      yield some;
    }
  }

  /** Lets go of the stream. */
  async close() {
    await this.#reader.cancel();
  }
}

/**
 * The entries of an archive, each to be dealt with before the next: what is left of its bytes then is passed over.
 *
 * @param {Core} core
 * @param {Source} source
 * @param {() => Error} broken Makes the error of what is no archive.
 */
export async function* entriesOf(core, source, broken) {
  for (;;) {
    const found = core.header(await source.take(BLOCK));
    if (found === undefined) return;
    if (found === null) throw broken();
    if (typeof found === "number") {
      const bytes = await source.take(found);
      await source.take(filling(found).length);
      if (!core.note(bytes)) throw broken();
      continue;
    }
    let left = found.size;
    const pieces = async function* () {
      for await (const piece of source.pieces(left)) {
        left -= piece.length;
        yield piece;
      }
    };
    yield { entry: found, pieces };
    for await (const piece of source.pieces(left)) left -= piece.length;
    await source.take(filling(found.size).length);
  }
}
