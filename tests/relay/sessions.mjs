// The frames of sessions and terminals, by any client.
import { once } from "node:events";

export const EXEC = "superserve.exec.v1";
export const TERMINAL = "superserve.terminal.v1";

/** Waits for a WebSocket that may be open already. */
export const opened = async (socket) => socket.readyState === socket.OPEN || once(socket, "open");

/** Runs a command in a session, feeds it, and returns what it said and how it ended. */
export async function runSession(client, command, input = []) {
  const socket = client.socket("/exec/connect", EXEC);
  const ended = once(socket, "close");
  ended.catch(() => {});
  const chunks = [];
  let ending;
  socket.on("message", (data, isBinary) => {
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

/** Types into a terminal until it shows a text. */
export async function terminalSays(socket, typed, expected) {
  let shown = "";
  const said = new Promise((resolve, reject) => {
    socket.on("message", (data) => {
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
