// Makes one kind of call, says when it is done, and then has nothing left to do but end.

import { loadSdk } from "../load-sdk.mjs";

const { sdkPath, connection, how } = JSON.parse(process.argv[2]);
const { Sandbox } = await loadSdk(sdkPath);
const create = () => Sandbox.create({ ...connection, name: "end" });
const ignore = () => {};

const ways = {
  "a plain call": async () => (await create()).getInfo(),
  "a command": async () => (await create()).commands.run("x"),
  "a stream whose server does not close": async () => (await create()).commands.run("x", { onStdout() {} }),
  "a failed call": () => Sandbox.connect("missing", connection).catch(ignore),
  "a timeout": async () => (await create()).files.read("/stalls", { timeoutMs: 50 }).catch(ignore),
  "an abort while waiting": async () => {
    const sandbox = await create();
    return sandbox.files.read("/stalls", { signal: AbortSignal.timeout(50) }).catch(ignore);
  },
  "an abort in a retry's sleep": () =>
    Sandbox.list({ ...connection, signal: AbortSignal.timeout(100) }).catch(ignore),
};
await ways[how]();
console.log(`done ${Date.now()}`);
