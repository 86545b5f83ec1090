// Terminals that have a name: shells in the sandbox that go on without those who look at them.
import { KILL_TERMINAL, LIST_TERMINALS, OPEN_SHELL, OPEN_TERMINAL, SANDBOX, TIMEOUT } from "#constants";
import { placesOf } from "../files/replace.js";

/** @import { Rest } from "../index.js" */

/** What `view.sh` says around what was above the screen: before that is what nobody is to see. */
const MARK = new TextEncoder().encode("\x1b_superserve\x1b\\");
/** How long a shell may take to become a viewer. */
const OPEN_MS = 30_000;
// A name that is no line would be no line of a list either.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about.
const CONTROLS = /[\0-\x1f\x7f]/;
const SIGNAL = /^SIG[A-Z0-9+-]+$/;

/** @type {(name: string, refusal: Rest["refusal"]) => void} */
function check(name, refusal) {
  if (CONTROLS.test(name)) throw refusal("name", "have no control characters");
}

/**
 * A session that looks at the terminal of that name.
 *
 * @param {any} options
 * @param {Rest} rest
 */
export async function terminal({ name, cols, rows, onData, signal }, { run, make, refusal }) {
  check(name, refusal);
  const line = await run(OPEN_TERMINAL, [name, { signal }]);
  let held = new Uint8Array();
  let isViewer = false;
  /** @type {(value?: unknown) => void} */
  let open;
  const opened = new Promise((resolve) => (open = resolve));
  /** @param {Uint8Array} data */
  function take(data) {
    if (isViewer) {
      open();
      return onData?.(data);
    }
    const all = new Uint8Array(held.length + data.length);
    all.set(held);
    all.set(data, held.length);
    const [first, second] = placesOf(MARK, all);
    // Of what a shell says at its beginning no more is kept than what may be a part of the mark.
    held = first === undefined ? all.slice(-MARK.length) : all.slice(first);
    if (second === undefined) return undefined;
    isViewer = true;
    // It waits for that, since a tool may throw away what has not arrived; then it shows something at once.
    session.write("\n");
    const above = all.slice(first + MARK.length, second);
    return above.length ? onData?.(above) : undefined;
  }
  /** @type {any} */
  const session = await run(OPEN_SHELL, [{ cols, rows, signal, onData: take }]);
  session.write(`${line}\r`);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  try {
    const late = new Promise((_, reject) => {
      const error = make(TIMEOUT, "the shell did not become the terminal in time", 0, "");
      timer = setTimeout(reject, OPEN_MS, error);
    });
    const ended = session.wait().then(() => {
      throw make(SANDBOX, "the shell ended before it became the terminal", 0, "terminal_failed");
    });
    await Promise.race([opened, ended, late]);
  } catch (error) {
    await session.close();
    throw error;
  } finally {
    clearTimeout(timer);
  }
  return Object.assign(session, {
    kill(/** @type {unknown} */ posix = "SIGHUP") {
      if (typeof posix !== "string" || !SIGNAL.test(posix))
        throw refusal("signal", "be a name such as SIGTERM");
      // What runs in front of the session's own terminal is what shows the other. That has no error either.
      run(KILL_TERMINAL, [name, posix]).catch(() => {});
    },
  });
}

/**
 * @param {any} options
 * @param {Rest} rest
 */
export async function list({ signal, timeoutMs }, { run }) {
  /** @type {string} */
  const lines = await run(LIST_TERMINALS, [{ signal, timeoutMs }]);
  const all = lines.split("\n").flatMap((line) => {
    const found = /^(\d+) (\d+) (\d+) (\d+) (\d+) (.*)$/s.exec(line);
    if (!found) return [];
    const [made, viewers, cols, rows, pid] = found.slice(1, 6).map(Number);
    return [{ name: found[6], createdAt: new Date(made * 1000), viewers, cols, rows, pid }];
  });
  return all.sort((one, other) => (one.name < other.name ? -1 : 1));
}

/**
 * @param {any} options
 * @param {Rest} rest
 */
export async function kill({ name, signal, timeoutMs }, { run, refusal }) {
  check(name, refusal);
  await run(KILL_TERMINAL, [name, "", { signal, timeoutMs }]);
}
