// The tools of a sandbox for Mastra, and the sandbox and its files as providers of a workspace.
export { SuperserveFilesystem } from "./mastra/filesystem.js";
export { SuperserveSandbox } from "./mastra/sandbox.js";
export { sandboxTools } from "./mastra/tools.js";
