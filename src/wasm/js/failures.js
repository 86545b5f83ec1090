// What `fetch` throws and what answers refuse, of which Rust makes a problem (failure.rs).
import { caused, isOurs } from "./errors.js";
import { module } from "./module.js";

/** @import { Arguments } from "./arguments.js" */

/** An answer with a status that does not bring what was asked for, and the beginning of its body. */
export class Refused {
  /**
   * @param {Response} response
   * @param {string} text
   */
  constructor(response, text) {
    this.status = response.status;
    this.text = text;
    this.retryAfter = header(response, "retry-after") ?? "";
    this.requestId = header(response, "x-request-id") ?? "";
  }

  /** The body as JSON, undefined where it is none: plain text, markup, or a document that was cut short. */
  document() {
    try {
      return JSON.parse(this.text);
    } catch {
      return undefined;
    }
  }
}

/**
 * @param {Response} response
 * @param {string} name
 * @returns {string | undefined}
 */
export const header = (response, name) => response.headers?.get?.(name) ?? undefined;

/** @param {unknown} thrown */
export const isRefused = (thrown) => thrown instanceof Refused;

/**
 * Whether what was thrown is to be thrown on as it is: an error made here; or what is no failure but how Next.js steers,
 * which it finds again by its digest.
 *
 * @param {any} thrown
 */
export function isFinal(thrown) {
  try {
    return isOurs(thrown) || typeof thrown.digest === "string";
  } catch {
    return false;
  }
}

/**
 * Whether an answer was no JSON. The name tells, since an error may be of another realm.
 *
 * @param {any} thrown
 */
export const isSyntaxError = (thrown) => read(() => thrown.name === "SyntaxError") ?? false;

/**
 * Whether `fetch` of Node.js had waited as long as it does for a server that says nothing.
 *
 * @param {any} thrown
 */
export const isSilence = (thrown) => read(() => isTimeout(thrown) || isTimeout(thrown.cause)) ?? false;

/** @param {any} error */
const isTimeout = (error) => /^UND_ERR_(HEADERS|BODY)_TIMEOUT$/.test(error?.code);

/**
 * The words of whatever was thrown, with the reason that undici hides behind "fetch failed".
 *
 * @param {any} thrown
 */
export function wordsOf(thrown) {
  /** @param {any} error */
  const words = (error) => (typeof error?.message === "string" ? error.message || error.code : undefined);
  return (
    read(() => {
      const message = words(thrown) ?? "";
      const cause = words(thrown?.cause);
      return `${cause && cause !== message ? `${message}: ${cause}` : message}`;
    }) ?? ""
  );
}

/**
 * What `look` sees; undefined where a stranger's object does not let anybody look.
 *
 * @template T
 * @param {() => T} look
 */
function read(look) {
  try {
    return look();
  } catch {
    return undefined;
  }
}

/** @param {string} date */
export const msUntil = (date) => Date.parse(date) - Date.now();

/** So many values of a cause are looked at. */
const MAX_VALUES = 500;
const MAX_CHARACTERS = 10_000;

/**
 * What was thrown; where it would show a secret to whoever looks into it, an error that says the same without.
 *
 * @param {any} cause
 * @param {string} secrets
 */
export const bare = (cause, secrets) =>
  read(() => (shows(cause, secrets, new Set()) ? without(cause, secrets) : cause)) ?? cause;

/**
 * Whether somebody who looks into a value sees a secret.
 *
 * @param {any} value
 * @param {string} secrets
 * @param {Set<unknown>} seen
 * @returns {boolean}
 */
function shows(value, secrets, seen) {
  if (typeof value === "string") {
    const text = value.slice(0, MAX_CHARACTERS);
    return module.redacted(text, secrets) !== undefined;
  }
  if (typeof value !== "object" || value === null || seen.has(value) || seen.size > MAX_VALUES) return false;
  seen.add(value);
  if (ArrayBuffer.isView(value)) return shows(new TextDecoder().decode(value), secrets, seen);
  if (isQuoting(value)) return true;
  const isCollection = /^(Map|Set|Headers)$/.test(value.constructor?.name);
  const inner = [value.stack, value.headers, ...(isCollection ? value : [])];
  for (const key of Reflect.ownKeys(value)) {
    inner.push(key, Object.getOwnPropertyDescriptor(value, key)?.value);
  }
  return inner.some((each) => shows(each, secrets, seen));
}

/**
 * Whether an error has a piece of an answer in it, where a new token may be: of JSON that is none, or undici's of HTTP.
 *
 * @param {any} error
 */
const isQuoting = ({ name, message, code }) =>
  name === "SyntaxError" ? QUOTED.test(message) : /^HPE_/.test(code);
// biome-ignore lint/correctness/noEmptyCharacterClassInRegex: that class is any character, in the fewest bytes.
const QUOTED = /"[^]*"/;

/**
 * @param {any} cause
 * @param {string} secrets
 * @returns {any}
 */
function without(cause, secrets) {
  const tell = (/** @type {unknown} */ told) => {
    const text = `${told ?? ""}`.replace(QUOTED, "[…]");
    return module.redacted(text, secrets) ?? text;
  };
  if (typeof cause === "string") return tell(cause);
  const { message, code, stack, cause: inner } = cause;
  const copy = /** @type {Error & { code?: string }} */ (new Error(tell(message)));
  Object.setPrototypeOf(copy, cause instanceof Error ? Object.getPrototypeOf(cause) : Error.prototype);
  if (typeof code === "string") copy.code = tell(code);
  copy.stack = tell(stack);
  return inner === undefined ? copy : caused(copy, bare(inner, secrets));
}

/**
 * A text, unless it shows a secret.
 *
 * @type {(text: string | undefined, secrets: string) => string | undefined}
 */
export const clean = (text, secrets) =>
  text && module.redacted(text, secrets) === undefined ? text : undefined;

/** The service's id of a request. @param {Response | undefined} answer */
export const requestIdOf = (answer) => answer && header(answer, "x-request-id");

/**
 * Says in an error where it happened, and what had become of the call's requests; an empty id is none.
 *
 * @type {(error: import("./errors.js").PlacedError, given: Arguments, sandboxId: string, secrets: string) => void}
 */
export function describe(error, given, sandboxId, secrets) {
  error.operation = given.operation;
  const id = sandboxId || clean(given.sandboxId, secrets);
  if (id) error.sandboxId = id;
  const requestId = error.requestId ?? clean(requestIdOf(given.answer), secrets);
  if (requestId) error.requestId = requestId;
  error.attempts = given.sent;
  error.mayHaveRun = given.mayHaveRun;
}

/**
 * Says in an error made here where it happened, once, and takes the secrets out. One that a caller's code threw stays as
 * it is.
 *
 * @param {any} error
 * @param {Arguments} given
 * @param {string} sandboxId
 * @param {string} secrets
 */
export function stamp(error, given, sandboxId, secrets) {
  if (!isOurs(error) || error.operation) return;
  describe(error, given, sandboxId, secrets);
  const message = module.redacted(error.message, secrets);
  if (message !== undefined) {
    error.stack = /** @type {string} */ (error.stack).replace(error.message, () => message);
    error.message = message;
  }
  if (error.cause !== undefined) caused(error, bare(error.cause, secrets));
}
