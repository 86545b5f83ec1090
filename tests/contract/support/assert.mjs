// Assertions for the suite. They are our own because the suite runs, unbundled, in places that
// resolve no package names: pages, workers, isolates.

export class AssertionError extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = "AssertionError";
  }
}

/**
 * A short, safe rendering of any value for a failure message.
 *
 * @param {any} value
 * @returns {string}
 */
export function show(value, depth = 3) {
  if (typeof value === "string") {
    return JSON.stringify(value.length > 400 ? `${value.slice(0, 400)}… (${value.length})` : value);
  }
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return `[function ${value.name}]`;
  if (value === null || typeof value !== "object") return String(value);
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (value instanceof Date) return `Date(${value.getTime()})`;
  if (ArrayBuffer.isView(value)) return `${value.constructor.name}(${value.byteLength})`;
  if (depth === 0) return "…";
  if (Array.isArray(value)) {
    const items = value.slice(0, 20).map((item) => show(item, depth - 1));
    return `[${items.join(", ")}${value.length > 20 ? `, … (${value.length})` : ""}]`;
  }
  const pairs = Object.keys(value).map((key) => `${key}: ${show(value[key], depth - 1)}`);
  return `{ ${pairs.join(", ")} }`;
}

/**
 * @param {any} a
 * @param {any} b
 * @returns {boolean}
 */
function same(a, b) {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (a instanceof Date || b instanceof Date) {
    return a instanceof Date && b instanceof Date && a.getTime() === b.getTime();
  }
  if (ArrayBuffer.isView(a) !== ArrayBuffer.isView(b)) return false;
  if (ArrayBuffer.isView(a)) {
    const [left, right] = /** @type {Uint8Array[]} */ ([a, b]);
    return left.length === right.length && left.every((value, i) => value === right[i]);
  }
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key]));
}

/**
 * @param {string} message
 * @returns {never}
 */
export function fail(message) {
  throw new AssertionError(message);
}

/** @param {string} [message] */
const because = (message) => (message ? `${message}: ` : "");

/** @param {unknown} value */
export function ok(value, message = "expected a truthy value") {
  if (!value) fail(`${message} (got ${show(value)})`);
}

/**
 * @param {unknown} actual
 * @param {unknown} expected
 * @param {string} [message]
 */
export function equal(actual, expected, message) {
  if (!Object.is(actual, expected)) {
    fail(`${because(message)}expected ${show(expected)}, got ${show(actual)}`);
  }
}

/**
 * @param {unknown} actual
 * @param {unknown} unexpected
 * @param {string} [message]
 */
export function notEqual(actual, unexpected, message) {
  if (Object.is(actual, unexpected)) fail(`${because(message)}did not expect ${show(actual)}`);
}

/**
 * Structural equality over JSON-like values, dates and typed arrays.
 *
 * @param {unknown} actual
 * @param {unknown} expected
 * @param {string} [message]
 */
export function deepEqual(actual, expected, message) {
  if (!same(actual, expected)) {
    fail(`${because(message)}expected ${show(expected, 6)}, got ${show(actual, 6)}`);
  }
}

/**
 * @param {unknown} text
 * @param {RegExp} pattern
 * @param {string} [message]
 */
export function match(text, pattern, message) {
  if (typeof text !== "string" || !pattern.test(text)) {
    fail(`${because(message)}expected ${show(text)} to match ${pattern}`);
  }
}

/**
 * @param {unknown} text
 * @param {string} part
 * @param {string} [message]
 */
export function excludes(text, part, message) {
  if (typeof text !== "string") fail(`${because(message)}expected a string, got ${show(text)}`);
  if (text.includes(part)) fail(`${because(message)}${show(text)} must not contain ${show(part)}`);
}

/**
 * @param {unknown} value
 * @param {number} low
 * @param {number} high
 * @param {string} [message]
 */
export function within(value, low, high, message) {
  if (!(typeof value === "number" && value >= low && value <= high)) {
    fail(`${because(message)}expected ${low} to ${high}, got ${show(value)}`);
  }
}

/** @typedef {abstract new (...args: any) => any} Class */

/**
 * The error is of exactly this class, and names it.
 *
 * @param {any} error
 * @param {Class} Class
 * @param {string} [message]
 */
export function isError(error, Class, message) {
  if (!(error instanceof Class) || error.constructor !== Class) {
    fail(`${because(message)}expected a ${Class.name}, got ${show(error)}`);
  }
  equal(error.name, Class.name, `${because(message)}name`);
}

/**
 * Calls `fn`, which must throw; returns what it threw.
 *
 * @param {() => unknown} fn
 * @param {Class} [Class]
 * @param {string} [message]
 * @returns {any}
 */
export function throws(fn, Class, message) {
  let value;
  try {
    value = fn();
  } catch (error) {
    if (Class) isError(error, Class, message);
    return error;
  }
  return fail(`${because(message)}expected a throw, got ${show(value)}`);
}

/**
 * Calls `call` (or takes a promise), which must return a promise that rejects and must not throw;
 * returns the reason.
 *
 * @param {unknown} call
 * @param {Class} [Class]
 * @param {string} [message]
 * @returns {Promise<any>}
 */
export async function rejects(call, Class, message) {
  let promise = call;
  if (typeof call === "function") {
    try {
      promise = call();
    } catch (error) {
      fail(`${because(message)}threw ${show(error)} instead of returning a rejected promise`);
    }
  }
  if (!(promise instanceof Promise)) {
    fail(`${because(message)}expected a promise, got ${show(promise)}`);
  }
  let value;
  try {
    value = await promise;
  } catch (error) {
    if (Class) isError(error, Class, message);
    return error;
  }
  return fail(`${because(message)}expected a rejection, got ${show(value)}`);
}
