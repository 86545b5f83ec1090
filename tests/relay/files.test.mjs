// Files through a relay: the contract suite's own tests of them, and all that a page might try to get out of what its ticket
// allows, or out of the folder that it is bound to.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";

import { nodeRuntime } from "../contract/node/runtime.mjs";
import { collect, run } from "../contract/runner.mjs";
import { relayedSuite } from "../contract/suite/relayed.mjs";
import { ALL, consumer, createRelay, createTicket, nodeListener, SECRET, startService } from "./support.mjs";

const sdk = await import(pathToFileURL(join(consumer, "node_modules/@superserve/sdk/dist/index.js")).href);

let service, server, origin;

before(async () => {
  service = await startService();
  const { baseUrl, apiKey } = service;
  const listener = nodeListener(createRelay({ baseUrl, apiKey, secret: SECRET, prefix: "/sandbox" }));
  server = createServer(async (request, response) => {
    const [, what, id, name] = (request.url ?? "").split("/");
    if (what !== "tickets") return listener(request, response);
    response.end(await createTicket({ id, name: decodeURIComponent(name) }, { secret: SECRET, allow: ALL }));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${server.address().port}`;
});

after(async () => {
  server?.closeAllConnections();
  server?.close();
  await service?.stop();
});

const subjects = Object.fromEntries(Object.entries(relayedSuite).filter(([name]) => /^file|^folder/.test(name)));
for (const { subject, name } of collect(subjects)) {
  test(`${subject}: ${name}`, async () => {
    const { baseUrl, apiKey } = service;
    const environment = { sdk, baseUrl, apiKey, relay: origin, runtime: nodeRuntime() };
    const results = await run({ subjects, environment, filter: `${subject}: ${name}` });
    const failed = results.filter(({ status }) => status !== "passed");
    assert.deepEqual(
      failed.map(({ reason }) => reason),
      [],
    );
  });
}
