// What loads the package in ways of its own: Jest's jsdom, Nitro (the server of Nuxt) for Cloudflare, SES's lockdown.

import assert from "node:assert/strict";
import { mkdir, readFile, readdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { check } from "../frame/check.mjs";
import { startServing } from "../frame/serve.mjs";
import { installNodes, nodeProgram } from "../node/programs.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const SERVE = fileURLToPath(new URL("../workerd/serve.mjs", import.meta.url));
const installed = (path) => join(here, "node_modules", path);
const versionOf = async (name) =>
  JSON.parse(await readFile(installed(`${name}/package.json`), "utf8")).version;

/** An entry whose `run(ctx, settings)`, in a project with these `files`, gives the results. */
const entry = ({ name, label, of, files, run }) => ({
  name,
  label,
  wholeSuite: false,

  async install(ctx) {
    await installNodes(ctx);
    await ctx.npmCi(here);
  },

  async run(ctx) {
    const modules = join(ctx.scratch, "node_modules");
    await mkdir(modules);
    const names = (await readdir(installed(""))).filter((name) => !name.startsWith("."));
    await Promise.all(names.map((name) => symlink(installed(name), join(modules, name))));
    await ctx.installTarball(ctx.scratch);
    const settings = await ctx.servers();
    const connection = { baseUrl: settings.baseUrl, apiKey: settings.apiKey };
    for (const [path, text] of Object.entries(files)) {
      const file = join(ctx.scratch, path);
      await mkdir(join(file, ".."), { recursive: true });
      await writeFile(file, text.replace("CONNECTION", JSON.stringify(connection)));
    }
    return { version: await versionOf(of), results: await run(ctx) };
  },
});

const JEST_TEST = `
const { Sandbox, ValidationError, previewUrl } = require("@superserve/sdk");

test("is where it is said to be", () => {
  expect(typeof window).toBe("object");
  for (const name of ["TextDecoder", "TextEncoder", "fetch", "Response"]) expect(typeof globalThis[name]).toBe("undefined");
});

test("an answer from inside the module", () => {
  expect(() => previewUrl("id", "sandbox.superserve.ai", 1)).toThrow(ValidationError);
});

test("a mock of fetch is enough for a call", async () => {
  const sandbox = { id: "00000000-0000-4000-8000-000000000000", name: "caf\\u00e9", status: "active" };
  const body = [{ ...sandbox, created_at: "2026-01-01T00:00:00Z", vcpu_count: 1, memory_mib: 1024, metadata: {} }];
  const urls = [];
  globalThis.fetch = async (url) => {
    urls.push(url);
    return { ok: true, status: 200, headers: new Map(), json: async () => body, text: async () => JSON.stringify(body) };
  };
  const list = await Sandbox.list({ apiKey: "k", baseUrl: "http://localhost:1", metadata: { town: "Orl\\u00e9ans" } });
  expect(list.map(({ name }) => name)).toEqual(["caf\\u00e9"]);
  expect(urls).toEqual(["http://localhost:1/sandboxes?metadata.town=Orl%C3%A9ans"]);
});
`;

const jest = entry({
  name: "jest",
  label: "Jest with jsdom",
  of: "jest",
  files: {
    "page.test.js": JEST_TEST,
    "jest.config.json": JSON.stringify({ testEnvironment: "jsdom", watchman: false }),
  },
  async run(ctx) {
    const cli = installed("jest/bin/jest.js");
    const args = [cli, "--json", "--config", "jest.config.json", "--outputFile", "jest.json"];
    // Its exit code says less than what it writes.
    const failed = await ctx.exec(nodeProgram(26), args).catch(({ message }) => message);
    const { testResults } = JSON.parse(
      await readFile(join(ctx.scratch, "jest.json"), "utf8").catch(() => assert.fail(failed)),
    );
    const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
    assert.equal(tests.length, 3, testResults[0]?.message);
    return Promise.all(
      tests.map(({ title, status, failureMessages }) =>
        check("jsdom", title, () => assert.equal(status, "passed", failureMessages.join("\n"))),
      ),
    );
  },
});

const NITRO_ROUTE = `
import { Sandbox } from "@superserve/sdk";

export default defineEventHandler(async () => {
  const sandbox = await Sandbox.create({ name: "nitro", ...CONNECTION });
  let streamed = "";
  await sandbox.commands.run("echo from a sandbox", { onStdout: (text) => (streamed += text) });
  await sandbox.kill();
  return streamed;
});
`;

const COMPATIBILITY_DATE = "2026-11-01";

const nitro = entry({
  name: "nitro",
  label: "Nitro, for Cloudflare",
  of: "nitropack",
  files: {
    "routes/index.ts": NITRO_ROUTE,
    "nitro.config.ts": `export default defineNitroConfig({
      compatibilityDate: "${COMPATIBILITY_DATE}",
      experimental: { wasm: true },
    });`,
  },
  async run(ctx) {
    const cli = installed("nitropack/dist/cli/index.mjs");
    const built = await ctx.exec(nodeProgram(24), [cli, "build", "--preset", "cloudflare-module"], {
      env: { NITRO_TELEMETRY: "0", CLOUDFLARE_CF_FETCH_ENABLED: "false", NO_COLOR: "1" },
    });
    ctx.log(built.stdout + built.stderr);
    const output = join(ctx.scratch, ".output/server");
    const args = [SERVE, output, "index.mjs", COMPATIBILITY_DATE, "nodejs_compat"];
    const { url } = await startServing(ctx, nodeProgram(24), args);
    return [
      await check("route", "streams a command", async () => {
        const response = await fetch(url);
        assert.equal(`${response.status} ${await response.text()}`, "200 from a sandbox\n");
      }),
    ];
  },
});

const LOCKED_DOWN = `
import "ses";

lockdown();
const { Sandbox, NotFoundError } = await import("@superserve/sdk");
const sandbox = await Sandbox.create({ name: "ses", ...CONNECTION });
const outcomes = { detached: new ArrayBuffer(1).detached };
// Enough for the module's memory to grow.
let length = 0;
await sandbox.commands.run("head -c 3000000 /dev/zero | tr '\\\\0' a", { onStdout: (text) => (length += text.length) });
outcomes.length = length;
outcomes.isNotFound = await sandbox.files.read("/none").catch((error) => error instanceof NotFoundError);
outcomes.killed = (await sandbox.kill()) === undefined;
console.log(JSON.stringify(outcomes));
process.exit(0);
`;

const ses = entry({
  name: "ses",
  label: "Node 20, SES lockdown",
  of: "ses",
  files: { "main.mjs": LOCKED_DOWN },
  async run(ctx) {
    const { stdout } = await ctx.exec(nodeProgram(20), ["main.mjs"]);
    const { length, isNotFound, killed, detached } = JSON.parse(stdout.trim().split("\n").at(-1));
    return [
      await check("lockdown", "has a say in what is detached", () => assert.equal(detached, false)),
      await check("lockdown", "a command streams", () => assert.equal(length, 3_000_000)),
      await check("lockdown", "calls after it work", () => assert.ok(isNotFound && killed)),
    ];
  },
});

export const frameworks = [jest, nitro, ses];
