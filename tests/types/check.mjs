// Compiles the programs in this directory as a consumer would: node check.mjs <consumer project>
//
// In a module of either kind and under each module resolution, strictly, with the package's own
// declarations checked too. program.ts is also compiled against the TypeScript SDK, which shows
// that it is a program users may have.
import { cpSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { dirname, join } from "node:path";
import ts from "typescript";

const consumer = process.argv[2];
const { ESNext, Node16, NodeNext } = ts.ModuleKind;
const RESOLUTIONS = [
  { name: "node16", module: Node16, moduleResolution: ts.ModuleResolutionKind.Node16 },
  { name: "nodenext", module: NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext },
  { name: "bundler", module: ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler },
];
const KINDS = { "ES module": ".mts", CommonJS: ".cts" };

let passed = 0;
let failed = 0;
const ours = join(consumer, "types");
rmSync(ours, { recursive: true, force: true });
compile("ours", ours, ["program.ts", "additions.ts"], { skipLibCheck: false });

const peers = join(consumer, "types-peer");
rmSync(peers, { recursive: true, force: true });
mkdirSync(join(peers, "node_modules/@superserve"), { recursive: true });
const peer = dirname(dirname(fileURLToPath(import.meta.resolve("superserve-peer"))));
symlinkSync(peer, join(peers, "node_modules/@superserve/sdk"));
// Its declarations ask for a newer `lib` than a consumer need have.
compile("TypeScript SDK", peers, ["program.ts"], { skipLibCheck: true });

console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

/** Compiles the programs in `dir`, from where their import finds the package. */
function compile(label, dir, programs, strictness) {
  mkdirSync(dir, { recursive: true });
  for (const { name, module, moduleResolution } of RESOLUTIONS) {
    for (const [kind, extension] of Object.entries(KINDS)) {
      const files = programs.map((program) => {
        const copy = join(dir, program.replace(/\.ts$/, extension));
        cpSync(fileURLToPath(new URL(program, import.meta.url)), copy);
        return copy;
      });
      report(`${label}, ${name}, ${kind}`, diagnostics(files, { module, moduleResolution, ...strictness }));
    }
  }
}

function diagnostics(files, options) {
  const program = ts.createProgram(files, {
    ...options,
    target: ts.ScriptTarget.ES2022,
    lib: ["lib.es2022.d.ts", "lib.dom.d.ts"],
    types: [],
    strict: true,
    noEmit: true,
  });
  return ts.getPreEmitDiagnostics(program);
}

function report(name, problems) {
  if (problems.length === 0) {
    passed += 1;
    console.log(`ok      types: ${name}`);
    return;
  }
  failed += 1;
  console.log(`FAILED  types: ${name}`);
  const host = { getCanonicalFileName: (f) => f, getCurrentDirectory: () => consumer, getNewLine: () => "\n" };
  console.log(ts.formatDiagnostics(problems, host));
}
