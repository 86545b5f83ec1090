// What a page may send to another origin: by what reaches `fetch` and `WebSocket` for the service's own hosts, and
// by real preflights.

import { ID, KEY, json } from "../../../contract/support/fixtures.mjs";
import { liveSandbox } from "../../../contract/support/live.mjs";
import { METHODS, goodResponse } from "../../../contract/support/methods.mjs";
import { KINDS, socketSandbox } from "../../../contract/support/sessions.mjs";
import { stubFetch, stubbedSandbox } from "../../../contract/support/stub-fetch.mjs";

const HOSTS = {
  "https://api.superserve.ai": "sandbox.superserve.ai",
  "https://api-usw.superserve.ai": "usw-sandbox.superserve.ai",
};
const HEADERS = {
  control: ["content-type", "x-api-key"],
  data: ["content-type", "x-access-token"],
};
// Another mode, or credentials, would ask more of the server's answer.
const INIT = ["body", "cache", "headers", "method", "redirect", "signal"];

const beyond = (allowed, names) => names.filter((name) => !allowed.includes(name));

export function cors({ test }) {
  for (const [baseUrl, host] of Object.entries(HOSTS)) {
    const dataPlane = `boxd-${ID}.${host}`;

    test(`every method at ${baseUrl}`, async (ctx) => {
      const { assert, sdk } = ctx;
      for (const method of METHODS) {
        const { sandbox } = await stubbedSandbox(ctx, () => json(500, {}), { options: { baseUrl } });
        const calls = stubFetch(ctx, () => goodResponse(method));
        await method.call({ sdk, sandbox, connection: { apiKey: KEY, baseUrl } });
        assert.ok(calls.length > 0, `requests of ${method.name}`);
        for (const { url, headers, init } of calls) {
          const origin = method.plane === "data" ? `https://${dataPlane}` : baseUrl;
          assert.equal(new URL(url).origin, origin, method.name);
          assert.deepEqual(
            beyond(HEADERS[method.plane], Object.keys(headers)),
            [],
            `headers of ${method.name}`,
          );
          assert.deepEqual(beyond(INIT, Object.keys(init)), [], `init of ${method.name}`);
        }
      }
    });

    test(`sessions and terminals at ${baseUrl}`, async (ctx) => {
      for (const kind of KINDS) {
        const { sandbox, sockets } = await socketSandbox(ctx, { options: { baseUrl } });
        await kind.start(sandbox);
        ctx.assert.equal(sockets[0].url, `wss://${dataPlane}${kind.path}`);
      }
    });
  }

  test("the whole data plane of another origin that lets two headers through", async (ctx) => {
    const { assert, dataOrigin } = ctx;
    assert.notEqual(dataOrigin, location.origin);
    const sandbox = await liveSandbox(ctx, { sandboxUrl: dataOrigin });
    const { commands, files } = sandbox;

    assert.equal((await commands.run("echo run")).stdout, "run\n");
    let streamed = "";
    await commands.run("echo streamed", { onStdout: (text) => (streamed += text) });
    assert.equal(streamed, "streamed\n");

    for (const content of ["text", new Uint8Array([1, 2, 3]), new Blob(["blob"], { type: "image/png" })]) {
      await files.write("/tmp/d/a", content);
      const expected = new Uint8Array(await new Response(content).arrayBuffer());
      assert.deepEqual(await files.read("/tmp/d/a"), expected);
    }
    assert.equal(await files.readText("/tmp/d/a"), "blob");
    assert.deepEqual([...(await files.downloadDir("/tmp/d")).subarray(0, 2)], [0x50, 0x4b], "a zip");

    const session = await commands.spawn("cat");
    session.stdin.write("session");
    session.stdin.close();
    assert.equal((await session.wait()).stdout, "session");

    let screen = "";
    const shell = await sandbox.terminal({ onData: (data) => (screen += new TextDecoder().decode(data)) });
    shell.write("echo $((6 * 7)); exit\n");
    await shell.wait();
    assert.match(screen, /\b42\b/);
  });

  test("it lets no third one through", async (ctx) => {
    const { assert, dataOrigin } = ctx;
    const { id } = await liveSandbox(ctx);
    const wire = await fetch(`${ctx.baseUrl}/sandboxes/${id}`, { headers: { "X-API-Key": ctx.apiKey } });
    const { access_token: token } = await wire.json();
    const send = (headers) =>
      fetch(`${dataOrigin}/exec`, { method: "POST", headers, body: '{"command":"true"}' });
    const headers = { "X-Access-Token": token, "Content-Type": "application/json" };
    assert.equal((await send(headers)).status, 200);
    for (const name of ["X-Superserve-Sandbox-Id", "X-API-Key", "X-Other"]) {
      await assert.rejects(() => send({ ...headers, [name]: "x" }), TypeError, name);
    }
  });
}
