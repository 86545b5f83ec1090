// LangChain: the tools, alone and in an agent whose chat model follows a script.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { LONG, ScriptedModel, aborted, asking, results } from "./chat.mjs";
import { example, load, prepare } from "./example.mjs";
import { answers, freePort, turns } from "./script.mjs";
import { onServer, sandboxFor } from "./stage.mjs";

const { run } = await example("langchain");
const { createAgent, humanInTheLoopMiddleware } = await load("langchain");
const { Command, MemorySaver } = await load("@langchain/langgraph");
const { sandboxTools } = await load("@superserve/sdk/langchain");
const { sandboxTools: plainTools } = await load("@superserve/sdk/tools");

/** A picture of one point. */
const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

onServer();

/** An agent that makes those calls, a turn each. @param {any} sandbox @param {[name: string, input: any][]} calls */
function agentOf(sandbox, calls, options = {}) {
  const script = calls.map(([name, input]) => ({ calls: [{ name, input }] }));
  const model = new ScriptedModel([...script, { text: "Done." }]);
  return { model, agent: createAgent({ model, tools: sandboxTools(sandbox, options) }) };
}

/** @param {any} sandbox @param {string} name */
const toolOf = (sandbox, name) => sandboxTools(sandbox, { include: [name] })[0];

test("the task is done, call by call", async (t) => {
  const sandbox = await sandboxFor(t);
  const port = await freePort();
  const script = turns(port);
  const model = new ScriptedModel(script);
  const state = await run({ model, sandbox });
  assert.equal(state.messages.at(-1).text, script.at(-1).text);
  const told = results(state);
  assert.equal(told.length, answers(port).length);
  answers(port).forEach((expected, index) => assert.match(told[index].content, expected));
  // The third edit is the one that was wrong, and the agent went on.
  assert.deepEqual(
    told.map(({ status }) => status),
    told.map((_, index) => (index === 3 ? "error" : "success")),
  );
  assert.equal(told[1].artifact.exit_code, 1);
  assert.equal(told[3].artifact, undefined);
  assert.equal(told[5].artifact.exit_code, 0);
  assert.ok(told.every(({ name }, index) => name === script.flatMap((turn) => turn.calls ?? [])[index].name));
});

