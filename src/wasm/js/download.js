// A file as a stream of its pieces (download.rs).
import { ALL, lengthOf } from "./body.js";
import { header } from "./failures.js";
import { module, protect } from "./module.js";

/** What is known of a file that comes in one answer, or in several where one broke off. */
export class Download {
  #call;
  #range;
  #received = 0;
  /** When the file was changed last, as its answers say. @type {string | undefined} */
  #stamp;
  /** How many bytes come, not a number while that is not known. */
  size = NaN;

  /** @param {import("./call.js").Call} call */
  constructor(call) {
    this.#call = call;
    this.#range = call.range ?? ALL;
  }

  /** An answer came. Answers whether it is one with more of the same file. */
  opened() {
    const { given, range } = this.#call;
    const answer = /** @type {Response} */ (given.answer);
    const stamp = header(answer, "last-modified");
    const size = this.#received + lengthOf(answer, range);
    const isSame = stamp === (this.#stamp ?? stamp) && (size === (this.size || size) || Number.isNaN(size));
    this.#stamp = stamp;
    if (size >= 0) this.size = size;
    return isSame;
  }

  /** Whether the next answer would be known to be of the same file. It has what is left. */
  resume() {
    const { offset, length } = this.#range;
    this.#call.range = { offset: offset + this.#received, length: length - this.#received };
    return this.#stamp !== undefined;
  }

  /** Whether nothing is left, at the end of an answer. */
  isWhole() {
    if (Number.isNaN(this.size)) return this.#received === this.#range.length || !this.#call.mayBeCut();
    return this.#received >= this.size;
  }

  /** A chunk came. Answers with how many bytes have come. @param {Uint8Array} chunk */
  take({ length }) {
    this.#received += length;
    this.#call.progress(this.#received, this.size || undefined);
    return this.#received;
  }
}

/** Streams that nobody has any more end. @type {FinalizationRegistry<{ number: number }> | undefined} */
const registry =
  typeof FinalizationRegistry === "function"
    ? new FinalizationRegistry(({ number }) => end(number))
    : undefined;

const end = (/** @type {number} */ number) => protect(() => module.cancel(number));

/** The stream that has that number. @param {number} number */
export function streamOf(number) {
  const held = { number };
  const cancel = () => {
    end(held.number);
    // From now on it is another's.
    held.number = 0;
  };
  /** @type {UnderlyingDefaultSource<Uint8Array>} */
  const source = {
    async pull(controller) {
      try {
        const chunk = await protect(() => module.pull(held.number));
        if (chunk) return controller.enqueue(chunk);
        controller.close();
      } catch (error) {
        controller.error(error);
      }
      cancel();
    },
    cancel,
  };
  // Not the stream: WebKit lets go of that object while its reader is in use.
  registry?.register(source, held);
  return new ReadableStream(source, { highWaterMark: 0 });
}
