// The service, by the package's own core: that knows where it is, holds the sandboxes' tokens, and wakes them.
import { Sandbox, SandboxError, resolveConfig } from "@superserve/sdk";
import { MAX_MESSAGE_CHARS, STAGE } from "#routes";
import { FOLDER, SCRIPTS_APART } from "#scripts";
import version from "#version";

import { Refusal } from "./refusal.js";
import { freshName } from "./scripts.js";

/** @import { RelayOptions } from "../relay.js" */
/** @import { Secrets } from "./secrets.js" */
/** @import { Content, Core, CoreSandbox, Facts, FoundRoute, Lines, Script, ScriptCall } from "./types.js" */

/** The scripts that the core may not have loaded. @type {Record<string, Lines | undefined>} */
const scripts = SCRIPTS_APART;

const CORE = Symbol.for("@superserve/sdk/relay");
/** Seconds that a directory may take which is made ready to be read. */
const STAGING_SECONDS = 600;
/** So many sandboxes are known at once, with their tokens. */
const KEPT = 10_000;

/** Requests to the service. What they fail with is a {@link Refusal}. */
export class Service {
  /** @type {Core} */
  #core = Sandbox[CORE];
  #connection;
  #secrets;
  /** @type {Map<string, CoreSandbox>} */
  #sandboxes = new Map();
  userAgent = `@superserve/sdk/${version} (relay)`;

  /**
   * @param {Pick<RelayOptions, "apiKey" | "baseUrl" | "sandboxUrl">} options
   * @param {Secrets} secrets
   */
  constructor({ apiKey, baseUrl, sandboxUrl }, secrets) {
    const settings = { apiKey, baseUrl, sandboxUrl };
    try {
      secrets.add(resolveConfig(settings).apiKey);
      // In a Worker the promises of a request end with it, and whoever else waits for one would wait for ever.
      const wakesAlone = typeof WebSocketPair === "function";
      this.#connection = this.#core.connect({ ...settings, wakesAlone });
    } catch (error) {
      throw new TypeError(/** @type {Error} */ (error).message);
    }
    this.#secrets = secrets;
  }

  /**
   * The sandbox's answer, whatever is in it; the API's JSON, if it has any.
   *
   * @param {string} id
   * @param {Pick<FoundRoute, "entry" | "plane">} route
   * @param {string} target
   * @param {Content} content
   * @param {AbortSignal} signal
   */
  async send(id, { entry, plane }, target, { body, type, isAsync, range, script }, signal) {
    const sandbox = this.#sandbox(id);
    /** @type {Record<string, string>} */
    const headers = { "User-Agent": this.userAgent };
    // What is compressed could not be passed on as it is: `fetch` unpacks it.
    headers["Accept-Encoding"] = "identity";
    if (type) headers["Content-Type"] = type;
    if (range) headers.Range = range;
    const once = body instanceof ReadableStream;
    const call = script && freshName();
    try {
      const request = { entry, target, headers, body, signal, once, isAsync, call, sent: 0, ...script };
      const answer = await this.#core.forward(sandbox, request);
      this.#learn(sandbox);
      // One that tells as it goes on is under way.
      if (call && /** @type {Response | undefined} */ (answer)?.body) {
        signal.addEventListener("abort", () => this.#core.forward(sandbox, { stop: call }));
      }
      return answer;
    } catch (error) {
      this.#learn(sandbox);
      throw this.#refusal(error, plane, signal);
    }
  }

  /**
   * What the core needs to know of a script that a page asks for, which throws what is wrong with its fields.
   *
   * @param {FoundRoute} route
   * @param {ScriptCall} call
   * @param {string} [root]
   * @returns {Script}
   */
  script({ entry, permission, path }, { fields, seconds }, root) {
    const wire = { timeout_s: seconds };
    // One that looks on for minutes must not keep others from what they do.
    const lock = permission === "files:write" ? "-x" : path.endsWith("/watch") ? "" : "-s";
    const guard = root === undefined ? [] : [[`lock=${lock}`], FOLDER];
    try {
      const values = this.#core.values(entry, fields);
      return { values, wire, root, guard, script: scripts[path] };
    } catch (error) {
      throw this.#refusal(error, "data", new AbortController().signal);
    }
  }

  /**
   * A step of the relay's own with a file of a folder.
   *
   * @param {string} id
   * @param {{ step: string, path: string, name: string }} fields
   * @param {string} root
   * @param {AbortSignal} signal
   */
  async stage(id, fields, root, signal) {
    const { step } = fields;
    const lock = step === "place" ? "-x" : "-s";
    const guard = step === "drop" ? [] : [[`lock=${lock}`], FOLDER];
    const script = {
      values: this.#core.values(STAGE, fields),
      wire: { timeout_s: STAGING_SECONDS },
      root,
      guard,
      script: scripts["/files/stage"],
    };
    await this.send(id, { entry: STAGE, plane: "data" }, "", { script }, signal);
  }

  /**
   * Wakes the sandbox, if it sleeps.
   *
   * @param {string} id
   * @param {AbortSignal} signal
   */
  check(id, signal) {
    return this.#awaken(id, "", signal);
  }

  /**
   * The sandbox's token, and the hint to where it is.
   *
   * @param {string} id
   * @param {AbortSignal} signal
   */
  async way(id, signal) {
    const facts = this.#facts(this.#sandbox(id));
    if (facts.isOver) return this.renewed(id, facts.token, signal);
    return facts.token ? facts : this.check(id, signal);
  }

  /**
   * The same after that token was refused.
   *
   * @param {string} id
   * @param {string} refused
   * @param {AbortSignal} signal
   */
  renewed(id, refused, signal) {
    return this.#awaken(id, refused, signal);
  }

  /**
   * @param {string} id
   * @param {string} path
   */
  socketUrl(id, path) {
    return this.#facts(this.#sandbox(id)).origin + path;
  }

  /**
   * What a request that failed without an answer means to the page.
   *
   * @param {AbortSignal} signal
   * @param {unknown} error
   */
  unreachable({ reason }, error) {
    if (reason instanceof Refusal) return reason;
    const cause = this.#secrets.clearedError(error);
    return new Refusal(502, "network_error", "the service cannot be reached", { cause });
  }

  /**
   * @param {string} id
   * @param {string} refused
   * @param {AbortSignal} signal
   */
  async #awaken(id, refused, signal) {
    const sandbox = this.#sandbox(id);
    try {
      await this.#core.forward(sandbox, { refused, signal });
      return this.#learn(sandbox);
    } catch (error) {
      this.#learn(sandbox);
      throw this.#refusal(error, "control", signal);
    }
  }

