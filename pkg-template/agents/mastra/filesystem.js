// The files of a sandbox as Mastra's workspaces have them.
import {
  DirectoryNotEmptyError,
  DirectoryNotFoundError,
  FileExistsError,
  FileNotFoundError,
  IsDirectoryError,
  MastraFilesystem,
  NotDirectoryError,
  PermissionError,
  StaleFileError,
  WorkspaceReadOnlyError,
} from "@mastra/core/workspace";

import { grep } from "./grep.js";
import { directory, normal, providerOf } from "./provider.js";

/** @import { FileEntry, Sandbox } from "#types" */
/** @import { SandboxProvider } from "#tool-types" */

/** @typedef {Sandbox["files"]} Files */
/** @typedef {{ missing?: (path: string) => Error, to?: string }} Naming */

const NAME = "SuperserveFilesystem";

/** How deep a directory is listed with all that is below. */
const DEEP = 100;

/** What a model is shown as it is, and what is no text. @type {Record<string, string>} */
const TYPES = {
  gif: "image/gif",
  gz: "application/gzip",
  jpeg: "image/jpeg",
  jpg: "image/jpeg",
  mp3: "audio/mpeg",
  mp4: "video/mp4",
  pdf: "application/pdf",
  png: "image/png",
  tar: "application/x-tar",
  wasm: "application/wasm",
  webp: "image/webp",
  zip: "application/zip",
};

/** Mastra's errors, by the codes of ours. @type {Record<string, new (path: string) => Error>} */
const ERRORS = {
  already_exists: FileExistsError,
  is_directory: IsDirectoryError,
  not_directory: NotDirectoryError,
  not_empty: DirectoryNotEmptyError,
};

/** @param {string} path */
const noFile = (path) => new FileNotFoundError(path);
/** @param {string} path */
const noDirectory = (path) => new DirectoryNotFoundError(path);

/** @param {string} path */
const above = (path) => path.slice(0, path.lastIndexOf("/")) || "/";

/** @param {any} error */
const isMissing = (error) => error?.name === "NotFoundError";

/** @param {string} name */
const extensionOf = (name) => /[^/]\.([^./]+)$/.exec(name)?.[1].toLowerCase() ?? "";

/** @param {FileEntry} entry @param {string} from */
function listed({ path, type, size, target }, from) {
  const isLink = type === "symlink";
  return {
    name: path.slice(from === "/" ? 1 : from.length + 1),
    type: type === "directory" ? type : "file",
    size: type === "file" ? size : undefined,
    ...(isLink && { isSymlink: true, symlinkTarget: target }),
  };
}

export class SuperserveFilesystem extends MastraFilesystem {
  name = NAME;
  provider = "superserve";
  status = "pending";
  #sandbox;
  #contained;

  /** @param {any} options */
  constructor({ sandbox, id, basePath, contained = true, readOnly = false, ...options }) {
    const provider = providerOf(sandbox, NAME);
    super({ ...options, name: NAME });
    this.id = id ?? `superserve-files-${sandbox.id ?? crypto.randomUUID()}`;
    this.basePath = directory(basePath ?? "", `${NAME}: basePath`);
    this.readOnly = readOnly;
    this.#sandbox = provider;
    this.#contained = contained;
  }

  async init() {
    await this.#sandbox.use(({ files }) => files.mkdir(this.basePath, { recursive: true }));
  }

  /** @param {string} path */
  #find(path) {
    const { basePath } = this;
    const found = normal(path.startsWith("/") ? path : `${basePath}/${path}`);
    const isIn = basePath === "/" || found === basePath || found.startsWith(`${basePath}/`);
    if (this.#contained && !isIn) throw new PermissionError(path, "access");
    return found;
  }

