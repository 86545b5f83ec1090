import version from "#version";

import { Refusal } from "./refusal.js";

const runtime = () => {
  const { Bun, Deno, navigator, process } = globalThis;
  if (Deno?.version) return `deno/${Deno.version.deno}`;
  if (Bun?.version) return `bun/${Bun.version}`;
  if (process?.versions?.node) return `node/${process.versions.node}`;
  return navigator?.userAgent ?? "unknown";
};

/** Requests to the service: the API key goes to the control plane only, an access token to the data plane only. */
export class Service {
  constructor({ apiKey, baseUrl, sandboxUrl, socketUrl }) {
    this.apiKey = apiKey;
    this.baseUrl = baseUrl;
    this.sandboxUrl = sandboxUrl;
    this.socketUrl = socketUrl;
    this.userAgent = `@superserve/sdk/${version} (relay; ${runtime()})`;
  }

  control(method, path, options) {
    return this.#send(this.baseUrl + path, { "x-api-key": this.apiKey }, { method, ...options });
  }

  data(sandboxId, token, method, path, options) {
    const headers = { "x-access-token": token, "x-superserve-sandbox-id": sandboxId };
    return this.#send(this.sandboxUrl + path, headers, { method, ...options });
  }

  async #send(url, headers, { method, body, type, signal }) {
    const all = new Headers(headers);
    all.set("user-agent", this.userAgent);
    // What is compressed could not be passed through as it is: `fetch` unpacks it.
    all.set("accept-encoding", "identity");
    if (body) all.set("content-type", type);
    const init = { method, headers: all, body, signal, redirect: "manual" };
    if (body instanceof ReadableStream) init.duplex = "half";
    // Next.js caches what does not forbid it; older workerd knows no such field.
    if ("cache" in Request.prototype) init.cache = "no-store";
    const response = await fetch(url, init).catch((cause) => {
      throw unreachable(signal, cause);
    });
    if (response.status < 300 || response.status >= 400) return response;
    response.body?.cancel().catch(() => {});
    throw new Refusal(502, "bad_gateway", "the service answered with a redirect");
  }
}

/** What a request that failed without an answer means to the page. */
export function unreachable(signal, cause) {
  if (signal?.reason instanceof Refusal) return signal.reason;
  return new Refusal(502, "network_error", "the service cannot be reached", { cause });
}
