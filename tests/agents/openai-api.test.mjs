// OpenAI's own client, with a `fetch` that answers as the Responses API and Chat Completions do.
import assert from "node:assert/strict";
import { test } from "node:test";

import { example, HOME, load } from "./example.mjs";
import { answers, freePort, turns } from "./script.mjs";
import { onServer, sandboxFor } from "./stage.mjs";

const { run, runChat } = await example("openai-api");
const { default: OpenAI } = await load("openai");
const { chatTools, responsesTools } = await load("@superserve/sdk/openai-api");

const MODEL = "scripted";

/** A picture of one pixel. */
const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

onServer();

/** @param {{ name: string, input: any }[]} calls @param {number} turn */
const named = (calls, turn) =>
  calls.map(({ name, input }, index) => ({
    id: `call_${turn}_${index}`,
    name,
    arguments: typeof input === "string" ? input : JSON.stringify(input),
  }));

/** What the Responses API answers in a turn. @param {any} next @param {number} turn */
const asResponse = (next, turn) => ({
  id: `resp_${turn}`,
  object: "response",
  model: MODEL,
  status: "completed",
  output:
    "text" in next
      ? [
          {
            type: "message",
            id: `msg_${turn}`,
            role: "assistant",
            status: "completed",
            content: [{ type: "output_text", text: next.text, annotations: [] }],
          },
        ]
      : [
          { type: "reasoning", id: `rs_${turn}`, summary: [] },
          ...named(next.calls, turn).map(({ id, ...call }) => ({
            type: "function_call",
            id: `fc_${id}`,
            call_id: id,
            status: "completed",
            ...call,
          })),
        ],
});

/** What Chat Completions answer in a turn. @param {any} next @param {number} turn */
const asCompletion = (next, turn) => ({
  id: `chatcmpl_${turn}`,
  object: "chat.completion",
  model: MODEL,
  choices: [
    {
      index: 0,
      finish_reason: "text" in next ? "stop" : "tool_calls",
      message: {
        role: "assistant",
        content: next.text ?? null,
        refusal: null,
        ...("calls" in next && {
          tool_calls: named(next.calls, turn).map(({ id, ...call }) => ({
            id,
            type: "function",
            function: call,
          })),
        }),
      },
    },
  ],
});

/** The same answer as events of a stream. @param {any} response */
function* events(response) {
  yield { type: "response.created", response: { ...response, output: [], status: "in_progress" } };
  for (const [output_index, item] of response.output.entries()) {
    yield { type: "response.output_item.added", output_index, item: { ...item, arguments: "" } };
    if (item.type !== "function_call") continue;
    for (const delta of item.arguments.match(/.{1,7}/gs)) {
      yield { type: "response.function_call_arguments.delta", output_index, item_id: item.id, delta };
    }
    yield { type: "response.output_item.done", output_index, item };
  }
  yield { type: "response.completed", response };
}

/**
 * A client of a service that takes those turns, and the requests that it was sent.
 *
 * @param {any[]} turns
 */
function serviceOf(turns) {
  /** @type {any[]} */
  const requests = [];
  const client = new OpenAI({
    apiKey: "none",
    maxRetries: 0,
    fetch: async (url, { body }) => {
      const request = JSON.parse(body);
      const next = turns[requests.length];
      requests.push(request);
      const { pathname } = new URL(url);
      if (pathname === "/v1/chat/completions") return Response.json(asCompletion(next, requests.length));
      assert.equal(pathname, "/v1/responses");
      const response = asResponse(next, requests.length);
      if (!request.stream) return Response.json(response);
      const text = [...events(response)]
        .map(
          (event, index) =>
            `event: ${event.type}\ndata: ${JSON.stringify({ ...event, sequence_number: index })}\n\n`,
        )
        .join("");
      return new Response(text, { headers: { "content-type": "text/event-stream" } });
    },
  });
  return { client, requests };
}

/** A strict tool. @param {any} tool */
function assertStrict({ name, description, parameters, strict }) {
  assert.ok(name && description);
  assert.equal(strict, true);
  assert.equal(parameters.additionalProperties, false);
  assert.deepEqual(parameters.required, Object.keys(parameters.properties));
}

test("the task is done by the Responses API, call by call", async (t) => {
  const sandbox = await sandboxFor(t);
  const port = await freePort();
  const script = turns(port);
  const { client, requests } = serviceOf(script);
  assert.equal(await run({ client, model: MODEL, sandbox }), script.at(-1).text);
  for (const tool of requests[0].tools) {
    assert.equal(tool.type, "function");
    assertStrict(tool);
  }
  assert.ok(requests[0].tools.length > 10);
  requests.slice(1).forEach(({ previous_response_id, input }, index) => {
    assert.equal(previous_response_id, `resp_${index + 1}`);
    assert.deepEqual(
      input.map(({ type, call_id }) => [type, call_id]),
      script[index].calls.map((_, at) => ["function_call_output", `call_${index + 1}_${at}`]),
    );
  });
  const results = requests.slice(1).flatMap(({ input }) => input.map(({ output }) => output));
  assert.equal(results.length, answers(port).length);
  answers(port).forEach((expected, index) => assert.match(results[index], expected));
  // The edit of a text that is there twice.
  assert.match(results[3], /^Error: /);
});

test("the task is done by Chat Completions, call by call", async (t) => {
  const sandbox = await sandboxFor(t);
  const port = await freePort();
  const script = turns(port);
  const { client, requests } = serviceOf(script);
  assert.equal(await runChat({ client, model: MODEL, sandbox }), script.at(-1).text);
  for (const tool of requests[0].tools) {
    assert.equal(tool.type, "function");
    assertStrict(tool.function);
  }
  const { messages } = requests.at(-1);
  const roles = messages.map(({ role }) => role[0]).join("");
  // The first turn has two calls.
  assert.equal(roles, "suattatatatatatat");
  const results = messages.filter(({ role }) => role === "tool");
  answers(port).forEach((expected, index) => assert.match(results[index].content, expected));
});

