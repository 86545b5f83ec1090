// The module's functions, for what JavaScript has to tell it by itself.

/** @type {any} */
export let module;
/** @type {{ value: number } | undefined} */
let stack;

/** Told once how to call the module, before it starts. */
export const connect = (/** @type {object} */ functions) => {
  module = functions;
};

/** Told once what the module exports. */
export const begin = (/** @type {any} */ exports) => {
  stack = exports.__stack_pointer;
};

/**
 * Calls into the module. What is thrown through it leaves the module's stack as it was.
 *
 * @template T
 * @param {() => T} call
 */
export function protect(call) {
  const top = stack?.value;
  try {
    return call();
  } catch (error) {
    if (stack && top !== undefined) stack.value = top;
    throw error;
  }
}
