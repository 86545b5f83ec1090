// A relay of bytes in front of a server, which keeps all that the server said.
import { connect, createServer } from "node:net";

/** Listens on a free port for the server at `target()`, an origin that may change. `stop` it. */
export async function startTap(target) {
  const said = [];
  const sockets = new Set();
  const server = createServer((client) => {
    const { hostname, port } = new URL(target());
    const onward = connect(Number(port), hostname);
    onward.on("data", (chunk) => said.push(chunk));
    client.pipe(onward).pipe(client);
    for (const [one, other] of [
      [client, onward],
      [onward, client],
    ]) {
      sockets.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        sockets.delete(one);
        other.destroySoon();
      });
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: server.address().port,
    /** All bytes so far, connections among each other. */
    said: () => Buffer.concat(said),
    stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
