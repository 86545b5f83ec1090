// An app of Next.js: a server component, a route handler and a page on the edge runtime, and a client component.

import assert from "node:assert/strict";
import { cp, readFile, readdir, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";

import { startSite } from "../browsers/site.mjs";
import { check } from "../frame/check.mjs";
import { outcomeOf } from "../frame/outcome.mjs";
import { chromium, chromiumPage, corsProxy } from "./chromium.mjs";
import { hasHex, moduleHex } from "./page-bundles.mjs";
import { freeOrigin, startServer } from "./server.mjs";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const NO_TELEMETRY = { NEXT_TELEMETRY_DISABLED: "1" };
// A build must send no request.
const NOWHERE = { SUPERSERVE_API_KEY: "key", SUPERSERVE_BASE_URL: "http://127.0.0.1:9" };

// Next.js says these of the edge runtime to any app that has a route there.
const OF_EVERY_EDGE_APP = [
  "The Edge Runtime is deprecated.",
  "Using edge runtime on a page currently disables static generation for that page",
];

/** `edgeRoute: false` leaves the route handler out. */
export function nextEntry({ name, label, flags = [], edgeRoute = true }) {
  return {
    name,
    label,
    async install(ctx) {
      await chromiumPage.install(ctx);
      await ctx.npmCi(here("."));
    },

    async run(ctx) {
      const project = await makeProject(ctx, edgeRoute);
      const next = join(project, "node_modules/next/dist/bin/next");
      const built = await ctx.exec(process.execPath, [next, "build", ...flags], {
        cwd: project,
        env: { ...NO_TELEMETRY, ...NOWHERE },
      });
      const { origin, messages, complaints } = await startApp(ctx, project, next);

      const results = [
        await check("build", "no warning", () => assert.deepEqual(warnings(built), [])),
        await check("server component", "runs a command", () => tellsFacts(origin, "/")),
        await check("server component", "once more, with a sandbox of its own", () =>
          tellsFacts(origin, "/"),
        ),
        await check("edge page", "runs a command", () => tellsFacts(origin, "/edge-page")),
      ];
      if (edgeRoute) results.push(await check("edge route", "streams", () => streams(`${origin}/edge`)));
      results.push(...(await inClient(ctx, origin, messages)));
      results.push(await check("server", "says nothing on stderr", () => assert.equal(complaints(), "")));
      const { version } = JSON.parse(await readFile(join(project, "node_modules/next/package.json")));
      return { version, results, bundle: await clientBundle(project) };
    },
  };
}

async function makeProject(ctx, edgeRoute) {
  const project = join(ctx.scratch, "project");
  await cp(here("next"), project, { recursive: true });
  if (!edgeRoute) await rm(join(project, "app/edge"), { recursive: true });
  for (const directory of installed(["next", "react", "react-dom"])) {
    // Not links: Turbopack refuses those that lead out of the project.
    await cp(here(directory), join(project, directory), { recursive: true });
  }
  await ctx.installTarball(project);
  return project;
}

/** The directories of these packages and of all that they need, below `node_modules`. */
function installed(names) {
  const { packages } = createRequire(import.meta.url)("./node_modules/.package-lock.json");
  const found = new Set();
  const add = (name) => {
    const directory = `node_modules/${name}`;
    if (!packages[directory] || found.has(directory)) return;
    found.add(directory);
    const { dependencies, optionalDependencies } = packages[directory];
    for (const needed of Object.keys({ ...dependencies, ...optionalDependencies })) add(needed);
  };
  names.forEach(add);
  return found;
}

/** Starts the built app with its servers; `messages` is what its client component tells. */
async function startApp(ctx, project, next) {
  const { baseUrl, apiKey } = await ctx.servers();
  const { port, origin } = await freeOrigin();
  const site = await startSite(ctx, { project });
  const app = await startServer(ctx, origin, [next, "start", "-p", port], {
    cwd: project,
    env: {
      ...NO_TELEMETRY,
      SUPERSERVE_BASE_URL: baseUrl,
      SUPERSERVE_API_KEY: apiKey,
      CLIENT_CONNECTION: JSON.stringify({ baseUrl: await corsProxy(ctx, baseUrl, origin), apiKey }),
      REPORT_TO: `${site.origin}/messages`,
    },
  });
  return { ...app, origin, messages: site.messages() };
}

function warnings({ stdout, stderr }) {
  const lines = `${stdout}\n${stderr}`.split("\n");
  const wrong = lines.filter((line) => /⚠|⨯|warn/i.test(line));
  return wrong.filter((line) => !OF_EVERY_EDGE_APP.some((text) => line.includes(text)));
}

async function tellsFacts(origin, path) {
  const response = await fetch(origin + path);
  const html = await response.text();
  assert.equal(response.status, 200, html);
  assert.match(html, /<p id="facts">said 42, listed true then false<\/p>/);
}

/** Each line arrives while the command still runs. */
async function streams(url) {
  const started = Date.now();
  const response = await fetch(url);
  const arrived = [];
  let text = "";
  for await (const chunk of response.body) {
    text += Buffer.from(chunk);
    arrived.push(Date.now() - started);
  }
  assert.equal(text, "1\n2\n3\n");
  assert.ok(arrived.at(-1) - arrived[0] > 500, `its pieces arrived after ${arrived.join(", ")} ms`);
}

async function inClient(ctx, origin, messages) {
  const browser = await chromium(ctx);
  await browser.open(origin);
  const { withKey, withoutKey } = await outcomeOf(messages, ctx.log);
  return [
    await check("client component", "without a key it is told so", () => {
      assert.equal(withoutKey.name, "AuthenticationError");
      assert.match(withoutKey.message, /SUPERSERVE_API_KEY/);
    }),
    await check("client component", "with a key it runs a command", () => assert.equal(withKey, "42")),
  ];
}

/** The scripts for the browser that have the module in them, as hex. */
async function clientBundle(project) {
  const directory = join(project, ".next/static/chunks");
  const files = (await readdir(directory, { recursive: true })).filter((file) => file.endsWith(".js"));
  const contents = await Promise.all(files.map((file) => readFile(join(directory, file))));
  const hex = await moduleHex(project);
  const found = contents.filter((content) => hasHex(content, hex));
  assert.equal(found.length, 1, `${found.length} scripts with the module`);
  return { bytes: found[0].length, brotliBytes: brotliCompressSync(found[0]).length };
}
