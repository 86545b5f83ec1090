// What the relay uses of the module (forward.rs). It is no part of the surface, but a property of `Sandbox` that nobody
// lists, so that the relay, which is a file of its own, finds it in whichever entry the program has.
import { pageValues } from "./arguments.js";
import { module, protect } from "./module.js";
import { numberOf, Sandbox } from "./object.js";
import { settings } from "./runtime.js";

/** @type {WeakMap<object, number>} How long the service asked to wait, in milliseconds, by the error of its answer. */
const waits = new WeakMap();

const value = {
  /** @param {object} given */
  connect(given) {
    settings(given);
    return protect(() => module.forward(0, given));
  },
  /** @type {(object: import("./object.js").Held, given?: object) => unknown} */
  forward: (object, given) => protect(() => module.forward(numberOf(object), given)),
  values: pageValues,
  /** @type {(error: object) => number} */
  retryAfterOf: (error) => waits.get(error) ?? NaN,
};
Object.defineProperty(Sandbox, Symbol.for("@superserve/sdk/relay"), { value });

/**
 * Notes when an answer asked to try again.
 *
 * @type {(error: object, retryAfterMs: number) => void}
 */
export const note = (error, retryAfterMs) => {
  waits.set(error, retryAfterMs);
};

/**
 * What the relay knows of a sandbox.
 *
 * @type {(origin: string, token: string, hint: string, isOver: boolean, last: string) => object}
 */
export const facts = (origin, token, hint, isOver, last) => {
  const secrets = [token, hint, ...last.split("\0")];
  return { origin, token, hint, isOver, secrets };
};
