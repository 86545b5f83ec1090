// What the executor (task.rs) needs of JavaScript: promises by number, and a net for what is thrown in a task.
import { SANDBOX, caused, isOurs, make } from "./errors.js";

let module;
const tasks = [];

let stack;

/** Told once how to let a task go on: by the module's own functions. */
export const connect = (functions) => {
  module = functions;
};

/** Told once what the module exports. */
export const begin = (exports) => {
  stack = exports.__stack_pointer;
};

/** The promise of task `id`, which begins. */
export const open = (id) =>
  new Promise((...ends) => {
    tasks[id] = ends;
    guarded(id, () => module.poll(id));
  });

/** Settles the promise of task `id`. */
export const close = (id, failed, value) => {
  const end = tasks[id][+failed];
  tasks[id] = undefined;
  end(value);
};

/** Takes no notice of a rejection. */
export const ignore = (promise) => {
  promise.catch(() => {});
};

/** Calls into the module. What is thrown through it leaves the module's stack as it was. */
export function protect(call) {
  const top = stack?.value;
  try {
    return call();
  } catch (error) {
    if (stack) stack.value = top;
    throw error;
  }
}

/** Runs a piece of task `id`. An import that throws within it, uncaught, ends the task and nothing else. */
function guarded(id, run) {
  try {
    protect(run);
  } catch (error) {
    module.abandon(id);
    close(id, true, isOurs(error) ? error : caused(make(SANDBOX, "an unexpected error ended the call", 0, "unexpected"), error));
  }
}

const reactions = [];

/** Lets task `id` go on once `promise` has settled, in the async context of this call. */
export const follow = (promise, id) => {
  const settle = (failed) => (value) => guarded(id, () => module.settle(id, failed, value));
  reactions[id] ??= [settle(false), settle(true)];
  promise.then(...reactions[id]);
};
