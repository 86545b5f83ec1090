import { failureOf, jsonOf } from "./answers.js";
import { Refusal } from "./refusal.js";

const KEPT = 10_000;
const WAKE_WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 250;

/**
 * In a Worker the promises of a request end with it, and whoever else waits for one would wait for ever: there each
 * request wakes the sandbox by itself.
 */
const shared = typeof WebSocketPair !== "function";

/** The sandboxes' access tokens: asked for once, renewed once for all who found one stale. */
export class Tokens {
  #service;
  #known = new Map();
  #pending = new Map();

  constructor(service) {
    this.#service = service;
  }

  /** The token as known, or as the service tells it. */
  get(id) {
    return this.#known.get(id) ?? this.check(id);
  }

  /** The token of a sandbox that the service says is awake. */
  check(id) {
    return this.#once(id, "check", async (signal) => {
      const { status, access_token: token } = await this.#sandbox(id, signal);
      return status === "active" && token ? token : this.#activate(id, signal);
    });
  }

  /** One that is not `stale`: another request may have renewed it meanwhile. */
  renew(id, stale) {
    const known = this.#known.get(id);
    if (known && known !== stale) return known;
    return this.#once(id, "renew", (signal) => this.#activate(id, signal));
  }

  keep(id, token) {
    this.#known.delete(id);
    if (!token) return;
    this.#known.set(id, token);
    if (this.#known.size > KEPT) this.#known.delete(this.#known.keys().next().value);
  }

  #once(id, what, ask) {
    const key = `${what} ${id}`;
    const pending = this.#pending.get(key);
    if (pending && shared) return pending;
    // Has no page's signal: it is everybody's.
    const promise = within(WAKE_WITHIN_MS, ask)
      .then((token) => {
        this.keep(id, token);
        return token;
      })
      .finally(() => this.#pending.delete(key));
    this.#pending.set(key, promise);
    return promise;
  }

  /** Wakes the sandbox. While another caller's resume is under way that is a conflict, and passes. */
  async #activate(id, signal) {
    const response = await this.#service.control("POST", `/sandboxes/${id}/activate`, { signal });
    if (response.ok) return tokenOf(await jsonOf(response));
    const failure = await failureOf(response, [this.#service.apiKey], "control");
    if (response.status !== 409) throw failure;
    for (;;) {
      const { status, access_token: token } = await this.#sandbox(id, signal);
      if (status === "active") return tokenOf({ access_token: token });
      if (status !== "resuming") throw failure;
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  async #sandbox(id, signal) {
    const response = await this.#service.control("GET", `/sandboxes/${id}`, { signal });
    if (!response.ok) throw await failureOf(response, [this.#service.apiKey], "control");
    return jsonOf(response);
  }
}

function tokenOf({ access_token: token }) {
  if (typeof token === "string" && /^[!-~]+$/.test(token)) return token;
  throw new Refusal(502, "bad_gateway", "the service answered without an access_token");
}

async function within(ms, ask) {
  const controller = new AbortController();
  const late = () => controller.abort(new Refusal(504, "timeout", "the sandbox did not wake in time"));
  const timer = setTimeout(late, ms);
  try {
    return await ask(controller.signal);
  } finally {
    clearTimeout(timer);
  }
}
