// The module's functions, for what JavaScript has to tell it by itself.

/**
 * What the module exports. A `number` or `task` is what the module itself gave for a call or a task; `handle` is 0 where
 * there is no object.
 *
 * @typedef {object} Module
 * @property {(task: number) => void} abandon Forgets a task, whose future is not polled again.
 * @property {(number: number) => void} cancel Ends a file's stream (download.rs).
 * @property {(matches: string) => number} choose Which of some sandboxes, a line each, is taken; -1 for none (matching.rs).
 * @property {(apiKey: string, baseUrl: string, sandboxUrl: string, machineCredential: string) => void} configure
 *   Sets the connection of the calls whose options are read next. It throws for settings that make none.
 * @property {(number: number, aborted: boolean, value: unknown) => void} end
 *   Ends a call: by its caller, with a reason, or with a value that is to be thrown.
 * @property {(handle: number, given: object | undefined) => unknown} forward Does what the relay needs (forward.rs).
 * @property {(number: number) => boolean} goes_on Whether a call goes on, by the clock too.
 * @property {(operation: number, handle: number, given: import("./arguments.js").Arguments) => unknown}
 *   invoke Calls the operation of that number.
 * @property {(offset: number, limit: number, count: number, barren: number, isJoined: boolean, total: number) => number}
 *   next_page The offset of a list's next page; not a number at its end, and a smaller one where pages are to be read again.
 * @property {(task: number) => void} poll Polls a task's future.
 * @property {(number: number) => Promise<Uint8Array | undefined>} pull Reads the next piece of a file's stream.
 * @property {(text: string, secrets: string) => string | undefined} redacted A text without those secrets; undefined where it has none.
 * @property {(handle: number) => void} release Forgets what an object stood for, which nobody has any more.
 * @property {(task: number, failed: boolean, value: unknown) => void} settle
 *   Tells a task what the promise came to that it waits for.
 * @property {(number: number) => number} tick
 *   Does what is due in a call, and answers with the milliseconds until it must be asked again, or 0.
 * @property {(number: number) => void} touch Gives what a call waits for its time again.
 * @property {(number: number) => void} wake Lets those go on who wait for a call that has ended.
 */

/** @type {Module} */
export let module;
/** @type {{ value: number } | undefined} */
let stack;

/** The entry calls this once, with the module's functions, before the module starts. */
export const connect = (/** @type {Module} */ functions) => {
  module = functions;
};

/** The module calls this once, with what its instance exports. */
export const begin = (/** @type {{ __stack_pointer?: { value: number } }} */ exports) => {
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
