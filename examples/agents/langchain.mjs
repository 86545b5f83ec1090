// LangChain: npm install @langchain/anthropic, then node langchain.mjs
//
// SUPERSERVE_API_KEY and ANTHROPIC_API_KEY are its settings, and MODEL, a provider and a name: "openai:gpt-5" say.
import { createAgent } from "langchain";

import { sandboxTools } from "@superserve/sdk/langchain";

import { INSTRUCTIONS, TASK, whenRun } from "./task.mjs";

/**
 * @typedef {object} Settings
 * @property {string | import("@langchain/core/language_models/chat_models").BaseChatModel} model
 * @property {import("@superserve/sdk").Sandbox} sandbox
 * @property {AbortSignal} [signal]
 */

/** @param {Settings} settings */
export function run({ model, sandbox, signal }) {
  const agent = createAgent({ model, systemPrompt: INSTRUCTIONS, tools: sandboxTools(sandbox) });
  return agent.invoke({ messages: [{ role: "user", content: TASK }] }, { recursionLimit: 50, signal });
}

await whenRun(import.meta.url, async (sandbox) => {
  const { messages } = await run({ model: process.env.MODEL ?? "anthropic:claude-sonnet-4-5", sandbox });
  return messages.at(-1)?.text ?? "";
});
