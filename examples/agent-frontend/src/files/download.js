import { retrying } from "../retry.js";
import { isDirectory } from "./listing.js";

/**
 * Reads a file, or a directory as a zip archive, and hands it to the browser as a download.
 *
 * @param {import("@superserve/sdk").Sandbox} sandbox
 * @param {import("../types.d.ts").Entry} entry
 * @param {import("../types.d.ts").Transferring} how
 */
export async function download({ files }, entry, { onProgress, ...how }) {
  const { path, name } = entry;
  const options = { signal: how.signal, onProgress, timeoutMs: 600_000 };
  if (isDirectory(entry)) {
    const archive = await retrying(() => files.downloadDir(path, options), how);
    save(new Blob([archive]), `${name}.zip`);
  } else {
    save(await retrying(() => files.read(path, { ...options, format: "blob" }), how), name);
  }
}

/**
 * @param {Blob} blob
 * @param {string} name
 */
function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser reads it after this call.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
