// Loads a bundle of the app in Node and runs it: node run-app.mjs <bundle>

import { pathToFileURL } from "node:url";

await import(pathToFileURL(process.argv[2]).href);
console.log(await globalThis.app());
