// Bytes on their way out of Node.js, as a server sees them.

import { once } from "node:events";
import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";

import { result, wireSandbox } from "../support/fixtures.mjs";

const SIZE = 3 * 1024 * 1024 + 17;

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("large bytes are sent in pieces, with their length, and whole again where they have to be", async (ctx) => {
    const { sdk, assert } = ctx;
    const received = [];
    const server = createServer(async (request, response) => {
      const isFile = request.url.startsWith("/files?");
      const body = await buffer(request);
      if (isFile) received.push({ headers: request.headers, body });
      const status = isFile && received.length === 1 ? 503 : request.url === "/sandboxes" ? 201 : 200;
      response.writeHead(status, { "content-type": "application/json", "retry-after": "0" });
      response.end(JSON.stringify({ ...wireSandbox(), ...result() }));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    ctx.defer(() => {
      server.closeAllConnections();
      server.close();
    });
    const baseUrl = `http://127.0.0.1:${server.address().port}`;
    const sandbox = await sdk.Sandbox.create({ apiKey: "key", baseUrl, sandboxUrl: baseUrl });
    const bytes = Uint8Array.from({ length: SIZE + 2 }, (_, i) => (i * 7) >> 3);
    for (const content of [bytes.subarray(1, SIZE + 1), bytes.buffer.slice(1, SIZE + 1)]) {
      received.length = 0;
      const told = [];
      const onProgress = (...sent) => void told.push(sent);
      await sandbox.files.write("/tmp/big", content, { onProgress });
      assert.equal(received.length, 2);
      for (const { headers, body } of received) {
        assert.equal(headers["content-length"], `${SIZE}`);
        assert.equal(headers["transfer-encoding"], undefined);
        assert.ok(body.equals(bytes.subarray(1, SIZE + 1)));
      }
      assert.deepEqual(told.at(-1), [SIZE, SIZE]);
    }
  });
}
