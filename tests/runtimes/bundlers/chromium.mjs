// The browser that the bundles run in.

import { engines } from "../browsers/engines.mjs";
import { entries } from "../browsers/index.mjs";

const engine = engines.find(({ name }) => name === "chromium");

/** Its entry: what it installs, and what a page there lacks. */
export const chromiumPage = entries.find(({ name }) => name === "chromium-page");

/** Starts it; it ends with the run. */
export async function chromium(ctx) {
  const browser = await engine.start(ctx);
  ctx.defer(() => browser.close());
  return browser;
}
