// What the tests share: the local server, a relay on node:http, and a page's side over plain fetch and WebSocket.
import assert from "node:assert/strict";
import { createServer, request as httpRequest } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { after } from "node:test";
import { pathToFileURL } from "node:url";
import WebSocket from "ws";

import { startProgram } from "../contract/node/programs.mjs";

export { ALL } from "../contract/support/tickets.mjs";

export const consumer = process.env.SUPERSERVE_CONSUMER ?? "";
export const serverProgram = process.env.SUPERSERVE_LOCAL ?? "";

const dist = join(consumer, "node_modules/@superserve/sdk/dist");
export const { createRelay, createTicket } = await import(pathToFileURL(join(dist, "relay.js")).href);
export const { nodeListener } = await import(pathToFileURL(join(dist, "relay-node.js")).href);

export const SECRET = "a secret of the application, for tests only";
const API_KEY = "ss_live_key-that-no-page-may-ever-see-0001";

/**
 * The local server, with calls that a backend makes. `stop` it.
 *
 * @param {string[]} args
 */
export async function startService(...args) {
  const program = startProgram(serverProgram, "--port", "0", "--api-key", API_KEY, ...args);
  const { base_url: baseUrl } = await program.ready;

  /**
   * @param {string} method
   * @param {string} path
   * @param {object} [body]
   */
  async function api(method, path, body) {
    const headers = { "x-api-key": API_KEY, "content-type": "application/json" };
    const response = await fetch(baseUrl + path, { method, headers, body: body && JSON.stringify(body) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  }

  return {
    baseUrl,
    apiKey: API_KEY,
    api,
    create: (options = {}) => api("POST", "/sandboxes", { name: "relay-test", ...options }),
    stop: program.stop,
  };
}

/**
 * Lets a server listen on this machine; resolves to its origin.
 *
 * @param {import("node:net").Server} server
 * @returns {Promise<string>}
 */
const listening = (server, port = 0) =>
  new Promise((resolve) => {
    server.listen(port, "127.0.0.1", () => {
      const address = /** @type {import("node:net").AddressInfo} */ (server.address());
      resolve(`http://127.0.0.1:${address.port}`);
    });
  });

/**
 * A relay under /relay of a node:http server, for the service at `baseUrl`; what it reports is in `events`. Ends with the test `t`.
 *
 * @param {{ baseUrl: string, apiKey?: string, port?: number, [option: string]: unknown }} options
 * @param {import("node:test").TestContext} [t]
 */
export async function startRelay({ baseUrl, apiKey = API_KEY, port = 0, ...options }, t) {
  /** @type {any[]} */
  const events = [];
  const settings = {
    baseUrl,
    apiKey,
    secret: SECRET,
    prefix: "/relay",
    /** @param {any} event */
    onEvent: (event) => events.push(event),
  };
  const relay = createRelay({ ...settings, ...options });
  const listener = nodeListener(relay);
  const server = createServer(listener);
  server.on("upgrade", listener.upgrade);
  // On a busy machine the usual 5 s end just as a client takes the connection anew.
  server.keepAliveTimeout = 60_000;
  const origin = await listening(server, port);
  const sockets = new Set();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  const stop = () => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  };
  t?.after(stop);
  return { relay, events, origin, url: `${origin}/relay`, stop };
}

/**
 * A service with a sandbox, a relay before it, and a page whose ticket allows that: for all tests of a file.
 *
 * @param {string[]} allow
 */
export async function behindRelay(allow) {
  const service = await startService();
  after(() => service.stop());
  const relay = await startRelay(service);
  after(() => relay.stop());
  const sandbox = await service.create();
  const client = page(relay.url, await createTicket(sandbox, { secret: SECRET, allow }));
  return { service, relay, sandbox, client };
}

/**
 * A page that holds a ticket: `fetch` and `socket` through the relay at `url`.
 *
 * @param {string} url
 * @param {string} [ticket]
 */
export function page(url, ticket) {
  return {
    /**
     * @param {string} path
     * @param {any} [init]
     */
    fetch: (path, { headers, ...init } = {}) =>
      fetch(url + path, {
        ...init,
        ...(init.body instanceof ReadableStream && { duplex: "half" }),
        headers: { ...(ticket !== undefined && { authorization: `Bearer ${ticket}` }), ...headers },
      }),
    /**
     * @param {string} path
     * @param {any} [init]
     */
    async json(path, init) {
      const response = await this.fetch(path, init);
      const text = await response.text();
      if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
      return text ? JSON.parse(text) : undefined;
    },
    /**
     * @param {string} command
     * @param {object} [more]
     */
    exec: (command, more) => ({ method: "POST", body: JSON.stringify({ command, ...more }) }),
    /**
     * The answer to an upload of so many bytes, of which none is sent.
     *
     * @param {string} path
     * @param {number} bytes
     * @returns {Promise<Response>}
     */
    announce(path, bytes) {
      const headers = { authorization: `Bearer ${ticket}`, "content-length": bytes };
      const request = httpRequest(url + path, { method: "POST", headers, agent: false });
      request.flushHeaders();
      return new Promise((resolve, reject) => {
        request.on("error", reject);
        request.on("response", async (incoming) => {
          const chunks = [];
          for await (const chunk of incoming) chunks.push(chunk);
          request.destroy();
          resolve(new Response(Buffer.concat(chunks), { status: incoming.statusCode }));
        });
      });
    },
    /**
     * @param {string} path
     * @param {string} protocol
     * @param {object} [options]
     */
    socket: (path, protocol, options) =>
      new WebSocket(url.replace("http", "ws") + path, [protocol, `ticket.${ticket}`], options),
  };
}

/**
 * `[status, code]` of an error answer.
 *
 * @param {Response} response
 */
export async function refusal(response) {
  const text = await response.text();
  return [response.status, JSON.parse(text).error.code];
}

/**
 * Status with which a WebSocket's handshake is refused, and the code in the answer; fails when it is not.
 *
 * @param {any} socket
 * @returns {Promise<[status: number, code: string | undefined]>}
 */
export function refusedSocket(socket) {
  return new Promise((resolve, reject) => {
    socket.on("open", () => reject(new Error("the WebSocket was accepted")));
    socket.on("error", reject);
    socket.on("unexpected-response", async (/** @type {unknown} */ _, /** @type {any} */ response) => {
      const chunks = [];
      for await (const chunk of response) chunks.push(chunk);
      const text = Buffer.concat(chunks).toString();
      resolve([response.statusCode, text ? JSON.parse(text).error.code : undefined]);
    });
  });
}

/**
 * Events of a stream of events, as they come.
 *
 * @param {Response} response
 */
export async function* eventsOf(response) {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    for (let end; (end = text.indexOf("\n\n")) >= 0; text = text.slice(end + 2)) {
      const data = /^data: ?(.*)$/m.exec(text.slice(0, end))?.[1];
      if (data) yield JSON.parse(data);
    }
  }
}

