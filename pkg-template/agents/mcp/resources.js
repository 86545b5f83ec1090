// The files of a sandbox as resources: `sandbox://` and a path.
import { base64, imageType } from "../../tools/bytes.js";
import { explained, Refusal } from "../../tools/failure.js";
import { placesOf } from "../../tools/paths.js";
import { failure, INVALID_PARAMS, NO_RESOURCE } from "./failure.js";

/** @import { Sandbox } from "#types" */
/** @import { SandboxProvider } from "#tool-types" */

/** No `file:`, which a client might open on its own machine. */
const SCHEME = "sandbox://";

/** What is listed at once. */
const PAGE = 500;
/** What is proposed at once, as the protocol says. */
const PROPOSED = 100;

export const TEMPLATE = {
  uriTemplate: `${SCHEME}{+path}`,
  name: "file",
  title: "File in the sandbox",
  description: "A file in the sandbox by its path: absolute, or from where commands start.",
};

/** @param {string} path */
const uriOf = (path) => SCHEME + path.split("/").map(encodeURIComponent).join("/");

/** @param {string} uri */
function pathOf(uri) {
  try {
    if (uri.startsWith(SCHEME)) return decodeURIComponent(uri.slice(SCHEME.length));
  } catch {
    // What stands behind a percent sign is no UTF-8.
  }
  throw failure(`The URI of a file is ${SCHEME} and its path`, INVALID_PARAMS);
}

/** @param {Uint8Array} bytes */
function textOf(bytes) {
  try {
    if (!bytes.includes(0)) return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // No text, then.
  }
  return undefined;
}

/** Files of a sandbox, as far as its `root` goes. */
export class Files {
  #provider;
  #places;
  #most;

  /**
   * @param {SandboxProvider & { isStarted?: boolean }} provider
   * @param {string | undefined} root
   * @param {number} most bytes of a file
   */
  constructor(provider, root, most) {
    this.#provider = provider;
    this.#places = placesOf(root);
    this.#most = most;
  }

  /** Clients list what there is as soon as they start: no sandbox is made for that. */
  get #isThere() {
    return this.#provider.isStarted !== false;
  }

  /**
   * Work with the place that a path leads to. What fails is told in words for a model, without secrets.
   *
   * @template Value
   * @param {string | null} given
   * @param {AbortSignal} signal
   * @param {(sandbox: Sandbox, place: Awaited<ReturnType<ReturnType<typeof placesOf>["find"]>>) => Promise<Value>} work
   * @returns {Promise<Value>}
   */
  async #at(given, signal, work) {
    try {
      return await this.#provider.use(
        async (sandbox) => work(sandbox, await this.#places.find(sandbox, signal, given, true)),
        { signal },
      );
    } catch (/** @type {any} */ error) {
      if (signal.aborted) throw signal.reason;
      const code = error?.code === "not_found" ? NO_RESOURCE : undefined;
      throw failure(explained(error), error instanceof Refusal ? INVALID_PARAMS : code);
    }
  }

  /**
   * All files, hidden ones and packages left out.
   *
   * @param {string | undefined} cursor the last URI that was told
   * @param {AbortSignal} signal
   */
  async list(cursor = SCHEME, signal) {
    if (!cursor.startsWith(SCHEME)) throw failure("There is no such cursor", INVALID_PARAMS);
    if (!this.#isThere) return { resources: [] };
    return this.#at(null, signal, async (sandbox, { path: start, shownAs }) => {
      const { entries } = await sandbox.files.find(start, {
        type: "file",
        hidden: false,
        ignore: ["node_modules"],
        signal,
      });
      const left = entries
        // Half a character has no place in a URI.
        .filter(({ path }) => !/\p{Surrogate}/u.test(path))
        .map(({ path, size, modifiedAt }) => ({
          uri: uriOf(shownAs(path)),
          name: path.slice(start.length).replace(/^\//, ""),
          size,
          annotations: { lastModified: modifiedAt.toISOString() },
        }))
        .filter(({ uri }) => uri > cursor)
        .sort((one, other) => (one.uri < other.uri ? -1 : 1));
      const resources = left.slice(0, PAGE);
      return { resources, ...(left.length > PAGE && { nextCursor: resources[PAGE - 1].uri }) };
    });
  }

  /**
   * @param {string} uri
   * @param {AbortSignal} signal
   */
  read(uri, signal) {
    return this.#at(pathOf(uri), signal, async (sandbox, { path, shownAs }) => {
      const most = this.#most;
      const shown = shownAs(path);
      const reading = sandbox.files.read(path, { length: most + 1, signal });
      const bytes = await reading.catch(async (error) => {
        // This says better what is wrong with a path.
        const { type } = await sandbox.files.stat(path, { signal });
        throw type === "directory" ? new Refusal(`${shown} is a directory.`) : error;
      });
      if (bytes.length > most) {
        throw new Refusal(
          `${shown} has more than ${most} bytes, which is too much for a resource: read what is needed of it with a tool.`,
        );
      }
      const image = imageType(bytes);
      const text = image ? undefined : textOf(bytes);
      const content =
        text === undefined
          ? { mimeType: image ?? "application/octet-stream", blob: base64(bytes) }
          : { mimeType: "text/plain", text };
      return { contents: [{ uri, ...content }] };
    });
  }

  /**
   * The paths that begin so.
   *
   * @param {string} beginning
   * @param {AbortSignal} signal
   */
  async complete(beginning, signal) {
    const at = beginning.lastIndexOf("/") + 1;
    const [folder, name] = [beginning.slice(0, at), beginning.slice(at)];
    /** @type {string[]} */
    let paths = [];
    if (this.#isThere) {
      const found = this.#at(folder || null, signal, (sandbox, { path }) =>
        sandbox.files.list(path, { hidden: name.startsWith("."), signal }),
      );
      // Where there is no such directory, there is nothing to propose.
      const entries = await found.catch(() => []);
      paths = entries
        .filter((entry) => entry.name.startsWith(name))
        .map((entry) => folder + entry.name + (entry.type === "directory" ? "/" : ""));
    }
    const values = paths.slice(0, PROPOSED);
    return { completion: { values, total: paths.length, hasMore: values.length < paths.length } };
  }
}
