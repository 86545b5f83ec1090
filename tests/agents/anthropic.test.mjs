// Anthropic's SDK: its tool runner, and a model that answers its requests with turns of a script.
import assert from "node:assert/strict";
import { test } from "node:test";

import { example, INSTRUCTIONS, load, TASK } from "./example.mjs";
import { answers, freePort, turns } from "./script.mjs";
import { onServer, sandboxFor } from "./stage.mjs";

const { run } = await example("anthropic");
const { default: Anthropic } = await load("@anthropic-ai/sdk");
const { Sandbox } = await load("@superserve/sdk");
const { bashTool, computerTool, memoryTool, sandboxTools, textEditorTool } =
  await load("@superserve/sdk/anthropic");
const { lazySandbox } = await load("@superserve/sdk/tools");

onServer();

/**
 * A client of a model that takes those turns, and what it was asked.
 *
 * @param {(import("./script.mjs").Turn | { calls: any[] })[]} turns
 */
function modelOf(turns) {
  /** @type {any[]} */
  const requests = [];
  const fetch = async (/** @type {string} */ url, /** @type {any} */ { body }) => {
    assert.equal(new URL(url).pathname, "/v1/messages");
    const request = JSON.parse(body);
    const next = turns[requests.length];
    requests.push(request);
    const blocks =
      "text" in next
        ? [{ type: "text", text: next.text }]
        : next.calls.map(({ name, input, toolset }, index) => ({
            type: "tool_use",
            id: `toolu_${requests.length}_${index}`,
            name,
            input,
            ...(toolset && { toolset_name: toolset }),
          }));
    const message = {
      id: `msg_${requests.length}`,
      type: "message",
      role: "assistant",
      model: request.model,
      stop_reason: "text" in next ? "end_turn" : "tool_use",
      stop_sequence: null,
      usage: { input_tokens: 1, output_tokens: 1 },
    };
    return request.stream ? streamed(message, blocks) : Response.json({ ...message, content: blocks });
  };
  return { requests, client: new Anthropic({ apiKey: "key", baseURL: "http://model.test", fetch }) };
}

/** The same as events. An input that is a text is sent as it is, be it JSON or not. */
function streamed(/** @type {any} */ { stop_reason, ...message }, /** @type {any[]} */ blocks) {
  const events = [
    { type: "message_start", message: { ...message, stop_reason: null, content: [] } },
    ...blocks.flatMap(({ input, text, ...block }, index) => {
      const json = typeof input === "string" ? input : JSON.stringify(input);
      const pieces = text === undefined ? json.match(/[\s\S]{1,40000}/g) : text.match(/\S+\s*/g);
      const empty = text === undefined ? { ...block, input: {} } : { ...block, text: "" };
      return [
        { type: "content_block_start", index, content_block: empty },
        ...pieces.map((/** @type {string} */ piece) => ({
          type: "content_block_delta",
          index,
          delta:
            text === undefined
              ? { type: "input_json_delta", partial_json: piece }
              : { type: "text_delta", text: piece },
        })),
        { type: "content_block_stop", index },
      ];
    }),
    { type: "message_delta", delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: 1 } },
    { type: "message_stop" },
  ];
  const text = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join("");
  return new Response(text, { headers: { "content-type": "text/event-stream" } });
}

/** What was told of each call, once: a request may have those of earlier ones, too. */
function resultsOf(/** @type {any[]} */ requests) {
  const results = requests
    .flatMap(({ messages }) => messages.flatMap(({ content }) => content))
    .filter(({ type }) => type === "tool_result");
  return [...new Map(results.map((result) => [result.tool_use_id, result])).values()];
}

const textOf = (/** @type {any} */ { content }) =>
  typeof content === "string" ? content : content.map(({ type, text }) => text ?? `[${type}]`).join("\n");

/** Has a model call tools, and tells what each call came to: `!` before what has failed. */
async function called(/** @type {any[]} */ tools, /** @type {any[]} */ calls, options = {}) {
  const { client, requests } = modelOf([
    ...calls.map((call) => ({ calls: [call].flat() })),
    { text: "Done." },
  ]);
  const params = { model: "claude", max_tokens: 100, messages: [{ role: "user", content: "Go." }], tools };
  const runner = client.beta.messages.toolRunner({ ...params, ...options });
  for await (const step of runner) if (options.stream) await step.finalMessage();
  return resultsOf(requests).map((result) => (result.is_error ? "!" : "") + textOf(result));
}

