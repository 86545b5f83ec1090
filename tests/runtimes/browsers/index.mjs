// The contract suite in browsers: in a page, in a dedicated worker and in a service worker of each.

import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { check } from "../frame/check.mjs";
import { median } from "../frame/cold-start.mjs";
import { relayedSuite } from "../../contract/suite/relayed.mjs";
import { outcomeOf } from "../frame/outcome.mjs";
import { engines, installEngine } from "./engines.mjs";
import { startCorsProxy } from "./cors-proxy.mjs";
import { startSite } from "./site.mjs";
import { ticketOffice } from "./ticket-office.mjs";

const RUNTIMES = fileURLToPath(new URL("..", import.meta.url));
const SITE = "/tests/runtimes/browsers/site";
const CLASSIC_SERVICE_WORKER = "service-worker.classic.js";
const LOADS = 9;

const LACKS = {
  env: "browsers have no environment variables",
  process: "browsers have no `process`",
  asyncLocalStorage: "browsers have no AsyncLocalStorage yet",
  inspect: "what a browser's console shows cannot be read by a page",
};

const places = [
  { name: "page", page: () => "page.html", further: ["slim.html"] },
  { name: "worker", page: () => "worker.html" },
  { name: "relay", page: () => "page.html?relay", suite: relayedSuite, backend: ticketOffice },
  {
    name: "service-worker",
    lacks: { import: "service workers load no code while they run" },
    page: ({ classicServiceWorker }) =>
      `service-worker.html?script=${classicServiceWorker ? `/${CLASSIC_SERVICE_WORKER}` : "service-worker.mjs"}`,
    prepare: ({ classicServiceWorker }, project) => classicServiceWorker && bundleServiceWorker(project),
  },
];

export const entries = engines.flatMap((engine) =>
  places.map((place) => ({
    name: `${engine.name}-${place.name}`,
    label: `${engine.label}, ${place.name.replace("-", " ")}`,
    lacks: { ...LACKS, ...place.lacks },
    suite: place.suite,
    timeoutMs: 600_000,
    async install(ctx) {
      await installEngine(ctx, engine);
      await ctx.npmCi(RUNTIMES);
    },
    ...(place.name === "page" && { measure: (ctx) => measure(ctx, engine) }),
    run: (ctx) => run(ctx, engine, place),
  })),
);

async function run(ctx, engine, place) {
  const project = join(ctx.scratch, "project");
  await ctx.installTarball(project);
  await place.prepare?.(engine, project);

  const settings = await ctx.servers();
  const backend = await place.backend?.(project, settings);
  const site = await startSite(ctx, { project, settings, backend });
  settings.filter = ctx.filter;
  settings.dataOrigin = settings.baseUrl;
  const preflights = [];
  for (const server of [settings, settings.slow]) {
    server.baseUrl = await startCorsProxy(ctx, server.baseUrl, site.origin, preflights);
  }

  const browser = await start(ctx, engine);
  const outcome = await visit(ctx, browser, site, place.page(engine));
  if (!ctx.filter && !backend) outcome.results.push(await checkPreflights(preflights));
  for (const page of place.further ?? []) {
    outcome.results.push(...(await visit(ctx, browser, site, page)).results);
  }
  return { version: browser.version, ...outcome };
}

/** Of both planes, each preflight of the whole run asked for the SDK's two headers at most. */
function checkPreflights(preflights) {
  return check("cors", "what the run's preflights asked for", () => {
    const asked = (plane) => {
      const headers = preflights.filter((one) => one.plane === plane).flatMap((one) => one.headers);
      return [...new Set(headers)].sort().join();
    };
    assert.equal(asked("control"), "content-type,x-api-key");
    assert.equal(asked("data"), "content-type,x-access-token");
  });
}

/** The median of several loads of the package, each by a document of its own and with nothing cached. */
async function measure(ctx, engine) {
  const project = join(ctx.scratch, "project");
  await ctx.installTarball(project);
  const site = await startSite(ctx, { project });
  const browser = await start(ctx, engine);
  const times = [];
  for (let i = 0; i < LOADS; i++)
    times.push((await visit(ctx, browser, site, "cold-start.html")).coldStartMs);
  return { coldStartMs: median(times) };
}

/** Opens a page and waits for what it reports. */
async function visit(ctx, browser, site, page) {
  const messages = site.messages();
  await browser.open(`${site.origin}${SITE}/${page}`);
  return outcomeOf(messages, ctx.log);
}

async function start(ctx, engine) {
  const browser = await engine.start(ctx);
  ctx.defer(() => browser.close());
  return browser;
}

/** A classic script cannot import, so the worker is bundled, as its author would. */
async function bundleServiceWorker(project) {
  const { build } = await import("esbuild");
  const source = join(project, "service-worker.js");
  const whenTold = fileURLToPath(new URL("site/when-told.mjs", import.meta.url));
  await mkdir(project, { recursive: true });
  await writeFile(
    source,
    `import * as sdk from "@superserve/sdk"\nimport { reportWhenTold } from ${JSON.stringify(whenTold)}\nreportWhenTold(sdk)\n`,
  );
  const { warnings } = await build({
    entryPoints: [source],
    outfile: join(project, CLASSIC_SERVICE_WORKER),
    bundle: true,
    format: "iife",
    logLevel: "silent",
  });
  assert.deepEqual(warnings, []);
}
