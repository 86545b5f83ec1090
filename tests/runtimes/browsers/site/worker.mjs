// Workers have no import maps.
import * as sdk from "/node_modules/@superserve/sdk/dist/index.js";
import * as tools from "/node_modules/@superserve/sdk/dist/tools.js";

import { report } from "./report.mjs";

await report(sdk, "a dedicated worker", tools);
