// The module that loads with this: bytes in, bytes out (wasm.rs).
import { bytesOf, textOf } from "./names.js";

/**
 * What the module exports.
 *
 * @typedef {"write" | "header" | "note" | "place_of" | "holds" | "rules" | "ignores" | "here" | "there" | "compare" |
 *   "watch_from" | "watch_open" | "watch_take" | "watch_events" | "watch_pause"} Work
 * @typedef {{ memory: WebAssembly.Memory, input(length: number): number, answer(): number } & Record<Work, () => number>} Exports
 */

/**
 * What happened in a directory that is watched, as callers have it.
 *
 * @typedef {{ type: string, path?: string, from?: string, by?: string, entry?: object }} Event
 */

/**
 * An entry of an archive, or of a tree.
 *
 * @typedef {{ kind: number, path: string, target: string, size: number, mode: number, modifiedMs: number }} Entry
 */

const decoder = new TextDecoder();

export const [FILE, DIRECTORY, SYMLINK, LINK] = [0, 1, 2, 3];

/** Stands for permissions that a file system does not have. */
export const NO_MODE = 0xffff_ffff;

/** How many entries stay where something must not be. */
const NONE = 0xffff_ffff;

/** The length of an entry before its name. */
const FIXED = 25;

/** @type {WebAssembly.Module} */
let compiled;

/** The entry calls this once, with the module. */
export const use = (/** @type {WebAssembly.Module} */ module) => {
  compiled = module;
};

/** What is known of one upload, download or comparison. */
export class Core {
  #hasRules = false;
  #exports = /** @type {Exports} */ (new WebAssembly.Instance(compiled).exports);

  /**
   * What the module says of some bytes: a number, -1 for what cannot be.
   *
   * @param {Work} work
   * @param {(Uint8Array | number)[]} parts
   */
  #ask(work, ...parts) {
    let at = this.#exports.input(parts.map(lengthOf).reduce((sum, length) => sum + length, 0));
    const memory = new Uint8Array(this.#exports.memory.buffer);
    for (const part of parts) {
      if (typeof part === "number") memory[at] = part;
      else memory.set(part, at);
      at += lengthOf(part);
    }
    return this.#exports[work]();
  }

  /**
   * The bytes of the last answer.
   *
   * @param {number} length
   */
  #answer(length) {
    return new Uint8Array(this.#exports.memory.buffer, this.#exports.answer(), length).slice();
  }

  /**
   * The blocks of an archive that come before an entry's bytes.
   *
   * @param {Entry} entry
   */
  write(entry) {
    return this.#answer(this.#ask("write", ...wired(entry)));
  }

  /**
   * What a header says: an entry, how many bytes come that say more of the next one, or undefined at the end. Null for what
   * is no header.
   *
   * @param {Uint8Array} block
   * @returns {Entry | number | undefined | null}
   */
  header(block) {
    const length = this.#ask("header", block);
    if (length < 0) return null;
    const answer = this.#answer(length);
    const view = new DataView(answer.buffer);
    if (answer[0] === 0) return undefined;
    return answer[0] === 1 ? view.getFloat64(1, true) : entryOf(answer.subarray(1));
  }

  /** Takes the bytes that say more. Answers whether they do. @param {Uint8Array} bytes */
  note(bytes) {
    return this.#ask("note", bytes) === 0;
  }

