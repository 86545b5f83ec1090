// The backend on Node.js, the page's files included: npm run build && npm start
import { createServer } from "node:http";

import { nodeListener } from "@superserve/sdk/relay/node";

import { createApp } from "./app.mjs";
import { serveFile } from "./files.mjs";
import { settingsOf } from "./settings.mjs";

const app = createApp(settingsOf(process.env));
const relay = nodeListener(app.relay);
const api = nodeListener(app);
const files = nodeListener(serveFile);

const server = createServer((request, response) => {
  const { url = "/" } = request;
  const listener = app.relay.covers(url) ? relay : url.startsWith("/api/") ? api : files;
  listener(request, response);
});
server.on("upgrade", relay.upgrade);
server.listen(Number(process.env.PORT ?? 3000), () => {
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  console.log(`listening on http://localhost:${port}`);
});
