// What happens in a directory, told as it does: by a script in the sandbox, whose stream is opened anew whenever it ends.
import { SANDBOX, WATCH } from "#constants";
import { Core } from "../module.js";
import { normal } from "../names.js";

/** @import { Event } from "../module.js" */
/** @import { Rest } from "../index.js" */

/** Between two looks of the script, unless the caller says otherwise. */
const POLL_MS = 1_000;

/** What this package itself puts somewhere: what is to stay, and what is there for a moment. */
const OWN = [".superserve", ".superserve-*"];

/** Until it is resumed a paused sandbox is looked at so often, and ever more seldom up to so many times that. */
const LOOK_MS = 1_000;
const MOST_TIMES = 10;

/**
 * An iterator of what happens. It begins when it is first asked, or with `onEvent` at once: then that is told, and the iteration
 * has only the end.
 *
 * @param {any} options
 * @param {Rest} rest
 */
export function watcher(
  {
    path,
    recursive = false,
    pollIntervalMs = POLL_MS,
    ignore = [],
    wake: mayWake = true,
    signal,
    timeoutMs,
    onEvent,
  },
  { run, make, refusal },
) {
  /** @type {string[]} */
  const names = ignore.map((/** @type {string} */ name) => name.replace(/(?<=.)\/$/, ""));
  if (names.some((name) => !name || /[\0/]/.test(name))) throw refusal("ignore", "be names, without a /");
  const core = new Core();
  core.watchFrom(normal(path));
  const own = new AbortController();
  /** What has been asked of the module and not been taken, the last first. @type {Event[]} */
  let events = [];
  /** Whether there may be more to ask for. */
  let isFresh = false;
  /** Those who wait for something. @type {(() => void)[]} */
  let waiting = [];
  /** @type {Promise<void> | undefined} */
  let running;
  /** What is to be thrown as it is. @type {{ error: unknown } | undefined} */
  let failed;
  let isOver = false;
  let losses = 0;
  let looks = 0;

  const wake = () => {
    const all = waiting;
    waiting = [];
    for (const resolve of all) resolve();
  };
  const fail = (/** @type {unknown} */ error) => {
    failed ??= { error };
    own.abort();
  };
  const odd = (/** @type {string} */ message, /** @type {string} */ code) => make(SANDBOX, message, 0, code);

  function tell() {
    for (const event of core.watchEvents()) {
      if (own.signal.aborted) return;
      onEvent(event)?.then?.(undefined, fail);
    }
  }

  /** Until it is over, or that time has passed. @param {number} ms */
  const pause = (ms) =>
    new Promise((/** @type {(value?: unknown) => void} */ resolve) => {
      const done = () => {
        clearTimeout(timer);
        own.signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      own.signal.addEventListener("abort", done);
      if (own.signal.aborted) done();
    });

  async function follow() {
    for (;;) {
      let came = false;
      const onStdout = (/** @type {string} */ text) => {
        const more = core.watchTake(text);
        if (more === undefined)
          return fail(odd("the sandbox told what is no list of files", "invalid_response"));
        if (!more) return;
        came = true;
        losses = looks = 0;
        isFresh = true;
        try {
          if (onEvent) tell();
        } catch (error) {
          fail(error);
        }
        wake();
      };
      core.watchOpen();
      try {
        const stream = { ignore: [...OWN, ...names], signal: own.signal, timeoutMs, onStdout };
        await run(WATCH, [path, recursive, pollIntervalMs, mayWake, stream]);
        if (!came) throw odd("the sandbox told nothing", "stream_ended");
      } catch (/** @type {any} */ error) {
        if (failed) throw failed.error;
        if (own.signal.aborted) throw error;
        // Whoever has paused it meanwhile wants it to stay so.
        mayWake = false;
        if (error.code === "paused") {
          losses = 0;
          await pause(LOOK_MS * Math.min(++looks, MOST_TIMES));
        } else {
          const ms = core.watchPause(error, losses++);
          if (ms < 0) throw error;
          await pause(ms);
        }
      }
    }
  }

  function begin() {
    const abort = () => own.abort(signal.reason);
    if (signal?.aborted) abort();
    else signal?.addEventListener("abort", abort);
    running = follow().finally(() => {
      signal?.removeEventListener("abort", abort);
      isOver = true;
      wake();
    });
    return running;
  }
  if (onEvent) begin();

  return {
    /** @returns {Promise<{ done: boolean, value?: Event }>} */
    async next() {
      // Whoever asks hears how it ends.
      (running ?? begin()).catch(() => {});
      for (;;) {
        const value = events.pop();
        if (value) return { done: false, value };
        if (isFresh && !onEvent) {
          isFresh = false;
          events = core.watchEvents().reverse();
        } else if (isOver) {
          const last = running;
          running = Promise.resolve();
          await last;
          return { done: true, value: undefined };
        } else {
          await new Promise((/** @type {(value?: unknown) => void} */ resolve) => waiting.push(resolve));
        }
      }
    },
    /** Ends it. */
    async return() {
      const last = running;
      running = Promise.resolve();
      events = [];
      isFresh = false;
      isOver = true;
      own.abort();
      await last?.catch(() => {});
      return { done: true, value: undefined };
    },
  };
}
