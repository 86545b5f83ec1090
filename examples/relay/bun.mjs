// The relay on Bun: everything works, sessions and terminals too.
import { createRelay } from "@superserve/sdk/relay";

const relay = createRelay({ secret: process.env.RELAY_SECRET ?? "", prefix: "/api/sandbox" });

const server = Bun.serve({
  port: Number(process.env.PORT ?? 3000),
  fetch: relay,
  websocket: relay.websocket,
  // Seconds; a command may be silent for longer than Bun's ten.
  idleTimeout: 255,
});
console.log(`listening on port ${server.port}`);
