// The backend on Node.js, the page's files included: npm run build && npm start
import { createServer } from "node:http";

import { nodeListener } from "@superserve/sdk/relay/node";

import { createApp } from "./app.mjs";
import { serveFile } from "./files.mjs";
import { onNode } from "./on-node.mjs";
import { settingsOf } from "./settings.mjs";

const app = createApp(settingsOf(process.env));
const relay = nodeListener(app.relay);
const rest = onNode((request) =>
  new URL(request.url).pathname.startsWith("/api/") ? app(request) : serveFile(request),
);

const server = createServer((request, response) => {
  const handle = app.relay.covers(request.url.split("?")[0]) ? relay : rest;
  handle(request, response);
});
server.on("upgrade", relay.upgrade);
server.listen(Number(process.env.PORT ?? 3000), () => {
  console.log(`listening on http://localhost:${server.address().port}`);
});
