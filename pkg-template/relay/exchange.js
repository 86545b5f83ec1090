import { Refusal } from "./refusal.js";

/** @import { RelayEvent, TicketClaims } from "../relay.js" */
/** @import { Secrets } from "./secrets.js" */
/** @import { FoundRoute, Watch } from "./types.js" */

/** One request of a page, from its ticket to its last byte, and what is told of it. */
export class Exchange extends AbortController {
  /** @type {(() => void)[]} */
  #atEnd = [];
  #onEvent;
  /** @type {Omit<RelayEvent, "type">} */
  #told;
  #bytesIn = 0;
  #bytesOut = 0;
  #startedAt = Date.now();

  /** Whether the host has answered with a WebSocket. */
  upgraded = false;

  /**
   * @param {Request} request
   * @param {URL} url
   * @param {((event: RelayEvent) => void) | undefined} onEvent
   */
  constructor({ method, signal }, { pathname }, onEvent) {
    super();
    this.#onEvent = onEvent;
    this.#told = { method, path: pathname };
    const gone = () => this.abort(signal.reason);
    if (signal?.aborted) gone();
    signal?.addEventListener("abort", gone);
    this.onEnd(() => signal?.removeEventListener("abort", gone));
  }

  /**
   * @param {FoundRoute} route
   * @param {TicketClaims} claims
   * @param {string | undefined} file
   */
  begin({ permission: operation }, { sid: sandboxId, name: sandboxName }, file) {
    Object.assign(this.#told, { operation, sandboxId, sandboxName, file });
  }

  /**
   * What a script is to work on, and where to, if it moves or copies.
   *
   * @param {unknown} file
   * @param {unknown} to
   */
  concerns(file, to) {
    Object.assign(this.#told, { file, to });
  }

  /**
   * Is called once, however it ends.
   *
   * @param {() => void} callback
   */
  onEnd(callback) {
    this.#atEnd.push(callback);
  }

  /**
   * What `promise` comes to, unless the page goes before: a place of its ticket must not wait for a hook that hangs.
   *
   * @template T
   * @param {T | Promise<T>} promise
   */
  async unlessGone(promise) {
    const { signal } = this;
    let gone = () => {};
    /** @type {Promise<never>} */
    const leaving = new Promise((_, reject) => {
      gone = () => reject(signal.reason);
      signal.addEventListener("abort", gone);
    });
    try {
      signal.throwIfAborted();
      return await Promise.race([promise, leaving]);
    } catch (error) {
      // Nobody waits for it any more.
      Promise.resolve(promise).catch(() => {});
      throw error;
    } finally {
      signal.removeEventListener("abort", gone);
    }
  }

  /** @param {number} bytes */
  received = (bytes) => (this.#bytesIn += bytes);

  /**
   * Follows the answer's body to its end.
   *
   * @param {number} status
   * @param {Secrets} secrets
   * @returns {Watch}
   */
  watch(status, secrets) {
    return {
      onChunk: ({ byteLength }) => (this.#bytesOut += byteLength),
      onEnd: (cause) => {
        // Cancelling a body closes the connection in some runtimes only.
        if (cause !== undefined) this.abort(cause);
        this.end(status, secrets.clearedError(cause));
      },
    };
  }

  /**
   * @param {number} status
   * @param {unknown} [cause]
   */
  end(status, cause) {
    if (!this.#finish()) return;
    const durationMs = Date.now() - this.#startedAt;
    this.report("ended", { status, cause, bytesIn: this.#bytesIn, bytesOut: this.#bytesOut, durationMs });
  }

  /**
   * What the page is told of an error.
   *
   * @param {unknown} error
   */
  refuse(error) {
    this.#finish();
    const known = error instanceof Refusal || this.#isGone();
    const refusal = this.#refusalOf(error);
    const { status, code, cause } = refusal;
    this.report("refused", { status, code, cause });
    if (!known && !this.#onEvent) console.error(error);
    return refusal;
  }

  /** @param {unknown} error */
  #refusalOf(error) {
    // Whatever failed then, failed because of it.
    if (this.#isGone()) return new Refusal(499, "aborted", "the page ended the request", { cause: error });
    if (error instanceof Refusal) return error;
    return new Refusal(500, "relay_error", "the relay failed", { cause: error });
  }

  /** Whether the page has ended the request; a refusal as the reason is the relay's own. */
  #isGone() {
    return this.signal.aborted && !(this.signal.reason instanceof Refusal);
  }

  /**
   * @param {RelayEvent["type"]} type
   * @param {Partial<RelayEvent>} [more]
   */
  report(type, more) {
    const tell = async () => this.#onEvent?.({ type, ...this.#told, ...more });
    // The page is not to blame.
    tell().catch((error) => console.error(error));
  }

  #finish() {
    const callbacks = this.#atEnd.splice(0);
    for (const callback of callbacks) callback();
    return callbacks.length > 0;
  }
}
