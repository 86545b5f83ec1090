// Methods that are several requests, each of which follows from what the one before has come to.
import { DOWNLOAD_INTO, DOWNLOAD_TAR } from "#constants";
import { operations } from "#tables";
import { caused, isOurs, make, refusal, unexpected } from "./errors.js";
import { getOrCreate } from "./matching.js";
import { replace } from "./replace.js";
import { send, write, writeMany } from "./upload.js";

/**
 * What such a method does. `call` calls an operation, a step, as if the caller had, with what that takes; `number` is the
 * method's own. Called with that it answers at once with what it was called with, checked, where the method's action is
 * `Chain`.
 *
 * @typedef {(call: (step: number, values: unknown[]) => any, number: number, values: any[]) => unknown} Chain
 */

/**
 * What only folders take loads apart, and is given what it needs of this side.
 *
 * @type {(...given: Parameters<Chain>) => Promise<any>}
 */
async function ofFolder(call, number, values) {
  const { locals, operation, sandboxId } = call(number, values);
  const named = (/** @type {Error} */ error) => Object.assign(error, { operation, sandboxId });
  try {
    const { folders } = await import("#folders").catch((error) => {
      throw unexpected(error);
    });
    /** @type {(step: number, values: unknown[]) => unknown} */
    const run = (step, values) => {
      const chain = chains[`Files.${operations[step].name}`];
      return chain ? chain(call, step, values) : call(step, values);
    };
    // The path as its caller has it: each step checks it.
    const path = values[locals.source ? 1 : 0];
    const rest = {
      run,
      /** @type {(path: string, content: unknown, options: object) => Promise<number>} */
      send: (path, content, options) => send(call, path, content, options),
      make: (/** @type {Parameters<typeof make>} */ ...all) => named(make(...all)),
      refusal,
      caused,
    };
    return await folders[operations[number].name]({ ...locals, path }, rest);
  } catch (error) {
    throw isOurs(error) ? named(error) : error;
  }
}

/** @type {Record<string, Chain | undefined>} By the names of the methods. */
export const chains = {
  "Sandbox.getOrCreate": getOrCreate,
  "Files.write": write,
  "Files.writeMany": writeMany,
  "Files.replace": replace,
  "Files.uploadDir": ofFolder,
  "Files.sync": ofFolder,
  async "Files.downloadDir"(call, number, [path, second, third]) {
    if (typeof second === "string") return ofFolder(call, DOWNLOAD_INTO, [path, second, third]);
    if (second?.format === "tar") return ofFolder(call, DOWNLOAD_TAR, [path, second]);
    return call(number, [path, second]);
  },
  "Files.watch"(call, number, values) {
    /** @type {Promise<any> | undefined} */
    let begun;
    const begin = () => (begun ??= ofFolder(call, number, values));
    const step = (/** @type {string} */ name) => async () => (await begin())[name]();
    if (values[1]?.onEvent) begin();
    return {
      next: step("next"),
      return: step("return"),
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  },
};
