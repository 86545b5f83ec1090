// What no error may show: keys, tokens, tickets, the values of secrets; whole, in part, or written otherwise.
import { caused, isOurs } from "./errors.js";
import { component } from "./shape.js";

/** Shorter ones are everyday words. */
const LEAST = 8;
/** So many characters in a row that are a secret's are no coincidence. */
const RUN = 12;
/** Of a cause so many values are looked at. */
const MOST_VALUES = 500;
const MOST_CHARACTERS = 10_000;

/** In one case: ASCII alone, so that each character stays one. */
const fold = (text) => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

/** The forms in which somebody may repeat a secret, and those of its lines. */
function* formsOf(secret) {
  for (const line of [secret, secret.trim(), ...secret.split(/[\r\n]+/)]) {
    if (line.length < LEAST) continue;
    const json = JSON.stringify(line).slice(1, -1);
    const percent = component(line);
    yield* [line, json, percent, line.replace(/[&<>]/g, (sign) => HTML[sign])];
    yield json.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt().toString(16).padStart(4, "0")}`);
    // What is no web runtime may not have it.
    if (globalThis.btoa) yield btoa(unescape(percent));
  }
}

const HTML = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/** `text` without the secrets, whatever a server or `fetch` may have repeated. One that is cut off ends it. */
export function conceal(text, secrets) {
  // The relay's own way.
  if (typeof secrets === "function") return secrets(text);
  const folded = fold(text);
  const hits = new Set();
  const hit = (at, length) => {
    for (let end = at + length; at < end; at++) hits.add(at);
  };
  for (const secret of secrets) {
    if (!secret) continue;
    for (const form of new Set([...formsOf(secret)].map(fold))) {
      const run = Math.min(form.length, RUN);
      for (let start = 0; start + run <= form.length; start++) {
        const piece = form.slice(start, start + run);
        for (let at = -1; (at = folded.indexOf(piece, at + 1)) >= 0; ) hit(at, run);
      }
      const [rest] = /(\s|…|\.\.\.)*$/.exec(folded);
      for (let length = LEAST; length < run; length++) {
        const end = folded.length - rest.length;
        if (folded.endsWith(form.slice(0, length), end)) hit(end - length, length);
      }
    }
  }
  if (hits.size === 0) return text;
  let out = "";
  for (let at = 0; at < text.length; at++) {
    if (!hits.has(at)) out += text[at];
    else if (!hits.has(at - 1)) out += "[redacted]";
  }
  return out;
}

/** A service's code, empty for a secret in its place. Words alone are a code, whatever a secret may be. */
export const codeOf = (code, secrets) =>
  /^[a-z_]+$/.test(code) || conceal(code, secrets) === code ? code : "";

/** What was thrown; where it would show a secret to whoever looks into it, an error that says the same without. */
export function bare(cause, secrets) {
  try {
    return shows(cause, secrets, new Set()) ? without(cause, secrets) : cause;
  } catch {
    // It does not let anybody look.
    return cause;
  }
}

/** Whether somebody who looks into a value sees a secret. */
function shows(value, secrets, seen) {
  if (typeof value === "string") {
    const text = value.slice(0, MOST_CHARACTERS);
    return conceal(text, secrets) !== text;
  }
  if (typeof value !== "object" || value === null || seen.has(value) || seen.size > MOST_VALUES) return false;
  seen.add(value);
  if (ArrayBuffer.isView(value)) return shows(new TextDecoder().decode(value), secrets, seen);
  if (isQuoting(value)) return true;
  const inner = [
    value.stack,
    value.headers,
    ...(/^(Map|Set|Headers)$/.test(value.constructor?.name) ? value : []),
  ];
  for (const key of Reflect.ownKeys(value))
    inner.push(key, Object.getOwnPropertyDescriptor(value, key)?.value);
  return inner.some((each) => shows(each, secrets, seen));
}

/** Whether an error has a piece of an answer in it, where a new token may be: of JSON that is none, or undici's of HTTP. */
const isQuoting = ({ name, message, code }) =>
  name === "SyntaxError" ? QUOTED.test(message) : /^HPE_/.test(code);
const QUOTED = /"[^]*"/;

function without(cause, secrets) {
  const tell = (text) => conceal(`${text ?? ""}`.replace(QUOTED, "[…]"), secrets);
  if (typeof cause === "string") return tell(cause);
  const { message, code, stack, cause: inner } = cause;
  const copy = new Error(tell(message));
  Object.setPrototypeOf(copy, cause instanceof Error ? Object.getPrototypeOf(cause) : Error.prototype);
  if (typeof code === "string") copy.code = tell(code);
  copy.stack = tell(stack);
  return inner === undefined ? copy : caused(copy, bare(inner, secrets));
}

/**
 * Says in an error made here where it happened, once, and takes the secrets out that were not at hand where it was made.
 * One that a caller's code threw stays as it is.
 */
export function stamp(error, operation, sandboxId, ...secrets) {
  if (!isOurs(error) || error.operation) return;
  error.operation = operation;
  if (sandboxId) error.sandboxId = sandboxId;
  const message = conceal(error.message, secrets);
  if (message !== error.message) {
    error.stack = error.stack.replace(error.message, () => message);
    error.message = message;
  }
  if (error.code && !codeOf(error.code, secrets)) delete error.code;
  // The reason that a caller gave for ending it is the caller's.
  if (error.code !== "aborted" && error.cause !== undefined) caused(error, bare(error.cause, secrets));
}
