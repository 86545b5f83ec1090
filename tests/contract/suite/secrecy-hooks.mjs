// What hooks and loggers are told, and errors in JSON, hold no secret of the run: no credential, no content.

import {
  FRESH,
  ID,
  KEY,
  TOKEN,
  failure,
  finished,
  json,
  noContent,
  result,
  streamOf,
  wireSandbox,
} from "../support/fixtures.mjs";
import { freshName, live, liveSandbox } from "../support/live.mjs";
import { accept, stubSockets } from "../support/stub-socket.mjs";
import { stubFetch } from "../support/stub-fetch.mjs";
import { RELAY, ticketOf } from "../support/tickets.mjs";
import { settle, virtualTime } from "../support/virtual-time.mjs";

const MACHINE = "machine-credential-0123456789";
const GATEWAY = "gateway-secret-0123456789";
const HINT = "hint.eyJlIjo0MDAwMDAwMDAwfQ.signature-of-hint";
const CONTENT = {
  command: "echo the-command-itself",
  env: "value-of-a-variable",
  output: "output-of-the-command",
  file: "content-of-the-file",
  path: "/home/user/name-of-the-file",
  previewToken: "pvt_preview-token-0123",
};

/** Notes every text that hooks and loggers are given, and those of errors. */
function recorder() {
  const texts = [];
  const note = (...values) => {
    for (const value of values) texts.push(JSON.stringify(value));
  };
  const hooks = { onRequest: note, onResponse: note, onRetry: note, onError: note };
  const logger = { debug: note, info: note, warn: note, error: note };
  return { texts, options: { hooks, logger } };
}

/** What was told holds none of these. */
function assertClean(assert, texts, secrets, least) {
  assert.ok(texts.length >= least, `${texts.length} texts, ${least} at least`);
  for (const [name, secret] of Object.entries(secrets)) {
    for (const text of texts) {
      for (const form of [secret, encodeURIComponent(secret), btoa(secret)])
        assert.excludes(text, form, name);
    }
  }
}

/** The service over a stub: it repeats what it was sent wherever it can. */
function hostile({ url, headers, method }, index) {
  const { pathname } = new URL(url);
  const secret =
    headers["x-api-key"] ??
    headers["x-access-token"] ??
    headers["x-qm-machine-credential"] ??
    headers.authorization ??
    "";
  const echo = { "x-request-id": `id-${secret}`, "x-routing-hint": HINT };
  if (index % 5 === 3 && method === "GET")
    return failure(503, secret.replace(/\W/g, ""), `no ${secret}`, echo);
  if (index % 7 === 5) return new Response(`refused ${secret}`, { status: 401, headers: echo });
  if (index % 11 === 9) return Promise.reject(new TypeError(`fetch failed: ${secret}`));
  if (index % 13 === 6)
    return new Response(null, { status: 302, headers: { ...echo, location: `/?${secret}` } });
  if (pathname.endsWith("/activate") || pathname.endsWith("/resume"))
    return json(200, wireSandbox({ access_token: FRESH, routing_hint: HINT }), echo);
  if (pathname.endsWith("/exec")) return json(200, result({ stdout: CONTENT.output }), echo);
  if (pathname.endsWith("/exec/stream"))
    return streamOf([`data: ${JSON.stringify({ stdout: CONTENT.output })}\n\n`, finished()], {
      headers: echo,
    });
  if (pathname.endsWith("/files")) return new Response(CONTENT.file, { headers: echo });
  if (pathname.includes("/preview-ports"))
    return json(200, {
      port: 3000,
      token: CONTENT.previewToken,
      header: "x-p",
      query_param: "p",
      token_version: 1,
      access: "private",
      preview_access: "private",
    });
  if (pathname === "/sandboxes")
    return json(method === "GET" ? 200 : 201, method === "GET" ? [] : wireSandbox(), echo);
  return method === "GET" ? json(200, wireSandbox(), echo) : noContent();
}

