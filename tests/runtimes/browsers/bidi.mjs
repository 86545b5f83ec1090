// The same over WebDriver BiDi, which Firefox speaks itself: no driver beside it.

import WebSocket from "ws";

const COMMAND_MS = 60_000;

/** A session of the browser that listens at `url`, as `webdriverSession`. */
export async function bidiSession(url) {
  const command = await connect(`${url}/session`);
  const { capabilities } = await command("session.new", { capabilities: {} });
  const { contexts } = await command("browsingContext.getTree", {});
  const { context } = contexts[0];
  return {
    version: capabilities.browserVersion,
    open: (page) => command("browsingContext.navigate", { context, url: page, wait: "complete" }),
    close: () => command("browser.close", {}),
  };
}

async function connect(url) {
  const socket = new WebSocket(url);
  const waiting = new Map();
  await new Promise((resolve, reject) => socket.on("open", resolve).on("error", reject));
  socket.on("message", (data) => {
    const { id, type, error, message, result } = JSON.parse(data);
    if (type === "event") return;
    const { resolve, reject } = waiting.get(id);
    if (type === "success") resolve(result);
    else reject(new Error(`BiDi: ${error}: ${message}`));
  });
  socket.on("close", () => {
    for (const { method, reject } of waiting.values())
      reject(new Error(`BiDi ${method}: the browser has gone`));
  });

  let last = 0;
  return (method, params) =>
    new Promise((resolve, reject) => {
      const id = ++last;
      const timer = setTimeout(() => reject(new Error(`BiDi ${method} took too long`)), COMMAND_MS);
      const end = (settle) => (value) => {
        clearTimeout(timer);
        waiting.delete(id);
        settle(value);
      };
      waiting.set(id, { method, resolve: end(resolve), reject: end(reject) });
      socket.send(JSON.stringify({ id, method, params }));
    });
}
