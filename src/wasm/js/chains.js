// Methods that are several requests, each of which follows from what the one before has come to.
import { getOrCreate } from "./matching.js";

/**
 * What such a method does. `call` calls an operation, a step, as if the caller had, with what that takes; `number` is the
 * method's own. Called with that it answers at once with what it was called with, checked, where the method's action is
 * `Chain`.
 *
 * @typedef {(call: (step: number, values: unknown[]) => any, number: number, values: any[]) => Promise<unknown>} Chain
 */

/** @type {Record<string, Chain | undefined>} By the names of the methods. */
export const chains = {
  "Sandbox.getOrCreate": getOrCreate,
};