/**
 * Waits until `probe` is truthy and returns what it says.
 *
 * @template Value
 * @param {() => Value | Promise<Value>} probe
 * @param {string} what
 */
export async function eventually(probe, what, withinMs = 20_000) {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (performance.now() > deadline) throw new Error(`${what} did not happen within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

/** So many looks at what stands still. */
const LOOKS = 20;

/**
 * Waits until a number stands still, the same at each of many looks; fails as soon as it is `most` or more.
 *
 * @param {() => number} read
 * @param {number} most
 * @param {string} unit
 */
export async function assertSettles(read, most, unit) {
  let last = read();
  for (let looks = 0; looks < LOOKS; looks++) {
    await sleep(30);
    const now = read();
    assert.ok(now < most, `${now} ${unit} were taken`);
    if (now !== last) looks = 0;
    last = now;
  }
}

/** @typedef {ReturnType<typeof page>} Client */

/**
 * Fails unless what a command says first arrives before it says more: it waits for a file, which this makes when the first
 * event is there. The answer of a host that holds events back never ends.
 *
 * @param {Client} client
 */
export async function assertStreams(client) {
  const file = `/tmp/heard-${Math.random().toString(36).slice(2)}`;
  const command = `echo first; until [ -e ${file} ]; do sleep 0.05; done; echo last`;
  const texts = [];
  for await (const { stdout } of eventsOf(await client.fetch("/exec/stream", client.exec(command)))) {
    if (!stdout) continue;
    texts.push(stdout);
    if (texts.length === 1) await client.json("/exec", client.exec(`touch ${file}`));
  }
  assert.deepEqual(texts, ["first\n", "last\n"]);
}

/** @param {number} ms */
export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

const AWAKE = { status: "active", access_token: "token" };

/**
 * A service whose data plane does one thing to files, whatever the sandbox, of which the API answers `about` its path.
 *
 * @param {import("node:test").TestContext} t
 * @param {{ about?: (url: string) => object, endless?: boolean, breakOff?: boolean, deaf?: boolean, status?: number, answer?: string }} [how]
 */
export async function fakeService(t, { about = () => AWAKE, endless, breakOff, deaf, status, answer } = {}) {
  let closed = false;
  let sent = 0;
  const server = createServer((request, response) => {
    const { method, url = "" } = request;
    if (url.startsWith("/sandboxes/")) {
      return response.end(JSON.stringify(about(url)));
    }
    if (status) return response.writeHead(status).end(answer);
    response.on("close", () => (closed = true));
    if (method === "POST") {
      server.emit("upload", request);
      if (deaf) return;
      request.on("end", () => response.end("{}"));
      return;
    }
    server.emit("download", request);
    const chunk = Buffer.alloc(256 * 1024);
    const more = () => {
      while (!response.destroyed) {
        sent += chunk.length;
        if (!response.write(chunk)) return;
      }
    };
    if (endless) {
      response.on("drain", more);
      more();
    }
    if (breakOff) response.write("begun", () => response.destroy());
  });
  const baseUrl = await listening(server);
  const sockets = new Set();
  server.on("connection", (socket) => sockets.add(socket));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { server, baseUrl, sent: () => sent, closed: () => closed };
}

/**
 * A proxy before the service: `open` has the paths of what is under way, `seen` all. Ends with the test `t`.
 *
 * @param {import("node:test").TestContext} t
 * @param {string} target
 */
export async function startProxy(t, target) {
  const open = new Set();
  /** @type {string[]} */
  const seen = [];
  const sockets = new Set();
  /**
   * @param {string} url
   * @param {import("node:stream").Stream} connection
   */
  const track = (url, connection) => {
    const { pathname } = new URL(url, target);
    open.add(pathname);
    seen.push(pathname);
    connection.once("close", () => open.delete(pathname));
  };
  const server = createServer((request, response) => {
    const { url = "", method, headers } = request;
    track(url, response);
    const onward = httpRequest(target + url, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    request.pipe(onward);
    response.on("close", () => onward.destroy());
  });
  server.on("upgrade", (request, socket, head) => {
    track(request.url ?? "", socket);
    const { hostname, port } = new URL(target);
    const onward = connect(Number(port), hostname);
    const lines = [`GET ${request.url} HTTP/1.1`];
    for (let at = 0; at < request.rawHeaders.length; at += 2) {
      lines.push(`${request.rawHeaders[at]}: ${request.rawHeaders[at + 1]}`);
    }
    onward.write(`${lines.join("\r\n")}\r\n\r\n`);
    onward.write(head);
    socket.pipe(onward).pipe(socket);
    for (const [one, other] of [
      [socket, onward],
      [onward, socket],
    ]) {
      one.on("error", () => {});
      one.on("close", () => other.destroy());
    }
  });
  server.on("connection", (socket) => sockets.add(socket));
  const baseUrl = await listening(server);
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { open, seen, baseUrl };
}
