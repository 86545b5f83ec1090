// A sandbox as the session of a `SandboxAgent`.
import { cloneManifest, Manifest } from "@openai/agents/sandbox";

import { imageType } from "../../tools/bytes.js";
import { placesOf } from "../../tools/paths.js";
import { providerOf } from "../../tools/provider.js";
import { SessionCommands } from "./commands.js";
import { sandboxEditor } from "./editor.js";
import { materialize, unsupported } from "./entries.js";

/** @import { Sandbox } from "#types" */
/** @import { SandboxProvider } from "#tool-types" */

/** Where a session works unless it is told; not where the framework says, which is the root user's. */
export const ROOT = "/home/user/workspace";

const IMAGE_BYTES = 10_485_760;
const ARCHIVE_MS = 300_000;
/**
 * @typedef {object} State
 * @property {Manifest} manifest
 * @property {Record<string, string>} environment
 * @property {string} [sandboxId]
 */

export class SuperserveSandboxSession {
  #provider;
  #places;
  #signal;
  #end;
  #commands;

  /**
   * @param {Sandbox | SandboxProvider} sandbox
   * @param {{ state: State, signal?: AbortSignal, end?: () => Promise<void> }} settings
   */
  constructor(sandbox, { state, signal, end }) {
    this.state = state;
    this.#provider = providerOf(sandbox);
    this.#places = placesOf(state.manifest.root);
    this.#signal = signal;
    this.#end = end;
    this.#commands = new SessionCommands(this.#provider, this.#places, signal);
  }

