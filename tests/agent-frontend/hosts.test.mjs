// The example's backend on each of its hosts, asked as the page asks it.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";

import { backendOn, HOSTS } from "./backends.mjs";
import { API_KEY, Sandbox, startService } from "./stage.mjs";

let service;
let connection;
before(async () => {
  service = startService();
  const { base_url: baseUrl } = await service.ready;
  connection = { apiKey: API_KEY, baseUrl };
});
after(() => service?.stop());

for (const host of HOSTS) {
  describe(`the backend on ${host}`, () => {
    let backend;
    before(async () => {
      backend = backendOn(host, connection);
      await backend.start();
    });
    after(() => backend?.stop());

    const ask = (path, { cookie, method = "POST", headers, body = "{}" } = {}) =>
      fetch(backend.origin() + path, {
        method,
        headers: { ...(cookie && { cookie }), ...headers },
        body: method === "GET" ? undefined : body,
      });
    async function begin() {
      const response = await ask("/api/session");
      assert.equal(response.status, 200);
      const set = response.headers.get("set-cookie");
      assert.match(set, /^visit=[\w.%-]+; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+$/);
      const { ticket } = await response.json();
      return { ticket, cookie: set.split(";")[0] };
    }
    const claims = (ticket) => JSON.parse(Buffer.from(ticket.split(".")[0], "base64url"));
    const refusal = async (response) => [response.status, (await response.json()).error.code];

    it("gives a visitor a sandbox, again after a reload, and leaves it paused", async () => {
      const { ticket, cookie } = await begin();
      const { sid } = claims(ticket);
      const sandbox = await Sandbox.connect(sid, connection);
      await sandbox.pause();
      for (const path of ["/api/session", "/api/ticket"]) {
        const again = await (await ask(path, { cookie })).json();
        const { sid: same, allow, previews } = claims(again.ticket);
        const { allow: first, previews: host } = claims(ticket);
        assert.deepEqual({ same, allow, previews }, { same: sid, allow: first, previews: host });
        assert.match(previews, /^http:\/\/localhost:\d+$/);
      }
      const [known] = (await Sandbox.list(connection)).filter(({ id }) => id === sid);
      assert.equal(known.status, "paused");
      const fresh = await (await ask("/api/session", { cookie, body: '{"fresh":true}' })).json();
      assert.notEqual(claims(fresh.ticket).sid, sid);
    });

    it("relays for the visitor, and for nobody who has only the ticket", async () => {
      const { ticket, cookie } = await begin();
      const other = await begin();
      const run = (cookie) =>
        ask("/api/sandbox/exec", {
          cookie,
          headers: { authorization: `Bearer ${ticket}`, "content-type": "application/json" },
          body: '{"command":"echo $((6 * 7))"}',
        });
      const answer = await run(cookie);
      assert.equal((await answer.json()).stdout, "42\n");
      assert.deepEqual(await refusal(await run(undefined)), [403, "not_authorized"]);
      assert.deepEqual(await refusal(await run(other.cookie)), [403, "not_authorized"]);
    });

    it("knows no cookie but its own, and no page but its own", async () => {
      const { ticket, cookie } = await begin();
      const last = cookie.at(-1) === "0" ? "1" : "0";
      for (const forged of [
        undefined,
        "visit=",
        cookie.slice(0, -1),
        cookie.slice(0, -1) + last,
        `visit=${ticket}`,
      ]) {
        assert.deepEqual(await refusal(await ask("/api/ticket", { cookie: forged })), [401, "no_session"]);
      }
      const own = backend.origin();
      // On plain http off localhost browsers say `Origin` alone.
      for (const headers of [
        { "sec-fetch-site": "same-site" },
        { "sec-fetch-site": "none" },
        { origin: "http://evil.example" },
        { origin: "null" },
        { origin: own.replace("http:", "https:") },
        { origin: own.replace(/\d+$/, "1") },
        { origin: `${own}.evil.example` },
        { origin: "http://evil.example", "sec-fetch-site": "same-origin" },
        { origin: own, "x-forwarded-host": "app.example.com" },
      ]) {
        for (const path of ["/api/session", "/api/ticket", "/api/templates", "/api/nothing"]) {
          assert.deepEqual(await refusal(await ask(path, { cookie, headers })), [403, "cross_origin"]);
        }
      }
      const proxied = { "x-forwarded-host": "app.example.com", "x-forwarded-proto": "https" };
      for (const headers of [
        { origin: own },
        { origin: own, "sec-fetch-site": "same-origin" },
        { origin: "https://app.example.com", ...proxied },
      ]) {
        assert.equal((await ask("/api/ticket", { cookie, headers })).status, 200);
      }
      assert.deepEqual(await refusal(await ask("/api/nothing", { cookie })), [404, "not_found"]);
    });

    it("reads no more of a body than it may have", async () => {
      const { cookie } = await begin();
      const large = `{"a":"${"x".repeat(16 * 1024)}"}`;
      for (const path of ["/api/session", "/api/ticket", "/api/templates"]) {
        assert.deepEqual(await refusal(await ask(path, { cookie, body: large })), [413, "too_large"]);
        // One without an end is answered too, and is not taken in.
        let sent = 0;
        const chunk = new TextEncoder().encode(" ".repeat(64 * 1024));
        const pull = async (controller) => {
          // Without a turn of the loop nobody would hear of the answer.
          await new Promise(setImmediate);
          sent += chunk.length;
          controller.enqueue(chunk);
        };
        const endless = new ReadableStream({ pull });
        const headers = { cookie, "content-type": "application/json" };
        const init = { method: "POST", headers, body: endless, duplex: "half" };
        const answer = await fetch(backend.origin() + path, init).then(refusal, () => "no answer");
        // The connection may be closed before the answer has been read.
        if (answer !== "no answer") assert.deepEqual(answer, [413, "too_large"]);
        assert.ok(sent < 64 * 1024 * 1024, `${path}: ${sent} bytes were taken`);
      }
    });

    it("builds a template, whose log its visitor alone can read", async () => {
      const { cookie } = await begin();
      const bad = await ask("/api/templates", { cookie, body: '{"recipe":"constructor"}' });
      assert.deepEqual(await refusal(bad), [400, "bad_recipe"]);
      const { name } = await (await ask("/api/templates", { cookie, body: '{"recipe":"python"}' })).json();
      const path = `/api/templates/${name}/log`;
      const read = (headers) => ask(path, { method: "GET", cookie, headers });
      const events = (await (await read()).text()).trim().split("\n\n");
      assert.match(events.at(-1), /^id: \d+\nevent: ready\ndata: \{"sizeBytes":\d+\}$/);
      assert.ok(events.some((event) => event.includes("sample data, part 6 of 6")));
      // One that reconnects gets what it has not seen.
      const rest = (await (await read({ "last-event-id": `${events.length - 2}` })).text()).trim();
      assert.equal(rest, events.slice(-2).join("\n\n"));

      const other = await begin();
      const stranger = await ask(path, { method: "GET", cookie: other.cookie });
      assert.deepEqual(await refusal(stranger), [404, "not_found"]);
    });

    // The platform serves a Worker's files.
    if (host === "Cloudflare Workers") return;
    it("serves the built page, and no other file", async () => {
      const page = await ask("/", { method: "GET" });
      assert.match(page.headers.get("content-type"), /^text\/html/);
      const [, script] = /src="(\/assets\/[\w.-]+\.js)"/.exec(await page.text());
      const asset = await ask(script, { method: "GET" });
      assert.deepEqual(
        [asset.status, asset.headers.get("content-type"), asset.headers.get("cache-control")],
        [200, "text/javascript", "public, max-age=31536000, immutable"],
      );
      for (const path of [
        "/../package.json",
        "/..%2fpackage.json",
        "/%2e%2e/package.json",
        "//etc/passwd",
        "/assets",
      ]) {
        assert.equal((await ask(path, { method: "GET" })).status, 404, path);
      }
    });
  });
}
