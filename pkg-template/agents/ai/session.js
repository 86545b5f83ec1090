// A sandbox as the AI SDK's sandbox session.
import { isNotFound, Place, run } from "./place.js";
import { spawned } from "./process.js";

/** @import { Experimental_SandboxSession } from "ai" */
/** @import { Sandbox } from "#types" */
/** @import { SandboxProvider } from "#tool-types" */
/** @import { SandboxSessionOptions } from "../ai.js" */

/** @typedef {{ path: string, abortSignal?: AbortSignal }} Where */

/** A session's calls have no limit of their own: this is for silence, as that of streams is. */
const SILENCE_MS = 300_000;

/** Nothing, where there is no such file; a sandbox that is gone is an error. @param {Promise<any>} work */
const orNull = (work) =>
  work.catch((error) => {
    if (error?.code === "not_found") return null;
    throw error;
  });

/**
 * @param {Sandbox | SandboxProvider} sandbox
 * @param {SandboxSessionOptions} [options]
 */
export const sandboxSession = (sandbox, options = {}) => sessionAt(new Place(sandbox, options), options);

/**
 * @param {Place} place
 * @param {SandboxSessionOptions} options
 * @returns {Experimental_SandboxSession}
 */
export function sessionAt(place, { workingDirectory, description }) {
  /**
   * @template Value
   * @param {Where} where
   * @param {(path: string, options: { signal?: AbortSignal }, sandbox: Sandbox) => Promise<Value>} work
   */
  const at = ({ path, abortSignal: signal }, work) =>
    place.use(async (sandbox) => work(await place.find(sandbox, path, signal), { signal }, sandbox), signal);

  /** @type {(path: string, options: { signal?: AbortSignal }, sandbox: Sandbox) => Promise<ReadableStream | null>} */
  const streamed = async (path, options, { files }) => {
    try {
      return await files.read(path, { ...options, format: "stream" });
    } catch (error) {
      // The service says the same of a sandbox that is gone.
      if (isNotFound(error) && !(await files.exists(path, options))) return null;
      throw error;
    }
  };

  const readBinaryFile = (/** @type {Where} */ where) =>
    at(where, async (...found) => {
      const stream = await streamed(...found);
      return stream && new Uint8Array(await new Response(stream).arrayBuffer());
    });

  const write = (/** @type {Where & { content: any }} */ { content, ...where }) =>
    at(where, (path, options, { files }) =>
      files.write(path, content, { ...options, timeoutMs: SILENCE_MS }),
    );

  return {
    description:
      description ??
      `A Linux sandbox. Commands and relative paths start at ${workingDirectory ?? "the directory that pwd tells"}.`,
    readFile: (/** @type {Where} */ where) => at(where, streamed),
    readBinaryFile,
    async readTextFile(/** @type {any} */ { encoding = "utf-8", startLine, endLine, ...where }) {
      const decoder = new TextDecoder(encoding);
      const bytes = await readBinaryFile(where);
      return bytes && lines(decoder.decode(bytes), startLine, endLine);
    },
    writeFile: write,
    writeBinaryFile: write,
    writeTextFile: async (/** @type {any} */ { encoding, content, ...where }) =>
      write({ ...where, content: encoded(content, encoding) }),
    stat: (/** @type {Where} */ where) =>
      at(where, async (path, options, { files, commands }) => {
        let entry = await orNull(files.stat(path, options));
        if (entry?.type === "symlink") {
          const { exitCode, stdout } = await commands.run("readlink", { args: ["-f", path], ...options });
          entry = exitCode === 0 ? await orNull(files.stat(stdout.slice(0, -1), options)) : null;
        }
        return entry && { type: entry.type, size: entry.size };
      }),
    listDirectory: (/** @type {Where} */ where) =>
      at(where, async (path, options, { files }) => {
        const entries = await orNull(files.list(path, options));
        return entries?.map((/** @type {any} */ { name, type }) => ({ name, type })) ?? null;
      }),
    deleteFile: (/** @type {Where} */ where) =>
      at(where, async (path, options, { files }) => {
        const entry = await orNull(files.stat(path, options));
        if (entry?.type === "directory") throw new Error(`${path} is a directory, and no file`);
        // It may be gone by now.
        return entry !== null && (await orNull(files.remove(path, options))) !== null;
      }),
    run: (/** @type {any} */ { command, workingDirectory, env, abortSignal: signal }) =>
      place.use(
        async (sandbox) =>
          run(sandbox, command, { cwd: await place.cwd(sandbox, workingDirectory, signal), env, signal }),
        signal,
      ),
    spawn: (/** @type {any} */ options) => spawned(place, options),
  };
}

/**
 * The lines of a text from one to another, both included and counted from 1.
 *
 * @param {string} text
 * @param {number} [first]
 * @param {number} [last]
 */
function lines(text, first = 1, last) {
  if (first === 1 && last === undefined) return text;
  const end = ["\r\n", "\n", "\r"].find((end) => text.includes(end)) ?? "\n";
  return text
    .split(end)
    .slice(Math.max(first, 1) - 1, last)
    .join(end);
}

/** @param {string} text @param {string} [encoding] */
function encoded(text, encoding = "utf-8") {
  if (/^utf-?8$/i.test(encoding)) return text;
  // The web's encoders have no other, Node.js has some.
  const { Buffer } = /** @type {any} */ (globalThis);
  if (!Buffer?.isEncoding(encoding)) throw new TypeError(`text cannot be written as ${encoding} here`);
  return Buffer.from(text, encoding);
}
