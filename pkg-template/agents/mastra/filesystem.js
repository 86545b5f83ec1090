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
import { normal } from "../../tools/paths.js";
import { providerOf } from "../../tools/provider.js";

/** @import { FileEntry, Sandbox } from "#types" */
/** @import { SandboxProvider } from "#tool-types" */

/** @typedef {Sandbox["files"]} Files */
/** @typedef {{ missing?: (path: string) => Error, to?: string, force?: boolean }} Faults what they are told as */

const NAME = "SuperserveFilesystem";

/** How deep a directory is listed with all that is below. */
const DEEP = 100;

/** What a model is shown as it is, and what is no text. @type {Record<string, string>} */
const TYPES = {
  gif: "image/gif",
  jpeg: "image/jpeg",
  jpg: "image/jpeg",
  png: "image/png",
  webp: "image/webp",
  pdf: "application/pdf",
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

/** @param {FileEntry} entry @param {string} from */
const listed = ({ path, type, size, target }, from) => ({
  name: path.slice(from === "/" ? 1 : from.length + 1),
  type: type === "directory" ? type : "file",
  size: type === "file" ? size : undefined,
  isSymlink: type === "symlink" || undefined,
  symlinkTarget: target,
});

export class SuperserveFilesystem extends MastraFilesystem {
  name = NAME;
  provider = "superserve";
  status = "pending";
  #sandbox;
  #contained;

  /** @param {any} options */
  constructor({ sandbox, id, basePath, contained = true, readOnly = false, ...options }) {
    const provider = providerOf(sandbox);
    if (!basePath?.startsWith("/")) throw new TypeError("basePath must be an absolute path");
    super({ ...options, name: NAME });
    this.id = id ?? sandbox.id ?? crypto.randomUUID();
    this.basePath = normal(basePath);
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
    const isIn = basePath === "/" || `${found}/`.startsWith(`${basePath}/`);
    if (this.#contained && !isIn) throw new PermissionError(path, "access");
    return found;
  }

  /**
   * What `work` comes to; what fails in the sandbox, as an error of Mastra's.
   *
   * @template Value
   * @param {string} path
   * @param {(files: Files, found: string, sandbox: Sandbox) => Promise<Value>} work
   * @param {Faults} [faults]
   * @returns {Promise<any>} nothing, where there is nothing and that is as good
   */
  async #look(path, work, { missing = noFile, to = path, force = false } = {}) {
    await this.ensureReady();
    const found = this.#find(path);
    return this.#sandbox.use(async (sandbox) => {
      try {
        return await work(sandbox.files, found, sandbox);
      } catch (/** @type {any} */ error) {
        const { name, code } = Object(error);
        if (name === "NotFoundError") {
          if (force) return undefined;
          throw missing(path);
        }
        if (code === "permission_denied") throw new PermissionError(path, "access");
        const Known = ERRORS[code];
        if (Known) throw new Known(Known === FileExistsError ? to : path);
        // Where a file is wanted, and is none.
        const isDirectory = name === "ValidationError" && (await sandbox.files.stat(found)).type !== "file";
        throw isDirectory ? new IsDirectoryError(path) : error;
      }
    });
  }

  /**
   * @template Value
   * @param {string} operation
   * @param {string} path
   * @param {(files: Files, found: string) => Promise<Value>} work
   * @param {Faults} [faults]
   */
  async #change(operation, path, work, faults) {
    if (this.readOnly) throw new WorkspaceReadOnlyError(operation);
    return this.#look(path, work, faults);
  }

  /** @param {string} path @param {{ encoding?: BufferEncoding }} [options] */
  async readFile(path, { encoding } = {}) {
    return this.#look(path, async (files, found) => {
      const { buffer, byteOffset, byteLength } = await files.read(found);
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
      await files.write(found, content, how);
    });
  }

  /** @param {string} path @param {string | Uint8Array} content */
  async appendFile(path, content) {
    return this.#change("appendFile", path, (files, found) => files.write(found, content, { append: true }));
  }

  /** @param {string} path @param {{ force?: boolean }} [options] */
  async deleteFile(path, { force } = {}) {
    const remove = async (/** @type {Files} */ files, /** @type {string} */ found) => {
      if ((await files.stat(found)).type === "directory") throw new IsDirectoryError(path);
      await files.remove(found);
    };
    await this.#change("deleteFile", path, remove, { force });
  }

  /** @param {string} from @param {string} to @param {{ overwrite?: boolean, recursive?: boolean }} [options] */
  async copyFile(from, to, { overwrite = true, recursive } = {}) {
    await this.#bring("copy", from, to, { overwrite, recursive });
  }

  /** @param {string} from @param {string} to @param {{ overwrite?: boolean }} [options] */
  async moveFile(from, to, { overwrite = true } = {}) {
    await this.#bring("rename", from, to, { overwrite });
  }

  /** @param {"copy" | "rename"} how @param {string} from @param {string} to @param {object} options */
  async #bring(how, from, to, options) {
    const target = this.#find(to);
    const bring = async (/** @type {Files} */ files, /** @type {string} */ found) => {
      await files.mkdir(above(target), { recursive: true });
      await files[how](found, target, options);
    };
    await this.#change(how, from, bring, { to });
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
  async rmdir(path, { recursive = false, force } = {}) {
    const remove = async (/** @type {Files} */ files, /** @type {string} */ found) => {
      if ((await files.stat(found)).type === "file") throw new NotDirectoryError(path);
      await files.remove(found, { recursive });
    };
    await this.#change("rmdir", path, remove, { missing: noDirectory, force });
  }

  /**
   * @param {string} path
   * @param {{ recursive?: boolean, maxDepth?: number, extension?: string | string[] }} [options]
   */
  async readdir(path, { recursive = false, maxDepth = DEEP, extension } = {}) {
    /** @type {ReturnType<typeof listed>[]} */
    const entries = await this.#list(path, { depth: recursive ? maxDepth + 1 : 1 });
    if (extension === undefined) return entries;
    const ends = [extension].flat().map((end) => `.${end}`.replace("..", "."));
    return entries.filter(({ type, name }) => type === "directory" || ends.some((end) => name.endsWith(end)));
  }

  /** @param {string} path @param {{ maxDepth?: number, includeHidden?: boolean }} [options] */
  async walk(path, { maxDepth = DEEP, includeHidden = false } = {}) {
    /** @type {ReturnType<typeof listed>[]} */
    const entries = await this.#list(path, { depth: maxDepth, hidden: includeHidden });
    return entries.map((entry) => ({ ...entry, name: entry.name.split("/").at(-1), path: entry.name }));
  }

  /** @param {string} path @param {{ depth: number, hidden?: boolean }} how */
  async #list(path, how) {
    const list = async (/** @type {Files} */ files, /** @type {string} */ found) =>
      (await files.list(found, how)).map((entry) => listed(entry, found));
    return this.#look(path, list, { missing: noDirectory });
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
        entry = await files.stat(stdout.slice(0, -1));
      }
      const isDirectory = entry.type === "directory";
      return {
        name: found.split("/").at(-1),
        path: found,
        type: isDirectory ? "directory" : "file",
        size: isDirectory ? 0 : entry.size,
        // When it was made is not kept.
        createdAt: entry.modifiedAt,
        modifiedAt: entry.modifiedAt,
        mimeType: TYPES[found.toLowerCase().split(".").at(-1) ?? ""],
      };
    });
  }

  getInstructions() {
    const { basePath } = this;
    const end = this.#contained ? " Others are refused." : "";
    return `Files of a sandbox. Relative paths start at ${basePath}.${end}`;
  }
}
