// The file system of the machine that the program runs on, in Node.js, Deno and Bun.
//
// Its functions are asked of the runtime, not imported: no bundler looks for them, and no page's bundle fails for them.
import { DIRECTORY, FILE, LINK, NO_MODE, SYMLINK } from "../module.js";
import { below, bytesOf, isText, joined, RULES, textOf } from "../names.js";

/** @import { Stats } from "node:fs" */
/** @import { Core, Entry } from "../module.js" */
/** @import { Item } from "./archive.js" */
/** @import { Means } from "./folders.js" */
/** @import { Choice } from "./sources.js" */

/** @typedef {typeof import("node:fs")} Fs */

/**
 * The functions, or an error of an argument that is a path here.
 *
 * @param {string} what
 * @param {Means} means
 * @returns {Fs}
 */
function fsOf(what, { refusal }) {
  const fs = globalThis.process?.getBuiltinModule?.("node:fs");
  if (fs) return fs;
  throw refusal(what, "be no path here: that takes Node.js 20.16, Deno or Bun");
}

const isWindows = () => globalThis.process?.platform === "win32";

/**
 * A path on this machine, as its functions take it: bytes where it is no text.
 *
 * @param {string} root
 * @param {string} path
 */
function placed(root, path) {
  const whole = path ? `${root}/${path}` : root;
  return isText(whole) || isWindows() ? whole : globalThis.Buffer.from(bytesOf(whole));
}

/** The directory's path without a `/` at its end, unless that is all of it. @param {string} path */
const rootOf = (path) => path.replace(/(?<=.)\/+$/, "");

/** Files up to this are read and written at once, without a wait: asking for it takes longer than doing it. */
const MAX_AT_ONCE = 65_536;

/** So many entries of directories are looked at without a wait. */
const AT_A_TIME = 500;

/** Larger files go in pieces of this. */
const PIECE = 1_048_576;

/**
 * What is in a directory of this machine, but for sockets, pipes and devices.
 *
 * @param {Core} core
 * @param {string} directory
 * @param {Choice} choice
 * @param {Means} means
 */
export async function localItems(core, directory, { gitignore }, means) {
  const disk = fsOf("source", means);
  const fs = disk.promises;
  const root = rootOf(directory);
  const isFolder = await fs.stat(root).then(
    (found) => found.isDirectory(),
    (error) => {
      throw means.caused(means.refusal("source", "be a folder of this machine"), error);
    },
  );
  if (!isFolder) throw means.refusal("source", "be a folder of this machine");
  /** @type {Item[]} */
  const items = [];
  let looked = 0;
  const walk = async (/** @type {string} */ path) => {
    const found = await unlessGone(fs.readdir(placed(root, path), { encoding: "buffer" }));
    // Not every runtime gives bytes.
    const names = (found ?? []).map((name) => (typeof name === "string" ? name : textOf(name)));
    if (gitignore && names.includes(RULES)) {
      const text = await fs.readFile(placed(root, below(path, RULES))).catch(() => undefined);
      if (text) core.rules(true, path, text);
    }
    for (const name of names.sort()) {
      // Others get their turn.
      if (++looked % AT_A_TIME === 0) await new Promise((resolve) => setTimeout(resolve));
      // The next request says why.
      if (means.isOver()) return;
      const at = below(path, name);
      const stats = disk.lstatSync(placed(root, at), { throwIfNoEntry: false });
      // What is gone by now is as if it had never been.
      if (!stats || core.ignores(at, stats.isDirectory())) continue;
      const item = await itemOf(disk, root, at, stats);
      if (!item) continue;
      items.push(item);
      if (item.kind === DIRECTORY) await walk(at);
    }
  };
  await walk("");
  return items;
}

/**
 * @param {Fs} fs
 * @param {string} root
 * @param {string} path
 * @param {Stats} stats
 * @returns {Promise<Item | undefined>}
 */
async function itemOf(fs, root, path, stats) {
  const mode = isWindows() ? NO_MODE : stats.mode & 0o7777;
  const item = { path, target: "", size: 0, mode, modifiedMs: stats.mtimeMs };
  if (stats.isDirectory()) return { ...item, kind: DIRECTORY };
  if (stats.isSymbolicLink()) {
    const target = await unlessGone(fs.promises.readlink(placed(root, path), { encoding: "buffer" }));
    if (target === undefined) return undefined;
    return { ...item, kind: SYMLINK, target: typeof target === "string" ? target : textOf(target) };
  }
  if (!stats.isFile()) return undefined;
  return { ...item, kind: FILE, size: stats.size, open: () => contentOf(fs, root, path, stats.size) };
}

/**
 * A file's bytes; undefined where it is gone, or no file any more.
 *
 * @param {Fs} fs
 * @param {string} root
 * @param {string} path
 * @param {number} size
 */
async function contentOf(fs, root, path, size) {
  const at = placed(root, path);
  if (size <= MAX_AT_ONCE) {
    const bytes = await unlessGone((async () => fs.readFileSync(at))());
    return bytes && { size: bytes.length, pieces: [bytes] };
  }
  const file = await unlessGone(fs.promises.open(at));
  if (!file) return undefined;
  const found = await file.stat();
  return { size: found.size, pieces: piecesOf(file) };
}

