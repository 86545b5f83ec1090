// Options in, answers out, by the tables that Rust declares (shape.rs).
import { invalid, refusal } from "./errors.js";

function check(holds, at, what) {
  if (!holds) throw refusal(at, what);
}

/** What kind of object a value is. One that throws when asked is left to throw when its members are read. */
export function tag(value) {
  try {
    return Object.prototype.toString.call(value).slice(8, -1);
  } catch {
    return "Object";
  }
}

/** Whether a value holds its members as a plain object does: those of a Map or a Date would be lost. */
const isRecord = (value) => isObject(value) && (isPlain(value) || tag(value) === "Object");

/** What nearly all options are, and quicker to see than a tag. */
function isPlain(value) {
  try {
    return Object.getPrototypeOf(value) === Object.prototype;
  } catch {
    return false;
  }
}
export const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

const NOT_EMPTY = { least: 1, most: Infinity };
const ANY_LENGTH = { least: 0, most: Infinity };

function text(value, at, { least, most } = ANY_LENGTH) {
  check(typeof value === "string", at, "be a string");
  check(least === 0 || value.trim() !== "", at, "not be empty");
  // A character may be two units, and no more.
  const fits = value.length <= most || (value.length <= 2 * most && [...value].length <= most);
  check(value.length >= least && fits, at, `have ${least} to ${most} characters`);
  return value;
}

export function int(value, at, { least, most }) {
  check(
    Number.isInteger(value) && value >= least && value <= most,
    at,
    `be an integer from ${least} to ${most}`,
  );
  return value;
}

function millis(value, at) {
  check(Number.isFinite(value) && value > 0, at, "be a positive number of milliseconds");
  return value;
}

function map(value, at) {
  check(isRecord(value), at, "be an object whose values are strings");
  const out = {};
  for (const key of Object.keys(value)) {
    const inner = value[key];
    // As in JSON.stringify: a member that is undefined is not there.
    if (inner === undefined) continue;
    text(inner, `${at}.${key}`);
    if (key === "__proto__") Object.defineProperty(out, key, { value: inner, enumerable: true });
    else out[key] = inner;
  }
  return out;
}

function array(value, at, what) {
  check(Array.isArray(value), at, `be an array of ${what}`);
  return [...value];
}

function template(value, at) {
  if (!isRecord(value)) return text(value, at, NOT_EMPTY);
  const name = value.name || value.id;
  check(name, at, "have a name or an id");
  return text(name, at, NOT_EMPTY);
}

function isSignal(value) {
  try {
    return typeof value.aborted === "boolean" && typeof value.addEventListener === "function";
  } catch {
    return false;
  }
}

export const MIN_PREVIEW_PORT = 1024;
export const MAX_PREVIEW_PORT = 65535;
/** The service's own. */
export const RESERVED_PREVIEW_PORT = 49983;

function port(value, at) {
  check(
    value !== RESERVED_PREVIEW_PORT,
    at,
    `not be ${RESERVED_PREVIEW_PORT}, which the service itself uses`,
  );
  return int(value, at, { least: MIN_PREVIEW_PORT, most: MAX_PREVIEW_PORT });
}

/** What `fetch` can send as a file: the content itself, without a copy. */
function content(value, at) {
  const isBlob = typeof Blob === "function" && value instanceof Blob;
  // The tag tells those of another realm; not every runtime gives a Blob one.
  const fits =
    isBlob || ArrayBuffer.isView(value) || ["String", "ArrayBuffer", "Blob", "File"].includes(tag(value));
  check(fits, at, "be a string, a Uint8Array, an ArrayBuffer or a Blob");
  // No `fetch` takes bytes that are shared with a thread, or may be taken away.
  const isFixed = ({ resizable }) => !resizable;
  if (ArrayBuffer.isView(value)) {
    const { buffer, byteOffset, byteLength } = value;
    const isOwn = tag(buffer) === "ArrayBuffer" && isFixed(buffer);
    return isOwn ? value : new Uint8Array(buffer, byteOffset, byteLength).slice();
  }
  return tag(value) === "ArrayBuffer" && !isFixed(value) ? value.slice(0) : value;
}

/** A text that nothing may show. */
function hidden(value, at, field, given) {
  given.hidden = text(value, at, field);
  return given.hidden;
}

const flag = (value, at) => (check(typeof value === "boolean", at, "be true or false"), value);

