// The adapter for node:http with a fetch handler that is no relay.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { connect } from "node:net";
import { once } from "node:events";
import { test } from "node:test";

import { nodeListener } from "./support.mjs";

async function serve(t, handler) {
  const listener = nodeListener(handler);
  const server = createServer(listener);
  server.on("upgrade", listener.upgrade);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return server.address().port;
}

test("any fetch handler is served: its request, its answer, its headers", async (t) => {
  const seen = [];
  const port = await serve(t, async (request, ...rest) => {
    seen.push([request.method, new URL(request.url).pathname, await request.text(), rest.length]);
    const headers = new Headers({ "content-type": "text/plain" });
    headers.append("set-cookie", "a=1");
    headers.append("set-cookie", "b=2");
    return new Response("made", { status: 201, headers });
  });
  const response = await fetch(`http://127.0.0.1:${port}/path?q=1`, { method: "POST", body: "a body" });
  assert.deepEqual([response.status, await response.text()], [201, "made"]);
  assert.deepEqual(response.headers.getSetCookie(), ["a=1", "b=2"]);
  assert.deepEqual(seen, [["POST", "/path", "a body", 0]]);
});

test("it accepts no WebSocket", async (t) => {
  const port = await serve(t, async () => assert.fail("asked for an answer"));
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  socket.write("GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n");
  await once(socket, "close");
});