describe("in one sandbox", () => {
  /** @type {any} */
  let sandbox;
  before(async () => {
    sandbox = await prepare();
  });
  after(() => sandbox.kill());

  test("a model is told of the tools as they are", async () => {
    const { model, agent } = agentOf(sandbox, [], { root: "/tmp" });
    await agent.invoke(asking("Hello"));
    const expected = plainTools(sandbox, { root: "/tmp" });
    assert.ok(expected.length > 10);
    assert.deepEqual(
      model.told.map((tool) => tool.function),
      expected.map(({ name, description, inputSchema }) => ({ name, description, parameters: inputSchema })),
    );
    assert.deepEqual(
      sandboxTools(sandbox, { root: "/tmp" }).map(({ metadata }) => metadata.annotations),
      expected.map(({ annotations }) => annotations),
    );
    assert.throws(() => sandboxTools(sandbox, { include: ["none"] }), TypeError);
  });

  test("a tool by itself takes arguments or a call", async () => {
    const bash = toolOf(sandbox, "bash");
    assert.equal(await bash.invoke({ command: "echo hello" }), "hello");
    assert.equal(await bash.invoke('{"command":"echo hello"}'), "hello");
    const call = { type: "tool_call", id: "1", name: "bash", args: { command: "echo hello; exit 3" } };
    const { content, artifact, status, tool_call_id } = await bash.invoke(call);
    assert.deepEqual(
      [content, artifact.exit_code, status, tool_call_id],
      ["hello\nExit code: 3", 3, "success", "1"],
    );
    for (const wrong of [undefined, {}, { command: 1 }, '{"comma'])
      assert.match(await bash.invoke(wrong), /It takes `command`/);
  });

  test("images are blocks of content", async () => {
    await sandbox.files.write("/tmp/point.png", Buffer.from(PNG, "base64"));
    const { agent } = agentOf(sandbox, [["read_file", { path: "/tmp/point.png" }]]);
    const [message] = results(await agent.invoke(asking("Look")));
    assert.equal(message.status, "success");
    assert.equal(message.contentBlocks[0].type, "text");
    assert.deepEqual(message.contentBlocks[1], { type: "image", mimeType: "image/png", data: PNG });
  });

  test("what a command writes is told as it comes", async () => {
    const command = "echo first; while [ ! -e /tmp/go ]; do sleep 0.05; done; echo second >&2";
    const { agent } = agentOf(sandbox, [["bash", { command }]]);
    const events = [];
    let text = "";
    const stream = await agent.stream(asking("Go"), { streamMode: ["tools", "messages"] });
    for await (const [mode, data] of stream) {
      if (mode === "messages" && data[0].type === "ai") text += data[0].text;
      if (mode !== "tools") continue;
      events.push(data);
      // It waits for this, so the first was told while it ran.
      if (data.data?.text === "first\n") await sandbox.files.write("/tmp/go", "");
    }
    assert.deepEqual(
      events.map(({ event, toolCallId, name, data }) => [event, toolCallId, name, data]),
      [
        ["on_tool_start", "1.0", "bash", undefined],
        ["on_tool_event", "1.0", "bash", { stream: "stdout", text: "first\n" }],
        ["on_tool_event", "1.0", "bash", { stream: "stderr", text: "second\n" }],
        ["on_tool_end", "1.0", "bash", undefined],
      ],
    );
    assert.equal(text, "Done.");
  });

  test("a run that is aborted ends its command", async () => {
    const { agent, model } = agentOf(sandbox, [["bash", { command: LONG }]]);
    const signal = await aborted(agent, sandbox);
    assert.equal(model.asked.length, 1);
    // And one that is aborted before it begins does nothing.
    const bash = toolOf(sandbox, "bash");
    await assert.rejects(bash.invoke({ command: "touch /tmp/done" }, { signal }), { name: "AbortError" });
    assert.equal(await sandbox.files.exists("/tmp/done"), false);
  });

  test("what is wrong with an input is told to the model, and the agent goes on", async () => {
    const long = "x".repeat(1_000_000);
    /** @type {[name: string, input: any, says: RegExp][]} */
    const wrong = [
      ["bash", {}, /`command` is missing/],
      ["bash", { command: ["ls"] }, /`command` has to be a string/],
      ["bash", { command: "ls", sudo: true }, /There is no `sudo`/],
      ["bash", '{"command": "l', /not complete JSON/],
      ["bash", { command: `echo ${long}` }, /too long/],
      ["bash", { [long]: 1 }, /There is no `x{60}`/],
      ["read_file", { path: "/tmp/shop/../../etc/passwd" }, /leads out of \/tmp\/shop/],
      ["read_file", { path: "/etc/passwd" }, /leads out of \/tmp\/shop/],
      ["write_file", { path: "a\0b", content: "" }, /NUL/],
      ["read_file", { path: long }, /./],
      ["nothing", {}, /not a valid tool/],
    ];
    const right = ["write_file", { path: "long.txt", content: long }];
    const { agent } = agentOf(sandbox, [...wrong.map(([name, input]) => [name, input]), right], {
      root: "/tmp/shop",
    });
    const state = await agent.invoke(asking("Try"), { recursionLimit: 100 });
    const told = results(state);
    wrong.forEach(([, , says], index) => {
      assert.match(told[index].content, says);
      assert.equal(told[index].status, "error", told[index].content);
    });
    // No more of it goes back to the model than it can bear.
    assert.ok(told.slice(0, 9).every(({ content }) => content.length < 1_000));
    assert.equal(told.at(-1).status, "success");
    assert.equal((await sandbox.files.stat("/tmp/shop/long.txt")).size, long.length);
    assert.equal(state.messages.at(-1).text, "Done.");
  });

  test("a person is asked about what changes something", async () => {
    const tools = sandboxTools(sandbox);
    const changing = tools.filter(({ metadata }) => !metadata.annotations.readOnlyHint);
    const interruptOn = Object.fromEntries(changing.map(({ name }) => [name, true]));
    const list = { name: "list_files", input: { path: "/tmp/shop" } };
    const touch = { name: "bash", input: { command: "touch /tmp/done" } };
    const model = new ScriptedModel([{ calls: [list] }, { calls: [touch] }, { text: "As you like." }]);
    const middleware = [humanInTheLoopMiddleware({ interruptOn })];
    const agent = createAgent({ model, tools, middleware, checkpointer: new MemorySaver() });
    const config = { configurable: { thread_id: "1" } };
    const { __interrupt__ } = await agent.invoke(asking("Go"), config);
    const [{ value }] = __interrupt__;
    assert.deepEqual(
      value.actionRequests.map(({ name, args }) => [name, args]),
      [[touch.name, touch.input]],
    );
    const decisions = [{ type: "reject", message: "Better not." }];
    const state = await agent.invoke(new Command({ resume: { decisions } }), config);
    const [listed, refused] = results(state);
    assert.match(listed.content, /server\.mjs/);
    assert.equal(refused.content, "Better not.");
    assert.equal(await sandbox.files.exists("/tmp/done"), false);
  });

  test("a provider gives the sandbox when it is needed", async () => {
    let used = 0;
    /** @param {(sandbox: any) => unknown} work */
    const use = (work) => ((used += 1), work(sandbox));
    const { agent } = agentOf({ use }, [["bash", { command: "echo hello" }]]);
    assert.equal(used, 0);
    const [{ content }] = results(await agent.invoke(asking("Go")));
    assert.deepEqual([content, used], ["hello", 1]);
  });

  test("CommonJS has the same, for agents of ES modules too", async () => {
    const require = createRequire(join(process.env.SUPERSERVE_AGENTS ?? "", "main.cjs"));
    const { sandboxTools } = require("@superserve/sdk/langchain");
    const model = new ScriptedModel([{ calls: [{ name: "bash", input: {} }] }, { text: "Done." }]);
    const agent = createAgent({ model, tools: sandboxTools(sandbox) });
    const [{ content, status }] = results(await agent.invoke(asking("Go")));
    assert.match(content, /`command` is missing/);
    assert.equal(status, "error");
  });
});

const { ANTHROPIC_API_KEY } = process.env;
test("a real model does the task", {
  skip: !ANTHROPIC_API_KEY && "ANTHROPIC_API_KEY is not set",
}, async (t) => {
  const sandbox = await sandboxFor(t);
  await run({ model: process.env.MODEL ?? "anthropic:claude-sonnet-4-5", sandbox });
  assert.match(await sandbox.files.readText("/tmp/shop/price.mjs"), />= ?10_000|> ?9_999/);
});
