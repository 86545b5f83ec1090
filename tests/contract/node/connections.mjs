// A machine credential on a server that has one, and the log that the environment asks for.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { json, wireSandbox } from "../support/fixtures.mjs";
import { freshName } from "../support/live.mjs";
import { stubFetch } from "../support/stub-fetch.mjs";
import { startChild } from "./child.mjs";
import { startProgram } from "./programs.mjs";

const MACHINE = "machine-credential-0123456789";

/** A server that knows the machine, until the test ends. */
async function machineServer(ctx) {
  const directory = await mkdtemp(join(tmpdir(), "superserve-machine-"));
  const program = startProgram(
    ...[ctx.serverPath, "--port", "0", "--data-dir", directory],
    ...["--machine-credential", MACHINE],
  );
  ctx.defer(async () => {
    await program.stop();
    await rm(directory, { recursive: true, force: true });
  });
  return program.ready;
}

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("a machine makes, moves and uses sandboxes on the local server", {
    timeoutMs: 60_000,
  }, async (ctx) => {
    const { sdk, assert } = ctx;
    const { base_url: baseUrl, api_key: apiKey } = await machineServer(ctx);
    const { Sandbox, Template } = new sdk.Superserve({ machineCredential: MACHINE, baseUrl });
    const sandbox = await Sandbox.create({ name: freshName() });
    ctx.defer(() => sdk.Sandbox.killById(sandbox.id, { baseUrl, apiKey }));
    assert.equal((await sandbox.commands.run("echo hi")).stdout, "hi\n");
    await sandbox.update({ metadata: { a: "b" } });
    await sandbox.pause();
    assert.equal((await sandbox.getInfo()).status, "paused");
    assert.equal((await sandbox.commands.run("echo woken")).stdout, "woken\n");
    await sandbox.pause();
    await sandbox.resume();
    assert.equal((await (await Sandbox.connect(sandbox.id)).getInfo()).status, "active");
    assert.ok((await Sandbox.list()).some(({ id }) => id === sandbox.id));
    await assert.rejects(() => Template.list(), sdk.ValidationError);
    await assert.rejects(() => sandbox.getNetworkLog(), sdk.ValidationError);
    await sandbox.kill();
    const wrong = { machineCredential: "machine-nobody-knows", baseUrl };
    await assert.rejects(() => sdk.Sandbox.list(wrong), sdk.AuthenticationError);
  });

  test("a machine credential takes nothing from the environment but where sandboxes are", async (ctx) => {
    const { sdk, assert, runtime } = ctx;
    const calls = stubFetch(ctx, () => json(200, []));
    for (const [name, value] of [
      ["SUPERSERVE_API_KEY", "key-of-the-environment"],
      ["SUPERSERVE_BASE_URL", "https://elsewhere.example"],
    ]) {
      ctx.defer(() => runtime.env.set(name, undefined));
      runtime.env.set(name, value);
    }
    await assert.rejects(() => sdk.Sandbox.list({ machineCredential: MACHINE }), sdk.ValidationError);
    assert.equal(calls.length, 0);
    await sdk.Sandbox.list({ machineCredential: MACHINE, baseUrl: "https://here.example" });
    assert.equal(calls[0].url, "https://here.example/sandboxes");
  });

  test("the environment's log goes to the console, from its level on", async (ctx) => {
    const { assert, fault } = ctx;
    const server = await fault.serve(ctx, [
      { method: "GET", path: "/sandboxes", replies: [{ status: 503 }, { json: [] }] },
      { method: "POST", path: "/sandboxes", replies: [{ status: 201, json: wireSandbox() }] },
    ]);
    const connection = { apiKey: "key-of-the-program", baseUrl: server.origin };
    for (const [level, least, levels] of [
      ["debug", 6, ["debug", "warn"]],
      ["warn", 0, ["warn"]],
      ["error", 0, []],
      ["loud", 0, []],
      [undefined, 0, []],
    ]) {
      const child = startChild(ctx, "log", { connection, level });
      const lines = JSON.parse(await child.line("result "));
      assert.equal((await child.exit).code, 0, level);
      assert.ok(lines.length >= least, `${level}: ${lines.length} lines`);
      for (const [name, line] of lines) {
        assert.ok(levels.includes(name), `${level}: ${name} ${line}`);
        assert.excludes(line, connection.apiKey, level);
      }
    }
  });
}
