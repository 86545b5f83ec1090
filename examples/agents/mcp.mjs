// The Model Context Protocol: node mcp.mjs
//
// A server that any client of the protocol can use, and an agent that does so, here one of OpenAI's Agents SDK. SUPERSERVE_API_KEY
// and OPENAI_API_KEY are its settings, and MODEL.
import { once } from "node:events";
import { createServer } from "node:http";

import { Agent, MCPServerStreamableHttp, run as runAgent } from "@openai/agents";
import { createMcpHandler } from "@superserve/sdk/mcp";
import { nodeListener } from "@superserve/sdk/relay/node";

import { INSTRUCTIONS, TASK, whenRun } from "./task.mjs";

/**
 * The tools of a sandbox for all on this machine, at the URL that it resolves with.
 *
 * @param {import("@superserve/sdk").Sandbox} sandbox
 */
export async function serve(sandbox) {
  const handler = createMcpHandler(sandbox, { allowedHosts: ["127.0.0.1"] });
  const server = createServer(nodeListener(handler)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  async function close() {
    await handler.close();
    server.close();
  }
  return { url: `http://127.0.0.1:${port}`, close };
}

/**
 * @param {{ model: string | import("@openai/agents").Model, sandbox: import("@superserve/sdk").Sandbox, signal?: AbortSignal }} settings
 */
export async function run({ model, sandbox, signal }) {
  const { url, close } = await serve(sandbox);
  const tools = new MCPServerStreamableHttp({ url, clientSessionTimeoutSeconds: 600 });
  try {
    await tools.connect();
    const agent = new Agent({ name: "Mender", instructions: INSTRUCTIONS, model, mcpServers: [tools] });
    return await runAgent(agent, TASK, { maxTurns: 20, signal });
  } finally {
    await tools.close();
    await close();
  }
}

await whenRun(import.meta.url, async (sandbox) => {
  const { finalOutput } = await run({ model: process.env.MODEL ?? "gpt-5", sandbox });
  return `${finalOutput}`;
});
