// How much a user ships.

import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress } from "node:zlib";

const brotli = promisify(brotliCompress);

/** Bytes of the files under `directory` whose names `pattern` takes. */
export async function bundleSize(directory, pattern) {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && pattern.test(entry.name));
  return brotliSize(
    await Promise.all(files.map((file) => readFile(join(file.parentPath ?? file.path, file.name)))),
  );
}

/** Bytes of these contents, as they are and each through brotli. */
export async function brotliSize(contents) {
  const sum = (lengths) => lengths.reduce((a, b) => a + b, 0);
  const bytes = sum(contents.map((content) => content.length));
  if (bytes === 0) throw new Error("the bundle is empty");
  const compressed = await Promise.all(contents.map((content) => brotli(content)));
  return { bytes, brotliBytes: sum(compressed.map((content) => content.length)) };
}
