// A process of a sandbox session.
import { isNotFound, shell } from "./place.js";

/** @import { Process } from "#types" */
/** @import { Place } from "./place.js" */

/** The exit code of what SIGKILL has ended, and of what nobody saw end. */
const KILLED = 137;

/**
 * @typedef {object} How
 * @property {string} command
 * @property {string} [workingDirectory]
 * @property {Record<string, string>} [env]
 * @property {AbortSignal} [abortSignal]
 * @property {boolean} [stdin]
 */

/**
 * Resolves as soon as it runs; the sandbox stays in use until it has ended.
 *
 * @param {Place} place
 * @param {How} how
 * @returns {Promise<any>}
 */
export const spawned = (place, how) =>
  new Promise((resolve, reject) => {
    place.use((sandbox) => live(place, sandbox, how, resolve), how.abortSignal).catch(reject);
  });

/**
 * @param {Place} place
 * @param {import("#types").Sandbox} sandbox
 * @param {How} how
 * @param {(handle: object) => void} told
 */
async function live(place, sandbox, { command, workingDirectory, env, abortSignal: signal, stdin }, told) {
  const cwd = await place.cwd(sandbox, workingDirectory, signal);
  const args = shell(command);
  // Its input is closed from the start, unless somebody is to write to it.
  if (!stdin) args.splice(1, 1, `exec </dev/null; ${args[1]}`);
  const process = await sandbox.processes.start("/bin/sh", { args, cwd, env, signal });
  const abort = () => process.remove().catch(() => {});
  if (signal?.aborted) {
    abort();
    throw signal.reason;
  }

  /** @type {Promise<{ exitCode: number }> | undefined} */
  let ending;
  const wait = () => (ending ??= unlessAborted(process, signal));
  let open = 2;
  // All is told: nobody needs what the sandbox keeps of it.
  const close = () => {
    open -= 1;
    if (open === 0) wait().then(abort, abort);
  };
  told({
    stdout: output(process, "stdout", close),
    stderr: output(process, "stderr", close),
    wait,
    kill: () =>
      process.kill().catch((error) => {
        if (!isNotFound(error)) throw error;
      }),
    ...(stdin && {
      stdin: new WritableStream({
        write: (chunk) => process.write(chunk),
        close: () => process.closeStdin(),
        abort: () => process.closeStdin(),
      }),
    }),
  });
  if (!signal && !place.isLent) return;
  signal?.addEventListener("abort", abort);
  await wait().catch(() => {});
  signal?.removeEventListener("abort", abort);
}

/**
 * @param {Process} process
 * @param {AbortSignal} [signal]
 */
async function unlessAborted(process, signal) {
  try {
    const { exitCode = KILLED } = await process.wait({ signal });
    return { exitCode };
  } catch (error) {
    throw signal?.aborted ? signal.reason : error;
  }
}

/**
 * What it writes to one of its outputs, read as it is asked for.
 *
 * @param {Process} process
 * @param {"stdout" | "stderr"} stream
 * @param {() => void} close called once there is no more
 */
function output(process, stream, close) {
  const encoder = new TextEncoder();
  const follower = process.follow({ stream });
  return new ReadableStream(
    {
      async pull(controller) {
        const { value, done } = await follower.next();
        if (!done) return controller.enqueue(encoder.encode(value.text));
        controller.close();
        close();
      },
      async cancel() {
        await follower.return();
      },
    },
    { highWaterMark: 0 },
  );
}
