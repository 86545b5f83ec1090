import { Refusal } from "./refusal.js";

/** @import { Exchange } from "./exchange.js" */
/** @import { Content, FoundRoute, Watch } from "./types.js" */

/** JSON has this at most. A file of this size is read first, to be sent again if the sandbox turns out to be asleep. */
const SMALL_BYTES = 1024 * 1024;

/** A part of a file, as it may be asked for. */
const RANGE = /^bytes=\d{0,16}-\d{0,16}$/;

/** So long a body may stand still, for whatever reason: a page that is gone shows only once it is read on. */
const STILL_MS = 60_000;

/**
 * What of a request's body goes on, with its type: bytes, or a stream, which cannot be sent twice. `refused` says why a
 * stream broke the request off.
 *
 * @param {Request} request
 * @param {FoundRoute} route
 * @param {number} maxBytes
 * @param {Exchange} exchange
 * @returns {Promise<Content>}
 */
export async function bodyOf(request, { body: kind, path }, maxBytes, exchange) {
  if (!kind) {
    const { headers } = request;
    const [range] = RANGE.exec((path === "/files" && headers.get("range")) || "") ?? [];
    return { isAsync: headers.get("prefer") === "respond-async", range };
  }
  const json = kind !== "file";
  const limit = json ? SMALL_BYTES : maxBytes;
  const declared = request.headers.get("content-length");
  const small = json || (declared !== null && Number(declared) <= SMALL_BYTES);
  const tooLarge = new Refusal(413, "too_large", `the body may have ${limit} bytes at most`);
  if (Number(declared) > limit) throw tooLarge;

  /** @type {Refusal | undefined} */
  let refusal;
  const excess = () => (refusal = tooLarge);
  const body =
    request.body &&
    limited(request.body, small ? Math.min(limit, SMALL_BYTES) : limit, excess, watch(exchange));
  const type = json
    ? "application/json"
    : (request.headers.get("content-type") ?? "application/octet-stream");
  const refused = () => refusal;
  if (body && !small) return { body, type, refused };
  const bytes = await new Response(body).arrayBuffer().catch((error) => {
    throw refusal ?? error;
  });
  return { body: bytes, type, refused };
}

/**
 * Counts a body's bytes, and ends an exchange whose body stands still.
 *
 * @param {Exchange} exchange
 * @returns {Watch}
 */
function watch(exchange) {
  const still = () => exchange.abort(new Refusal(504, "timeout", "the body stood still for too long"));
  let timer = setTimeout(still, STILL_MS);
  const stop = () => clearTimeout(timer);
  exchange.onEnd(stop);
  return {
    onChunk({ byteLength }) {
      exchange.received(byteLength);
      stop();
      timer = setTimeout(still, STILL_MS);
    },
    onEnd: stop,
  };
}

/**
 * The stream, which fails with `excess()` after so many bytes.
 *
 * @param {ReadableStream<Uint8Array>} stream
 * @param {number} limit
 * @param {() => Error} excess
 * @param {Partial<Watch>} [watch]
 */
export function limited(stream, limit, excess, { onChunk = () => {}, onEnd = () => {} } = {}) {
  let left = limit;
  /** @param {Uint8Array} chunk */
  const counted = (chunk) => {
    onChunk(chunk);
    left -= chunk.byteLength;
    if (left < 0) throw excess();
  };
  return through(stream, { onChunk: counted, onEnd });
}

/**
 * Passes chunk by chunk, as fast as it is read; `onChunk` sees each, `onEnd` is called however it ends.
 *
 * @param {ReadableStream<Uint8Array>} stream
 * @param {Watch} watch
 * @returns {ReadableStream<Uint8Array>}
 */
export function through(stream, { onChunk, onEnd }) {
  const reader = stream.getReader();
  /** @param {unknown} error */
  const give = (error) => {
    onEnd(error);
    return reader.cancel(error).catch(() => {});
  };
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read();
          if (done) {
            controller.close();
            return onEnd();
          }
          onChunk(value);
          controller.enqueue(value);
        } catch (error) {
          controller.error(error);
          give(error);
        }
      },
      cancel: give,
    },
    { highWaterMark: 0 },
  );
}
