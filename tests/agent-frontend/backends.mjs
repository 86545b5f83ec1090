// The example's backend, on each host that it has a file for, in a process of its own.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { program } from "../runtimes/frame/npm-programs.mjs";

const { SUPERSERVE_PAGE: project, PATH } = process.env;
const require = createRequire(new URL("../runtimes/package.json", import.meta.url));
const READY_WITHIN_MS = 30_000;

const COMMANDS = {
  "Node.js": () => [process.execPath, ["backend/node.mjs"]],
  Deno() {
    const deno = program(`@deno/linux-${process.arch}-glibc`, "deno");
    const rights = ["--no-prompt", "--allow-net", "--allow-env", "--allow-read=dist"];
    return [deno, ["run", ...rights, "backend/deno.mjs"]];
  },
  /** In workerd, without the assets that the platform adds. */
  "Cloudflare Workers"() {
    const outfile = join(project, "worker/bundle.mjs");
    require("esbuild").buildSync({
      entryPoints: [join(project, "backend/worker.mjs")],
      outfile,
      bundle: true,
      format: "esm",
      conditions: ["workerd"],
      loader: { ".wasm": "copy" },
      external: ["cloudflare:workers"],
      logLevel: "error",
    });
    const node = program(`node-24-${process.arch}`, "bin/node");
    return [node, [fileURLToPath(new URL("../relay/worker-host.mjs", import.meta.url)), outfile]];
  },
};

export const HOSTS = Object.keys(COMMANDS);

/** A backend that can be started, stopped, and started again with the same secret and another lifetime of its tickets. */
export function backendOn(host, { apiKey, baseUrl }) {
  const secret = randomBytes(32).toString("hex");
  let child;
  let origin;

  return {
    origin: () => origin,
    async start({ ticketSeconds = 900 } = {}) {
      const [command, args] = COMMANDS[host]();
      child = spawn(command, args, {
        cwd: project,
        env: {
          PATH,
          HOME: project,
          PORT: "0",
          RELAY_SECRET: secret,
          SUPERSERVE_API_KEY: apiKey,
          SUPERSERVE_BASE_URL: baseUrl,
          TICKET_SECONDS: `${ticketSeconds}`,
        },
        stdio: ["pipe", "pipe", "inherit"],
      });
      origin = await new Promise((resolve, reject) => {
        const fail = (how) => reject(new Error(`the backend on ${host} is not ready: ${how}`));
        const timer = setTimeout(fail, READY_WITHIN_MS, "timeout");
        child.on("exit", fail).on("error", fail);
        createInterface(child.stdout).once("line", (line) => {
          clearTimeout(timer);
          resolve(`http://127.0.0.1:${/(\d+)$/.exec(line)[1]}`);
        });
      });
    },
    /** Ends it at once, with all its connections. */
    async stop() {
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const exited = new Promise((resolve) => child.on("exit", resolve));
      // The worker's host takes workerd along when its stdin ends.
      if (host === "Cloudflare Workers") child.stdin.end();
      else child.kill("SIGKILL");
      await exited;
    },
  };
}
