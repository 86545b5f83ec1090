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
 * A request begins, which carries `secret`. Answers with what tells of its end; undefined where nobody is told.
 *
 * @param {Arguments} given
 * @param {string} method
 * @param {string} template
 * @param {string} url
 * @param {string} secret
 * @param {number} attempt
 */
export function told(given, method, template, url, secret, attempt) {
  if (isTelling) return undefined;
  const { hooks, logger } = /** @type {import("./link.js").Link} */ (given.link);
  const began = now();
  const request = {
    id: ++lastId,
    callId: (given.callId ??= ++lastCall),
    operation: given.operation,
    method,
    path: template.replace(/\?.*/, "").replace("{sandboxId}", "{id}"),
    origin: new URL(url).origin,
    sandboxId: clean(given.sandboxId, secret),
    attempt,
  };
  let isOver = false;
  /** @type {{ status?: number, code?: string }} */
  let outcome = {};

  /**
   * Each of those who are told gets an object of its own.
   *
   * @type {(name: keyof import("./link.js").Hooks, level: "debug" | "info" | "warn" | "error", what: object) => void}
   */
  const tell = (name, level, what) => {
    const json = JSON.stringify({ ...request, ...what });
    const outer = isTelling;
    isTelling = true;
    heard(() => hooks?.[name]?.(JSON.parse(json)));
    heard(() => logger?.[level]?.(`superserve ${name} ${json}`, JSON.parse(json)));
    isTelling = outer;
  };
  /** @type {(name: "onResponse" | "onError", level: "debug" | "error", what: object) => void} */
  const end = (name, level, what) => {
    if (!isOver) tell(name, level, { durationMs: now() - began, ...what });
    isOver = true;
  };
  tell("onRequest", template.endsWith("/activate") ? "info" : "debug", {});

  return {
    /** An answer came. @param {Response} response */
    answered(response) {
      const { status } = response;
      outcome = { status };
      end("onResponse", "debug", { status, requestId: clean(requestIdOf(response), secret) });
    },
    /** It failed; without an answer, if none has come. @type {(name: string, code: string) => void} */
    lost(name, code) {
      outcome.code = code || undefined;
      end("onError", "error", { name, ...outcome });
    },
    /** It failed, and is sent again. @param {number} delayMs */
    repeat(delayMs) {
      tell("onRetry", "warn", { delayMs, ...outcome });
    },
  };
}

/** Calls a stranger's function. What it throws, or rejects with, is nobody's. @param {() => any} call */
function heard(call) {
  try {
    call()?.then?.(undefined, () => {});
  } catch {
    // It is the stranger's.
  }
}
