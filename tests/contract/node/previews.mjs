// Previews as a browser opens them. Node is needed to reach `*.localhost`: its requests may name their host.

import { request } from "node:http";

import { eventually, liveSandbox } from "../support/live.mjs";

/** The text of a page, or the status where that is not 200. */
function page(url, headers = {}) {
  const { host, port, pathname, search } = new URL(url);
  const options = {
    host: "127.0.0.1",
    port,
    path: pathname + search,
    headers: { ...headers, host },
    agent: false,
  };
  return new Promise((resolve, reject) => {
    const sent = request(options, async (response) => {
      let text = "";
      for await (const part of response) text += part;
      resolve(response.statusCode === 200 ? text : response.statusCode);
    });
    sent.on("error", reject);
    sent.end();
  });
}

/** Serves the name of the port in the sandbox until the test ends. */
async function serving(sandbox, port) {
  const program = `
import http.server
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(b"port ${port} " + self.path.encode())
    def log_message(self, *args): pass
http.server.ThreadingHTTPServer(("127.0.0.1", ${port}), Handler).serve_forever()`;
  await sandbox.files.write("/tmp/serve.py", program);
  await sandbox.commands.run("setsid python3 /tmp/serve.py >/dev/null 2>&1 &");
}

/** A port that no other run of the tests is likely to use: sandboxes may share this machine's. */
const freePort = () => 20_000 + Math.floor(Math.random() * 12_000);

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("a preview shows what the port serves, to those who may see it", async (ctx) => {
    const { assert } = ctx;
    const sandbox = await liveSandbox(ctx, { previewAccess: "private" });
    const port = freePort();
    await serving(sandbox, port);
    const url = sandbox.getPreviewUrl(port);
    assert.equal(await page(url), 404, "not published");
    await sandbox.publishPreviewPort(port, { access: "public" });
    await eventually(async () => (await page(url)) === `port ${port} /`, "the page");
    assert.equal(await page(`${url}/a?b=c`), `port ${port} /a?b=c`);
    await sandbox.publishPreviewPort(port, { access: "private" });
    assert.equal(await page(url), 401, "without a token");
    const { token: secret, header } = await sandbox.getPreviewToken(port);
    assert.equal(await page(url, { [header]: secret }), `port ${port} /`);
    const signed = await sandbox.getSignedPreviewUrl(port);
    assert.match(String(await page(signed)), new RegExp(`^port ${port} /`));
    await sandbox.rotatePreviewToken(port);
    assert.equal(await page(url, { [header]: secret }), 401, "after the rotation");
    const { token: fresh } = await sandbox.getPreviewToken(port);
    assert.equal(await page(url, { [header]: fresh }), `port ${port} /`);
    const fetched = async () => (await fetch(url, { headers: { [header]: fresh } }).catch(() => ({}))).status;
    await eventually(
      async () => (await fetched()) === 200,
      "the page by `fetch`, which asks the system for the name",
    );
    await sandbox.unpublishPreviewPort(port);
    assert.equal(await page(url, { [header]: fresh }), 404, "no longer published");
  });
}
