// A bundler: it bundles the contract suite for a page, which runs in Chromium, and a small program for a page, for a
// worker and for Node.

import assert from "node:assert/strict";
import { cp, readFile, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";

import { startSite } from "../browsers/site.mjs";
import { check } from "../frame/check.mjs";
import { median } from "../frame/cold-start.mjs";
import { PAGES, chromium, chromiumPage, corsProxy, visit } from "./chromium.mjs";

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
// A bundler's own code, and a title.
const NOTHING_BYTES = 1000;

/**
 * How the module begins, in hex: further than all modules do, since what only folders take has one of its own.
 *
 * @param {string} project
 */
export async function moduleHex(project) {
  const bytes = await readFile(join(project, "node_modules/@superserve/sdk/dist/superserve.wasm"));
  return bytes.toString("hex", 0, 64);
}

/** @type {(content: Buffer, hex: string) => boolean} The case of the digits is not always the same. */
export const hasHex = (content, hex) => content.toString("latin1").toLowerCase().includes(hex);

/** What only folders take, which no page loads that has none. @param {Buffer} content */
const isOfFolders = (content) =>
  content.includes("webkitRelativePath") && !content.includes("SUPERSERVE_API_KEY");

/**
 * `workers: false` is a bundler that makes no bundles of workers; `own: false` one that the browser's entry installs already;
 * `more` are further checks.
 */
export function bundlerEntry(name, label, { workers = true, own = true, more = async () => [] } = {}) {
  return {
    name,
    label,
    lacks: chromiumPage.lacks,
    timeoutMs: 600_000,

    async install(ctx) {
      await chromiumPage.install(ctx);
      if (own) await ctx.npmCi(here("."));
    },

    async measure(ctx) {
      const { project } = await build(ctx, name, ["app"]);
      const dist = join(project, "app/dist");
      const bundle = await onlyFile(dist);
      const content = await readFile(join(dist, bundle));
      const site = await startSite(ctx, { project: dist, settings: { bundle } });
      const browser = await chromium(ctx);
      const times = [];
      for (let i = 0; i < LOADS; i++)
        times.push((await visit(ctx, site, browser, `${PAGES}/import.html`)).coldStartMs);
      return {
        coldStartMs: median(times),
        bundle: { bytes: content.length, brotliBytes: brotliCompressSync(content).length },
      };
    },

    async run(ctx) {
      const programs = workers ? ["app", "slim", "worker"] : ["app", "slim"];
      const { project, version, warnings } = await build(ctx, name, [...programs, "unused", "suite"]);
      const dist = (part) => join(project, part, "dist");
      const settings = await ctx.servers();
      const browser = await chromium(ctx);

      const results = [
        await check("bundle", "no warning", () => assert.deepEqual(warnings, {})),
        await check("bundle", "one file, with the module in it", () => onlyFile(dist("app"))),
        await check("bundle", "slim: the module is a file of its own", () => hasModuleApart(dist("slim"))),
        await check("bundle", "nothing of what is not used", () => weighsNothing(dist("unused"))),
        ...(await inNode(ctx, join(project, "app/server"), settings)),
      ];
      for (const part of programs) results.push(...(await inPage(ctx, part, dist(part), settings, browser)));
      results.push(...(await more(ctx, project, settings, browser)));
      const outcome = await suiteInPage(ctx, dist("suite"), settings, browser);
      return { ...outcome, version, results: [...results, ...outcome.results] };
    },
  };
}

/** Builds these parts of a new project; `warnings` has only the builds that had some. */
async function build(ctx, name, parts) {
  const project = join(ctx.scratch, "project");
  await cp(here("project"), project, { recursive: true });
  await ctx.installTarball(project);
  for (const path of SUITE) {
    await cp(join(TESTS, path), join(project, "suite/tests", path), { recursive: true });
  }
  const { stdout, stderr } = await ctx.exec(process.execPath, [here("build.mjs"), name, project, ...parts]);
  const { version, warnings } = JSON.parse(stdout.trim().split("\n").at(-1));
  const told = Object.entries({ ...warnings, stderr }).filter(([, of]) => of.length > 0);
  return { version, project, warnings: Object.fromEntries(told) };
}

/** The path of the one file that a page loads. */
async function onlyFile(dist) {
  const files = await loaded(dist);
  assert.equal(files.length, 1, `the page loads ${files.join(", ")}`);
  return `/${files[0]}`;
}

async function hasModuleApart(dist) {
  const files = await loaded(dist);
  assert.equal(files.filter((file) => file.endsWith(".wasm")).length, 1, `the files are ${files.join(", ")}`);
  const hex = await moduleHex(join(dist, "../.."));
  for (const file of files.filter((file) => file.endsWith(".js"))) {
    assert.ok(!hasHex(await readFile(join(dist, file)), hex), `the module is in ${file}`);
  }
}

async function weighsNothing(dist) {
  for (const file of await loaded(dist)) {
    const { size } = await stat(join(dist, file));
    assert.ok(size < NOTHING_BYTES, `${file} has ${size} bytes`);
  }
}

async function loaded(dist) {
  const files = (await readdir(dist, { recursive: true })).filter((file) => /\.(js|wasm)$/.test(file));
  assert.notEqual(files.length, 0, "there is no bundle");
  const contents = await Promise.all(files.map((file) => readFile(join(dist, file))));
  return files.filter((_, at) => !isOfFolders(contents[at]));
}

async function inNode(ctx, directory, { baseUrl, apiKey }) {
  const env = { SUPERSERVE_BASE_URL: baseUrl, SUPERSERVE_API_KEY: apiKey };
  const runs = async (file) => {
    const { stdout, stderr } = await ctx.exec(
      process.execPath,
      [here("run-app.mjs"), join(directory, file)],
      {
        env,
      },
    );
    assert.equal(stderr, "");
    assert.equal(stdout, "42\n");
  };
  const results = [];
  for (const file of (await readdir(directory)).filter((file) => /\.[cm]js$/.test(file))) {
    results.push(await check("bundle", `${file} runs in Node`, () => runs(file)));
  }
  return results;
}

async function inPage(ctx, part, dist, { baseUrl, apiKey }, browser) {
  const connection = { apiKey };
  const site = await startSite(ctx, { project: dist, settings: connection });
  connection.baseUrl = await corsProxy(ctx, baseUrl, site.origin);
  const { withKey, withoutKey } = await visit(ctx, site, browser, `${PAGES}/app.html`);
  return [
    await check("bundle", `the ${part} without a key is told so`, () => {
      assert.equal(withoutKey.name, "AuthenticationError");
      assert.match(withoutKey.message, /SUPERSERVE_API_KEY/);
    }),
    await check("bundle", `the ${part} with a key runs a command`, () => assert.equal(withKey, "42")),
  ];
}

async function suiteInPage(ctx, dist, servers, browser) {
  const settings = { ...servers, slow: { ...servers.slow }, filter: ctx.filter, dataOrigin: servers.baseUrl };
  const site = await startSite(ctx, { project: dist, settings });
  for (const server of [settings, settings.slow]) {
    server.baseUrl = await corsProxy(ctx, server.baseUrl, site.origin);
  }
  return visit(ctx, site, browser, "/index.html");
}
