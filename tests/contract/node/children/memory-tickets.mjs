// Sandboxes that hold tickets, made and used as a page's component does: what renews the ticket and what uses the sandbox
// are closures of one function. Counts those that are still there when nobody has them. Needs --expose-gc.

import { noContent } from "../../support/fixtures.mjs";
import { RELAY, ticketOf } from "../../support/tickets.mjs";
import { loadSdk } from "../load-sdk.mjs";

const { sdkPath, sandboxes } = JSON.parse(process.argv[2]);
const { Sandbox } = await loadSdk(sdkPath);
globalThis.fetch = async () => noContent();

async function component() {
  const refreshTicket = async () => ticketOf();
  const sandbox = Sandbox.fromTicket(ticketOf(), { relayUrl: RELAY, refreshTicket });
  const save = () => sandbox.files.write("/x", "content");
  await save();
  return new WeakRef(sandbox);
}

const made = [];
for (let i = 0; i < sandboxes; i++) made.push(await component());
for (let i = 0; i < 6; i++) {
  globalThis.gc();
  await new Promise((resolve) => setTimeout(resolve, 20));
}
console.log(`result ${JSON.stringify({ alive: made.filter((one) => one.deref()).length })}`);
