// The backend on Cloudflare Workers. The page's files are the Worker's assets: see wrangler.json.
import { env } from "cloudflare:workers";

import { createApp } from "./app.mjs";
import { settingsOf } from "./settings.mjs";

const app = createApp(settingsOf(env));

export default {
  /** @param {Request} request */
  fetch: (request) => app(request),
};
