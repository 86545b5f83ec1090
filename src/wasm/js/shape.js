// What a value of each kind has to be, a caller's and the service's: the generated tables are made of these.
import {
  LEGACY_PUBLIC,
  MAX_PREVIEW_PORT,
  MIN_PREVIEW_PORT,
  NAME_WORDS,
  RESERVED_PREVIEW_PORT,
} from "#constants";
import { invalid, refusal } from "./errors.js";

/** @type {(holds: unknown, at: string, what: string) => asserts holds} */
export function check(holds, at, what) {
  if (!holds) throw refusal(at, what);
}

/**
 * What kind of object a value is. One that throws when asked is left to throw when its members are read.
 *
 * @param {unknown} value
 */
export function tag(value) {
  try {
    return Object.prototype.toString.call(value).slice(8, -1);
  } catch {
    return "Object";
  }
}

/**
 * Whether a value holds its members as a plain object does: those of a Map or a Date would be lost.
 *
 * @type {(value: unknown) => boolean}
 */
export const isRecord = (value) => isObject(value) && (isPlain(value) || tag(value) === "Object");

/**
 * Whether a value is a plain object. Nearly all options are, and this is quicker to see than a tag.
 *
 * @param {unknown} value
 */
function isPlain(value) {
  try {
    return Object.getPrototypeOf(value) === Object.prototype;
  } catch {
    return false;
  }
}

/** @type {(value: unknown) => value is Record<string, any>} */
export const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * A kind checks a caller's value, and answers with what it is on the wire or on this side. `at` is where it is, for the
 * error; `given` keeps what else there is to know of it. A field goes over the wire by its own name unless
 * `wire` is another; null says that it stays on this side, `inner` that it is that member of what goes by that name. A
 * kind that makes several members of a value adds the others to `wire`.
 *
 * @typedef {(value: any, at: string, given?: any, wire?: any) => any} Kind
 * @typedef {{ className: string, name: string, isInternal?: boolean, isStatic?: boolean, args?: Field[], options?: Field[],
 *   maybe?: Field[], loose?: Field[], connection?: Field[], content?: number, pages?: number, script?: string, presets?: Record<string, unknown>, batch?: string,
 *   decode?: (raw: any) => any }} Operation
 * @typedef {{ name: string, kind: Kind, isRequired?: boolean, wire?: string | null, inner?: string }} Field
 */

/** @type {(least: number, most?: number) => Kind} */
export const text =
  (least, most = Infinity) =>
  (value, at) => {
    check(typeof value === "string", at, "be a string");
    check(least === 0 || value.trim() !== "", at, "not be empty");
    // A character may be two units, and no more.
    const fits = value.length <= most || (value.length <= 2 * most && [...value].length <= most);
    check(value.length >= least && fits, at, `have ${least} to ${most} characters`);
    return value;
  };

const anyText = text(0);
export const someText = text(1);

/** One of some values. @type {(...values: unknown[]) => Kind} */
export const among =
  (...values) =>
  (value, at) => {
    check(values.includes(value), at, `be ${values.map((one) => JSON.stringify(one)).join(" or ")}`);
    return value;
  };

/** A text that no error may show. @type {(least: number, most: number) => Kind} */
export const hidden = (least, most) => (value, at, given) => (given.secret = text(least, most)(value, at));

/** @type {(least: number, most?: number, step?: number) => Kind} */
export const int =
  (least, most = Number.MAX_SAFE_INTEGER, step = 1) =>
  (value, at) => {
    check(
      Number.isInteger(value) && value >= least && value <= most && value % step === 0,
      at,
      `be ${step > 1 ? `a multiple of ${step}` : "an integer"} from ${least} to ${most}`,
    );
    return value;
  };

/** A kind of which null has a meaning of its own. @type {(kind: Kind) => Kind} */
export function nullable(kind) {
  /** @type {Kind} */
  const orNull = (value, at) => (value === null ? value : kind(value, at));
  nullables.add(orNull);
  return orNull;
}
const nullables = new Set();

/** @type {Kind} */
export function millis(value, at) {
  check(Number.isFinite(value) && value > 0, at, "be a positive number of milliseconds");
  return value;
}