/** Calls of one tool, one a turn. */
const turnsOf = (/** @type {any} */ tool, /** @type {any[]} */ inputs, options = {}) =>
  called(
    [tool],
    inputs.map((input) => ({ name: tool.name, input })),
    options,
  );

/** @param {() => Promise<unknown>} holds */
async function until(holds) {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}

const isRunning = async (/** @type {any} */ sandbox, /** @type {string} */ command) =>
  (await sandbox.commands.run(`ps -eo args | grep -Fx '${command}'`)).exitCode === 0;

test("the task is done, call by call", async (t) => {
  const sandbox = await sandboxFor(t);
  const port = await freePort();
  const script = turns(port);
  const { client, requests } = modelOf(script);
  const { content } = await run({ client, model: "claude", sandbox });
  assert.deepEqual(content, [{ type: "text", text: script.at(-1).text }]);

  const [{ system, messages, tools }] = requests;
  assert.equal(system, INSTRUCTIONS);
  assert.deepEqual(messages, [{ role: "user", content: TASK }]);
  for (const { type, name, description, input_schema, ...rest } of tools) {
    assert.equal(type, "custom");
    assert.match(name, /^[a-z_]+$/);
    assert.ok(description.length > 20, name);
    assert.equal(input_schema.type, "object");
    assert.deepEqual(rest, {}, "nothing that the API does not know");
  }
  const results = resultsOf(requests);
  answers(port).forEach((expected, index) => assert.match(textOf(results[index]), expected));
  assert.deepEqual(
    results.flatMap(({ is_error }, index) => (is_error ? [index] : [])),
    [3],
    "the edit of what stands there twice, and a test that fails is no error",
  );
});

test("streaming, and with calls that begin before the answer has ended", async (t) => {
  const sandbox = await sandboxFor(t);
  const port = await freePort();
  const script = turns(port);
  for (const runToolsEagerly of [false, true]) {
    const { client, requests } = modelOf([...script.slice(1, 3), script.at(-1)]);
    const runner = client.beta.messages.toolRunner({
      model: "claude",
      max_tokens: 100,
      messages: [{ role: "user", content: TASK }],
      tools: sandboxTools(sandbox),
      stream: true,
      runToolsEagerly,
    });
    let text = "";
    for await (const stream of runner) stream.on("text", (piece) => (text += piece));
    assert.equal(text, script.at(-1).text);
    const results = resultsOf(requests);
    assert.equal(results.length, 2);
    results.forEach((result, index) => assert.match(textOf(result), answers(port)[index + 2]));
    assert.equal(results[1].is_error, true);
  }
});

test("an abort ends the request, and the command in the sandbox", async (t) => {
  const sandbox = await sandboxFor(t);
  for (const [tool, isStream] of [
    [sandboxTools(sandbox, { include: ["bash"] })[0], false],
    [sandboxTools(sandbox, { include: ["bash"] })[0], true],
    [bashTool(sandbox), false],
  ]) {
    const sleep = `sleep ${await freePort()}.25`;
    const { client, requests } = modelOf([{ calls: [{ name: "bash", input: { command: sleep } }] }]);
    const stop = new AbortController();
    const runner = client.beta.messages.toolRunner(
      {
        model: "claude",
        max_tokens: 100,
        messages: [{ role: "user", content: "Sleep." }],
        tools: [tool],
        stream: isStream,
      },
      { signal: stop.signal },
    );
    const done = assert.rejects(async () => {
      for await (const step of runner) if (isStream) await step.finalMessage();
    }, Anthropic.APIUserAbortError);
    await until(() => isRunning(sandbox, sleep));
    stop.abort();
    await done;
    await until(async () => !(await isRunning(sandbox, sleep)));
    assert.equal(requests.length, 1);
  }
});

