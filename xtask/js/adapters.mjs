// The adapters of agents' frameworks: each file of their folder is an entry of its own, by its name.
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../../pkg-template/agents/", import.meta.url));

export const ADAPTERS = readdirSync(folder)
  .filter((file) => file.endsWith(".js"))
  .map((file) => file.slice(0, -".js".length));
