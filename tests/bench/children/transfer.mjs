// Moves one big file through the local server, and another before it that does not count:
// node transfer.mjs upload|download <module> <MB> [<MB before>]
import { randomBytes } from "node:crypto";

import { peakMb } from "../memory.mjs";
import { sandboxOn } from "../sandbox.mjs";

const PATH = "/home/user/big.bin";

const [direction = "", url = "", megabytes = "", before] = process.argv.slice(2);
const sandbox = await sandboxOn(url);
try {
  const move = direction === "upload" ? upload : download;
  if (before) await move(Number(before));
  const ms = await move(Number(megabytes));
  console.log(JSON.stringify({ ms, peakMb: peakMb() }));
} finally {
  await sandbox.kill();
}

/** @param {number} megabytes */
async function upload(megabytes) {
  const bytes = new Uint8Array(megabytes * 1024 * 1024);
  const block = randomBytes(1024 * 1024);
  for (let at = 0; at < bytes.length; at += block.length) bytes.set(block, at);
  const start = performance.now();
  await sandbox.files.write(PATH, bytes);
  const ms = performance.now() - start;
  const { stdout } = await sandbox.commands.run(`stat -c %s ${PATH} && tail -c 1048576 ${PATH} | sha256sum`);
  const [size, digest] = stdout.split(/\s+/);
  if (Number(size) !== bytes.length || digest !== (await sha256(block)))
    throw new Error("the file arrived damaged");
  return ms;
}

/** @param {number} megabytes */
async function download(megabytes) {
  const make = `head -c 1048576 /dev/urandom > block && for i in $(seq ${megabytes}); do cat block; done > ${PATH}`;
  const { stdout } = await sandbox.commands.run(`cd /tmp && ${make} && sha256sum < block`);
  const start = performance.now();
  const bytes = await sandbox.files.read(PATH);
  const ms = performance.now() - start;
  const intact =
    bytes.length === megabytes * 1024 * 1024 &&
    (await sha256(bytes.subarray(-1048576))) === stdout.split(" ")[0];
  if (!intact) throw new Error("the file arrived damaged");
  return ms;
}

/** @param {Uint8Array<ArrayBuffer>} bytes */
async function sha256(bytes) {
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return Buffer.from(digest).toString("hex");
}
