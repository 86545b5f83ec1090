// ComputeSDK, which has no model: node computesdk.mjs
//
// SUPERSERVE_API_KEY is its setting.
import { compute } from "computesdk";

import { superserve } from "@superserve/sdk/computesdk";

import { HOME, whenRun } from "./task.mjs";

/**
 * Does what the agents are asked to, by hand.
 *
 * @param {{ sandboxId: string, port: number }} settings
 */
export async function run({ sandboxId, port }) {
  compute.setConfig({ provider: superserve() });
  const sandbox = await compute.sandbox.getById(sandboxId);
  if (!sandbox) throw new Error(`there is no sandbox ${sandboxId}`);

  const files = await sandbox.filesystem.readdir(HOME);
  const before = await sandbox.runCommand("node --test", { cwd: HOME });

  const code = await sandbox.filesystem.readFile(`${HOME}/price.mjs`);
  await sandbox.filesystem.writeFile(`${HOME}/price.mjs`, code.replace("cents > 10_000", "cents >= 10_000"));
  const after = await sandbox.runCommand("node --test", { cwd: HOME });

  await sandbox.runCommand(`node server.mjs ${port}`, { cwd: HOME, background: true });
  const url = await sandbox.getUrl({ port });
  return { files: files.map(({ name }) => name), before, after, url };
}

await whenRun(import.meta.url, async ({ id }) => {
  const { url } = await run({ sandboxId: id, port: 8080 });
  return `The page is at ${url}`;
});
