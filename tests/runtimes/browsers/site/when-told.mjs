import { report } from "./report.mjs";

/** A service worker runs the suite when its page asks for it. */
export function reportWhenTold(sdk) {
  addEventListener("message", ({ data }) => {
    if (data === "run") report(sdk, "a service worker");
  });
}
