// The Model Context Protocol, with its official client.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { example, HOME, load, prepare } from "./example.mjs";
import {
  call,
  clientOf,
  createMcpHandler,
  createMcpServer,
  doTask,
  endless,
  linked,
  overHttp,
} from "./mcp.mjs";
import { answers, freePort, turns } from "./script.mjs";
import { onServer, sandboxFor } from "./stage.mjs";

const { run, serve } = await example("mcp");
const { setTracingDisabled, Usage } = await load("@openai/agents");
const { lazySandbox } = await load("@superserve/sdk/tools");
const { ResourceListChangedNotificationSchema } = await load("@modelcontextprotocol/sdk/types.js");

setTracingDisabled(true);
onServer();

/** One for all tests that need none of their own; it ends with the server. @type {any} */
let sandbox;
beforeEach(async () => (sandbox ??= await prepare()));

/** A model of the Agents SDK that takes those turns. @param {import("./script.mjs").Turn[]} turns */
function modelOf(turns) {
  let turn = 0;
  return {
    async getResponse() {
      const next = turns[turn++];
      const output =
        "text" in next
          ? [
              {
                type: "message",
                role: "assistant",
                status: "completed",
                content: [{ type: "output_text", text: next.text }],
              },
            ]
          : next.calls.map(({ name, input }, index) => ({
              type: "function_call",
              callId: `${turn}.${index}`,
              name,
              arguments: JSON.stringify(input),
              status: "completed",
            }));
      return { output, usage: new Usage() };
    },
    getStreamedResponse() {
      throw new Error("nobody asked for a stream");
    },
  };
}

test("an agent does the task over HTTP, call by call", async (t) => {
  const sandbox = await sandboxFor(t);
  const port = await freePort();
  const script = turns(port);
  const { finalOutput, newItems } = await run({ model: modelOf(script), sandbox });
  assert.equal(finalOutput, script.at(-1).text);
  const results = newItems.filter(({ type }) => type === "tool_call_output_item");
  answers(port).forEach((expected, index) => assert.match(JSON.stringify(results[index]), expected));
});

const skip = process.env.OPENAI_API_KEY ? false : "OPENAI_API_KEY is not set";

test("a real model does the task", { skip }, async (t) => {
  const { finalOutput } = await run({
    model: process.env.MODEL ?? "gpt-5",
    sandbox: await sandboxFor(t),
  });
  assert.match(`${finalOutput}`, /https?:/);
});

test("the task by the official client over HTTP", async (t) => {
  const sandbox = await sandboxFor(t);
  const { url, close } = await serve(sandbox);
  t.after(close);
  await doTask(await clientOf(t, overHttp(url)), await freePort());
});

test("what a client is told of the server and its tools", async (t) => {
  const client = await linked(t, sandbox, { exclude: ["grep"], root: HOME });
  assert.equal(client.getServerVersion().name, "superserve");
  assert.match(client.getInstructions(), /machine of its own/);
  assert.deepEqual(client.getServerCapabilities(), {
    tools: {},
    resources: { listChanged: true },
    completions: {},
  });
  const { tools } = await client.listTools();
  const names = tools.map(({ name }) => name);
  assert.ok(names.includes("bash") && !names.includes("grep") && !names.includes("computer"));
  const { title, inputSchema, outputSchema, annotations, ...rest } = tools[names.indexOf("list_files")];
  assert.equal(title, "List files");
  assert.equal(inputSchema.additionalProperties, false);
  assert.ok(outputSchema.properties.files);
  assert.equal(annotations.readOnlyHint, true);
  assert.deepEqual(Object.keys(rest).sort(), ["description", "name"]);
  // Without the tool that reads files, nothing else does.
  const other = await linked(t, sandbox, { include: ["bash"], instructions: "Be careful." });
  assert.deepEqual(other.getServerCapabilities(), { tools: {} });
  assert.equal(other.getInstructions(), "Be careful.");
});

test("images are images", async (t) => {
  const client = await linked(t, sandbox);
  const png = Buffer.from("89504e470d0a1a0a0000", "hex");
  await sandbox.files.write("/tmp/mcp.png", png);
  const { content } = await call(client, "read_file", { path: "/tmp/mcp.png" });
  assert.deepEqual(content[1], { type: "image", mimeType: "image/png", data: png.toString("base64") });
});

test("a hundred calls at once, each with its own answer", async (t) => {
  const { url, close } = await serve(sandbox);
  t.after(close);
  const client = await clientOf(t, overHttp(url));
  const results = await Promise.all(
    Array.from({ length: 100 }, (_, index) => call(client, "bash", { command: `echo $((${index} * 7))` })),
  );
  results.forEach(({ content }, index) => assert.equal(content[0].text, `${index * 7}`));
});

