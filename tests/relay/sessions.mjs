// The frames of sessions and terminals, by any client.
import { once } from "node:events";

export const EXEC = "superserve.exec.v1";
export const TERMINAL = "superserve.terminal.v1";

/**
 * Waits for a WebSocket that may be open already.
 *
 * @param {any} socket
 */
export const opened = async (socket) => socket.readyState === socket.OPEN || once(socket, "open");

/** @typedef {import("./support.mjs").Client} Client */

/**
 * Runs a command in a session, feeds it, and returns what it said and how it ended.
 *
 * @param {Client} client
 * @param {string} command
 * @param {string[]} [input]
 */
export async function runSession(client, command, input = []) {
  const socket = client.socket("/exec/connect", EXEC);
  const ended = once(socket, "close");
  ended.catch(() => {});
  /** @type {any[]} */
  const chunks = [];
  let ending;
  socket.on("message", (/** @type {any} */ data, /** @type {boolean} */ isBinary) => {
    if (!isBinary) ending = JSON.parse(data);
    else if (data[0] === 1) chunks.push(data.subarray(1));
  });
  await once(socket, "open");
  socket.send(JSON.stringify({ command }));
  for (const text of input) socket.send(Buffer.concat([Buffer.from([0]), Buffer.from(text)]));
  socket.send(JSON.stringify({ type: "stdin_close" }));
  const [code, reason] = await ended;
  const stdout = Buffer.concat(chunks).toString();
  return { protocol: socket.protocol, stdout, ending, closed: { code, reason: `${reason}` } };
}

/**
 * Types into a terminal until it shows a text.
 *
 * @param {any} socket
 * @param {string} typed
 * @param {string} expected
 */
export async function terminalSays(socket, typed, expected) {
  let shown = "";
  /** @type {Promise<void>} */
  const said = new Promise((resolve, reject) => {
    socket.on("message", (/** @type {any} */ data) => {
      shown += data;
      if (shown.includes(expected)) resolve();
    });
    socket.on("close", () => reject(new Error(`the terminal closed; it showed ${shown}`)));
    socket.on("error", reject);
  });
  await Promise.race([once(socket, "open"), said]);
  socket.send(Buffer.from(typed));
  await said;
  return shown;
}
