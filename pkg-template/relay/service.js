import version from "#version";

import { limited } from "./bodies.js";
import { Refusal } from "./refusal.js";

const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
const MAX_ERROR_BYTES = 64 * 1024;
/** Of an error's message so many characters are passed on. */
const MAX_MESSAGE = 2000;

/** @import { Secrets } from "./secrets.js" */
/** @import { Config, Details, Sending } from "./types.js" */

/** Requests to the service: the API key goes to the control plane only, an access token to the data plane only. */
export class Service {
  #config;
  userAgent = `@superserve/sdk/${version} (relay)`;

  /**
   * @param {Config} config
   * @param {Secrets} secrets
   */
  constructor(config, secrets) {
    this.#config = config;
    this.secrets = secrets;
  }

  /**
   * The answer's JSON; undefined if it has none.
   *
   * @param {string} method
   * @param {string} path
   * @param {Sending} options
   * @returns {Promise<Details | undefined>}
   */
  async control(method, path, options) {
    const { apiKey, baseUrl } = this.#config;
    const response = await this.#send(baseUrl + path, { "x-api-key": apiKey }, { method, ...options });
    if (!response.ok) throw await this.failure(response);
    const text = await textOf(response, MAX_ANSWER_BYTES).catch((cause) => {
      throw this.unreachable(options.signal, cause);
    });
    try {
      const value = text ? JSON.parse(text) : undefined;
      const token = value?.access_token;
      if (token && typeof token === "string") this.secrets.addToken(token);
      return value;
    } catch {
      // What the engine says of it may quote it, tokens and all.
      throw bad("its answer is no JSON");
    }
  }

  /**
   * The answer, whatever its status.
   *
   * @param {string} id
   * @param {string} token
   * @param {string} method
   * @param {string} path
   * @param {Sending} options
   */
  data(id, token, method, path, options) {
    const headers = { "x-access-token": token, "x-superserve-sandbox-id": id };
    return this.#send(this.#config.sandboxUrl + path, headers, { method, ...options });
  }

  /**
   * @param {string} id
   * @param {string} path
   */
  socketUrl(id, path) {
    return this.#config.socketUrl(id) + path;
  }

  /**
   * The service's refusal in its own words. `plane` is `data` for an answer of the data plane.
   *
   * @param {Response} response
   * @param {"data"} [plane]
   */
  async failure(response, plane) {
    const { status, headers } = response;
    // Of one that breaks off nothing is repeated: it may end within a secret.
    const text = await textOf(response, MAX_ERROR_BYTES).catch(() => "");
    // To the page a 401 speaks of its ticket; this one speaks of what the relay holds, as does the control plane's 403.
    if (status === 401 || (status === 403 && plane !== "data")) {
      return new Refusal(502, "upstream_unauthorized", "the service refused the relay's credentials");
    }
    const { code, message = text.trim() } = envelopeOf(text);
    // Cut before and after: looking for secrets takes its time.
    const said = this.secrets.cleared(`${message}`.slice(0, 2 * MAX_MESSAGE)).slice(0, MAX_MESSAGE);
    const named = code ? this.secrets.clearedValue(`${code}`.slice(0, MAX_MESSAGE)) : undefined;
    return new Refusal(status, named, said || `API error (${status})`, {
      headers: this.secrets.clearedHeaders(["retry-after", "x-request-id"], headers),
    });
  }

  /**
   * What a request that failed without an answer means to the page.
   *
   * @param {AbortSignal} signal
   * @param {unknown} cause
   */
  unreachable({ reason }, cause) {
    if (reason instanceof Refusal) return reason;
    const told = { cause: this.secrets.clearedError(cause) };
    return new Refusal(502, "network_error", "the service cannot be reached", told);
  }

  /**
   * @param {string} url
   * @param {Record<string, string>} headers
   * @param {Sending} options
   */
  async #send(url, headers, { type, signal, method, body }) {
    headers["user-agent"] = this.userAgent;
    // What is compressed could not be passed on as it is: `fetch` unpacks it.
    headers["accept-encoding"] = "identity";
    if (type) headers["content-type"] = type;
    /** @type {RequestInit & { duplex: "half" }} */
    const init = { method, body, headers, signal, redirect: "manual", duplex: "half" };
    // Next.js caches what does not forbid it; older workerd knows no such field.
    if ("cache" in Request.prototype) init.cache = "no-store";
    const response = await fetch(url, init).catch((cause) => {
      throw this.unreachable(signal, cause);
    });
    const { status } = response;
    if (status < 300 || (status > 399 && status < 600)) return response;
    response.body?.cancel().catch(() => {});
    throw bad(status < 600 ? "it answered with a redirect" : `it answered with status ${status}`);
  }
}

/**
 * An answer that is not the service's.
 *
 * @param {string} why
 * @param {unknown} [cause]
 */
export const bad = (why, cause) =>
  new Refusal(502, "bad_gateway", `the service cannot be used: ${why}`, { cause });

/**
 * @param {Response} response
 * @param {number} maxBytes
 */
function textOf({ body }, maxBytes) {
  return new Response(body && limited(body, maxBytes, () => new Error("too large"))).text();
}

/**
 * @param {string} text
 * @returns {{ code?: unknown, message?: unknown }}
 */
function envelopeOf(text) {
  try {
    return JSON.parse(text).error ?? {};
  } catch {
    return {};
  }
}
