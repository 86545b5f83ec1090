// The AI SDK: node ai.mjs
//
// SUPERSERVE_API_KEY and AI_GATEWAY_API_KEY are its settings, and MODEL, a name that the gateway has.
import { generateText, isStepCount } from "ai";

import { sandboxTools } from "@superserve/sdk/ai";

import { INSTRUCTIONS, TASK, whenRun } from "./task.mjs";

/**
 * @param {{ model: import("ai").LanguageModel, sandbox: import("@superserve/sdk").Sandbox, abortSignal?: AbortSignal }} settings
 */
export function run({ model, sandbox, abortSignal }) {
  return generateText({
    model,
    instructions: INSTRUCTIONS,
    prompt: TASK,
    tools: sandboxTools(sandbox),
    stopWhen: isStepCount(20),
    abortSignal,
  });
}

await whenRun(import.meta.url, async (sandbox) => {
  const { text } = await run({ model: process.env.MODEL ?? "anthropic/claude-sonnet-4.5", sandbox });
  return text;
});
