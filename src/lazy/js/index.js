// What loads when a program first asks for it: the methods, by their classes.
import { code } from "./code/code.js";
import { stream } from "./commands/stream.js";
import { folders } from "./files/folders.js";
import { replace } from "./files/replace.js";
import { write, writeMany } from "./files/upload.js";
import { watcher } from "./files/watch.js";
import { processes } from "./processes/processes.js";
import { ports, waitForPort } from "./sandbox/ports.js";
import { kill, list, terminal } from "./terminals/terminals.js";

/**
 * What this needs of the rest. `run` does what the operation of a number does, as a step of the method; `make` makes an error
 * of a class of `classes`, with a status and a code.
 *
 * @typedef {object} Rest
 * @property {(step: number, values: unknown[], isOwn?: boolean) => any} run As a call of its own, where an object that the
 *   method has made does it later.
 * @property {(step: number, values: unknown[]) => unknown} check The same without a request, where that is a method: what is
 *   wrong with the values is thrown.
 * @property {(error: unknown) => error is Error} isOurs Whether it is of a class of this package's.
 * @property {(content: any) => boolean} isSource Whether it gives its content piece by piece.
 * @property {(response: any) => number} lengthOf How many bytes a response has, not a number where it does not say so.
 * @property {(response: any) => any} readerOf What reads a body, whatever form that has.
 * @property {() => string} fresh A name that nothing else has.
 * @property {(at: string, what: string) => Error} refusal
 * @property {(which: number, message: string, status: number, code: string) => Error} make
 * @property {<T extends Error>(error: T, cause: unknown) => T} caused
 */

/**
 * What the methods do, with a caller's arguments and options, once these are known to be good.
 *
 * @type {Record<string, (given: any, rest: Rest) => unknown>}
 */
export const methods = Object.fromEntries(
  Object.entries({
    Commands: { stream },
    Files: { ...folders, replace, watch: watcher, write, writeMany },
    Processes: processes,
    Code: code,
    Sandbox: { ports, terminal, waitForPort },
    Terminals: { list, kill },
  }).flatMap(([resource, own]) =>
    Object.entries(own).map(([name, method]) => [`${resource}.${name}`, method]),
  ),
);
