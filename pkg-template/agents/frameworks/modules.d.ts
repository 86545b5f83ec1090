// The frameworks stand here by their names alone: they are installed where the examples are, and types are checked there.
declare module "@ai-sdk/harness";
declare module "@anthropic-ai/sdk/*";
declare module "@langchain/core/*";
declare module "@mastra/core/*";
declare module "@modelcontextprotocol/sdk/*";
declare module "@openai/agents";
declare module "@openai/agents/*";
declare module "ai";
declare module "bash-tool";
declare module "computesdk";
declare module "deepagents";
declare module "openai/*";
