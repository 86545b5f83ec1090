// The tarball as a user installs it: SUPERSERVE_CONSUMER names a project that has it.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { join } from "node:path";
import { test } from "node:test";
import { brotliCompressSync } from "node:zlib";
import ts from "typescript";

import { withoutPlaces } from "../../xtask/js/places.mjs";

const consumer = process.env.SUPERSERVE_CONSUMER ?? "";
const home = join(consumer, "node_modules/@superserve/sdk");
const manifest = JSON.parse(readFileSync(join(home, "package.json"), "utf8"));
const esm = await import(pathToFileURL(join(consumer, "esm.mjs")).href);
const cjs = createRequire(join(consumer, "cjs.cjs"))("@superserve/sdk");
const names = Object.keys(esm).sort();

const NODE_ONLY = ["node:crypto", "node:http", "node:https", "node:stream"];

/** What the program has too, so that there is one copy of it, whichever entry that is. */
const MAIN = ["@superserve/sdk"];

/** What the program has, if it uses it. */
const API = ["@opentelemetry/api"];

/** Entries for agents' frameworks, with what of those and of this package each imports. @type {Record<string, string[]>} */
const ADAPTERS = {
  ai: ["@superserve/sdk", "@superserve/sdk/tools", "ai"],
  anthropic: ["@superserve/sdk/tools"],
  computesdk: MAIN,
  langchain: [
    "@langchain/core/messages",
    "@langchain/core/singletons",
    "@langchain/core/tools",
    "@superserve/sdk/tools",
  ],
  mastra: ["@mastra/core/tools", "@mastra/core/workspace", "@superserve/sdk/tools"],
  mcp: [
    "@modelcontextprotocol/sdk/server/index.js",
    "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js",
    "@modelcontextprotocol/sdk/types.js",
    "@superserve/sdk/tools",
  ],
  openai: ["@openai/agents", "@superserve/sdk/tools"],
  "openai-api": ["@superserve/sdk/tools"],
  "openai-sandbox": ["@openai/agents", "@openai/agents/sandbox", "@superserve/sdk"],
};

/** Those of which a part is a file of its own, which is loaded when it is needed, and what that imports. @type {Record<string, string[]>} */
const APART = { anthropic: [] };

/** Every bundle, with all that it imports. */
const BUNDLES = {
  "index.js": ["./lazy.js"],
  "index.cjs": ["./lazy.cjs"],
  "workerd.js": ["./lazy-workerd.js", "./superserve.wasm"],
  "edge-light.js": ["./lazy-edge-light.js", "./superserve.wasm?module"],
  "slim.js": ["./lazy.js"],
  "slim.cjs": ["./lazy.cjs"],
  "cli.js": [
    "@modelcontextprotocol/sdk/server/stdio.js",
    "@superserve/sdk",
    "@superserve/sdk/mcp",
    "@superserve/sdk/relay/node",
    "@superserve/sdk/tools",
    "node:events",
    "node:http",
    "node:util",
  ],
  "lazy.js": [],
  "lazy.cjs": [],
  "lazy-workerd.js": ["./lazy.wasm"],
  "lazy-edge-light.js": ["./lazy.wasm?module"],
  "otel.js": API,
  "otel.cjs": API,
  "relay.js": MAIN,
  "relay.cjs": MAIN,
  "relay-node.js": NODE_ONLY,
  "relay-node.cjs": NODE_ONLY,
  "tools.js": MAIN,
  "tools.cjs": MAIN,
  "xterm.js": [],
  "xterm.cjs": [],
  ...Object.fromEntries(
    ["js", "cjs"].flatMap((kind) => [
      ...Object.entries(ADAPTERS).map(([name, imports]) => [
        `${name}.${kind}`,
        [...(APART[name] ? [`./${name}-apart.${kind}`] : []), ...imports],
      ]),
      ...Object.entries(APART).map(([name, imports]) => [`${name}-apart.${kind}`, imports]),
    ]),
  ),
};

