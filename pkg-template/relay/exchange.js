import { through } from "./bodies.js";
import { Refusal } from "./refusal.js";

/** One request of a page, from its ticket to its last byte, and what is told of it. */
export class Exchange {
  #controller = new AbortController();
  #atEnd = [];
  #onEvent;
  #told = {};
  #bytesIn = 0;
  #bytesOut = 0;
  #startedAt;

  constructor(request, onEvent) {
    this.#onEvent = onEvent;
    this.request = request;
    this.#told = { method: request.method, path: new URL(request.url).pathname };
    const { signal } = request;
    const gone = () => this.abort(signal.reason);
    if (signal?.aborted) gone();
    signal?.addEventListener("abort", gone);
    this.onEnd(() => signal?.removeEventListener("abort", gone));
  }

  begin(route, { sid, name }) {
    this.route = route;
    this.id = sid;
    this.#startedAt = Date.now();
    const file = new URL(this.request.url).searchParams.get("path") ?? undefined;
    Object.assign(this.#told, { operation: route.operation, sandboxId: sid, sandboxName: name, file });
  }

  /** Aborted when the page goes away, or by the relay. */
  get signal() {
    return this.#controller.signal;
  }

  abort(reason) {
    this.#controller.abort(reason);
  }

  /** Is called once, however it ends. */
  onEnd(callback) {
    this.#atEnd.push(callback);
  }

  /** The body that goes out, its bytes counted. */
  counted(body) {
    if (!(body instanceof ReadableStream)) {
      this.#bytesIn = body?.byteLength ?? 0;
      return body;
    }
    const onChunk = ({ byteLength }) => (this.#bytesIn += byteLength);
    return through(body, { onChunk, onEnd() {} });
  }

  /** Follows the answer's body to its end. */
  watch(status) {
    return {
      onChunk: ({ byteLength }) => (this.#bytesOut += byteLength),
      onEnd: (error) => {
        // Cancelling a body closes the connection in some runtimes only.
        if (error !== undefined) this.abort(error);
        this.end(status);
      },
    };
  }

  end(status) {
    if (!this.#finish()) return;
    const durationMs = Date.now() - this.#startedAt;
    this.report("ended", { status, bytesIn: this.#bytesIn, bytesOut: this.#bytesOut, durationMs });
  }

  /** What the page is told of an error. */
  refuse(error) {
    this.#finish();
    const refusal =
      error instanceof Refusal ? error : new Refusal(500, "relay_error", "the relay failed", { cause: error });
    const { status, code, cause } = refusal;
    this.report("refused", { status, code, cause });
    if (refusal !== error && !this.#onEvent) console.error(error);
    return refusal;
  }

  report(type, more) {
    try {
      this.#onEvent?.({ type, ...this.#told, ...more });
    } catch (error) {
      // The page is not to blame.
      console.error(error);
    }
  }

  #finish() {
    const callbacks = this.#atEnd.splice(0);
    for (const callback of callbacks) callback();
    return callbacks.length > 0;
  }
}
