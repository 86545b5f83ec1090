import { Refusal } from "./refusal.js";

/** One request of a page, from its ticket to its last byte, and what is told of it. */
export class Exchange extends AbortController {
  #atEnd = [];
  #onEvent;
  #told;
  #bytesIn = 0;
  #bytesOut = 0;
  #startedAt = Date.now();

  constructor({ method, signal }, { pathname }, onEvent) {
    super();
    this.#onEvent = onEvent;
    this.#told = { method, path: pathname };
    const gone = () => this.abort(signal.reason);
    if (signal?.aborted) gone();
    signal?.addEventListener("abort", gone);
    this.onEnd(() => signal?.removeEventListener("abort", gone));
  }

  begin({ operation }, { sid: sandboxId, name: sandboxName }, file) {
    Object.assign(this.#told, { operation, sandboxId, sandboxName, file });
  }

  /** Is called once, however it ends. */
  onEnd(callback) {
    this.#atEnd.push(callback);
  }

  /** What `promise` comes to, unless the page goes before: a place of its ticket must not wait for a hook that hangs. */
  async unlessGone(promise) {
    const { signal } = this;
    let gone;
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

  received = (bytes) => (this.#bytesIn += bytes);

  /** Follows the answer's body to its end. */
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

  end(status, cause) {
    if (!this.#finish()) return;
    const durationMs = Date.now() - this.#startedAt;
    this.report("ended", { status, cause, bytesIn: this.#bytesIn, bytesOut: this.#bytesOut, durationMs });
  }

  /** What the page is told of an error. */
  refuse(error) {
    this.#finish();
    const known = error instanceof Refusal || this.#isGone();
    const refusal = this.#refusalOf(error);
    const { status, code, cause } = refusal;
    this.report("refused", { status, code, cause });
    if (!known && !this.#onEvent) console.error(error);
    return refusal;
  }

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
