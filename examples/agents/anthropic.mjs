// Anthropic's SDK, with its tool runner: node anthropic.mjs
//
// SUPERSERVE_API_KEY and ANTHROPIC_API_KEY are its settings, and MODEL, the name of a model.
import Anthropic from "@anthropic-ai/sdk";

import { sandboxTools } from "@superserve/sdk/anthropic";

import { INSTRUCTIONS, TASK, whenRun } from "./task.mjs";

/**
 * @param {{ client: Anthropic, model: string, sandbox: import("@superserve/sdk").Sandbox, signal?: AbortSignal }} settings
 */
export function run({ client, model, sandbox, signal }) {
  return client.beta.messages.toolRunner(
    {
      model,
      max_tokens: 8192,
      max_iterations: 20,
      system: INSTRUCTIONS,
      messages: [{ role: "user", content: TASK }],
      tools: sandboxTools(sandbox),
    },
    { signal },
  );
}

await whenRun(import.meta.url, async (sandbox) => {
  const model = process.env.MODEL ?? "claude-sonnet-4-5";
  const { content } = await run({ client: new Anthropic(), model, sandbox });
  return content.map((block) => (block.type === "text" ? block.text : "")).join("");
});
