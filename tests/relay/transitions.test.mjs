// What takes a sandbox time, by the package on both sides: a pause and a deletion are waited for within the page's request, a
// snapshot by the page.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { ALL, consumer, createTicket, SECRET, startRelay, startService } from "./support.mjs";

const LASTS_MS = 600;
const { Sandbox, Snapshot } = await import(
  pathToFileURL(join(consumer, "node_modules/@superserve/sdk/dist/index.js")).href
);

let service, relay;

before(async () => {
  service = await startService("--pause-delay-ms", `${LASTS_MS}`, "--snapshot-delay-ms", `${LASTS_MS}`);
  relay = await startRelay(service);
});

after(async () => {
  await relay?.stop();
  await service?.stop();
});

/** A sandbox that a page holds. */
async function held(allow = ALL, options = {}) {
  const { id } = await service.create();
  const ticket = await createTicket(id, { secret: SECRET, allow });
  return Sandbox.fromTicket(ticket, { relayUrl: relay.url, ...options });
}
const statusOf = async ({ id }) => (await service.api("GET", `/sandboxes/${id}`)).status;

test("a pause is done once the sandbox is paused, with a ticket for that alone", async () => {
  const sandbox = await held(["lifecycle"]);
  await sandbox.pause();
  assert.equal(await statusOf(sandbox), "paused");
});

test("a pause that is not to be waited for is under way", async () => {
  const sandbox = await held();
  await sandbox.pause({ wait: false });
  assert.equal(await statusOf(sandbox), "pausing");
  await sandbox.pause();
  assert.equal(await statusOf(sandbox), "paused", "the pause under way was joined");
});

test("a resume and a command wait out a pause", async () => {
  const sandbox = await held();
  await sandbox.pause({ wait: false });
  await sandbox.resume();
  assert.equal(await statusOf(sandbox), "active");
  await sandbox.pause({ wait: false });
  assert.equal((await sandbox.commands.run("echo awake")).stdout, "awake\n");
});

test("a deletion waits out a pause", async () => {
  const sandbox = await held();
  await sandbox.pause({ wait: false });
  await sandbox.kill();
  await assert.rejects(statusOf(sandbox), /404/);
});

test("a sandbox ends with its scope as the page says", async () => {
  const paused = await held(ALL, { onDispose: "pause" });
  await paused[Symbol.asyncDispose]();
  assert.equal(await statusOf(paused), "paused");
  await paused[Symbol.asyncDispose]();
  const deleted = await held();
  await deleted[Symbol.asyncDispose]();
  await assert.rejects(statusOf(deleted), /404/);
});

test("a snapshot is taken and waited for, with a ticket for that alone", async () => {
  const sandbox = await held(["snapshots"]);
  const snapshot = await sandbox.snapshot({ name: "page", pollIntervalMs: 50 });
  assert.ok(snapshot instanceof Snapshot);
  assert.deepEqual([snapshot.status, snapshot.name, snapshot.sandboxId], ["ready", "page", sandbox.id]);
  const begun = await sandbox.snapshot({ wait: false });
  assert.equal(begun.status, "creating");
  assert.equal((await begun.waitUntilReady({ pollIntervalMs: 50 })).status, "ready");
  assert.deepEqual(
    (await sandbox.snapshots()).map(({ id }) => id),
    [begun.id, snapshot.id],
  );
  await assert.rejects(snapshot.delete(), { code: "not_allowed" });
});
