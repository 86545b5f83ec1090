// The backend on Deno, the page's files included: deno run --allow-net --allow-env --allow-read=dist backend/deno.mjs
import { createApp } from "./app.mjs";
import { serveFile } from "./files.mjs";
import { settingsOf } from "./settings.mjs";

const app = createApp(settingsOf(Deno.env.toObject()));

Deno.serve({
  port: Number(Deno.env.get("PORT") ?? 3000),
  handler: (request) =>
    new URL(request.url).pathname.startsWith("/api/") ? app(request) : serveFile(request),
  onListen: ({ port }) => console.log(`listening on http://localhost:${port}`),
});
