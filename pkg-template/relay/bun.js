import { bridge, dial, MAX_BUFFERED_BYTES } from "./bridge.js";

/** Bun upgrades on its server, and tells what happens through the handlers that the server was given. */
export const bunHost = (server) => ({
  async connect({ request, url, protocols, signal, onEnd }) {
    const sandbox = await dial(url, protocols, signal);
    const data = { relay: bridge(sandbox, onEnd) };
    const headers = { "sec-websocket-protocol": protocols[0] };
    if (server.upgrade(request, { data, headers })) return;
    sandbox.close();
    throw new Error("Bun did not upgrade the request");
  },
});

/** For `Bun.serve({ fetch, websocket })`. */
export const bunHandlers = {
  open: (socket) => socket.data.relay.open(standard(socket)),
  message: (socket, data) => socket.data.relay.message(data),
  close: (socket, code, reason) => socket.data.relay.close(code, reason),
  backpressureLimit: MAX_BUFFERED_BYTES,
  closeOnBackpressureLimit: true,
  idleTimeout: 960,
};

/** Bun's socket with the names of the standard. */
const standard = (socket) => ({
  send: (data) => socket.send(data),
  close: (code, reason) => socket.close(code, reason),
  get bufferedAmount() {
    return socket.getBufferedAmount();
  },
  get readyState() {
    return socket.readyState;
  },
});
