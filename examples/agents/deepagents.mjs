// Deep agents: npm install @langchain/anthropic, then node deepagents.mjs
//
// SUPERSERVE_API_KEY and ANTHROPIC_API_KEY are its settings, and MODEL, a provider and a name: "openai:gpt-5" say.
import { createDeepAgent } from "deepagents";

import { SuperserveBackend, sandboxTools } from "@superserve/sdk/langchain";

import { HOME, INSTRUCTIONS, TASK, whenRun } from "./task.mjs";

/** @param {import("./langchain.mjs").Settings} settings */
export function run({ model, sandbox, signal }) {
  const agent = createDeepAgent({
    model,
    systemPrompt: INSTRUCTIONS,
    // Its file system and its shell are the sandbox's; what they have not, our tools do.
    backend: new SuperserveBackend(sandbox, { cwd: HOME }),
    tools: sandboxTools(sandbox, { include: ["start_process", "process_output", "preview_url"] }),
  });
  return agent.invoke({ messages: [{ role: "user", content: TASK }] }, { signal });
}

await whenRun(import.meta.url, async (sandbox) => {
  const { messages } = await run({ model: process.env.MODEL ?? "anthropic:claude-sonnet-4-5", sandbox });
  return messages.at(-1)?.text ?? "";
});
