// What the package takes this place for, when it looks like a page or a worker of one.

const { sdkPath, as } = JSON.parse(process.argv[2]);
if (as === "page") {
  globalThis.window = globalThis;
  globalThis.document = {};
} else if (as === "worker") {
  globalThis.WorkerGlobalScope = class WorkerGlobalScope {};
  globalThis.importScripts = () => {};
}
if (as === "page" || as === "worker") globalThis.location = new URL("https://page.example/");
globalThis.self = globalThis;

const { loadSdk } = await import("../load-sdk.mjs");
const { Sandbox } = await loadSdk(sdkPath);
const calls = [];
globalThis.fetch = async (url, { headers }) => {
  calls.push({
    url,
    headers: Object.keys(headers)
      .map((name) => name.toLowerCase())
      .sort(),
  });
  if (url.includes("/exec")) return new Response('{"stdout":"","stderr":"","exit_code":0}');
  if (url.includes("/files")) return new Response("x");
  return new Response(
    '{"id":"abc","name":"x","status":"active","created_at":"2026-08-01T12:00:00Z","access_token":"t"}',
  );
};
for (const baseUrl of ["https://api-usw.superserve.ai", "http://localhost:9"]) {
  const sandbox = await Sandbox.create({ name: "x", apiKey: "k", baseUrl });
  await sandbox.commands.run("x");
  await sandbox.files.read("/a");
  await sandbox.files.write("/a", new Uint8Array(1));
}
console.log(`result ${JSON.stringify({ calls })}`);
