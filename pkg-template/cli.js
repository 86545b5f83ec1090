#!/usr/bin/env node
// The package as a command: a sandbox for clients of the Model Context Protocol.
import { once } from "node:events";
import { createServer } from "node:http";
import { parseArgs } from "node:util";

import version from "#version";

/** @import { Sandbox } from "#types" */
/** @import { SandboxProvider } from "#tool-types" */

/** Raw, as it keeps its lines in what ships. */
const HELP = String.raw`Usage: superserve mcp [options]

Serves a sandbox to a client of the Model Context Protocol, over standard input and output:
its tools, and its files as resources.

  --id ID             the sandbox with that id
  --match KEY=VALUE   the sandbox with that tag, and more of them if repeated; made if there is none
  --key KEY           the sandbox for that, a project say; made if there is none
  --template NAME     what a sandbox is made from
  --root PATH         directory in it that paths start at, and may not lead out of
  --include NAMES     only these tools, with commas between
  --exclude NAMES     not these tools
  --http PORT         serve http://127.0.0.1:PORT/mcp instead, to all on this machine; 0 for any port
  --help
  --version

Without --id, --match and --key a sandbox is made when it is first needed, and deleted at the end.
Another one is paused at the end. Either is paused while nobody uses it.

The environment variable SUPERSERVE_API_KEY has the API key.`;

const PROTOCOL = "@modelcontextprotocol/sdk";
const MISSING = `${PROTOCOL} (1.25 or newer) is not installed beside @superserve/sdk:
  npm install ${PROTOCOL}
or, without a project:
  npx -y -p @superserve/sdk -p ${PROTOCOL} superserve mcp`;

/** What a client on this machine calls it. */
const HOSTS = ["127.0.0.1", "localhost", "[::1]"];
const PATH = "/mcp";
/** How long the end may take. */
const END_MS = 10_000;

/** @param {string[]} args */
function optionsOf(args) {
  const string = { type: /** @type {const} */ ("string") };
  const boolean = { type: /** @type {const} */ ("boolean") };
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        id: string,
        match: { ...string, multiple: true },
        key: string,
        template: string,
        root: string,
        include: string,
        exclude: string,
        http: string,
        help: { ...boolean, short: "h" },
        version: { ...boolean, short: "v" },
      },
    });
  } catch (/** @type {any} */ error) {
    throw wrong(error.message);
  }
}

/** What is wrong with how this was called. @param {string} what */
const wrong = (what) => new TypeError(`${what}\nsuperserve --help tells what there is.`);

/** @param {string | undefined} names */
const namesOf = (names) => names?.split(",").map((name) => name.trim());

/** @param {string} text @returns {[name: string, value: string]} */
function tag(text) {
  const at = text.indexOf("=");
  if (at < 1) throw wrong("--match takes a tag, KEY=VALUE");
  return [text.slice(0, at), text.slice(at + 1)];
}

/** @param {string} text */
function portOf(text) {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Infinity;
  if (port > 65_535) throw wrong("--http takes a port, 0 to 65535");
  return port;
}

/** What is installed beside this package, or not. */
async function protocol() {
  try {
    const { StdioServerTransport } = await import("@modelcontextprotocol/sdk/server/stdio.js");
    return { StdioServerTransport, ...(await import("@superserve/sdk/mcp")) };
  } catch (/** @type {any} */ error) {
    const isMissing = `${error.code}`.startsWith("ERR_") && error.message.includes(PROTOCOL);
    throw isMissing ? new Error(MISSING) : error;
  }
}

/**
 * A sandbox for as long as this runs.
 *
 * @param {ReturnType<typeof optionsOf>["values"]} values
 */
async function sandboxOf({ id, match, key, template }) {
  const { resolveConfig } = await import("@superserve/sdk");
  const { lazySandbox } = await import("@superserve/sdk/tools");
  // Better now than at the first call.
  resolveConfig({});
  const lazy = lazySandbox({
    id,
    key,
    match: match && Object.fromEntries(match.map(tag)),
    create: template === undefined ? undefined : { fromTemplate: template },
  });
  const isOwn = id === undefined && match === undefined && key === undefined;
  /** @type {Set<Promise<unknown>>} */
  const calls = new Set();
  /** @type {SandboxProvider & { readonly isStarted: boolean }} */
  const provider = {
    get isStarted() {
      return lazy.isStarted;
    },
    use(work, options) {
      const call = lazy.use(work, options);
      calls.add(call);
      const over = () => calls.delete(call);
      call.then(over, over);
      return call;
    },
  };
  async function end() {
    await Promise.allSettled(calls);
    if (!lazy.isStarted) return;
    await (isOwn ? lazy.use((/** @type {Sandbox} */ sandbox) => sandbox.kill()) : lazy.release());
  }
  return { provider, end };
}

/**
 * Over standard input and output, until the client ends them.
 *
 * @param {any} server
 * @param {any} transport
 * @param {() => void} ended
 */
async function overStdio(server, transport, ended) {
  server.onclose = ended;
  process.stdin.on("end", ended);
  process.stdout.on("error", ended);
  await server.connect(transport);
  return () => server.close();
}

/**
 * @param {import("./agents/mcp.js").McpHandler} handler
 * @param {number} port
 */
async function overHttp(handler, port) {
  const { nodeListener } = await import("@superserve/sdk/relay/node");
  const listener = nodeListener(async (/** @type {Request} */ request) =>
    new URL(request.url).pathname === PATH ? handler(request) : new Response(null, { status: 404 }),
  );
  const server = createServer(listener).listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = /** @type {import("node:net").AddressInfo} */ (server.address());
  console.log(`http://127.0.0.1:${address.port}${PATH}`);
  return async () => {
    server.close();
    await handler.close();
    server.closeAllConnections();
  };
}

/** @param {string[]} args */
async function main(args) {
  const { values, positionals } = optionsOf(args);
  if (values.help) return void console.log(HELP);
  if (values.version) return void console.log(version);
  if (positionals.join(" ") !== "mcp") throw wrong("The one command is mcp");
  const { root, include, exclude, http } = values;
  const port = http === undefined ? undefined : portOf(http);
  const { createMcpServer, createMcpHandler, StdioServerTransport } = await protocol();
  const { provider, end } = await sandboxOf(values);
  /** @type {any} They are checked where they are used. */
  const options = { root, include: namesOf(include), exclude: namesOf(exclude) };

  /** @type {() => void} */
  let ended = () => {};
  const isOver = new Promise((resolve) => (ended = () => resolve(undefined)));
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, ended);
  const close =
    port === undefined
      ? await overStdio(createMcpServer(provider, options), new StdioServerTransport(), ended)
      : await overHttp(createMcpHandler(provider, { ...options, allowedHosts: HOSTS }), port);
  await isOver;
  setTimeout(() => process.exit(1), END_MS).unref();
  // What is under way ends first: a sandbox that is paused would keep it.
  await close();
  await end();
  process.exit(0);
}

main(process.argv.slice(2)).catch((error) => {
  console.error(`superserve: ${error.message}`);
  process.exit(error instanceof TypeError ? 2 : 1);
});