/** A caller's value of each kind: what it is on the wire, or stays as on this side. */
const encoders = {
  text,
  int,
  millis,
  map,
  template,
  flag,
  intOrNull: (value, at, field) => (value === null ? null : int(value, at, field)),
  seconds: (value, at) => Math.ceil(millis(value, at) / 1000),
  list: (value, at) => array(value, at, "strings").map((item) => text(item, at)),
  one: (value, at, { shape }) => shape.wire(value, at),
  many: (value, at, { shape }) =>
    array(value, at, "objects").map((item, i) => shape.wire(item, `${at}[${i}]`)),
  choices: (value, at, { shape }) =>
    array(value, at, "objects").map((item, i) => shape.choice(item, `${at}[${i}]`)),
  either: (value, at, { shape, other }) =>
    (isRecord(value) && other.fits(value) ? other : shape).wire(value, at),
  port,
  content,
  hidden,
  signal: (value, at) => (check(isSignal(value), at, "be an AbortSignal"), value),
  callback: (value, at) => (check(typeof value === "function", at, "be a function"), value),
  bytes(value, at) {
    check(
      typeof value === "number" && value > 0 && (Number.isInteger(value) || value === Infinity),
      at,
      "be a whole, positive number of bytes",
    );
    return value;
  },
};

const isDate = (value) => typeof value === "string" && !Number.isNaN(Date.parse(value));
const ofType = (type) => (value) => (typeof value === type ? value : undefined);
const number = ofType("number");

/** The service's value of each kind: what it is on this side, undefined for what is not of the kind. */
const decoders = {
  text: ofType("string"),
  int: number,
  flag: ofType("boolean"),
  date: (value) => (isDate(value) ? new Date(value) : undefined),
  map: (value) => (isObject(value) ? value : undefined),
  list: (value) => (Array.isArray(value) ? value : undefined),
  one: (value, { shape }) => (isObject(value) ? shape.decode(value) : undefined),
  many: (value, { shape }) => (Array.isArray(value) ? value.filter(isObject).map(shape.decode) : undefined),
  access: ofType("string"),
  any: (value) => value,
};

/** The empty value of each kind. */
const empties = {
  text: () => "",
  access: () => "legacy_public",
  int: () => 0,
  flag: () => false,
  date: () => new Date(),
  map: () => ({}),
  list: () => [],
  many: () => [],
  any: () => ({}),
};

/** Whether a value stands for an option that is left out: null, where that has no meaning of its own, or no time at all. */
const isNothing = (value, kind) =>
  value === null ? kind !== "intOrNull" : value === 0 && /millis|seconds/.test(kind);

/** The mark of a field that an answer may lack. */
const OPTIONAL = "?";

export class Shape {
  #name;
  #fields;

  constructor(name, table) {
    this.#name = name;
    this.#fields = table
      .trim()
      .split("\n")
      .map((line) => {
        const [given, kind, first = "0", last] = line.split(" ");
        const [, name, mark, path] = /(\w+)([?=]?):?(.*)/.exec(given);
        const [wire, inner] = (path || name.replace(/[A-Z]/g, (letter) => "_" + letter.toLowerCase())).split(
          "__",
        );
        const most = Number(last ?? (kind === "int" ? Number.MAX_SAFE_INTEGER : Infinity));
        const [encode, decode, empty] = [encoders[kind], decoders[kind], empties[kind]];
        return {
          name,
          mark,
          wire,
          inner,
          kind,
          encode,
          decode,
          empty,
          instead: kind === "date" && first !== "0" && first,
          least: Number(first),
          most,
        };
      });
  }

  /** Adds the fields of another shape. */
  extend(base) {
    this.#fields.push(...base.#fields);
  }

  /** Tells of the next shape that a field has. */
  nest(inner) {
    const isFree = ({ kind, shape, other }) =>
      kind === "either" ? !other : /one|many|choices/.test(kind) && !shape;
    const field = this.#fields.find(isFree);
    if (field.shape) field.other = inner;
    else field.shape = inner;
  }

