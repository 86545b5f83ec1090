import { Sandbox, init } from "@superserve/sdk/slim";

import url from "./module-url.js";

globalThis.app = async (connection) => {
  await init(url);
  const sandbox = await Sandbox.create({ name: "slim", ...connection });
  try {
    const { stdout } = await sandbox.commands.run("echo $((6 * 7))");
    return stdout.trim();
  } finally {
    await sandbox.kill();
  }
};
