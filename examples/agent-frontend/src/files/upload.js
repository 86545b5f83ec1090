// Uploads, slice by slice: `fetch` tells nothing of how much it has sent, and a slice that is lost is sent again by itself.
import { quote } from "../format.js";
import { retrying } from "../retry.js";

const SLICE_BYTES = 2 * 1024 * 1024;
const AT_ONCE = 2;

/** The names of slices, while they are not one file yet. */
export const PART = /\.uploading-\d+$/;

/**
 * Writes a File to `path`.
 *
 * @param {{ sandbox: import("@superserve/sdk").Sandbox, status: import("../sandbox/state.js").SandboxState }} to
 * @param {File} file
 * @param {string} path
 * @param {import("../types.d.ts").Transferring} how
 */
export async function upload({ sandbox, status }, file, path, { onProgress, ...how }) {
  const { signal } = how;
  const count = Math.max(1, Math.ceil(file.size / SLICE_BYTES));
  /** @param {number} index */
  const part = (index) => `${path}.uploading-${index}`;
  const parts = Array.from({ length: count }, (_, index) => quote(part(index))).join(" ");
  let next = 0;
  let sent = 0;

  async function sendSlices() {
    while (next < count) {
      const index = next++;
      const slice = file.slice(index * SLICE_BYTES, (index + 1) * SLICE_BYTES);
      await retrying(() => status.sends(sandbox.files.write(part(index), slice, { signal })), how);
      sent += slice.size;
      onProgress(sent, file.size);
    }
  }

  try {
    await Promise.all(Array.from({ length: AT_ONCE }, sendSlices));
    // Once the file is there its parts may go; where this is done twice the second finds it complete.
    const whole = quote(`${path}.uploading-${count}`);
    const join = `{ test -e ${quote(part(0))} && cat ${parts} > ${whole} && mv ${whole} ${quote(path)}; }`;
    const done = `test "$(stat -c %s ${quote(path)})" = ${file.size}`;
    await retrying(() => check(sandbox, `${join}; ${done} && rm -f ${parts}`, signal), how);
  } catch (error) {
    next = count;
    // What has arrived is of no use to anybody. This too may fail, and may not wake the sandbox.
    status
      .whenActive()
      .then(() => sandbox.commands.run(`rm -f ${parts}`))
      .catch(() => {});
    throw error;
  }
}

/**
 * @param {import("@superserve/sdk").Sandbox} sandbox
 * @param {string} command
 * @param {AbortSignal} [signal]
 */
async function check(sandbox, command, signal) {
  const { exitCode, stderr } = await sandbox.commands.run(command, { signal, timeoutMs: 120_000 });
  if (exitCode !== 0) throw new Error(stderr.trim() || "The file could not be put together.");
}
