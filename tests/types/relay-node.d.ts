/**
 * The relay on `node:http`, and on what is built on it.
 *
 * @example
 * ```typescript
 * import { createServer } from "node:http"
 * import { createRelay } from "@superserve/sdk/relay"
 * import { nodeListener } from "@superserve/sdk/relay/node"
 *
 * const listener = nodeListener(createRelay({ secret, prefix: "/api/sandbox" }))
 * createServer(listener).on("upgrade", listener.upgrade).listen(3000)
 *
 * // Express: app.use("/api/sandbox", listener), and "upgrade" of the server that listen() returns.
 * ```
 *
 * @packageDocumentation
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Relay } from "./relay.js";

/** A listener for a server's `request` events, or a middleware. */
export interface NodeListener {
  (request: IncomingMessage, response: ServerResponse): Promise<void>;
  /**
   * The listener for the server's `upgrade` events: sessions and terminals. It leaves what is not under the relay's
   * prefix to other listeners.
   */
  upgrade(request: IncomingMessage, socket: Duplex, head: Uint8Array): Promise<void>;
}

/**
 * Makes the listener of a relay, or of any fetch handler: of an application's routes, say, that stand beside it.
 *
 * @example
 * ```typescript
 * const listener = nodeListener(relay)
 * const rest = nodeListener(async (request) => new Response(`you asked for ${request.url}`))
 * createServer((request, response) => (relay.covers(request.url!) ? listener : rest)(request, response))
 *   .on("upgrade", listener.upgrade)
 *   .listen(3000)
 * ```
 */
export declare function nodeListener(
  handler: Relay | ((request: Request) => Promise<Response>),
): NodeListener;
