import { SANDBOX, make } from "./errors.js";

const STDOUT = 1;
const decoder = new TextDecoder();

/** Takes the output of one command: gives it to the callbacks, and keeps it for the result. */
export class Sink {
  stdout = "";
  stderr = "";
  #onStdout;
  #onStderr;

  constructor(onStdout, onStderr) {
    this.#onStdout = onStdout;
    this.#onStderr = onStderr;
  }

  /**
   * `batch` is a JSON array of channels (1 and 2) and texts in turn. What a callback throws ends `call`, and
   * whatever ends it, in a callback too, is thrown at once.
   */
  take(batch, call) {
    const parts = parse(decoder.decode(batch));
    for (let i = 0; i < parts.length; i += 2) this.add(parts[i], parts[i + 1], call);
  }

  /** One text of a channel, likewise. */
  add(channel, text, call) {
    const isStdout = channel === STDOUT;
    try {
      if (isStdout) this.stdout += text;
      else this.stderr += text;
    } catch {
      // V8 ends at half a gigabyte.
      call.fail(make(SANDBOX, "the output is longer than a string can be: write it to a file", 0, "too_large"));
    }
    give(call, isStdout ? this.#onStdout : this.#onStderr, text);
  }

  result(exitCode) {
    return { stdout: this.stdout, stderr: this.stderr, exitCode, truncated: false };
  }
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

/** One text that is not valid JSON must not take the others of its batch with it. */
function parse(batch) {
  try {
    return JSON.parse(batch);
  } catch {
    return [...pieces(batch)].flatMap(([channel, text]) => {
      try {
        return [channel, JSON.parse(text)];
      } catch {
        // As with an event that is not JSON: passed over.
        return [];
      }
    });
  }
}

/** The channels and texts of a batch, found by the quotes alone: `[1,"text",2,"text"]`. */
function* pieces(batch) {
  for (let start = 1; start < batch.length; ) {
    const open = start + 2;
    let close = open;
    do close = batch.indexOf('"', close + 1);
    while (isEscaped(batch, close));
    yield [Number(batch[start]), batch.slice(open, close + 1)];
    start = close + 2;
  }
}

function isEscaped(text, at) {
  let before = at;
  while (text[before - 1] === "\\") before--;
  return (at - before) % 2 === 1;
}
