// All that the page stands on: the local server, the example's backend in a process of its own, and a browser.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

import { startProgram } from "../contract/node/programs.mjs";
import { engines, installEngine } from "../runtimes/browsers/engines.mjs";
import { makeContext } from "../runtimes/frame/context.mjs";
import { startTap } from "./tap.mjs";

const { SUPERSERVE_PAGE: project, SUPERSERVE_LOCAL: serverProgram } = process.env;
const API_KEY = "ss_live_key-that-no-page-may-ever-see-0002";
const READY_WITHIN_MS = 20_000;

// The package as the example has it.
const { Sandbox } = await import(pathToFileURL(join(project, "node_modules/@superserve/sdk/dist/index.js")));

/** Starts everything with the named engine. `close` it. */
export async function setStage(engineName) {
  const engine = engines.find(({ name }) => name === engineName);
  const workDir = mkdtempSync(join(tmpdir(), "superserve-page-"));
  const { ctx, close } = await makeContext(engineName, { workDir, logDir: workDir });
  ctx.defer(() => rmSync(workDir, { recursive: true, force: true }));
  try {
    await installEngine(ctx, engine);
    const service = startProgram(serverProgram, "--port", "0", "--api-key", API_KEY);
    ctx.defer(service.stop);
    const { base_url: baseUrl } = await service.ready;
    const toService = await startTap(() => baseUrl);
    ctx.defer(toService.stop);

    const backend = backendFor(`http://127.0.0.1:${toService.port}`);
    ctx.defer(() => backend.stop());
    await backend.start();
    const toPage = await startTap(() => backend.origin());
    ctx.defer(toPage.stop);

    const browser = await engine.start(ctx);
    ctx.defer(() => browser.close());
    const connection = { apiKey: API_KEY, baseUrl };
    return {
      /** A sandbox, as the backend has it. */
      sandbox: (id) => Sandbox.connect(id, connection),
      /** In what state a sandbox is, without waking it. */
      status: async (id) => (await Sandbox.list(connection)).find((one) => one.id === id)?.status,
      browser, backend, url: `http://localhost:${toPage.port}/`, toPage, toService, apiKey: API_KEY, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The backend, which can be stopped and started again with the same secret and another lifetime of its tickets. */
function backendFor(baseUrl) {
  const secret = randomBytes(32).toString("hex");
  let child;
  let origin;

  return {
    origin: () => origin,
    async start({ ticketSeconds = 900 } = {}) {
      child = spawn(process.execPath, ["backend/node.mjs"], {
        cwd: project,
        env: {
          PATH: process.env.PATH,
          PORT: "0",
          RELAY_SECRET: secret,
          SUPERSERVE_API_KEY: API_KEY,
          SUPERSERVE_BASE_URL: baseUrl,
          TICKET_SECONDS: `${ticketSeconds}`,
        },
        stdio: ["ignore", "pipe", "inherit"],
      });
      origin = await new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error("the backend is not ready")), READY_WITHIN_MS);
        child.on("exit", (code) => reject(new Error(`the backend ended with ${code}`)));
        createInterface(child.stdout).once("line", (line) => {
          clearTimeout(timer);
          resolve(line.replace("listening on ", ""));
        });
      });
    },
    /** Ends it at once, with all its connections. */
    async stop() {
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const exited = new Promise((resolve) => child.on("exit", resolve));
      child.kill("SIGKILL");
      await exited;
    },
  };
}
