import { Refusal } from "./refusal.js";
import { METHODS } from "./routes.js";

/**
 * Which pages may use the relay: those of its own origin, and of those named.
 *
 * @param {string[]} [allowed]
 */
export function originPolicy(allowed = []) {
  for (const origin of allowed) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin) {
      throw new TypeError(`allowedOrigins must list origins such as https://app.example.com, not ${origin}`);
    }
  }

  return {
    /**
     * @param {Request} request
     * @param {URL} url
     */
    check({ headers }, url) {
      const origin = headers.get("origin");
      // Browsers leave out Origin of a GET to the page's own origin; programs that are no browser, always.
      const passes =
        origin === null
          ? [null, "same-origin", "none"].includes(headers.get("sec-fetch-site"))
          : origin === ownOrigin(headers, url) || allowed.includes(origin);
      if (!passes) throw new Refusal(403, "origin_not_allowed", "pages of this origin may not use the relay");
    },

    /**
     * Lets a page of a named origin read the answer.
     *
     * @param {Response} response
     * @param {Request} request
     */
    mark(response, { headers }) {
      const origin = headers.get("origin");
      /** @type {(name: string, value: string) => void} */
      const set = (name, value) => response.headers.set(name, value);
      if (allowed.length > 0) response.headers.append("vary", "origin");
      if (origin === null || !allowed.includes(origin)) return;
      set("access-control-allow-origin", origin);
      set("access-control-allow-credentials", "true");
      set("access-control-expose-headers", "retry-after, x-request-id");
    },
  };
}

/** The answer to a browser that asks first. Its origin has been checked. */
export const preflight = () =>
  new Response(null, {
    status: 204,
    headers: {
      "access-control-allow-methods": `${METHODS}`,
      "access-control-allow-headers": "authorization, content-type, prefer, range",
      "access-control-max-age": "600",
    },
  });

/**
 * The origin as the page sees it. Behind a proxy the request's own URL lacks `https`, or the public name. A page of
 * another origin cannot set these headers: its browser would ask first.
 *
 * @param {Headers} headers
 * @param {URL} url
 */
function ownOrigin(headers, url) {
  /** @param {string} name */
  const forwarded = (name) => headers.get(`x-forwarded-${name}`)?.split(",")[0].trim();
  // Some proxies call it `wss` when a WebSocket is opened.
  const scheme = (forwarded("proto") ?? url.protocol.slice(0, -1)).replace(/^ws/i, "http");
  const own = `${scheme}://${forwarded("host") ?? url.host}`;
  return URL.canParse(own) ? new URL(own).origin : undefined;
}
