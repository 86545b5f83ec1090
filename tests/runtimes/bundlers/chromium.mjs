// The browser that the bundles run in.

import { engines } from "../browsers/engines.mjs";
import { entries } from "../browsers/index.mjs";
import { startCorsProxy } from "../browsers/cors-proxy.mjs";
import { outcomeOf } from "../frame/outcome.mjs";

const engine = engines.find(({ name }) => name === "chromium");

/** Its entry: what it installs, and what a page there lacks. */
export const chromiumPage = entries.find(({ name }) => name === "chromium-page");

/** The path of the pages that drive what is bundled. */
export const PAGES = "/tests/runtimes/bundlers/pages";

/** The origin of a server for pages of `pageOrigin`. */
export const corsProxy = (ctx, baseUrl, pageOrigin) => startCorsProxy(ctx, baseUrl, pageOrigin, []);

/** Starts it; it ends with the run. */
export async function chromium(ctx) {
  const browser = await engine.start(ctx);
  ctx.defer(() => browser.close());
  return browser;
}

/** Opens a page of `site` and waits for the end of what it tells. */
export async function visit(ctx, site, browser, path) {
  const messages = site.messages();
  await browser.open(site.origin + path);
  return outcomeOf(messages, ctx.log);
}
