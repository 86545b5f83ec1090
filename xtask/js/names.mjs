// Short names between the module and its glue. Those that wasm-bindgen makes are long, some end in
// a hash, which no compression shortens, and they stand in either file.

const HEADER_BYTES = 8;
const CUSTOM_SECTION = 0;
const IMPORT_SECTION = 2;
const EXPORT_SECTION = 7;

/** A name that wasm-bindgen made, of a class and its method for one, or of a file: JavaScript's have no `_` or `/`. */
const MADE = /[_/]/;

/** @typedef {(name: string) => string} Shorten */
/** @typedef {(reader: Reader, short: Shorten) => Uint8Array[]} Rename */

/**
 * The module with such imports and exports renamed, and the new names by the old.
 *
 * @param {Buffer} wasm
 */
export function shortenNames(wasm) {
  /** @type {Map<string, string>} */
  const names = new Map();
  /** @type {Shorten} */
  const short = (name) => {
    if (!MADE.test(name)) return name;
    const known = names.get(name) ?? `_${names.size.toString(36)}`;
    names.set(name, known);
    return known;
  };
  /** @type {Uint8Array[]} */
  const parts = [wasm.subarray(0, HEADER_BYTES)];
  for (const { id, whole, reader } of sections(wasm)) {
    const rename = RENAMED.get(id);
    if (rename) {
      const body = renamedVector(reader, (entry) => rename(entry, short));
      parts.push(Uint8Array.of(id), leb128(body.length), body);
    } else {
      parts.push(whole);
    }
  }
  return { wasm: Buffer.concat(parts), names };
}

/**
 * The module without what no engine needs: the names of its functions, by which `cargo xtask size` counts them.
 *
 * @param {Buffer} wasm
 */
export function withoutNames(wasm) {
  /** @type {Uint8Array[]} */
  const parts = [wasm.subarray(0, HEADER_BYTES)];
  for (const { id, whole } of sections(wasm)) if (id !== CUSTOM_SECTION) parts.push(whole);
  return Buffer.concat(parts);
}

/**
 * Each section with all its bytes, where its contents start, and a reader of them.
 *
 * @param {Buffer} wasm
 */
export function* sections(wasm) {
  const reader = new Reader(wasm, HEADER_BYTES);
  while (reader.at < wasm.length) {
    const start = reader.at;
    const id = reader.byte();
    const end = reader.number() + reader.at;
    yield { id, whole: wasm.subarray(start, end), start: reader.at, reader };
    reader.at = end;
  }
}

/**
 * @param {Reader} reader
 * @param {(reader: Reader) => Uint8Array[]} rename
 */
function renamedVector(reader, rename) {
  const count = reader.number();
  /** @type {Uint8Array[]} */
  const parts = [leb128(count)];
  for (let i = 0; i < count; i++) parts.push(...rename(reader));
  return Buffer.concat(parts);
}

/**
 * Of the things a module can import, wasm-bindgen's import functions only.
 *
 * @type {Rename}
 */
function renamedImport(reader, short) {
  const module = prefixed(short(reader.name()));
  const name = prefixed(short(reader.name()));
  const start = reader.at;
  if (reader.byte() !== 0) throw new Error("the module imports something other than a function");
  reader.number();
  return [module, name, reader.bytes.subarray(start, reader.at)];
}

/** @type {Rename} */
function renamedExport(reader, short) {
  const name = prefixed(short(reader.name()));
  const start = reader.at;
  reader.byte();
  reader.number();
  return [name, reader.bytes.subarray(start, reader.at)];
}

const RENAMED = new Map([
  [IMPORT_SECTION, renamedImport],
  [EXPORT_SECTION, renamedExport],
]);

/** Reads the binary format piece by piece. */
export class Reader {
  /**
   * @param {Buffer} bytes
   * @param {number} at
   */
  constructor(bytes, at) {
    this.bytes = bytes;
    this.at = at;
  }

  byte() {
    return this.bytes[this.at++];
  }

  number() {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  name() {
    const end = this.number() + this.at;
    const text = this.bytes.subarray(this.at, end).toString();
    this.at = end;
    return text;
  }
}

/**
 * A name as the format has it.
 *
 * @param {string} name
 */
function prefixed(name) {
  const bytes = Buffer.from(name);
  return Buffer.concat([leb128(bytes.length), bytes]);
}

/** @param {number} value */
function leb128(value) {
  const bytes = [];
  do {
    bytes.push((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
    value = Math.floor(value / 128);
  } while (value > 0);
  return Buffer.from(bytes);
}
