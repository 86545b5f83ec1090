// Puts the npm package together: node assemble.mjs <wasm dir> <generated dir> <package dir> <version>
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";

import { ADAPTERS } from "./adapters.mjs";
import { bundle } from "./bundle.mjs";

const [wasmDir, generatedDir, packageDir, version] = process.argv.slice(2);
const root = fileURLToPath(new URL("../..", import.meta.url));
const template = join(root, "pkg-template");
const dist = join(packageDir, "dist");
mkdirSync(dist, { recursive: true });

await bundle({ wasmDir, generatedDir, template, dist, version });

/** Declarations that the crate's tables are written as. */
const GENERATED = ["tools"];
/** @param {string} name */
function declarationsOf(name) {
  if (GENERATED.includes(name)) return join(generatedDir, `${name}.d.ts`);
  return join(template, ADAPTERS.includes(name) ? "agents" : "", `${name}.d.ts`);
}
for (const name of ["slim", "otel", "xterm", "tools", "relay", "relay-node", ...ADAPTERS]) {
  const types = readFileSync(declarationsOf(name), "utf8");
  writeFileSync(join(dist, `${name}.d.ts`), types);
  // The same beside the CommonJS files: TypeScript takes it for theirs by its name.
  writeFileSync(join(dist, `${name}.d.cts`), types.replaceAll(/(from "\.\/[\w-]+)\.js"/g, '$1.cjs"'));
}
// For what does not read `exports`: Parcel as it comes, webpack 4, TypeScript's `moduleResolution: node`.
const PATHS = {
  slim: "slim",
  otel: "otel",
  xterm: "xterm",
  tools: "tools",
  relay: "relay",
  "relay/node": "relay-node",
  ...Object.fromEntries(ADAPTERS.map((name) => [name, name])),
};
for (const [path, name] of Object.entries(PATHS)) {
  const entry = `${"../".repeat(path.split("/").length)}dist/${name}`;
  const files = { main: `${entry}.cjs`, module: `${entry}.js`, types: `${entry}.d.cts` };
  mkdirSync(join(packageDir, path));
  writeFileSync(join(packageDir, path, "package.json"), `${JSON.stringify(files, null, 2)}\n`);
}

cpSync(join(template, "README.md"), join(packageDir, "README.md"));
cpSync(join(root, "LICENSE"), join(packageDir, "LICENSE"));

const manifest = JSON.parse(readFileSync(join(template, "package.json"), "utf8"));
for (const name of ADAPTERS) {
  manifest.files.push(name);
  manifest.exports[`./${name}`] = {
    import: { types: `./dist/${name}.d.ts`, default: `./dist/${name}.js` },
    require: { types: `./dist/${name}.d.cts`, default: `./dist/${name}.cjs` },
  };
}
const { name, ...rest } = manifest;
const filled = JSON.stringify({ name, version, ...rest }, null, 2);
writeFileSync(join(packageDir, "package.json"), `${filled}\n`);
