// The relay on node:http: everything works, sessions and terminals too.
import { createServer } from "node:http";

import { createRelay } from "@superserve/sdk/relay";
import { nodeListener } from "@superserve/sdk/relay/node";

const relay = nodeListener(createRelay({ secret: process.env.RELAY_SECRET ?? "", prefix: "/api/sandbox" }));

const server = createServer(relay);
server.on("upgrade", relay.upgrade);
server.listen(Number(process.env.PORT ?? 3000), () => {
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  console.log(`listening on port ${port}`);
});
