// All that the page stands on: the local server, the example's backend in a process of its own, and a browser.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { startProgram } from "../contract/node/programs.mjs";
import { engines, installEngine } from "../runtimes/browsers/engines.mjs";
import { makeContext } from "../runtimes/frame/context.mjs";
import { backendOn } from "./backends.mjs";
import { startTap } from "./tap.mjs";

const { SUPERSERVE_PAGE: project, SUPERSERVE_LOCAL: serverProgram } = process.env;
export const API_KEY = "ss_live_key-that-no-page-may-ever-see-0002";

// The package as the example has it.
export const { Sandbox } = await import(
  pathToFileURL(join(project, "node_modules/@superserve/sdk/dist/index.js"))
);

/** The local server. `stop` it. */
export const startService = () => startProgram(serverProgram, "--port", "0", "--api-key", API_KEY);

/** Starts everything with the named engine. `close` it. */
export async function setStage(engineName) {
  const engine = engines.find(({ name }) => name === engineName);
  const workDir = mkdtempSync(join(tmpdir(), "superserve-page-"));
  const { ctx, close } = await makeContext(engineName, { workDir, logDir: workDir });
  ctx.defer(() => rmSync(workDir, { recursive: true, force: true }));
  try {
    await installEngine(ctx, engine);
    const service = startService();
    ctx.defer(service.stop);
    const { base_url: baseUrl } = await service.ready;
    const toService = await startTap(() => baseUrl);
    ctx.defer(toService.stop);

    const backend = backendOn("Node.js", {
      apiKey: API_KEY,
      baseUrl: `http://127.0.0.1:${toService.port}`,
    });
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
      browser,
      backend,
      url: `http://localhost:${toPage.port}/`,
      toPage,
      toService,
      apiKey: API_KEY,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
