// The official client of the Model Context Protocol, and what it is asked.
import assert from "node:assert/strict";
import { join } from "node:path";

import { load } from "./example.mjs";
import { answers, turns } from "./script.mjs";

export const { Client } = await load("@modelcontextprotocol/sdk/client/index.js");
export const { StdioClientTransport } = await load("@modelcontextprotocol/sdk/client/stdio.js");
export const { StreamableHTTPClientTransport } = await load(
  "@modelcontextprotocol/sdk/client/streamableHttp.js",
);
export const { InMemoryTransport } = await load("@modelcontextprotocol/sdk/inMemory.js");
export const { createMcpServer, createMcpHandler } = await load("@superserve/sdk/mcp");

/** The command, as it is installed. */
export const COMMAND = join(process.env.SUPERSERVE_AGENTS ?? "", "node_modules/@superserve/sdk/dist/cli.js");

/**
 * A client of that server, until the test's end.
 *
 * @param {import("node:test").TestContext} t
 * @param {any} transport
 */
export async function clientOf(t, transport) {
  const client = new Client({ name: "test", version: "1" });
  t.after(() => client.close());
  await client.connect(transport);
  return client;
}

/** @param {string} url */
export const overHttp = (url) => new StreamableHTTPClientTransport(new URL(url));

/** The command as a client starts it. @param {string[]} args */
export const overStdio = (...args) =>
  new StdioClientTransport({
    command: process.execPath,
    args: [COMMAND, "mcp", ...args],
    env: /** @type {any} */ (process.env),
    stderr: "pipe",
  });

/**
 * A client and a server in this program.
 *
 * @param {import("node:test").TestContext} t
 * @param {any} sandbox
 * @param {object} [options]
 */
export async function linked(t, sandbox, options) {
  const [mine, its] = InMemoryTransport.createLinkedPair();
  await createMcpServer(sandbox, options).connect(its);
  return clientOf(t, mine);
}

/** What a client has to take along for calls that take long. */
const LONG = { timeout: 600_000 };

/** @param {any} client @param {string} name @param {object} input @param {object} [options] */
export const call = (client, name, input, options) =>
  client.callTool({ name, arguments: input }, undefined, { ...LONG, ...options });

/** Does the task of the examples. @param {any} client @param {number} port */
export async function doTask(client, port) {
  // It knows the schemas now, and holds what comes as fields against them.
  await client.listTools();
  /** @type {any[]} */
  const results = [];
  for (const turn of turns(port)) {
    if ("calls" in turn)
      results.push(...(await Promise.all(turn.calls.map(({ name, input }) => call(client, name, input)))));
  }
  answers(port).forEach((expected, index) => assert.match(JSON.stringify(results[index]), expected));
  for (const { isError, structuredContent } of results)
    assert.equal(structuredContent === undefined, !!isError);
}

/**
 * A command that goes on until it is ended, after a line that says so, and how many of those there are.
 *
 * @param {any} sandbox
 */
export function endless(sandbox) {
  const marker = `987${Math.floor(Math.random() * 1e9)}`;
  const count = async () => {
    const { stdout } = await sandbox.commands.run(`ps -eo args | grep -c '[s]leep ${marker}' || true`);
    return Number(stdout);
  };
  return {
    command: `echo began; exec sleep ${marker}`,
    /** Resolves once there is none any more. */
    async ended() {
      while ((await count()) > 0);
    },
    count,
  };
}
