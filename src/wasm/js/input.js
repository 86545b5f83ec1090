// Reading what a caller handed in. The numbers are those of input.rs.
const types = { undefined: 0, boolean: 2, number: 3, string: 4, object: 5 };

export const typeOf = (value) => (value === null ? 1 : (types[typeof value] ?? 6));

/** The names of a shape's fields, as an array to be kept. */
export const names = (joined) => joined.split(" ");

export const members = (object, names) => names.map((name) => object[name]);

/** Keys and values in turn. */
export const entries = (object) => Object.entries(object).flat();

export const items = (value) => [...value];

/** Whether a value holds its members as an object does; a Map or Set would lose them. */
export const isRecord = (value) => typeOf(value) === 5 && !(Symbol.iterator in value);

export const isSignal = (value) =>
  typeof value?.addEventListener === "function" && typeof value.aborted === "boolean";

/** What `fetch` can send as a file: the content itself, without a copy. */
export const isContent = (value) =>
  typeof value === "string" ||
  ArrayBuffer.isView(value) ||
  /^\[object (ArrayBuffer|SharedArrayBuffer|Blob|File)\]$/.test(Object.prototype.toString.call(value));
