// What went wrong, as an error: in the words of whoever says it, and without any secret.
import { SANDBOX, TIMEOUT, caused, classOf, invalid, isOurs, make } from "./errors.js";
import { bare, codeOf, conceal } from "./secrets.js";

/** Of a message so many characters are kept. */
const MAX_MESSAGE = 2_000;
const NETWORK = "network_error";

/** Whether `fetch` threw what is no failure but how Next.js steers, which it finds again by this property. */
export function isDigested(error) {
  try {
    return typeof error.digest === "string";
  } catch {
    return false;
  }
}

/** What the rejection of `fetch`, or of reading a body, says. */
export const failed = (error, secrets = []) => caused(reasonOf(error, secrets), bare(error, secrets));

function reasonOf(error, secrets) {
  let message = "the request failed";
  try {
    // By name: an error may be of another realm.
    if (error.name === "SyntaxError") return invalid("is not JSON");
    if (isSilence(error) || isSilence(error.cause)) {
      const silence = make(TIMEOUT, GAVE_UP, 0, "timeout");
      silences.add(silence);
      return silence;
    }
    message = messageOf(error, secrets) || message;
  } catch {
    // Not even its words can be read.
  }
  return make(SANDBOX, `Network error: ${message}`, 0, NETWORK);
}

/** Whether `fetch` of Node.js had waited as long as it does for a server that says nothing. */
const isSilence = (error) => /^UND_ERR_(HEADERS|BODY)_TIMEOUT$/.test(error?.code);

const GAVE_UP =
  "fetch gave up on a silent answer, in Node.js after 300 seconds: a command that may be silent for longer is for commands.spawn";

/** Failures of a connection like any other to whoever may try again. */
const silences = new WeakSet();

/** The error that an answer stands for. `body` is what came of its body, as text. */
export function refused(response, body, secrets) {
  // Markup and JSON are no words to show; `[proxy] gone` is.
  let message = /^\s*([<{]|\[\W)/.test(body) ? "" : body;
  let code = "";
  try {
    const { error, message: told, code: stated } = JSON.parse(body);
    message = firstText(error?.message, error, told, message);
    code = firstText(error?.code, stated);
  } catch {
    // Plain text, markup, or a document cut short.
  }
  const { status } = response;
  message = conceal(message.slice(0, 2 * MAX_MESSAGE), secrets)
    .trim()
    .slice(0, MAX_MESSAGE);
  const error = make(classOf(status), message || `API error (${status})`, status, codeOf(code, secrets));
  const id = header(response, "x-request-id");
  if (id) error.requestId = conceal(id, secrets);
  waits.set(error, retryAfterMs(response));
  return error;
}

export const header = (response, name) => response.headers?.get?.(name) ?? undefined;

/** The words of whatever was thrown, with the reason that undici hides behind "fetch failed". */
function messageOf(error, secrets) {
  const text = (value) => (typeof value?.message === "string" ? value.message || value.code : undefined);
  const message = text(error) ?? "";
  const cause = text(error?.cause);
  return conceal(cause && cause !== message ? `${message}: ${cause}` : message, secrets);
}

/** How long the answers that errors were made of asked to wait, in milliseconds. */
const waits = new WeakMap();

const firstText = (...values) => values.find((value) => typeof value === "string" && value) ?? "";

/** `Retry-After` in milliseconds from now, either form; NaN where there is none. */
function retryAfterMs(response) {
  const value = header(response, "retry-after")?.trim();
  if (/^\d+(\.\d+)?$/.test(value)) return value * 1000;
  // What is not a number and has no letters is no date, whatever an engine makes of it.
  return /[a-z]/i.test(value) ? Date.parse(value) - Date.now() : NaN;
}

/** What a failure is to the retry policy: a status, 0 for a failed connection, 1 for what is final. */
export const statusOf = (error) =>
  !isOurs(error) ? 1 : error.code === NETWORK || silences.has(error) ? 0 : (error.statusCode ?? 1);

export const retryAfterOf = (error) => waits.get(error) ?? NaN;
