// Two calls with the log that the environment asks for; prints what the console was given.

const { sdkPath, connection, level } = JSON.parse(process.argv[2]);
if (level === undefined) delete process.env.SUPERSERVE_LOG;
else process.env.SUPERSERVE_LOG = level;
const lines = [];
const { log } = console;
for (const name of ["debug", "info", "log", "warn", "error"]) {
  console[name] = (...words) => lines.push([name, words.join(" ")]);
}
const { loadSdk } = await import("../load-sdk.mjs");
const { Sandbox } = await loadSdk(sdkPath);
await Sandbox.create({ ...connection, name: "x" });
await Sandbox.list({ ...connection, retry: { maxDelayMs: 1 } });
log(`result ${JSON.stringify(lines)}`);