test("holds these files and no others", () => {
  const files = readdirSync(home, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(home.length + 1));
  const adapters = Object.keys(ADAPTERS).flatMap((name) => [
    ...["cjs", "d.cts", "d.ts", "js"].map((kind) => `dist/${name}.${kind}`),
    ...(APART[name] ? [`dist/${name}-apart.cjs`, `dist/${name}-apart.js`] : []),
    `${name}/package.json`,
  ]);
  const expected = [
    ...adapters,
    "LICENSE",
    "README.md",
    "dist/cli.js",
    "dist/edge-light.js",
    "dist/index.cjs",
    "dist/index.d.cts",
    "dist/index.d.ts",
    "dist/index.js",
    "dist/lazy-edge-light.js",
    "dist/lazy-workerd.js",
    "dist/lazy.cjs",
    "dist/lazy.js",
    "dist/lazy.wasm",
    "dist/otel.cjs",
    "dist/otel.d.cts",
    "dist/otel.d.ts",
    "dist/otel.js",
    "dist/relay-node.cjs",
    "dist/relay-node.d.cts",
    "dist/relay-node.d.ts",
    "dist/relay-node.js",
    "dist/relay.cjs",
    "dist/relay.d.cts",
    "dist/relay.d.ts",
    "dist/relay.js",
    "dist/slim.cjs",
    "dist/slim.d.cts",
    "dist/slim.d.ts",
    "dist/slim.js",
    "dist/superserve.wasm",
    "dist/tools.cjs",
    "dist/tools.d.cts",
    "dist/tools.d.ts",
    "dist/tools.js",
    "dist/workerd.js",
    "dist/xterm.cjs",
    "dist/xterm.d.cts",
    "dist/xterm.d.ts",
    "dist/xterm.js",
    "otel/package.json",
    "package.json",
    "relay/node/package.json",
    "relay/package.json",
    "slim/package.json",
    "tools/package.json",
    "xterm/package.json",
  ];
  assert.deepEqual(files.sort(), expected.sort());
});

test("depends on nothing, has no side effects and runs no script", () => {
  assert.equal(manifest.name, "@superserve/sdk");
  assert.equal(manifest.license, "Apache-2.0");
  assert.equal(manifest.sideEffects, false);
  assert.match(manifest.version, /^\d+\.\d+\.\d+/);
  for (const key of ["dependencies", "optionalDependencies", "scripts", "private"]) {
    assert.equal(manifest[key], undefined, key);
  }
  // An entry of its own needs that, and nothing installs it by itself.
  const peers = Object.keys(manifest.peerDependencies);
  assert.deepEqual(peers, [...peers].sort());
  const optional = peers.map((name) => [name, { optional: true }]);
  assert.deepEqual(manifest.peerDependenciesMeta, Object.fromEntries(optional));
});

test("tells where it comes from", () => {
  const home = manifest.homepage.split("#")[0];
  assert.match(home, /^https:\/\/github\.com\/[\w-]+\/[\w-]+$/);
  assert.deepEqual(manifest.repository, { type: "git", url: `git+${home}.git` });
  assert.deepEqual(manifest.bugs, { url: `${home}/issues` });
});

test("every path in package.json is a file, and types come first under each condition", () => {
  /** @param {string | object} value */
  const visit = (value) => {
    if (typeof value === "string") return assert.ok(existsSync(join(home, value)), value);
    if ("default" in value) assert.equal(Object.keys(value)[0], "types");
    for (const inner of Object.values(value)) visit(inner);
  };
  visit(manifest.exports);
  for (const key of ["main", "module", "types"]) visit(manifest[key]);
  const order = Object.keys(manifest.exports["."]);
  assert.deepEqual(order, ["workerd", "edge-light", "import", "require"]);
});

