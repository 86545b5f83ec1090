// Turning answers into the surface's objects, by the tables that Rust declares. This is JavaScript
// because a call across the boundary for each field of a long list costs more than the whole mapping.
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const ofType = (type) => (value) => (typeof value === type ? value : undefined);

/** By the letters of output.rs: how a value is read (undefined for what is not of the type), and the empty one. */
const kinds = {
  t: [ofType("string"), () => ""],
  n: [ofType("number"), () => 0],
  b: [ofType("boolean"), () => false],
  m: [(value) => (isObject(value) ? value : undefined), () => ({})],
  l: [(value) => (Array.isArray(value) ? value : undefined), () => []],
  d: [
    (value) => {
      const date = typeof value === "string" ? new Date(value) : undefined;
      return Number.isNaN(date?.getTime()) ? undefined : date;
    },
    () => undefined,
  ],
};

/**
 * A function that maps a wire object to its surface. `table` has a line "name wire kind presence" a field;
 * `nested` gives the decoders of the kinds "o" (one object) and "a" (an array), in turn.
 */
export function decoder(what, table, nested) {
  let next = 0;
  const fields = table.split("\n").map((line) => {
    const [name, wire, kind, presence] = line.split(" ");
    if (kind === "o" || kind === "a") {
      const decode = nested[next++];
      const one = (value) => (isObject(value) ? decode(value) : undefined);
      const all = (value) => (Array.isArray(value) ? value.filter(isObject).map(decode) : undefined);
      return [name, wire, kind === "o" ? one : all, () => (kind === "o" ? {} : []), presence];
    }
    return [name, wire, ...kinds[kind], presence];
  });
  return (raw) => {
    if (!isObject(raw)) throw `the service's answer is not ${what}`;
    const out = {};
    for (const [name, wire, read, empty, presence] of fields) {
      const given = raw[wire];
      let value = given === undefined || given === null ? undefined : read(given);
      if (value === undefined) {
        if (presence === "!") throw `the service's answer for ${what} lacks ${wire}`;
        if (presence === "?") continue;
        value = empty();
      }
      out[name] = value;
    }
    return out;
  };
}

export const decodeOne = (decode, raw) => decode(raw);

export const decodeAll = (decode, raw) => {
  if (!Array.isArray(raw)) throw "the service's answer is not a list";
  return raw.map(decode);
};

/** A string member of an answer, or undefined. */
export const text = (raw, name) => (typeof raw?.[name] === "string" ? raw[name] : undefined);

/** An object of names and values in turn. */
export function object(flat) {
  const out = {};
  for (let i = 0; i < flat.length; i += 2) out[flat[i]] = flat[i + 1];
  return out;
}
