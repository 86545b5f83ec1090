// The programs in programs/, compiled as consumers of either kind do: with every TypeScript from 5.4 on
// and under each module resolution. SUPERSERVE_CONSUMER names a project that has the package installed.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { examplesOf } from "./examples.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "node_modules");
const peer = dirname(dirname(fileURLToPath(import.meta.resolve("superserve-peer"))));

/** Every TypeScript of package.json, the oldest first. */
const compilers = Object.keys(JSON.parse(readFileSync(join(here, "package.json"), "utf8")).devDependencies)
  .filter((name) => name.startsWith("typescript"))
  .map((name) => ({ home: join(modules, name), ...manifest(join(modules, name)) }))
  .sort((a, b) => a.version.localeCompare(b.version, "en", { numeric: true }));
const RESOLUTIONS = ["node16", "nodenext", "bundler"];
/** Those that package.json has entries for, which a bundler's users may name. */
const CONDITIONS = ["workerd", "edge-light"];
/** `moduleResolution: node`, as it was called, which reads no `exports`. */
const knowsNode10 = ({ version }) => Number.parseInt(version, 10) < 7;
/** From then on it is a program, and no module that another can load. */
const isProgram = ({ version }) => Number.parseInt(version, 10) >= 7;
const PROGRAMS = ["shared", "additions", "later", "disposal", "compare", "entries"];
const PLAIN = ["es2022", "dom"];
const NODE_ONLY = { lib: ["es2022"], types: ["node"] };
const DISPOSABLE = [...PLAIN, "esnext.disposable"];

const consumer = process.env.SUPERSERVE_CONSUMER;
const home = join(consumer, "node_modules/@superserve/sdk");
const ours = project("types", { "superserve-peer": peer, "@types": join(modules, "@types") });
writeExamples({
  ours: [join(home, "dist/index.d.ts"), join(home, "README.md"), join(here, "../../README.md")],
  theirs: [join(peer, "dist/index.d.ts"), join(peer, "README.md")],
});
writeOptions({
  "@superserve/sdk": [join(home, "dist/index.d.ts"), "NetworkConfig", "SecretAuthRule"],
  "@superserve/sdk/relay": [join(home, "dist/relay.d.ts"), "RelayLimits"],
});
// Under this package's name, so that the same programs find it.
const theirs = project("types-peer", { "@superserve/sdk": peer });

/** What each compiler has to compile: by its configuration, who waits for what it says. */
const queues = new Map(compilers.map((compiler) => [compiler, new Map()]));

describe("programs compile", { concurrency: true }, () => {
  for (const compiler of compilers) {
    for (const resolution of RESOLUTIONS) {
      check("this package", ours, ["shared", "additions", "later"], { compiler, resolution });
    }
  }
  for (const condition of CONDITIONS) {
    check(`this package, ${condition}`, ours, ["shared", "additions", "later"], {
      compiler: compilers.at(-1),
      resolution: "bundler",
      customConditions: [condition],
    });
  }
  for (const compiler of [compilers.at(0), compilers.at(-1)]) {
    for (const resolution of RESOLUTIONS) {
      // Its own declarations need a `lib` that these consumers do not have.
      check("the TypeScript package", theirs, ["shared"], { compiler, resolution, skipLibCheck: true });
      check("every entry, without the DOM", ours, ["entries"], { compiler, resolution, ...NODE_ONLY });
    }
    check("every option may be undefined", ours, ["options", "shared", "additions", "later"], {
      compiler,
      exactOptionalPropertyTypes: true,
    });
    check("the TypeScript package, disposing", theirs, ["disposal/shared"], { compiler, lib: DISPOSABLE });
    check("this package, disposing", ours, ["disposal"], { compiler, lib: DISPOSABLE });
    check("this package, with the types of Node.js", ours, ["shared", "additions", "later"], {
      compiler,
      lib: DISPOSABLE,
      types: ["node"],
    });
    check("examples of both packages", ours, ["examples"], { compiler, lib: DISPOSABLE, types: ["node"] });
    check("both packages", ours, ["compare"], { compiler, lib: DISPOSABLE });
  }
  for (const compiler of [compilers.at(0), compilers.findLast(knowsNode10)]) {
    check("every entry", ours, ["entries"], {
      compiler,
      resolution: "node10",
      ignoreDeprecations: compiler.version.startsWith("5.") ? "5.0" : "6.0",
      ...NODE_ONLY,
    });
  }
  compileAll();
});

