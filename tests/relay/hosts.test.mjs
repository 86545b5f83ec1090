// The examples, each on its host. Between the relay and the service is a proxy that sees what is open.
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, test } from "node:test";

import { HOSTS, makeProject, startHost } from "./hosts.mjs";
import { opened, runSession, TERMINAL, terminalSays } from "./sessions.mjs";
import {
  ALL,
  createTicket,
  eventsOf,
  eventually,
  page,
  refusal,
  refusedSocket,
  SECRET,
  startProxy,
  startService,
} from "./support.mjs";

// Made before there is a connection: on a busy machine it takes longer than a server keeps an idle one.
const BIG = Buffer.from(new Uint8Array(20_000_000).map((_, index) => index * 7 + (index >> 8)));

let service;
before(async () => (service = await startService()));
after(() => service?.stop());

for (const [name, { noSockets, streamsOnly, dropsLength }] of Object.entries(HOSTS)) {
  test(name, { timeout: 180_000 }, async (t) => {
    const proxy = await startProxy(t, service.baseUrl);
    const project = makeProject(t);
    const { origin, said } = await startHost(t, name, project, { ...service, baseUrl: proxy.baseUrl });
    const sandbox = await service.create();
    const ticket = await createTicket(sandbox, { secret: SECRET, allow: ALL, maxUploadBytes: 40_000_000 });
    const client = page(`${origin}/api/sandbox`, ticket);
    const sub = (what, body, options = {}) => t.test(`${name}: ${what}`, options, body);

    await sub("a command", async () => {
      const { stdout, exit_code } = await client.json("/exec", client.exec("echo out; exit 3"));
      assert.deepEqual([stdout, exit_code], ["out\n", 3]);
    });

    await sub("the first event arrives before the last is written", async () => {
      const response = await client.fetch("/exec/stream", client.exec("echo first; sleep 1.5; echo last"));
      const at = {};
      for await (const event of eventsOf(response)) {
        if (event.stdout) at[event.stdout.trim()] = event.at;
      }
      assert.ok(at.last - at.first > 700, `${at.last - at.first} ms apart`);
    });

    await sub("megabytes, up and down", async () => {
      await client.json("/files?path=/home/user/big", { method: "POST", body: BIG });
      const response = await client.fetch("/files?path=/home/user/big");
      assert.equal(response.status, 200);
      assert.ok(Buffer.from(await response.arrayBuffer()).equals(BIG));
      const body = new Blob([BIG]).stream();
      await client.json("/files?path=/home/user/again", { method: "POST", body });
      const { stdout } = await client.json("/exec", client.exec("cmp big again && echo same"));
      assert.equal(stdout, "same\n");
    });

    await sub("a file says its length, where the host lets it", async () => {
      const response = await client.fetch("/files?path=/etc/hostname");
      const { byteLength } = await response.arrayBuffer();
      assert.equal(response.headers.get("content-length"), dropsLength ? null : `${byteLength}`);
    });

    await sub("a page that goes away ends its requests", async () => {
      for (const path of streamsOnly ? ["/exec/stream"] : ["/exec/stream", "/exec"]) {
        const controller = new AbortController();
        const { signal } = controller;
        const asked = client.fetch(path, { ...client.exec("while sleep 0.1; do echo on; done"), signal });
        asked.catch(() => {});
        await eventually(() => proxy.open.has(path), `${path} upstream`);
        if (path === "/exec/stream") await eventsOf(await asked).next();
        controller.abort();
        await eventually(() => !proxy.open.has(path), `the end of ${path}`);
      }
    });

    await sub("a paused sandbox wakes", async () => {
      await client.json(`/sandboxes/${sandbox.id}/pause`, { method: "POST" });
      assert.equal((await client.json("/exec", client.exec("echo awake"))).stdout, "awake\n");
      await service.api("POST", `/sandboxes/${sandbox.id}/pause`);
      const answers = await Promise.all([1, 2, 3].map((n) => client.json("/exec", client.exec(`echo ${n}`))));
      assert.deepEqual(
        answers.map(({ stdout }) => stdout),
        ["1\n", "2\n", "3\n"],
      );
    });

    await sub("refusals", async () => {
      const path = "/files?path=/etc/hostname";
      const forged = page(`${origin}/api/sandbox`, `${ticket}A`);
      assert.deepEqual(await refusal(await forged.fetch(path)), [401, "ticket_invalid"]);
      const foreign = { headers: { origin: "https://evil.example" } };
      assert.deepEqual(await refusal(await client.fetch(path, foreign)), [403, "origin_not_allowed"]);
      assert.equal((await client.fetch(path, { headers: { origin } })).status, 200);
      // Its bytes stay here: a host may close the connection on whoever still sends them, its answer unread.
      const large = await client.announce("/files?path=/tmp/x", 40_000_001);
      assert.deepEqual(await refusal(large), [413, "too_large"]);
      const missing = await client.fetch("/files?path=/missing");
      assert.equal(missing.status, 404);
      assert.ok((await missing.json()).error.message);
    });

    if (noSockets) {
      await sub("says that it takes no WebSockets", async () => {
        const response = await client.fetch("/terminal");
        const { error } = await response.json();
        assert.deepEqual([response.status, error.code], [501, "no_websocket"]);
        assert.ok(error.message.includes(name), error.message);
      });
      return;
    }

    await sub("a session, with megabytes both ways", async () => {
      const parts = Array.from({ length: 64 }, (_, index) =>
        String.fromCharCode(97 + (index % 26)).repeat(32_768),
      );
      const { protocol, stdout, ending, closed } = await runSession(client, "cat; exit 3", parts);
      assert.equal(protocol, "superserve.exec.v1");
      assert.equal(stdout, parts.join(""));
      assert.equal(ending.exit_code, 3);
      assert.equal(closed.code, 1000);
    });

    await sub("a terminal, from its prompt to its end", async () => {
      await service.api("POST", `/sandboxes/${sandbox.id}/pause`);
      const socket = client.socket("/terminal", TERMINAL);
      await terminalSays(socket, "echo six=$((2*3))\n", "six=6");
      socket.send(Buffer.from("exit\n"));
      const [code, reason] = await once(socket, "close");
      assert.deepEqual([code, `${reason}`], [1000, "shell exited"]);
    });

    await sub("a session's close codes, both ways", async () => {
      const large = client.socket("/exec/connect", "superserve.exec.v1");
      await opened(large);
      large.send(JSON.stringify({ command: "cat" }));
      large.send(Buffer.alloc(70_000));
      const [code] = await once(large, "close");
      assert.equal(code, 1009);
    });

    await sub("a page that goes away takes its terminal along", async () => {
      const socket = client.socket("/terminal", TERMINAL);
      await terminalSays(socket, "echo six=$((2*3))\n", "six=6");
      assert.ok(proxy.open.has("/terminal"));
      socket.terminate();
      await eventually(() => !proxy.open.has("/terminal"), "the end of the terminal");
    });

    await sub("refused WebSockets", async () => {
      const forged = page(`${origin}/api/sandbox`, `${ticket}A`);
      assert.equal((await refusedSocket(forged.socket("/terminal", TERMINAL)))[0], 401);
      const foreign = { origin: "https://evil.example" };
      assert.equal((await refusedSocket(client.socket("/terminal", TERMINAL, foreign)))[0], 403);
      assert.equal((await client.fetch("/terminal")).status, name.startsWith("Hono") ? 501 : 426);
    });

    assert.doesNotMatch(said(), /error|warn/i);
  });
}
