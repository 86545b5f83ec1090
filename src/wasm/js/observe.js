// What hooks and loggers are told of requests: of each what it is, and then what became of it. Nothing of it is a secret, and
// nothing that they do with it changes a call.
import { header } from "./failures.js";
import { module } from "./module.js";
import { now } from "./runtime.js";

/** @import { Arguments } from "./arguments.js" */

let lastId = 0;
let lastCall = 0;
/** Whether somebody is being told: of what that one asks for at once nobody is, or it would go on without an end. */
let isTelling = false;

/** Whether somebody is told of the requests of a call. @type {(given: Arguments) => boolean} */
export const isObserved = ({ link }) => !!(link?.hooks || link?.logger);

/** One request, of which somebody is told. */
export class Told {
  #link;
  #secret;
  /** @type {any} */
  #event;
  #began = now();
  /** How it ended. @type {any} */
  #end;

  /**
   * It begins. `secret` is what it carries.
   *
   * @param {Arguments} given
   * @param {string} method
   * @param {string} template
   * @param {string} url
   * @param {string} secret
   * @param {number} attempt
   */
  constructor(given, method, template, url, secret, attempt) {
    this.#link = given.link;
    this.#secret = secret;
    given.callId ??= ++lastCall;
    this.#event = {
      id: ++lastId,
      callId: given.callId,
      operation: given.operation,
      method,
      path: template.replace(/\?.*/, "").replace("{sandboxId}", "{id}"),
      origin: new URL(url).origin,
      sandboxId: this.#bare(given.sandboxId),
      attempt,
    };
    const wakes = template.endsWith("/activate");
    this.#tell("onRequest", wakes ? "info" : "debug", {});
  }

  /** An answer came. @param {Response} response */
  answered(response) {
    this.#over("onResponse", "debug", {
      status: response.status,
      requestId: this.#bare(header(response, "x-request-id")),
    });
  }

  /** No answer came. @type {(name: string, code: string) => void} */
  lost(name, code) {
    this.#over("onError", "error", { name, code });
  }

  /** It is sent again. An answer's code may have been read since. @type {(delayMs: number, code: string) => void} */
  repeat(delayMs, code) {
    const { status, code: known } = this.#end ?? {};
    this.#tell("onRetry", "warn", { delayMs, status, code: code || known });
  }

  /** @type {(name: "onResponse" | "onError", level: "debug" | "error", what: any) => void} */
  #over(name, level, what) {
    if (this.#end) return;
    this.#tell(name, level, { durationMs: now() - this.#began, ...what });
    this.#end = { status: what.status, code: what.code };
  }

  /** A text that a caller or the service gave, unless it shows the secret. @param {string | undefined} text */
  #bare(text) {
    return text && module.redacted(text, this.#secret) === undefined ? text : undefined;
  }

  /**
   * Each of those who are told gets an object of its own.
   *
   * @type {(name: keyof import("./link.js").Hooks, level: "debug" | "info" | "warn" | "error", what: any) => void}
   */
  #tell(name, level, what) {
    if (isTelling) return;
    isTelling = true;
    const event = () =>
      Object.fromEntries(
        Object.entries({ ...this.#event, ...what }).filter(([, value]) => value !== undefined && value !== ""),
      );
    const { hooks, logger } = this.#link ?? {};
    heard(() => hooks?.[name]?.(event()));
    heard(() => logger?.[level]?.(lineOf(name, event()), event()));
    isTelling = false;
  }
}

/** Calls a stranger's function. What it throws, or rejects with, is nobody's. @param {() => any} call */
function heard(call) {
  try {
    call()?.then?.(undefined, () => {});
  } catch {
    // It is the stranger's.
  }
}

/** What a log shows of an event. @type {(name: string, event: any) => string} */
function lineOf(name, { operation, method, path, sandboxId = "", attempt, status, code, ...event }) {
  const what = {
    onRequest: "is sent",
    onResponse: `answers ${status} in ${event.durationMs} ms`,
    onRetry: `is sent again in ${event.delayMs} ms, after ${status ?? code}`,
    onError: `has no answer after ${event.durationMs} ms: ${event.name} ${code ?? ""}`,
  }[name];
  return `superserve: ${operation} ${sandboxId} ${method} ${path} (${attempt}) ${what}`;
}