/** @param {import("node:fs/promises").FileHandle} file */
async function* piecesOf(file) {
  try {
    for (;;) {
      const { bytesRead, buffer } = await file.read(new Uint8Array(PIECE));
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/**
 * What a promise comes to; undefined where nothing is there.
 *
 * @template T
 * @param {Promise<T>} promise
 * @returns {Promise<T | undefined>}
 */
const unlessGone = (promise) =>
  promise.catch((error) => {
    if (error?.code === "ENOENT" || error?.code === "ENOTDIR") return undefined;
    throw error;
  });

/** A folder of this machine that an archive is unpacked into, and nothing outside of it. */
export class Unpacked {
  #disk;
  #fs;
  #root;
  #core;
  #means;
  /** Directories that are no links, as has been seen. @type {Set<string>} */
  #made = new Set();
  /** Files that have been written. @type {Set<string>} */
  #files = new Set();
  /** What directories are to be like at the end: before, their permissions might be in the way. @type {[string, Entry][]} */
  #directories = [];

  /**
   * @param {Core} core
   * @param {string} root
   * @param {Means} means
   */
  constructor(core, root, means) {
    this.#disk = fsOf("the folder", means);
    this.#fs = this.#disk.promises;
    this.#root = rootOf(root);
    this.#core = core;
    this.#means = means;
  }

  /** Makes the folder itself, which may be behind links. */
  async begin() {
    await this.#fs.mkdir(this.#root, { recursive: true });
    this.#made.add("");
  }

  /**
   * Takes an entry. Answers with whether it was one for this machine: no device, and no link that leads elsewhere.
   *
   * @param {Entry} entry
   * @param {() => AsyncIterable<Uint8Array>} pieces
   */
  async take(entry, pieces) {
    const { kind, target } = entry;
    const place = this.#core.placeOf(entry.path, isWindows());
    if (place === undefined) throw this.#means.outside(entry.path);
    if (kind === DIRECTORY) {
      await this.#directory(place);
      // The folder itself is as its owner has it.
      if (place) this.#directories.push([place, entry]);
      return true;
    }
    if (place === "") throw this.#means.outside(entry.path);
    await this.#directory(place.slice(0, Math.max(place.lastIndexOf("/"), 0)));
    if (kind === FILE) {
      if (entry.size > MAX_AT_ONCE) await this.#put(place, (at) => this.#write(at, entry, pieces()));
      else {
        const bytes = await joined(pieces());
        await this.#put(place, (at) => this.#writeAtOnce(at, entry, bytes));
      }
      this.#files.add(place);
      return true;
    }
    if (kind === LINK) {
      const first = this.#core.placeOf(target, isWindows());
      if (first === undefined || !this.#files.has(first)) throw this.#means.outside(target);
      await this.#put(place, (at) => this.#fs.copyFile(placed(this.#root, first), at));
      this.#files.add(place);
      return true;
    }
    if (kind !== SYMLINK || !this.#core.holds(place, target, isWindows())) return false;
    const to = isText(target) ? target : globalThis.Buffer.from(bytesOf(target));
    await this.#put(place, async (at) => {
      await this.#fs.symlink(to, at);
      await this.#fs.lutimes(at, entry.modifiedMs / 1000, entry.modifiedMs / 1000);
    });
    return true;
  }

  /** Makes directories what they are to be, those below before those above. */
  async end() {
    for (const [place, { mode, modifiedMs }] of this.#directories.reverse()) {
      const at = placed(this.#root, place);
      await this.#fs.chmod(at, mode & 0o777);
      await this.#fs.utimes(at, modifiedMs / 1000, modifiedMs / 1000);
    }
  }

  /**
   * Sees to it that there is a directory, and those above it, of which none is a link: what a link leads to may be anywhere.
   *
   * @param {string} place
   */
  async #directory(place) {
    if (this.#made.has(place)) return;
    await this.#directory(place.slice(0, Math.max(place.lastIndexOf("/"), 0)));
    const at = placed(this.#root, place);
    await this.#fs.mkdir(at).catch(async (error) => {
      const found = error?.code === "EEXIST" ? await this.#fs.lstat(at) : undefined;
      if (!found?.isDirectory()) throw found ? this.#means.inTheWay(place) : error;
    });
    this.#made.add(place);
  }

  /**
   * Puts something into its place at once, when it is whole: in place of a file or a link, but of no directory.
   *
   * @param {string} place
   * @param {(at: string | Buffer) => Promise<void> | void} make
   */
  async #put(place, make) {
    const directory = place.slice(0, place.lastIndexOf("/") + 1);
    const made = placed(this.#root, `${directory}${this.#means.hidden()}`);
    try {
      await make(made);
      try {
        this.#disk.renameSync(made, placed(this.#root, place));
      } catch (error) {
        const found = await this.#fs.lstat(placed(this.#root, place)).catch(() => undefined);
        throw found?.isDirectory() ? this.#means.inTheWay(place) : error;
      }
      this.#made.delete(place);
    } catch (error) {
      await this.#fs.rm(made, { force: true });
      throw error;
    }
  }

  /**
   * @param {string | Buffer} at
   * @param {Entry} entry
   * @param {Uint8Array} bytes
   */
  #writeAtOnce(at, { mode, modifiedMs }, bytes) {
    const disk = this.#disk;
    const file = disk.openSync(at, "wx", 0o600);
    try {
      for (let done = 0; done < bytes.length; ) done += disk.writeSync(file, bytes, done);
      disk.fchmodSync(file, mode & 0o777);
      disk.futimesSync(file, modifiedMs / 1000, modifiedMs / 1000);
    } finally {
      disk.closeSync(file);
    }
  }

  /**
   * @param {string | Buffer} at
   * @param {Entry} entry
   * @param {AsyncIterable<Uint8Array>} pieces
   */
  async #write(at, { mode, modifiedMs }, pieces) {
    const file = await this.#fs.open(at, "wx", 0o600);
    try {
      for await (const piece of pieces) await file.writeFile(piece);
      await file.chmod(mode & 0o777);
      await file.utimes(modifiedMs / 1000, modifiedMs / 1000);
    } finally {
      await file.close();
    }
  }
}
