// What the executor (task.rs) needs of JavaScript: promises by number, and a net for what is thrown in a task.
import { isOurs, unexpected } from "./errors.js";
import { module, protect } from "./module.js";

/** @typedef {[resolve: (value: unknown) => void, reject: (error: unknown) => void]} Ends What settles a promise. */

/** @type {(Ends | undefined)[]} What settles the promises of tasks, by their numbers. */
const tasks = [];

/**
 * The promise of task `id`, which begins. A rejection of one that is `shared` may go unheard.
 *
 * @param {number} id
 * @param {boolean} shared
 */
export function open(id, shared) {
  const promise = new Promise((...ends) => {
    tasks[id] = ends;
    guarded(id, () => module.poll(id));
  });
  if (shared) ignore(promise);
  return promise;
}

/** Settles the promise of task `id`. @type {(id: number, failed: boolean, value: unknown) => void} */
export const close = (id, failed, value) => {
  const ends = /** @type {Ends} */ (tasks[id]);
  tasks[id] = undefined;
  if (failed) reject(ends, value);
  else ends[0](value);
};

/** Takes no notice of a rejection. */
export const ignore = (/** @type {Promise<unknown>} */ promise) => {
  promise.catch(() => {});
};

/**
 * Runs a piece of task `id`. An import that throws within it, uncaught, ends the task and nothing else.
 *
 * @param {number} id
 * @param {() => void} run
 */
function guarded(id, run) {
  try {
    protect(run);
  } catch (error) {
    reactions[id] = undefined;
    module.abandon(id);
    close(id, true, unexpected(error));
  }
}

/** @typedef {(value: unknown) => void} Reaction */

/**
 * What happens once a promise settles that a task waits for, by the task's number. Each is made once, for all that the
 * task waits for.
 *
 * @type {([fulfilled: Reaction, rejected: Reaction] | undefined)[]}
 */
const reactions = [];

/**
 * Lets task `id` go on once `promise` has settled, in the async context of this call.
 *
 * @type {(promise: Promise<unknown>, id: number) => void}
 */
export const follow = (promise, id) => {
  let own = reactions[id];
  if (!own) {
    const settle = (/** @type {boolean} */ failed) => (/** @type {unknown} */ value) => {
      // One that was interrupted meanwhile no longer waits for this.
      if (reactions[id] === own) guarded(id, () => module.settle(id, failed, value));
    };
    reactions[id] = own = [settle(false), settle(true)];
  }
  promise.then(...own);
};

/** Lets task `id` go on at once: what it waits for is no longer wanted. @type {(id: number) => void} */
export const interrupt = (id) => {
  reactions[id] = undefined;
  guarded(id, () => module.poll(id));
};

// An error's stack leads to the line of the program that made the call, not to those of this package.

/** @type {Function | undefined} The method that is being called at this moment. */
let method;

/** Notes which method is called, and answers with the one around it. @param {Function | undefined} called */
export function enter(called) {
  const outer = method;
  method = called;
  return outer;
}

/**
 * An error made here, with the frames of whoever called, as far as the engine knows them.
 *
 * @param {Error} error
 * @param {RegExp} frames
 */
function traced(error, frames) {
  try {
    const holder = /** @type {{ stack: string }} */ ({});
    Error.captureStackTrace(holder, method);
    const [lines] = /** @type {RegExpExecArray} */ (frames.exec(holder.stack));
    error.stack = `${error.name}: ${error.message}${lines}`;
  } catch {
    // The engine has none, or the program forbids it.
  }
  return error;
}

/** What a method throws at once. @type {(error: unknown) => unknown} */
// biome-ignore lint/correctness/noEmptyCharacterClassInRegex: that class is any character, in the fewest bytes.
export const thrown = (error) => (isOurs(error) ? traced(error, /\n\s+at (?!.*wasm:)[^]*/) : error);

/**
 * Rejects a call's promise. To take the stack at each call would cost half as much as the call. V8 tells who awaits a
 * promise, but only to a reaction that settles it, and once it is awaited.
 *
 * @param {Ends} ends
 * @param {unknown} error
 */
export function reject([resolve, reject], error) {
  if (method || !isOurs(error)) return reject(thrown(error));
  const later = () => {
    // biome-ignore lint/correctness/noEmptyCharacterClassInRegex: that class is any character, in the fewest bytes.
    throw traced(error, /\n\s+at async [^]*/);
  };
  resolve(Promise.resolve().then(nothing).then(later));
}

const nothing = () => {};
