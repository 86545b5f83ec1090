// Uploads. In a page the SDK sends a file in parts to a name of its own, and then puts it into its place: so a part may be
// sent again, and may wait as long as it has to.
import { retrying } from "../retry.js";
import { connect, send } from "../sandbox/session.js";

/** For so long a sandbox may stay paused until its uploads are given up. */
const PATIENCE_MS = 24 * 60 * 60 * 1000;
const PART = /\/files\?/;

/**
 * Writes a File to `path`.
 *
 * @param {import("../sandbox/state.js").SandboxState} status
 * @param {File} file
 * @param {string} path
 * @param {import("../types.d.ts").Transferring} how
 */
export async function upload(status, file, path, { onProgress, signal, ...how }) {
  const cancelled = new AbortController();
  // What was sent of it is removed then, for which a paused sandbox may not be woken.
  signal.addEventListener("abort", () => status.whenActive().then(() => cancelled.abort(signal.reason)));

  /** @type {typeof send} */
  async function sendWhenActive(url, init) {
    const work = () => status.sends(send(url, init));
    if (PART.test(url)) return retrying(work, { ...how, signal: init.signal ?? undefined });
    await how.ready();
    return work();
  }

  const write = async () => {
    const { files } = await connect(sendWhenActive);
    await files.write(path, file, { onProgress, signal: cancelled.signal, timeoutMs: PATIENCE_MS });
  };
  await retrying(write, { ...how, signal });
}
