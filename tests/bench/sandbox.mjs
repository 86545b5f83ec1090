// A sandbox of the local server, by either side.
const { BENCH_BASE_URL: server, BENCH_API_KEY: apiKey } = process.env;

/**
 * Both sides talk to the hosts of the service, as they would in earnest; the server is elsewhere.
 *
 * @param {string} module
 */
export async function sandboxOn(module) {
  const { Sandbox } = await import(module);
  const direct = globalThis.fetch;
  globalThis.fetch = (/** @type {any} */ url, /** @type {RequestInit | undefined} */ init) =>
    direct(server + url.slice(new URL(url).origin.length), init);
  return Sandbox.create({ name: "bench", apiKey, baseUrl: "https://api.superserve.ai" });
}