test("bad inputs are told the model, and the run goes on", async (t) => {
  const sandbox = await sandboxFor(t);
  const root = "/tmp/shop";
  const tools = [
    ...sandboxTools(sandbox, { root, exclude: ["bash"] }),
    bashTool(sandbox),
    textEditorTool(sandbox, { root }),
    memoryTool(sandbox, { directory: "/tmp/memories" }),
    computerTool(sandbox),
  ];
  const editor = "str_replace_based_edit_tool";
  const long = "x".repeat(2 ** 20);
  const cases = [
    ["read_file", {}, /^!Error: `path` is missing/],
    ["read_file", { path: 7 }, /^!Error: `path` has to be a string/],
    ["read_file", { path: "a", colour: "red" }, /^!Error: There is no `colour`/],
    ["read_file", { path: "../../etc/passwd" }, /^!Error: \/etc\/passwd leads out of \/tmp\/shop/],
    ["write_file", { path: "long.txt", content: long }, /^Wrote 1048576 bytes/],
    ["nothing", {}, /^!Error: Tool 'nothing' not found/],
    ["bash", {}, /^!Error: No command was given/],
    ["bash", { command: ["ls"] }, /^!Error: `command` has to be a string/],
    ["bash", { command: "ls", shell: "zsh" }, /^!Error: There is no `shell`/],
    ["bash", { command: `echo ${long} | wc -c` }, /^1048577$/],
    [editor, {}, /^!Error: `command` is missing/],
    [editor, { command: "undo_edit", path: "a" }, /^!Error: `command` has to be one of view, create/],
    [editor, { command: "view" }, /^!Error: Parameter `path` is required for command: view/],
    [editor, { command: "view", path: "/etc/passwd" }, /^!Error: \/etc\/passwd leads out of/],
    [editor, { command: "view", path: "a\0b" }, /^!Error: A path has no NUL/],
    [
      editor,
      { command: "view", path: "price.mjs", view_range: [1] },
      /^!Error: `view_range` has to be an array of 2/,
    ],
    [editor, { command: "create", path: "big", file_text: long }, /^File created successfully/],
    ["memory", { command: "view", path: "/etc" }, /^!Error: Path must start with \/memories, got: \/etc/],
    ["memory", { command: "rename", old_path: "/memories/a" }, /^!Error: Parameter `new_path` is required/],
    ["computer", { action: "dance" }, /^!Error: `action` has to be one of key/],
    [
      "computer",
      { action: "left_click", coordinate: [-1, 2] },
      /^!Error: `coordinate` has to be an array of 2/,
    ],
    ["computer", { action: "screenshot" }, /^!Error: .*screen/],
  ];
  const results = await called(
    tools,
    cases.map(([name, input]) => ({ name, input })),
  );
  cases.forEach(([name, , expected], index) => assert.match(results[index].slice(0, 400), expected, name));

  const halves = [
    { name: "read_file", input: '{"path": "/tmp/shop/pri' },
    { name: editor, input: '{"command": "view", "pa' },
  ];
  const [read, viewed] = await called(tools, halves, { stream: true });
  assert.match(read, /^!/);
  assert.match(viewed, /^!Error: Parameter `path` is required/);
});

test("what a file shows: images, and names that are no text", async (t) => {
  const sandbox = await sandboxFor(t);
  const png = Buffer.from("89504e470d0a1a0a0000", "hex");
  await sandbox.files.write("/tmp/dir/dot.png", png);
  await sandbox.commands.run("touch \"$(printf '/tmp/dir/\\377')\"");
  const tools = [...sandboxTools(sandbox, { include: ["read_file", "list_files"] }), textEditorTool(sandbox)];
  const calls = [
    { name: "read_file", input: { path: "/tmp/dir/dot.png" } },
    { name: "str_replace_based_edit_tool", input: { command: "view", path: "/tmp/dir/dot.png" } },
    { name: "list_files", input: { path: "/tmp/dir" } },
    { name: "str_replace_based_edit_tool", input: { command: "view", path: "/tmp/dir" } },
  ];
  const { client, requests } = modelOf([{ calls }, { text: "Seen." }]);
  const messages = [{ role: "user", content: "Look." }];
  await client.beta.messages.toolRunner({ model: "claude", max_tokens: 100, messages, tools });
  const results = resultsOf(requests);
  const source = { type: "base64", media_type: "image/png", data: png.toString("base64") };
  for (const { content } of results.slice(0, 2)) {
    assert.deepEqual(content.slice(1), [{ type: "image", source }]);
    assert.match(content[0].text, /dot\.png: image\/png/);
  }
  for (const result of results.slice(2)) assert.match(textOf(result), /\/tmp\/dir\/\ufffd/);
});

