// The same over WebDriver BiDi, which Firefox speaks itself: no driver beside it.

import WebSocket from "ws";

import { keyActions } from "./webdriver.mjs";

const COMMAND_MS = 60_000;

/** A session of the browser that listens at `url`, as `webdriverSession`. */
export async function bidiSession(url) {
  const command = await connect(`${url}/session`);
  const { capabilities } = await command("session.new", { capabilities: {} });
  const { contexts } = await command("browsingContext.getTree", {});
  const { context } = contexts[0];

  const tab = (context) => ({
    open: (page) => command("browsingContext.navigate", { context, url: page, wait: "complete" }),
    reload: () => command("browsingContext.reload", { context, wait: "complete" }),
    evaluate: (fn, ...args) => evaluate(command, context, fn, args),
    async evaluateInFrame(fn, ...args) {
      const tree = await command("browsingContext.getTree", { root: context });
      const [frame] = tree.contexts[0].children;
      if (!frame) throw new Error("the page has no frame");
      return evaluate(command, frame.context, fn, args);
    },
    async press(keys) {
      await command("browsingContext.activate", { context });
      await command("input.performActions", { context, ...keyActions(keys) });
    },
    resize: (width, height) =>
      command("browsingContext.setViewport", { context, viewport: { width, height } }),
    close: () => command("browsingContext.close", { context }),
    async screenshot() {
      const { data } = await command("browsingContext.captureScreenshot", { context });
      return Buffer.from(data, "base64");
    },
  });

  return {
    version: capabilities.browserVersion,
    ...tab(context),
    async newTab() {
      const created = await command("browsingContext.create", { type: "tab" });
      return tab(created.context);
    },
    close: () => command("browser.close", {}),
  };
}

async function evaluate(command, context, fn, args) {
  const answer = await command("script.callFunction", {
    // JSON both ways: the protocol's own form of values is another.
    functionDeclaration: `async (args) => JSON.stringify(await (${fn})(...JSON.parse(args)))`,
    arguments: [{ type: "string", value: JSON.stringify(args) }],
    target: { context },
    awaitPromise: true,
  });
  if (answer.type === "exception") throw new Error(`in the page: ${answer.exceptionDetails.text}`);
  const { value } = answer.result;
  return value === undefined ? undefined : JSON.parse(value);
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
