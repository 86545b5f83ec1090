// What state the sandbox is in, as all panels see it: asked for now and then, and told by other tabs at once.
import { NotFoundError } from "@superserve/sdk";

import { inWords } from "../errors.js";

const LOOK_EVERY_MS = 4000;
const LOOK_AGAIN_MS = 700;

/**
 * Follows a sandbox. `state` is the service's, or `pausing`, `resuming` while this page asks for it, or `gone`; `problem`
 * says in words why it cannot be told just now. Dispatches `change`.
 */
export class SandboxState extends EventTarget {
  state = "connecting";
  /** @type {string | undefined} */
  problem;
  #sandbox;
  #tabs;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #busy = false;
  #asked = 0;
  #sending = new Set();

  /** @param {import("@superserve/sdk").Sandbox} sandbox */
  constructor(sandbox) {
    super();
    this.#sandbox = sandbox;
    this.#tabs = new BroadcastChannel(`sandbox ${sandbox.id}`);
    this.#tabs.onmessage = () => this.look();
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.look();
    });
    this.look();
  }

  get active() {
    return this.state === "active";
  }

  pause() {
    return this.#change("pausing", async () => {
      // What comes after the pause would wake the sandbox.
      await Promise.allSettled(this.#sending);
      await this.#sandbox.pause();
    });
  }

  /**
   * Something on its way into the sandbox, which a pause waits for.
   *
   * @template Value
   * @param {Promise<Value>} promise
   */
  async sends(promise) {
    this.#sending.add(promise);
    try {
      return await promise;
    } finally {
      this.#sending.delete(promise);
    }
  }

  resume() {
    return this.#change("resuming", () => this.#sandbox.resume());
  }

  /**
   * Resolves once the sandbox is active.
   *
   * @param {AbortSignal} [signal]
   * @returns {Promise<void>}
   */
  whenActive(signal) {
    if (this.active) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const settle = () => {
        if (!this.active && !signal?.aborted) return;
        this.removeEventListener("change", settle);
        signal?.removeEventListener("abort", settle);
        if (signal?.aborted) reject(signal.reason);
        else resolve();
      };
      this.addEventListener("change", settle);
      signal?.addEventListener("abort", settle);
    });
  }

  /** Asks the service, and goes on asking. */
  async look() {
    clearTimeout(this.#timer);
    if (this.#busy || this.state === "gone") return;
    const number = ++this.#asked;
    try {
      const { status } = await this.#sandbox.getInfo();
      this.#tell(number, status);
    } catch (error) {
      // Of a proxy's own 404 the code is missing: it says nothing of the sandbox.
      const isGone = NotFoundError.is(error) && error.code && error.code !== "no_route";
      if (isGone) this.#tell(number, "gone");
      else this.#tell(number, this.state, inWords(error));
    }
  }

  /**
   * @param {number} number
   * @param {string} state
   * @param {string} [problem]
   */
  #tell(number, state, problem) {
    // What was asked before this page changed something is no news.
    if (number !== this.#asked || this.#busy) return;
    const changed = state !== this.state || problem !== this.problem;
    this.state = state;
    this.problem = problem;
    const settled = ["active", "paused"].includes(state) && !problem;
    if (!document.hidden)
      this.#timer = setTimeout(() => this.look(), settled ? LOOK_EVERY_MS : LOOK_AGAIN_MS);
    if (changed) this.dispatchEvent(new Event("change"));
  }

  /**
   * @param {string} meanwhile
   * @param {() => Promise<void>} work
   */
  async #change(meanwhile, work) {
    clearTimeout(this.#timer);
    this.#asked += 1;
    this.#busy = true;
    this.state = meanwhile;
    this.dispatchEvent(new Event("change"));
    try {
      await work();
    } finally {
      this.#busy = false;
      await this.look();
      this.#tabs.postMessage("look");
    }
  }
}
