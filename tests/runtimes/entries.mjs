// Every entry, in the table's order.

import { bun } from "./bun/index.mjs";
import { deno } from "./deno/index.mjs";
import { edge } from "./edge/index.mjs";
import { node } from "./node/index.mjs";
import { workerd } from "./workerd/index.mjs";

const grouped = (group, list) => list.map((entry) => ({ ...entry, group }));

export const entries = [...node, ...deno, ...bun, ...workerd, ...edge];
export { grouped };
