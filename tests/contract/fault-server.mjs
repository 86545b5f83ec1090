// A scripted HTTP server for what a well-behaved server does not do: stall, cut a body at a given
// byte, reset a connection, answer nonsense. README.md describes the script.
//
// `node fault-server.mjs` prints one JSON line, {"origin": "http://127.0.0.1:<control port>"}.
// The control port takes
//   POST   /servers          a script; answers {"id", "origin"} of a fresh listening port
//   GET    /servers/<id>/log every request seen, the newest last
//   DELETE /servers/<id>     closes it and every connection to it

import { createServer } from "node:http";
import { pathToFileURL } from "node:url";

import { Script } from "./fault-script.mjs";
import { playUpgrade } from "./fault-sockets.mjs";

const CORS = {
  "access-control-allow-origin": "*",
  "access-control-allow-headers": "*, x-access-token, x-api-key, content-type, x-superserve-sandbox-id",
  "access-control-allow-methods": "*, DELETE, PATCH, PUT",
  "access-control-expose-headers": "*",
};

/** Starts the control server; `close()` ends it and all that it started. */
export async function startFaultServer({ port = 0 } = {}) {
  const running = new Map();
  let nextId = 1;

  const control = createServer(async (request, response) => {
    /**
     * @param {number} status
     * @param {unknown} [value]
     */
    const answer = (status, value) => {
      response.writeHead(status, { ...CORS, "content-type": "application/json" });
      response.end(value === undefined ? undefined : JSON.stringify(value));
    };
    try {
      const [, root, id, leaf] = new URL(request.url ?? "", "http://control").pathname.split("/");
      const target = running.get(id);
      if (request.method === "OPTIONS") return answer(204);
      if (root !== "servers") return answer(404, { error: "no such route" });
      if (request.method === "POST" && id === undefined) {
        const started = await startScripted(JSON.parse(await text(request)));
        const key = String(nextId++);
        running.set(key, started);
        return answer(201, { id: key, origin: started.origin });
      }
      if (target === undefined) return answer(404, { error: "no such server" });
      if (request.method === "GET" && leaf === "log") return answer(200, target.script.log);
      if (request.method === "DELETE" && leaf === undefined) {
        running.delete(id);
        await target.close();
        return answer(204);
      }
      return answer(404, { error: "no such route" });
    } catch (error) {
      return answer(400, { error: String(error) });
    }
  });

  const origin = await listen(control, port);
  return {
    origin,
    async close() {
      await Promise.all([...running.values()].map((server) => server.close()));
      await close(control);
    },
  };
}

/** @param {import("./support/types.d.ts").Definition} definition */
async function startScripted(definition) {
  const script = new Script(definition);
  const server = createServer((request, response) => {
    if (script.cors) {
      for (const [name, value] of Object.entries(CORS)) response.setHeader(name, value);
      // A preflight is the browser's own request, not the SDK's: it is not for the script.
      if (request.method === "OPTIONS" && request.headers["access-control-request-method"]) {
        response.writeHead(204).end();
        return;
      }
    }
    script.handle(request, response);
  });
  server.on("upgrade", (request, socket, head) => playUpgrade(script, request, socket, head));
  server.keepAliveTimeout = 60_000;
  server.requestTimeout = 0;
  const origin = await listen(server, 0);
  const stop = () => {
    for (const socket of script.sockets) socket.destroy();
    return close(server);
  };
  return { origin, script, close: stop };
}

/**
 * @param {import("node:http").Server} server
 * @param {number} port
 * @returns {Promise<string>}
 */
function listen(server, port) {
  return new Promise((resolve, reject) => {
    server.on("error", reject);
    server.on("connection", (socket) => socket.setNoDelay(true));
    server.listen(port, "127.0.0.1", () =>
      resolve(`http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}`),
    );
  });
}

/**
 * @param {import("node:http").Server} server
 * @returns {Promise<void>}
 */
function close(server) {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

/** @param {AsyncIterable<Buffer>} stream */
async function text(stream) {
  const pieces = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const server = await startFaultServer();
  console.log(JSON.stringify({ origin: server.origin }));
  // Whoever started it holds its stdin: when that closes, there is nobody left to serve.
  process.stdin.resume().on("end", () => process.exit(0));
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(0));
}
