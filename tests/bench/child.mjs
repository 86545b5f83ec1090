// Fresh processes, for what only a fresh process shows.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/**
 * Runs a script of `children/` and returns the JSON that it prints.
 *
 * @param {string} script
 * @param {string[]} args
 * @param {string[]} [flags] Of Node.js.
 */
export async function inChild(script, args, flags = []) {
  const path = fileURLToPath(new URL(`children/${script}`, import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, path, ...args]);
  return JSON.parse(stdout);
}
