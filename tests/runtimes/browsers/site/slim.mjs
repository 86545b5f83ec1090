// The slim entry, and the whole package, in a page whose policy forbids `eval` and inline scripts.

import * as assert from "../../../contract/support/assert.mjs";
import { live, liveSandbox } from "../../../contract/support/live.mjs";
import { check } from "../../frame/check.mjs";
import { fail, tell } from "./home.mjs";

const DIST = "/node_modules/@superserve/sdk/dist";
const WASM = `${DIST}/superserve.wasm`;

const bytes = async () => (await fetch(WASM)).arrayBuffer();
const untyped = async () => new Response(await bytes(), { headers: { "content-type": "text/plain" } });

const SOURCES = {
  "a path": () => WASM,
  "a URL": () => new URL(WASM, location),
  "a Response": () => fetch(WASM),
  "a Response that is not said to be wasm": untyped,
  bytes: async () => new Uint8Array(await bytes()),
  "an ArrayBuffer": bytes,
  "a module": () => WebAssembly.compileStreaming(fetch(WASM)),
};

const settings = await (await fetch("/settings")).json();

/** A sandbox starts, runs a command and ends. */
async function works(sdk) {
  const cleanups = [];
  const sandbox = await liveSandbox({ sdk, ...settings, defer: (cleanup) => cleanups.push(cleanup) });
  try {
    assert.equal((await sandbox.commands.run("echo works")).stdout, "works\n");
  } finally {
    for (const cleanup of cleanups) await cleanup();
  }
}

const report = async (name, body) => tell({ result: await check("slim", name, body) });

try {
  await report("the policy is in force", () => {
    assert.throws(() => new Function("return 1"), EvalError);
  });
  for (const [name, source] of Object.entries(SOURCES)) {
    await report(`init with ${name}`, async () => {
      // Another query makes another copy.
      const sdk = await import(`${DIST}/slim.js?${encodeURIComponent(name)}`);
      const early = assert.throws(() => sdk.Sandbox.list(live(settings)), sdk.SandboxError);
      assert.equal(early.code, "not_initialized");
      await sdk.init(source());
      await works(sdk);
    });
  }
  await report("a file that is not there, then the right one", async () => {
    const sdk = await import(`${DIST}/slim.js?again`);
    await assert.rejects(() => sdk.init("/nowhere.wasm"), sdk.SandboxError);
    await sdk.init(WASM);
    await works(sdk);
  });
  await report("the whole package", async () => works(await import(`${DIST}/index.js`)));
  await tell({ end: {} });
} catch (error) {
  await fail(error);
}