test("has one command, which npx finds by the package's name, and which says what it misses", () => {
  assert.deepEqual(manifest.bin, { superserve: "./dist/cli.js" });
  const file = join(home, manifest.bin.superserve);
  assert.match(readFileSync(file, "utf8"), /^#!\/usr\/bin\/env node\n/);
  /** @param {string} arg */
  const command = (arg) => spawnSync(process.execPath, [file, arg], { encoding: "utf8", timeout: 60_000 });
  assert.equal(command("--version").stdout, `${manifest.version}\n`);
  // It is installed without what it serves with.
  const { status, stdout, stderr } = command("mcp");
  assert.deepEqual([status, stdout], [1, ""]);
  assert.match(stderr, /npm install @modelcontextprotocol\/sdk/);
  assert.doesNotMatch(stderr, /\n\s+at /);
});

test("ES modules and CommonJS get the same exports, each by its own name", async () => {
  assert.ok(names.includes("Sandbox") && names.includes("SandboxError"));
  assert.deepEqual(Object.keys(cjs).sort(), names);
  // What Node.js finds in the CommonJS file without running it.
  const { default: all, ...named } = await import(pathToFileURL(join(home, manifest.main)).href);
  assert.deepEqual(
    Object.keys(named)
      .filter((name) => name in all)
      .sort(),
    names,
  );
  for (const sdk of [esm, cjs]) {
    for (const name of names) {
      if (typeof sdk[name] === "function") assert.equal(sdk[name].name, name);
    }
    for (const name of names.filter((name) => name.endsWith("Error") && name !== "SandboxError")) {
      assert.ok(sdk[name].prototype instanceof sdk.SandboxError, name);
    }
  }
});

for (const file of ["index.d.ts", "index.d.cts"]) {
  const path = join(home, "dist", file);
  const program = ts.createProgram([path], { lib: ["lib.es2022.d.ts", "lib.dom.d.ts"], types: [] });
  const checker = program.getTypeChecker();
  const module = checker.getSymbolAtLocation(/** @type {ts.SourceFile} */ (program.getSourceFile(path)));
  const values = checker
    .getExportsOfModule(/** @type {ts.Symbol} */ (module))
    .filter(({ flags }) => flags & ts.SymbolFlags.Value);

  test(`${file} declares what the modules export`, () => {
    assert.deepEqual(values.map(({ name }) => name).sort(), names);
    assert.doesNotMatch(
      readFileSync(path, "utf8"),
      /@internal|\bfree\(\)|Symbol\.dispose|initSync|InitOutput/,
    );
  });

  test(`${file} declares the methods that the classes have`, () => {
    /** @param {ts.SymbolTable | undefined} symbols */
    const methods = (symbols) =>
      [...(symbols?.values() ?? [])]
        .filter(({ flags }) => flags & ts.SymbolFlags.Method)
        .map(({ name }) => name);
    /** @param {object} object */
    const functions = (object) =>
      Object.getOwnPropertyNames(object).filter((name) => {
        const value = Object.getOwnPropertyDescriptor(object, name)?.value;
        return typeof value === "function" && name !== "constructor";
      });
    const classes = values.filter(
      ({ flags, name }) => flags & ts.SymbolFlags.Class && !name.endsWith("Error"),
    );
    assert.ok(classes.length > 0);
    for (const { name, members, exports } of classes) {
      for (const sdk of [esm, cjs]) {
        assert.deepEqual(functions(sdk[name].prototype).sort(), methods(members).sort(), name);
        assert.deepEqual(functions(sdk[name]).sort(), methods(exports).sort(), name);
      }
    }
  });
}

/**
 * What a file imports, statically, by `import()` or `require()`, and what it may not have: code made of text, `import.meta`,
 * and imports by a name that cannot be read. It is parsed, since it has programs for sandboxes as text; `length` is without
 * texts.
 *
 * @param {string} text
 */
function codeOf(text) {
  /** @type {{ sources: string[], forbidden: string[], length: number }} */
  const found = { sources: [], forbidden: [], length: text.length };
  /** @param {ts.Node} node */
  const visit = (node) => {
    if (ts.isStringLiteralLike(node)) found.length -= node.getWidth();
    const source =
      ts.isImportDeclaration(node) || ts.isExportDeclaration(node) ? node.moduleSpecifier : undefined;
    if (source && ts.isStringLiteral(source)) found.sources.push(source.text);
    if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword)
      found.forbidden.push("import.meta");
    if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
      const { expression, arguments: [first] = [] } = node;
      const name = ts.isIdentifier(expression) ? expression.text : "";
      if (name === "eval" || name === "Function") found.forbidden.push(name);
      if (name === "require" || expression.kind === ts.SyntaxKind.ImportKeyword) {
        if (first && ts.isStringLiteral(first)) found.sources.push(first.text);
        else found.forbidden.push(node.getText().slice(0, 80));
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile("bundle.js", text, ts.ScriptTarget.Latest, true));
  return found;
}

test("the bundles stand alone", () => {
  const files = readdirSync(join(home, "dist")).filter((file) => /\.c?js$/.test(file));
  assert.deepEqual(files.sort(), Object.keys(BUNDLES).sort());
  for (const [file, imports] of Object.entries(BUNDLES)) {
    const text = readFileSync(join(home, "dist", file), "utf8");
    const { sources, forbidden } = codeOf(text);
    assert.deepEqual(forbidden, [], file);
    assert.deepEqual(sources.sort(), imports, file);
  }
});

test("what loads when it is needed is loaded by nothing else, and has no copy of the rest", async () => {
  /** @param {string} file */
  const text = (file) => readFileSync(join(home, "dist", file), "utf8");
  // Of each something that only it has.
  const [lazy, rest] = ["webkitRelativePath", "SUPERSERVE_API_KEY"];
  for (const file of Object.keys(BUNDLES)) {
    assert.equal(text(file).includes(lazy), file.startsWith("lazy"), file);
    if (file.startsWith("lazy")) assert.ok(!text(file).includes(rest), file);
  }
  for (const file of ["lazy-workerd.js", "lazy-edge-light.js"])
    assert.ok(codeOf(text(file)).length < 72_000, file);
  const { exports } = await WebAssembly.instantiate(readFileSync(join(home, "dist/lazy.wasm"))).then(
    ({ instance }) => instance,
  );
  assert.ok(exports.memory instanceof WebAssembly.Memory);
  // CommonJS has no import(): what runs it may know none.
  assert.match(text("index.cjs"), /\brequire\("\.\/lazy\.cjs"\)/);
});

/** Most bytes of an entry for agents, compressed. */
const AGENT_BYTES = {
  // 8,192 were wanted. What models are told of thirteen tools is 1,800 of it, which only shrinks by telling them less; files, searches
  // and code are 2,800, what is long, and where paths lead, 500 each, and a sandbox that is there when it is needed 700.
  tools: 10_000,
  ...Object.fromEntries(Object.keys(ADAPTERS).map((name) => [name, 4096])),
  // 4,096 were wanted. A session has commands that go on, files, archives and patches, and all of it says what goes wrong.
  "openai-sandbox": 5400,
  // What loads with the first call of a tool that Anthropic has defined: four of them, by their versions.
  "anthropic-apart": 6800,
};
for (const [name, most] of Object.entries(AGENT_BYTES)) {
  test(`${name} is small`, () => {
    for (const file of [`${name}.js`, `${name}.cjs`]) {
      const { length } = brotliCompressSync(readFileSync(join(home, "dist", file)));
      assert.ok(length <= most, `${file}: ${length} bytes`);
    }
  });
}

test("the relay carries no copy of the page's side, and the page nothing of the relay", () => {
  /** @param {string} file */
  const text = (file) => readFileSync(join(home, "dist", file), "utf8");
  const relays = ["relay.js", "relay.cjs", "relay-node.js", "relay-node.cjs"];
  // Of each something that only it has.
  const [relay, page] = ["allowedOrigins", "WebAssembly"];
  assert.ok(text("relay.js").includes(relay) && text("index.js").includes(page));
  for (const file of Object.keys(BUNDLES).filter((file) => !relays.includes(file)))
    assert.ok(!text(file).includes(relay), file);
  for (const file of relays)
    assert.ok(!text(file).includes(page) && codeOf(text(file)).length < 72_000, file);
});

test("the relay has the core of the entry that the program has, which shows nobody how", () => {
  const script = `
    const { Sandbox } = require("@superserve/sdk");
    const core = Symbol.for("@superserve/sdk/relay");
    const { connect } = Sandbox[core];
    let used = 0;
    Sandbox[core].connect = (...args) => ((used += 1), connect(...args));
    const { createRelay } = require("@superserve/sdk/relay");
    createRelay({ apiKey: "k", secret: "s".repeat(32) });
    console.log(used, Object.keys(Sandbox).length);
  `;
  const used = execFileSync(process.execPath, ["-e", script], { cwd: consumer, encoding: "utf8" });
  assert.equal(used, "1 0\n");
});

test("no file is one long line", () => {
  for (const file of readdirSync(join(home, "dist")).filter((name) => /\.c?js$/.test(name))) {
    for (const line of readFileSync(join(home, "dist", file), "utf8").split("\n")) {
      const isData = /^[\dA-Fa-f]+(\\$|")/.test(line);
      assert.ok(
        line.length <= (isData ? 2500 : 500),
        `${file}: ${line.length} characters: ${line.slice(0, 80)}`,
      );
    }
  }
});

test("the entry that has the module in it is ASCII, which an engine keeps at one byte a character", () => {
  for (const file of ["index.js", "index.cjs"]) {
    const found = /[^\0-\x7f].{0,20}/.exec(readFileSync(join(home, "dist", file), "utf8"));
    assert.equal(found, null);
  }
});

test("places of panics are overwritten, and nothing beside them", () => {
  const name = "failedsrc/a.rs\0more text.rs\0";
  const place = Buffer.alloc(16);
  // "failed" is another text, right before the name.
  [1030, 8, 7, 5].forEach((value, i) => place.writeUInt32LE(value, 4 * i));
  const data = Buffer.concat([Buffer.from(name.padEnd(32)), place]);
  const segment = [1, 0, 0x41, 0x80, 0x08, 0x0b, data.length, ...data];
  const module = Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 11, segment.length, ...segment]);
  const left = withoutPlaces(module).subarray(-data.length).toString("latin1");
  assert.equal(left, `failed${"\0".repeat(9)}more text.rs\0`.padEnd(32) + "\0".repeat(16));
});

