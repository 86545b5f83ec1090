// The shell of OpenAI's `shell` tool.
import { sandboxTools as toolsOf } from "@superserve/sdk/tools";

import { Kept } from "./kept.js";

/** @import { Sandbox } from "#types" */
/** @import { SandboxProvider, SandboxToolsOptions } from "#tool-types" */

/** What the tool takes. */
const MOST_MS = 600_000;
const CHARS = 30_000;

/**
 * @param {Sandbox | SandboxProvider} sandbox
 * @param {Pick<SandboxToolsOptions, "root" | "limits"> & { signal?: AbortSignal }} [options]
 */
export function sandboxShell(sandbox, { signal, root, limits } = {}) {
  const [{ execute }] = toolsOf(sandbox, { root, limits, include: ["bash"] });
  return {
    /** @param {{ commands: string[], timeoutMs?: number, maxOutputLength?: number }} action */
    async run({ commands, timeoutMs, maxOutputLength }) {
      const output = [];
      for (const command of commands) {
        const most = maxOutputLength || limits?.chars || CHARS;
        const kept = { stdout: new Kept(most), stderr: new Kept(most) };
        const { structured, content, isError } = await execute(
          { command, timeout_ms: timeoutMs ? Math.min(Math.ceil(timeoutMs), MOST_MS) : null },
          { signal, onProgress: ({ stream, text }) => kept[stream].add(text) },
        );
        // What could not be run has no exit code.
        if (isError && content[0].type === "text") kept.stderr.add(content[0].text);
        const exitCode = /** @type {number | null} */ (structured?.exit_code ?? null);
        const isLate = !isError && exitCode === null;
        output.push({
          stdout: kept.stdout.text,
          stderr: kept.stderr.text,
          outcome: isLate
            ? { type: /** @type {const} */ ("timeout") }
            : { type: /** @type {const} */ ("exit"), exitCode },
        });
        // What comes after it may count on it.
        if (isLate) break;
      }
      return { output, ...(maxOutputLength && { maxOutputLength }) };
    },
  };
}
