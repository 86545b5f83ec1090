// Short names between the module and its glue: those that wasm-bindgen makes end in a hash, which
// no compression shortens, and stand in either file.

const HEADER_BYTES = 8;
const IMPORT_SECTION = 2;

const MADE_NAME = /^__wb/;

/** The module with such imports renamed, and the new names by the old. */
export function shortenImports(wasm) {
  const names = new Map();
  const short = (name) => {
    if (!MADE_NAME.test(name)) return name;
    if (!names.has(name)) names.set(name, `_${names.size.toString(36)}`);
    return names.get(name);
  };
  const parts = [wasm.subarray(0, HEADER_BYTES)];
  const reader = new Reader(wasm, HEADER_BYTES);
  while (reader.at < wasm.length) {
    const start = reader.at;
    const id = reader.byte();
    const end = reader.number() + reader.at;
    if (id === IMPORT_SECTION) {
      const body = renamed(reader, short);
      parts.push(Uint8Array.of(id, ...leb128(body.length)), body);
    } else {
      parts.push(wasm.subarray(start, end));
    }
    reader.at = end;
  }
  return { wasm: Buffer.concat(parts), names };
}

function renamed(reader, short) {
  const count = reader.number();
  const parts = [Buffer.from(leb128(count))];
  for (let i = 0; i < count; i++) {
    for (const name of [reader.name(), reader.name()]) {
      const bytes = Buffer.from(short(name));
      parts.push(Buffer.from(leb128(bytes.length)), bytes);
    }
    const start = reader.at;
    reader.skipType();
    parts.push(reader.bytes.subarray(start, reader.at));
  }
  return Buffer.concat(parts);
}

/** Reads the binary format piece by piece. */
class Reader {
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

  /** Of the things a module can import, wasm-bindgen's import functions only. */
  skipType() {
    if (this.byte() !== 0) throw new Error("the module imports something other than a function");
    this.number();
  }
}

function leb128(value) {
  const bytes = [];
  do {
    bytes.push((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
    value = Math.floor(value / 128);
  } while (value > 0);
  return bytes;
}
