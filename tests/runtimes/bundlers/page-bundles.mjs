// A bundler: it bundles the contract suite for a page, which runs in Chromium, and a small program for a page and
// for Node.

import assert from "node:assert/strict";
import { cp, readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";

import { startRelay } from "../browsers/relay.mjs";
import { startSite } from "../browsers/site.mjs";
import { check } from "../frame/check.mjs";
import { median } from "../frame/cold-start.mjs";
import { outcomeOf } from "../frame/outcome.mjs";
import { chromium, chromiumPage } from "./chromium.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const TESTS = here("../../");
// What the suite's page loads.
const SUITE = [
  "contract/runner.mjs",
  "contract/suite",
  "contract/support",
  "runtimes/suite.mjs",
  "runtimes/browsers/site",
];
const LOADS = 9;

export function bundlerEntry(name, label) {
  return {
    name: `bundle-${name}`,
    label: `${label} bundle`,
    lacks: chromiumPage.lacks,
    timeoutMs: 600_000,
    async install(ctx) {
      await chromiumPage.install(ctx);
      await ctx.npmCi(here("."));
    },

    async measure(ctx) {
      const { project } = await build(ctx, name, "app");
      const bundle = await onlyScript(project);
      const content = await readFile(join(project, bundle));
      const site = await startSite(ctx, { project, settings: { bundle } });
      const browser = await chromium(ctx);
      const times = [];
      for (let i = 0; i < LOADS; i++) times.push((await visit(ctx, site, browser, APP_PAGE)).coldStartMs);
      return {
        coldStartMs: median(times),
        bundle: { bytes: content.length, brotliBytes: brotliCompressSync(content).length },
      };
    },

    async run(ctx) {
      const app = await build(ctx, name, "app");
      const suite = await build(ctx, name, "suite");
      const browser = await chromium(ctx);
      const settings = await ctx.servers();
      const results = [
        await check("bundle", "no warning", () =>
          assert.deepEqual({ ...app.warnings, ...suite.warnings }, {}),
        ),
        ...(await inNode(ctx, app, settings)),
        ...(await inPage(ctx, app, settings, browser)),
      ];
      const outcome = await suiteInPage(ctx, suite, settings, browser);
      return { ...outcome, version: app.version, results: [...results, ...outcome.results] };
    },
  };
}

const APP_PAGE = "/tests/runtimes/bundlers/pages/app.html";

/** Builds `part` of the project; resolves to where its page is, and to the builds that had warnings. */
async function build(ctx, name, part) {
  const project = join(ctx.scratch, "project");
  await cp(here("project"), project, { recursive: true });
  await ctx.installTarball(project);
  if (part === "suite") {
    for (const path of SUITE) {
      await cp(join(TESTS, path), join(project, "suite/tests", path), { recursive: true });
    }
  }
  const { stdout, stderr } = await ctx.exec(process.execPath, [here("build.mjs"), name, project, part]);
  const { version, warnings } = JSON.parse(stdout.trim().split("\n").at(-1));
  if (stderr !== "") warnings.stderr = stderr;
  const complaints = Object.entries(warnings)
    .filter(([, list]) => list.length > 0)
    .map(([build, list]) => [`${part}, ${build}`, list]);
  const root = join(project, part);
  return {
    version,
    project: join(root, "dist"),
    server: join(root, "server"),
    warnings: Object.fromEntries(complaints),
  };
}

/** The path of the one file that a page loads: the module is in it, so there is no second. */
async function onlyScript(project) {
  const files = await readdir(project, { recursive: true });
  const loaded = files.filter((file) => /\.(m?js|wasm)$/.test(file));
  assert.equal(loaded.length, 1, `the page loads ${loaded.join(", ")}`);
  return `/${loaded[0]}`;
}

async function inNode(ctx, { server }, { baseUrl, apiKey }) {
  const env = { SUPERSERVE_BASE_URL: baseUrl, SUPERSERVE_API_KEY: apiKey };
  const results = [];
  for (const file of await readdir(server)) {
    results.push(
      await check("bundle", `${file} runs in Node`, async () => {
        const args = [here("run-app.mjs"), join(server, file, file)];
        const { stdout, stderr } = await ctx.exec(process.execPath, args, { env });
        assert.equal(stderr, "");
        assert.equal(stdout, "42\n");
      }),
    );
  }
  return results;
}

async function inPage(ctx, { project }, { baseUrl, apiKey }, browser) {
  const settings = { bundle: await onlyScript(project) };
  const site = await startSite(ctx, { project, settings });
  settings.connection = { baseUrl: await startRelay(ctx, baseUrl, site.origin), apiKey };
  const { withKey, withoutKey } = await visit(ctx, site, browser, APP_PAGE);
  return [
    await check("bundle", "a page without a key is told so", () => {
      assert.equal(withoutKey.name, "AuthenticationError");
      assert.match(withoutKey.message, /SUPERSERVE_API_KEY/);
    }),
    await check("bundle", "a page with a key runs a command", () => assert.equal(withKey, "42")),
  ];
}

async function suiteInPage(ctx, { project }, servers, browser) {
  const settings = { ...servers, slow: { ...servers.slow }, filter: ctx.filter };
  const site = await startSite(ctx, { project, settings });
  for (const server of [settings, settings.slow]) {
    server.baseUrl = await startRelay(ctx, server.baseUrl, site.origin);
  }
  return visit(ctx, site, browser, "/index.html");
}

/** Opens a page and waits for the end of what it tells. */
async function visit(ctx, site, browser, path) {
  const messages = site.messages();
  await browser.open(site.origin + path);
  return outcomeOf(messages, ctx.log);
}
