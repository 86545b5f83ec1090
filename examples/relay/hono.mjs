// The relay in Hono on Node.js. With Hono on Bun: app.all(path, (c) => relay(c.req.raw, c.env)).
import { serve } from "@hono/node-server";
import { Hono } from "hono";

import { createRelay } from "@superserve/sdk/relay";
import { nodeListener } from "@superserve/sdk/relay/node";

const relay = createRelay({ secret: process.env.RELAY_SECRET ?? "", prefix: "/api/sandbox" });

const app = new Hono();
app.get("/", (c) => c.text("the application"));
app.all("/api/sandbox/*", (c) => relay(c.req.raw));

const server = serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 3000) }, ({ port }) =>
  console.log(`listening on port ${port}`),
);
// Hono sees no upgrades of Node.js, so sessions and terminals go past it.
server.on("upgrade", nodeListener(relay).upgrade);
