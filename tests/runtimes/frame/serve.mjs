// Programs that serve: their first line is JSON.

import { createInterface } from "node:readline";

/**
 * Starts one; resolves to what its first line says, and `stop`.
 *
 * @param {import("./types.js").Context} ctx
 * @param {string} command
 * @param {string[]} args
 */
export async function startServing(ctx, command, args) {
  const child = ctx.spawn(command, args);
  child.stderr.setEncoding("utf8").on("data", ctx.log);
  const lines = createInterface(child.stdout);
  /** @type {string} */
  const first = await Promise.race([
    new Promise((resolve) => lines.once("line", resolve)),
    child.exited.then((how) => Promise.reject(new Error(`${command} ${args[0]} ended with ${how}`))),
  ]);
  lines.on("line", ctx.log);
  return { ...JSON.parse(first), stop: child.stop };
}
