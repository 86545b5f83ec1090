import * as sdk from "@superserve/sdk";
import * as tools from "@superserve/sdk/tools";

import { fail } from "./tests/runtimes/browsers/site/home.mjs";
import { report } from "./tests/runtimes/browsers/site/report.mjs";

try {
  keepNames();
  report(sdk, "a bundle", tools);
} catch (error) {
  fail(error);
}

/** Minifiers rename classes, which the suite knows by their names. The `name` of an error is no class's: it must stay. */
function keepNames() {
  for (const [name, value] of Object.entries(sdk)) {
    if (typeof value !== "function") continue;
    if (value.prototype instanceof Error) {
      const kept = new value("message", {}).name;
      if (kept !== name) throw new Error(`the name of a ${name} became ${kept}`);
    }
    Object.defineProperty(value, "name", { value: name });
  }
}
