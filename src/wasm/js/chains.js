// Methods that are several requests, each of which follows from what the one before has come to.
import { DOWNLOAD_INTO, DOWNLOAD_TAR, OPEN_SHELL, POST_FILE } from "#constants";
import { operations } from "#tables";
import { lengthOf, readerOf } from "./body.js";
import { caused, isOurs, make, refusal, unexpected } from "./errors.js";
import { getOrCreate } from "./matching.js";
import { output } from "./output.js";
import { scripts } from "./script.js";
import { fresh, isSource } from "./shape.js";

/**
 * What such a method does. `call` calls an operation, a step, as if the caller had, with what that takes, and as a call of its
 * own, where it is no step of the method's; `number` is the method's own. Called with that it answers at once with what it was called with, checked, where the method's action is
 * `Chain`.
 *
 * @typedef {(call: (step: number, values: unknown[], isOwn?: boolean) => any, number: number, values: any[]) => unknown} Chain
 */

/** @param {number} number */
const nameOf = (number) => `${operations[number].className}.${operations[number].name}`;

/**
 * What not every program does loads apart, and is given what it needs of this side.
 *
 * @type {(...given: Parameters<Chain>) => Promise<any>}
 */
async function apart(call, number, values) {
  const { wire, locals, operation, sandboxId } = call(number, values);
  const named = (/** @type {Error} */ error) => Object.assign(error, { operation, sandboxId });
  // Paths are as their caller has them, in a list of files too: each step checks its own.
  const [first, second] = values;
  const own = locals.source
    ? { path: second }
    : { path: locals.port ? locals.path : first, files: locals.files && [...first] };
  try {
    const loaded = await import("#lazy").catch((error) => {
      throw unexpected(error);
    });
    Object.assign(scripts, loaded.scripts);
    const rest = {
      /** @type {(step: number, values: unknown[], isOwn?: boolean) => unknown} */
      run(step, values, isOwn) {
        const chain = chains[nameOf(step)];
        return chain ? chain(call, step, values) : call(step, values, isOwn);
      },
      check: call,
      make: (/** @type {Parameters<typeof make>} */ ...all) => named(make(...all)),
      refusal: (/** @type {Parameters<typeof refusal>} */ ...all) => named(refusal(...all)),
      caused,
      isOurs,
      isSource,
      lengthOf,
      readerOf,
      fresh,
    };
    return await loaded.methods[nameOf(number)]({ ...wire, ...locals, ...own }, rest);
  } catch (error) {
    throw isOurs(error) ? named(error) : error;
  }
}

/** @type {Record<string, Chain | undefined>} By the names of the methods. */
export const chains = {
  "Commands.stream"(call, number, values) {
    const { locals } = call(number, values);
    return output(apart(call, number, values), locals.stdin);
  },
  "Sandbox.getOrCreate": getOrCreate,
  async "Sandbox.terminal"(call, number, values) {
    return values[0]?.name === undefined ? call(OPEN_SHELL, values) : apart(call, number, values);
  },
  "Sandbox.waitForPort": apart,
  "Sandbox.ports": apart,
  "Terminals.list": apart,
  "Terminals.kill": apart,
  async "Files.write"(call, number, values) {
    const { content, mode, append, createNew, onProgress } = call(number, values).locals;
    const isPlain = mode === undefined && !append && !createNew && !onProgress && !isSource(content);
    return isPlain ? call(POST_FILE, [values[0], content, values[2]]) : apart(call, number, values);
  },
  "Processes.start": apart,
  "Processes.list": apart,
  "Processes.get": apart,
  "Processes.remove": apart,
  "Code.run": apart,
  "Code.contexts": apart,
  "Code.restart": apart,
  "Code.interrupt": apart,
  "Code.remove": apart,
  "Files.writeMany": apart,
  "Files.replace": apart,
  "Files.uploadDir": apart,
  "Files.sync": apart,
  async "Files.downloadDir"(call, number, [path, second, third]) {
    if (typeof second === "string") return apart(call, DOWNLOAD_INTO, [path, second, third]);
    if (second?.format === "tar") return apart(call, DOWNLOAD_TAR, [path, second]);
    return call(number, [path, second]);
  },
  "Files.watch"(call, number, values) {
    /** @type {Promise<any> | undefined} */
    let begun;
    const begin = () => (begun ??= apart(call, number, values));
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
