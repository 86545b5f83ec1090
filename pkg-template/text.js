// Text between strings and the module's memory, for the glue. jsdom, in which pages are tested, has no classes for it,
// and a test may bring them once the package is loaded: they are looked for when there is text.

/** Safari's decoders fail after two gigabytes, all texts taken together. */
const MAX_DECODED = 2_146_435_072;
/** @type {TextDecoder | undefined} */
let decoder;
let decoded = 0;

/** @param {Uint8Array<ArrayBuffer>} bytes */
export function decodeText(bytes) {
  if (typeof TextDecoder !== "function") return decodeURIComponent(escape(String.fromCharCode(...bytes)));
  decoded += bytes.length;
  if (!decoder || decoded > MAX_DECODED) {
    decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    decoded = bytes.length;
  }
  return decoder.decode(bytes);
}

/** @type {{ encode(text: string): Uint8Array, encodeInto?: TextEncoder["encodeInto"] } | undefined} */
let encoder;

/** The one method of an encoder that the glue uses. */
export const cachedTextEncoder = {
  /**
   * @param {string} text
   * @param {Uint8Array} view
   * @returns {{ read?: number, written: number }}
   */
  encodeInto(text, view) {
    encoder ??= typeof TextEncoder === "function" ? new TextEncoder() : { encode };
    if (encoder.encodeInto) return encoder.encodeInto(text, view);
    const bytes = encoder.encode(text);
    view.set(bytes);
    return { written: bytes.length };
  },
};

/** @param {string} text */
function encode(text) {
  const wellFormed = text.replace(/\p{Surrogate}/gu, "\uFFFD");
  return Uint8Array.from(unescape(encodeURIComponent(wellFormed)), (byte) => byte.charCodeAt(0));
}
