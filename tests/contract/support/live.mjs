// Sandboxes on the local server.

/** How to reach the local server of this run. */
export const live = ({ baseUrl, apiKey }) => ({ baseUrl, apiKey });

let made = 0;

/** A name no other test uses. */
export const freshName = () => `contract-${Date.now().toString(36)}-${++made}`;

/** Creates a sandbox that ends with the test. */
export async function liveSandbox(ctx, options = {}) {
  const sandbox = await ctx.sdk.Sandbox.create({ ...live(ctx), name: freshName(), ...options });
  ctx.defer(() => ctx.sdk.Sandbox.killById(sandbox.id, live(ctx)));
  return sandbox;
}

/** Waits until `probe` answers truthy, and returns that; fails after `withinMs`. */
export async function eventually(probe, what, withinMs = 10_000) {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`${what} did not happen within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
