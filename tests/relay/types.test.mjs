// The relay's declarations: strict programs compile against them, in both kinds of module, and they say what is there.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

import * as support from "./support.mjs";

const types = new URL("../types/", import.meta.url);
const ts = createRequire(new URL("package.json", types))("typescript");

test("the relay's own sources pass the compiler, strictly", () => {
  const config = fileURLToPath(new URL("../../pkg-template/relay/tsconfig.json", import.meta.url));
  const compiler = createRequire(import.meta.url).resolve("typescript/bin/tsc");
  const { status, stdout } = spawnSync(process.execPath, [compiler, "-p", config], { encoding: "utf8" });
  assert.equal(status, 0, stdout);
});

const folder = mkdtempSync(join(tmpdir(), "superserve-relay-types-"));
after(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, "node_modules"));
symlinkSync(join(support.consumer, "node_modules/@superserve"), join(folder, "node_modules/@superserve"));

const PROGRAM = `
import { createServer } from "node:http";
import { createRelay, createTicket } from "@superserve/sdk/relay";
import type { Relay, RelayEvent, RelayOperation, RelayOptions, TicketClaims, TicketOptions } from "@superserve/sdk/relay";
import { nodeListener } from "@superserve/sdk/relay/node";
import type { Sandbox } from "@superserve/sdk";

export async function ticketFor(sandbox: Sandbox): Promise<string> {
  const options: TicketOptions = { secret: ["a", new Uint8Array(32)], allow: ["exec", "terminal"], maxUploadBytes: 1 };
  await createTicket("id", { secret: "s", expiresInSeconds: 60 });
  return createTicket(sandbox, options);
}

const events: RelayEvent[] = [];
const options: RelayOptions = {
  secret: "s",
  prefix: "/api",
  allowedOrigins: ["https://app.example.com"],
  authorize: async (request: Request, claims: TicketClaims) =>
    request.headers.has("cookie") && claims.allow.includes("exec") ? true : new Response(null, { status: 401 }),
  limits: { maxBodyBytes: 1, maxStreamsPerTicket: 2 },
  onEvent: (event) => events.push(event),
};
const relay: Relay = createRelay(options);
const handler: (request: Request) => Promise<Response> = relay;
export const worker = { fetch: relay, websocket: relay.websocket, handler };
export const next: (request: Request, context: { params: Promise<object> }) => Promise<Response> = relay;

const listener = nodeListener(relay);
createServer(listener).on("upgrade", listener.upgrade).listen(0);
nodeListener(async (request: Request) => new Response(request.url));
// @ts-expect-error a handler answers
nodeListener((request: Request) => request.url);

const operation: RelayOperation = "lifecycle";
// @ts-expect-error no such operation
const none: RelayOperation = "everything";
// @ts-expect-error a secret is needed
createRelay({ apiKey: "key" });
// @ts-expect-error a secret is needed
createTicket("id", {});
// @ts-expect-error an object without an id
createTicket({ name: "x" }, { secret: "s" });
export const used = [operation, none];
`;

for (const file of ["program.mts", "program.cts"]) {
  test(`${file} compiles`, () => {
    const path = join(folder, file);
    writeFileSync(path, PROGRAM);
    const program = ts.createProgram([path], {
      strict: true,
      noEmit: true,
      exactOptionalPropertyTypes: true,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      target: ts.ScriptTarget.ES2022,
      lib: ["lib.es2022.d.ts", "lib.dom.d.ts"],
      types: ["node"],
      typeRoots: [fileURLToPath(new URL("node_modules/@types", types))],
    });
    const said = ts.getPreEmitDiagnostics(program).map(({ messageText, file, start }) => {
      const line = file ? `${file.fileName}:${file.getLineAndCharacterOfPosition(start).line + 1}` : "";
      return `${line} ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
    });
    assert.deepEqual(said, []);
  });
}

test("the entries export what is declared, as ES modules and as CommonJS", () => {
  const require = createRequire(join(folder, "x.js"));
  const entries = {
    "@superserve/sdk/relay": { createRelay: support.createRelay, createTicket: support.createTicket },
    "@superserve/sdk/relay/node": { nodeListener: support.nodeListener },
  };
  for (const [name, names] of Object.entries(entries)) {
    assert.deepEqual(Object.keys(require(name)).sort(), Object.keys(names).sort());
    for (const [key, value] of Object.entries(names)) assert.equal(value.name, key);
  }
});
