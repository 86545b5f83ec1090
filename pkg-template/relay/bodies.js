import { Refusal } from "./refusal.js";

const MAX_JSON_BYTES = 1024 * 1024;
/** A small file is read first, so that it can be sent a second time when the sandbox turns out to be asleep. */
const MAX_KEPT_BYTES = 1024 * 1024;

const tooLarge = (limit) => new Refusal(413, "too_large", `the body is larger than ${limit} bytes`);

/** What of a request's body goes on: `{ body, again }`, `again` when it may be sent twice. */
export async function bodyOf(request, { body }, maxBytes) {
  if (!body) return { again: true };
  const limit = body === "json" ? MAX_JSON_BYTES : maxBytes;
  const declared = request.headers.get("content-length");
  if (declared !== null && Number(declared) > limit) throw tooLarge(limit);
  if (!request.body) return { body: new Uint8Array(0), again: true };
  if (body === "json" || (declared !== null && Number(declared) <= MAX_KEPT_BYTES)) {
    return { body: await readAll(request.body, Math.min(limit, MAX_KEPT_BYTES)), again: true };
  }
  return { ...counted(request.body, limit), again: false };
}

/** Passes chunk by chunk, as fast as it is read; `onChunk` sees each, `onEnd` is called once, however it ends. */
export function through(stream, { onChunk, onEnd }) {
  const reader = stream.getReader();
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
          onEnd(error);
          reader.cancel(error).catch(() => {});
        }
      },
      cancel(reason) {
        onEnd(reason);
        return reader.cancel(reason).catch(() => {});
      },
    },
    { highWaterMark: 0 },
  );
}

/** At most so many bytes of a stream. */
export async function readAll(stream, limit) {
  const chunks = [];
  let size = 0;
  for (const reader = stream.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.byteLength;
    if (size > limit) {
      reader.cancel().catch(() => {});
      throw tooLarge(limit);
    }
    chunks.push(value);
  }
  const all = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.byteLength;
  }
  return all;
}

/** The stream as a body that fails past the limit; `refused()` then says why. */
function counted(stream, limit) {
  let left = limit;
  let refusal;
  const body = through(stream, {
    onChunk({ byteLength }) {
      left -= byteLength;
      if (left < 0) throw (refusal = tooLarge(limit));
    },
    onEnd() {},
  });
  return { body, refused: () => refusal };
}
