// Hundreds of calls under one signal: Node warns on stderr when listeners pile up.

import { loadSdk } from "../load-sdk.mjs";

const { sdkPath } = JSON.parse(process.argv[2]);
const { Sandbox } = await loadSdk(sdkPath);
globalThis.fetch = async () => {
  await new Promise((resolve) => setTimeout(resolve, 5));
  return new Response("[]");
};
const { signal } = new AbortController();
const list = () => Sandbox.list({ apiKey: "k", baseUrl: "http://localhost:9", signal });
for (let i = 0; i < 50; i++) await list();
const lists = await Promise.all(Array.from({ length: 200 }, list));
console.log(`result ${JSON.stringify({ lists: lists.length })}`);
