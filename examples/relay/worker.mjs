// The relay on Cloudflare Workers: everything works, sessions and terminals too.
import { env } from "cloudflare:workers";

import { createRelay } from "@superserve/sdk/relay";

const relay = createRelay({
  apiKey: env.SUPERSERVE_API_KEY,
  baseUrl: env.SUPERSERVE_BASE_URL,
  secret: env.RELAY_SECRET,
  prefix: "/api/sandbox",
});

export default {
  /** @param {Request} request */
  fetch: (request) => relay(request),
};
