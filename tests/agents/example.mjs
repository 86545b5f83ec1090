// The examples, where they are installed with the packed package: SUPERSERVE_AGENTS names the folder.
import { copyFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const { SUPERSERVE_AGENTS: project = "" } = process.env;

// In one step: files of tests run at the same time, and none may find a half of it.
const loader = join(project, "load.mjs");
const half = `${loader}.${process.pid}`;
copyFileSync(fileURLToPath(new URL("load.mjs", import.meta.url)), half);
renameSync(half, loader);

/** A package as the examples have it. @type {{ load: (name: string) => Promise<any> }} */
export const { load } = await import(pathToFileURL(loader).href);

/** An example. @param {string} name */
export const example = (name) => load(pathToFileURL(join(project, `${name}.mjs`)).href);

export const { HOME, INSTRUCTIONS, TASK, prepare } = await example("task");
