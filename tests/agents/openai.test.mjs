// OpenAI's Agents SDK, with the model that its package has for tests.
import assert from "node:assert/strict";
import { test } from "node:test";

import { example, HOME, load } from "./example.mjs";
import { answers, freePort, turns } from "./script.mjs";
import { onServer, sandboxFor } from "./stage.mjs";

const { run } = await example("openai");
const { Agent, applyPatchTool, Runner, shellTool } = await load("@openai/agents");
const { assistantMessage, functionCall, ScriptedModel } = await load("@openai/agents/testing");
const { lazySandbox } = await load("@superserve/sdk/tools");
const { sandboxEditor, sandboxShell, sandboxTools } = await load("@superserve/sdk/openai");

/** A picture of one pixel. */
const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

onServer();

/** A model that takes those turns. @param {import("./script.mjs").Turn[]} turns */
const modelOf = (turns) =>
  new ScriptedModel(
    turns.map((turn, index) =>
      "text" in turn
        ? [assistantMessage(turn.text)]
        : turn.calls.map(({ name, input }, at) => functionCall(name, input, { callId: `${index}.${at}` })),
    ),
  );

/** What the calls of a run have come to. @param {any[]} items */
const outputs = (items) =>
  items.filter(({ type }) => type === "tool_call_output_item").map(({ output }) => output);

const runner = () => new Runner({ tracingDisabled: true });

/** A run of those turns with those tools. @param {any[]} steps @param {any[]} tools @param {any} [options] */
function runOf(steps, tools, options) {
  const model = new ScriptedModel([...steps, [assistantMessage("Done.")]]);
  return runner().run(new Agent({ name: "Tester", model, tools }), "Go on.", options);
}

/** Waits until a command has written that file. @param {any} sandbox @param {string} path */
const written = (sandbox, path) =>
  sandbox.commands.run(`until [ -s ${path} ]; do sleep 0.05; done`, { timeoutMs: 30_000 });

/** Resolves once the process whose id is in that file is gone. @param {any} sandbox @param {string} path */
async function gone(sandbox, path) {
  const { exitCode } = await sandbox.commands.run(
    `while kill -0 $(cat ${path}); do sleep 0.05; done 2>/dev/null`,
    {
      timeoutMs: 30_000,
    },
  );
  assert.equal(exitCode, 0);
}

test("the task is done, call by call", async (t) => {
  const sandbox = await sandboxFor(t);
  const port = await freePort();
  const script = turns(port);
  const model = modelOf(script);
  const { finalOutput, newItems } = await run({ model, sandbox });
  assert.equal(finalOutput, script.at(-1).text);
  const results = outputs(newItems);
  assert.equal(results.length, answers(port).length);
  answers(port).forEach((expected, index) => assert.match(results[index], expected));
  model.assertComplete();
  const { tools } = model.firstCall.request;
  assert.ok(tools.length > 10);
  for (const { type, strict, parameters } of tools) {
    assert.deepEqual([type, strict, parameters.additionalProperties], ["function", true, false]);
    assert.deepEqual(parameters.required, Object.keys(parameters.properties));
  }
});

test("a run that is streamed has the same", async (t) => {
  const sandbox = await sandboxFor(t);
  const model = modelOf([
    { calls: [{ name: "read_file", input: { path: `${HOME}/price.mjs`, offset: null, limit: null } }] },
    { text: "Read." },
  ]);
  const agent = new Agent({ name: "Tester", model, tools: sandboxTools(sandbox) });
  const stream = await runner().run(agent, "Go on.", { stream: true });
  const names = [];
  for await (const event of stream) {
    if (event.type === "run_item_stream_event") names.push(event.name);
  }
  await stream.completed;
  assert.deepEqual(names, ["tool_called", "tool_output", "message_output_created"]);
  assert.match(outputs(stream.newItems)[0], /cents > 10_000/);
});

for (const stream of [false, true]) {
  test(`an abort ends the command, ${stream ? "streamed" : "as one answer"}`, async (t) => {
    const sandbox = await sandboxFor(t);
    const abort = new AbortController();
    const command = "echo $$ >/tmp/marker; exec sleep 600";
    const steps = [[functionCall("bash", { command, cwd: null, timeout_ms: null }, { callId: "1" })]];
    const running = (async () => {
      const result = await runOf(steps, sandboxTools(sandbox), { signal: abort.signal, stream });
      if (stream) await result.completed;
      return result;
    })();
    const ended = running.then(
      (result) => assert.ok(stream && result.cancelled, "it ended by itself"),
      (error) => assert.equal(error.name, "AbortError"),
    );
    await written(sandbox, "/tmp/marker");
    abort.abort();
    await ended;
    await gone(sandbox, "/tmp/marker");
  });
}

