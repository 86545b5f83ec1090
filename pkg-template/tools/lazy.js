// A sandbox that is there when it is needed.
import { unlessAborted } from "./abort.js";

/** @import { Sandbox } from "#types" */
/** @import { LazySandbox, LazySandboxOptions } from "#tool-types" */

/** Older runtimes have none: this is what the package has there. @type {typeof Symbol.asyncDispose} */
const asyncDispose = Symbol.asyncDispose ?? /** @type {any} */ (Symbol.for("Symbol.asyncDispose"));

/** The tag that a key becomes. */
const TAG = "agent";

const IDLE_MS = 120_000;
/** More is no time that a timer has. */
const MOST_MS = 2_147_483_647;

/**
 * What several objects have of one sandbox.
 *
 * @typedef {object} State
 * @property {Promise<Sandbox>} [shared]
 * @property {number} users
 * @property {boolean} [isReleased] whether it ends with the last of them
 * @property {ReturnType<typeof setTimeout>} [timer]
 * @property {Promise<void>} [ending]
 */

/** By the class that it is of, and by what it is found by, as long as it is in use. @type {WeakMap<object, Map<string, State>>} */
const known = new WeakMap();

/** @param {any} error */
const isMissing = (error) => error?.name === "NotFoundError";

/** @param {unknown} holds @param {string} says */
function check(holds, says) {
  if (!holds) throw new TypeError(`lazySandbox: ${says}`);
}

/**
 * @param {LazySandboxOptions} [options]
 * @returns {LazySandbox}
 */
export function lazySandbox(options = {}) {
  const { create, id, key, idle = "pause", idleMs = IDLE_MS } = options;
  const maker = typeof create === "function" ? create : undefined;
  const match = options.match ?? (key === undefined ? undefined : { [TAG]: key });
  check(
    [id, options.match, key, maker].filter((way) => way !== undefined).length < 2,
    "only one of id, match, key and a function to create may be given",
  );
  check(id === undefined || create === undefined, "with id none is created");
  check(["pause", "kill", "keep"].includes(idle), "idle must be pause, kill or keep");
  check(
    Number.isSafeInteger(idleMs) && idleMs >= 0 && idleMs <= MOST_MS,
    "idleMs must be a number of milliseconds",
  );
  check(key === undefined || (typeof key === "string" && key), "key must be a string that is not empty");

  /** @type {Map<string, State>} */
  let states = new Map();
  if (id || match) {
    const of = options.Sandbox ?? lazySandbox;
    states = known.get(of) ?? states;
    known.set(of, states);
  }
  const { apiKey, baseUrl } = Object(create);
  const name = JSON.stringify([id, Object.entries(match ?? {}).sort(), apiKey, baseUrl]);
  /** @type {State} */
  const own = { users: 0 };
  /** That of all with the same name, while there is anything to know. */
  const current = () => states.get(name) ?? own;

  async function make() {
    if (maker) return maker();
    /** @type {NonNullable<LazySandboxOptions["Sandbox"]>} */
    const Sandbox = options.Sandbox ?? /** @type {any} */ (await import("@superserve/sdk")).Sandbox;
    if (id !== undefined) return Sandbox.connect(id);
    const how = /** @type {import("#types").SandboxCreateOptions} */ (create);
    return match ? Sandbox.getOrCreate({ ...how, match }) : Sandbox.create(how);
  }

  /** @param {State} state */
  async function started(state) {
    await state.ending?.catch(() => {});
    state.shared ??= make().catch((error) => {
      // The next one tries again.
      state.shared = undefined;
      throw error;
    });
    return state.shared;
  }

  /** Ends the use. @param {State} state */
  async function end(state) {
    clearTimeout(state.timer);
    state.isReleased = false;
    state.ending ??= (async () => {
      const sandbox = await state.shared?.catch(() => undefined);
      // It may be used again by now.
      if (state.users > 0) return;
      if (idle === "kill") state.shared = undefined;
      if (idle !== "keep") await sandbox?.[idle]();
    })();
    try {
      await state.ending;
    } finally {
      state.ending = undefined;
      if (state.users === 0) states.delete(name);
    }
  }

  async function release() {
    const state = current();
    if (state.users > 0) state.isReleased = true;
    else await end(state);
  }

  return {
    get isStarted() {
      return current().shared !== undefined;
    },
    async use(work, { signal } = {}) {
      if (signal?.aborted) throw signal.reason;
      const state = current();
      states.set(name, state);
      state.users += 1;
      clearTimeout(state.timer);
      try {
        const sandbox = await unlessAborted(started(state), signal);
        const { shared } = state;
        try {
          return await work(sandbox);
        } catch (error) {
          // One that was deleted meanwhile is of no use to the next, who gets another.
          const isGone = isMissing(error) && (await sandbox.getInfo().catch(isMissing)) === true;
          if (isGone && state.shared === shared) state.shared = undefined;
          throw error;
        }
      } finally {
        state.users -= 1;
        if (state.users === 0) {
          const isOver = state.isReleased || idle === "keep";
          state.timer = setTimeout(() => end(state).catch(() => {}), isOver ? 0 : idleMs);
        }
      }
    },
    release,
    [asyncDispose]: release,
  };
}