test("strict tools have schemas that the API takes", async (t) => {
  const sandbox = await sandboxFor(t);
  const [bash, glob] = sandboxTools(sandbox, { include: ["bash", "glob"], strict: ["bash"] });
  assert.equal(bash.strict, true);
  assert.equal(bash.input_schema.additionalProperties, false);
  assert.doesNotMatch(JSON.stringify(bash.input_schema), /"(minimum|maximum|minItems|maxItems)"/);
  assert.ok(!("strict" in glob));
});

test("bash goes on from one command to the next", async (t) => {
  const sandbox = await sandboxFor(t);
  const bash = bashTool(sandbox, { cwd: "/tmp/shop", env: { COLOUR: "red" } });
  assert.deepEqual([bash.type, bash.name], ["bash_20250124", "bash"]);
  assert.equal(bashTool(sandbox, { version: "20241022" }).type, "bash_20241022");
  assert.throws(() => bashTool(sandbox, { version: "19990101" }), TypeError);
  const results = await turnsOf(bash, [
    { command: 'cd /tmp; x=it\\\'s; f() { echo "$x $1"; }' },
    { command: "pwd; f ok; echo $COLOUR; echo bad >&2; ls /tmp/shop | sort | head -1" },
    { command: "false" },
    { command: "if true; then echo 'unclosed" },
    { command: "cat; exec >/dev/null 2>&1; echo lost" },
    { command: "echo still here; printf 'no line end'" },
    { command: "sleep 3121.5 & echo started" },
    { command: "seq 1 100000" },
    { command: "echo bye; exit 3" },
    { command: "pwd" },
    { restart: true },
    { command: "pwd; f ok" },
  ]);
  assert.deepEqual(results.slice(0, 3), [
    "(no output)",
    "/tmp\nit's ok\nred\nbad\nprice.mjs",
    "(no output)\nExit code: 1",
  ]);
  assert.match(results[3], /unexpected EOF|unterminated/i);
  assert.match(results[3], /Exit code: [12]$/);
  assert.deepEqual(results.slice(4, 7), ["(no output)", "still here\nno line end", "started"]);
  assert.match(results[7], /^1\n2\n[\s\S]*\[\d+ characters left out here\..*\][\s\S]*\n100000$/);
  assert.ok(results[7].length < 31_000, `${results[7].length}`);
  assert.match(results[8], /^!Error: bye\nThe shell has ended: set restart to true/);
  assert.match(results[9], /^!Error: The shell has ended: set restart to true/);
  assert.equal(results[10], "tool has been restarted.");
  assert.match(results[11], /^\/tmp\/shop\n.*f: .*not found\nExit code: 127$/);
  await until(async () => !(await isRunning(sandbox, "sleep 3121.5")));
  await bash.close();
  assert.deepEqual(await sandbox.processes.list(), [], "nothing is left");
});

test("bash: calls of one turn are done one after the other", async (t) => {
  const sandbox = await sandboxFor(t);
  const bash = bashTool(sandbox);
  const commands = ["n=1", "n=$((n + 1)); sleep 0.1", "n=$((n * 10))", "echo $n"];
  const calls = commands.map((command) => ({ name: "bash", input: { command } }));
  assert.equal((await called([bash], [calls])).at(-1), "20");
});

test("bash: a command that takes too long ends its shell", async (t) => {
  const sandbox = await sandboxFor(t);
  const bash = bashTool(sandbox, { timeoutMs: 500 });
  const results = await turnsOf(bash, [
    { command: "echo begun; sleep 3121.75" },
    { command: "echo more" },
    { restart: true },
    { command: "echo more" },
  ]);
  assert.match(results[0], /^!Error: begun\nTimed out: bash has not returned in 0.5 seconds/);
  assert.match(results[1], /^!Error: Timed out.*set restart to true/);
  assert.equal(results[3], "more");
  assert.ok(!(await isRunning(sandbox, "sleep 3121.75")));
});

