// Whole folders: sent, fetched, and made alike.
import { CONFLICT, DISCARD, EXTRACT, LIST_FILES, PACK, POST_FILE, READ_FILE, SANDBOX } from "#constants";
import { archiveOf, entriesOf, gathered, Source } from "./archive.js";
import { Unpacked } from "./disk.js";
import { Core, DIRECTORY, FILE, NO_MODE, SYMLINK } from "../module.js";
import { below, bytesOf, normal } from "../names.js";
import { itemsOf } from "./sources.js";
import { send as sendFile } from "./upload.js";

/** @import { Entry } from "../module.js" */
/** @import { Item } from "./archive.js" */
/** @import { Rest } from "../index.js" */

/** @typedef {ReturnType<typeof meansOf>} Means */

/** Milliseconds that each request may take, unless the caller says otherwise. */
const TIMEOUT_MS = 300_000;

/** Where an archive is put together that is about to be read. */
const SCRATCH = "/tmp";

/**
 * @param {Rest} rest
 * @param {any} options
 */
function meansOf(rest, { signal, timeoutMs = TIMEOUT_MS, onProgress }) {
  /** What a callback's promise rejected with. @type {{ error: unknown } | undefined} */
  let failed;
  let bytes = 0;
  return {
    ...rest,
    /** What every request is made with. */
    options: { signal, timeoutMs },
    isOver: () => Boolean(signal?.aborted),
    /** More bytes of files have gone or come. @type {(count: number, total?: number) => void} */
    progress(count, total) {
      bytes += count;
      if (failed) throw failed.error;
      onProgress?.(bytes, total)?.then?.(undefined, (/** @type {unknown} */ error) => (failed = { error }));
    },
    /** How many that are. */
    bytes: () => bytes,
    /** A name that nothing else has. */
    hidden() {
      return `.superserve-${rest.fresh()}`;
    },
    /** @param {string} message */
    broken: (message) => rest.make(SANDBOX, `the archive ${message}`, 0, "invalid_response"),
    /** @param {string} name */
    outside: (name) =>
      rest.make(SANDBOX, `the archive has an entry that leads elsewhere: ${name}`, 0, "outside_root"),
    /** @param {string} place */
    inTheWay: (place) =>
      rest.make(CONFLICT, `${place}: something else is in its place here`, 409, "already_exists"),
    /** @param {string} path */
    changed: (path) => rest.make(CONFLICT, `${path}: was changed while it was read`, 409, "changed"),
  };
}

/** What is to be without a mode gets the usual one. @type {(item: Item) => Item} */
const withMode = (item) =>
  item.mode === NO_MODE ? { ...item, mode: item.kind === DIRECTORY ? 0o755 : 0o644 } : item;

/**
 * Sends items as one archive, which is unpacked beside the place and moved there, after what is in `remove` has gone.
 *
 * @param {Core} core
 * @param {Item[]} items
 * @param {string} path
 * @param {string[]} remove
 * @param {Means} means
 */
async function send(core, items, path, remove, means) {
  const { run, options } = means;
  const archive = `${normal(path)}/${means.hidden()}`;
  const total = items.reduce((sum, { size }) => sum + size, 0);
  let files = 0;
  const pieces = archiveOf(core, items.map(withMode), {
    sent: (bytes) => means.progress(bytes, total),
    done: ({ kind }) => (files += +(kind === FILE)),
    shrunk: (item) => means.changed(item.path),
  });
  try {
    const parts = await sendFile(means, archive, gathered(pieces), options);
    if (remove.length > 0) {
      const names = remove.map((name) => bytesOf(`./${name}\0`));
      await run(POST_FILE, [`${archive}.gone`, new Blob(names), options]);
    }
    await run(EXTRACT, [path, archive, parts, remove.length > 0, options]);
  } catch (error) {
    // In the background, and without the signal, which may have ended this.
    run(DISCARD, [archive]).catch(() => {});
    throw error;
  }
  return { files, bytes: means.bytes() };
}

/**
 * The archive of a folder as a stream, and what removes it.
 *
 * @param {string} path
 * @param {Means} means
 */
async function fetched(path, { run, options, hidden }) {
  /** @param {string} place */
  const packed = async (place) => {
    const archive = `${place}/${hidden()}`;
    const remove = () => run(DISCARD, [archive]).catch(() => {});
    try {
      await run(PACK, [path, archive, options]);
      /** @type {ReadableStream<Uint8Array<ArrayBuffer>>} */
      const stream = await run(READ_FILE, [archive, { ...options, format: "stream" }]);
      return { stream, remove };
    } catch (error) {
      remove();
      throw error;
    }
  };
  return packed(SCRATCH).catch((error) => {
    // A page may be held to one folder: then there is no other place.
    if (error.code !== "outside_root") throw error;
    return packed(normal(path));
  });
}

