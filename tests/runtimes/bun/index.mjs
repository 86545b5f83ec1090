import { program } from "../frame/npm-programs.mjs";
import { processRuntime } from "../frame/process-runtime.mjs";

const arch = { x64: "x64", arm64: "aarch64" }[process.arch];

export const bunCommand = (file) => [program(`@oven/bun-linux-${arch}`, "bin/bun"), "run", file];

export const bun = [
  processRuntime({
    name: "bun",
    label: "Bun",
    version: "Bun.version",
    command: bunCommand,
  }),
];
