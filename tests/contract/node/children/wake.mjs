// One of two programs that use a paused sandbox at the same moment. Says "ready", waits for a line.

import { once } from "node:events";

import { loadSdk } from "../load-sdk.mjs";
import "../websocket.mjs";

const { sdkPath, connection, id, how } = JSON.parse(process.argv[2]);
const { Sandbox } = await loadSdk(sdkPath);

// What the server answered to each activate: proof that the two met.
const activates = [];
const { fetch } = globalThis;
globalThis.fetch = async (url, init) => {
  const response = await fetch(url, init);
  if (url.endsWith("/activate")) activates.push(response.status);
  return response;
};

const before = how === "connect" ? undefined : await Sandbox.connect(id, connection);
activates.length = 0;
console.log("ready");
await once(process.stdin, "data");
process.stdin.pause();

const sandbox = before ?? (await Sandbox.connect(id, connection));
const text = async () => {
  if (how === "file") return sandbox.files.readText("/tmp/shared");
  if (how === "session") {
    const session = await sandbox.commands.spawn("cat /tmp/shared");
    return (await session.wait()).stdout;
  }
  let streamed = "";
  const options = how === "stream" ? { onStdout: (part) => (streamed += part) } : {};
  const { stdout } = await sandbox.commands.run("cat /tmp/shared", options);
  return how === "stream" ? streamed : stdout;
};
const outcome = { text: await text(), status: (await sandbox.getInfo()).status };
console.log(`result ${JSON.stringify({ ...outcome, activates })}`);
