// The whole backend as one fetch handler, which every host mounts. It keeps nothing: who a visitor is stands in a signed
// cookie, what the page may do in a signed ticket.
import { SandboxError } from "@superserve/sdk";
import { createRelay, createTicket } from "@superserve/sdk/relay";

import { refusal } from "./refusal.mjs";
import { isFromOwnPage, jsonOf } from "./requests.mjs";
import { createTemplates } from "./templates.mjs";
import { createVisits } from "./visits.mjs";

const PREFIX = "/api/sandbox";
/** @type {import("@superserve/sdk/relay").RelayOperation[]} */
const ALLOW = ["exec", "files:read", "files:write", "terminal", "processes", "info", "preview", "lifecycle"];

/**
 * @param {object} options
 * @param {string} options.apiKey Of the service. No page sees it.
 * @param {string} [options.baseUrl] Of the service, where it is not the default one.
 * @param {string} options.secret Signs tickets and cookies: random, 32 characters or more.
 * @param {number} [options.ticketSeconds] How long a ticket is good for. The page renews it by itself.
 * @returns a fetch handler for all under `/api/`; its `relay` is for hosts that hand over upgrades separately.
 */
export function createApp({ apiKey, baseUrl, secret, ticketSeconds = 900 }) {
  const connection = { apiKey, baseUrl };
  const visits = createVisits({ ...connection, secret });
  const templates = createTemplates(connection);
  const relay = createRelay({
    ...connection,
    secret,
    prefix: PREFIX,
    // A ticket that leaked is of no use without the visitor's cookie.
    authorize: async (request, { sid }) => (await visits.idOf(request)) === sid,
  });

  /** @param {Parameters<typeof createTicket>[0]} sandbox */
  const ticketFor = (sandbox) =>
    createTicket(sandbox, { secret, allow: ALLOW, expiresInSeconds: ticketSeconds });

  /** @type {Record<string, (request: Request, options: any) => Promise<Response>>} */
  const routes = {
    /** The visitor's sandbox, made at the first visit, and anew when the page asks for it. */
    "POST /api/session": async (request, { fresh = false }) => {
      const known = fresh ? undefined : await visits.sandboxOf(request);
      if (known) return Response.json({ ticket: await ticketFor(known) });
      const { sandbox, cookie } = await visits.begin(request);
      return Response.json({ ticket: await ticketFor(sandbox) }, { headers: { "set-cookie": cookie } });
    },

    "POST /api/ticket": async (request) => {
      const sandbox = await visits.sandboxOf(request);
      if (!sandbox) return refusal(401, "no_session", "There is no session. Reload the page.");
      return Response.json({ ticket: await ticketFor(sandbox) });
    },

    "POST /api/templates": async (request, options) => {
      const id = await visits.idOf(request);
      if (!id) return refusal(401, "no_session", "There is no session. Reload the page.");
      return templates.build(id, options);
    },
  };

  /** @param {Request} request */
  async function answer(request) {
    const { pathname } = new URL(request.url);
    if (!isFromOwnPage(request))
      return refusal(403, "cross_origin", "Only the page itself may ask for this.");
    const route = routes[`${request.method} ${pathname}`];
    if (route) {
      const options = await jsonOf(request);
      return options ? route(request, options) : refusal(413, "too_large", "The body is too large.");
    }
    const [, name] = /^\/api\/templates\/([\w-]+)\/log$/.exec(pathname) ?? [];
    if (name && request.method === "GET") return templates.log(await visits.idOf(request), name, request);
    return refusal(404, "not_found", "There is no such route.");
  }

  /** @param {Request} request */
  async function handler(request) {
    if (relay.covers(new URL(request.url).pathname)) return relay(request);
    try {
      return await answer(request);
    } catch (error) {
      // What the service said may be of interest to the page; what else went wrong is not.
      console.error(error);
      if (SandboxError.is(error) && error.statusCode) {
        return refusal(502, error.code ?? "backend_error", `The service refused: ${error.message}`);
      }
      return refusal(500, "backend_error", "The backend failed.");
    }
  }
  return Object.assign(handler, { relay });
}
