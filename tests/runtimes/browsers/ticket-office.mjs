// The application's backend, as far as a page of the suite needs one: the package's relay, and tickets that allow
// everything.

import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { ALL } from "../../contract/support/tickets.mjs";

const SECRET = "for tests only: a secret of the application's";
/** Tests open a hundred sessions at once. */
const MAX_STREAMS = 1000;

/**
 * The `node:http` listeners of the backend, for both local servers of a run: one is under `/fast`, one under `/slow`.
 * `covers` tells which paths are theirs.
 */
export async function ticketOffice(project, servers) {
  const offices = [await office(project, servers, "/fast"), await office(project, servers.slow, "/slow")];
  const of = (path) => offices.find(({ prefix }) => path.startsWith(`${prefix}/`));
  return {
    covers: (path) => of(path) !== undefined,
    listener: (request, response) => of(request.url).listener(request, response),
    upgrade: (request, socket, head) => (of(request.url) ?? offices[0]).upgrade(request, socket, head),
  };
}

async function office(project, { baseUrl, apiKey }, prefix) {
  const load = (name) => import(pathToFileURL(join(project, "node_modules/@superserve/sdk/dist", name)));
  const { createRelay, createTicket } = await load("relay.js");
  const { nodeListener } = await load("relay-node.js");
  const { port } = new URL(baseUrl);
  const limits = { maxStreamsPerTicket: MAX_STREAMS };
  const options = { apiKey, baseUrl, secret: SECRET, prefix: `${prefix}/sandbox`, limits };
  const relay = nodeListener(createRelay(options));
  return {
    prefix,
    async listener(request, response) {
      const [, id, name] = /\/tickets\/([^/]+)\/([^/]+)$/.exec(request.url) ?? [];
      if (!id) return relay(request, response);
      const getPreviewUrl = (preview) => `http://${preview}-${id}.localhost:${port}`;
      const sandbox = { id, name: decodeURIComponent(name), getPreviewUrl };
      response.end(await createTicket(sandbox, { secret: SECRET, allow: ALL }));
    },
    upgrade: relay.upgrade,
  };
}
