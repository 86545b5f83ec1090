import { STDERR, STDOUT } from "#constants";
import { SANDBOX, invalid, make } from "./errors.js";
import { decoder } from "./runtime.js";
import { isObject } from "./shape.js";

/** Takes the output of one command: gives it to the callbacks, and keeps it for the result. */
export class Sink {
  stdout = "";
  stderr = "";
  exitCode;
  truncated;
  #onStdout;
  #onStderr;

  constructor(onStdout, onStderr) {
    this.#onStdout = onStdout;
    this.#onStderr = onStderr;
  }

  /**
   * `batch` is a `commands::Batch`. What a callback throws ends `call`, and whatever ends it, in a callback too, is
   * thrown at once. Answers whether the last event came; what follows it is passed over.
   */
  take(batch, call) {
    const parts = JSON.parse(decoder().decode(batch));
    for (let i = 0; i < parts.length; i += 2) {
      const [kind, text] = [parts[i], parts[i + 1]];
      if (kind === STDOUT || kind === STDERR) this.add(kind, text, call);
      else if (objectsOf(text).some((event) => this.#event(event, call))) return true;
    }
    return false;
  }

  /** One text of a channel, likewise. */
  add(channel, text, call) {
    const isStdout = channel === STDOUT;
    try {
      if (isStdout) this.stdout += text;
      else this.stderr += text;
    } catch {
      // V8 ends at half a gigabyte.
      call.fail(
        make(SANDBOX, "the output is longer than a string can be: write it to a file", 0, "too_large"),
      );
    }
    give(call, isStdout ? this.#onStdout : this.#onStderr, text);
  }

  /** What a session's last frame tells. Its result is as the TypeScript package has it, to whoever compares the two. */
  end(frame) {
    this.#end(frame);
    return Object.defineProperty(this.result(), "truncated", { enumerable: false });
  }

  #end(event) {
    this.exitCode = exitCodeOf(event);
    this.truncated = event.truncated === true;
  }

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

  result() {
    const { stdout, stderr, exitCode, truncated } = this;
    return { stdout, stderr, exitCode, truncated };
  }
}

/** What `decode` makes of an answer that tells how a command ended, of which `{}` tells nothing. */
export const result = (decode) => (raw) => {
  const told = raw?.stdout ?? raw?.stderr ?? raw?.exit_code;
  if (told === undefined || told === null) throw invalid("is not the result of a command");
  exitCodeOf(raw);
  return decode(raw);
};

/** The exit code that the last event of a command tells: 0 where it tells none. */
export function exitCodeOf({ exit_code: code }) {
  if (code === undefined || code === null) return 0;
  if (!Number.isSafeInteger(code)) throw invalid("has an exit_code that is no integer");
  return code;
}

/**
 * The JSON objects of an event's data, none for what is not JSON. A mock may separate its events by one newline: then
 * they are no JSON together, but each is.
 */
export function objectsOf(data) {
  for (const texts of [[data], data.split("\n")]) {
    try {
      return texts.map((text) => JSON.parse(text)).filter(isObject);
    } catch {
      // Not in this way.
    }
  }
  return [];
}

/** Calls a callback. What it throws ends `call`, and whatever ends that is thrown. */
export function give(call, callback, ...values) {
  try {
    callback?.(...values)?.then?.(undefined, (error) => call.fail(error));
  } catch (error) {
    call.fail(error);
  }
  call.check();
}
