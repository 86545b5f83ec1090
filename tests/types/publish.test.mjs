// What linters of published packages say of the tarball, which SUPERSERVE_TARBALL names.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";

import { ADAPTERS } from "../../xtask/js/adapters.mjs";

const tarball = readFileSync(process.env.SUPERSERVE_TARBALL);

test("publint finds nothing", async () => {
  const { buffer, byteOffset, byteLength } = tarball;
  const { messages, pkg } = await publint({
    pack: { tarball: buffer.slice(byteOffset, byteOffset + byteLength) },
    strict: true,
  });
  assert.equal(pkg.name, "@superserve/sdk");
  assert.deepEqual(
    messages.map((message) => formatMessage(message, pkg)),
    [],
  );
});

test("arethetypeswrong finds nothing", async () => {
  // The module is a file to serve, and no code to import.
  const { packageName, types, entrypoints, problems } = await checkPackage(
    createPackageFromTarballData(new Uint8Array(tarball)),
    { excludeEntrypoints: ["./superserve.wasm"] },
  );
  assert.equal(packageName, "@superserve/sdk");
  assert.deepEqual(types, { kind: "included" });
  const expected = [
    ".",
    "./otel",
    "./package.json",
    "./relay",
    "./relay/node",
    "./slim",
    "./tools",
    "./xterm",
    ...ADAPTERS.map((name) => `./${name}`),
  ];
  assert.deepEqual(Object.keys(entrypoints).sort(), expected.sort());
  assert.deepEqual(problems, []);
});