const UNCAUGHT = {
  "a rejected promise": "Sandbox.connect('x', { apiKey: 'k', baseUrl: 'http://127.0.0.1:9' })",
  "a wrong argument": "Sandbox.create({ name: '' })",
  "what is thrown at once": "resolveConfig({ baseUrl: 'no URL' })",
};
for (const [kind, script] of Object.entries(UNCAUGHT)) {
  for (const file of ["esm.mjs", "cjs.cjs"]) {
    test(`an error that nobody catches fits a screen: ${kind}, ${file}`, () => {
      const main = `import("./${file}").then(({ Sandbox, resolveConfig }) => { ${script} })`;
      const { status, stderr } = spawnSync(process.execPath, ["-e", main], {
        cwd: consumer,
        encoding: "utf8",
        timeout: 60_000,
      });
      assert.equal(status, 1, stderr.slice(0, 500));
      assert.match(stderr, /Error: /);
      // Each frame names the folder, and its length is not the package's doing.
      const printed = stderr.replaceAll(pathToFileURL(consumer).href, "");
      assert.ok(printed.length < 3000, `${printed.length} characters`);
    });
  }
}

/**
 * Loads and uses the package in a fresh process.
 *
 * @param {string[]} nodeArgs
 */
function load(...nodeArgs) {
  const script = fileURLToPath(new URL("load.mjs", import.meta.url));
  const { exports, error, folders, resolved } = JSON.parse(
    execFileSync(process.execPath, [...nodeArgs, script, consumer], { encoding: "utf8" }),
  );
  assert.deepEqual(exports.sort(), names);
  assert.equal(error, "ValidationError");
  assert.ok([undefined, "an entry's path must be below the folder"].includes(folders), folders);
  return resolved;
}

