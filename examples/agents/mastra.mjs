// Mastra: node mastra.mjs
//
// SUPERSERVE_API_KEY and ANTHROPIC_API_KEY are its settings, or MODEL, as Mastra has it, with that provider's key.
import { Agent } from "@mastra/core/agent";

import { sandboxTools } from "@superserve/sdk/mastra";

import { INSTRUCTIONS, TASK, whenRun } from "./task.mjs";

/** @typedef {import("@mastra/core/agent").AgentConfig["model"]} Model */

/** @param {{ model: Model, sandbox: import("@superserve/sdk").Sandbox, abortSignal?: AbortSignal }} settings */
export function run({ model, sandbox, abortSignal }) {
  const agent = new Agent({
    id: "mender",
    name: "Mender",
    instructions: INSTRUCTIONS,
    model,
    tools: sandboxTools(sandbox),
  });
  return agent.generate(TASK, { maxSteps: 20, abortSignal });
}

await whenRun(import.meta.url, async (sandbox) => {
  const { text } = await run({ model: process.env.MODEL ?? "anthropic/claude-sonnet-4-5", sandbox });
  return text;
});