test("bash outlasts a pause of its sandbox", async (t) => {
  const provider = lazySandbox({ create: { name: "agents" }, idle: "kill", idleMs: 600_000 });
  t.after(() => provider.release());
  const bash = bashTool(provider);
  assert.ok(!provider.isStarted);
  assert.deepEqual(await turnsOf(bash, [{ command: "x=7; sleep 3121.25 &" }]), ["(no output)"]);
  await provider.use((sandbox) => sandbox.pause());
  assert.deepEqual(await turnsOf(bash, [{ command: "echo $x" }]), ["7"]);
});

test("the text editor's commands", async (t) => {
  const sandbox = await sandboxFor(t);
  const editor = textEditorTool(sandbox, { version: "20250124" });
  assert.deepEqual([editor.type, editor.name], ["text_editor_20250124", "str_replace_editor"]);
  const path = "/tmp/shop/notes.txt";
  const results = await turnsOf(editor, [
    { command: "create", path, file_text: "one\ntwo\nthree\n" },
    { command: "create", path, file_text: "other" },
    { command: "view", path },
    { command: "view", path, view_range: [2, -1] },
    { command: "view", path, view_range: [9, 10] },
    { command: "str_replace", path, old_str: "two", new_str: "2\n$&" },
    { command: "str_replace", path, old_str: "e" },
    { command: "str_replace", path, old_str: "four", new_str: "4" },
    { command: "insert", path, insert_line: 0, new_str: "zero" },
    { command: "insert", path, insert_line: 6, insert_text: "end" },
    { command: "insert", path, insert_line: 99, new_str: "x" },
    { command: "view", path },
    { command: "undo_edit", path },
    { command: "undo_edit", path },
    { command: "view", path },
    { command: "undo_edit", path },
    { command: "undo_edit", path },
    { command: "undo_edit", path },
    { command: "view", path },
    { command: "view", path: "/tmp/shop" },
  ]);
  const shown = (/** @type {string[]} */ lines, first = 1) =>
    `Here's the content of ${path} with line numbers:\n` +
    lines.map((line, at) => `${String(at + first).padStart(6)}\t${line}`).join("\n");
  assert.equal(results[0], `File created successfully at: ${path}`);
  assert.match(results[1], /^!Error: File .*notes\.txt already exists/);
  assert.equal(results[2], shown(["one", "two", "three", ""]));
  assert.equal(results[3], shown(["two", "three", ""], 2));
  assert.match(results[4], /^!Error: Invalid `view_range`/);
  assert.match(results[5], /has been edited[\s\S]*\n {5}2\t2\n {5}3\t\$&\n/);
  assert.match(
    results[6],
    /^!Error: No replacement was performed\. Multiple occurrences .* in lines: 1, 4, 4\. /,
  );
  assert.match(results[7], /^!Error: No replacement was performed, old_str `four` did not appear verbatim/);
  assert.equal(results[8], `The file ${path} has been edited.`);
  assert.match(results[10], /^!Error: Invalid `insert_line` parameter: 99/);
  assert.equal(results[11], shown(["zero", "one", "2", "$&", "three", "", "end"]));
  assert.equal(results[12], `Last edit to ${path} undone successfully.`);
  assert.equal(results[14], shown(["one", "2", "$&", "three", ""]));
  assert.match(results[17], /^!Error: No edit history found/);
  assert.match(results[18], /^!Error: The path .*notes\.txt does not exist/);
  assert.match(
    results[19],
    /^Here're the files .* deep in \/tmp\/shop, [\s\S]*\n[\d.]+[BKMG]\t\/tmp\/shop\/price\.mjs/,
  );
});

