// The little of WebDriver that a run needs: a session, a page, the end.

import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const START_MS = 20_000;

/**
 * A session of the driver at `origin`, which may still be starting. Resolves to the browser's version and what
 * one can do with it.
 */
export async function webdriverSession(origin, capabilities) {
  await ready(origin);
  const session = await command(origin, "POST", "/session", { capabilities: { alwaysMatch: capabilities } });
  const path = `/session/${session.sessionId}`;
  return {
    version: session.capabilities.browserVersion,
    open: (url) => command(origin, "POST", `${path}/url`, { url }),
    close: () => command(origin, "DELETE", path),
  };
}

async function ready(origin) {
  const deadline = Date.now() + START_MS;
  for (;;) {
    try {
      return await command(origin, "GET", "/status");
    } catch (error) {
      if (Date.now() > deadline) throw new Error(`no WebDriver at ${origin}`, { cause: error });
      await sleep(100);
    }
  }
}

async function command(origin, method, path, parameters) {
  const body = parameters && JSON.stringify(parameters);
  const response = await fetch(origin + path, { method, body, signal: AbortSignal.timeout(60_000) });
  const { value } = await response.json();
  if (!response.ok) throw new Error(`WebDriver ${method} ${path}: ${value.error}: ${value.message}`);
  return value;
}

/** A port that was free a moment ago, for drivers that do not choose one themselves. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
