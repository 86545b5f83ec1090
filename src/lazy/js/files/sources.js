// What a folder can be given as, each as the same list of items.
import { localItems } from "./disk.js";
import { DIRECTORY, FILE, NO_MODE, SYMLINK } from "../module.js";
import { below, bytesOf, joined, RULES } from "../names.js";

/** @import { Core } from "../module.js" */
/** @import { Item } from "./archive.js" */
/** @import { Means } from "./folders.js" */

/** What is left out. @typedef {{ ignore?: string[], gitignore?: boolean }} Choice */

/**
 * What is to be sent of a source, and how many bytes that is, as far as is known.
 *
 * @param {Core} core
 * @param {any} source
 * @param {Choice} choice
 * @param {Means} means
 */
export async function itemsOf(core, source, choice, means) {
  if (choice.ignore) core.rules(false, "", bytesOf(choice.ignore.join("\n")));
  if (typeof source === "string") return localItems(core, source, choice, means);
  /** @type {Item[]} */
  const items = [];
  for await (const item of given(source, means)) {
    // The next request says why.
    if (means.isOver()) break;
    const path = core.placeOf(item.path, false);
    if (path === undefined) throw means.refusal("an entry's path", "be below the folder");
    // The folder itself is there in any case.
    if (path) items.push({ ...item, path });
  }
  if (choice.gitignore) {
    const depth = (/** @type {Item} */ { path }) => path.split("/").length;
    const files = items.filter(({ path, kind }) => kind === FILE && /(^|\/)\.gitignore$/.test(path));
    for (const item of files.sort((one, other) => depth(one) - depth(other))) {
      const { pieces } = (await item.open?.()) ?? { pieces: [] };
      core.rules(true, item.path.slice(0, -RULES.length - 1), await joined(pieces));
    }
  }
  return items.filter(({ path, kind }) => !core.ignores(path, kind === DIRECTORY));
}

/**
 * @param {any} source
 * @param {Means} means
 */
async function* given(source, means) {
  const refused = () =>
    means.refusal(
      "source",
      "be a path, files, a folder that was dropped or picked, or entries that can be iterated",
    );
  if (source?.kind === "directory" && source.values) yield* ofHandle(source, "");
  else if (source?.isDirectory && source.createReader) yield* ofDropped(source, "");
  else if (source?.[Symbol.asyncIterator] || source?.[Symbol.iterator]) {
    for await (const one of source) yield isFile(one) ? ofPicked(one) : ofEntry(one, means);
  } else if (typeof source?.length === "number" && source.item) {
    // A list of files of old.
    for (let at = 0; at < source.length; at++) yield ofPicked(source[at]);
  } else throw refused();
}

/** @type {(value: any) => value is File} */
const isFile = (value) =>
  typeof value?.webkitRelativePath === "string" || Boolean(value?.arrayBuffer && value.name);

/**
 * @param {string} path
 * @param {File} file
 * @returns {Item}
 */
const ofBlob = (path, file) => ({
  kind: FILE,
  path,
  target: "",
  size: file.size,
  mode: NO_MODE,
  modifiedMs: file.lastModified ?? Date.now(),
  open: async () => ({ size: file.size, pieces: piecesOf(file) }),
});

