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
const resolved = createRequire(join(consumer, "cjs.cjs")).resolve("@superserve/sdk");
console.log(JSON.stringify({ resolved, exports: Object.keys(sdk), error }));
