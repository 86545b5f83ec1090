// How the requests of a connection are made, beside where they go: what a call's options and a connection's defaults say
// of it. A call that says nothing has none.
import { RESERVED_HEADERS } from "#constants";
import { refusal } from "./errors.js";
import { env } from "./runtime.js";
import { callback, int, map, one } from "./shape.js";

/** @import { Kind } from "./shape.js" */

/**
 * @typedef {{ (event: object): unknown }} Hook
 * @typedef {{ (message: string, event: object): unknown }} Log
 * @typedef {{ onRequest?: Hook, onResponse?: Hook, onRetry?: Hook, onError?: Hook }} Hooks
 * @typedef {{ debug?: Log, info?: Log, warn?: Log, error?: Log }} Logger
 * @typedef {{ fetch?: typeof fetch, webSocket?: typeof WebSocket, headers?: Record<string, string>, retry?: object,
 *   hooks?: Hooks, logger?: Logger, refreshTicket?: Function, timeoutMs?: number }} Link
 */

const NAMES = ["fetch", "webSocket", "headers", "retry", "hooks", "logger", "refreshTicket"];
const LEVELS = /** @type {const} */ (["debug", "info", "warn", "error"]);

/** @type {Logger | undefined} What the environment asks for, once that was looked at. */
let usual;

/**
 * Checked options of a call, with those of the connection that it starts from.
 *
 * @param {any} own
 * @param {any} [defaults]
 */
export const joined = (own, defaults) =>
  defaults ? { ...defaults, ...own, headers: { ...defaults.headers, ...own.headers } } : own;

/**
 * What they say of a connection.
 *
 * @param {any} all
 * @param {any} [defaults]
 * @returns {Link | undefined}
 */
export function linkOf(all, defaults) {
  usual ??= toConsole(env("SUPERSERVE_LOG"));
  if (!defaults && !usual.error && !NAMES.some((name) => all[name])) return undefined;
  const link = Object.fromEntries(NAMES.map((name) => [name, all[name]]));
  return { ...link, logger: link.logger ?? usual, timeoutMs: defaults?.timeoutMs };
}

/** A logger that shows what is of that level or above it; with another name, nothing. @type {(level: string) => Logger} */
function toConsole(level) {
  const at = LEVELS.indexOf(/** @type {any} */ (level));
  const shown = at < 0 ? [] : LEVELS.slice(at);
  return Object.fromEntries(shown.map((name) => [name, (message) => console[name](message)]));
}

/** Extra headers of requests, by their names in lower case. Not every runtime's own check is one. @type {Kind} */
export function headers(value, at) {
  /** @type {Record<string, string>} */
  const out = {};
  for (const [name, text] of Object.entries(map(value, at))) {
    if (
      !/^[\w!#$%&'*+.^`|~-]+$/.test(name) ||
      RESERVED_HEADERS.test(name) ||
      !/^[\t -~\x80-\xff]*$/.test(text)
    ) {
      throw refusal(at, "be headers, and neither credentials nor what this package sets itself");
    }
    out[name.toLowerCase()] = text;
  }
  return out;
}

/** What may be said of further attempts; `false` is none. @type {Kind} */
export const retry = (value, at) =>
  value === false
    ? { attempts: 1 }
    : one([
        { name: "attempts", kind: int(1, 100) },
        { name: "maxDelayMs", kind: int(0, 2 ** 31 - 1) },
        { name: "retryOn", kind: statuses },
      ])(value, at);

/** A list of statuses, as an object that has them. @type {Kind} */
function statuses(value, at) {
  if (!Array.isArray(value)) throw refusal(at, "be an array of numbers");
  return Object.fromEntries(value.map((status) => [int(400, 599)(status, at), true]));
}

/** An object of functions: it stays as it is, since they may be methods. @type {(names: readonly string[]) => Kind} */
const functions = (names) => (value, at) => {
  one(names.map((name) => ({ name, kind: callback })))(value, at);
  return value;
};

export const hooks = functions(["onRequest", "onResponse", "onRetry", "onError"]);

/** @type {Kind} */
export const logger = (value, at) => {
  if (typeof value !== "string") return functions(LEVELS)(value, at);
  if (!LEVELS.includes(/** @type {any} */ (value))) throw refusal(at, `be one of ${LEVELS.join(", ")}`);
  return toConsole(value);
};
