// What the SDK tries again by itself, and what it leaves to you: a service that is busy may have done what it was asked.
import { Sandbox, ServerError } from "@superserve/sdk";

/**
 * A `fetch` whose next `times` answers are 503.
 *
 * @param {number} times
 */
function busy(times) {
  const { fetch } = globalThis;
  let asked = 0;
  globalThis.fetch = (url, init) => {
    asked += 1;
    if (asked <= times)
      return Promise.resolve(new Response("busy", { status: 503, headers: { "retry-after": "0" } }));
    return fetch(url, init);
  };
  return () => {
    globalThis.fetch = fetch;
    return asked;
  };
}

// Reading and deleting are tried three times; `retry-after` says when, else it is a tenth of a second, then two of them.
let requests = busy(2);
await Sandbox.list();
console.log(`listed at request ${requests()}`);

// Creating is not: two sandboxes would be one too many. So look before you ask again.
const options = { name: "example-retries", metadata: { order: `${Date.now()}` }, timeoutSeconds: 600 };
requests = busy(1);
let sandbox;
try {
  sandbox = await Sandbox.create(options);
} catch (error) {
  if (!(error instanceof ServerError)) throw error;
  console.log(`refused with ${error.statusCode} at request ${requests()}`);
  const [made] = await Sandbox.list({ metadata: options.metadata });
  sandbox = made ? await Sandbox.connect(made.id) : await Sandbox.create(options);
}
console.log(`there is ${(await Sandbox.list({ metadata: options.metadata })).length}`);
await sandbox.kill();
