// Code: what a driver in the sandbox is given to run, and what it tells of that.
import {
  CONFLICT,
  CONFLICT_STATUS,
  END_CONTEXT,
  LIST_CONTEXTS,
  NOT_FOUND,
  NOT_FOUND_STATUS,
  RUN_CODE,
  SANDBOX,
  START_CONTEXT,
  TIMEOUT,
} from "#constants";
import { limited } from "../processes/again.js";

/** @import { Rest } from "../index.js" */
/** @typedef {Record<string, unknown>} Result */
/** @typedef {{ name: string, message: string, traceback: string }} Failure */

const NAME = /^[\w-][\w.-]*$/;
const MOST_SOURCE_BYTES = 1_000_000;
/** An argument of a program is 128 KiB at most: a piece has so many units, each of which is three bytes at most. */
const PIECE = 40_000;
/** So long it is tried to interrupt what nobody waits for any more. */
const INTERRUPT_MS = 10_000;

/** @type {(base64: string) => Uint8Array} */
const bytesOf = (base64) => Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));

/** Pieces of a text, none of which ends within a character. @param {string} text */
function piecesOf(text) {
  const pieces = [];
  for (let at = 0; at < text.length; ) {
    const last = text.charCodeAt(at + PIECE - 1);
    const end = at + PIECE - (last >= 0xd800 && last < 0xdc00 ? 1 : 0);
    pieces.push(text.slice(at, end));
    at = end;
  }
  return pieces;
}

/** @param {string} what @param {Rest} rest */
const absent = (what, { make }) => make(NOT_FOUND, `there is no ${what}`, NOT_FOUND_STATUS, "not_found");

/** @param {any} given @param {Rest} rest */
function checked({ source, language, context, cwd, env = {} }, { refusal }) {
  if (source.includes("\0")) throw refusal("source", "not contain a NUL character");
  if (new TextEncoder().encode(source).length > MOST_SOURCE_BYTES) {
    throw refusal("source", `have ${MOST_SOURCE_BYTES} bytes of UTF-8 at most`);
  }
  if (!language && !context) throw refusal("language", "be given, or the context");
  if (context !== undefined && !NAME.test(context)) {
    throw refusal("context", "be of letters, digits, and . _ -, and begin with no dot");
  }
  if (cwd !== undefined && !cwd.startsWith("/")) throw refusal("cwd", "start with /");
  for (const [key, value] of Object.entries(env)) {
    if (!/^[A-Za-z_]\w*$/.test(key)) throw refusal("env", "have names of letters, digits and _");
    if (value.includes("\0")) throw refusal(`env.${key}`, "not contain a NUL character");
  }
}

/**
 * One request that asks a context to run code. Tells what became of it, or in a word why nothing did.
 *
 * @param {string} id
 * @param {any} given
 * @param {Rest} rest
 */