test("a hundred calls cancelled in the middle end in the sandbox", async (t) => {
  const { url, close } = await serve(sandbox);
  t.after(close);
  const client = await clientOf(t, overHttp(url));
  const { command, count, ended } = endless(sandbox);
  const controller = new AbortController();
  const begun = Array.from({ length: 100 }, () => Promise.withResolvers());
  const calls = begun.map(({ resolve }) =>
    call(client, "bash", { command }, { signal: controller.signal, onprogress: resolve }),
  );
  const over = Promise.allSettled(calls);
  await Promise.all(begun.map(({ promise }) => promise));
  assert.equal(await count(), 100);
  controller.abort(new Error("enough"));
  for (const { status, reason } of await over) {
    assert.equal(status, "rejected");
    assert.match(`${reason}`, /enough/);
  }
  await ended();
  // The session goes on.
  const { content } = await call(client, "bash", { command: "echo still" });
  assert.equal(content[0].text, "still");
});

test("the answer to a call that was cancelled ends", async () => {
  const handler = createMcpHandler(sandbox);
  const { command, ended } = endless(sandbox);
  const session = await initialized(handler);
  const params = { name: "bash", arguments: { command }, _meta: { progressToken: 0 } };
  const answer = await handler(post({ id: 7, method: "tools/call", params }, session));
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  assert.match((await reader.read()).value, /began/);
  const cancelled = { method: "notifications/cancelled", params: { requestId: 7 } };
  assert.equal((await handler(post(cancelled, session))).status, 202);
  assert.equal((await reader.read()).done, true);
  await ended();
  await handler.close();
});

test("what a command writes is told as it comes, to those who ask", async (t) => {
  const client = await linked(t, sandbox);
  const errors = [];
  client.onerror = (/** @type {unknown} */ error) => errors.push(error);
  const path = `/tmp/mcp-${Math.random()}`;
  const command = `echo one; until [ -e ${path} ]; do sleep 0.02; done; echo two; rm ${path}`;
  const told = [];
  const onprogress = (/** @type {any} */ progress) => {
    if (told.push(progress) === 1) sandbox.files.write(path, "");
  };
  const { content } = await call(client, "bash", { command }, { onprogress });
  assert.equal(content[0].text, "one\ntwo");
  assert.deepEqual(told[0], { progress: 4, message: "one\n" });
  told.slice(1).forEach(({ progress }, index) => assert.ok(progress > told[index].progress));
  await call(client, "bash", { command: "echo nobody asks" });
  assert.deepEqual(errors, []);
});

test("the end of the connection ends what is under way", async (t) => {
  const client = await linked(t, sandbox);
  const { command, ended } = endless(sandbox);
  const begun = Promise.withResolvers();
  const lost = assert.rejects(call(client, "bash", { command }, { onprogress: begun.resolve }), /closed/);
  await begun.promise;
  await client.close();
  await lost;
  await ended();
});

test("bad inputs of a model are answered, and all goes on", async (t) => {
  const client = await linked(t, sandbox, { root: HOME });
  /** @type {[name: string, input: any, says: RegExp][]} */
  const inputs = [
    ["bash", {}, /`command` is missing/],
    ["bash", undefined, /`command` is missing/],
    ["bash", { command: 5 }, /has to be a string/],
    ["bash", { command: "ls", sudo: true }, /There is no `sudo`/],
    ["bash", { command: "x".repeat(1_000_000) }, /too long/],
    ["read_file", { path: "../../etc/passwd" }, /leads out of/],
    ["read_file", { path: "/etc/passwd" }, /leads out of/],
    ["read_file", { path: "a\0b" }, /NUL/],
    ["edit_file", { path: "price.mjs", old_string: "no such", new_string: "x".repeat(1e6) }, /is not in/],
  ];
  for (const [name, input, says] of inputs) {
    const { content, isError, structuredContent } = await call(client, name, input);
    assert.equal(isError, true, name);
    assert.match(content[0].text, says);
    assert.equal(structuredContent, undefined);
  }
  await assert.rejects(call(client, "no_such_tool", {}), { code: -32602, message: /no tool no_such_tool/ });
  await assert.rejects(call(client, "bash", "{"), /expected record/);
  const { content } = await call(client, "write_file", { path: "big.txt", content: "y".repeat(1_000_000) });
  assert.match(content[0].text, /1000000 bytes/);
  await sandbox.files.remove(`${HOME}/big.txt`);
});