  /**
   * Where within a folder an archive's entry is to go; undefined for what would be elsewhere.
   *
   * @param {string} name
   * @param {boolean} isWindows
   */
  placeOf(name, isWindows) {
    const length = this.#ask("place_of", +isWindows, bytesOf(name));
    return length < 0 ? undefined : textOf(this.#answer(length));
  }

  /**
   * Whether a symbolic link at that place leads to one within the folder.
   *
   * @param {string} place
   * @param {string} target
   * @param {boolean} isWindows
   */
  holds(place, target, isWindows) {
    return this.#ask("holds", +isWindows, bytesOf(place), 0, bytesOf(target)) === 1;
  }

  /**
   * Takes ignore rules: the caller's, or those of a file in that directory of the tree.
   *
   * @param {boolean} isOwn
   * @param {string} directory
   * @param {Uint8Array} text
   */
  rules(isOwn, directory, text) {
    this.#hasRules = true;
    this.#ask("rules", +isOwn, bytesOf(directory), 0, text);
  }

  /**
   * @param {string} path
   * @param {boolean} isDirectory
   */
  ignores(path, isDirectory) {
    return this.#hasRules && this.#ask("ignores", +isDirectory, bytesOf(path)) === 1;
  }

  /** From now on this knows a directory that is watched. @param {string} path */
  watchFrom(path) {
    this.#ask("watch_from", bytesOf(path));
  }

  /** A stream of what happens there begins. */
  watchOpen() {
    this.#ask("watch_open");
  }

  /** Takes a piece of it. Answers whether there is something to be told; undefined for what no script writes. @param {string} text */
  watchTake(text) {
    const answer = this.#ask("watch_take", bytesOf(text));
    return answer < 0 ? undefined : answer === 1;
  }

  /**
   * What happened since this was asked last.
   *
   * @returns {Event[]}
   */
  watchEvents() {
    /** @type {any[]} */
    const events = JSON.parse(decoder.decode(this.#answer(this.#ask("watch_events"))));
    return events.map(({ entry, ...event }) => {
      if (!entry) return event;
      const { size, mode, modifiedAt } = entry;
      // Of what is less than a millisecond the number has not all.
      const time = new Date(Math.floor(modifiedAt * 1000 + 0.001));
      return { ...event, entry: { ...entry, size: +size, mode: parseInt(mode, 8), modifiedAt: time } };
    });
  }

  /**
   * Milliseconds after which a stream is opened anew that was lost with that error, one of so many; -1 for never.
   *
   * @param {any} error
   * @param {number} losses
   */
  watchPause({ name, code, statusCode }, losses) {
    return this.#ask("watch_pause", Math.min(losses, 255), bytesOf(`${name} ${code} ${statusCode}`));
  }

  /**
   * What makes `there` as `here` is: what of it is to be sent, what to be removed before, and how much stays. The path of a
   * directory that would have to go against the caller's word, if there is one.
   *
   * @template {Entry} T
   * @param {T[]} here
   * @param {Entry[]} there
   * @param {boolean} deletes
   * @returns {{ send: T[], remove: string[], unchanged: number } | string}
   */
  compare(here, there, deletes) {
    for (const entry of here) this.#ask("here", ...wired(entry));
    for (const entry of there) this.#ask("there", ...wired(entry));
    const length = this.#ask("compare", +deletes);
    const answer = this.#answer(length);
    const view = new DataView(answer.buffer);
    const count = view.getUint32(4, true);
    const send = Array.from({ length: count }, (_, i) => here[view.getUint32(8 + 4 * i, true)]);
    /** @type {string[]} */
    const remove = [];
    for (let at = 8 + 4 * count; at < length; ) {
      const end = answer.indexOf(0, at);
      remove.push(textOf(answer.subarray(at, end)));
      at = end + 1;
    }
    const unchanged = view.getUint32(0, true);
    return unchanged === NONE ? remove[0] : { send, remove, unchanged };
  }
}

/** @param {Uint8Array | number} part */
const lengthOf = (part) => (typeof part === "number" ? 1 : part.length);

/**
 * An entry as the module has it.
 *
 * @param {Entry} entry
 */
function wired({ kind, path, target, size, mode, modifiedMs }) {
  const name = bytesOf(path);
  const fixed = new DataView(new ArrayBuffer(FIXED));
  fixed.setUint8(0, kind);
  fixed.setUint32(1, mode, true);
  fixed.setFloat64(5, size, true);
  fixed.setFloat64(13, Math.floor(modifiedMs), true);
  fixed.setUint32(21, name.length, true);
  return [new Uint8Array(fixed.buffer), name, bytesOf(target)];
}

/**
 * @param {Uint8Array} bytes
 * @returns {Entry}
 */
function entryOf(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const end = FIXED + view.getUint32(21, true);
  return {
    kind: view.getUint8(0),
    mode: view.getUint32(1, true),
    size: view.getFloat64(5, true),
    modifiedMs: view.getFloat64(13, true),
    path: textOf(bytes.subarray(FIXED, end)),
    target: textOf(bytes.subarray(end)),
  };
}