/** @type {Kind} */
export const seconds = (value, at) => Math.ceil(millis(value, at) / 1000);

/** @type {Kind} */
export function map(value, at) {
  check(isRecord(value), at, "be an object whose values are strings");
  /** @type {Record<string, string>} */
  const out = {};
  for (const key of Object.keys(value)) {
    const inner = value[key];
    // As in JSON.stringify: a member that is undefined is not there.
    if (inner === undefined) continue;
    anyText(inner, `${at}.${key}`);
    if (key === "__proto__") Object.defineProperty(out, key, { value: inner, enumerable: true });
    else out[key] = inner;
  }
  return out;
}

/** @type {(value: any, at: string, what: string) => any[]} */
export function array(value, at, what) {
  check(Array.isArray(value), at, `be an array of ${what}`);
  return [...value];
}

/** @type {Kind} */
export const list = (value, at) => array(value, at, "strings").map((item) => anyText(item, at));

/** One text, or several. @type {Kind} */
export function several(value, at) {
  if (!Array.isArray(value)) return someText(value, at);
  check(value.length > 0, at, "not be empty");
  return value.map((item) => someText(item, at));
}

/** A name for what is given none. */
export function someName() {
  const any = (/** @type {number} */ below) => Math.floor(Math.random() * below);
  const [adjectives, nouns] = Object.values(NAME_WORDS).map((words) => words.split(" "));
  const word = (/** @type {string[]} */ words) => words[any(words.length)];
  return `${word(adjectives)}-${word(nouns)}-${(36 ** 3 + any(36 ** 4 - 36 ** 3)).toString(36)}`;
}

/** What names a thing: a text, or an object that has one. @type {(what: string, pick: (value: any) => any) => Kind} */
const reference = (what, pick) => (value, at) => {
  if (!isRecord(value)) return someText(value, at);
  const name = pick(value);
  check(name, at, what);
  return someText(name, at);
};

export const template = reference("have a name or an id", ({ name, id }) => name || id);
export const snapshot = reference("have an id", ({ id }) => id);

/** What names a request, so that it is not done twice. */
export const key = text(1, 255);

