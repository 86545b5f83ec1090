// OpenAI's Agents SDK: node openai.mjs
//
// SUPERSERVE_API_KEY and OPENAI_API_KEY are its settings, and MODEL, if it is to be another than the SDK's own choice.
import { Agent, Runner } from "@openai/agents";

import { sandboxTools } from "@superserve/sdk/openai";

import { INSTRUCTIONS, TASK, whenRun } from "./task.mjs";

/**
 * @param {{ model?: string | import("@openai/agents").Model, sandbox: import("@superserve/sdk").Sandbox, signal?: AbortSignal }} settings
 */
export function run({ model, sandbox, signal }) {
  const agent = new Agent({
    name: "Developer",
    instructions: INSTRUCTIONS,
    model,
    tools: sandboxTools(sandbox),
  });
  const runner = new Runner({ tracingDisabled: true });
  return runner.run(agent, TASK, { maxTurns: 20, signal });
}

await whenRun(import.meta.url, async (sandbox) => {
  const { finalOutput } = await run({ model: process.env.MODEL, sandbox });
  return finalOutput ?? "";
});
