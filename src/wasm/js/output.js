// A command's output as a stream: what has to be there at once. The rest loads apart (src/lazy/js/commands/stream.js).
import { make, SANDBOX } from "./errors.js";
import { asyncDispose } from "./runtime.js";
import { bytesOf } from "./session.js";
import { among } from "./shape.js";

/** Whose lines are wanted. */
const one = among(undefined, "stdout", "stderr");

const nothing = () => {};

/**
 * An iterator that is there before the one that it stands for.
 *
 * @param {Promise<any>} coming
 */
function later(coming) {
  /** @type {any} */
  let own;
  coming.then((come) => {
    own = come;
  }, nothing);
  const step = (/** @type {string} */ name) => () =>
    own ? own[name]() : coming.then((come) => come[name]());
  return {
    next: step("next"),
    return: step("return"),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/**
 * A `CommandStream`, and whether its command is written to.
 *
 * @param {Promise<any>} coming
 * @param {boolean} [isFed]
 */
export function output(coming, isFed) {
  /** @type {Promise<unknown> | undefined} */
  let result;
  /** @type {ReadableStream | undefined} */
  let readable;
  let isClosed = !isFed;
  const iterator = later(coming);
  /** @param {(stdin: any) => void} work */
  const feed = async (work) => {
    try {
      work((await (await coming).session).stdin);
    } catch {
      // Whoever reads hears of it.
    }
  };
  return {
    ...iterator,
    lines(/** @type {unknown} */ only) {
      one(only, "stream");
      return later(coming.then((stream) => stream.lines(only)));
    },
    kill: async (/** @type {unknown} */ signal) => (await coming).kill(signal),
    get result() {
      result ??= coming.then((stream) => stream.result);
      result.catch(nothing);
      return result;
    },
    get readable() {
      readable ??= new ReadableStream(
        {
          async pull(controller) {
            const { done, value } = await (await coming).content();
            if (done) controller.close();
            else controller.enqueue(value);
          },
          cancel: iterator.return,
        },
        { highWaterMark: 0 },
      );
      return readable;
    },
    stdin: {
      write(/** @type {unknown} */ data) {
        const bytes = bytesOf(data).slice();
        if (isClosed) throw make(SANDBOX, "stdin is closed", 0, "stdin_closed");
        feed((stdin) => stdin.write(bytes));
      },
      close() {
        if (!isClosed) feed((stdin) => stdin.close());
        isClosed = true;
      },
    },
    [asyncDispose]: () => iterator.return().then(nothing, nothing),
  };
}
