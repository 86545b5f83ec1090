// What a directory has.

/** @typedef {import("../types.d.ts").Entry} Entry */

/** More than this in one directory is a program's affair. */
const SHOWN = 500;
/** The SDK's names, for what it keeps and what is not a file yet. */
const ITS_OWN = /^\.superserve(-|$)/;

/** @param {Entry} entry */
export const isDirectory = ({ type }) => type === "directory";
/** @param {string} path */
export const parentOf = (path) => path.replace(/\/[^/]*$/, "");

/**
 * Directories first, and not all of too many.
 *
 * @param {import("@superserve/sdk").Sandbox} sandbox
 * @param {string} path
 * @returns {Promise<import("../types.d.ts").Listing>}
 */
export async function listDirectory(sandbox, path) {
  const all = await sandbox.files.list(path);
  const entries = all.filter(({ name }) => !ITS_OWN.test(name));
  entries.sort(
    (a, b) =>
      Number(isDirectory(b)) - Number(isDirectory(a)) ||
      a.name.localeCompare(b.name, undefined, { numeric: true }),
  );
  return { entries: entries.slice(0, SHOWN), more: entries.length > SHOWN };
}