test("files are resources", async (t) => {
  const root = "/tmp/mcp-files";
  await sandbox.commands.run(
    `rm -rf ${root}; mkdir -p ${root}/sub/node_modules; cd ${root}; printf 'hällo\\n' > 'a b%#?.txt';
     printf '\\377\\000' > sub/bytes; printf '\\211PNG....' > sub/dot.png; echo x > .hidden; echo x > sub/node_modules/x;
     ln -s /etc/passwd out; head -c 2000 /dev/zero | tr '\\0' z > sub/big; touch empty`,
  );
  const client = await linked(t, sandbox, { root, resourceBytes: 1000 });
  const { resourceTemplates } = await client.listResourceTemplates();
  assert.equal(resourceTemplates[0].uriTemplate, "sandbox://{+path}");

  const { resources, nextCursor } = await client.listResources();
  assert.equal(nextCursor, undefined);
  assert.deepEqual(
    resources.map(({ name, size }) => [name, size]),
    [
      ["a b%#?.txt", 7],
      ["empty", 0],
      ["sub/big", 2000],
      ["sub/bytes", 2],
      ["sub/dot.png", 8],
    ],
  );
  const { uri, annotations } = resources[0];
  assert.equal(uri, `sandbox://${root}/a%20b%25%23%3F.txt`);
  assert.ok(Date.parse(annotations.lastModified) <= Date.now() + 60_000);

  const read = async (/** @type {string} */ uri) => (await client.readResource({ uri })).contents[0];
  assert.deepEqual(await read(uri), { uri, mimeType: "text/plain", text: "hällo\n" });
  assert.equal((await read("sandbox://empty")).text, "");
  assert.deepEqual(await read("sandbox://sub/bytes"), {
    uri: "sandbox://sub/bytes",
    mimeType: "application/octet-stream",
    blob: "/wA=",
  });
  assert.equal((await read("sandbox://sub/dot.png")).mimeType, "image/png");
  /** @type {[uri: string, code: number, says: RegExp][]} */
  const wrong = [
    ["sandbox://sub/none", -32002, /none/],
    ["sandbox://sub", -32602, /directory/],
    ["sandbox://sub/big", -32602, /more than 1000 bytes/],
    ["sandbox://out", -32602, /leads out of/],
    ["sandbox:///etc/passwd", -32602, /leads out of/],
    ["sandbox://..%2f..%2fetc/passwd", -32602, /leads out of/],
    ["sandbox://a%00b", -32602, /NUL/],
    ["sandbox://%ff", -32602, /sandbox:/],
    ["sandbox://", -32602, /empty/],
    ["file:///etc/passwd", -32602, /sandbox:/],
  ];
  for (const [uri, code, message] of wrong)
    await assert.rejects(client.readResource({ uri }), { code, message }, uri);
  await assert.rejects(client.listResources({ cursor: "7" }), { code: -32602 });
  assert.throws(() => createMcpServer(sandbox, { resourceBytes: 0 }), TypeError);
});

test("paths are completed", async (t) => {
  const client = await linked(t, sandbox, { root: HOME });
  const ref = { type: "ref/resource", uri: "sandbox://{+path}" };
  const completed = async (/** @type {string} */ value, name = "path") =>
    (await client.complete({ ref, argument: { name, value } })).completion;
  assert.deepEqual(await completed("price"), {
    values: ["price.mjs", "price.test.mjs"],
    total: 2,
    hasMore: false,
  });
  assert.deepEqual((await completed("/tmp/shop/se")).values, ["/tmp/shop/server.mjs"]);
  for (const nothing of ["no/such/", "/etc/pass", "../"])
    assert.deepEqual((await completed(nothing)).values, [], nothing);
  assert.deepEqual((await completed("price", "other")).values, []);
});

test("a long list comes in pages", async (t) => {
  const root = "/tmp/mcp-many";
  await sandbox.commands.run(`mkdir -p ${root} && cd ${root} && touch $(seq 1001 2100)`);
  const client = await linked(t, sandbox, { root });
  const pages = [];
  let cursor;
  do {
    const { resources, nextCursor } = await client.listResources({ cursor });
    pages.push(resources.map(({ name }) => Number(name)));
    cursor = nextCursor;
  } while (cursor);
  assert.deepEqual(
    pages.map(({ length }) => length),
    [500, 500, 100],
  );
  assert.deepEqual(
    pages.flat(),
    Array.from({ length: 1100 }, (_, index) => 1001 + index),
  );
});

