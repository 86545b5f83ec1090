// An engine that does not know Symbol.asyncDispose: the package brings it, unless the program forbids that.

import { loadSdk } from "../load-sdk.mjs";

const { sdkPath, isFrozen } = JSON.parse(process.argv[2]);
const Known = globalThis.Symbol;
const { asyncDispose: _, ...members } = Object.getOwnPropertyDescriptors(Known);
const Old = (/** @type {string} */ description) => Known(description);
Object.defineProperties(Old, members);
if (isFrozen) Object.freeze(Old);
globalThis.Symbol = /** @type {any} */ (Old);
const { Sandbox } = await loadSdk(sdkPath);
const name = Known.for("Symbol.asyncDispose");
const result = { isDefined: globalThis.Symbol.asyncDispose === name, isThere: name in Sandbox.prototype };
globalThis.Symbol = Known;
console.log(`result ${JSON.stringify(result)}`);
