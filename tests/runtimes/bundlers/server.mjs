// Servers of bundlers and frameworks.

import { setTimeout as sleep } from "node:timers/promises";

import { freePort } from "../browsers/webdriver.mjs";

const START_MS = 30_000;

/** A port, and the origin of what will listen there. */
export async function freeOrigin() {
  const port = String(await freePort());
  return { port, origin: `http://localhost:${port}` };
}

/** Starts a program that will serve `origin`; `complaints()` is what it wrote to stderr. */
export async function startServer(ctx, origin, args, options) {
  const { stdout, stderr, exited } = ctx.spawn(process.execPath, args, options);
  let complaints = "";
  stdout.setEncoding("utf8").on("data", ctx.log);
  stderr.setEncoding("utf8").on("data", (text) => (complaints += text));
  let ended = false;
  exited.catch(() => {}).finally(() => (ended = true));

  const deadline = Date.now() + START_MS;
  while (!(await fetch(`${origin}/favicon.ico`).catch(() => undefined))) {
    if (ended || Date.now() > deadline) throw new Error(`${args.join(" ")} does not serve\n${complaints}`);
    await sleep(100);
  }
  return { complaints: () => complaints };
}
