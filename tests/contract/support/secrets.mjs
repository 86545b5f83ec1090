// Secrets: as the service sends them, over a stub, on the local server.

import { KEY, json } from "./fixtures.mjs";
import { freshName, live } from "./live.mjs";
import { stubFetch } from "./stub-fetch.mjs";

/** @typedef {import("./types.d.ts").Ctx} Ctx */

export const SECRET_ID = "5e0e7a6c-0f4d-4f7a-8a51-2b9d0c3f6e04";
export const SECRET_NAME = "fixture.secret-1";
export const VALUE = "verysecret-4f9c0d";

/** A secret on the wire; a field given as `undefined` is left out. */
export const wireSecret = (fields = {}) => ({
  id: SECRET_ID,
  name: SECRET_NAME,
  auth_type: "bearer",
  auth_config: {},
  hosts: ["api.example.com"],
  created_at: "2026-08-01T12:00:00Z",
  updated_at: "2026-08-01T12:30:00Z",
  ...fields,
});

/** How a secret of its own kind is made. */
export const BEARER = { auth: { type: "bearer" }, hosts: ["api.example.com"] };

/**
 * A secret object over a stub: `handler` gets every call after the create. Returns the secret and the calls
 * after the create.
 *
 * @param {Ctx} ctx
 * @param {import("./types.d.ts").Handler} handler
 */
export async function stubbedSecret(ctx, handler, wire = {}) {
  stubFetch(ctx, () => json(201, wireSecret(wire)));
  const options = { name: SECRET_NAME, value: VALUE, ...BEARER };
  const secret = await ctx.sdk.Secret.create({ ...options, apiKey: KEY, baseUrl: "http://localhost:9" });
  return { secret, calls: stubFetch(ctx, handler) };
}

/**
 * Creates a secret on the local server, which ends with the test.
 *
 * @param {Ctx} ctx
 * @param {{ provider?: string, [option: string]: unknown }} [options]
 */
export async function liveSecret(ctx, options = {}) {
  const own = options.provider ? {} : BEARER;
  const secret = await ctx.sdk.Secret.create({
    ...live(ctx),
    name: freshName(),
    value: VALUE,
    ...own,
    ...options,
  });
  ctx.defer(() => ctx.sdk.Secret.deleteByName(secret.name, live(ctx)));
  return secret;
}
