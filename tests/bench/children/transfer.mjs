// Moves one big file through the local server: node transfer.mjs upload|download <module> <MB>
import { randomBytes } from "node:crypto";

import { peakMb } from "../memory.mjs";
import { sandboxOn } from "../sandbox.mjs";

const PATH = "/home/user/big.bin";

const [direction = "", url = "", megabytes = ""] = process.argv.slice(2);
const SIZE = Number(megabytes) * 1024 * 1024;
const sandbox = await sandboxOn(url);
try {
  // The first calls of a process are not what is measured.
  await sandbox.files.write("/tmp/warm", "x");
  await sandbox.files.read("/tmp/warm");
  const ms = direction === "upload" ? await upload() : await download();
  console.log(JSON.stringify({ ms, peakMb: peakMb() }));
} finally {
  await sandbox.kill();
}

async function upload() {
  const bytes = new Uint8Array(SIZE);
  const block = randomBytes(1024 * 1024);
  for (let at = 0; at < SIZE; at += block.length) bytes.set(block, at);
  const start = performance.now();
  await sandbox.files.write(PATH, bytes);
  const ms = performance.now() - start;
  const { stdout } = await sandbox.commands.run(`stat -c %s ${PATH} && tail -c 1048576 ${PATH} | sha256sum`);
  const [size, digest] = stdout.split(/\s+/);
  if (Number(size) !== SIZE || digest !== (await sha256(block))) throw new Error("the file arrived damaged");
  return ms;
}

async function download() {
  const make = `head -c 1048576 /dev/urandom > block && for i in $(seq ${megabytes}); do cat block; done > ${PATH}`;
  const { stdout } = await sandbox.commands.run(`cd /tmp && ${make} && sha256sum < block`);
  const start = performance.now();
  const bytes = await sandbox.files.read(PATH);
  const ms = performance.now() - start;
  const intact = bytes.length === SIZE && (await sha256(bytes.subarray(-1048576))) === stdout.split(" ")[0];
  if (!intact) throw new Error("the file arrived damaged");
  return ms;
}

/** @param {Uint8Array<ArrayBuffer>} bytes */
async function sha256(bytes) {
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return Buffer.from(digest).toString("hex");
}
