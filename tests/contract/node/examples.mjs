// The examples, run as they stand.

import { spawn } from "node:child_process";
import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
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

/** Every program of the folder but the demo, which `cargo xtask demo` runs, with what it prints. */
const PROGRAMS = {
  "errors.mjs": [
    /^the command ended with [12]: .*\/nowhere/,
    /^NotFoundError, status 404$/m,
    /^ValidationError, .*timeoutMs/m,
    /^true true false$/m,
  ],
  "abort.mjs": [/^aborted: no longer wanted$/m, /^aborted: TimeoutError$/m],
  "retries.mjs": [/^listed at request 3$/m, /^refused with 503 at request 1$/m, /^there is 1$/m],
  "streams.mjs": [
    /^step 1\nstep 2\nstep 3$/m,
    /^! one warning$/m,
    /^ended with 0; .* 21 characters/m,
    /^downloaded 3000000 bytes, told of 3000000$/m,
  ],
  "sessions.mjs": [/^lengths 3, 5, 9; ended with 7$/m, /^rows and columns are 30 100; shell exited$/m],
  "secrets.mjs": [/key: false; .*: true$/m, /by this sandbox: true$/m, /^used by 0 after/m],
  "previews.mjs": [/^with the signed link: 200$/m, /^without: 40[13]$/m, /^after it is closed: 40[134]$/m],
  "templates.mjs": [
    /^stdout: packing$/m,
    /^ready\npacked by hand$/m,
    /^stderr: no such luck$/m,
    /^BuildError, code step_failed: .*code 3$/m,
  ],
};

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("there is a test of every one", async ({ assert }) => {
    const programs = (await readdir(EXAMPLES)).filter((file) => file.endsWith(".mjs") && file !== "demo.mjs");
    assert.deepEqual(programs.sort(), Object.keys(PROGRAMS).sort());
  });

  for (const [program, says] of Object.entries(PROGRAMS)) {
    test(`${program} does what it says, and leaves nothing behind`, { timeoutMs: LIMIT_MS }, async (ctx) => {
      const { sdk, assert } = ctx;
      const connection = { baseUrl: ctx.baseUrl, apiKey: ctx.apiKey };
      const { code, stdout, stderr } = await runExample(ctx, program, connection);
      assert.equal(code, 0, `${stdout}\n${stderr}`);
      assert.equal(stderr, "");
      for (const pattern of says) assert.match(stdout, pattern);
      const name = `example-${program.replace(".mjs", "")}`;
      const sandboxes = (await sdk.Sandbox.list(connection)).filter((sandbox) => sandbox.name === name);
      assert.deepEqual(sandboxes, [], "sandboxes left behind");
      const templates = await sdk.Template.list({ ...connection, namePrefix: "example-" });
      assert.deepEqual(templates, [], "templates left behind");
      const secrets = (await sdk.Secret.list(connection)).filter((secret) =>
        secret.name.startsWith("example-"),
      );
      assert.deepEqual(secrets, [], "secrets left behind");
    });

    test(`${program} ends with an error where its key is wrong`, async (ctx) => {
      const { assert } = ctx;
      const { code, stderr } = await runExample(ctx, program, {
        baseUrl: ctx.baseUrl,
        apiKey: "ss_live_wrong",
      });
      assert.equal(code, 1);
      assert.match(stderr, /AuthenticationError/);
    });
  }
}