test("a response that is streamed has the same calls", async (t) => {
  const sandbox = await sandboxFor(t);
  const { client } = serviceOf([
    { calls: [{ name: "bash", input: { command: "echo one; echo two >&2", cwd: null, timeout_ms: null } }] },
  ]);
  const { tools, execute } = responsesTools(sandbox, { include: ["bash"] });
  const stream = await client.responses.create({ model: MODEL, tools, input: "Go on.", stream: true });
  const seen = [];
  const results = [];
  for await (const event of stream) {
    if (event.type !== "response.output_item.done") continue;
    const onProgress = ({ stream, text }, { call_id }) => seen.push([call_id, stream, text]);
    results.push(...(await execute({ output: [event.item] }, { onProgress })));
  }
  assert.deepEqual(results, [
    { type: "function_call_output", call_id: "call_1_0", output: results[0]?.output },
  ]);
  assert.deepEqual(results[0].output.trim().split("\n").sort(), ["one", "two"]);
  assert.deepEqual(seen.sort(), [
    ["call_1_0", "stderr", "two\n"],
    ["call_1_0", "stdout", "one\n"],
  ]);
});

for (const [name, way] of Object.entries({ responses: run, chat: runChat })) {
  test(`an abort ends the command: ${name}`, async (t) => {
    const sandbox = await sandboxFor(t);
    const command = "echo $$ >/tmp/marker; exec sleep 600";
    const { client } = serviceOf([
      { calls: [{ name: "bash", input: { command, cwd: null, timeout_ms: null } }] },
    ]);
    const abort = new AbortController();
    const reason = new Error("enough");
    const running = way({ client, model: MODEL, sandbox, signal: abort.signal });
    const ended = assert.rejects(running, (error) => error === reason);
    await sandbox.commands.run("until [ -s /tmp/marker ]; do sleep 0.05; done");
    abort.abort(reason);
    await ended;
    const gone = "while kill -0 $(cat /tmp/marker); do sleep 0.05; done 2>/dev/null";
    assert.equal((await sandbox.commands.run(gone)).exitCode, 0);
  });
}

test("bad inputs are answered as errors, and so are calls of tools that are not there", async (t) => {
  const sandbox = await sandboxFor(t);
  const inputs = [
    ["read_file", {}, /^Error: .*`path` is missing/],
    ["read_file", { path: 7 }, /^Error: .*`path` has to be a string/],
    ["read_file", { path: "a", colour: "red" }, /^Error: There is no `colour`/],
    ["read_file", { path: "../../etc/passwd" }, /^Error: .*leads out of/],
    ["write_file", { path: `${HOME}/large`, content: "x".repeat(2 ** 20) }, /^Wrote 1048576 bytes/],
    ["bash", { command: "x".repeat(2 ** 20) }, /^Error: The command is too long/],
    ["bash", '{"command": "ec', /^Error: The input is not complete JSON/],
    ["bash", "", /^Error: The input is not complete JSON/],
    ["bash", "[]", /^Error: The input has to be an object/],
    ["make_coffee", {}, /^Error: There is no tool make_coffee: there are bash, /],
  ];
  const calls = inputs.map(([name, input]) => ({ name, input }));
  const responses = responsesTools(sandbox, { root: HOME });
  const items = await responses.execute(asResponse({ calls }, 1));
  const chat = chatTools(sandbox, { root: HOME });
  const messages = await chat.execute(asCompletion({ calls }, 1).choices[0].message);
  inputs.forEach(([, , expected], index) => {
    assert.match(items[index].output, expected);
    assert.match(messages[index].content, expected);
    assert.equal(items[index].call_id, messages[index].tool_call_id);
  });
  assert.deepEqual(await chat.execute({ tool_calls: null }), []);
  assert.deepEqual(await chat.execute({}), []);
});

test("an image is one, and stands after all answers in a chat", async (t) => {
  const sandbox = await sandboxFor(t);
  await sandbox.files.write("/tmp/one.png", Buffer.from(PNG, "base64"));
  const calls = [
    { name: "read_file", input: { path: "/tmp/one.png" } },
    { name: "read_file", input: { path: `${HOME}/price.mjs` } },
  ];
  const url = `data:image/png;base64,${PNG}`;
  const [image, text] = await responsesTools(sandbox).execute(asResponse({ calls }, 1));
  assert.deepEqual(image.output, [
    { type: "input_text", text: "/tmp/one.png: image/png, 70 bytes" },
    { type: "input_image", image_url: url, detail: "auto" },
  ]);
  assert.match(text.output, /cents/);
  const messages = await chatTools(sandbox).execute(asCompletion({ calls }, 1).choices[0].message);
  assert.deepEqual(
    messages.map(({ role }) => role),
    ["tool", "tool", "user"],
  );
  assert.equal(messages[0].content, "/tmp/one.png: image/png, 70 bytes");
  assert.deepEqual(messages[2].content, [{ type: "image_url", image_url: { url } }]);
});

test("the task is done by a real model", {
  skip: process.env.OPENAI_API_KEY ? false : "OPENAI_API_KEY is not set",
}, async (t) => {
  const model = process.env.MODEL ?? "gpt-5.2";
  for (const way of [run, runChat]) {
    const sandbox = await sandboxFor(t);
    await way({ client: new OpenAI(), model, sandbox });
    const { exitCode } = await sandbox.commands.run("node --test", { cwd: HOME });
    assert.equal(exitCode, 0);
  }
});
