import { program } from "../frame/npm-programs.mjs";
import { processRuntime } from "../frame/process-runtime.mjs";

/** @type {Partial<Record<NodeJS.Architecture, string>>} */
const NAMES = { x64: "x64", arm64: "aarch64" };
const arch = NAMES[process.arch];

export const bunCommand = (/** @type {string} */ file) => [
  program(`@oven/bun-linux-${arch}`, "bin/bun"),
  "run",
  file,
];

export const bun = [
  processRuntime({
    name: "bun",
    label: "Bun",
    version: "Bun.version",
    command: bunCommand,
  }),
];
