import { createRequire } from "node:module";
import { join } from "node:path";

import { Parcel } from "@parcel/core";
import Logger from "@parcel/logger";

const require = createRequire(import.meta.url);

export const { version } = require("parcel/package.json");

export const moduleUrl = 'export { default } from "url:@superserve/sdk/dist/superserve.wasm";';

export const page = ({ root, outDir }) =>
  run({ entries: join(root, "index.html"), defaultTargetOptions: { distDir: outDir } });

const forNode =
  (entry) =>
  ({ root, outDir, file }) =>
    run({
      entries: join(root, entry),
      targets: {
        // Otherwise Parcel leaves packages out of what runs on a server.
        server: { context: "node", includeNodeModules: true, distDir: outDir, distEntry: file },
      },
    });

export const node = { "main.cjs": forNode("main.js"), "required.cjs": forNode("main.cjs") };

async function run(options) {
  const warnings = [];
  const { dispose } = Logger.default.onLog(({ level, message, diagnostics }) => {
    if (level !== "warn" && level !== "error") return;
    warnings.push(message ?? diagnostics.map((one) => one.message).join("\n"));
  });
  const parcel = new Parcel({
    defaultConfig: require.resolve("@parcel/config-default"),
    mode: "production",
    env: { NODE_ENV: "production" },
    ...options,
  });
  try {
    await parcel.run();
  } finally {
    dispose();
  }
  return warnings;
}