/**
 * The directories on the way to items that have none of their own.
 *
 * @param {Item[]} items
 * @returns {Item[]}
 */
function withDirectories(items) {
  const known = new Set(items.map(({ path }) => path));
  /** @type {Item[]} */
  const all = [];
  for (const item of items) {
    let directory = "";
    for (const segment of item.path.split("/").slice(0, -1)) {
      directory = below(directory, segment);
      if (known.has(directory)) continue;
      known.add(directory);
      all.push({
        kind: DIRECTORY,
        path: directory,
        target: "",
        size: 0,
        mode: NO_MODE,
        modifiedMs: item.modifiedMs,
      });
    }
    all.push(item);
  }
  return all;
}

const KINDS = { file: FILE, directory: DIRECTORY, symlink: SYMLINK };
const OTHER = 4;

/**
 * What is in a folder of a sandbox; nothing where there is none.
 *
 * @param {string} path
 * @param {Means} means
 * @returns {Promise<Entry[]>}
 */
async function remote(path, { run, options }) {
  /** @type {any[]} */
  const found = await run(LIST_FILES, [path, { ...options, depth: 1000 }]).catch(
    (/** @type {any} */ error) => {
      if (error.code === "not_found") return [];
      throw error;
    },
  );
  const start = normal(path).length + 1;
  return found.map(({ path, type, size, mode, modifiedAt, target = "" }) => ({
    kind: KINDS[/** @type {keyof typeof KINDS} */ (type)] ?? OTHER,
    path: path.slice(start),
    target,
    size,
    mode,
    modifiedMs: +modifiedAt,
  }));
}

/** @type {Record<string, (given: any, rest: Rest) => unknown>} */
export const folders = {
  async uploadDir({ source, path, ...options }, rest) {
    const means = meansOf(rest, options);
    const core = new Core();
    const items = await itemsOf(core, source, options, means);
    // To the second, which every header has: with a fraction each would take a kilobyte more.
    const whole = items.map((item) => ({ ...item, modifiedMs: Math.floor(item.modifiedMs / 1000) * 1000 }));
    return send(core, whole, path, [], means);
  },

  async downloadTar({ path, ...options }, rest) {
    const means = meansOf(rest, options);
    const { stream, remove } = await fetched(path, means);
    const reader = stream.getReader();
    return new ReadableStream(
      {
        async pull(controller) {
          try {
            const { done, value } = await reader.read();
            if (!done) {
              means.progress(value.length);
              return controller.enqueue(value);
            }
            controller.close();
          } catch (error) {
            controller.error(error);
            reader.cancel(error).catch(() => {});
          }
          remove();
        },
        async cancel(reason) {
          remove();
          await reader.cancel(reason);
        },
      },
      { highWaterMark: 0 },
    );
  },

  async downloadInto({ path, into, ...options }, rest) {
    const means = meansOf(rest, options);
    const core = new Core();
    const folder = new Unpacked(core, into, means);
    const { stream, remove } = await fetched(path, means);
    const source = new Source(stream, () => means.broken("ends too soon"));
    /** @type {string[]} */
    const skipped = [];
    let files = 0;
    try {
      await folder.begin();
      for await (const { entry, pieces } of entriesOf(core, source, () => means.broken("is none"))) {
        const counted = async function* () {
          for await (const piece of pieces()) {
            means.progress(piece.length);
            yield piece;
          }
        };
        if (await folder.take(entry, counted)) files += +(entry.kind !== DIRECTORY && entry.kind !== SYMLINK);
        else skipped.push(entry.path.replace(/^\.\//, ""));
      }
      await folder.end();
    } finally {
      source.close().catch(() => {});
      remove();
    }
    return { files, bytes: means.bytes(), skipped };
  },

  async sync({ source, path, delete: deletes = false, dryRun, ...options }, rest) {
    const means = meansOf(rest, options);
    const core = new Core();
    const items = withDirectories(await itemsOf(core, source, options, means));
    const plan = core.compare(items, await remote(path, means), deletes);
    if (typeof plan === "string") {
      throw rest.make(
        CONFLICT,
        `${plan}: is a directory in the sandbox, which takes delete: true`,
        409,
        "is_directory",
      );
    }
    const { send: changed, remove: removed, unchanged } = plan;
    const sent = changed.map((item) => item.path);
    let bytes = changed.reduce((sum, { size }) => sum + size, 0);
    if (!dryRun && (sent.length > 0 || removed.length > 0)) {
      ({ bytes } = await send(core, changed, path, removed, means));
    }
    return { sent, removed, unchanged, bytes };
  },
};
