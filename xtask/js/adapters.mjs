// The adapters of agents' frameworks: each file of their folder is an entry of its own, by its name.
import { existsSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../../pkg-template/agents/", import.meta.url));

export const ADAPTERS = readdirSync(folder)
  .filter((file) => file.endsWith(".js"))
  .map((file) => file.slice(0, -".js".length));

/** Those that load a part of theirs when it is needed: `apart.js` in the folder of that name. */
export const APART = ADAPTERS.filter((name) => existsSync(`${folder}${name}/apart.js`));
