// The examples install as their READMEs say, from the tarball: SUPERSERVE_TARBALL names it.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const tarball = process.env.SUPERSERVE_TARBALL ?? "";
const examples = fileURLToPath(new URL("../../examples/", import.meta.url));
const { version } = JSON.parse(readFileSync(new URL("../../pkg/package.json", import.meta.url), "utf8"));
const INSTALL = /^npm install --no-save \S+$/m;

for (const example of ["node", "relay"]) {
  test(`examples/${example} has the package of this tree`, (t) => {
    const root = mkdtempSync(join(tmpdir(), "superserve-examples-"));
    t.after(() => rmSync(root, { recursive: true }));
    const project = join(root, "examples", example);
    cpSync(join(examples, example), project, {
      recursive: true,
      filter: (path) => !path.slice(examples.length).includes("node_modules"),
    });
    mkdirSync(join(root, "target/npm"), { recursive: true });
    copyFileSync(tarball, join(root, "target/npm", basename(tarball)));

    const [command] = INSTALL.exec(readFileSync(join(project, "README.md"), "utf8").replace(/ +#.*$/gm, ""));
    execFileSync("sh", ["-c", `${command} --offline --silent`], { cwd: project });
    const home = join(project, "node_modules/@superserve/sdk");
    assert.equal(JSON.parse(readFileSync(join(home, "package.json"), "utf8")).version, version);

    // What its package.json asks for once it is published is this version.
    const manifest = JSON.parse(readFileSync(join(project, "package.json"), "utf8"));
    assert.equal(manifest.dependencies["@superserve/sdk"], `^${version}`);
  });
}

test("every README of an example names the tarball, and the index every example", () => {
  const index = readFileSync(join(examples, "README.md"), "utf8");
  for (const example of ["node", "relay", "agents", "agent-frontend"]) {
    assert.match(
      readFileSync(join(examples, example, "README.md"), "utf8"),
      /npm install --no-save \.\.\/\.\.\/target\/npm\/superserve-sdk-\*\.tgz/,
    );
    assert.ok(index.includes(`(${example}/README.md)`), example);
  }
});
