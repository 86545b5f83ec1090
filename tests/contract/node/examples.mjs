// The examples, run as they stand.

import { spawn } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const LIMIT_MS = 60_000;
const EXAMPLES = fileURLToPath(new URL("../../../examples/node/", import.meta.url));
const LOADER = new URL("load-sdk.mjs", import.meta.url).href;
const WEBSOCKET = new URL("websocket.mjs", import.meta.url).href;

/** A folder where `@superserve/sdk` is the package under test, with a copy of the example in it. */
async function installed(ctx, example) {
  const folder = await mkdtemp(join(tmpdir(), "superserve-example-"));
  ctx.defer(() => rm(folder, { recursive: true, force: true }));
  const home = join(folder, "node_modules/@superserve/sdk");
  await mkdir(home, { recursive: true });
  // Each name on its own: Node cannot see all names of a CommonJS module that re-exports another.
  const names = Object.keys(ctx.sdk).filter((name) => /^[A-Za-z]\w*$/.test(name) && name !== "default");
  const lines = [
    `import { loadSdk } from ${JSON.stringify(LOADER)};`,
    `const sdk = await loadSdk(${JSON.stringify(ctx.sdkPath)});`,
    ...names.map((name) => `export const ${name} = sdk.${name};`),
  ];
  await writeFile(join(home, "index.mjs"), lines.join("\n"));
  await writeFile(join(home, "package.json"), '{ "type": "module", "exports": "./index.mjs" }');
  await copyFile(join(EXAMPLES, example), join(folder, example));
  return join(folder, example);
}

/** Runs an example to its end. */
async function runExample(ctx, example, { baseUrl, apiKey }) {
  const script = await installed(ctx, example);
  const env = { ...process.env, SUPERSERVE_BASE_URL: baseUrl, SUPERSERVE_API_KEY: apiKey };
  const child = spawn(process.execPath, ["--import", WEBSOCKET, script], {
    env,
    timeout: LIMIT_MS,
    killSignal: "SIGKILL",
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (text) => (stdout += text));
  child.stderr.on("data", (text) => (stderr += text));
  const code = await new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve(signal ?? code));
  });
  return { code, stdout, stderr };
}

export default function ({ test }) {
  test("template.mjs builds, starts and tidies up", { timeoutMs: LIMIT_MS }, async (ctx) => {
    const { sdk, assert } = ctx;
    const connection = { baseUrl: ctx.baseUrl, apiKey: ctx.apiKey };
    const { code, stdout, stderr } = await runExample(ctx, "template.mjs", connection);
    assert.equal(code, 0, `${stdout}\n${stderr}`);
    assert.equal(stderr, "");
    const says = [
      /Define a template/,
      /\| packing 1 of 3\n/,
      /\| packing 3 of 3\n/,
      /is ready, built at/,
      /packed by hand; its server says "Hello from the template"/,
      /: cancelled\n.*: ready\n/,
      /! no such luck\n/,
      /BuildError step_failed: step 2\/2 failed after .*: exited with code 3\n/,
      /\nAll of it worked\.\n$/,
    ];
    for (const pattern of says) assert.match(stdout, pattern);
    const served = stdout.match(/its server says/g);
    assert.equal(served.length, 3, "sandboxes from the object, the name and the id");
    const left = await sdk.Template.list({ ...connection, namePrefix: "example-" });
    assert.deepEqual(left, [], "templates left behind");
  });

  test("session.mjs talks, types, hides and serves", { timeoutMs: LIMIT_MS }, async (ctx) => {
    const { assert } = ctx;
    const connection = { baseUrl: ctx.baseUrl, apiKey: ctx.apiKey };
    const { code, stdout, stderr } = await runExample(ctx, "session.mjs", connection);
    assert.equal(code, 0, `${stdout}\n${stderr}`);
    assert.equal(stderr, "");
    for (const pattern of [
      /2 14\n/,
      /shell exited/,
      /the sandbox sees \S+…/,
      /Hello from the sandbox/,
      /All of it worked\.\n$/,
    ]) {
      assert.match(stdout, pattern);
    }
  });

  test("template.mjs ends with an error where the service is not to be reached", async (ctx) => {
    const { assert } = ctx;
    const connection = { baseUrl: ctx.baseUrl, apiKey: "ss_live_wrong" };
    const { code, stdout, stderr } = await runExample(ctx, "template.mjs", connection);
    assert.equal(code, 1);
    assert.match(stderr, /The example failed in step 1 \(HTTP 401\)/);
    assert.match(stderr, /AuthenticationError/);
    assert.excludes(stdout, "All of it worked", "it says so");
  });
}