  /** @template Value @param {(sandbox: Sandbox) => Promise<Value>} work */
  #use(work) {
    return this.#provider.use(work, { signal: this.#signal });
  }

  /** @template Value @param {string} path @param {(sandbox: Sandbox, path: string) => Promise<Value>} work */
  #at(path, work) {
    return this.#use(async (sandbox) => {
      const { path: found } = await this.#places.find(sandbox, this.#signal, path);
      return work(sandbox, found);
    });
  }

  running() {
    return this.#use((sandbox) => sandbox.getInfo({ signal: this.#signal })).then(
      ({ status }) => status === "active",
      () => false,
    );
  }

  supportsPty() {
    return true;
  }

  /** @param {any} args */
  execCommand(args) {
    return this.#commands.run(args, this.state.environment);
  }

  /** @param {any} args */
  writeStdin(args) {
    return this.#commands.write(args);
  }

  /** @param {string} [runAs] */
  createEditor(runAs) {
    this.#refuse(runAs);
    return sandboxEditor(this.#provider, { root: this.state.manifest.root, signal: this.#signal });
  }

  /** Files are those of the user that all else runs as. @param {string} [runAs] */
  #refuse(runAs) {
    if (runAs) throw unsupported("Files cannot be used as another user: leave out runAs.");
  }

  /** @param {{ path: string, runAs?: string }} args */
  async viewImage({ path, runAs }) {
    this.#refuse(runAs);
    const data = await this.readFile({ path, maxBytes: IMAGE_BYTES + 1 });
    // The framework knows these words.
    if (data.length > IMAGE_BYTES) throw new Error(`Image file exceeds the 10 MB limit: ${path}`);
    const mediaType = imageType(data);
    if (!mediaType) throw new Error(`Unsupported image format for view_image: ${path}`);
    return { type: /** @type {const} */ ("image"), image: { data, mediaType } };
  }

  /** @param {{ path: string, runAs?: string, maxBytes?: number }} args */
  async readFile({ path, runAs, maxBytes: length }) {
    this.#refuse(runAs);
    try {
      return await this.#at(path, (sandbox, found) =>
        sandbox.files.read(found, { length, signal: this.#signal }),
      );
    } catch (/** @type {any} */ error) {
      // The framework knows it by its words and its code.
      if (error?.name !== "NotFoundError") throw error;
      throw Object.assign(new Error(`${path} was not found`), { code: "ENOENT" });
    }
  }

  /** @param {{ path: string, runAs?: string }} args */
  async listDir({ path, runAs }) {
    this.#refuse(runAs);
    const entries = await this.#at(path, (sandbox, found) =>
      sandbox.files.list(found, { signal: this.#signal }),
    );
    const types = /** @type {const} */ ({ file: "file", directory: "dir" });
    return entries.map(({ name, type }) => ({
      name,
      path: `${path.replace(/\/+$/, "")}/${name}`,
      type: types[/** @type {keyof typeof types} */ (type)] ?? /** @type {const} */ ("other"),
    }));
  }

  /** @param {string} path @param {string} [runAs] */
  async pathExists(path, runAs) {
    this.#refuse(runAs);
    return this.#at(path, (sandbox, found) => sandbox.files.exists(found, { signal: this.#signal }));
  }

  /** @param {string} path @param {string} [runAs] */
  async directoryExists(path, runAs) {
    this.#refuse(runAs);
    const signal = this.#signal;
    return this.#at(
      path,
      async ({ files }, found) =>
        (await files.exists(found, { signal })) && (await files.stat(found, { signal })).type === "directory",
    );
  }

  /** @param {{ path: string, entry: any, runAs?: string }} args */
  async materializeEntry({ path, entry, runAs }) {
    const manifest = cloneManifest(this.state.manifest);
    await this.applyManifest(new Manifest({ root: manifest.root, entries: { [path]: entry } }), runAs);
    manifest.entries[path] = entry;
    this.state.manifest = manifest;
  }

  /** @param {Manifest} manifest @param {string} [runAs] */
  async applyManifest(manifest, runAs) {
    this.#refuse(runAs);
    if (manifest.users.length + manifest.groups.length > 0) {
      throw unsupported("Users and groups of a manifest are not supported.");
    }
    const grants = [...this.state.manifest.extraPathGrants, ...manifest.extraPathGrants];
    for (const [path, entry] of Object.entries(manifest.entries)) {
      await this.#at(path, (sandbox, found) =>
        materialize(sandbox, found, entry, { grants, signal: this.#signal }),
      );
    }
  }

  /** The workspace as a tar archive. */
  async persistWorkspace() {
    const signal = this.#signal;
    const tar = await this.#at(".", (sandbox, root) =>
      sandbox.files.downloadDir(root, { format: "tar", signal }),
    );
    return new Uint8Array(await new Response(/** @type {any} */ (tar)).arrayBuffer());
  }

  /** @param {string | ArrayBuffer | Uint8Array} data */
  async hydrateWorkspace(data) {
    const signal = this.#signal;
    await this.#at(".", async (sandbox, root) => {
      const path = `/tmp/superserve-workspace-${crypto.randomUUID()}.tar`;
      try {
        await sandbox.files.write(path, data, { signal });
        const { exitCode } = await sandbox.commands.run("tar", {
          args: ["-xf", path, "-C", root],
          timeoutMs: ARCHIVE_MS,
          signal,
        });
        if (exitCode !== 0) throw new Error("The workspace's archive could not be unpacked.");
      } finally {
        await sandbox.files.remove(path).catch(() => {});
      }
    });
  }

  /** @param {number} port */
  async resolveExposedPort(port) {
    const signal = this.#signal;
    return this.#use(async (sandbox) => {
      const { access } = await sandbox.publishPreviewPort(port, { signal });
      const url = new URL(
        access === "private"
          ? await sandbox.getSignedPreviewUrl(port, { signal })
          : sandbox.getPreviewUrl(port),
      );
      const tls = url.protocol === "https:";
      return {
        host: url.hostname,
        port: Number(url.port) || (tls ? 443 : 80),
        tls,
        query: url.search.slice(1),
        url: url.href,
      };
    });
  }

  async close() {
    await this.#commands.stopAll().catch(() => {});
    await this.#end?.();
  }
}

/**
 * @param {Sandbox | SandboxProvider} sandbox
 * @param {{ root?: string, environment?: Record<string, string>, signal?: AbortSignal }} [options]
 */
export async function sandboxSession(sandbox, { root = ROOT, environment, signal } = {}) {
  const manifest = new Manifest({ root, environment });
  return new SuperserveSandboxSession(sandbox, {
    state: { manifest, environment: await manifest.resolveEnvironment() },
    signal,
  });
}
