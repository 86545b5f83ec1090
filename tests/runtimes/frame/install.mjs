// Installs: the npm packages of a lock file, and the tarball.

import { createHash } from "node:crypto";
import { cp, mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";

const STAMP = "node_modules/.installed";

/** @import { Exec } from "./types.js" */

/** @type {Map<string, Promise<void>>} */
const underWay = new Map();

/**
 * `npm ci` in `directory`, unless its lock file is what is installed there. `run(command, args, options)` runs npm.
 *
 * @param {string} directory
 * @param {Exec} run
 */
export function npmCi(directory, run) {
  const key = resolve(directory);
  if (!underWay.has(key)) underWay.set(key, install(key, run));
  return /** @type {Promise<void>} */ (underWay.get(key));
}

/** @param {string} directory @param {Exec} run */
async function install(directory, run) {
  const lock = await readFile(join(directory, "package-lock.json"));
  const digest = createHash("sha256").update(lock).digest("hex");
  const stamp = join(directory, STAMP);
  const installed = await readFile(stamp, "utf8").catch(() => "");
  if (installed === digest) return;
  await run("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts"], {
    cwd: directory,
    timeoutMs: 900_000,
  });
  await writeFile(stamp, digest);
}

/**
 * Installs the tarball into a project of its own, once; `copyTo(directory)` gives another project the same files.
 *
 * @param {string} tarball
 * @param {string} directory
 * @param {Exec} run
 */
export function tarballProject(tarball, directory, run) {
  /** @type {Promise<void> | undefined} */
  let installed;
  async function ready() {
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, "package.json"), '{ "name": "project", "private": true }\n');
    const options = ["--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--ignore-scripts"];
    await run("npm", ["install", ...options, tarball], { cwd: directory });
    const names = (await readdir(join(directory, "node_modules"))).filter((name) => !name.startsWith("."));
    if (names.join() !== "@superserve") throw new Error(`the tarball brings ${names.join(", ")}`);
  }
  return async function copyTo(/** @type {string} */ target) {
    installed ??= ready();
    await installed;
    await mkdir(target, { recursive: true });
    const manifest = join(target, "package.json");
    const project = '{ "name": "project", "private": true }\n';
    // One that is there stays.
    await writeFile(manifest, project, { flag: "wx" }).catch((error) => {
      if (error.code !== "EEXIST") throw error;
    });
    await cp(join(directory, "node_modules/@superserve"), join(target, "node_modules/@superserve"), {
      recursive: true,
    });
  };
}
