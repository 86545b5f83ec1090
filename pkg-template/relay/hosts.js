// What joins a page's WebSocket to a sandbox's, host by host: `connect` dials the sandbox first, so that a page is
// let in only when there is something to talk to.
import { bridge, dial } from "./bridge.js";
import { bunHost } from "./bun.js";
import { Refusal } from "./refusal.js";

/** @import { BunServer, Host } from "./types.js" */

/**
 * The platform hands the sandbox's socket to the page by itself, with back pressure and at no cost to the Worker.
 *
 * @type {Host}
 */
const workers = {
  async connect({ url, protocols, userAgent, signal, onEnd }) {
    const headers = {
      upgrade: "websocket",
      "sec-websocket-protocol": protocols.join(", "),
      "user-agent": userAgent,
    };
    const { webSocket, status, body } = await fetch(url, { headers, signal, redirect: "manual" });
    if (!webSocket) {
      body?.cancel().catch(() => {});
      throw new Error(`the WebSocket was answered with status ${status}`);
    }
    // Nothing tells when it ends.
    onEnd();
    return new Response(null, {
      status: 101,
      webSocket,
      headers: { "sec-websocket-protocol": protocols[0] },
    });
  },
};

/** @type {Host} */
const deno = {
  async connect({ request, url, protocols, signal, clear, onEnd }) {
    const sandbox = await dial(url, protocols, signal);
    const { socket, response } = upgraded(request, sandbox);
    // Its option `protocol` wants a space after the comma in the page's list.
    response.headers.set("sec-websocket-protocol", protocols[0]);
    const page = bridge(sandbox, { clear, onEnd });
    socket.binaryType = "arraybuffer";
    socket.onopen = () => page.open(socket);
    socket.onmessage = ({ data }) => page.message(data);
    socket.onclose = ({ code, reason }) => page.close(code, reason);
    return response;
  },
};

/**
 * @param {Request} request
 * @param {WebSocket} sandbox
 */
function upgraded(request, sandbox) {
  try {
    return /** @type {NonNullable<typeof Deno>} */ (Deno).upgradeWebSocket(request);
  } catch (error) {
    sandbox.close();
    throw error;
  }
}

/**
 * The host that this is; undefined where a fetch handler cannot upgrade.
 *
 * @param {unknown} server
 */
export function hostOf(server) {
  if (typeof WebSocketPair === "function") return workers;
  if (typeof globalThis.Deno?.upgradeWebSocket === "function") return deno;
  const bun = /** @type {BunServer | undefined} */ (server);
  if (globalThis.Bun && typeof bun?.upgrade === "function") return bunHost(bun);
  return undefined;
}

/**
 * Why there is no WebSocket, and the way to one.
 *
 * @param {Host} [host]
 */
export function noUpgrade(host) {
  if (host) return new Refusal(426, "websocket_required", "open this with a WebSocket");
  const [name, way] = here();
  return new Refusal(501, "no_websocket", `a fetch handler on ${name} accepts no WebSocket: ${way}`);
}

function here() {
  const { Bun, process } = globalThis;
  if (Bun) return ["Bun", "call relay(request, server) and give Bun.serve relay.websocket"];
  const elsewhere = "run the relay on a Node.js server, Deno, Bun or Cloudflare";
  if (process?.env?.NEXT_RUNTIME) return ["Next.js", elsewhere];
  if (!process?.versions?.node) return ["this platform", elsewhere];
  return ["Node.js", "give upgrades to nodeListener(relay).upgrade of @superserve/sdk/relay/node"];
}
