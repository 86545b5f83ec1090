import * as sdk from "/node_modules/@superserve/sdk/dist/index.js";

import { reportWhenTold } from "./when-told.mjs";

reportWhenTold(sdk);
