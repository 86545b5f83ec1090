// What hooks and loggers are told of requests: of each what it is, and then what became of it. Nothing of it is a secret, and
// nothing that they do with it changes a call.
import { clean, requestIdOf } from "./failures.js";
import { now } from "./runtime.js";

/** @import { Arguments } from "./arguments.js" */

let lastId = 0;
let lastCall = 0;
/** Whether somebody is being told: of what that one asks for at once nobody is, or it would go on without an end. */
let isTelling = false;

/** Whether the requests of a call are told to anybody. @type {(given: Arguments) => boolean} */
export const isObserved = ({ link }) => !!(link?.hooks || link?.logger);

/**
 * What tells of a request that begins.
 *
 * @param {ConstructorParameters<typeof Told>} what
 */
export const told = (...what) => (isTelling ? undefined : new Told(...what));

/** One request, of which somebody is told. */
class Told {
  #link;
  #secret;
  #event;
  #began = now();
  #isOver = false;
  /** @type {{ status?: number, code?: string }} */
  #outcome = {};

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
    this.#event = {
      id: ++lastId,
      callId: (given.callId ??= ++lastCall),
      operation: given.operation,
      method,
      path: template.replace(/\?.*/, "").replace("{sandboxId}", "{id}"),
      origin: new URL(url).origin,
      sandboxId: clean(given.sandboxId, secret),
      attempt,
    };
    this.#tell("onRequest", template.endsWith("/activate") ? "info" : "debug", {});
  }

  /** An answer came. @param {Response} response */
  answered(response) {
    const { status } = response;
    this.#outcome = { status };
    this.#end("onResponse", "debug", { status, requestId: clean(requestIdOf(response), this.#secret) });
  }

  /** It failed; without an answer, if none has come. @type {(name: string, code: string) => void} */
  lost(name, code) {
    this.#outcome.code = code || undefined;
    this.#end("onError", "error", { name, code });
  }

  /** It failed, and is sent again. @param {number} delayMs */
  repeat(delayMs) {
    this.#tell("onRetry", "warn", { delayMs, ...this.#outcome });
  }

  /** @type {(name: "onResponse" | "onError", level: "debug" | "error", what: object) => void} */
  #end(name, level, what) {
    if (!this.#isOver) this.#tell(name, level, { durationMs: now() - this.#began, ...what });
    this.#isOver = true;
  }

  /**
   * Each of those who are told gets an object of its own.
   *
   * @type {(name: keyof import("./link.js").Hooks, level: "debug" | "info" | "warn" | "error", what: object) => void}
   */
  #tell(name, level, what) {
    const { hooks, logger } = this.#link ?? {};
    const event = () => JSON.parse(JSON.stringify({ ...this.#event, ...what }));
    const outer = isTelling;
    isTelling = true;
    heard(() => hooks?.[name]?.(event()));
    heard(() => logger?.[level]?.(`superserve ${name} ${JSON.stringify(event())}`, event()));
    isTelling = outer;
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
