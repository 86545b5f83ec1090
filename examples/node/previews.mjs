// A page that a sandbox serves, for whoever has the link. Needs a global WebSocket for the server's session.
import http from "node:http";
import https from "node:https";

import { Sandbox } from "@superserve/sdk";

/**
 * The status that a browser would get: it takes every `*.localhost` for this machine, which Node.js leaves to the system.
 *
 * @param {string} url
 * @returns {Promise<number | undefined>}
 */
function statusOf(url) {
  const { protocol, hostname, host } = new URL(url);
  const client = protocol === "https:" ? https : http;
  const here = hostname.endsWith(".localhost") ? { hostname: "127.0.0.1", headers: { host } } : {};
  return new Promise((resolve, reject) => {
    client.get(url, here, (response) => resolve(response.resume().statusCode)).on("error", reject);
  });
}

const sandbox = await Sandbox.create({
  name: "example-previews",
  timeoutSeconds: 600,
  previewAccess: "private",
});
try {
  // A port that is free: the server says which, once it listens.
  let said = "";
  /** @type {(port: number) => void} */
  let listens = () => {};
  /** @type {Promise<number>} */
  const listening = new Promise((resolve) => (listens = resolve));
  const server = await sandbox.commands.spawn("python3 -u -m http.server 0", {
    onStdout(text) {
      said += text;
      const port = /port (\d+) /.exec(said);
      if (port) listens(Number(port[1]));
    },
  });
  const port = await listening;

  await sandbox.publishPreviewPort(port, { access: "private" });
  const signed = await sandbox.getSignedPreviewUrl(port, { expiresInSeconds: 60 });
  console.log(`with the signed link: ${await statusOf(signed)}`);
  console.log(`without: ${await statusOf(sandbox.getPreviewUrl(port))}`);

  await sandbox.unpublishPreviewPort(port);
  console.log(`after it is closed: ${await statusOf(signed)}`);
  await server.close();
} finally {
  await sandbox.kill();
}
