// Runs the suite here, whatever kind of place this is, and sends its messages home one by one.

import { suite } from "../../../contract/suite/index.mjs";
import { relayedSuite } from "../../../contract/suite/relayed.mjs";
import { runSuite, webRuntime } from "../../suite.mjs";
import { cors } from "./cors.mjs";
import { fail, tell } from "./home.mjs";

export const report = (sdk, place, tools) => run(sdk, place, { tools, subjects: { ...suite, cors } });

/** The same of what holds a sandbox by a ticket, through the relay on this origin. */
export const reportRelayed = (sdk, tools) =>
  run(sdk, "a page behind a relay", { tools, tests: relayedSuite }, true);

async function run(sdk, place, tests, relayed) {
  // What goes wrong from here on belongs to a test.
  globalThis.onerror = null;
  let sending = Promise.resolve();
  const send = (message) => {
    sending = sending.then(() => tell(message));
  };
  try {
    const { filter, ...settings } = await (await fetch("/settings")).json();
    if (relayed) {
      settings.relay = `${location.origin}/fast`;
      settings.slow.relay = `${location.origin}/slow`;
    }
    const runtime = webRuntime(place, { browser: true });
    await runSuite({ sdk, settings, filter, runtime, ...tests, report: send });
    await sending;
  } catch (error) {
    await fail(error);
  }
}
