// Has one session and says when it is over; then nothing may keep this process.

import { loadSdk } from "../load-sdk.mjs";
import "../websocket.mjs";

const { sdkPath, connection, kind, how } = JSON.parse(process.argv[2]);
const { Sandbox } = await loadSdk(sdkPath);

const sandbox = await Sandbox.create({ ...connection, name: "x" });
const controller = new AbortController();
const callback = () => {
  if (how === "throw") throw new Error("enough");
};
const options = {
  signal: controller.signal,
  ...(kind === "spawn" ? { onStdout: callback } : { onData: callback }),
};
const started = kind === "spawn" ? sandbox.commands.spawn("x", options) : sandbox.terminal(options);
if (how === "aborted dial") setTimeout(() => controller.abort(), 100);

const use = async () => {
  const session = await started;
  if (how === "close") await session.close();
  if (how === "abort") controller.abort();
  await session.wait();
};
const good = await use().then(
  () => true,
  () => false,
);
if (good !== (how === "end")) throw new Error(`after the ${how}: ${good}`);
console.log(`done ${Date.now()}`);
