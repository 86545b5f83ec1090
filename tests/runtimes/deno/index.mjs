// Deno, with permission for the network and for the environment variables of the package, and for the network alone.

import { program } from "../frame/npm-programs.mjs";
import { processRuntime } from "../frame/process-runtime.mjs";

const DENO = program(`@deno/linux-${process.arch}-glibc`, "deno");
const VARIABLES = ["SUPERSERVE_API_KEY", "SUPERSERVE_BASE_URL", "SUPERSERVE_SANDBOX_URL"];

/** @type {(permissions: string[]) => (file: string) => string[]} */
export const denoCommand = (permissions) => (file) => [DENO, "run", "--no-prompt", ...permissions, file];

/**
 * @param {string} name
 * @param {string} label
 * @param {string[]} permissions
 * @param {Record<string, string>} [lacks]
 */
const entry = (name, label, permissions, lacks) =>
  processRuntime({
    name,
    label,
    lacks,
    version: "Deno.version.deno",
    command: denoCommand(permissions),
  });

export const deno = [
  entry("deno-env", "Deno", ["--allow-net", `--allow-env=${VARIABLES.join(",")}`]),
  entry("deno-net", "Deno, network only", ["--allow-net"], {
    env: "no permission to read environment variables",
  }),
];
