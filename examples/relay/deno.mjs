// The relay on Deno: everything works, sessions and terminals too. deno run --allow-net --allow-env deno.mjs
import { createRelay } from "@superserve/sdk/relay";

const relay = createRelay({ secret: Deno.env.get("RELAY_SECRET") ?? "", prefix: "/api/sandbox" });

Deno.serve({
  port: Number(Deno.env.get("PORT") ?? 3000),
  handler: (request) => relay(request),
  onListen: ({ port }) => console.log(`listening on port ${port}`),
});
