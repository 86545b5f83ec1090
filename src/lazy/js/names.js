// Names between bytes, as Linux has them, and text: a byte that is no UTF-8 is half a character from U+DC80 to U+DCFF.

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const HALVES = /([\udc80-\udcff])/u;

/** @param {string} text */
export const isText = (text) => !HALVES.test(text);

/** @param {string} text */
export function bytesOf(text) {
  if (isText(text)) return encoder.encode(text);
  // Each second part is a half.
  const parts = text.split(HALVES);
  return Uint8Array.from(
    parts.flatMap((part, i) => (i % 2 ? part.charCodeAt(0) & 0xff : [...encoder.encode(part)])),
  );
}

/** @param {Uint8Array} bytes */
export function textOf(bytes) {
  const whole = decoded(bytes);
  if (whole !== undefined) return whole;
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    let length = 4;
    while (length > 0) {
      const character = at + length <= bytes.length ? decoded(bytes.subarray(at, at + length)) : undefined;
      // Four bytes may be four characters, too.
      if (character !== undefined && [...character].length === 1) {
        text += character;
        break;
      }
      length -= 1;
    }
    if (length === 0) text += String.fromCharCode(0xdc00 + bytes[at]);
    at += length || 1;
  }
  return text;
}

/** @param {Uint8Array} bytes */
function decoded(bytes) {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** The path of something in a directory. @type {(directory: string, name: string) => string} */
export const below = (directory, name) => (directory ? `${directory}/${name}` : name);

/** The name of a file of ignore rules. */
export const RULES = ".gitignore";

/** @param {AsyncIterable<Uint8Array> | Iterable<Uint8Array>} pieces */
export async function joined(pieces) {
  /** @type {Uint8Array[]} */
  const all = [];
  for await (const piece of pieces) all.push(piece);
  const bytes = new Uint8Array(all.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of all) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** A path in its one form, without a `/` at its end. @param {string} path */
export const normal = (path) =>
  path
    .split("/")
    .filter((segment) => segment && segment !== ".")
    .map((segment) => `/${segment}`)
    .join("");