for (const condition of ["workerd", "edge-light"]) {
  test(`the condition ${condition} takes the module from its platform`, () => {
    const hooks = new URL("wasm-imports.mjs", import.meta.url).href;
    const resolved = load("--conditions", condition, "--import", hooks);
    assert.ok(resolved.endsWith(`/dist/${condition}.js`), resolved);
  });
}

for (const kind of ["slim.js", "slim.cjs"]) {
  test(`${kind} has the same exports, which wait for the module`, async () => {
    const url = `${pathToFileURL(join(home, "dist", kind))}?${kind}`;
    const path = fileURLToPath(url.split("?")[0]);
    const slim = kind.endsWith(".cjs") ? createRequire(path)(path) : await import(url);
    assert.deepEqual(Object.keys(slim).sort(), [...names, "init"].sort());
    const early = [
      () => slim.Sandbox.list(),
      () => slim.Secret.get("x"),
      () => slim.resolveConfig({ apiKey: "k" }),
    ];
    for (const call of early) assert.throws(call, { name: "SandboxError", code: "not_initialized" });

    await assert.rejects(slim.init(5), TypeError);
    await assert.rejects(slim.init(new Response("", { status: 404 })), {
      name: "SandboxError",
      message: /404/,
    });
    await assert.rejects(slim.init(new Uint8Array(8)), WebAssembly.CompileError);
    const bytes = readFileSync(join(home, "dist/superserve.wasm"));
    const first = slim.init(Promise.resolve(new Response(bytes)));
    assert.equal(slim.init(bytes), first, "once");
    await first;
    assert.equal(slim.resolveConfig({ apiKey: "k" }).apiKey, "k");
    const error = await slim.Sandbox.connect(5).catch((/** @type {unknown} */ error) => error);
    assert.ok(error instanceof slim.ValidationError);
    assert.ok(!(error instanceof esm.ValidationError), "a copy of its own");
    for (const sdk of [esm, cjs]) {
      assert.ok(sdk.ValidationError.is(error) && sdk.SandboxError.is(error));
      assert.ok(
        !sdk.NotFoundError.is(error) && !sdk.SandboxError.is(new Error("x")) && !sdk.SandboxError.is(null),
      );
    }
    // What a caller has of its classes before is what works after.
    assert.equal(Object.getPrototypeOf(slim.Sandbox), Function.prototype);
  });
}

