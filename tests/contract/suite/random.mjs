// Random calls with random arguments: whatever comes in, nothing traps, hangs or throws.

import { ID, KEY, json, noContent, result, wireSandbox } from "../support/fixtures.mjs";
import { wireSecret } from "../support/secrets.mjs";
import { socketSandbox } from "../support/sessions.mjs";
import { stubbedSandbox } from "../support/stub-fetch.mjs";
import {
  Mine,
  NOT_COUNTS,
  NOT_LISTS,
  NOT_STRINGS,
  NOT_STRING_MAPS,
  circular,
  throwing,
} from "../support/wrong-values.mjs";

const connection = { apiKey: KEY, baseUrl: "http://localhost:9" };

const POOL = [
  ...NOT_STRINGS,
  ...NOT_COUNTS,
  ...NOT_STRING_MAPS,
  ...NOT_LISTS,
  undefined,
  circular(),
  "text",
  "/a",
  ID,
  "..",
  "\ud800",
  "\0",
  "x".repeat(100_000),
  { a: "b" },
  5,
  0.1,
  -0,
  new Uint8Array(3),
  new ArrayBuffer(0),
  new Blob(["x"]),
  AbortSignal.abort(),
  new AbortController().signal,
  throwing(new Mine("x")),
  Object.create(null),
  new Proxy({}, {}),
  Promise.resolve(1),
  new Error("x"),
];
const KEYS = [
  "name",
  "metadata",
  "signal",
  "timeoutMs",
  "timeoutSeconds",
  "network",
  "env",
  "cwd",
  "onStdout",
  "onStderr",
  "maxBytes",
  "maxOutputBytes",
  "limit",
  "offset",
  "status",
  "apiKey",
  "baseUrl",
  "sandboxUrl",
  "fromTemplate",
  "secrets",
];

/** The same picks each time. */
function randomly(keys) {
  let state = 42;
  const random = (n) => {
    state = (state * 1103515245 + 12345) & 0x7fffffff;
    return (state >> 8) % n;
  };
  const pick = () => POOL[random(POOL.length)];
  const options = () => {
    const made = random(2) ? { ...connection } : {};
    for (let i = random(4); i > 0; i--) made[keys[random(keys.length)]] = pick();
    return random(8) ? made : pick();
  };
  return { random, pick, options };
}