test("a sandbox is not made for a list, and clients hear of it once it is there", async (t) => {
  const lazy = lazySandbox({ idle: "kill" });
  t.after(() => lazy.release());
  const client = await linked(t, lazy);
  const changed = Promise.withResolvers();
  client.setNotificationHandler(ResourceListChangedNotificationSchema, changed.resolve);
  assert.deepEqual(await client.listResources(), { resources: [] });
  const ref = { type: "ref/resource", uri: "sandbox://{+path}" };
  const { completion } = await client.complete({ ref, argument: { name: "path", value: "/" } });
  assert.deepEqual(completion.values, []);
  assert.equal(lazy.isStarted, false);
  await call(client, "bash", { command: "true" });
  assert.equal(lazy.isStarted, true);
  await changed.promise;
});

const HEADERS = { "content-type": "application/json", accept: "application/json, text/event-stream" };

/** @param {object} message @param {Record<string, string>} [headers] @param {object} [init] */
const post = (message, headers, init) =>
  new Request("http://mcp.example/", {
    method: "POST",
    headers: { ...HEADERS, ...headers },
    body: typeof message === "string" ? message : JSON.stringify({ jsonrpc: "2.0", ...message }),
    ...init,
  });

const INITIALIZE = {
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "raw", version: "1" } },
};

/** The headers of a session. @param {(request: Request) => Promise<Response>} handler */
async function initialized(handler) {
  const answer = await handler(post(INITIALIZE));
  await answer.text();
  return { "mcp-session-id": `${answer.headers.get("mcp-session-id")}` };
}

test("a session is its client's, and that used longest ago makes way", async () => {
  let asked = 0;
  const handler = createMcpHandler(
    async () => {
      asked += 1;
      return sandbox;
    },
    { maxSessions: 3 },
  );
  const first = await initialized(handler);
  const list = { id: 2, method: "tools/list" };
  const status = async (/** @type {any} */ message, /** @type {any} */ headers) => {
    const answer = await handler(post(message, headers));
    answer.body?.cancel();
    return answer.status;
  };
  assert.equal(await status(list, first), 200);
  assert.equal(await status(list, {}), 400);
  assert.equal(await status(list, { "mcp-session-id": "made-up" }), 404);
  assert.equal(await status('{"jsonrpc":"2.0","id":', first), 400);
  assert.equal(await status(list, first), 200);
  // One that is ended, and one that others make leave.
  const second = await initialized(handler);
  const end = new Request("http://mcp.example/", { method: "DELETE", headers: second });
  assert.equal((await handler(end)).status, 200);
  assert.equal(await status(list, second), 404);
  const third = await initialized(handler);
  await initialized(handler);
  assert.equal(await status(list, first), 200);
  await initialized(handler);
  assert.equal(await status(list, first), 200, "it was used");
  assert.equal(await status(list, third), 404);
  const last = await initialized(handler);
  await handler.close();
  assert.equal(await status(list, last), 404);
  // For each session, and for what began none.
  assert.equal(asked, 7);
});

test("without sessions the end of a request ends its call", async () => {
  const handler = createMcpHandler(sandbox, { sessions: false });
  const list = await (await handler(post({ id: 2, method: "tools/list" }))).text();
  assert.match(list, /start_process/);
  assert.equal((await handler(new Request("http://mcp.example/"))).status, 405);
  const { command, ended } = endless(sandbox);
  const controller = new AbortController();
  const params = { name: "bash", arguments: { command }, _meta: { progressToken: 0 } };
  const request = post({ id: 1, method: "tools/call", params }, {}, { signal: controller.signal });
  const reader = (await handler(request)).body.pipeThrough(new TextDecoderStream()).getReader();
  assert.match((await reader.read()).value, /began/);
  controller.abort();
  await reader.closed;
  await ended();
});

test("other hosts and their pages are refused where it says so", async () => {
  const handler = createMcpHandler(sandbox, { allowedHosts: ["mcp.example"] });
  const status = async (/** @type {Request} */ request) => (await handler(request)).status;
  assert.equal(await status(post(INITIALIZE)), 200);
  assert.equal(await status(post(INITIALIZE, { origin: "https://mcp.example:8443" })), 200);
  for (const origin of ["https://evil.example", "null", "https://mcp.example.evil.example"])
    assert.equal(await status(post(INITIALIZE, { origin })), 403, origin);
  const other = new Request("http://evil.example/", {
    method: "POST",
    headers: HEADERS,
    body: JSON.stringify(INITIALIZE),
  });
  assert.equal(await status(other), 403);
  await handler.close();
});

test("options that are none are told at once", () => {
  for (const make of [createMcpServer, createMcpHandler]) {
    assert.throws(() => make({}), TypeError);
    assert.throws(() => make(sandbox, { include: ["nothing"] }), TypeError);
    assert.throws(() => make(sandbox, { root: "relative" }), TypeError);
  }
  assert.throws(() => createMcpHandler(sandbox, { maxSessions: 0 }), TypeError);
});
