// A SandboxAgent of OpenAI's Agents SDK, which has tools of its own, in a sandbox: node openai-sandbox.mjs
//
// SUPERSERVE_API_KEY and OPENAI_API_KEY are its settings, and MODEL, if it is to be another than the SDK's own choice.
import { Runner } from "@openai/agents";
import { SandboxAgent } from "@openai/agents/sandbox";

import { sandboxSession } from "@superserve/sdk/openai-sandbox";

import { HOME, INSTRUCTIONS, TASK, whenRun } from "./task.mjs";

/**
 * @param {{ model?: string | import("@openai/agents").Model, sandbox: import("@superserve/sdk").Sandbox, signal?: AbortSignal }} settings
 */
export async function run({ model, sandbox, signal }) {
  const agent = new SandboxAgent({ name: "Developer", instructions: INSTRUCTIONS, model });
  const session = await sandboxSession(sandbox, { root: HOME, signal });
  const runner = new Runner({ tracingDisabled: true, sandbox: { session } });
  return runner.run(agent, TASK, { maxTurns: 20, signal });
}

await whenRun(import.meta.url, async (sandbox) => {
  const { finalOutput } = await run({ model: process.env.MODEL, sandbox });
  return finalOutput ?? "";
});
