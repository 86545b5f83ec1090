// The least that a relay can do, likewise: it hands on a request and its answer, with nothing checked:
// node floor-relay.mjs <relay.js>
import { createServer } from "node:http";

const { createTicket } = await import(process.argv[2]);
const { BENCH_BASE_URL: baseUrl = "", BENCH_API_KEY: apiKey = "" } = process.env;

const secret = "a secret for benchmarks, and for nothing else";
const PREFIX = "/sandbox";
let token = "";

const server = createServer(async (request, response) => {
  const controller = new AbortController();
  response.on("close", () => controller.abort());
  /** @type {Buffer[]} */
  const body = [];
  for await (const piece of request) body.push(piece);
  const { method, headers } = request;
  const answer = await fetch(baseUrl + request.url?.slice(PREFIX.length), {
    method,
    headers: { "X-Access-Token": token, "Content-Type": headers["content-type"] ?? "text/plain" },
    body: body.length > 0 ? Buffer.concat(body) : undefined,
    signal: controller.signal,
  });
  response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "text/plain" });
  for await (const piece of /** @type {any} */ (answer.body)) response.write(piece);
  response.end();
});
process.on("message", async (id) => {
  const url = `${baseUrl}/sandboxes/${id}/activate`;
  const answer = await fetch(url, { method: "POST", headers: { "X-API-Key": apiKey } });
  token = (await answer.json()).access_token;
  process.send?.({ ticket: await createTicket(id, { secret }) });
});
process.on("disconnect", () => process.exit());
server.listen(0, "127.0.0.1", () => {
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  process.send?.({ origin: `http://127.0.0.1:${port}` });
});
