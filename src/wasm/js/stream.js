// Output of commands, as it comes.
import { EVENT, STDERR, STDOUT } from "#constants";
import { SANDBOX, invalid, make } from "./errors.js";
import { decoder, wideDecoder } from "./runtime.js";
import { isObject } from "./shape.js";

/**
 * @import { Call } from "./call.js"
 * @import { Decode } from "./shape.js"
 */

/** Takes the output of one command: gives it to the callbacks, and keeps it for the result. */
export class Sink {
  stdout = "";
  stderr = "";
  /** Whether standard output is a part of the result. */
  keeps = true;
  /** @type {number | undefined} */
  exitCode;
  /** @type {boolean | undefined} */
  truncated;
  #onStdout;
  #onStderr;
  #onOutput;

  /**
   * Where there is an `onOutput`, that gets all of it, with the channel, and nothing is kept.
   *
   * @param {Function | undefined} onStdout
   * @param {Function | undefined} onStderr
   * @param {Function | undefined} onOutput
   */
  constructor(onStdout, onStderr, onOutput) {
    this.#onStdout = onStdout;
    this.#onStderr = onStderr;
    this.#onOutput = onOutput;
  }

  /**
   * Takes the parts of a `Batch`. Nothing is taken once the call has ended, as it does with what a callback throws. Answers
   * whether the last event came; what follows it is passed over.
   *
   * @param {Uint8Array} narrow
   * @param {Uint16Array} wide
   * @param {Uint32Array} pieces
   * @param {number} kinds
   * @param {Call} call
   */
  take(narrow, wide, pieces, kinds, call) {
    const texts = [decoder().decode(narrow), wide.length > 0 ? wideDecoder().decode(wide) : ""];
    const isOne = kinds !== EVENT && !(texts[0] && texts[1]);
    const ends = [0, 0];
    // A copy, since the module's memory may move while a callback runs.
    for (const piece of pieces.slice()) {
      if (call.ended) break;
      const which = (piece >>> 2) & 1;
      const text = texts[which].slice(ends[which], (ends[which] += piece >>> 3));
      const kind = piece & 3;
      if (isOne) this.#give(kind, text, call);
      else if (kind !== EVENT) this.add(kind, text, call);
      else if (objectsOf(text).some((event) => this.#event(event, call))) return true;
    }
    // What is of one channel is kept as a whole: a string made of many holds all of them.
    if (isOne) this.#keep(kinds, texts[0] || texts[1], call);
    return false;
  }

  /**
   * Takes one text of a channel; for `onOutput` it may be bytes.
   *
   * @param {number} channel
   * @param {any} text
   * @param {Call} call
   */
  add(channel, text, call) {
    if (call.ended) return;
    this.#keep(channel, text, call);
    this.#give(channel, text, call);
  }

  /** @type {(channel: number, text: any, call: Call) => void} */
  #keep(channel, text, call) {
    if (this.#onOutput) return;
    try {
      if (channel !== STDOUT) this.stderr += text;
      else if (this.keeps) this.stdout += text;
    } catch {
      // A string of V8 has half a gigabyte at most.
      const why = "the output is longer than a string can be: write it to a file";
      call.fail(make(SANDBOX, why, 0, "too_large"));
    }
  }

  /** @type {(channel: number, text: any, call: Call) => void} */
  #give(channel, text, call) {
    if (this.#onOutput) call.give(this.#onOutput, channel, text);
    else call.give(channel === STDOUT ? this.#onStdout : this.#onStderr, text);
  }

  /**
   * What a session's last frame tells. Its result is as the TypeScript package has it, to whoever compares the two.
   *
   * @param {Record<string, any>} frame
   */
  end(frame) {
    this.#end(frame);
    return Object.defineProperty(this.result(), "truncated", { enumerable: false });
  }

  /** @param {Record<string, any>} event */
  #end(event) {
    this.exitCode = exitCodeOf(event);
    this.truncated = event.truncated === true;
  }

  /**
   * @param {Record<string, any>} event
   * @param {Call} call
   */
  #event(event, call) {
    for (const [channel, text] of [
      [STDOUT, event.stdout],
      [STDERR, event.stderr],
      [STDERR, event.error],
    ]) {
      if (typeof text === "string" && text) this.add(channel, text, call);
    }
    if (event.finished !== true) return false;
    this.#end(event);
    return true;
  }

  /** What the command came to. */
  result() {
    const { stdout, stderr, exitCode, truncated } = this;
    return { stdout, stderr, exitCode, truncated };
  }
}

/**
 * What `decode` makes of an answer that tells how a command ended, of which `{}` tells nothing.
 *
 * @type {(decode: Decode) => Decode}
 */
export const result = (decode) => (raw) => {
  const told = raw?.stdout ?? raw?.stderr ?? raw?.exit_code;
  if (told === undefined || told === null) throw invalid("is not the result of a command");
  exitCodeOf(raw);
  return decode(raw);
};

/**
 * The exit code that the last event of a command tells: 0 where it tells none.
 *
 * @param {{ exit_code?: any }} event
 * @returns {number}
 */
export function exitCodeOf({ exit_code: code }) {
  if (code === undefined || code === null) return 0;
  if (!Number.isSafeInteger(code)) throw invalid("has an exit_code that is no integer");
  return code;
}

/**
 * The JSON objects of an event's data, none for what is not JSON. A mock may separate its events by one newline: then
 * they are no JSON together, but each is.
 *
 * @param {string} data
 * @returns {Record<string, any>[]}
 */
export function objectsOf(data) {
  for (const texts of [[data], data.split("\n")]) {
    try {
      return texts.map((text) => JSON.parse(text)).filter(isObject);
    } catch {
      // It is no JSON in this way.
    }
  }
  return [];
}