test("bad inputs are answered as errors, and the run goes on", async (t) => {
  const sandbox = await sandboxFor(t);
  const inputs = [
    ["read_file", {}, /^Error: .*`path` is missing/],
    ["read_file", { path: 7, offset: null, limit: null }, /^Error: .*`path` has to be a string/],
    ["read_file", { path: "a", offset: null, limit: null, colour: "red" }, /^Error: There is no `colour`/],
    ["read_file", { path: "../../etc/passwd", offset: null, limit: null }, /^Error: .*leads out of/],
    ["read_file", { path: "/etc/passwd", offset: null, limit: null }, /^Error: .*leads out of/],
    ["read_file", { path: `${HOME}/none`, offset: null, limit: null }, /^Error: .*none/],
    ["write_file", { path: `${HOME}/large`, content: "x".repeat(2 ** 20) }, /^Wrote 1048576 bytes/],
    [
      "bash",
      { command: "x".repeat(2 ** 20), cwd: null, timeout_ms: null },
      /^Error: The command is too long/,
    ],
    // These words are the framework's.
    ["bash", '{"command": "ec', /error occurred.*valid JSON/],
    ["bash", "[]", /^Error: The input has to be an object/],
    ["bash", '"ls"', /^Error: The input /],
  ];
  const calls = inputs.map(([name, input], index) => functionCall(name, input, { callId: `${index}` }));
  const { finalOutput, newItems } = await runOf([calls], sandboxTools(sandbox, { root: HOME }));
  assert.equal(finalOutput, "Done.");
  const results = outputs(newItems);
  inputs.forEach(([, , expected], index) => assert.match(results[index], expected));
});

test("an image is one", async (t) => {
  const sandbox = await sandboxFor(t);
  await sandbox.files.write("/tmp/one.png", Buffer.from(PNG, "base64"));
  const model = new ScriptedModel([
    [functionCall("read_file", { path: "/tmp/one.png", offset: null, limit: null }, { callId: "1" })],
    [assistantMessage("Seen.")],
  ]);
  await runner().run(new Agent({ name: "Tester", model, tools: sandboxTools(sandbox) }), "Look.");
  const { output } = model.lastCall.request.input.find(({ type }) => type === "function_call_result");
  assert.equal(output[0].type, "input_text");
  assert.equal(output[1].type, "input_image");
  assert.equal(output[1].image, `data:image/png;base64,${PNG}`);
});

test("what needs approval interrupts the run", async (t) => {
  const sandbox = await sandboxFor(t);
  const step = [
    functionCall("read_file", { path: `${HOME}/price.mjs`, offset: null, limit: null }, { callId: "1" }),
    functionCall("write_file", { path: "/tmp/approved", content: "yes" }, { callId: "2" }),
    functionCall("write_file", { path: "/tmp/rejected", content: "no" }, { callId: "3" }),
  ];
  const policies = [
    true,
    ["write_file"],
    ({ name, input, annotations }) =>
      name === "write_file" && input.content !== "" && annotations.readOnlyHint === false,
  ];
  for (const needsApproval of policies) {
    const tools = sandboxTools(sandbox, { needsApproval });
    const model = new ScriptedModel([step, [assistantMessage("Done.")]]);
    const agent = new Agent({ name: "Tester", model, tools });
    const first = await runner().run(agent, "Go on.");
    assert.deepEqual(
      first.interruptions.map(({ rawItem }) => rawItem.callId),
      ["2", "3"],
    );
    assert.equal(await sandbox.files.exists("/tmp/approved"), false);
    first.state.approve(first.interruptions[0]);
    first.state.reject(first.interruptions[1]);
    const { finalOutput } = await runner().run(agent, first.state);
    assert.equal(finalOutput, "Done.");
    assert.equal(await sandbox.files.readText("/tmp/approved"), "yes");
    assert.equal(await sandbox.files.exists("/tmp/rejected"), false);
    await sandbox.files.remove("/tmp/approved");
  }
});

test("the shell runs commands", async (t) => {
  const sandbox = await sandboxFor(t);
  const shell = sandboxShell(sandbox, { root: HOME });
  const actions = [
    { commands: ["pwd; echo wrong >&2; exit 3", "seq 1 10000", ""], maxOutputLength: 100 },
    { commands: ["echo so far; sleep 600", "echo never"], timeoutMs: 1000 },
  ];
  const steps = [actions.map((action, index) => ({ type: "shell_call", callId: `${index}`, action }))];
  const { newItems } = await runOf(steps, [shellTool({ shell })]);
  const [[first, second, third], late] = outputs(newItems);
  assert.deepEqual(first, {
    stdout: `${HOME}\n`,
    stderr: "wrong\n",
    outcome: { type: "exit", exitCode: 3 },
  });
  assert.match(second.stdout, /^1\n2\n[\d\n]+\[48\d\d\d characters are left out\][\d\n]+10000\n$/);
  assert.deepEqual(second.outcome, { type: "exit", exitCode: 0 });
  assert.match(third.stderr, /The command is empty/);
  assert.deepEqual(third.outcome, { type: "exit", exitCode: null });
  assert.deepEqual(
    late.map(({ stdout, outcome }) => [stdout, outcome]),
    [["so far\n", { type: "timeout" }]],
  );
});

