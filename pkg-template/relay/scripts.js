// What a page's JSON asks of a script.
import { crossed, holdWithin } from "./paths.js";
import { Refusal } from "./refusal.js";

/** @import { FoundRoute, ScriptCall } from "./types.js" */

/** @param {number} byte */
const hex = (byte) => byte.toString(16).padStart(2, "0");

/** A name that nobody can guess. */
export const freshName = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), hex).join("");

/** @param {string} what */
const bad = (what) => new Refusal(400, "bad_request", what);

/**
 * The fields of a script's entry, as far as that can be told without it: whether each fits, the core says.
 *
 * @param {ArrayBuffer} body
 * @param {FoundRoute} route
 * @param {string | undefined} root
 * @returns {ScriptCall}
 */
export function scriptCall(body, { paths = [] }, root) {
  const { timeout_s: seconds, ...given } = objectOf(body);
  if (seconds !== undefined && !(Number.isSafeInteger(seconds) && seconds > 0)) {
    throw bad("timeout_s must be a whole number of seconds");
  }
  /** @type {Record<string, unknown>} */
  const fields = {};
  for (const [name, value] of Object.entries(given)) fields[name] = plain(value, name);
  const [file, to] = paths.map((name) => fields[name]);
  for (const path of [file, to]) if (typeof path === "string") holdWithin(path, root);
  return { fields, seconds, file, to };
}

/** @param {ArrayBuffer} body */
function objectOf(body) {
  let value;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    throw bad("the body must be JSON");
  }
  if (
    typeof value !== "object" ||
    value === null ||
    Array.isArray(value) ||
    Object.hasOwn(value, "__proto__")
  ) {
    throw bad("the body must be an object of the fields that there are");
  }
  return value;
}

/**
 * A text, a number, a boolean, or a list of texts.
 *
 * @param {unknown} value
 * @param {string} name
 * @returns {unknown}
 */
function plain(value, name) {
  if (Array.isArray(value)) return value.map((one) => textOf(one, name));
  return typeof value === "number" || typeof value === "boolean" ? value : textOf(value, name);
}

/**
 * @param {unknown} value
 * @param {string} name
 */
function textOf(value, name) {
  const text = typeof value === "string" ? crossed(value) : "\0";
  // No argument of a program has a NUL, and values cross with NULs between them.
  if (text.includes("\0"))
    throw bad(`${name} must be a text without NUL, a number, a boolean or a list of texts`);
  return text;
}
