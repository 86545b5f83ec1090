// The suite's side of the fault server, over plain fetch so that it works in a page too.

// Tests stub fetch and the timers; this client must not notice.
const { fetch, setTimeout } = globalThis;
const now = Date.now.bind(Date);

/**
 * @param {string} controlOrigin
 * @returns {import("./types.d.ts").FaultClient}
 */
export function faultClient(controlOrigin) {
  return {
    /** Starts a server for these routes, and ends it with the test. */
    async serve(ctx, routes, options = {}) {
      const response = await fetch(`${controlOrigin}/servers`, {
        method: "POST",
        body: JSON.stringify({ routes, ...options }),
      });
      if (response.status !== 201) throw new Error(`fault server: ${await response.text()}`);
      const { id, origin } = await response.json();
      const resource = `${controlOrigin}/servers/${id}`;
      ctx.defer(() => fetch(resource, { method: "DELETE" }));
      /** @returns {Promise<import("./types.d.ts").Entry[]>} */
      const log = async () => (await fetch(`${resource}/log`)).json();
      return {
        origin,
        log,
        /**
         * The log once it satisfies `condition`; fails when that takes longer than `withinMs`. That is far more than
         * any server or browser needs, for machines that are busy.
         */
        async until(condition, what, withinMs = 10_000) {
          const deadline = now() + withinMs;
          for (;;) {
            const entries = await log();
            if (condition(entries)) return entries;
            if (now() > deadline) {
              const seen = entries.map((e) => `${e.method} ${e.url} ${e.status} ${e.ended}`);
              throw new Error(`fault server: ${what} within ${withinMs} ms; saw ${seen.join("; ")}`);
            }
            await new Promise((resolve) => setTimeout(resolve, 15));
          }
        },
      };
    },
  };
}
