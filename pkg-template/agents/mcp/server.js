// The protocol's server, with tools and resources.
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import {
  CallToolRequestSchema,
  CompleteRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  ReadResourceRequestSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { sandboxTools } from "@superserve/sdk/tools";
import version from "#version";

import { providerOf } from "../../tools/provider.js";
import { failure, INVALID_PARAMS } from "./failure.js";
import { progressTo } from "./progress.js";
import { Files, TEMPLATE } from "./resources.js";

/** @import { Sandbox } from "#types" */
/** @import { SandboxProvider, SandboxToolsOptions } from "#tool-types" */
/** @import { McpServerOptions } from "../mcp.js" */

/** As much as is well within the 10 MiB that a client takes at once. */
const RESOURCE_BYTES = 3_932_160;

const INSTRUCTIONS =
  "These tools work in a sandbox: a Linux machine of its own, whose files and programs are not those of the user's machine.";

/**
 * @param {Sandbox | SandboxProvider} sandbox
 * @param {McpServerOptions & SandboxToolsOptions} [options]
 */
export function createMcpServer(sandbox, options = {}) {
  const { resources, resourceBytes = RESOURCE_BYTES, instructions = INSTRUCTIONS, ...rest } = options;
  const tools = sandboxTools(sandbox, rest);
  if (!(Number.isSafeInteger(resourceBytes) && resourceBytes > 0))
    throw new TypeError("createMcpServer: resourceBytes must be a number above 0");
  const provider = providerOf(sandbox);
  const hasFiles = resources ?? tools.some(({ name }) => name === "read_file");
  const capabilities = { tools: {}, ...(hasFiles && { resources: { listChanged: true }, completions: {} }) };
  const server = new Server(
    { name: "superserve", title: "Superserve sandbox", version },
    { capabilities, instructions },
  );

  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: tools.map(({ execute, ...declaration }) => declaration),
  }));

  server.setRequestHandler(
    CallToolRequestSchema,
    async (
      /** @type {any} */ { params: { name, arguments: input = {}, _meta } },
      /** @type {any} */ { signal, requestId, sendNotification },
    ) => {
      const tool = tools.find((tool) => tool.name === name);
      if (!tool) throw failure(`There is no tool ${name.slice(0, 60)}`, INVALID_PARAMS);
      const { onProgress, end } = progressTo(_meta?.progressToken, sendNotification);
      const wasStarted = provider.isStarted;
      try {
        const { content, structured, isError } = await tool.execute(input, { signal, onProgress });
        return { content, structuredContent: structured, isError };
      } finally {
        end();
        // Nothing is answered then, and HTTP would wait for it.
        if (signal.aborted) server.transport?.closeSSEStream?.(requestId);
        // Its files can be listed now.
        else if (hasFiles && wasStarted === false && provider.isStarted)
          server.sendResourceListChanged().catch(() => {});
      }
    },
  );

  if (hasFiles) {
    const files = new Files(provider, rest.root, resourceBytes);
    server.setRequestHandler(
      ListResourcesRequestSchema,
      (/** @type {any} */ { params }, /** @type {any} */ { signal }) => files.list(params?.cursor, signal),
    );
    server.setRequestHandler(ListResourceTemplatesRequestSchema, () => ({ resourceTemplates: [TEMPLATE] }));
    server.setRequestHandler(
      ReadResourceRequestSchema,
      (/** @type {any} */ { params }, /** @type {any} */ { signal }) => files.read(params.uri, signal),
    );
    server.setRequestHandler(
      CompleteRequestSchema,
      (/** @type {any} */ { params: { ref, argument } }, /** @type {any} */ { signal }) =>
        ref.uri === TEMPLATE.uriTemplate && argument.name === "path"
          ? files.complete(argument.value, signal)
          : { completion: { values: [] } },
    );
  }
  return server;
}
