// Programs that come in npm packages, as files: their launchers need install scripts, which are not run.

import { fileURLToPath } from "node:url";

const modules = new URL("../node_modules/", import.meta.url);

/** The path of `file` in the npm package `name` of this directory's lock file. @type {(name: string, file: string) => string} */
export const program = (name, file) => fileURLToPath(new URL(`${name}/${file}`, modules));
