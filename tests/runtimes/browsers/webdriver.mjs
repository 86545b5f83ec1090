// The little of WebDriver that a run needs: a session, tabs, what a person does in them, the end.

import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const START_MS = 20_000;
const SCRIPT_MS = 50_000;

/**
 * A session of the driver at `origin`, which may still be starting. Resolves to the browser's version and what
 * one can do with it.
 */
export async function webdriverSession(origin, capabilities) {
  await ready(origin);
  const session = await command(origin, "POST", "/session", { capabilities: { alwaysMatch: capabilities } });
  const send = (method, path, parameters) =>
    command(origin, method, `/session/${session.sessionId}${path}`, parameters);
  await send("POST", "/timeouts", { script: SCRIPT_MS });
  const first = await send("GET", "/window");
  let current = first;

  /** One after another: a command is for the window that is current then. */
  let last = Promise.resolve();
  function inWindow(handle, work) {
    const next = last.then(async () => {
      if (current !== handle) await send("POST", "/window", { handle });
      current = handle;
      return work();
    });
    last = next.catch(() => {});
    return next;
  }

  const tab = (handle) => {
    const to = (method, path, parameters) => inWindow(handle, () => send(method, path, parameters));
    return {
      open: (url) => to("POST", "/url", { url }),
      reload: () => to("POST", "/refresh", {}),
      /** Calls a function in the page with JSON, and resolves to what it, or its promise, gives. */
      evaluate: (fn, ...args) => inWindow(handle, () => evaluate(send, fn, args)),
      /** The same in the first frame of the page. */
      evaluateInFrame: (fn, ...args) =>
        inWindow(handle, async () => {
          await send("POST", "/frame", { id: 0 });
          return evaluate(send, fn, args).finally(() => send("POST", "/frame", { id: null }));
        }),
      /** Presses keys one by one, where the focus is. */
      press: (keys) => to("POST", "/actions", keyActions(keys)),
      async resize(width, height) {
        await to("POST", "/window/rect", { width, height });
      },
      close: () => to("DELETE", "/window"),
      screenshot: async () => Buffer.from(await to("GET", "/screenshot"), "base64"),
    };
  };

  return {
    version: session.capabilities.browserVersion,
    ...tab(first),
    async newTab() {
      const { handle } = await send("POST", "/window/new", { type: "tab" });
      return tab(handle);
    },
    /** A command of Chromium's own protocol. */
    cdp: (cmd, params) => inWindow(first, () => send("POST", "/goog/cdp/execute", { cmd, params })),
    close: () => command(origin, "DELETE", `/session/${session.sessionId}`),
  };
}

/** What both protocols take for pressing keys. */
export const keyActions = (keys) => ({
  actions: [
    {
      type: "key",
      id: "keyboard",
      actions: [...keys].flatMap((value) => [
        { type: "keyDown", value },
        { type: "keyUp", value },
      ]),
    },
  ],
});

async function evaluate(send, fn, args) {
  const script = `
    const [args, done] = arguments;
    Promise.resolve()
      .then(() => (${fn})(...args))
      .then((value) => done({ value }), (error) => done({ error: error + " " + error?.stack }));`;
  const { value, error } = await send("POST", "/execute/async", { script, args: [args] });
  if (error !== undefined) throw new Error(`in the page: ${error}`);
  return value ?? undefined;
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
