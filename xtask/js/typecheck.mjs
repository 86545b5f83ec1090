// `tsc` in strict mode over all JavaScript here, in one process: node typecheck.mjs [--all]
//
// With `--all`, what is told of the files in UNCHECKED too.
import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = fileURLToPath(new URL("../..", import.meta.url));
const PROJECTS = ["tsconfig.json", "tests/tsconfig.json", "examples/tsconfig.json"];

/** Files that have no types yet. */
const UNCHECKED = [
  /^tests\/(agent-frontend|types)\//,
  /^tests\/runtimes\/(?!(bun|deno|frame|node)\/|(entries|table)\.mjs)/,
  /^tests\/contract\/(node|suite)\//,
  /^tests\/(agents|relay)\/.*\.test\.mjs$/,
];

const all = process.argv.includes("--all");
const isChecked = (/** @type {string} */ path) => all || !UNCHECKED.some((files) => files.test(path));

/** The libraries' files are the same for all projects. */
const parsed = new Map();
const found = new Map();
for (const project of PROJECTS) {
  const path = join(root, project);
  const { config, error } = ts.readConfigFile(path, (file) => readFileSync(file, "utf8"));
  if (error) throw new Error(ts.flattenDiagnosticMessageText(error.messageText, "\n"));
  const read = ts.parseJsonConfigFileContent(config, ts.sys, dirname(path), undefined, path);
  const { fileNames, options, errors } = read;
  const host = ts.createCompilerHost(options);
  const { getSourceFile } = host;
  host.getSourceFile = (file, ...more) => {
    if (!file.includes("node_modules")) return getSourceFile(file, ...more);
    if (!parsed.has(file)) parsed.set(file, getSourceFile(file, ...more));
    return parsed.get(file);
  };
  const program = ts.createProgram(fileNames, options, host);
  for (const diagnostic of [...errors, ...ts.getPreEmitDiagnostics(program)]) {
    const { file, start = 0 } = diagnostic;
    const name = file ? relative(root, file.fileName) : project;
    if (!isChecked(name)) continue;
    const { line, character } = file?.getLineAndCharacterOfPosition(start) ?? { line: 0, character: 0 };
    const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n");
    const text = `${name}:${line + 1}:${character + 1}: TS${diagnostic.code} ${message}`;
    // A file may be part of several projects.
    found.set(text, name);
  }
}

for (const text of found.keys()) console.log(text);
console.log(`${found.size} errors of types`);
process.exitCode = found.size > 0 ? 1 : 0;
