// Where in the source a panic would have happened: the compiler notes it for each place that could panic, though nobody
// sees a panic of this package but as a trap. No stable option of the compiler leaves that out, so it is overwritten with
// zeros, which compress to nothing.
import { Reader, sections } from "./names.mjs";

const DATA_SECTION = 11;
const I32_CONST = 0x41;
const END = 0x0b;

/** As the compiler notes it: the address and the length of a file's name, a line and a column. */
const PLACE_BYTES = 16;
const FILE_NAME = /^[\w./-]+\.rs$/;

/**
 * The module with all such places and the names in them overwritten.
 *
 * @param {Buffer} wasm
 */
export function withoutPlaces(wasm) {
  const out = Buffer.from(wasm);
  const data = [...sections(out)].find(({ id }) => id === DATA_SECTION);
  if (!data) return out;
  const segments = segmentsOf(new Reader(out, data.start));
  /** @param {number} address @param {number} length */
  const bytesAt = (address, length) => {
    const segment = segments.find(
      ({ from, bytes }) => address >= from && address + length <= from + bytes.length,
    );
    return segment?.bytes.subarray(address - segment.from, address - segment.from + length);
  };
  /** @type {Set<Buffer>} */
  const gone = new Set();
  for (const { from, bytes } of segments) {
    // The zeros that a segment would end with are not in it.
    for (let at = -from & 3; at + 8 <= bytes.length; at += 4) {
      // With the zero that ends it.
      const name = bytesAt(bytes.readUInt32LE(at), bytes.readUInt32LE(at + 4) + 1);
      if (name?.at(-1) !== 0 || !FILE_NAME.test(name.toString("latin1", 0, name.length - 1))) continue;
      gone.add(name).add(bytes.subarray(at, at + PLACE_BYTES));
    }
  }
  for (const bytes of gone) bytes.fill(0);
  return out;
}

/**
 * What is put into memory, and where.
 *
 * @param {Reader} reader
 */
function segmentsOf(reader) {
  const segments = [];
  for (let count = reader.number(); count > 0; count--) {
    if (reader.number() !== 0 || reader.byte() !== I32_CONST) throw new Error("a segment of another kind");
    const from = reader.number();
    if (reader.byte() !== END) throw new Error("a segment's address is computed");
    const length = reader.number();
    segments.push({ from, bytes: reader.bytes.subarray(reader.at, reader.at + length) });
    reader.at += length;
  }
  return segments;
}
