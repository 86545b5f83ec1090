// What the executor (task.rs) needs of JavaScript: promises by number, and a net for what is thrown in a task.
import { isOurs, unexpected } from "./errors.js";
import { module, protect } from "./module.js";

const tasks = [];

/** The promise of task `id`, which begins. Of one that is `shared` a rejection may go unheard. */
export function open(id, shared) {
  const promise = new Promise((...ends) => {
    tasks[id] = ends;
    guarded(id, () => module.poll(id));
  });
  if (shared) ignore(promise);
  return promise;
}

/** Settles the promise of task `id`. */
export const close = (id, failed, value) => {
  const ends = tasks[id];
  tasks[id] = undefined;
  if (failed) reject(ends, value);
  else ends[0](value);
};

/** Takes no notice of a rejection. */
export const ignore = (promise) => {
  promise.catch(() => {});
};

/** Runs a piece of task `id`. An import that throws within it, uncaught, ends the task and nothing else. */
function guarded(id, run) {
  try {
    protect(run);
  } catch (error) {
    reactions[id] = undefined;
    module.abandon(id);
    close(id, true, unexpected(error));
  }
}

/** What happens once the promise of a task settles, by its number: made once, for all that it waits for. */
const reactions = [];

/** Lets task `id` go on once `promise` has settled, in the async context of this call. */
export const follow = (promise, id) => {
  let own = reactions[id];
  if (!own) {
    const settle = (failed) => (value) => {
      // Not one that was interrupted meanwhile.
      if (reactions[id] === own) guarded(id, () => module.settle(id, failed, value));
    };
    reactions[id] = own = [settle(false), settle(true)];
  }
  promise.then(...own);
};

/** Lets task `id` go on at once: what it waits for is no longer wanted. */
export const interrupt = (id) => {
  reactions[id] = undefined;
  guarded(id, () => module.poll(id));
};

// An error's stack leads to the line of the program that made the call, not to those of this package.

/** The method that is being called at this moment. */
let method;

/** Notes it; answers with the one around it. */
export function enter(called) {
  const outer = method;
  method = called;
  return outer;
}

/** An error made here, with the frames of whoever called, as far as the engine knows them. */
function traced(error, frames) {
  try {
    const holder = {};
    Error.captureStackTrace(holder, method);
    const [lines] = frames.exec(holder.stack);
    error.stack = `${error.name}: ${error.message}${lines}`;
  } catch {
    // The engine has none, or the program forbids it.
  }
  return error;
}

/** What a method throws at once. */
export const thrown = (error) => (isOurs(error) ? traced(error, /\n\s+at (?!.*wasm:)[^]*/) : error);

/**
 * Rejects a call's promise. To take the stack at each call would cost half as much as the call. V8 tells who awaits a
 * promise, but only to a reaction that settles it, and once it is awaited.
 */
export function reject([resolve, reject], error) {
  if (method || !isOurs(error)) return reject(thrown(error));
  const later = () => {
    throw traced(error, /\n\s+at async [^]*/);
  };
  resolve(Promise.resolve().then(nothing).then(later));
}

const nothing = () => {};
