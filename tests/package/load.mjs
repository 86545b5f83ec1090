// Loads the package and uses it: node load.mjs <consumer project>
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const consumer = process.argv[2];
const sdk = await import(pathToFileURL(join(consumer, "esm.mjs")).href);
let error;
try {
  // An answer from inside the WebAssembly module.
  sdk.previewUrl("id", "sandbox.superserve.ai", 1);
} catch (thrown) {
  error = thrown instanceof sdk.ValidationError ? /** @type {Error} */ (thrown).name : String(thrown);
}
/** What only folders take, from the module that loads for them; undefined where Node.js has no `fetch`. */
let folders;
if (globalThis.Buffer && globalThis.Response) {
  const wire = {
    id: "6f1c2a34-9b7e-4d05-8c21-000000000001",
    name: "load",
    status: "active",
    access_token: "t",
  };
  globalThis.fetch = async () =>
    Response.json({ ...wire, created_at: new Date().toISOString() }, { status: 201 });
  const { files } = await sdk.Sandbox.create({ name: "load", apiKey: "ss_live_load" });
  folders = await files
    .uploadDir([{ path: "../out" }], "/app")
    .catch((/** @type {Error} */ error) => error.message);
}
const resolved = createRequire(join(consumer, "cjs.cjs")).resolve("@superserve/sdk");
console.log(JSON.stringify({ resolved, exports: Object.keys(sdk), error, folders }));