test("the text editor: bytes that are no text, binary files, long ones", async (t) => {
  const sandbox = await sandboxFor(t);
  const editor = textEditorTool(sandbox, { maxCharacters: 40 });
  assert.deepEqual(
    [editor.type, editor.name, editor.max_characters],
    ["text_editor_20250728", "str_replace_based_edit_tool", 40],
  );
  assert.ok(!("max_characters" in textEditorTool(sandbox, { version: "20250429", maxCharacters: 40 })));
  const path = "/tmp/latin";
  await sandbox.files.write(path, new Uint8Array([0xe9, 10, 0x61, 10]), { mode: 0o755 });
  await sandbox.files.write("/tmp/binary", new Uint8Array([1, 0, 2]));
  await sandbox.files.write("/tmp/long", "0123456789\n".repeat(9));
  await sandbox.files.symlink("/tmp/long", "/tmp/link");
  const results = await turnsOf(editor, [
    { command: "str_replace", path, old_str: "a", new_str: "b" },
    { command: "insert", path, insert_line: 1, insert_text: "c\n" },
    { command: "insert", path, insert_line: 1, new_str: "c" },
    { command: "view", path: "/tmp/binary" },
    { command: "view", path: "/tmp/link" },
    { command: "str_replace", path: "/tmp/shop", old_str: "a", new_str: "b" },
  ]);
  assert.deepEqual([...(await sandbox.files.read(path))], [0xe9, 10, 0x63, 10, 0x62, 10]);
  assert.equal((await sandbox.files.stat(path)).mode, 0o755);
  assert.match(results[2], /^!Error: Parameter `insert_text` is required/);
  assert.match(results[3], /^!Error: \/tmp\/binary is a binary file/);
  assert.match(results[4], /\n {5}2\t0123456789\n\[8 more lines: view them with view_range, from 3 on\.\]$/);
  assert.match(results[5], /^!Error: The path \/tmp\/shop is not a file/);
});

