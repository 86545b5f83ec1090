// How much a user ships.

import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress } from "node:zlib";

const brotli = promisify(brotliCompress);

/**
 * Bytes of the files under `directory` whose names `pattern` takes.
 *
 * @param {string} directory
 * @param {RegExp} pattern
 */
export async function bundleSize(directory, pattern) {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && pattern.test(entry.name));
  return brotliSize(
    await Promise.all(files.map((file) => readFile(join(file.parentPath ?? file.path, file.name)))),
  );
}

/** Bytes of these contents, as they are and each through brotli. @param {Uint8Array[]} contents */
export async function brotliSize(contents) {
  const sum = (/** @type {number[]} */ lengths) => lengths.reduce((a, b) => a + b, 0);
  const bytes = sum(contents.map((content) => content.length));
  if (bytes === 0) throw new Error("the bundle is empty");
  const compressed = await Promise.all(contents.map((content) => brotli(content)));
  return { bytes, brotliBytes: sum(compressed.map((content) => content.length)) };
}