/** All that a program does with a sandbox. Answers with what each step failed with, if it did. */
async function mainJob(time, sandbox) {
  const controller = new AbortController();
  const { command, env, file, path } = CONTENT;
  const steps = [
    () => sandbox.getInfo(),
    () => sandbox.commands.run(command, { env: { SECRET: env } }),
    () => sandbox.commands.run(command, { onStdout() {} }),
    () => sandbox.commands.spawn(command, { env: { SECRET: env } }),
    () => sandbox.terminal(),
    () => sandbox.files.write(path, file),
    () => sandbox.files.readText(path),
    () => sandbox.getSignedPreviewUrl(3000),
    () => sandbox.getInfo({ signal: controller.signal }),
    () => sandbox.pause(),
    () => sandbox.commands.run(command),
    () => sandbox.resume(),
    () => sandbox.kill(),
  ];
  const errors = [];
  // Several times round: which step meets which answer changes.
  for (let round = 0; round < 8; round++) {
    for (const step of steps) {
      await time.run(Promise.resolve().then(step)).catch((error) => errors.push(error));
      controller.abort(new Error("enough"));
    }
  }
  return errors;
}

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  const ways = {
    "with a key": { apiKey: KEY, baseUrl: "http://localhost:9" },
    "with a machine credential": { machineCredential: MACHINE, baseUrl: "http://localhost:9" },
    "with a ticket": undefined,
  };
  for (const [name, connection] of Object.entries(ways)) {
    test(`a service that repeats every secret, ${name}`, { timeoutMs: 60_000 }, async (ctx) => {
      const { sdk, assert } = ctx;
      const time = virtualTime(ctx);
      const { texts, options } = recorder();
      let sandbox;
      if (connection) {
        stubFetch(ctx, () => json(201, wireSandbox({ routing_hint: HINT })));
        const superserve = new sdk.Superserve({
          ...connection,
          ...options,
          headers: { "x-gateway": GATEWAY },
        });
        sandbox = await superserve.Sandbox.create({ name: "x" });
      } else {
        const renewed = async () => ticketOf({}, "renewed-signature");
        sandbox = sdk.Sandbox.fromTicket(ticketOf(), {
          ...options,
          relayUrl: RELAY,
          refreshTicket: renewed,
          headers: { "x-gateway": GATEWAY },
        });
      }
      stubFetch(ctx, hostile);
      stubSockets(ctx, (socket, index) => (index % 2 ? socket.fail() : accept(socket)));
      const errors = await mainJob(time, sandbox);
      await settle();
      assert.ok(errors.length > 5, `${errors.length} errors`);
      texts.push(...errors.map((error) => JSON.stringify(error)));
      const secrets = { KEY, TOKEN, FRESH, MACHINE, GATEWAY, HINT, ...CONTENT };
      // What a part of a ticket says is in the other, so both are looked for.
      for (const ticket of [ticketOf(), ticketOf({}, "renewed-signature")]) {
        secrets[`ticket ${ticket.slice(-9)}`] = ticket;
        secrets[`signature ${ticket.slice(-9)}`] = ticket.split(".")[1];
      }
      secrets.payload = ticketOf().split(".")[0];
      assertClean(assert, texts, secrets, 300);
      assert.ok(
        texts.some((text) => text.includes(ID)),
        "the sandbox's id is there",
      );
    });
  }

  test("a real run", { timeoutMs: 60_000 }, async (ctx) => {
    const { sdk, assert, runtime } = ctx;
    const { texts, options } = recorder();
    const { fetch: original } = globalThis;
    const seen = { key: ctx.apiKey, ...CONTENT };
    // The tokens of this run are those that go over the wire.
    const fetch = async (url, init) => {
      for (const [name, value] of Object.entries(init.headers)) {
        if (/token|authorization|hint/i.test(name))
          seen[`${name} ${Object.keys(seen).length}`] = value.replace("Bearer ", "");
      }
      return original(url, init);
    };
    const plain = { ...ctx, relay: undefined };
    const sandbox = await liveSandbox(plain, { ...options, fetch });
    const { command, env, file, path } = CONTENT;
    await sandbox.commands.run(command, { env: { SECRET: env } });
    const out = [];
    await sandbox.commands.run(`${command}; echo ${CONTENT.output}`, { onStdout: (text) => out.push(text) });
    assert.ok(out.join("").includes(CONTENT.output));
    await sandbox.files.write(path, file);
    assert.equal(await sandbox.files.readText(path), file);
    if (runtime.features.websocket ?? true) await (await sandbox.commands.spawn(command)).wait();
    await sandbox.pause();
    await sandbox.commands.run(command);
    await assert
      .rejects(() => sandbox.files.readText("/nowhere/at/all"), sdk.NotFoundError)
      .then((error) => {
        texts.push(JSON.stringify(error));
      });
    const wrong = { ...live(ctx), apiKey: "ss_live_a-key-that-nobody-knows-00000", ...options, fetch };
    const error = await assert.rejects(
      () => sdk.Sandbox.create({ ...wrong, name: freshName() }),
      sdk.AuthenticationError,
    );
    texts.push(JSON.stringify(error));
    assertClean(assert, texts, { ...seen, wrong: wrong.apiKey }, 30);
  });
}
