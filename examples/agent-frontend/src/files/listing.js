// What a directory has: read, and kept up to date by what happens in it.

/** @typedef {import("../types.d.ts").Entry} Entry */
/** @typedef {import("../types.d.ts").Listing} Listing */

/** More than this in one directory is a program's affair. */
const SHOWN = 500;
/** The SDK's names, for what it keeps and what is not a file yet. */
const ITS_OWN = /^\.superserve(-|$)/;

/** @param {Entry} entry */
export const isDirectory = ({ type }) => type === "directory";
/** @param {string} path */
export const parentOf = (path) => path.replace(/\/[^/]*$/, "");

/**
 * @param {import("@superserve/sdk").Sandbox} sandbox
 * @param {string} path
 */
export async function listDirectory(sandbox, path) {
  const entries = await sandbox.files.list(path);
  return listing(entries.filter(({ name }) => !ITS_OWN.test(name)));
}

/**
 * What the directory has after that.
 *
 * @param {Listing} before
 * @param {string} path
 * @param {import("../types.d.ts").Change} event
 */
export function changed(before, path, event) {
  const gone = event.type === "renamed" ? [event.from, event.path] : [event.path];
  const entries = before.entries.filter((entry) => !gone.includes(entry.path));
  if (event.type !== "removed" && parentOf(event.path) === path) entries.push(event.entry);
  const after = listing(entries);
  return { ...before, ...after, more: before.more || after.more };
}

/**
 * Directories first, and not all of too many.
 *
 * @param {Entry[]} entries
 * @returns {Listing}
 */
function listing(entries) {
  entries.sort(
    (a, b) =>
      Number(isDirectory(b)) - Number(isDirectory(a)) ||
      a.name.localeCompare(b.name, undefined, { numeric: true }),
  );
  return { entries: entries.slice(0, SHOWN), more: entries.length > SHOWN };
}
