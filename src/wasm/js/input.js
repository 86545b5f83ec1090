// Reading what a caller handed in. The numbers are those of input.rs.
const types = { undefined: 0, boolean: 2, number: 3, string: 4, object: 5 };

export const typeOf = (value) => (value === null ? 1 : (types[typeof value] ?? 6));

/** The names of a shape's fields, as an array to be kept. */
export const names = (joined) => joined.split(" ");

export const members = (object, names) => names.map((name) => object[name]);

/** Keys and values in turn, or undefined for what has other means of holding members. */
export const entries = (object) =>
  typeOf(object) !== 5 || Symbol.iterator in object ? undefined : Object.entries(object).flat();

export const items = (value) => (Array.isArray(value) ? value : undefined);

export const isSignal = (value) =>
  typeof value?.addEventListener === "function" && typeof value.aborted === "boolean";

/** What `fetch` can send as a file: the content itself, without a copy. */
export const isContent = (value) =>
  typeof value === "string" ||
  ArrayBuffer.isView(value) ||
  /^\[object (ArrayBuffer|SharedArrayBuffer|Blob|File)\]$/.test(Object.prototype.toString.call(value));
