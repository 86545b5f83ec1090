// Forms of the package beside its main entries: `./slim`, and several copies in one process.

import { cp, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";

import { bunCommand } from "../bun/index.mjs";
import { denoCommand } from "../deno/index.mjs";
import { installNodes, nodeProgram } from "../node/programs.mjs";
import { runMain } from "../frame/process-runtime.mjs";

const MAIN = JSON.stringify(new URL("main.mjs", import.meta.url).href);
const nodeCommand = (file) => [nodeProgram("26"), file];

/** More than there are tests that need one. */
const FRESH_COPIES = 30;

/** Serves the module of the installed package; the query may ask for another `type` or `status`. */
async function serveWasm(ctx) {
  const wasm = await readFile(join(ctx.scratch, "node_modules/@superserve/sdk/dist/superserve.wasm"));
  const server = createServer(({ url }, response) => {
    const query = new URL(url, "http://localhost").searchParams;
    const type = query.get("type") ?? "application/wasm";
    response.writeHead(Number(query.get("status") ?? 200), { "content-type": type }).end(wasm);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  ctx.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${server.address().port}/superserve.wasm`;
}

const slim = (name, runtime, command, version) => ({
  name: `slim-${name}`,
  label: `${runtime}, slim entry`,
  wholeSuite: false,
  install: installNodes,

  async run(ctx) {
    await ctx.installTarball(ctx.scratch);
    const options = {
      ...(await ctx.servers()),
      filter: ctx.filter,
      name: runtime,
      wasmUrl: await serveWasm(ctx),
    };
    const entry = join(ctx.scratch, "node_modules/@superserve/sdk/dist/slim.js");
    // Files, since Deno leaves queries aside; written out, since it reads only what it sees imported.
    const copies = Array.from({ length: FRESH_COPIES }, (_, i) => `./slim-${i}.mjs`);
    await Promise.all(copies.map((file) => cp(entry, join(ctx.scratch, file))));
    const loaders = ["@superserve/sdk/slim", ...copies].map((file) => `() => import("${file}")`);
    const source = `
import * as sdk from "@superserve/sdk";
import { slimMain } from ${MAIN};
await slimMain(sdk, [${loaders.join(", ")}], ${version}, ${JSON.stringify(options)});
`;
    return runMain(ctx, command, source);
  },
});

const copies = {
  name: "copies",
  label: "Node, several copies in one process",
  wholeSuite: false,
  install: installNodes,

  async run(ctx) {
    await ctx.installTarball(ctx.scratch);
    const another = join(ctx.scratch, "node_modules/another-version");
    await cp(join(ctx.scratch, "node_modules/@superserve/sdk"), another, { recursive: true });
    const manifest = JSON.parse(await readFile(join(another, "package.json"), "utf8"));
    const renamed = { ...manifest, name: "another-version", version: "0.0.1" };
    await writeFile(join(another, "package.json"), JSON.stringify(renamed));
    // That of the workspace.
    const peer = JSON.stringify(createRequire(import.meta.url).resolve("superserve-peer"));
    const options = { ...(await ctx.servers()), filter: ctx.filter, name: "Node" };
    const source = `
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import * as esm from "@superserve/sdk";
import * as slim from "@superserve/sdk/slim";
import * as another from "another-version";
import { copiesMain } from ${MAIN};

const require = createRequire(import.meta.url);
const wasm = await readFile(require.resolve("@superserve/sdk/superserve.wasm"));
const slimRequired = require("@superserve/sdk/slim");
await Promise.all([slim.init(wasm), slimRequired.init(wasm)]);
const packages = {
  "the ES module": esm,
  CommonJS: require("@superserve/sdk"),
  slim,
  "slim as CommonJS": slimRequired,
  "another version": another,
  "another version as CommonJS": require("another-version"),
};
await copiesMain(esm, packages, { "the TypeScript package": require(${peer}) }, ${JSON.stringify(options)});
`;
    return runMain(ctx, nodeCommand, source);
  },
};

export const forms = [
  slim("node", "Node", nodeCommand, "process.versions.node"),
  slim("deno", "Deno", denoCommand(["--allow-net"]), "Deno.version.deno"),
  slim("bun", "Bun", bunCommand, "Bun.version"),
  copies,
];
