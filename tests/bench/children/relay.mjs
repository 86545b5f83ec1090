// The relay in a process of its own, until its parent goes: node relay.mjs <relay.js> <relay-node.js>
import { createServer } from "node:http";

const [relayUrl, nodeUrl] = process.argv.slice(2);
const { createRelay, createTicket } = await import(relayUrl);
const { nodeListener } = await import(nodeUrl);
const { BENCH_BASE_URL: baseUrl, BENCH_API_KEY: apiKey } = process.env;

const secret = "a secret for benchmarks, and for nothing else";
const relay = nodeListener(createRelay({ baseUrl, apiKey, secret, prefix: "/sandbox" }));
const server = createServer(relay);
process.on("message", async (id) => process.send?.({ ticket: await createTicket(id, { secret }) }));
process.on("disconnect", () => process.exit());
server.listen(0, "127.0.0.1", () => {
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  process.send?.({ origin: `http://127.0.0.1:${port}` });
});
