import { retrying } from "../retry.js";

/**
 * Reads a file, or a directory as a zip archive, and hands it to the browser as a download.
 *
 * @param {import("@superserve/sdk").Sandbox} sandbox
 * @param {import("../types.d.ts").Entry} entry
 * @param {import("../types.d.ts").Transferring} how
 */
export async function download(sandbox, { path, name, directory }, { onProgress, ...how }) {
  const options = { signal: how.signal, onProgress, timeoutMs: 600_000 };
  const read = () =>
    directory ? sandbox.files.downloadDir(path, options) : sandbox.files.read(path, options);
  const content = await retrying(read, how);
  save(new Blob([content]), directory ? `${name}.zip` : name);
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
