// Assertions for the suite. They are our own because the suite runs, unbundled, in places that
// resolve no package names: pages, workers, isolates.

export class AssertionError extends Error {
  constructor(message) {
    super(message);
    this.name = "AssertionError";
  }
}

/** A short, safe rendering of any value for a failure message. */
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

function same(a, b) {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (a instanceof Date || b instanceof Date) {
    return a instanceof Date && b instanceof Date && a.getTime() === b.getTime();
  }
  if (ArrayBuffer.isView(a) || ArrayBuffer.isView(b)) {
    if (!(ArrayBuffer.isView(a) && ArrayBuffer.isView(b)) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
    return true;
  }
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key]));
}

export function fail(message) {
  throw new AssertionError(message);
}

const because = (message) => (message ? `${message}: ` : "");

export function ok(value, message = "expected a truthy value") {
  if (!value) fail(`${message} (got ${show(value)})`);
}

export function equal(actual, expected, message) {
  if (!Object.is(actual, expected)) {
    fail(`${because(message)}expected ${show(expected)}, got ${show(actual)}`);
  }
}

export function notEqual(actual, unexpected, message) {
  if (Object.is(actual, unexpected)) fail(`${because(message)}did not expect ${show(actual)}`);
}

/** Structural equality over JSON-like values, dates and typed arrays. */
export function deepEqual(actual, expected, message) {
  if (!same(actual, expected)) {
    fail(`${because(message)}expected ${show(expected, 6)}, got ${show(actual, 6)}`);
  }
}

export function match(text, pattern, message) {
  if (typeof text !== "string" || !pattern.test(text)) {
    fail(`${because(message)}expected ${show(text)} to match ${pattern}`);
  }
}

export function excludes(text, part, message) {
  if (typeof text !== "string") fail(`${because(message)}expected a string, got ${show(text)}`);
  if (text.includes(part)) fail(`${because(message)}${show(text)} must not contain ${show(part)}`);
}

export function within(value, low, high, message) {
  if (!(typeof value === "number" && value >= low && value <= high)) {
    fail(`${because(message)}expected ${low} to ${high}, got ${show(value)}`);
  }
}

/** The error is of exactly this class, and names it. */
export function isError(error, Class, message) {
  if (!(error instanceof Class) || error.constructor !== Class) {
    fail(`${because(message)}expected a ${Class.name}, got ${show(error)}`);
  }
  equal(error.name, Class.name, `${because(message)}name`);
}

/** Calls `fn`, which must throw; returns what it threw. */
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