/** Calls `attempt` and waits: it may succeed, or reject with an error of the SDK or the caller's own. */
async function survived({ sdk, assert }, round, attempt) {
  let promise;
  try {
    promise = attempt();
  } catch (error) {
    assert.fail(`round ${round}: ${attempt} threw ${assert.show(error)}`);
  }
  const outcome = await promise.catch((error) => ({ error }));
  const fine =
    outcome?.error === undefined ||
    outcome.error instanceof sdk.SandboxError ||
    outcome.error instanceof Mine;
  assert.ok(fine, `round ${round}: ${attempt} rejected with ${assert.show(outcome?.error)}`);
  return outcome;
}

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("two thousand random calls: no trap, no hang, and the next call works", {
    timeoutMs: 60_000,
  }, async (ctx) => {
    const { sdk, assert } = ctx;
    const { sandbox } = await stubbedSandbox(ctx, ({ url, method }) => {
      if (url.endsWith("/exec/stream")) return new Response('data: {"finished":true,"exit_code":0}\n\n');
      if (url.endsWith("/exec")) return json(200, result());
      if (method === "GET" && /sandboxes(\?|$)/.test(url)) return json(200, []);
      if (method === "DELETE" || method === "PATCH" || url.endsWith("/pause")) return noContent();
      return json(200, wireSandbox());
    });
    const { random, pick, options } = randomly(KEYS);
    const { Sandbox } = sdk;
    const attempts = [
      () => Sandbox.create(options()),
      () => Sandbox.connect(pick(), options()),
      () => Sandbox.list(options()),
      () => Sandbox.killById(pick(), options()),
      () => Sandbox.updateById(pick(), options(), options()),
      () => sandbox.getInfo(options()),
      () => sandbox.pause(options()),
      () => sandbox.resume(options()),
      () => sandbox.update(options()),
      () => sandbox.commands.run(pick(), options()),
      () => sandbox.files.write(pick(), pick(), options()),
      () => sandbox.files.read(pick(), options()),
      () => sandbox.files.readText(pick(), options()),
      () => sandbox.files.downloadDir(pick(), options()),
    ];
    for (let i = 0; i < 2000; i++) await survived(ctx, i, attempts[random(attempts.length)]);
    assert.equal((await sandbox.commands.run("x")).exitCode, 0, "the next call works");
  });

  test("a thousand random calls of secrets, previews and the network log", {
    timeoutMs: 60_000,
  }, async (ctx) => {
    const { sdk, assert } = ctx;
    const { sandbox } = await stubbedSandbox(ctx, ({ url, method }) => {
      if (method === "DELETE") return noContent();
      if (/providers|secrets$|audit/.test(url) && method === "GET") return json(200, []);
      return json(200, { ...wireSecret(), token: "t", query_param: "q", port: 3000, ports: [], data: [] });
    });
    const keys = [
      "name",
      "value",
      "provider",
      "auth",
      "hosts",
      "limit",
      "before",
      "since",
      "verdict",
      "access",
    ];
    const { random, pick, options } = randomly([
      ...keys,
      "expiresInSeconds",
      "signal",
      "timeoutMs",
      "apiKey",
    ]);
    const { Secret, Provider } = sdk;
    const secret = await Secret.get("fixture", connection);
    const port = () => (random(2) ? 3000 : pick());
    const attempts = [
      () => Secret.create(options()),
      () => Secret.get(pick(), options()),
      () => Secret.list(options()),
      () => Secret.deleteByName(pick(), options()),
      () => Provider.list(options()),
      () => secret.getInfo(options()),
      () => secret.rotate(pick(), options()),
      () => secret.getAudit(options()),
      () => secret.getSandboxes(options()),
      () => sandbox.attachSecret(pick(), pick(), options()),
      () => sandbox.detachSecret(pick(), options()),
      () => sandbox.getNetworkLog(options()),
      () => sandbox.listPreviewPorts(options()),
      () => sandbox.publishPreviewPort(port(), options()),
      () => sandbox.unpublishPreviewPort(port(), options()),
      () => sandbox.getPreviewToken(port(), options()),
      () => sandbox.getSignedPreviewUrl(port(), options()),
      () => sandbox.rotatePreviewToken(port(), options()),
    ];
    for (let i = 0; i < 1000; i++) await survived(ctx, i, attempts[random(attempts.length)]);
    assert.equal((await secret.getInfo()).name, wireSecret().name, "the next call works");
  });

  test("five hundred random sessions", { timeoutMs: 60_000 }, async (ctx) => {
    const { sdk, assert } = ctx;
    const { random, pick } = randomly([]);
    const { sandbox } = await socketSandbox(ctx, {
      socket: (socket) => (random(5) ? socket.open() : socket.fail()),
      fetch: () => json(200, wireSandbox()),
    });
    const keys = ["cwd", "env", "timeoutMs", "onStdout", "onData", "cols", "rows", "signal"];
    const options = () => (random(3) ? undefined : { [keys[random(keys.length)]]: pick() });
    const starts = [() => sandbox.commands.spawn("x", options()), () => sandbox.terminal(options())];
    let opened = 0;
    for (let i = 0; i < 500; i++) {
      const session = await survived(ctx, i, starts[i % 2]);
      if (typeof session.wait !== "function") continue;
      opened += 1;
      const { stdin = session } = session;
      const acts = [
        () => stdin.write(pick()),
        () => session.kill(pick()),
        () => session.stdin?.close(),
        () => session.resize?.(pick(), pick()),
      ];
      for (let n = random(6); n > 0; n--) {
        const act = acts[random(acts.length)];
        try {
          assert.equal(act(), undefined);
        } catch (error) {
          assert.ok(error instanceof sdk.SandboxError, `round ${i}: ${act} threw ${assert.show(error)}`);
        }
      }
      await session.close();
      await survived(ctx, i, session.wait);
    }
    assert.within(opened, 100, 499, "sessions that opened");
  });
}
