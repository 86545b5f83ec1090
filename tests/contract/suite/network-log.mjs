// The network log: its query, its pages, its fields; and a real one on the local server.

import { ID, KEY, json } from "../support/fixtures.mjs";
import { eventually, liveSandbox } from "../support/live.mjs";
import { stubbedSandbox } from "../support/stub-fetch.mjs";

const page = (data, more = {}) => json(200, { data, next_cursor: null, has_more: false, ...more });
const least = { kind: "connection", id: 1, ts: "2026-08-01T12:00:00Z" };

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("the query holds what it is given", async (ctx) => {
    const { assert } = ctx;
    const { sandbox, calls } = await stubbedSandbox(ctx, () => page([]));
    const [before, since] = ["2026-08-01T12:00:00.000000001Z", "2026-08-01T10:00:00+02:00"];
    const cases = [
      [undefined, {}],
      [{}, {}],
      [{ limit: 5 }, { limit: "5" }],
      [
        { before, since, verdict: "blocked", limit: 1000 },
        { before, since, verdict: "blocked", limit: "1000" },
      ],
    ];
    for (const [options, query] of cases) {
      await sandbox.getNetworkLog(options);
      const { method, url, headers } = calls.at(-1);
      const { origin, pathname, searchParams } = new URL(url);
      assert.equal(`${method} ${origin}${pathname}`, `GET http://localhost:9/sandboxes/${ID}/network`);
      assert.deepEqual(Object.fromEntries(searchParams), query);
      assert.equal(headers["x-api-key"], KEY);
    }
  });

  test("every field of an event", async (ctx) => {
    const { assert } = ctx;
    const connection = {
      ...least,
      host: "example.com",
      dst_ip: "93.184.216.34",
      dst_port: 443,
      verdict: "quarantined",
      match_rule: "*.example.com",
      bytes_sent: 5_000_000_000,
      bytes_recv: 0,
      a_new_field: { deep: 1 },
    };
    const request = {
      kind: "request",
      id: 2,
      ts: "2026-08-01T12:00:00.250Z",
      host: "api.example.com",
      method: "POST",
      path: "/v1?x=1",
      status: 502,
      upstream_status: 503,
      latency_ms: 12,
      secret_id: "s",
      error_code: "upstream_failed",
    };
    const { sandbox } = await stubbedSandbox(ctx, () =>
      page([connection, request, least], { next_cursor: "2026-08-01T12:00:00Z", has_more: true }),
    );
    const { events, nextCursor, hasMore } = await sandbox.getNetworkLog();
    assert.equal(nextCursor, "2026-08-01T12:00:00Z");
    assert.equal(hasMore, true);
    const ts = new Date(Date.UTC(2026, 7, 1, 12));
    const present = (event) =>
      Object.fromEntries(Object.entries(event).filter(([, value]) => value !== undefined));
    assert.deepEqual(events.map(present), [
      {
        kind: "connection",
        id: 1,
        ts,
        host: "example.com",
        dstIp: "93.184.216.34",
        dstPort: 443,
        verdict: "quarantined",
        matchRule: "*.example.com",
        bytesSent: 5_000_000_000,
        bytesRecv: 0,
      },
      {
        kind: "request",
        id: 2,
        ts: new Date(ts.getTime() + 250),
        host: "api.example.com",
        method: "POST",
        path: "/v1?x=1",
        status: 502,
        upstreamStatus: 503,
        latencyMs: 12,
        secretId: "s",
        errorCode: "upstream_failed",
      },
      { kind: "connection", id: 1, ts },
    ]);
  });

  test("the last page has no cursor", async (ctx) => {
    const { assert } = ctx;
    for (const answer of [page([least]), json(200, { data: [least] }), json(200, {})]) {
      const { sandbox } = await stubbedSandbox(ctx, () => answer);
      const { events, nextCursor, hasMore } = await sandbox.getNetworkLog();
      assert.ok(Array.isArray(events), "events");
      assert.equal(nextCursor, undefined);
      assert.equal(hasMore, false);
    }
  });

  test("an event that lacks a field is an error that names it", async (ctx) => {
    const { sdk, assert } = ctx;
    for (const field of Object.keys(least)) {
      for (const value of [undefined, null, {}]) {
        const { sandbox } = await stubbedSandbox(ctx, () => page([least, { ...least, [field]: value }]));
        const error = await assert.rejects(sandbox.getNetworkLog(), sdk.SandboxError, field);
        assert.match(error.message, new RegExp(`\\b${field}\\b`));
      }
    }
  });

  test("on the local server, connections in pages", { timeoutMs: 30_000 }, async (ctx) => {
    const { sdk, assert } = ctx;
    const sandbox = await liveSandbox(ctx, { network: { denyOut: ["198.51.100.0/24"] } });
    assert.deepEqual(JSON.parse(JSON.stringify(await sandbox.getNetworkLog())), {
      events: [],
      hasMore: false,
    });
    // Where sandboxes share this machine's network the server is found there, and rules are not kept.
    const { port } = new URL(ctx.baseUrl);
    const open = (address) => `{ exec {fd}<>/dev/tcp/${address}; } 2>/dev/null`;
    const connect = `${open(`127.0.0.1/${port}`)} || ${open("198.51.100.1/9")} || true`;
    // They stay open until they are seen: the server looks a few times a second, and later on a busy machine.
    const bash = `for i in 1 2 3 4 5; do ${connect}; done; until [ -e /tmp/seen ]; do sleep 0.1; done`;
    const connecting = sandbox.commands.run(`bash -c '${bash}'`);
    connecting.catch(() => {});
    const all = await eventually(async () => {
      const { events } = await sandbox.getNetworkLog();
      return events.length >= 5 && events;
    }, "the log of five connections");
    await sandbox.files.write("/tmp/seen", "");
    assert.equal((await connecting).exitCode, 0);
    const shared = all[0].dstPort !== 9;
    const expected = shared ? [Number(port), "allowed", undefined] : [9, "blocked", "198.51.100.0/24"];
    for (const event of all) {
      assert.equal(event.kind, "connection");
      assert.deepEqual([event.dstPort, event.verdict, event.matchRule], expected);
      assert.ok(event.ts instanceof Date);
    }
    const paged = [];
    let [before, pages] = [undefined, 0];
    do {
      const { events, nextCursor, hasMore } = await sandbox.getNetworkLog({ limit: 2, before });
      assert.within(events.length, 1, 2);
      assert.equal(nextCursor !== undefined, hasMore);
      paged.push(...events);
      before = nextCursor;
      pages += 1;
    } while (before !== undefined);
    assert.equal(pages, 3);
    assert.deepEqual(
      paged.map(({ id }) => id),
      all.map(({ id }) => id),
    );
    const iterated = [];
    for await (const { id } of sandbox.iterateNetworkLog({ pageSize: 2 })) iterated.push(id);
    assert.deepEqual(
      iterated,
      all.map(({ id }) => id),
    );
    const other = shared ? "blocked" : "allowed";
    assert.equal((await sandbox.getNetworkLog({ verdict: other })).events.length, 0);
    const later = new Date(Date.now() + 60_000).toISOString();
    assert.equal((await sandbox.getNetworkLog({ since: later })).events.length, 0);
    await assert.rejects(sandbox.getNetworkLog({ before: "yesterday" }), sdk.ValidationError);
  });
}