test("loads where the platform cannot decode hex", () => {
  load("--import", "data:text/javascript,delete globalThis.Buffer; delete Uint8Array.fromHex;");
});

test("loads on a processor without SSE4.1, where the engine has no SIMD", () => {
  load("--no-enable-sse4-1");
});

/** What pages' tests in jsdom, or old and small engines, have not when the package is loaded. */
const LATER = [
  "TextDecoder",
  "TextEncoder",
  "WeakRef",
  "FinalizationRegistry",
  "fetch",
  "Request",
  "Response",
  "Headers",
];
LATER.push(
  "ReadableStream",
  "AbortController",
  "AbortSignal",
  "WebSocket",
  "Blob",
  "URL",
  "performance",
  "crypto",
);

test("loads where globals come later, or never", () => {
  load("--import", `data:text/javascript,${LATER.map((name) => `delete globalThis.${name};`).join("")}`);
});

test("the glue's text is the same without the platform's decoder and encoder", async () => {
  const template = new URL("../../pkg-template/text.js", import.meta.url);
  const texts = ["", "plain", "aé✓😀\0\uFEFF", "half \uD83D of one", "ж".repeat(10_000)];
  /** @param {string} copy */
  const roundTrips = async (copy) => {
    const { cachedTextEncoder, decodeText } = await import(`${template}?${copy}`);
    return texts.map((text) => {
      const view = new Uint8Array(3 * text.length);
      const { written } = cachedTextEncoder.encodeInto(text, view);
      return decodeText(view.subarray(0, written));
    });
  };
  const expected = await roundTrips("with");
  assert.deepEqual(
    expected,
    texts.map((text) => text.toWellFormed()),
  );
  const { TextDecoder, TextEncoder } = globalThis;
  try {
    Reflect.deleteProperty(globalThis, "TextDecoder");
    Reflect.deleteProperty(globalThis, "TextEncoder");
    assert.deepEqual(await roundTrips("without"), expected);
  } finally {
    Object.assign(globalThis, { TextDecoder, TextEncoder });
  }
});
