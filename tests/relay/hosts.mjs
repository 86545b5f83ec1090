// Starts the examples, each on its host, as users would: in a project that has the package installed.
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { program } from "../runtimes/frame/npm-programs.mjs";
import { consumer, SECRET } from "./support.mjs";

/** @param {string} path */
const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const require = createRequire(new URL("../runtimes/package.json", import.meta.url));

// Both need a newer Node.js than this may be.
const NODE = program(`node-24-${process.arch}`, "bin/node");
/** @typedef {[program: string, args: string[]]} Command */

const READY_WITHIN_MS = 60_000;

/**
 * What the relay is mounted in: `start` is the program and its arguments.
 *
 * @type {Record<string, {
 *   start: (project: string, env: any) => Command | Promise<Command>,
 *   streamsOnly?: boolean,
 *   noSockets?: boolean,
 *   dropsLength?: boolean,
 * }>}
 */
export const HOSTS = {
  "node:http": { start: (project) => [process.execPath, [join(project, "node.mjs")]] },
  "Hono on Node.js": {
    start: (project) => [process.execPath, [join(project, "hono.mjs")]],
  },
  Deno: {
    start: (project) => {
      const deno = program(`@deno/linux-${process.arch}-glibc`, "deno");
      return [deno, ["run", "--no-prompt", "--allow-net", "--allow-env", join(project, "deno.mjs")]];
    },
  },
  Bun: { start: (project) => [bun(), [join(project, "bun.mjs")]] },
  "Cloudflare Workers": {
    start: (project) => [NODE, [here("worker-host.mjs"), worker(project)]],
    // What stands before workerd here passes on that a page went away when it next writes to it.
    streamsOnly: true,
  },
  "Next.js": { start: next, noSockets: true, dropsLength: true },
};

/**
 * A project with the examples, the package and the frameworks. Ends with the test `t`.
 *
 * @param {import("node:test").TestContext} t
 */
export function makeProject(t) {
  const project = mkdtempSync(join(tmpdir(), "superserve-relay-"));
  t.after(() => rmSync(project, { recursive: true, force: true }));
  cpSync(here("../../examples/relay"), project, { recursive: true });
  mkdirSync(join(project, "node_modules"));
  for (const name of readdirSync(here("node_modules"))) {
    symlinkSync(here(`node_modules/${name}`), join(project, "node_modules", name));
  }
  cpSync(join(consumer, "node_modules/@superserve"), join(project, "node_modules/@superserve"), {
    recursive: true,
  });
  return project;
}

/**
 * Starts a host on a free port; resolves to its origin. Ends with the test `t`.
 *
 * @param {import("node:test").TestContext} t
 * @param {string} name
 * @param {string} project
 * @param {{ baseUrl: string, apiKey: string }} service
 */
export async function startHost(t, name, project, { baseUrl, apiKey }) {
  const env = {
    PATH: process.env.PATH,
    HOME: project,
    NEXT_TELEMETRY_DISABLED: "1",
    PORT: `${await freePort()}`,
    RELAY_SECRET: SECRET,
    SUPERSERVE_API_KEY: apiKey,
    SUPERSERVE_BASE_URL: baseUrl,
  };
  const [command, args] = await HOSTS[name].start(project, env);
  const child = spawn(command, args, { cwd: project, env, stdio: ["pipe", "pipe", "pipe"] });
  const exited = new Promise((resolve) => child.on("exit", resolve).on("error", resolve));
  t.after(async () => {
    child.kill();
    child.stdin.destroy();
    await exited;
  });
  let said = "";
  child.stderr.on("data", (text) => (said += text));
  const origin = await new Promise((resolve, reject) => {
    /** @param {unknown} how */
    const fail = (how) => reject(new Error(`${name} is not ready: ${how}\n${said}`));
    const timer = setTimeout(fail, READY_WITHIN_MS, "timeout");
    exited.then(fail).finally(() => clearTimeout(timer));
    createInterface(child.stdout).on("line", (line) => {
      said += `${line}\n`;
      const port = /listening on port (\d+)|localhost:(\d+)/.exec(line);
      if (port) resolve(`http://127.0.0.1:${port[1] ?? port[2]}`);
    });
  });
  return { origin, said: () => said };
}

/** Bun as npm has it: a file for each kind of processor. */
function bun() {
  const folder = `@oven/bun-linux-${process.arch === "arm64" ? "aarch64" : "x64"}`;
  return program(folder, "bin/bun");
}

/**
 * The worker in one file, as a deployment has it, with the module beside it.
 *
 * @param {string} project
 */
function worker(project) {
  const { buildSync } = require("esbuild");
  const outfile = join(project, "worker.bundle.mjs");
  buildSync({
    entryPoints: [join(project, "worker.mjs")],
    outfile,
    bundle: true,
    format: "esm",
    conditions: ["workerd"],
    external: ["cloudflare:workers"],
    loader: { ".wasm": "copy" },
    logLevel: "error",
  });
  return outfile;
}

/**
 * Built with neither a key nor a secret.
 *
 * @param {string} project
 * @param {any} env
 * @returns {Promise<Command>}
 */
async function next(project, { PORT, PATH, HOME, NEXT_TELEMETRY_DISABLED }) {
  const app = join(project, "next");
  // Turbopack refuses links that lead out of the app; images are not for this, and large.
  /** @param {string} source */
  const filter = (source) => !/node_modules\/(@img|sharp)(\/|$)/.test(source);
  cpSync(here("node_modules"), join(app, "node_modules"), { recursive: true, filter });
  for (const name of ["package.json", "node_modules/@superserve"]) {
    cpSync(join(project, name), join(app, name), { recursive: true });
  }
  const program = join(app, "node_modules/next/dist/bin/next");
  const env = { PATH, HOME, NEXT_TELEMETRY_DISABLED };
  const build = spawn(process.execPath, [program, "build"], { cwd: app, env });
  let said = "";
  for (const stream of [build.stdout, build.stderr]) stream.on("data", (text) => (said += text));
  const code = await new Promise((resolve) => build.on("exit", resolve));
  if (code !== 0) throw new Error(`next build ended with ${code}\n${said}`);
  return [process.execPath, [program, "start", app, "-p", PORT]];
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });
}
