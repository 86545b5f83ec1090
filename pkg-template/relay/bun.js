import { bridge, dial, MAX_BUFFERED_BYTES } from "./bridge.js";

/** @import { BunServer, Host, PageSocket } from "./types.js" */
/** @typedef {PageSocket & { data: { relay: ReturnType<typeof bridge> } }} BunSocket */

/**
 * Bun upgrades on its server, and tells what happens through the handlers that the server was given.
 *
 * @param {BunServer} server
 * @returns {Host}
 */
export const bunHost = (server) => ({
  async connect({ request, url, protocols, signal, clear, onEnd }) {
    const sandbox = await dial(url, protocols, signal);
    const data = { relay: bridge(sandbox, { clear, onEnd }) };
    const headers = { "sec-websocket-protocol": protocols[0] };
    if (server.upgrade(request, { data, headers })) return undefined;
    sandbox.close();
    throw new Error("Bun did not upgrade the request");
  },
});

/** For `Bun.serve({ fetch, websocket })`. */
export const bunHandlers = {
  /** @param {BunSocket} socket */
  open: (socket) => socket.data.relay.open(socket),
  /** @type {(socket: BunSocket, data: string | ArrayBuffer) => void} */
  message: (socket, data) => socket.data.relay.message(data),
  /** @type {(socket: BunSocket, code: number, reason: string) => void} */
  close: (socket, code, reason) => socket.data.relay.close(code, reason),
  // Bun's sockets have no `bufferedAmount`; it keeps the limit by itself.
  backpressureLimit: MAX_BUFFERED_BYTES,
  closeOnBackpressureLimit: true,
  idleTimeout: 960,
};
