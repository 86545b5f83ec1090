// The tools of the package bash-tool, which work in a sandbox: node bash-tool.mjs
//
// SUPERSERVE_API_KEY and AI_GATEWAY_API_KEY are its settings, and MODEL, a name that the gateway has.
import { generateText, isStepCount } from "ai";
import { createBashTool } from "bash-tool";

import { bashToolSandbox } from "@superserve/sdk/ai";

import { HOME, INSTRUCTIONS, TASK, whenRun } from "./task.mjs";

/**
 * @param {{ model: import("ai").LanguageModel, sandbox: import("@superserve/sdk").Sandbox, abortSignal?: AbortSignal }} settings
 */
export async function run({ model, sandbox, abortSignal }) {
  const { tools } = await createBashTool({
    sandbox: bashToolSandbox(sandbox, { signal: abortSignal }),
    destination: HOME,
  });
  return generateText({
    model,
    instructions: INSTRUCTIONS,
    prompt: TASK,
    tools,
    stopWhen: isStepCount(20),
    abortSignal,
  });
}

await whenRun(import.meta.url, async (sandbox) => {
  const { text } = await run({ model: process.env.MODEL ?? "anthropic/claude-sonnet-4.5", sandbox });
  return text;
});
