import { quote } from "../format.js";
import { PART } from "./upload.js";

/** More than this in one directory is a program's affair. */
const SHOWN = 500;

/**
 * What a directory has, directories first.
 *
 * @param {import("@superserve/sdk").Sandbox} sandbox
 * @param {string} path
 * @returns {Promise<import("../types.d.ts").Listing>}
 */
export async function listDirectory(sandbox, path) {
  // Zero bytes end the entries, since names may have everything else in them.
  const command = `find ${quote(path)} -mindepth 1 -maxdepth 1 -printf '%y %s %f\\0' | head -z -n ${SHOWN + 1}`;
  const { stdout, stderr, exitCode } = await sandbox.commands.run(command);
  const failed = exitCode !== 0 || (stdout === "" && stderr !== "");
  if (failed) throw new Error(stderr.trim() || `The listing ended with ${exitCode}.`);
  const all = stdout
    .split("\0")
    .filter(Boolean)
    .map((line) => {
      const [, type, size, name = ""] = /^(.) (\d+) (.*)$/s.exec(line) ?? [];
      return { name, path: `${path}/${name}`, directory: type === "d", size: Number(size) };
    })
    // Parts of uploads under way.
    .filter(({ name }) => !PART.test(name));
  const entries = all.slice(0, SHOWN);
  entries.sort(
    (a, b) =>
      Number(b.directory) - Number(a.directory) || a.name.localeCompare(b.name, undefined, { numeric: true }),
  );
  return { entries, more: all.length > SHOWN };
}
