// Vite's development server, which bundles packages when a page asks for them.

import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { startSite } from "../browsers/site.mjs";
import { check } from "../frame/check.mjs";
import { PAGES, corsProxy, visit } from "./chromium.mjs";
import { freeOrigin, startServer } from "./server.mjs";

const VITE = fileURLToPath(new URL("node_modules/vite/bin/vite.js", import.meta.url));

export async function inDevServer(ctx, project, { baseUrl, apiKey }, browser) {
  const { port, origin } = await freeOrigin();
  const args = [VITE, "--port", port, "--strictPort", "--logLevel", "warn"];
  const vite = await startServer(ctx, origin, args, { cwd: join(project, "app") });

  const connection = { apiKey };
  const site = await startSite(ctx, { project, settings: { bundle: `${origin}/main.js`, connection } });
  connection.baseUrl = await corsProxy(ctx, baseUrl, site.origin);
  const { said } = await visit(ctx, site, browser, `${PAGES}/import.html`);
  return [
    await check("development server", "runs a command", () => assert.equal(said, "42")),
    await check("development server", "no warning", () => assert.equal(vite.complaints(), "")),
  ];
}
