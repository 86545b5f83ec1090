// What the relay uses of the module (forward.rs). It is no part of the surface: a property of `Sandbox` that nobody lists,
// so that the relay, which is a file of its own, finds it in whichever entry the program has.
import { retryAfterOf } from "./failures.js";
import { Sandbox, numberOf } from "./object.js";
import { settings } from "./runtime.js";

/**
 * Told once how to call the module.
 *
 * @param {(handle: number, given?: object) => unknown} forward
 */
export function connect(forward) {
  const value = {
    /** @param {object} given */
    connect(given) {
      settings(given);
      return forward(0, given);
    },
    /** @type {(object: object, given?: object) => unknown} */
    forward: (object, given) => forward(numberOf(object), given),
    retryAfterOf,
  };
  Object.defineProperty(Sandbox, Symbol.for("@superserve/sdk/relay"), { value });
}

/**
 * What the relay knows of a sandbox.
 *
 * @type {(origin: string, token: string, lastToken: string) => object}
 */
export const facts = (origin, token, lastToken) => ({ origin, token, lastToken });
