/**
 * The tools of a sandbox for the AI SDK (`ai`, 6 and 7).
 *
 * @packageDocumentation
 */
import type { ToolSet } from "ai";
import type { Sandbox } from "./index.js";
import type { SandboxProvider, SandboxToolsOptions } from "./tools.js";

/** The tools of a sandbox, by their names, as `generateText` and `streamText` take them. */
export declare function sandboxTools(
  sandbox: Sandbox | SandboxProvider,
  options?: SandboxToolsOptions,
): ToolSet;