/** Declares the test that these programs compile, in a module of either kind. */
function check(title, dir, programs, { compiler, resolution = "nodenext", ...options }) {
  const name = `TypeScript ${compiler.version}, ${resolution}: ${title}`;
  const config = join(dir, `tsconfig.${name.replace(/[^\w.]+/g, "-")}.json`);
  const compilerOptions = {
    module: { bundler: "preserve", node10: "commonjs" }[resolution] ?? resolution,
    moduleResolution: resolution,
    target: "es2022",
    lib: PLAIN,
    types: [],
    strict: true,
    skipLibCheck: false,
    // Nothing of ours meets those of TypeScript itself, where `lib` is plain.
    skipDefaultLibCheck: options.lib === undefined,
    noEmit: true,
    ...options,
  };
  const include = ["exactly.d.ts", ...programs.map((program) => `*/${program}`)];
  writeFileSync(config, JSON.stringify({ compilerOptions, include }, null, 2));
  const output = new Promise((resolve) => queues.get(compiler).set(config, resolve));
  test(name, async () => assert.equal(await output, ""));
}

/** Compiles all that was declared, with as many compilers at once as there are processors. */
async function compileAll() {
  const left = [...queues];
  const worker = async () => {
    for (let next; (next = left.shift()); ) await compileWith(...next);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
}

async function compileWith(compiler, queue) {
  if (isProgram(compiler)) {
    const tsc = join(compiler.home, compiler.bin.tsc);
    for (const [config, tell] of queue) {
      tell(await run(process.execPath, tsc, "--project", config, "--pretty", "false"));
    }
    return;
  }
  const said = await run(process.execPath, join(here, "compiler.mjs"), compiler.home, ...queue.keys());
  for (const line of said.match(/^\{"config".*$/gm) ?? []) {
    const { config, output } = JSON.parse(line);
    queue.get(config)(output);
  }
  // Of one that ended early, the rest.
  for (const tell of queue.values()) tell(`${compiler.version} said nothing of it: ${said}`);
}

/** What a program prints, and how it ended where that was not well. */
function run(...command) {
  const [program, ...args] = command;
  return new Promise((resolve) => {
    execFile(program, args, { cwd: consumer, maxBuffer: 1 << 26 }, (error, stdout, stderr) =>
      resolve(stdout + stderr + (error ? `ended with ${error.code}` : "")),
    );
  });
}

/** Puts the examples of the documentation among the programs for this package. */
function writeExamples(sources) {
  const dir = join(ours, "module/examples");
  mkdirSync(dir);
  cpSync(join(here, "programs/examples.d.ts"), join(dir, "examples.d.ts"));
  for (const [whose, paths] of Object.entries(sources)) {
    const examples = paths.flatMap(examplesOf);
    assert.ok(examples.length > 5, `${examples.length} examples in ${paths}`);
    examples.forEach((text, index) => writeFileSync(join(dir, `${whose}-${index + 1}.ts`), text));
  }
}

/** Puts a program there that gives `undefined` for all that may be left out of the interfaces that callers fill in. */
function writeOptions(entries) {
  const dir = join(ours, "module/options");
  mkdirSync(dir);
  for (const [entry, [path, ...others]] of Object.entries(entries)) {
    const declared = readFileSync(path, "utf8").matchAll(/^export interface (\w+Options)\b/gm);
    const names = [...[...declared].map(([, name]) => name), ...others];
    assert.ok(names.length > 2, `${names.length} interfaces in ${path}`);
    const lines = [
      `import type * as sdk from "${entry}";`,
      "type Takes<Own, Other extends Own> = Other;",
      "type Optional<T> = { [K in keyof T]-?: Record<never, never> extends Pick<T, K> ? K : never }[keyof T];",
      "type Undefined<T> = Record<Optional<T>, undefined>;",
      "export type All = [",
      ...names.map((name) => `  Takes<Partial<sdk.${name}>, Undefined<sdk.${name}>>,`),
      "];",
    ];
    writeFileSync(join(dir, `${entry.replace(/\W+/g, "-")}.ts`), lines.join("\n"));
  }
}

/** A directory with the programs as modules of either kind, beside the packages they need. */
function project(name, packages) {
  const dir = join(consumer, name);
  rmSync(dir, { recursive: true, force: true });
  for (const kind of ["module", "commonjs"]) {
    for (const programs of PROGRAMS) {
      cpSync(join(here, "programs", programs), join(dir, kind, programs), { recursive: true });
    }
    writeFileSync(join(dir, kind, "package.json"), JSON.stringify({ type: kind }));
  }
  cpSync(join(here, "programs/exactly.d.ts"), join(dir, "exactly.d.ts"));
  for (const [place, target] of Object.entries(packages)) {
    assert.ok(existsSync(target), target);
    const link = join(dir, "node_modules", place);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(target, link);
  }
  return dir;
}

function manifest(home) {
  return JSON.parse(readFileSync(join(home, "package.json"), "utf8"));
}
