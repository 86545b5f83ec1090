/**
 * A standard WebSocket cannot be told to wait. What a slow reader leaves behind is kept up to here; then the connection
 * ends with 1013, rather than the server with its memory full.
 */
export const MAX_BUFFERED_BYTES = 64 * 1024 * 1024;
const TRY_LATER = 1013;

/** An open WebSocket to the sandbox. */
export function dial(url, protocols, signal) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url.replace(/^http/, "ws"), protocols);
    socket.binaryType = "arraybuffer";
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

/** Passes messages on between the sandbox's socket and the page's, which tells what happens to it by these calls. */
export function bridge(sandbox, { clear, onEnd }) {
  let page;
  // What the sandbox says before the page's side is open.
  const early = [];
  const pass = (step) => (page ? step() : early.push(step));

  const send = (to, data) => {
    if (to.readyState !== WebSocket.OPEN) return;
    to.send(data);
    if (to.bufferedAmount > MAX_BUFFERED_BYTES) {
      end(page, TRY_LATER, "the other side reads too slowly");
      end(sandbox);
    }
  };
  sandbox.onmessage = ({ data }) => pass(() => send(page, data));
  sandbox.onclose = ({ code, reason }) => pass(() => end(page, code, clear(reason)));

  return {
    open(socket) {
      page = socket;
      for (const step of early.splice(0)) step();
    },
    message: (data) => send(sandbox, data),
    close(code, reason) {
      end(sandbox, code, reason);
      onEnd();
    },
  };
}

/** Closes with the code if there was one: 1005 says that there was none, 1006 that the connection broke. */
function end(socket, code = 1005, reason = "") {
  if (socket.readyState > WebSocket.OPEN) return;
  try {
    if (code === 1005) socket.close();
    else if (code === 1006) socket.close(1011, "the connection was lost");
    else socket.close(code, reason);
  } catch {
    // A client's socket may send few codes only.
    socket.close();
  }
}
