// What a page needs to reach a local server: the service answers CORS on its data plane only, so its control plane
// is reached through a proxy, which answers CORS with no more headers than the SDK may send there.

import { createServer, request as httpRequest } from "node:http";
import { connect } from "node:net";

const DATA_PLANE = /^\/(exec|files|terminal|superserve\.boxd)\b/;
const CONTROL_PLANE_CORS = {
  "access-control-allow-headers": "X-API-Key, Content-Type",
  "access-control-allow-methods": "GET, POST, PATCH, DELETE",
  "access-control-max-age": "600",
};

/**
 * Passes requests on to `target` for pages of `pageOrigin`. Resolves to its own origin. Each preflight is noted in
 * `preflights`.
 */
export async function startCorsProxy(ctx, target, pageOrigin, preflights) {
  const { hostname, port } = new URL(target);
  const allowOrigin = { "access-control-allow-origin": pageOrigin };

  const server = createServer((request, response) => {
    const control = !DATA_PLANE.test(request.url);
    if (request.method === "OPTIONS") {
      const headers = request.headers["access-control-request-headers"] ?? "";
      preflights.push({ plane: control ? "control" : "data", headers: headers.split(/, */) });
    }
    if (control && request.method === "OPTIONS") {
      response.writeHead(204, { ...allowOrigin, ...CONTROL_PLANE_CORS }).end();
      return;
    }
    const { method, url: path, headers } = request;
    const onward = httpRequest({ hostname, port, method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode, { ...answer.headers, ...(control && allowOrigin) });
      answer.pipe(response).on("error", () => {});
      answer.on("error", () => response.destroy());
    });
    onward.on("error", () => response.destroy());
    response.on("close", () => onward.destroy());
    request.pipe(onward);
  });

  server.on("upgrade", (request, socket, head) => {
    const onward = connect(port, hostname, () => {
      const lines = [`${request.method} ${request.url} HTTP/1.1`];
      for (let i = 0; i < request.rawHeaders.length; i += 2) {
        lines.push(request.rawHeaders.slice(i, i + 2).join(": "));
      }
      onward.write(`${lines.join("\r\n")}\r\n\r\n`);
      onward.write(head);
    });
    onward.once("data", (answer) => {
      socket.write(answer);
      if (answer.toString("latin1").startsWith("HTTP/1.1 101")) onward.pipe(socket).pipe(onward);
      // What comes next on this connection may be a request of another kind.
      else socket.end();
    });
    for (const [one, other] of [
      [socket, onward],
      [onward, socket],
    ]) {
      one.on("error", () => other.destroy());
      // What was read last may still have to be written.
      one.on("close", () => other.end());
    }
  });
  return listen(ctx, server);
}

/** Listens until the run ends. Resolves to the server's origin. */
export async function listen(ctx, server, host = "127.0.0.1") {
  await new Promise((resolve, reject) => server.on("error", reject).listen(0, "127.0.0.1", resolve));
  ctx.defer(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://${host}:${server.address().port}`;
}
