import { Sandbox } from "@superserve/sdk";

// What a small program does; whoever loads the bundle calls it.
globalThis.app = async (connection) => {
  const sandbox = await Sandbox.create({ name: "bundled", ...connection });
  try {
    const { stdout } = await sandbox.commands.run("echo $((6 * 7))");
    return stdout.trim();
  } finally {
    await sandbox.kill();
  }
};