test("memory's commands, and no way out of it", async (t) => {
  const sandbox = await sandboxFor(t);
  const directory = "/tmp/shop/memories";
  const memory = memoryTool(sandbox, { directory });
  assert.deepEqual([memory.type, memory.name], ["memory_20250818", "memory"]);
  const path = "/memories/people/anna.md";
  const results = await turnsOf(memory, [
    { command: "view", path: "/memories" },
    { command: "create", path, file_text: "likes tea\n" },
    { command: "create", path, file_text: "x" },
    { command: "str_replace", path, old_str: "tea", new_str: "coffee" },
    { command: "insert", path, insert_line: 1, insert_text: "and cake" },
    { command: "view", path },
    { command: "rename", old_path: path, new_path: "/memories/friends/anna.md" },
    { command: "create", path, file_text: "again" },
    { command: "rename", old_path: path, new_path: "/memories/friends/anna.md" },
    { command: "rename", old_path: "/memories/none", new_path: "/memories/some" },
    { command: "view", path: "/memories" },
    { command: "delete", path: "/memories/friends" },
    { command: "delete", path: "/memories/friends" },
    { command: "delete", path: "/memories/" },
    { command: "rename", old_path: "/memories/.", new_path: "/memories/x" },
  ]);
  assert.match(results[0], /^Here're the files [\s\S]*\t\/memories$/);
  assert.equal(results[1], `File created successfully at: ${path}`);
  assert.match(results[2], /^!Error: File \/memories\/people\/anna\.md already exists/);
  assert.match(results[3], /^The memory file has been edited\. [\s\S]*\tlikes coffee/);
  assert.match(results[5], /\n {5}1\tlikes coffee\n {5}2\tand cake\n {5}3\t$/);
  assert.equal(results[6], `Successfully renamed ${path} to /memories/friends/anna.md`);
  assert.match(results[8], /^!Error: The destination \/memories\/friends\/anna\.md already exists/);
  assert.match(results[9], /^!Error: The path \/memories\/none does not exist/);
  assert.match(
    results[10],
    /\t\/memories\/friends\/\n.*\t\/memories\/friends\/anna\.md\n.*\t\/memories\/people\//,
  );
  assert.equal(results[11], "Successfully deleted /memories/friends");
  assert.match(results[12], /^!Error: The path \/memories\/friends does not exist/);
  assert.match(results[13], /^!Error: Cannot delete the \/memories directory itself/);
  assert.match(results[14], /^!Error: Cannot rename the \/memories directory itself/);
  assert.equal(await sandbox.files.readText(`${directory}/people/anna.md`), "again");

  await sandbox.files.symlink("/tmp/shop", `${directory}/out`);
  const tricks = [
    "/memories/../price.mjs",
    "/memories/out/price.mjs",
    "/memories/a/../../price.mjs",
    "/memoriesque",
  ];
  const inputs = tricks.flatMap((path) => [
    { command: "view", path },
    { command: "delete", path },
    { command: "create", path, file_text: "" },
    { command: "rename", old_path: "/memories/people", new_path: path },
  ]);
  for (const result of await turnsOf(memory, inputs)) {
    assert.match(result, /^!Error: Path (.* would escape \/memories directory|must start with \/memories)/);
  }
  assert.ok(await sandbox.files.exists("/tmp/shop/price.mjs"));
});

test("what changes something is approved first", async (t) => {
  const sandbox = await sandboxFor(t);
  /** @type {any[]} */
  const asked = [];
  const approve = (/** @type {any} */ { name, input }) => {
    asked.push([name, input.command]);
    return input.command === "create" ? "Not today." : input.command === "touch /tmp/approved";
  };
  const tools = [textEditorTool(sandbox, { approve }), bashTool(sandbox, { approve })];
  const [{ name }] = tools;
  const results = await called(tools, [
    { name, input: { command: "view", path: "/tmp/shop/price.mjs" } },
    { name, input: { command: "create", path: "/tmp/x", file_text: "" } },
    { name: "bash", input: { command: "touch /tmp/refused" } },
    { name: "bash", input: { command: "touch /tmp/approved" } },
  ]);
  assert.deepEqual(asked, [
    [name, "create"],
    ["bash", "touch /tmp/refused"],
    ["bash", "touch /tmp/approved"],
  ]);
  assert.equal(results[1], "!Error: Not today.");
  assert.match(results[2], /^!Error: This was not approved/);
  const there = ["/tmp/x", "/tmp/refused", "/tmp/approved"].map((path) => sandbox.files.exists(path));
  assert.deepEqual(await Promise.all(there), [false, false, true]);

  const stop = new AbortController();
  const never = bashTool(sandbox, { approve: () => new Promise(() => stop.abort()) });
  await assert.rejects(never.run({ command: "ls" }, { signal: stop.signal }), { name: "AbortError" });
});

/** A sandbox whose screen writes down what is done with it. */
function screened(/** @type {any} */ sandbox) {
  /** @type {any[]} */
  const done = [];
  let [width, height] = [1024, 768];
  const desktop = new Proxy(
    {},
    {
      get:
        (_, method) =>
        async (/** @type {any[]} */ ...args) => {
          const given = args.filter(
            (one) => !Object.hasOwn(Object(one), "signal") || Object.keys(one).length > 1,
          );
          if (method !== "screenshot") done.push([method, ...given]);
          if (method === "resize") [width, height] = args;
          return { data: new Uint8Array([width % 256, height % 256]), width, height };
        },
    },
  );
  const { id, commands, files } = sandbox;
  return { done, sandbox: { id, commands, files, desktop } };
}

test("computer: what each action does, by versions", async (t) => {
  const real = await sandboxFor(t);
  const { done, sandbox } = screened(real);
  const computer = computerTool(sandbox, { version: "20250124", width: 800, height: 600 });
  const { type, name, display_width_px, display_height_px } = computer;
  assert.deepEqual(
    [type, name, display_width_px, display_height_px],
    ["computer_20250124", "computer", 800, 600],
  );
  const results = await turnsOf(computer, [
    { action: "left_click" },
    { action: "left_click", coordinate: [10, 20] },
    { action: "right_click" },
    { action: "middle_click", coordinate: [1, 2] },
    { action: "double_click", coordinate: [3, 4] },
    { action: "triple_click", coordinate: [5, 6] },
    { action: "left_click_drag", start_coordinate: [1, 1], coordinate: [7, 8] },
    { action: "cursor_position" },
    { action: "left_mouse_down" },
    { action: "mouse_move", coordinate: [30, 40] },
    { action: "left_mouse_up" },
    { action: "left_mouse_up" },
    { action: "scroll", coordinate: [9, 9], scroll_direction: "down", scroll_amount: 3 },
    { action: "type", text: "hello" },
    { action: "key", text: "ctrl+s" },
    { action: "wait", duration: 0.01 },
    { action: "screenshot" },
    { action: "left_click", coordinate: [1, 1], text: "shift" },
    { action: "hold_key", text: "a", duration: 1 },
  ]);
  const click = { type: "click", x: 5, y: 6 };
  assert.deepEqual(done, [
    ["resize", 800, 600],
    ["click", 10, 20],
    ["rightClick", 10, 20],
    ["middleClick", 1, 2],
    ["doubleClick", 3, 4],
    ["actions", [click, click, click]],
    ["drag", [1, 1], [7, 8]],
    ["drag", [7, 8], [30, 40]],
    ["moveMouse", 9, 9],
    ["scroll", { dx: 0, dy: 3, signal: undefined }],
    ["write", "hello"],
    ["actions", [{ type: "press", keys: "ctrl+s" }]],
  ]);
  assert.match(results[0], /^!Error: Where the mouse is is not known yet/);
  assert.equal(results[1], "Clicked.\n[image]");
  assert.equal(results[7], "X=7,Y=8");
  assert.match(results[11], /^!Error: The left mouse button is not pressed/);
  assert.equal(results[12], "Scrolled down.\n[image]");
  assert.match(results[17], /^!Error: .*holds no keys/);
  assert.match(results[18], /^!Error: `action` has to be one of/);
  const old = await turnsOf(computerTool(sandbox, { version: "20241022" }), [
    { action: "mouse_move", coordinate: [3, 3] },
    { action: "left_click" },
    { action: "triple_click" },
  ]);
  assert.match(old[2], /^!Error: `action` has to be one of/);
});

test("computer: the toolset", async (t) => {
  const { done, sandbox } = screened(await sandboxFor(t));
  const computer = computerTool(sandbox, { version: "20260801" });
  const call = (/** @type {string} */ name, input = {}) => ({ name, input, toolset: "computer" });
  const { client, requests } = modelOf([
    { calls: [call("left_click", { coordinate: [4, 5] }), call("key", { text: "a", repeat: 2 })] },
    { calls: [call("cursor_position"), call("screenshot")] },
    { calls: [call("zoom", { region: [0, 0, 1, 1] }), call("type", { text: "not done" })] },
    { text: "Done." },
  ]);
  const messages = [{ role: "user", content: "Click." }];
  await client.beta.messages.toolRunner({ model: "claude", max_tokens: 100, messages, tools: [computer] });
  assert.deepEqual(requests[0].tools, [
    {
      type: "computer_toolset_20260801",
      configs: { hold_key: { enabled: false }, zoom: { enabled: false } },
    },
  ]);
  const results = resultsOf(requests);
  assert.ok(results.every(({ toolset_name }) => toolset_name === "computer"));
  assert.deepEqual(results.slice(0, 4).map(textOf), ["Clicked.", "Pressed a.", "X=4,Y=5", "[image]"]);
  assert.match(textOf(results[4]), /^Error: /);
  assert.match(textOf(results[5]), /^Not executed/);
  assert.deepEqual(done.slice(1), [
    ["click", 4, 5],
    [
      "actions",
      [
        { type: "press", keys: "a" },
        { type: "press", keys: "a" },
      ],
    ],
  ]);
});

test("computer: a real screen, where the machine can have one", async (t) => {
  const sandbox = await Sandbox.create({ name: "agents", fromTemplate: "superserve/desktop" });
  t.after(() => sandbox.kill());
  const computer = computerTool(sandbox, { version: "20251124", width: 640, height: 480 });
  const [result] = await turnsOf(computer, [{ action: "left_click", coordinate: [10, 10] }]);
  if (/^!Error: .*not (installed|running)/.test(result)) return t.skip(result);
  assert.equal(result, "Clicked.\n[image]");
  const { width, height } = await sandbox.desktop.screenshot();
  assert.deepEqual([width, height], [640, 480]);
});

test("a real model does the task", { skip: !process.env.ANTHROPIC_API_KEY }, async (t) => {
  const sandbox = await sandboxFor(t);
  await run({ client: new Anthropic(), model: process.env.MODEL ?? "claude-sonnet-4-5", sandbox });
  const { exitCode } = await sandbox.commands.run("node --test", { cwd: "/tmp/shop" });
  assert.equal(exitCode, 0);
});
