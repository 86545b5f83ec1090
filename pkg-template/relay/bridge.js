/** @import { Line, PageSocket } from "./types.js" */

/**
 * A standard WebSocket cannot be told to wait. What a slow reader leaves behind is kept up to here; then the connection
 * ends with 1013, rather than the server with its memory full.
 */
export const MAX_BUFFERED_BYTES = 64 * 1024 * 1024;
const TRY_LATER = 1013;

/**
 * An open WebSocket to the sandbox.
 *
 * @param {string} url
 * @param {string[]} protocols
 * @param {AbortSignal} signal
 * @returns {Promise<WebSocket>}
 */
export function dial(url, protocols, signal) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url.replace(/^http/, "ws"), protocols);
    socket.binaryType = "arraybuffer";
    /** @type {<T>(how: (value: T) => void, value: T) => void} */
    const settle = (how, value) => {
      signal.removeEventListener("abort", aborted);
      socket.onopen = socket.onerror = socket.onclose = null;
      how(value);
    };
    const aborted = () => {
      settle(reject, signal.reason);
      socket.close();
    };
    const failed = () => settle(reject, new Error("the WebSocket was refused"));
    socket.onopen = () => settle(resolve, socket);
    socket.onerror = socket.onclose = failed;
    signal.addEventListener("abort", aborted);
    if (signal.aborted) aborted();
  });
}

/**
 * Passes messages on between the sandbox's socket and the page's, which tells what happens to it by these calls.
 *
 * @param {WebSocket} sandbox
 * @param {Pick<Line, "clear" | "onEnd">} line
 */
export function bridge(sandbox, { clear, onEnd }) {
  /** @type {PageSocket | undefined} */
  let page;
  /**
   * What the sandbox says before the page's side is open.
   *
   * @type {((page: PageSocket) => void)[]}
   */
  const early = [];
  /** @param {(page: PageSocket) => void} step */
  const pass = (step) => (page ? step(page) : early.push(step));

  /** @type {(to: PageSocket | WebSocket, data: string | ArrayBuffer) => void} */
  const send = (to, data) => {
    if (to.readyState !== WebSocket.OPEN) return;
    to.send(data);
    if (Number(to.bufferedAmount) > MAX_BUFFERED_BYTES) {
      end(page, TRY_LATER, "the other side reads too slowly");
      end(sandbox);
    }
  };
  sandbox.onmessage = ({ data }) => pass((page) => send(page, data));
  sandbox.onclose = ({ code, reason }) => pass((page) => end(page, code, clear(reason)));

  return {
    /** @param {PageSocket} socket */
    open(socket) {
      page = socket;
      for (const step of early.splice(0)) step(socket);
    },
    /** @param {string | ArrayBuffer} data */
    message: (data) => send(sandbox, data),
    /** @type {(code: number, reason: string) => void} */
    close(code, reason) {
      end(sandbox, code, reason);
      onEnd();
    },
  };
}

/**
 * Closes with the code if there was one: 1005 says that there was none, 1006 that the connection broke.
 *
 * @param {PageSocket | WebSocket | undefined} socket
 * @param {number} [code]
 * @param {string} [reason]
 */
function end(socket, code = 1005, reason = "") {
  if (!socket || socket.readyState > WebSocket.OPEN) return;
  try {
    if (code === 1005) socket.close();
    else if (code === 1006) socket.close(1011, "the connection was lost");
    else socket.close(code, reason);
  } catch {
    // A client's socket may send few codes only.
    socket.close();
  }
}
