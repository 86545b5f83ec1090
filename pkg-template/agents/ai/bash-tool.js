// A sandbox as that of the package `bash-tool`.
import { Place, run } from "./place.js";

/** @import { Sandbox as BashToolSandbox } from "bash-tool" */
/** @import { Sandbox } from "#types" */
/** @import { SandboxProvider } from "#tool-types" */
/** @import { BashToolSandboxOptions } from "../ai.js" */

const TIMEOUT_MS = 120_000;

/** The exit code of what ran out of time, as `timeout` has it. */
const LATE = 124;

/**
 * @param {Sandbox | SandboxProvider} sandbox
 * @param {BashToolSandboxOptions} [options]
 * @returns {BashToolSandbox}
 */
export function bashToolSandbox(sandbox, options = {}) {
  const place = new Place(sandbox, options);
  const { signal, timeoutMs = TIMEOUT_MS } = options;
  return {
    executeCommand: (/** @type {string} */ command) =>
      place.use(async (sandbox) => {
        const cwd = await place.cwd(sandbox, undefined, signal);
        try {
          return await run(sandbox, command, { cwd, signal, timeoutMs });
        } catch (/** @type {any} */ error) {
          if (error?.name !== "TimeoutError") throw error;
          const stderr = `The command was ended after ${timeoutMs / 1000} seconds.\n`;
          return { exitCode: LATE, stdout: "", stderr };
        }
      }, signal),
    readFile: (/** @type {string} */ path) =>
      place.use(
        async (sandbox) => sandbox.files.readText(await place.find(sandbox, path, signal), { signal }),
        signal,
      ),
    writeFiles: (/** @type {{ path: string, content: string | Uint8Array }[]} */ files) =>
      place.use(async (sandbox) => {
        const found = files.map(async (file) => ({
          ...file,
          path: await place.find(sandbox, file.path, signal),
        }));
        await sandbox.files.writeMany(await Promise.all(found), { signal });
      }, signal),
  };
}
