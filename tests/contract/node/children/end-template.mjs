// Waits for a build in one way, says when it is done, and then has nothing left to do but end.

import { loadSdk } from "../load-sdk.mjs";

const { sdkPath, connection, how } = JSON.parse(process.argv[2]);
const { Template } = await loadSdk(sdkPath);
const template = await Template.create({ ...connection, name: "end", from: "debian:12" });
const ignore = () => {};
const onLog = ignore;
const onEvent = ignore;
const boom = () => {
  throw new Error("boom");
};

const ways = {
  "a wait": () => template.waitUntilReady({ onLog }),
  "a wait with a log that does not end": () => template.waitUntilReady({ onLog }),
  "a wait that is aborted": () =>
    template.waitUntilReady({ onLog, signal: AbortSignal.timeout(100) }).catch(ignore),
  "a log whose server does not close": () => template.streamBuildLogs({ onEvent }),
  "a log that times out": () => template.streamBuildLogs({ onEvent, timeoutMs: 100 }).catch(ignore),
  "a callback that throws": () => template.waitUntilReady({ onLog: boom }).catch(ignore),
};
await ways[how]();
console.log(`done ${Date.now()}`);