  /** @param {string} id */
  #sandbox(id) {
    const sandbox = this.#sandboxes.get(id) ?? this.#core.forward(this.#connection, { id });
    this.#sandboxes.delete(id);
    this.#sandboxes.set(id, sandbox);
    const [oldest = ""] = this.#sandboxes.keys();
    if (this.#sandboxes.size > KEPT) this.#sandboxes.delete(oldest);
    return sandbox;
  }

  /**
   * @param {CoreSandbox} sandbox
   * @returns {Facts}
   */
  #facts(sandbox) {
    return this.#core.forward(sandbox);
  }

  /**
   * What is known of it now. No page may see its tokens and routing hints, which each request may have renewed.
   *
   * @param {CoreSandbox} sandbox
   */
  #learn(sandbox) {
    const facts = this.#facts(sandbox);
    for (const one of facts.secrets) if (one) this.#secrets.addToken(one);
    return facts;
  }

  /**
   * What the page is told of the core's error. `plane` is where the request went.
   *
   * @param {unknown} error
   * @param {FoundRoute["plane"]} plane
   * @param {AbortSignal} signal
   */
  #refusal(error, plane, signal) {
    if (signal.reason instanceof Refusal) return signal.reason;
    if (!(error instanceof SandboxError)) return error;
    const { statusCode: status = 0, code, message, requestId, cause } = error;
    if (code === "timeout") return new Refusal(504, code, "the service did not answer in time");
    if (code === "network_error") return this.unreachable(signal, cause);
    const said = this.#secrets.cleared(message).slice(0, MAX_MESSAGE_CHARS);
    if (status < 400 || status > 599) {
      return new Refusal(502, "bad_gateway", `the service cannot be used: ${said}`);
    }
    // To the page a 401 speaks of its ticket; this one speaks of what the relay holds, as does the control plane's 403,
    // to which a wake-up went that led to this error.
    if (status === 401 || (status === 403 && (plane === "control" || cause instanceof SandboxError))) {
      return new Refusal(502, "upstream_unauthorized", "the service refused the relay's credentials");
    }
    /** @type {Record<string, string>} */
    const headers = {};
    const waitMs = this.#core.retryAfterOf(error);
    if (code === "send_again") headers["retry-after"] = "0";
    else if (waitMs >= 0) headers["retry-after"] = `${Math.ceil(waitMs / 1000)}`;
    if (requestId && this.#secrets.cleared(requestId) === requestId) headers["x-request-id"] = requestId;
    return new Refusal(status, code && this.#secrets.cleared(code), said, { headers });
  }
}
