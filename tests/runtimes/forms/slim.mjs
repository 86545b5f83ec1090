// `@superserve/sdk/slim`: the module comes from where the user says. Web-standard globals only. `ctx.copies` makes fresh
// copies of the entry, `ctx.wasmUrl` is where its module is served.

import { freshName, live } from "../../contract/support/live.mjs";

/** A call of each kind, none of which may send anything. */
const CALLS = {
  "Sandbox.create": (sdk) => sdk.Sandbox.create({ name: "x", apiKey: "k", baseUrl: "http://127.0.0.1:9" }),
  "Sandbox.list": (sdk) => sdk.Sandbox.list({ apiKey: "k", baseUrl: "http://127.0.0.1:9" }),
  "Template.list": (sdk) => sdk.Template.list({ apiKey: "k", baseUrl: "http://127.0.0.1:9" }),
  "Secret.list": (sdk) => sdk.Secret.list({ apiKey: "k", baseUrl: "http://127.0.0.1:9" }),
  "Provider.list": (sdk) => sdk.Provider.list({ apiKey: "k", baseUrl: "http://127.0.0.1:9" }),
  resolveConfig: (sdk) => sdk.resolveConfig({ apiKey: "k" }),
  previewUrl: (sdk) => sdk.previewUrl("id", "sandbox.superserve.ai", 3000),
};

const bytesOf = async ({ wasmUrl }) => new Uint8Array(await (await fetch(wasmUrl)).arrayBuffer());

/** What `init` takes, each made anew. */
const SOURCES = {
  "a Uint8Array": bytesOf,
  "an ArrayBuffer": async (ctx) => (await bytesOf(ctx)).buffer,
  "a part of a buffer": async (ctx) => {
    const bytes = await bytesOf(ctx);
    const wider = new Uint8Array(bytes.length + 20);
    wider.set(bytes, 7);
    return wider.subarray(7, 7 + bytes.length);
  },
  "a Response": ({ wasmUrl }) => fetch(wasmUrl),
  "a Response of another type": ({ wasmUrl }) => fetch(`${wasmUrl}?type=text/plain`),
  "a WebAssembly.Module": async (ctx) => WebAssembly.compile(await bytesOf(ctx)),
  "a URL": ({ wasmUrl }) => new URL(wasmUrl),
  "a string": ({ wasmUrl }) => wasmUrl,
  "a promise of a Response": ({ wasmUrl }) => ({ promise: fetch(wasmUrl) }),
  "a promise of bytes": (ctx) => ({ promise: bytesOf(ctx) }),
};

const wrongSources = () => [
  undefined,
  null,
  1,
  true,
  {},
  [],
  Symbol(),
  () => {},
  new Uint8Array(8),
  "http://",
];

/** What the call throws, or its promise rejects with. */
async function outcome(call) {
  try {
    await call();
  } catch (error) {
    return error;
  }
  return undefined;
}

/** The package works: through the module, to the local server and back. */
async function works(ctx, sdk) {
  const { assert, baseUrl, apiKey } = ctx;
  assert.equal(sdk.resolveConfig({ baseUrl, apiKey }).apiKey, apiKey);
  const sandbox = await sdk.Sandbox.create({ ...live(ctx), name: freshName() });
  try {
    let streamed = "";
    const onStdout = (text) => (streamed += text);
    const { stdout } = await sandbox.commands.run("printf '漢字'", { onStdout });
    assert.equal(stdout, "漢字");
    assert.equal(streamed, "漢字");
    await sandbox.files.write("/tmp/a", "content");
    assert.equal(await sandbox.files.readText("/tmp/a"), "content");
  } finally {
    await sandbox.kill();
  }
}

/** Counts the fetches until the test ends. */
function countFetches(ctx) {
  const original = globalThis.fetch;
  const seen = [];
  globalThis.fetch = (...args) => {
    seen.push(String(args[0]));
    return original(...args);
  };
  ctx.defer(() => {
    globalThis.fetch = original;
  });
  return seen;
}

export function slim({ test }) {
  test("exports what the package does, and init", async ({ assert, sdk, copies }) => {
    const copy = await copies();
    assert.deepEqual(Object.keys(copy).sort(), [...Object.keys(sdk), "init"].sort());
    assert.equal(typeof copy.init, "function");
  });

  test("before init every call is an error that says so, and nothing is sent", async (ctx) => {
    const { assert, copies } = ctx;
    const copy = await copies();
    const fetches = countFetches(ctx);
    for (const [name, call] of Object.entries(CALLS)) {
      const error = await outcome(() => call(copy));
      assert.isError(error, copy.SandboxError, name);
      assert.equal(error.code, "not_initialized", name);
      assert.match(error.message, /init/, name);
    }
    assert.deepEqual(fetches, []);
    assert.isError(new copy.NotFoundError(), copy.NotFoundError);
  });

  for (const [what, make] of Object.entries(SOURCES)) {
    test(`init takes ${what}`, async (ctx) => {
      const { assert, copies } = ctx;
      const copy = await copies();
      const made = await make(ctx);
      assert.equal(await copy.init(made.promise ?? made), undefined);
      await works(ctx, copy);
    });
  }

  test("a second init waits for the first and loads nothing", async (ctx) => {
    const { assert, copies, wasmUrl } = ctx;
    const copy = await copies();
    const fetches = countFetches(ctx);
    await Promise.all([copy.init(wasmUrl), copy.init(wasmUrl), copy.init(wasmUrl)]);
    await copy.init(wasmUrl);
    assert.equal(fetches.length, 1, "fetches");
    const { Sandbox } = copy;
    await copy.init(await bytesOf(ctx));
    assert.ok(copy.Sandbox === Sandbox, "the same classes");
    await works(ctx, copy);
  });

  test("what is no module is refused, and init may be tried again", async (ctx) => {
    const { assert, copies, wasmUrl } = ctx;
    const copy = await copies();
    for (const source of wrongSources()) {
      const error = await assert.rejects(() => copy.init(source), undefined, String(source));
      assert.ok(error instanceof Error, String(source));
      assert.equal(typeof error.message, "string");
    }
    const gone = await assert.rejects(() => copy.init(`${wasmUrl}?status=404`), copy.SandboxError, "a 404");
    assert.match(gone.message, /404/);
    await assert.rejects(() => copy.init(fetch(`${wasmUrl}?status=500`)), copy.SandboxError, "a 500");
    await assert.rejects(() => copy.init(Promise.reject(new Error("mine"))), Error, "a promise that rejects");
    const error = await outcome(() => copy.Sandbox.list(live(ctx)));
    assert.equal(error?.code, "not_initialized", "it is still not loaded");
    await copy.init(wasmUrl);
    await works(ctx, copy);
  });
}
