// Methods that are several requests, each of which follows from what the one before has come to.
import { DOWNLOAD_INTO, DOWNLOAD_TAR } from "#constants";
import { operations } from "#tables";
import { caused, isOurs, make, refusal, unexpected } from "./errors.js";
import { getOrCreate } from "./matching.js";

/**
 * What such a method does. `call` calls an operation, a step, as if the caller had, with what that takes; `number` is the
 * method's own. Called with that it answers at once with what it was called with, checked, where the method's action is
 * `Chain`.
 *
 * @typedef {(call: (step: number, values: unknown[]) => any, number: number, values: any[]) => Promise<unknown>} Chain
 */

/**
 * What only folders take loads apart. It is given what it needs of this side.
 *
 * @type {Chain}
 */
async function ofFolder(call, number, values) {
  const given = call(number, values);
  const { locals, operation, sandboxId } = given;
  try {
    const { folders } = await import("#folders").catch((error) => {
      throw unexpected(error);
    });
    const run = (/** @type {number} */ step, /** @type {unknown[]} */ values) => {
      const chain = chains[`Files.${operations[step].name}`];
      return chain ? chain(call, step, values) : call(step, values);
    };
    // The path as its caller has it: steps check it again.
    const path = values[number === SOURCE_FIRST ? 1 : 0];
    return await folders[operations[number].name]({ ...locals, path }, { run, refusal, make, caused, root: "" });
  } catch (error) {
    throw isOurs(error) ? Object.assign(error, { operation, sandboxId }) : error;
  }
}
