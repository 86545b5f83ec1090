import { build, createLogger, version } from "vite";

export { version };

export const moduleUrl = 'export { default } from "@superserve/sdk/superserve.wasm?url";';

/** The suite is larger than what Vite warns of. */
const LIMIT_KB = 2_000;

export const page = ({ root, outDir }) => run({ root, build: { outDir, chunkSizeWarningLimit: LIMIT_KB } });

export const node = {
  "main.mjs": ({ root, outDir, file }) =>
    run({
      root,
      // Otherwise Vite leaves packages out of what runs on a server.
      ssr: { noExternal: true },
      build: { ssr: "main.js", outDir, rollupOptions: { output: { entryFileNames: file } } },
    }),
};

async function run(config) {
  const warnings = [];
  const customLogger = createLogger("warn");
  customLogger.warn = customLogger.warnOnce = customLogger.error = (message) => warnings.push(message);
  await build({ customLogger, ...config });
  return warnings;
}