async function once(id, given, rest) {
  const { source, language = "", cwd = "", env = {}, onStdout, onStderr, onResult, timeoutMs } = given;
  const { signal, limit, end } = limited(given.signal, timeoutMs);
  const own = limited(signal);
  const name = rest.fresh();
  const decoders = {
    stdout: new TextDecoder("utf-8", { ignoreBOM: true }),
    stderr: new TextDecoder("utf-8", { ignoreBOM: true }),
  };
  const outcome = { context: id, stdout: "", stderr: "", results: /** @type {Result[]} */ ([]) };
  /** @type {Failure | undefined} */
  let error;
  let word = "";
  let hasBegun = false;
  let isOver = false;
  /** What a callback has thrown. @type {{ error: unknown } | undefined} */
  let failed;
  const fail = (/** @type {unknown} */ error) => {
    failed ??= { error };
    own.end();
  };
  /** @param {((value: any) => any) | undefined} callback @param {unknown} value */
  const give = (callback, value) => {
    if (failed) return;
    try {
      callback?.(value)?.then?.(undefined, fail);
    } catch (error) {
      fail(error);
    }
  };
  /** @param {"stdout" | "stderr"} stream @param {Uint8Array} [bytes] */
  const write = (stream, bytes) => {
    const text = decoders[stream].decode(bytes, { stream: Boolean(bytes) });
    if (!text) return;
    outcome[stream] += text;
    give(stream === "stdout" ? onStdout : onStderr, text);
  };
  /** @param {string} line */
  const take = (line) => {
    if (line.startsWith("!")) return (word = line.slice(1));
    let event;
    try {
      event = JSON.parse(line);
    } catch {
      // What a driver was about to say that is no more.
      return;
    }
    if (event.begin) hasBegun = true;
    if (event.stdout !== undefined) write("stdout", bytesOf(event.stdout));
    if (event.stderr !== undefined) write("stderr", bytesOf(event.stderr));
    if (event.result) {
      outcome.results.push(event.result);
      give(onResult, event.result);
    }
    if (event.error) error = event.error;
    if (event.end) isOver = true;
  };
  /** What of a line has come. @type {string[]} */
  let held = [];
  const onOutput = (/** @type {string} */ text) => {
    const [first, ...lines] = text.split("\n");
    held.push(first);
    for (const line of lines) {
      take(held.join(""));
      held = [line];
    }
  };
  const variables = Object.entries(env).map(([key, value]) => `${key}=${value}`);
  const words = [...variables, ...piecesOf(source)];
  try {
    const asked = [
      id,
      name,
      language,
      cwd,
      variables.length,
      words,
      { signal: own.signal, onStdout: onOutput },
    ];
    await rest.run(RUN_CODE, asked, true);
    if (failed) throw undefined;
  } catch (reason) {
    // It may have been cut off since its sandbox was paused, which is to stay so.
    const asked = [id, "interrupt", name, false, { timeoutMs: INTERRUPT_MS }];
    await rest.run(END_CONTEXT, asked, true).catch(() => {});
    if (failed) throw failed.error;
    if (limit.isOver)
      throw rest.make(TIMEOUT, `the run in the context ${id} has not ended in time`, 0, "timeout");
    throw reason;
  } finally {
    own.end();
    end();
  }
  write("stdout");
  write("stderr");
  if (failed) throw /** @type {any} */ (failed).error;
  // A driver that was killed says no more: what it has not begun another one may.
  if (!word && !hasBegun) word = "stopped";
  if (!word && !isOver) error = { name: "ContextEnded", message: "the context was ended", traceback: "" };
  return { word, outcome: error ? { ...outcome, error } : outcome };
}

/** @param {any} given @param {Rest} rest */
async function run(given, rest) {
  checked(given, rest);
  const { language = "", signal } = given;
  const id = given.context ?? language;
  const until = performance.now() + (given.timeoutMs ?? Infinity);
  const left = () =>
    given.timeoutMs === undefined ? undefined : Math.max(Math.ceil(until - performance.now()), 1);
  for (let isStarted = false; ; isStarted = true) {
    const { word, outcome } = await once(id, { ...given, timeoutMs: left() }, rest);
    if (!word) return outcome;
    if (word.startsWith("other")) {
      const why = `the context ${id} is one of ${word.slice(6)}`;
      throw rest.make(CONFLICT, why, CONFLICT_STATUS, "other_language");
    }
    if (word === "nowhere") throw absent(`directory ${given.cwd}`, rest);
    if (isStarted) throw rest.make(SANDBOX, `the context ${id} has ended as it began`, 0, "stream_ended");
    if (word === "absent" && !language) throw absent(`context ${id}`, rest);
    await answered(id, rest.run(START_CONTEXT, [id, language, { signal, timeoutMs: left() }]), rest);
  }
}

/** @param {string} id @param {Promise<string>} answer @param {Rest} rest */
async function answered(id, answer, rest) {
  if ((await answer) === "!absent") throw absent(`context ${id}`, rest);
}

/** @param {any} given @param {Rest} rest */
async function contexts({ signal, timeoutMs }, { run }) {
  /** @type {string} */
  const text = await run(LIST_CONTEXTS, [{ signal, timeoutMs }]);
  return (text ? text.split("\n") : []).map((line) => {
    const [id, language, status, seconds] = line.split(" ");
    const context = { id, language, status };
    return status === "stopped" ? context : { ...context, startedAt: new Date(+seconds * 1000) };
  });
}

/** @param {string} how @returns {(given: any, rest: Rest) => Promise<void>} */
const ending =
  (how) =>
  ({ context, signal, timeoutMs }, rest) =>
    answered(context, rest.run(END_CONTEXT, [context, how, "", true, { signal, timeoutMs }]), rest);

export const code = {
  run,
  contexts,
  restart: ending("restart"),
  interrupt: ending("interrupt"),
  remove: ending("remove"),
};
