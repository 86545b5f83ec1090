// Whole folders of a page: by its ticket's permissions, and within the folder that the ticket is bound to.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

import { behindRelay, consumer, createTicket, SECRET } from "./support.mjs";

const sdk = await import(pathToFileURL(join(consumer, "node_modules/@superserve/sdk/dist/index.js")).href);

const { relay, sandbox, client: backend } = await behindRelay(["exec"]);

const run = async (command) => (await backend.json("/exec", backend.exec(command))).stdout;

/** The files of a page whose ticket says that. */
async function filesOf(ticket) {
  const held = await createTicket(sandbox, { secret: SECRET, ...ticket });
  return sdk.Sandbox.fromTicket(held, { relayUrl: relay.url }).files;
}

const items = [
  { path: "a", content: "a" },
  { path: "sub/b", content: "b".repeat(10_000) },
  { path: "l", target: "a" },
];

test("each half of it needs its permission and no other", async () => {
  const [reads, writes] = [
    await filesOf({ allow: ["files:read"] }),
    await filesOf({ allow: ["files:write"] }),
  ];
  assert.deepEqual(await writes.uploadDir(items, "/tmp/f"), { files: 2, bytes: 10_001 });
  const tar = await reads.downloadDir("/tmp/f", { format: "tar" });
  const bytes = new Uint8Array(await new Response(tar).arrayBuffer());
  assert.ok(new TextDecoder("latin1").decode(bytes).includes("./sub/b\0"));
  await assert.rejects(reads.uploadDir(items, "/tmp/f"), { code: "not_allowed" });
  await assert.rejects(writes.downloadDir("/tmp/f", { format: "tar" }), { code: "not_allowed" });
});

test("a ticket's folder holds them, whatever links are in it", async () => {
  await run(
    "mkdir -p /home/user/in /home/user/out && echo safe >/home/user/out/a && ln -s ../out /home/user/in/sub",
  );
  await run("ln -s ../out/a /home/user/in/a && ln -s ../out /home/user/link");
  const files = await filesOf({ allow: ["files:read", "files:write"], root: "/home/user/in" });
  await assert.rejects(files.uploadDir(items, "/home/user/out"), { code: "outside_root" });
  await assert.rejects(files.uploadDir(items, "/home/user/in/sub"), { code: "outside_root" });
  await assert.rejects(files.downloadDir("/home/user/out", { format: "tar" }), { code: "outside_root" });
  await assert.rejects(files.downloadDir("/home/user/in/sub", { format: "tar" }), { code: "outside_root" });
  // A directory that is a link is in the way of one; a file takes the place of a link.
  await assert.rejects(files.uploadDir(items, "/home/user/in"), { code: "not_directory" });
  await files.uploadDir([{ path: "a", content: "mine" }], "/home/user/in");
  assert.equal(await run("cat /home/user/out/a /home/user/in/a; ls -A /home/user/out"), "safe\nminea\n");
  const own = await files.downloadDir("/home/user/in", { format: "tar" });
  const text = new TextDecoder("latin1").decode(new Uint8Array(await new Response(own).arrayBuffer()));
  assert.ok(text.includes("mine") && !text.includes("safe") && !text.includes(".superserve-"));
  const removed = files.sync([], "/home/user/in", { delete: true });
  await assert.rejects(removed, { code: "outside_root" });
  assert.equal(await run("ls -A /home/user/in"), "a\nl\nsub\n");
});
