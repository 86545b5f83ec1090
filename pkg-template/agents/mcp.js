// A sandbox as a server of the Model Context Protocol.
export { createMcpHandler } from "./mcp/handler.js";
export { createMcpServer } from "./mcp/server.js";
