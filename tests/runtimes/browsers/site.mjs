// The origin of the pages: plain files, the settings of a run, and a place to send its messages to.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

import { listen } from "./cors-proxy.mjs";

const REPOSITORY = fileURLToPath(new URL("../../..", import.meta.url));
const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};

/** Of a run that says nothing for so long, nothing more is to be expected. No test takes this long. */
const SILENCE_MS = 180_000;

/**
 * Serves `tests/` of this repository, and everything else from `project`, where the package is installed.
 * `settings` may change until a page asks for them. `backend`, if there is one, has paths of its own. `messages()` begins a new stream of messages, lines of JSON.
 */
export async function startSite(ctx, { project, settings, backend }) {
  let inbox = new PassThrough();
  let silence;
  ctx.defer(() => clearTimeout(silence));
  const listenOn = () => {
    clearTimeout(silence);
    silence = setTimeout(() => inbox.end(), SILENCE_MS);
  };

  async function take(request) {
    listenOn();
    const line = await text(request);
    if (inbox.writableEnded) return;
    inbox.write(`${line}\n`);
    const { end, error } = JSON.parse(line);
    if (end || error) inbox.end();
  }

  async function answer(request, response) {
    const { pathname } = new URL(request.url, "http://site");
    if (backend?.covers(pathname)) {
      await backend.listener(request, response);
    } else if (request.method === "POST" && pathname === "/messages") {
      await take(request);
      response.writeHead(204).end();
    } else if (pathname === "/settings") {
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(settings));
    } else {
      // `pathname` has no `..` left.
      const file = join(pathname.startsWith("/tests/") ? REPOSITORY : project, pathname);
      const content = await readFile(file).catch(() => undefined);
      const type = TYPES[extname(file)] ?? "application/octet-stream";
      response.writeHead(content ? 200 : 404, { "content-type": type, "cache-control": "no-store" });
      response.end(content ?? `there is no ${pathname}`);
    }
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error) => {
      ctx.log(`${request.method} ${request.url}: ${error}`);
      response.destroy();
    });
  });
  if (backend) server.on("upgrade", backend.upgrade);
  return {
    origin: await listen(ctx, server, "localhost"),
    messages() {
      inbox = new PassThrough();
      listenOn();
      return inbox;
    },
  };
}
