// A sandbox of the local server, by either side.
const { BENCH_BASE_URL: server, BENCH_API_KEY: apiKey } = process.env;

/**
 * Both sides talk to the hosts of the service, as they would in earnest; the server is elsewhere.
 *
 * @param {string} module
 */
export async function sandboxOn(module) {
  const { Sandbox } = await import(module);
  const { fetch, WebSocket } = globalThis;
  const here = (/** @type {string} */ url) => server + url.slice(new URL(url).origin.length);
  globalThis.fetch = (/** @type {any} */ url, /** @type {RequestInit | undefined} */ init) =>
    fetch(here(url), init);
  if (WebSocket) {
    globalThis.WebSocket = class extends WebSocket {
      /** @param {any} url @param {string | string[]} [protocols] */
      constructor(url, protocols) {
        super(here(url).replace(/^http/, "ws"), protocols);
      }
    };
  }
  return Sandbox.create({ name: "bench", apiKey, baseUrl: "https://api.superserve.ai" });
}
