// Loads an SDK and makes one sandbox on a stubbed fetch: node cold-start.mjs <module>
import { API_KEY, createdSandbox, json } from "../service.mjs";

const body = JSON.stringify(createdSandbox());
globalThis.fetch = async () => json(body, 201);
// Node.js loads its own fetch classes at their first use; that is not the SDK's time.
await json("{}").json();
new AbortController().signal.addEventListener("abort", () => {});

const start = performance.now();
const sdk = await import(process.argv[2]);
const sandbox = await sdk.Sandbox.create({ name: "bench", apiKey: API_KEY });
const ms = performance.now() - start;
if (sandbox.id !== createdSandbox().id) throw new Error("not the sandbox that was sent");
console.log(JSON.stringify({ ms }));
