// Moves a folder of small files through the local server: node folder.mjs upload|download|sync ours|peer <module>
//
// The peer has a request for each file. A folder of which one file has changed is to it a folder to be sent.
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";

const FILES = 5000;
const SIZE = 2048;
const PATH = "/home/user/tree";

const [what, side, url] = process.argv.slice(2);
const { BENCH_BASE_URL: server, BENCH_API_KEY: apiKey } = process.env;
const { Sandbox } = await import(url);

let requests = 0;
const direct = globalThis.fetch;
globalThis.fetch = (/** @type {any} */ url, /** @type {RequestInit | undefined} */ init) => {
  requests += 1;
  return direct(server + url.slice(new URL(url).origin.length), init);
};

const scratch = await mkdtemp(join(tmpdir(), "superserve-bench-"));
const local = join(scratch, "tree");
const sandbox = await Sandbox.create({ name: "bench", apiKey, baseUrl: "https://api.superserve.ai" });
try {
  for (let at = 0; at < FILES; at++) {
    const path = placeOf(local, at);
    if (at % 100 === 0) await mkdir(dirname(path), { recursive: true });
    await writeFile(path, randomBytes(SIZE));
  }
  if (what !== "upload") await ahead();
  requests = 0;
  const start = performance.now();
  await { upload, download, sync }[/** @type {"upload" | "download" | "sync"} */ (what)]();
  const ms = performance.now() - start;
  const taken = requests;
  await check();
  console.log(JSON.stringify({ ms, requests: taken }));
} finally {
  await sandbox.kill();
  await rm(scratch, { recursive: true });
}

/** @param {string} folder @param {number} at */
function placeOf(folder, at) {
  return join(folder, `${Math.floor(at / 100)}`, `${at}.bin`);
}

/** The same tree in the sandbox, by one archive, whichever side it is. */
async function ahead() {
  const { execFileSync } = await import("node:child_process");
  const archive = execFileSync("tar", ["-cf", "-", "-C", local, "."], { maxBuffer: 2 ** 30 });
  await sandbox.files.write("/tmp/tree.tar", archive);
  await sandbox.commands.run(`mkdir -p ${PATH} && tar -xpf /tmp/tree.tar --no-same-owner -C ${PATH}`);
  if (what === "sync") await writeFile(placeOf(local, 77), "changed");
}

async function upload() {
  if (side === "ours") return sandbox.files.uploadDir(local, PATH);
  for (const entry of await readdir(local, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    await sandbox.files.write(`${PATH}/${relative(local, path)}`, await readFile(path));
  }
}

async function sync() {
  return side === "ours" ? sandbox.files.sync(local, PATH, { delete: true }) : upload();
}

async function download() {
  const into = join(scratch, "into");
  if (side === "ours") return sandbox.files.downloadDir(PATH, into);
  const { stdout } = await sandbox.commands.run(`find ${PATH} -type f`);
  for (const path of stdout.trim().split("\n")) {
    const at = join(into, path.slice(PATH.length));
    await mkdir(dirname(at), { recursive: true });
    await writeFile(at, await sandbox.files.read(path));
  }
}

/** Both trees have the same bytes. */
async function check() {
  const folder = what === "download" ? join(scratch, "into") : local;
  for (const at of [0, 77, FILES - 1]) {
    const { stdout } = await sandbox.commands.run(`base64 -w0 ${placeOf(PATH, at)}`);
    const bytes = await readFile(placeOf(folder, at));
    if (bytes.toString("base64") !== stdout.trim()) throw new Error(`${at} arrived damaged`);
  }
  const { stdout } = await sandbox.commands.run(`find ${PATH} -type f | wc -l`);
  const found = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((one) =>
    one.isFile(),
  );
  if (Number(stdout) !== FILES || found.length !== FILES)
    throw new Error(`${stdout.trim()} and ${found.length} files`);
}
