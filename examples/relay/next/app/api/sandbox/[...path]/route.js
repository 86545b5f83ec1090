// The relay as a route handler of Next.js: all but sessions and terminals, since Next.js accepts no WebSockets.
import { createRelay } from "@superserve/sdk/relay";

// Made at the first request: a build has no secrets.
/** @type {import("@superserve/sdk/relay").Relay | undefined} */
let relay;

/** @param {Request} request */
function handler(request) {
  relay ??= createRelay({ secret: process.env.RELAY_SECRET ?? "", prefix: "/api/sandbox" });
  return relay(request);
}

export { handler as DELETE, handler as GET, handler as OPTIONS, handler as PATCH, handler as POST };
