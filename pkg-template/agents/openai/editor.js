// The editor of OpenAI's `apply_patch` tool.
import { applyDiff } from "@openai/agents";

import { explained, Refusal } from "../../tools/failure.js";
import { placesOf } from "../../tools/paths.js";
import { providerOf } from "../../tools/provider.js";

/** @import { Sandbox } from "#types" */
/** @import { SandboxProvider } from "#tool-types" */

/**
 * @typedef {{ path: string }} Removal
 * @typedef {{ path: string, diff: string, moveTo?: string }} Change
 * @typedef {{ sandbox: Sandbox, find: (path: string) => Promise<string> }} Place
 */

/**
 * @param {Sandbox | SandboxProvider} sandbox
 * @param {{ root?: string, signal?: AbortSignal }} [options]
 */
export function sandboxEditor(sandbox, { root, signal } = {}) {
  const provider = providerOf(sandbox);
  const places = placesOf(root);
  /** @param {string} path @param {(place: Place) => Promise<string>} work */
  async function edit(path, work) {
    try {
      const output = await provider.use(
        (sandbox) => work({ sandbox, find: async (path) => (await places.find(sandbox, signal, path)).path }),
        { signal },
      );
      return { status: /** @type {const} */ ("completed"), output };
    } catch (/** @type {any} */ error) {
      if (signal?.aborted) throw signal.reason;
      const output =
        error?.name === "NotFoundError" ? `${path} is not there: look for it first.` : explained(error);
      return { status: /** @type {const} */ ("failed"), output };
    }
  }
  return {
    /** @param {Change} operation */
    createFile: ({ path, diff }) =>
      edit(path, async ({ sandbox: { files }, find }) => {
        const content = patched("", diff, "create");
        try {
          await files.write(await find(path), content, { createNew: true, signal });
        } catch (/** @type {any} */ error) {
          if (error?.code !== "already_exists") throw error;
          throw new Refusal(`${path} is there already: update it, or delete it first.`);
        }
        return `Created ${path}.`;
      }),
    /** @param {Change} operation */
    updateFile: ({ path, diff, moveTo }) =>
      edit(path, async ({ sandbox: { files }, find }) => {
        const from = await find(path);
        const to = moveTo ? await find(moveTo) : from;
        const next = patched(decoded(path, await files.read(from, { signal })), diff);
        await files.write(to, next, { signal });
        if (to !== from) await files.remove(from, { signal });
        return to === from ? `Updated ${path}.` : `Updated ${path}, which is now ${moveTo}.`;
      }),
    /** @param {Removal} operation */
    deleteFile: ({ path }) =>
      edit(path, async ({ sandbox: { files }, find }) => {
        await files.remove(await find(path), { signal });
        return `Deleted ${path}.`;
      }),
  };
}

/** @param {string} text @param {string} diff @param {"create"} [mode] */
function patched(text, diff, mode) {
  try {
    return applyDiff(text, diff, mode);
  } catch (/** @type {any} */ error) {
    throw new Refusal(`The diff does not fit: ${error.message}`);
  }
}

/** A file's text, whole: what is no UTF-8 would be lost when it is written again. @param {string} path @param {Uint8Array} bytes */
function decoded(path, bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Refusal(`${path} is no text file: change it by a command.`);
  }
}
