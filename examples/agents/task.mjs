// What every agent here is asked to do, and the sandbox that it does it in.
import { fileURLToPath, pathToFileURL } from "node:url";

import { Sandbox } from "@superserve/sdk";

export const HOME = "/tmp/shop";

export const INSTRUCTIONS = `You work in a sandbox on the repository in ${HOME}. Use your tools, and end with one sentence.`;

export const TASK =
  "Look at the repository. One of its tests fails (node --test): find it, mend the code and see that it passes. " +
  "Then start its server in the background (node server.mjs PORT), and tell me the address of the page that it serves.";

/** A sandbox with the repository in it. End it with `kill`. */
export async function prepare() {
  const sandbox = await Sandbox.create({ name: "agents" });
  await sandbox.files.uploadDir(fileURLToPath(new URL("repository/", import.meta.url)), HOME);
  return sandbox;
}

/**
 * Does the task where the module with that URL is the program that was started, and prints what the agent says at its end.
 *
 * @param {string} url
 * @param {(sandbox: Sandbox) => Promise<string>} work
 */
export async function whenRun(url, work) {
  if (url !== pathToFileURL(process.argv[1] ?? "").href) return;
  const sandbox = await prepare();
  try {
    console.log(await work(sandbox));
  } finally {
    await sandbox.kill();
  }
}