test("the shell's signal ends its command", async (t) => {
  const sandbox = await sandboxFor(t);
  const abort = new AbortController();
  const shell = sandboxShell(sandbox, { signal: abort.signal });
  const running = shell.run({ commands: ["echo $$ >/tmp/marker; exec sleep 600"] });
  const ended = assert.rejects(running, { name: "AbortError" });
  await written(sandbox, "/tmp/marker");
  abort.abort();
  await ended;
  await gone(sandbox, "/tmp/marker");
});

test("the editor applies patches", async (t) => {
  const sandbox = await sandboxFor(t);
  await sandbox.files.write(`${HOME}/run.sh`, "\uFEFF#!/bin/sh\necho one\n", { mode: 0o755 });
  await sandbox.files.write(`${HOME}/data.bin`, new Uint8Array([0xff, 0xfe, 0]));
  await sandbox.files.symlink("/etc", `${HOME}/out`);
  const editor = sandboxEditor(sandbox, { root: HOME });
  const update = (path, diff, moveTo) => ({ type: "update_file", path, diff, ...(moveTo && { moveTo }) });
  const create = (path) => ({ type: "create_file", path, diff: "+one\n+two\n" });
  const remove = (path) => ({ type: "delete_file", path });
  const calls = [
    [create("docs/new.txt"), "completed", /^Created docs\/new\.txt/],
    [create("price.mjs"), "failed", /is there already/],
    [update("run.sh", "@@\n-echo one\n+echo two\n"), "completed", /^Updated run\.sh\.$/],
    [update("run.sh", "@@\n-echo none\n+echo two\n"), "failed", /^The diff does not fit/],
    [update("docs/new.txt", "@@\n-one\n+three\n", "docs/moved.txt"), "completed", /is now docs\/moved\.txt/],
    [update("data.bin", "@@\n-one\n+three\n"), "failed", /no text file/],
    [update("none.txt", "@@\n-one\n+three\n"), "failed", /^none\.txt is not there/],
    [remove("server.mjs"), "completed", /^Deleted server\.mjs/],
    [remove("server.mjs"), "failed", /^server\.mjs is not there/],
    [create("../escaped.txt"), "failed", /leads out of/],
    [create("out/escaped.txt"), "failed", /leads out of/],
    [remove("/etc/hostname"), "failed", /leads out of/],
  ];
  const steps = calls.map(([operation], index) => [
    { type: "apply_patch_call", callId: `${index}`, status: "completed", operation },
  ]);
  const { newItems, finalOutput } = await runOf(steps, [applyPatchTool({ editor })], { maxTurns: 20 });
  assert.equal(finalOutput, "Done.");
  const items = newItems.filter(({ type }) => type === "tool_call_output_item");
  assert.equal(items.length, calls.length);
  items.forEach(({ rawItem }, index) => {
    const [{ path }, status, output] = calls[index];
    assert.equal(rawItem.status, status, `${path}: ${rawItem.output}`);
    assert.match(rawItem.output, output);
  });
  const { files } = sandbox;
  assert.equal(await files.readText(`${HOME}/docs/moved.txt`), "three\ntwo");
  assert.equal(await files.exists(`${HOME}/docs/new.txt`), false);
  const { stdout } = await sandbox.commands.run(`stat -c %a run.sh; od -An -c -N3 run.sh; tail -1 run.sh`, {
    cwd: HOME,
  });
  assert.equal(stdout, "755\n 357 273 277\necho two\n");
});

test("a sandbox that is made when it is needed is one for all", async (t) => {
  let made = 0;
  const lazy = lazySandbox({
    idle: "keep",
    create: () => {
      made += 1;
      return sandboxFor(t);
    },
  });
  t.after(() => lazy.release());
  const tools = sandboxTools(lazy, { include: ["read_file"] });
  const shell = sandboxShell(lazy);
  const editor = sandboxEditor(lazy, { root: HOME });
  assert.equal(made, 0);
  await editor.createFile({ type: "create_file", path: "new.txt", diff: "+one\n" });
  const { output } = await shell.run({ commands: [`cat ${HOME}/new.txt`] });
  assert.equal(output[0].stdout, "one");
  const { newItems } = await runOf(
    [[functionCall("read_file", { path: `${HOME}/new.txt` }, { callId: "1" })]],
    tools,
  );
  assert.match(outputs(newItems)[0], /1\tone/);
  assert.equal(made, 1);
});

test("the task is done by a real model", {
  skip: process.env.OPENAI_API_KEY ? false : "OPENAI_API_KEY is not set",
}, async (t) => {
  const sandbox = await sandboxFor(t);
  await run({ model: process.env.MODEL, sandbox });
  const { exitCode } = await sandbox.commands.run("node --test", { cwd: HOME });
  assert.equal(exitCode, 0);
});