/** A file that was picked with its folder, whose name its path begins with. @param {File} file */
const ofPicked = (file) => ofBlob(file.webkitRelativePath?.replace(/^[^/]*\//, "") || file.name, file);

/**
 * @param {string} path
 * @returns {Item}
 */
const directory = (path) => ({
  kind: DIRECTORY,
  path,
  target: "",
  size: 0,
  mode: NO_MODE,
  modifiedMs: Date.now(),
});

/**
 * What a directory's handle leads to.
 *
 * @param {any} handle
 * @param {string} path
 * @returns {AsyncGenerator<Item>}
 */
async function* ofHandle(handle, path) {
  for await (const inner of handle.values()) {
    const at = below(path, inner.name);
    if (inner.kind === "directory") {
      yield directory(at);
      yield* ofHandle(inner, at);
    } else yield ofBlob(at, await inner.getFile());
  }
}

/**
 * What was dropped, as `webkitGetAsEntry` has it.
 *
 * @param {any} entry
 * @param {string} path
 * @returns {AsyncGenerator<Item>}
 */
async function* ofDropped(entry, path) {
  const reader = entry.createReader();
  for (;;) {
    // Some give a hundred at a time.
    /** @type {any[]} */
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return;
    for (const inner of some) {
      const at = below(path, inner.name);
      if (inner.isDirectory) {
        yield directory(at);
        yield* ofDropped(inner, at);
      } else yield ofBlob(at, await new Promise((resolve, reject) => inner.file(resolve, reject)));
    }
  }
}

const KINDS = { file: FILE, directory: DIRECTORY, symlink: SYMLINK };

/**
 * An entry of a caller's own.
 *
 * @param {any} entry
 * @param {Means} means
 * @returns {Promise<Item>}
 */
async function ofEntry(entry, { refusal }) {
  const { path, content, target, mode = NO_MODE, modifiedAt } = entry ?? {};
  if (typeof path !== "string" || !path) throw refusal("an entry's path", "be a text");
  const type =
    entry.type ?? (target !== undefined ? "symlink" : content === undefined ? "directory" : "file");
  if (!Object.hasOwn(KINDS, type))
    throw refusal(`the type of ${path}`, 'be "file", "directory" or "symlink"');
  if (type === "symlink" && (typeof target !== "string" || !target)) {
    throw refusal(`the target of ${path}`, "be a text");
  }
  if (mode !== NO_MODE && !(Number.isInteger(mode) && mode >= 0 && mode <= 0o7777)) {
    throw refusal(`the mode of ${path}`, "be an integer from 0 to 4095");
  }
  const modifiedMs = modifiedAt === undefined ? Date.now() : +modifiedAt;
  if (!Number.isFinite(modifiedMs)) throw refusal(`modifiedAt of ${path}`, "be a Date");
  const kind = KINDS[/** @type {keyof typeof KINDS} */ (type)];
  const isContent = kind === FILE;
  const bytes = isContent
    ? await contentOf(content ?? "", () => refusal(`the content of ${path}`, "be bytes"))
    : undefined;
  const size = bytes ? bytes.size : 0;
  return {
    kind,
    path,
    target: kind === SYMLINK ? target : "",
    size,
    mode,
    modifiedMs,
    ...(bytes && { open: async () => ({ size, pieces: piecesOf(bytes) }) }),
  };
}

/**
 * A content as a blob: an archive says first how long each is.
 *
 * @param {any} content
 * @param {() => Error} refused
 * @returns {Promise<Blob>}
 */
async function contentOf(content, refused) {
  if (content?.stream && typeof content.size === "number") return content;
  const isPlain = typeof content === "string" || ArrayBuffer.isView(content);
  if (isPlain || Object.prototype.toString.call(content) === "[object ArrayBuffer]") {
    return new Blob([/** @type {BlobPart} */ (content)]);
  }
  const pieces = content?.getReader ? readable(content) : content;
  if (!pieces?.[Symbol.asyncIterator] && !pieces?.[Symbol.iterator]) throw refused();
  /** @type {BlobPart[]} */
  const parts = [];
  for await (const piece of pieces) {
    if (typeof piece !== "string" && !ArrayBuffer.isView(piece)) throw refused();
    parts.push(/** @type {BlobPart} */ (piece));
  }
  return new Blob(parts);
}

/** Blobs up to this are read at once: each reader of a stream costs more than the bytes. */
const MAX_AT_ONCE = 1_048_576;

/** @param {Blob} blob */
async function* piecesOf(blob) {
  if (blob.size <= MAX_AT_ONCE) yield new Uint8Array(await blob.arrayBuffer());
  else yield* readable(blob.stream());
}

/**
 * What a stream gives. Not all of them can be iterated.
 *
 * @param {ReadableStream<Uint8Array>} stream
 */
async function* readable(stream) {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
