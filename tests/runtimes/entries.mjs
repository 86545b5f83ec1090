// Every entry, in the table's order. A group's name chooses all of its entries.

import { entries as browsers } from "./browsers/index.mjs";
import { entries as bundlers } from "./bundlers/index.mjs";
import { bun } from "./bun/index.mjs";
import { deno } from "./deno/index.mjs";
import { edge } from "./edge/index.mjs";
import { forms } from "./forms/index.mjs";
import { frameworks } from "./frameworks/index.mjs";
import { node } from "./node/index.mjs";
import { workerd } from "./workerd/index.mjs";

/** @type {<T extends object>(group: string, entries: T[]) => (T & { group: string })[]} */
const grouped = (group, entries) => entries.map((entry) => ({ ...entry, group }));

export const entries = [
  ...node,
  ...deno,
  ...bun,
  ...workerd,
  ...edge,
  ...grouped("forms", forms),
  ...grouped("frameworks", frameworks),
  ...grouped("browsers", browsers),
  ...grouped("bundlers", bundlers),
];
