// What the executor (task.rs) needs of JavaScript: promises by number.
let settle;
const tasks = [];

/** Told once how to let a task go on: by the module's `settle`. */
export const connect = (callback) => {
  settle = callback;
};

/** The promise of task `id`. */
export const open = (id) => new Promise((...ends) => (tasks[id] = ends));

/** Settles the promise of task `id`. */
export const close = (id, failed, value) => {
  const end = tasks[id][+failed];
  tasks[id] = undefined;
  end(value);
};

const reactions = [];

/** Lets task `id` go on once `promise` has settled, in the async context of this call. */
export const follow = (promise, id) => {
  reactions[id] ??= [(value) => settle(id, false, value), (reason) => settle(id, true, reason)];
  promise.then(...reactions[id]);
};
