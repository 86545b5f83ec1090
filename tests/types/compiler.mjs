// One TypeScript compiles many programs: node compiler.mjs <its directory> <tsconfig.json…>
//
// Prints a JSON line for each, `{ config, output }`: what `tsc --project <config> --pretty false` prints. Most of what
// that does is to read the libraries, which are here read once.
import { createRequire } from "node:module";
import { join, sep } from "node:path";

const [home, ...configs] = process.argv.slice(2);
const ts = createRequire(import.meta.url)(join(home, "lib/typescript.js"));

/** The declarations that programs have in common, as they were parsed. */
const shared = new Map();
const isShared = (file) => file.startsWith(join(home, "lib") + sep) || file.includes("/@types/");

function compile(config) {
  const problems = [];
  const host = { ...ts.sys, onUnRecoverableConfigFileDiagnostic: (problem) => problems.push(problem) };
  const read = ts.getParsedCommandLineOfConfigFile(config, {}, host);
  if (!read) return problems;
  const compilerHost = ts.createCompilerHost(read.options);
  const { getSourceFile } = compilerHost;
  compilerHost.getSourceFile = (file, how, ...more) => {
    const path = ts.sys.realpath(file);
    if (!isShared(path)) return getSourceFile(file, how, ...more);
    const { languageVersion, impliedNodeFormat } = typeof how === "object" ? how : { languageVersion: how };
    const { moduleDetection, module, moduleResolution } = read.options;
    const key = [file, languageVersion, impliedNodeFormat, moduleDetection, module, moduleResolution].join();
    if (!shared.has(key)) shared.set(key, getSourceFile(file, how, ...more));
    return shared.get(key);
  };
  const { fileNames, options, projectReferences } = read;
  const program = ts.createProgram({
    rootNames: fileNames,
    options,
    projectReferences,
    host: compilerHost,
    configFileParsingDiagnostics: ts.getConfigFileParsingDiagnostics(read),
  });
  return ts.sortAndDeduplicateDiagnostics(ts.getPreEmitDiagnostics(program));
}

const format = {
  getCanonicalFileName: (file) => file,
  getCurrentDirectory: () => process.cwd(),
  getNewLine: () => "\n",
};
for (const config of configs) {
  console.log(JSON.stringify({ config, output: ts.formatDiagnostics(compile(config), format) }));
}
