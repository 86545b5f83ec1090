// A sandbox for the `SandboxAgent` of OpenAI's Agents SDK.
export { SuperserveSandboxClient } from "./openai/client.js";
export { SuperserveSandboxSession, sandboxSession } from "./openai/session.js";
