// A program for the published TypeScript package, run on whichever package `sdkPath` names. What it got is its result,
// with what differs from run to run made the same.

import "../websocket.mjs";
import { loadSdk } from "../load-sdk.mjs";

const { sdkPath, baseUrl, apiKey } = JSON.parse(process.argv[2]);
const sdk = await loadSdk(sdkPath);
const { Sandbox, Template, Secret, Provider } = sdk;

// Both packages talk to the hosts of the service, which are here.
const { fetch, WebSocket } = globalThis;
const here = (url) => baseUrl + url.slice(new URL(url).origin.length);
globalThis.fetch = (url, init) => fetch(here(url), init);
globalThis.WebSocket = class extends WebSocket {
  constructor(url, protocols) {
    super(here(url).replace(/^http/, "ws"), protocols);
  }
};
process.env.SUPERSERVE_API_KEY = apiKey;

const got = {};
const failure = (promise) =>
  promise.then(
    () => "no failure",
    ({ name, statusCode, code }) => {
      // The message is for people, and what is refused before a request has a code in this package alone.
      return { name, statusCode, code: code === "invalid_argument" ? undefined : code };
    },
  );

/** The properties that the package documents, of an object that may have others. */
const documented = (object, names) => Object.fromEntries(names.map((name) => [name, object[name]]));

async function sandboxes() {
  const options = {
    name: "published",
    timeoutSeconds: 600,
    metadata: { kind: "published" },
    envVars: { MODE: "test" },
  };
  const sandbox = await Sandbox.create(options);
  got.sandbox = documented(sandbox, ["id", "name", "status", "metadata"]);
  got.info = await sandbox.getInfo();
  got.list = await Sandbox.list({ metadata: { kind: "published" } });
  await sandbox.update({ metadata: { kind: "updated" } });
  await Sandbox.updateById(sandbox.id, { timeoutSeconds: 700 });
  got.updated = await sandbox.getInfo();
  await sandbox.pause();
  got.paused = (await sandbox.getInfo()).status;
  got.pausedTwice = await failure(sandbox.pause());
  await sandbox.resume();
  const again = await Sandbox.connect(sandbox.id);
  got.connected = [again.id === sandbox.id, again.status];
  got.previewUrl = sandbox.getPreviewUrl(3000);
  got.networkLog = await sandbox.getNetworkLog({ limit: 5 });
  return again;
}

async function commands(sandbox) {
  const pieces = { stdout: "", stderr: "" };
  got.run = await sandbox.commands.run("echo out; echo err >&2; echo $MODE $EXTRA; pwd; exit 3", {
    cwd: "/tmp",
    env: { EXTRA: "extra" },
    timeoutMs: 10_000,
  });
  got.streamed = await sandbox.commands.run("echo é; echo err >&2; exit 4", {
    onStdout: (text) => (pieces.stdout += text),
    onStderr: (text) => (pieces.stderr += text),
  });
  got.pieces = pieces;
  let heard = "";
  const session = await sandbox.commands.spawn("cat; exit 5", { onStdout: (text) => (heard += text) });
  session.stdin.write("first ");
  session.stdin.write(new TextEncoder().encode("second"));
  session.stdin.close();
  got.session = [await session.wait(), heard];
  const killed = await sandbox.commands.spawn("sleep 60");
  killed.kill("SIGKILL");
  got.killed = (await killed.wait()).exitCode;
}

async function files({ files }) {
  await files.write("/app/deep/file.txt", "text é");
  await files.write("/app/deep/bytes", new Uint8Array([0, 1, 255]));
  got.text = await files.readText("/app/deep/file.txt");
  got.bytes = [...(await files.read("/app/deep/bytes"))];
  got.zip = (await files.downloadDir("/app/deep")).length > 100;
  got.noFile = await failure(files.read("/none"));
  got.badPath = await failure(files.read("relative"));
}

async function secrets(sandbox) {
  const secret = await Secret.create({ name: "published", value: "a-value", provider: "anthropic" });
  got.secret = documented(secret, Object.keys(await secret.getInfo()));
  got.secretInfo = await secret.getInfo();
  await sandbox.attachSecret("ANTHROPIC_API_KEY", "published");
  got.bound = await secret.getSandboxes();
  await sandbox.detachSecret("ANTHROPIC_API_KEY");
  await secret.rotate("another-value");
  got.audit = await secret.getAudit({ limit: 5 });
  got.secrets = (await Secret.list()).map(({ name }) => name);
  await secret.delete();
  got.noSecret = await failure(Secret.get("published"));
  got.providers = await Provider.list();
}

async function templates() {
  const template = await Template.create({
    name: "published",
    from: "debian:12",
    steps: [{ run: "echo built" }],
  });
  const log = [];
  const onLog = ({ stream, text }) => log.push([stream, text]);
  const ready = await template.waitUntilReady({ onLog, pollIntervalMs: 100 });
  got.template = ready;
  got.made = documented(template, ["id", "name", "status", "teamId", "vcpu", "memoryMib", "diskMib"]);
  got.log = log.filter(([stream]) => stream !== "system");
  got.builds = (await template.listBuilds()).map(({ status }) => status);
  got.templates = (await Template.list({ namePrefix: "published" })).map(({ name }) => name);
  const sandbox = await Sandbox.create({ name: "of-template", fromTemplate: template });
  await sandbox.kill();
  await template.delete();
  got.noTemplate = await failure(Template.connect("published"));
}

const sandbox = await sandboxes();
await commands(sandbox);
await files(sandbox);
await secrets(sandbox);
await templates();
await sandbox.kill();
got.gone = await failure(Sandbox.connect(sandbox.id));
got.noKey = await failure(Sandbox.list({ apiKey: "ss_live_wrong" }));

/** Ids, dates and what depends on them. */
function settled(text) {
  return text
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "<id>")
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "<date>");
}
console.log(`result ${settled(JSON.stringify({ got }))}`);
process.exit();
