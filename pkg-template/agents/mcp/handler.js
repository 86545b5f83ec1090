// The server over streamable HTTP, by what the web has.
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";

import { NO_SESSION, REFUSED } from "./failure.js";
import { createMcpServer } from "./server.js";

/** @import { Sandbox } from "#types" */
/** @import { SandboxProvider } from "#tool-types" */
/** @import { McpHandlerOptions } from "../mcp.js" */

const SESSIONS = 1000;

/**
 * @param {number} status
 * @param {number} code
 * @param {string} message
 */
const refused = (status, code, message) =>
  Response.json({ jsonrpc: "2.0", error: { code, message }, id: null }, { status });

/** @param {string} url */
function hostOf(url) {
  try {
    return new URL(url).hostname;
  } catch {
    // `null`, for one.
    return "";
  }
}

/**
 * @param {Sandbox | SandboxProvider | ((request: Request) => any)} sandbox
 * @param {McpHandlerOptions} [options]
 */
export function createMcpHandler(sandbox, options = {}) {
  const { sessions = true, maxSessions = SESSIONS, allowedHosts, ...rest } = options;
  if (!(Number.isSafeInteger(maxSessions) && maxSessions > 0))
    throw new TypeError("createMcpHandler: maxSessions must be a number above 0");
  // What is wrong with them is said at once.
  if (typeof sandbox !== "function") createMcpServer(sandbox, rest);
  /** Those used last are last. @type {Map<string, any>} */
  const open = new Map();

  /** @param {Request} request */
  async function begin(request) {
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: sessions ? () => crypto.randomUUID() : undefined,
      onsessioninitialized: (/** @type {string} */ id) => keep(id, transport),
    });
    transport.onclose = () => open.delete(transport.sessionId);
    const server = createMcpServer(typeof sandbox === "function" ? await sandbox(request) : sandbox, rest);
    await server.connect(transport);
    // Without a session nothing else could end it.
    if (!sessions) request.signal?.addEventListener("abort", () => transport.close());
    return transport;
  }

  /** @param {string} id @param {any} transport */
  function keep(id, transport) {
    open.delete(id);
    open.set(id, transport);
    // Clients go without a word.
    if (open.size > maxSessions) open.values().next().value.close();
  }

  /**
   * @param {Request} request
   * @returns {Promise<Response>}
   */
  async function handle(request) {
    const origin = request.headers.get("origin");
    const hosts = [request.url, ...(origin === null ? [] : [origin])].map(hostOf);
    if (allowedHosts && !hosts.every((host) => allowedHosts.includes(host)))
      return refused(403, REFUSED, "This host or origin is not allowed");
    if (!sessions) {
      if (request.method !== "POST") return refused(405, REFUSED, "There are no sessions");
      return (await begin(request)).handleRequest(request);
    }
    const id = request.headers.get("mcp-session-id");
    if (id === null) return (await begin(request)).handleRequest(request);
    const transport = open.get(id);
    if (!transport) return refused(404, NO_SESSION, "There is no such session");
    keep(id, transport);
    return transport.handleRequest(request);
  }

  const close = async () =>
    void (await Promise.all([...open.values()].map((transport) => transport.close())));
  return Object.assign(handle, { close });
}
