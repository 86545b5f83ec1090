import { inTime, Refusal } from "./refusal.js";
import { bad } from "./service.js";

const KEPT = 10_000;
const LOOK_EVERY_MS = 250;

/**
 * In a Worker the promises of a request end with it, and whoever else waits for one would wait for ever: there each
 * request wakes the sandbox by itself.
 */
const SHARED = typeof WebSocketPair !== "function";

/** @import { Service } from "./service.js" */
/** @import { Details } from "./types.js" */

/** The sandboxes' access tokens: asked for once, renewed once for all who found one stale. */
export class Tokens {
  #service;
  /** @type {Map<string, string>} */
  #known = new Map();
  /** @type {Map<string, Promise<string>>} */
  #pending = new Map();

  /** @param {Service} service */
  constructor(service) {
    this.#service = service;
  }

  /**
   * The token as known, or as the service tells it.
   *
   * @param {string} id
   */
  get(id) {
    const known = this.#known.get(id);
    if (!known) return this.check(id);
    this.#service.secrets.addToken(known);
    return known;
  }

  /**
   * The token of a sandbox that the service says is awake.
   *
   * @param {string} id
   */
  check(id) {
    return this.#once(`check ${id}`, id, async (signal) => {
      const sandbox = await this.#sandbox("GET", id, "", signal);
      return sandbox.status === "active" ? sandbox : this.#activate(id, signal);
    });
  }

  /**
   * One that is not `stale`: another request may have renewed it meanwhile.
   *
   * @param {string} id
   * @param {string} stale
   */
  renew(id, stale) {
    const known = this.#known.get(id);
    return known && known !== stale ? known : this.#once(id, id, (signal) => this.#activate(id, signal));
  }

  /**
   * Resumes a paused sandbox, or waits for another caller's resume.
   *
   * @param {string} id
   * @param {AbortSignal} signal
   */
  async resume(id, signal) {
    try {
      return await this.#service.control("POST", `/sandboxes/${id}/resume`, { signal });
    } catch (error) {
      if (!isConflict(error)) throw error;
      for (let waited = false; ; waited = true) {
        const sandbox = await this.#sandbox("GET", id, "", signal);
        if (sandbox.status === "active" && waited) return sandbox;
        if (sandbox.status !== "resuming") throw error;
        await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      }
    }
  }

  /**
   * What an answer says of the token; of an undefined one nothing is known any more.
   *
   * @param {string} id
   * @param {Details | undefined} sandbox
   */
  keep(id, sandbox) {
    this.#known.delete(id);
    const { status, access_token: token } = sandbox ?? {};
    if (status !== "active" || !token || typeof token !== "string") return;
    this.#known.set(id, token);
    const [oldest = ""] = this.#known.keys();
    if (this.#known.size > KEPT) this.#known.delete(oldest);
  }

  /**
   * @param {string} key
   * @param {string} id
   * @param {(signal: AbortSignal) => Promise<Details & { access_token: string }>} ask
   */
  #once(key, id, ask) {
    const pending = SHARED && this.#pending.get(key);
    if (pending) return pending;
    const asked = async () => {
      // Has no page's signal: it is everybody's.
      const sandbox = await inTime(new AbortController(), ask);
      this.keep(id, sandbox);
      return sandbox.access_token;
    };
    const asking = asked().finally(() => this.#pending.delete(key));
    this.#pending.set(key, asking);
    return asking;
  }

  /**
   * While another caller's pause or resume is under way there are conflicts, which pass.
   *
   * @param {string} id
   * @param {AbortSignal} signal
   */
  async #activate(id, signal) {
    for (;;) {
      try {
        return await this.#sandbox("POST", id, "/activate", signal);
      } catch (error) {
        if (!isConflict(error)) throw error;
        const sandbox = await this.#sandbox("GET", id, "", signal);
        if (sandbox.status === "active") return sandbox;
        if (!["pausing", "paused", "resuming"].includes(`${sandbox.status}`)) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  /**
   * @param {string} method
   * @param {string} id
   * @param {string} path
   * @param {AbortSignal} signal
   */
  async #sandbox(method, id, path, signal) {
    const sandbox = await this.#service.control(method, `/sandboxes/${id}${path}`, { signal });
    const { access_token: token } = sandbox ?? {};
    // What no header can carry, an error would quote.
    if (typeof token !== "string" || !/^[!-~]+$/.test(token)) throw bad("its answer has no access_token");
    return { ...sandbox, access_token: token };
  }
}

/** @param {unknown} error */
const isConflict = (error) => error instanceof Refusal && error.status === 409;
