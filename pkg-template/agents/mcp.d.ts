/**
 * A sandbox as a server of the Model Context Protocol (`@modelcontextprotocol/sdk`, 1.25 or newer): its tools, and its files as
 * resources. `npx @superserve/sdk mcp` is one without a program.
 *
 * @packageDocumentation
 */
import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import type { Sandbox } from "./index.js";
import type { SandboxProvider, SandboxToolsOptions } from "./tools.js";

/**
 * A server with the tools of a sandbox, to be connected to a transport.
 *
 * What a command writes is told as progress where a client asks for it, and a request that a client cancels ends what it has begun
 * in the sandbox, as the end of the connection does.
 *
 * Files are resources: `sandbox://` and a path, absolute or from `root`, as text where they are UTF-8 and else as a blob. Paths are
 * completed. The files below `root` are listed, without hidden ones and `node_modules`; a sandbox of a provider that has not
 * started is not started for a list, and clients are told once there is one.
 *
 * @throws `TypeError` for options that are not as documented.
 *
 * @example A server for a client that starts it, over its standard input and output.
 * ```typescript
 * import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js"
 * import { createMcpServer } from "@superserve/sdk/mcp"
 * import { lazySandbox } from "@superserve/sdk/tools"
 *
 * const server = createMcpServer(lazySandbox({ key: "my-project" }), { root: "/home/user/project" })
 * await server.connect(new StdioServerTransport())
 * ```
 */
export declare function createMcpServer(
  sandbox: Sandbox | SandboxProvider,
  options?: McpServerOptions,
): Server;

/**
 * A server with the tools of a sandbox over streamable HTTP, as a function from a `Request` to its `Response`: for Deno, Bun, workerd
 * and all that has fetch handlers, and with `nodeListener` of `@superserve/sdk/relay/node` for `node:http`.
 *
 * It asks nobody who they are: call it for requests that may use the sandbox. With a function in place of the sandbox each session
 * has its own.
 *
 * @throws `TypeError` for options that are not as documented.
 *
 * @example A server on this machine.
 * ```typescript
 * import { createServer } from "node:http"
 * import { createMcpHandler } from "@superserve/sdk/mcp"
 * import { nodeListener } from "@superserve/sdk/relay/node"
 *
 * const handler = createMcpHandler(sandbox, { allowedHosts: ["localhost", "127.0.0.1"] })
 * createServer(nodeListener(handler)).listen(3000, "127.0.0.1")
 * ```
 *
 * @example A worker, in which a request knows nothing of others, with a sandbox for each user.
 * ```typescript
 * const handler = createMcpHandler((request) => lazySandbox({ key: userOf(request), idle: "keep" }), { sessions: false })
 * export default { fetch: (request) => (isAllowed(request) ? handler(request) : new Response(null, { status: 401 })) }
 * ```
 */
export declare function createMcpHandler(
  sandbox: Sandbox | SandboxProvider | ((request: Request) => SandboxFor | Promise<SandboxFor>),
  options?: McpHandlerOptions,
): McpHandler;

/** What a function gives to {@link createMcpHandler}. */
export type SandboxFor = Sandbox | SandboxProvider;

/** Options of {@link createMcpServer}. */
export interface McpServerOptions extends SandboxToolsOptions {
  /**
   * Whether files are resources.
   *
   * @defaultValue whether `read_file` is among the tools
   */
  resources?: boolean | undefined;
  /**
   * Most bytes of a file that is read as a resource.
   *
   * @defaultValue 3932160, which is 5 MiB as base64
   */
  resourceBytes?: number | undefined;
  /**
   * What clients are told of the server, for their models.
   *
   * @defaultValue that the tools work in a machine of its own
   */
  instructions?: string | undefined;
}

/** Options of {@link createMcpHandler}. */
export interface McpHandlerOptions extends McpServerOptions {
  /**
   * Whether a client has a session, which the requests of this handler share: without one calls cannot be cancelled but by
   * the end of their request.
   *
   * @defaultValue true
   */
  sessions?: boolean | undefined;
  /**
   * Most sessions at once: another one ends that which was used longest ago, since clients may go without a word.
   *
   * @defaultValue 1000
   */
  maxSessions?: number | undefined;
  /**
   * Names of hosts, without ports: a request to another one, or from a page of another one, is refused. A server on a person's machine
   * needs it, since any page that they open can reach that by a name of its own.
   *
   * @defaultValue all
   */
  allowedHosts?: readonly string[] | undefined;
}

/** A server over streamable HTTP, from {@link createMcpHandler}. */
export interface McpHandler {
  (request: Request): Promise<Response>;
  /** Ends all sessions, and what they have under way. */
  close(): Promise<void>;
}
