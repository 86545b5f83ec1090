// A sandbox that is there when it is needed.
import { unlessAborted } from "./make.js";

/** @import { Sandbox } from "#types" */
/** @import { LazySandboxOptions } from "#tool-types" */

/** Older runtimes have none: this is what the package has there. */
const asyncDispose = Symbol.asyncDispose ?? Symbol.for("Symbol.asyncDispose");

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

/** @param {LazySandboxOptions} [options] */
export function lazySandbox(options = {}) {
  return new LazySandbox(options);
}

class LazySandbox {
  #options;
  /** @type {Record<string, string> | undefined} */
  #match;
  #name = "";
  /** @type {Map<string, State>} */
  #known = new Map();
  /** @type {State} */
  #own = { users: 0 };

  /** @param {LazySandboxOptions} options */
  constructor(options) {
    const { create, id, match, key, idle = "pause", idleMs = IDLE_MS } = options;
    const made = typeof create === "function" ? create : undefined;
    const ways = [id, match, key, made].filter((way) => way !== undefined);
    /** @type {[holds: boolean, says: string][]} */
    const rules = [
      [ways.length <= 1, "only one of id, match, key and a function to create may be given"],
      [id === undefined || create === undefined, "with id none is created"],
      [["pause", "kill", "keep"].includes(idle), "idle must be pause, kill or keep"],
      [
        Number.isSafeInteger(idleMs) && idleMs >= 0 && idleMs <= MOST_MS,
        "idleMs must be a number of milliseconds",
      ],
      [
        key === undefined || (typeof key === "string" && key !== ""),
        "key must be a string that is not empty",
      ],
    ];
    for (const [holds, says] of rules) if (!holds) throw new TypeError(`lazySandbox: ${says}`);
    this.#options = { ...options, idle, idleMs };
    this.#match = key === undefined ? match : { [TAG]: key };
    if (!id && !this.#match) return;
    const { apiKey, baseUrl } = Object(create);
    this.#name = JSON.stringify([id, Object.entries(this.#match ?? {}).sort(), apiKey, baseUrl]);
    const of = options.Sandbox ?? LazySandbox;
    this.#known = known.get(of) ?? new Map();
    known.set(of, this.#known);
  }

  /** That of all with the same name, while there is anything to know. */
  get #state() {
    return this.#known.get(this.#name) ?? this.#own;
  }

  get isStarted() {
    return this.#state.shared !== undefined;
  }

  /**
   * @template Value
   * @param {(sandbox: Sandbox) => Value | Promise<Value>} work
   * @param {{ signal?: AbortSignal }} [options]
   * @returns {Promise<Value>}
   */
  async use(work, { signal } = {}) {
    if (signal?.aborted) throw signal.reason;
    const state = this.#state;
    this.#known.set(this.#name, state);
    state.users += 1;
    clearTimeout(state.timer);
    try {
      return await work(await unlessAborted(this.#started(state), signal));
    } finally {
      state.users -= 1;
      if (state.users === 0) {
        const { idle, idleMs } = this.#options;
        const isOver = state.isReleased || idle === "keep";
        state.timer = setTimeout(() => this.#end(state).catch(() => {}), isOver ? 0 : idleMs);
      }
    }
  }

  /** @param {State} state */
  async #started(state) {
    await state.ending?.catch(() => {});
    state.shared ??= this.#make().catch((error) => {
      // The next one tries again.
      state.shared = undefined;
      throw error;
    });
    return state.shared;
  }

  async #make() {
    const { create, id } = this.#options;
    if (typeof create === "function") return create();
    /** @type {NonNullable<LazySandboxOptions["Sandbox"]>} */
    const Sandbox = this.#options.Sandbox ?? /** @type {any} */ (await import("@superserve/sdk")).Sandbox;
    if (id !== undefined) return Sandbox.connect(id);
    return this.#match ? Sandbox.getOrCreate({ ...create, match: this.#match }) : Sandbox.create(create);
  }

  /** Ends the use. @param {State} state */
  async #end(state) {
    clearTimeout(state.timer);
    state.isReleased = false;
    const { idle } = this.#options;
    state.ending ??= (async () => {
      const sandbox = await state.shared?.catch(() => undefined);
      // It may be used again by now.
      if (state.users > 0) return;
      if (idle === "kill") state.shared = undefined;
      if (idle !== "keep") await (idle === "kill" ? sandbox?.kill() : sandbox?.pause());
    })();
    try {
      await state.ending;
    } finally {
      state.ending = undefined;
      if (state.users === 0) this.#known.delete(this.#name);
    }
  }

  async release() {
    const state = this.#state;
    if (state.users > 0) state.isReleased = true;
    else await this.#end(state);
  }

  [asyncDispose]() {
    return this.release();
  }
}
