// Takes pictures of the largest screen, and looks at the module's memory.

import { json, wireSandbox } from "../../support/fixtures.mjs";
import { loadSdk } from "../load-sdk.mjs";
import { memories } from "../module-memory.mjs";

const { sdkPath, pictures, bytes } = JSON.parse(process.argv[2]);

const { Sandbox } = await loadSdk(sdkPath);
globalThis.fetch = async () => json(201, wireSandbox());
const sandbox = await Sandbox.create({ name: "x", apiKey: "k", baseUrl: "http://localhost:9" });

const size = () => memories.reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
const picture = Buffer.alloc(bytes, "picture");
const answer = JSON.stringify({ image: picture.toString("base64"), width: 8192, height: 8192 });
const small = JSON.stringify({ image: "iVBORw==", width: 8, height: 4 });
globalThis.fetch = async () => new Response(small);
await sandbox.desktop.screenshot();
const before = size();
globalThis.fetch = async () => new Response(answer);
for (let i = 0; i < pictures; i++) {
  const { data } = await sandbox.desktop.screenshot();
  if (!picture.equals(data)) throw new Error("another picture");
}
console.log(
  `result ${JSON.stringify({ memories: memories.length, grown: size() - before, sent: answer.length })}`,
);
