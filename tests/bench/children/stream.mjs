// Moves 2 GB through the local server, by this package as a stream or by curl: node stream.mjs upload|download ours|curl <module>
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";

import { peakMb } from "../memory.mjs";

const SIZE = 2 * 1024 ** 3;
const PATH = "/home/user/big.bin";
const PIECE = 256 * 1024;

const [direction, by, url] = process.argv.slice(2);
const { BENCH_BASE_URL: baseUrl = "", BENCH_API_KEY: apiKey = "" } = process.env;
const { Sandbox } = await import(url);

const answer = await fetch(`${baseUrl}/sandboxes`, {
  method: "POST",
  headers: { "X-API-Key": apiKey, "Content-Type": "application/json" },
  body: JSON.stringify({ name: "bench" }),
});
const { id, access_token: token } = await answer.json();
const sandbox = await Sandbox.connect(id, { apiKey, baseUrl });
const target = `${baseUrl}/files?path=${encodeURIComponent(PATH)}`;
try {
  if (direction === "download") await run(`head -c ${SIZE} /dev/zero > ${PATH}`);
  await sandbox.files.write("/tmp/warm", new Response("x"));
  globalThis.gc?.();
  // What has been held so far does not count.
  writeFileSync("/proc/self/clear_refs", "5");
  const idle = peakMb();
  const start = performance.now();
  await (direction === "upload" ? upload() : download());
  const ms = performance.now() - start;
  const above = peakMb() - idle;
  const { stdout } = await run(`stat -c %s ${PATH}`);
  if (Number(stdout) !== SIZE) throw new Error(`there are ${stdout} bytes`);
  console.log(JSON.stringify({ ms, aboveMb: above }));
} finally {
  await sandbox.kill();
}

/** @param {string} command */
function run(command) {
  return sandbox.commands.run(command, { timeoutMs: 120_000 });
}

async function upload() {
  if (by === "curl") return curl(["-X", "POST", "-T", "-", target], SIZE);
  await sandbox.files.write(PATH, pieces(SIZE));
}

async function download() {
  if (by === "curl") return curl(["-o", "/dev/null", target], 0);
  let size = 0;
  for await (const chunk of await sandbox.files.read(PATH, { format: "stream" })) size += chunk.length;
  if (size !== SIZE) throw new Error(`${size} bytes came`);
}

/** @param {number} size */
async function* pieces(size) {
  const piece = new Uint8Array(PIECE);
  for (let at = 0; at < size; at += PIECE) yield piece;
}

/**
 * @param {string[]} args
 * @param {number} size
 */
async function curl(args, size) {
  const own = ["-sSf", "-H", `X-Access-Token: ${token}`, "-H", "Content-Type: application/octet-stream"];
  const feed = spawn("head", ["-c", `${size}`, "/dev/zero"], { stdio: ["ignore", "pipe", "inherit"] });
  const child = spawn("curl", [...own, ...args], { stdio: [feed.stdout, "ignore", "inherit"] });
  const code = await new Promise((resolve) => child.on("exit", resolve));
  if (code !== 0) throw new Error(`curl ended with ${code}`);
}
