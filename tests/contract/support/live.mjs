// Sandboxes on the local server.

/** @typedef {import("./types.d.ts").Ctx} Ctx */

/**
 * How to reach the local server of this run.
 *
 * @param {import("./types.d.ts").Connection} ctx
 */
export const live = ({ baseUrl, apiKey }) => ({ baseUrl, apiKey });

let made = 0;

/** A name no other test uses. */
export const freshName = () => `contract-${Date.now().toString(36)}-${++made}`;

// Tests stub it.
const { fetch } = globalThis;

/**
 * Creates a sandbox that ends with the test. In a run through a relay it is held by a ticket.
 *
 * @param {Ctx} ctx
 * @param {object} [options]
 * @returns {Promise<import("./types.d.ts").Sandbox>}
 */
export async function liveSandbox(ctx, options = {}) {
  const sandbox = await ctx.sdk.Sandbox.create({ ...live(ctx), name: freshName(), ...options });
  ctx.defer(() => ctx.sdk.Sandbox.killById(sandbox.id, live(ctx)));
  return ctx.relay ? behindRelay(ctx, sandbox) : sandbox;
}

/**
 * @param {Ctx} ctx
 * @param {import("./types.d.ts").Sandbox} sandbox
 */
async function behindRelay({ sdk, relay }, { id, name }) {
  const refreshTicket = async () =>
    (await fetch(`${relay}/tickets/${id}/${encodeURIComponent(name)}`)).text();
  return sdk.Sandbox.fromTicket(await refreshTicket(), { relayUrl: `${relay}/sandbox`, refreshTicket });
}

/**
 * Waits until `probe` answers truthy, and returns that; fails after `withinMs`.
 *
 * @template Value
 * @param {() => Value | Promise<Value>} probe
 * @param {string} what
 * @returns {Promise<Awaited<Value>>}
 */
export async function eventually(probe, what, withinMs = 10_000) {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`${what} did not happen within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
