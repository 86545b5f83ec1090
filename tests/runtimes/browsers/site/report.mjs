// Runs the suite here, whatever kind of place this is, and sends its messages home one by one.

import { suite } from "../../../contract/suite/index.mjs";
import { runSuite, webRuntime } from "../../suite.mjs";
import { cors } from "./cors.mjs";
import { fail, tell } from "./home.mjs";

export async function report(sdk, place) {
  // What goes wrong from here on belongs to a test.
  globalThis.onerror = null;
  let sending = Promise.resolve();
  const send = (message) => {
    sending = sending.then(() => tell(message));
  };
  try {
    const { filter, ...settings } = await (await fetch("/settings")).json();
    const runtime = webRuntime(place, { browser: true });
    await runSuite({ sdk, settings, filter, runtime, subjects: { ...suite, cors }, report: send });
    await sending;
  } catch (error) {
    await fail(error);
  }
}
