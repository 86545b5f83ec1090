// What each state of a sandbox means to a call, what is waited for, and each route to it, through a relay: the contract suite's own tests, on a
// sandbox that a ticket holds.
import assert from "node:assert/strict";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { join } from "node:path";

import { nodeRuntime } from "../contract/node/runtime.mjs";
import { collect, run } from "../contract/runner.mjs";
import routes from "../contract/suite/routes.mjs";
import states from "../contract/suite/states.mjs";
import { anywhere as transitions } from "../contract/suite/transitions.mjs";
import { ID, KEY } from "../contract/support/fixtures.mjs";
import { stubFetch } from "../contract/support/stub-fetch.mjs";
import { RELAY } from "../contract/support/tickets.mjs";
import { ALL, consumer, createRelay, createTicket, SECRET } from "./support.mjs";

const sdk = await import(pathToFileURL(join(consumer, "node_modules/@superserve/sdk/dist/index.js")));

/** Web Crypto works in other threads, which a test's own clock does not wait for. */
function trustAll(ctx) {
  const { importKey, sign, verify } = crypto.subtle;
  const own = {
    importKey: async () => ({}),
    sign: async () => new ArrayBuffer(32),
    verify: async () => true,
  };
  Object.assign(crypto.subtle, own);
  ctx.defer(() => Object.assign(crypto.subtle, { importKey, sign, verify }));
}

/** The service's sandbox, held by a ticket of a relay's. */
async function held(ctx, service) {
  trustAll(ctx);
  const prefix = new URL(RELAY).pathname;
  const relay = createRelay({ apiKey: KEY, baseUrl: "http://localhost:9", secret: SECRET, prefix });
  stubFetch(ctx, (call) =>
    call.url.startsWith(RELAY) ? relay(new Request(call.url, call.init)) : service(call),
  );
  const ticket = await createTicket(ID, { secret: SECRET, allow: ALL });
  return sdk.Sandbox.fromTicket(ticket, { relayUrl: RELAY });
}

const subjects = { states, routes, transitions };
for (const { subject, name } of collect(subjects)) {
  test(`${subject}: ${name}`, async () => {
    const environment = { sdk, held, runtime: nodeRuntime() };
    const results = await run({ subjects, environment, filter: `${subject}: ${name}` });
    const failed = results.filter(({ status }) => status !== "passed");
    assert.deepEqual(
      failed.map(({ reason }) => reason),
      [],
    );
  });
}