  /** The values of a list as the members of an object, by the order of the fields. */
  named(values) {
    const object = {};
    for (const [i, { name }] of this.#fields.entries()) object[name] = values[i];
    return object;
  }

  /** How many fields there are. */
  get size() {
    return this.#fields.length;
  }

  wire(value, at) {
    const wire = {};
    this.encode(value, at, wire);
    return wire;
  }

  /** Whether an object has the first member of the shape's. */
  fits(value) {
    return this.#fields[0].name in value;
  }

  /** An object that has exactly one member of the shape's. */
  choice(value, at) {
    const wire = this.wire(value, at);
    const names = this.#fields.map(({ name }) => name).join(", ");
    check(Object.keys(wire).length === 1, at, `set exactly one of ${names}`);
    return wire;
  }

  /** Checks a caller's values: what goes over the wire into `wire`, what stays on this side into `edge`. */
  encode(options, at, wire, edge) {
    check(isRecord(options), at || "options", "be an object");
    for (const field of this.#fields) {
      const given = options[field.name];
      const value = !given && field.mark && isNothing(given, field.kind) ? undefined : given;
      const path = at ? `${at}.${field.name}` : field.name;
      if (value === undefined) check(field.mark, path, "be given");
      else if (field.wire === "-") edge[field.name] ??= field.encode(value, path, field);
      else {
        const encoded = field.encode(value, path, field, edge);
        if (field.inner) (wire[field.wire] ??= {})[field.inner] = encoded;
        else wire[field.wire] = encoded;
        if (field.kind === "seconds") edge[field.name] = value;
      }
    }
  }

  /** The surface's object for an answer. */
  decode = (raw) => {
    if (!isObject(raw)) throw invalid(`is not a ${this.#name}`);
    const out = {};
    for (const field of this.#fields) {
      if (field.wire === "-") continue;
      let given = raw[field.wire];
      if (given === undefined && field.instead) given = raw[field.instead];
      let value = given === undefined || given === null ? undefined : field.decode(given, field);
      if (value === undefined) {
        if (field.mark === OPTIONAL) continue;
        if (!field.mark) throw invalid(`for a ${this.#name} lacks ${field.wire}`);
        value = field.empty();
      }
      out[field.name] = value;
    }
    return out;
  };

  decodeAll(raw) {
    if (!Array.isArray(raw)) throw invalid("is not a list");
    return raw.map(this.decode);
  }
}

// As `operation::Need` in Rust.
const MAYBE = 1;
const LOOSE = 2;

/** A call's arguments and options: what goes over the wire, and, as properties, what stays on this side. */
export class Given {
  wire = {};
  /** What no error may show. */
  hidden;
  #values;

  constructor(...values) {
    this.#values = values;
  }

  /** Takes the arguments, which all have to be there. */
  takeArguments(shape) {
    shape.encode(shape.named(this.#values.splice(0, shape.size)), "", this.wire, this);
  }

  /** Takes the next value as options: `need` says what stands for none. */
  takeOptions(shape, need) {
    const options = this.#values.shift();
    const isLeftOut = options === undefined || options === null;
    if (need === LOOSE ? isRecord(options) : need !== MAYBE || !isLeftOut)
      shape.encode(options, "", this.wire, this);
  }

  /** Gives a member of what goes over the wire, unless the caller has. */
  preset(name, value) {
    this.wire[name] ??= value;
  }

  /** Whether that goes over the wire. */
  has(name) {
    return this.wire[name] !== undefined;
  }

  /** The request's JSON. Half a character is U+FFFD, as in the bytes of a file or an input. */
  body() {
    const json = JSON.stringify(this.wire);
    return json.includes("\\ud")
      ? json.replace(/\\(ud...|.)/g, (escape, { length }) => (length > 1 ? "\ufffd" : escape))
      : json;
  }

  /** The JSON of a change, which has to change something. */
  change() {
    for (const _ in this.wire) return this.body();
    throw refusal("an update", "change something");
  }

  /** The request's query; the members of a map are `name.key`. */
  query() {
    const pair = (name, value) => `${component(name)}=${component(value)}`;
    return Object.entries(this.wire)
      .flatMap(([name, value]) =>
        isObject(value)
          ? Object.entries(value).map(([key, inner]) => pair(`${name}.${key}`, inner))
          : pair(name, value),
      )
      .join("&");
  }
}

/** A text as a part of a URL, likewise. */
export const component = (text) => encodeURIComponent(`${text}`.replace(/\p{Surrogate}/gu, "\ufffd"));

/** What stays on this side by that name. */
export const local = (given, name) => given[name];

/** The same as text, empty where there is none. */
export const localText = (given, name) => `${given[name] ?? ""}`;

/** A string that an answer has to have. */
export function member(raw, name) {
  const value = raw?.[name];
  if (typeof value !== "string") throw invalid(`lacks ${name}`);
  return value;
}

/** A string that an answer may have; empty where it has none. */
export const textOf = (raw, name) => (typeof raw?.[name] === "string" ? raw[name] : "");

/** A member of what may be an object, or undefined. */
export const memberOf = (value, name) => (isObject(value) ? value[name] : undefined);

/** The first item of a list, or undefined. */
export const first = (raw) => (Array.isArray(raw) ? raw[0] : undefined);

/** An answer has to say when what it describes was created. */
export function checkDate(raw) {
  if (!isDate(raw?.created_at)) throw invalid("lacks created_at");
}