/** Such a name that no other request has. Pages without TLS have no `randomUUID`, nor has every Node.js. */
export const fresh = () =>
  globalThis.crypto?.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2)}`;

const killOrPause = among("kill", "pause");

/** What becomes of a sandbox at the end: whether it is paused. @type {Kind} */
export function disposal(value, at) {
  return killOrPause(value, at) === "pause";
}

/** @type {Kind} */
export function signal(value, at) {
  check(isSignal(value), at, "be an AbortSignal");
  return value;
}

/** @param {any} value */
function isSignal(value) {
  try {
    return typeof value.aborted === "boolean" && typeof value.addEventListener === "function";
  } catch {
    return false;
  }
}

const anyPort = int(MIN_PREVIEW_PORT, MAX_PREVIEW_PORT);

/** @type {Kind} */
export function port(value, at) {
  check(
    value !== RESERVED_PREVIEW_PORT,
    at,
    `not be ${RESERVED_PREVIEW_PORT}, which the service itself uses`,
  );
  return anyPort(value, at);
}

/**
 * A path in a sandbox. Half a character from U+DC80 to U+DCFF stands for a byte that is no UTF-8, as the module has it behind
 * a NUL.
 *
 * @type {Kind}
 */
export function path(value, at) {
  check(!anyText(value, at).includes("\0"), at, "not contain a NUL character");
  return value.replace(
    /[\udc80-\udcff]/gu,
    (/** @type {string} */ half) => `\0${half.charCodeAt(0).toString(16).slice(2)}`,
  );
}

/** Several of them. @type {Kind} */
export const paths = (value, at) => list(value, at).map((/** @type {string} */ item) => path(item, at));

/** What a folder is to be made of: which of its forms it has, what it is read by says. @type {Kind} */
export const folder = (value) => value;

/** What `fetch` can send as a file: the content itself, without a copy. @type {Kind} */
export function content(value, at) {
  const isBlob = typeof Blob === "function" && value instanceof Blob;
  // The tag tells those of another realm; not every runtime gives a Blob one.
  const fits =
    isBlob || ArrayBuffer.isView(value) || ["String", "ArrayBuffer", "Blob", "File"].includes(tag(value));
  check(fits, at, "be a string, a Uint8Array, an ArrayBuffer or a Blob");
  if (ArrayBuffer.isView(value)) return sendable(value);
  return tag(value) === "ArrayBuffer" && !isFixed(value) ? value.slice(0) : value;
}

/** @param {any} buffer */
const isFixed = ({ resizable }) => !resizable;

/** A text that can be looked for. @type {Kind} */
export function needle(value, at) {
  check(anyText(value, at) !== "", at, "not be empty");
  return value;
}

/** How often something is there: a number, or `all`. @type {Kind} */
export const count = (value, at) => (value === "all" ? value : int(1)(value, at));

/** The same, or what gives it piece by piece. @type {Kind} */
export function source(value, at) {
  if (!isSource(value)) return content(value, at);
  check(!(value.locked ?? value.bodyUsed), at, "not be read by others");
  return value;
}

/** Whether a value gives its content piece by piece: a stream, an iterable or a response. @param {any} value */
export function isSource(value) {
  try {
    return Boolean(value.getReader || value[Symbol.asyncIterator] || (value.arrayBuffer && "body" in value));
  } catch {
    return false;
  }
}

/**
 * A view of bytes, or a copy: no `fetch` and no browser's WebSocket takes bytes that are shared with a thread, or may be
 * taken away.
 *
 * @param {ArrayBufferView} view
 */
export function sendable(view) {
  const { buffer, byteOffset, byteLength } = view;
  const isOwn = tag(buffer) === "ArrayBuffer" && isFixed(buffer);
  return isOwn ? view : new Uint8Array(buffer, byteOffset, byteLength).slice();
}

/** @type {Kind} */
export function flag(value, at) {
  check(typeof value === "boolean", at, "be true or false");
  return value;
}

/** @type {Kind} */
export function callback(value, at) {
  check(typeof value === "function", at, "be a function");
  return value;
}

/** @type {Kind} */
export function bytes(value, at) {
  check(
    typeof value === "number" && value > 0 && (Number.isInteger(value) || value === Infinity),
    at,
    "be a whole, positive number of bytes",
  );
  return value;
}

/** An object of some fields. @type {(fields: Field[]) => Kind} */
export const one = (fields) => (value, at) => {
  const wire = {};
  encode(fields, value, at, wire);
  return wire;
};

/** @type {(kind: Kind) => Kind} */
export const arrayOf = (kind) => (value, at) =>
  array(value, at, "objects").map((item, i) => kind(item, `${at}[${i}]`));

/** An array of such objects. @type {(fields: Field[]) => Kind} */
export const many = (fields) => arrayOf(one(fields));

/** The same, each with exactly one member. @type {(fields: Field[]) => Kind} */
export const choices = (fields) =>
  arrayOf((value, at) => {
    const wire = one(fields)(value, at);
    const names = fields.map(({ name }) => name).join(", ");
    check(Object.keys(wire).length === 1, at, `set exactly one of ${names}`);
    return wire;
  });

/**
 * An object of the one shape, or of the other if it has that one's first member.
 *
 * @type {(first: Field[], other: Field[]) => Kind}
 */
export const either = (first, other) => (value, at) =>
  one(isRecord(value) && other[0].name in value ? other : first)(value, at);

/** Whether a value stands for an option that is left out: null, where it has no meaning of its own, or no time at all. */
const isNothing = (/** @type {unknown} */ value, /** @type {Kind} */ kind) =>
  value === null ? !nullables.has(kind) : value === 0 && (kind === millis || kind === seconds);

/**
 * Checks an object's fields: what goes over the wire into `wire`, what stays on this side into `given.locals`.
 *
 * @type {(fields: Field[], options: any, at: string, wire: any, given?: any) => void}
 */
export function encode(fields, options, at, wire, given) {
  check(isRecord(options), at || "options", "be an object");
  for (const field of fields) {
    const { name } = field;
    let value = options[name];
    // What every object has was not given.
    if (value !== undefined && name in Object.prototype && !Object.hasOwn(options, name)) value = undefined;
    // What is left out needs no look.
    if (value === undefined && !field.isRequired) continue;
    encodeField(field, value, at ? `${at}.${name}` : name, wire, given);
  }
}

/** Checks one field, likewise. @type {(field: Field, value: any, at: string, wire: any, given?: any) => void} */
export function encodeField(field, value, at, wire, given) {
  const { name, kind, isRequired, wire: wireName = name, inner } = field;
  if (value === undefined || (!value && !isRequired && isNothing(value, kind))) {
    check(!isRequired, at, "be given");
  } else if (wireName === null) {
    given.locals[name] ??= kind(value, at, given);
  } else {
    const encoded = kind(value, at, given, wire);
    if (inner) (wire[wireName] ??= {})[inner] = encoded;
    else wire[wireName] = encoded;
    if (kind === seconds || kind === key) given.locals[name] = value;
  }
}

/** A text as a part of a URL. Half a character is U+FFFD, as in JSON. @type {(text: unknown) => string} */
export const component = (text) => encodeURIComponent(`${text}`.replace(/\p{Surrogate}/gu, "\ufffd"));

// The service's value of each kind: what it is on this side, undefined for what is not of the kind.

/** @param {unknown} value */
export const asText = (value) => (typeof value === "string" ? value : undefined);
/** @param {unknown} value */
export const asInt = (value) => (typeof value === "number" ? value : undefined);
/** @param {unknown} value */
export const asFlag = (value) => (typeof value === "boolean" ? value : undefined);
/** @param {unknown} value */
export const asMap = (value) => (isObject(value) ? value : undefined);
/** @param {unknown} value */
export const asList = (value) => (Array.isArray(value) ? value : undefined);

/** The bytes of base64. @param {unknown} value */
export function asBytes(value) {
  if (typeof value !== "string") return undefined;
  const { Buffer } = globalThis;
  const { fromBase64 } = /** @type {any} */ (Uint8Array);
  try {
    if (fromBase64) return fromBase64.call(Uint8Array, value);
    if (Buffer) {
      const { buffer, length } = Buffer.from(value, "base64");
      // A small one shares its memory with others.
      if (buffer.byteLength === length) return new Uint8Array(buffer);
    }
    const text = atob(value);
    const out = new Uint8Array(text.length);
    for (let at = 0; at < out.length; at++) out[at] = text.charCodeAt(at);
    return out;
  } catch {
    throw invalid("has an image that is not base64");
  }
}

/** @param {unknown} value */
export function asDate(value) {
  if (typeof value !== "string") return undefined;
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** @param {unknown} value */
export const asInstant = (value) => (typeof value === "number" ? new Date(value) : undefined);

/** @typedef {(raw: any) => any} Decode */

/** @type {(value: unknown, decode: Decode) => unknown} */
export const asOne = (value, decode) => (isObject(value) ? decode(value) : undefined);
/** @type {(value: unknown, decode: Decode) => unknown[] | undefined} */
export const asMany = (value, decode) =>
  Array.isArray(value) ? value.filter(isObject).map((item) => decode(item)) : undefined;

/** Who may open the previews of what does not say. */
export const access = LEGACY_PUBLIC;

/** An answer has to be an object. @type {(raw: unknown, name: string) => void} */
export function object(raw, name) {
  if (!isObject(raw)) throw invalid(`is not a ${name}`);
}

/** @type {(name: string, wire: string) => never} */
export function lacks(name, wire) {
  throw invalid(`for a ${name} lacks ${wire}`);
}

const inOrder = (/** @type {any} */ one, /** @type {any} */ other) => (one.path < other.path ? -1 : 1);

/** The entries of a list of files, by their paths. @type {(decode: Decode) => Decode} */
export const byPath = (decode) => (raw) => all(decode)(raw).sort(inOrder);
/** The same of a member. @type {(value: unknown, decode: Decode) => unknown[] | undefined} */
export const asByPath = (value, decode) => asMany(value, decode)?.sort(inOrder);

/** A list, each item of which `decode` makes. */
export const all = (/** @type {Decode} */ decode) => (/** @type {unknown} */ raw) => {
  if (!Array.isArray(raw)) throw invalid("is not a list");
  return raw.map((item) => decode(item));
};