  /**
   * What `work` comes to; what fails in the sandbox, as an error of Mastra's.
   *
   * @template Value
   * @param {string} path
   * @param {(files: Files, found: string, sandbox: Sandbox) => Promise<Value>} work
   * @param {Naming} [naming]
   */
  async #look(path, work, { missing = noFile, to = path } = {}) {
    await this.ensureReady();
    const found = this.#find(path);
    try {
      return await this.#sandbox.use((sandbox) => work(sandbox.files, found, sandbox));
    } catch (/** @type {any} */ error) {
      if (isMissing(error)) throw missing(path);
      if (error?.code === "permission_denied") throw new PermissionError(path, "access");
      const Known = ERRORS[error?.code];
      throw Known ? new Known(to) : error;
    }
  }

  /**
   * @template Value
   * @param {string} operation
   * @param {string} path
   * @param {(files: Files, found: string) => Promise<Value>} work
   * @param {Naming} [naming]
   */
  async #change(operation, path, work, naming) {
    if (this.readOnly) throw new WorkspaceReadOnlyError(operation);
    return this.#look(path, work, naming);
  }

  /** @param {string} path @param {{ encoding?: BufferEncoding }} [options] */
  async readFile(path, { encoding } = {}) {
    return this.#look(path, async (files, found) => {
      const { buffer, byteOffset, byteLength } = await files.read(found).catch(notFile(files, found, path));
      const bytes = Buffer.from(buffer, byteOffset, byteLength);
      return encoding ? bytes.toString(encoding) : bytes;
    });
  }

  /**
   * @param {string} path
   * @param {string | Uint8Array} content
   * @param {{ recursive?: boolean, overwrite?: boolean, expectedMtime?: Date }} [options]
   */
  async writeFile(path, content, { recursive = true, overwrite = true, expectedMtime } = {}) {
    return this.#change("writeFile", path, async (files, found) => {
      if (!recursive && !(await files.exists(above(found)))) throw noDirectory(above(path));
      if (expectedMtime) {
        const there = await this.stat(path).catch((error) => {
          if (!(error instanceof FileNotFoundError)) throw error;
        });
        if (there && there.modifiedAt.getTime() !== expectedMtime.getTime())
          throw new StaleFileError(path, expectedMtime, there.modifiedAt);
      }
      const how = overwrite ? {} : { createNew: true };
      await files.write(found, content, how).catch(notFile(files, found, path));
    });
  }

  /** @param {string} path @param {string | Uint8Array} content */
  async appendFile(path, content) {
    return this.#change("appendFile", path, (files, found) =>
      files.write(found, content, { append: true }).catch(notFile(files, found, path)),
    );
  }

  /** @param {string} path @param {{ force?: boolean }} [options] */
  async deleteFile(path, { force = false } = {}) {
    return this.#change("deleteFile", path, async (files, found) => {
      try {
        if ((await files.stat(found)).type === "directory") throw new IsDirectoryError(path);
        await files.remove(found);
      } catch (error) {
        if (!force || !isMissing(error)) throw error;
      }
    });
  }

  /** @param {string} from @param {string} to @param {{ overwrite?: boolean, recursive?: boolean }} [options] */
  async copyFile(from, to, { overwrite = true, recursive = false } = {}) {
    const copy = (/** @type {Files} */ files, /** @type {string} */ found, /** @type {string} */ target) =>
      files.copy(found, target, { overwrite, recursive });
    await this.#bring("copyFile", from, to, copy);
  }

  /** @param {string} from @param {string} to @param {{ overwrite?: boolean }} [options] */
  async moveFile(from, to, { overwrite = true } = {}) {
    const move = (/** @type {Files} */ files, /** @type {string} */ found, /** @type {string} */ target) =>
      files.rename(found, target, { overwrite });
    await this.#bring("moveFile", from, to, move);
  }

  /**
   * @param {string} operation
   * @param {string} from
   * @param {string} to
   * @param {(files: Files, found: string, target: string) => Promise<void>} bring
   */
  async #bring(operation, from, to, bring) {
    const target = this.#find(to);
    const work = async (/** @type {Files} */ files, /** @type {string} */ found) => {
      await files.mkdir(above(target), { recursive: true });
      await bring(files, found, target).catch((error) => {
        throw error?.code === "is_directory" ? new IsDirectoryError(from) : error;
      });
    };
    await this.#change(operation, from, work, { to });
  }

  /** @param {string} path @param {{ recursive?: boolean }} [options] */
  async mkdir(path, { recursive = true } = {}) {
    const make = (/** @type {Files} */ files, /** @type {string} */ found) =>
      files.mkdir(found, { recursive }).catch(async (error) => {
        const isThere = error?.code === "already_exists" && (await files.stat(found)).type === "directory";
        if (!isThere) throw error;
      });
    await this.#change("mkdir", path, make, { missing: (missing) => noDirectory(above(missing)) });
  }

  /** @param {string} path @param {{ recursive?: boolean, force?: boolean }} [options] */
  async rmdir(path, { recursive = false, force = false } = {}) {
    const remove = async (/** @type {Files} */ files, /** @type {string} */ found) => {
      try {
        const { type } = await files.stat(found);
        if (type !== "directory" && (await this.stat(path)).type !== "directory")
          throw new NotDirectoryError(path);
        await files.remove(found, { recursive });
      } catch (error) {
        if (!force || !isMissing(error)) throw error;
      }
    };
    await this.#change("rmdir", path, remove, { missing: noDirectory });
  }

  /**
   * @param {string} path
   * @param {{ recursive?: boolean, maxDepth?: number, extension?: string | string[] }} [options]
   */
  async readdir(path, { recursive = false, maxDepth = DEEP, extension } = {}) {
    const entries = await this.#list(path, { depth: recursive ? maxDepth + 1 : 1 });
    if (extension === undefined) return entries;
    const wanted = [extension].flat().map((one) => one.replace(/^\./, "").toLowerCase());
    return entries.filter(({ type, name }) => type === "directory" || wanted.includes(extensionOf(name)));
  }

  /** @param {string} path @param {{ maxDepth?: number, includeHidden?: boolean }} [options] */
  async walk(path, { maxDepth = DEEP, includeHidden = false } = {}) {
    const entries = await this.#list(path, { depth: maxDepth, hidden: includeHidden });
    return entries.map((entry) => ({ ...entry, name: entry.name.replace(/^.*\//s, ""), path: entry.name }));
  }

  /** @param {string} path @param {{ depth: number, hidden?: boolean }} how */
  async #list(path, how) {
    return this.#look(
      path,
      async (files, found) => (await files.list(found, how)).map((entry) => listed(entry, found)),
      { missing: noDirectory },
    );
  }

  /** @param {any} options */
  async grep(options) {
    return this.#look(options.path, (files, found) => grep(files, found, options));
  }

  /** @param {string} path */
  async exists(path) {
    return this.#look(path, (files, found) => files.exists(found));
  }

  /** @param {string} path */
  async stat(path) {
    return this.#look(path, async (files, found, { commands }) => {
      let entry = await files.stat(found);
      if (entry.type === "symlink") {
        const { exitCode, stdout } = await commands.run("readlink", { args: ["-f", "--", found] });
        if (exitCode !== 0) throw noFile(path);
        entry = await files.stat(stdout.replace(/\n$/, ""));
      }
      const isDirectory = entry.type === "directory";
      return {
        name: found.slice(found.lastIndexOf("/") + 1),
        path: found,
        type: isDirectory ? "directory" : "file",
        size: isDirectory ? 0 : entry.size,
        // When it was made is not kept.
        createdAt: entry.modifiedAt,
        modifiedAt: entry.modifiedAt,
        mimeType: isDirectory ? undefined : TYPES[extensionOf(found)],
      };
    });
  }

  /** @param {string} path */
  resolveAbsolutePath(path) {
    try {
      return this.#find(path);
    } catch {
      return undefined;
    }
  }

  getInfo() {
    const { id, name, provider, readOnly, status, error, basePath } = this;
    return { id, name, provider, readOnly, status, error, metadata: { basePath, contained: this.#contained } };
  }

  getInstructions() {
    const { basePath } = this;
    const end = this.#contained ? " Paths outside of it are refused." : "";
    return `Files of a sandbox, which its commands see too. Relative paths start at ${basePath}.${end}`;
  }
}

/**
 * What is to be read or written and is a directory is told of as that.
 *
 * @param {Files} files
 * @param {string} found
 * @param {string} path
 */
const notFile = (files, found, path) => async (/** @type {any} */ error) => {
  const isDirectory = error?.name === "ValidationError" && (await files.stat(found)).type !== "file";
  throw isDirectory ? new IsDirectoryError(path) : error;
};
