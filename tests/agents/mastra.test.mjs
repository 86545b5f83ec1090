// Mastra, with a model of the AI SDK for tests, which it takes as any other.
import assert from "node:assert/strict";
import { test } from "node:test";

import { HOME, INSTRUCTIONS, TASK, example, load } from "./example.mjs";
import { answers, freePort, turns } from "./script.mjs";
import { onServer, sandboxFor } from "./stage.mjs";

// Before anything of it is loaded: it would tell of its use.
process.env.MASTRA_TELEMETRY_DISABLED = "1";

const { run } = await example("mastra");
const { Agent } = await load("@mastra/core/agent");
const { Mastra } = await load("@mastra/core/mastra");
const { Workspace, FileNotFoundError, UnsupportedGrepPatternError } = await load("@mastra/core/workspace");
const { InMemoryStore } = await load("@mastra/core/storage");
const { lazySandbox } = await load("@superserve/sdk/tools");
const { SuperserveFilesystem, SuperserveSandbox, sandboxTools } = await load("@superserve/sdk/mastra");
const { MockLanguageModelV4, simulateReadableStream } = await load("ai/test").then(async (ai) => ({
  ...ai,
  ...(await load("ai")),
}));

onServer();

/** @import { Call, Turn } from "./script.mjs" */

const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 1, text: 1, reasoning: 0 },
};

/** A model that takes those turns. An input that is a text is sent as it is. @param {Turn[]} turns */
function modelOf(turns) {
  let turn = 0;
  const next = () => {
    const now = turns[turn++];
    const calls = "calls" in now ? now.calls : [];
    const content = calls.map(({ name, input }, index) => ({
      type: "tool-call",
      toolCallId: `${turn}.${index}`,
      toolName: name,
      input: typeof input === "string" ? input : JSON.stringify(input),
    }));
    const finishReason = { unified: "text" in now ? "stop" : "tool-calls", raw: undefined };
    return { now, content, finishReason };
  };
  return new MockLanguageModelV4({
    doGenerate: async () => {
      const { now, content, finishReason } = next();
      const parts = "text" in now ? [{ type: "text", text: now.text }] : content;
      return { content: parts, finishReason, usage, warnings: [] };
    },
    doStream: async () => {
      const { now, content, finishReason } = next();
      const text = [
        { type: "text-start", id: "1" },
        { type: "text-delta", id: "1", delta: now.text },
        { type: "text-end", id: "1" },
      ];
      const chunks = [
        { type: "stream-start", warnings: [] },
        ...("text" in now ? text : content),
        { type: "finish", finishReason, usage },
      ];
      return { stream: simulateReadableStream({ chunks, initialDelayInMs: null, chunkDelayInMs: null }) };
    },
  });
}

/** What the model was told of the calls, in their order. @param {any} model */
function told(model) {
  const calls = model.doGenerateCalls.length > 0 ? model.doGenerateCalls : model.doStreamCalls;
  return calls
    .at(-1)
    .prompt.filter((/** @type {any} */ { role }) => role === "tool")
    .flatMap((/** @type {any} */ { content }) => content)
    .map((/** @type {any} */ { output }) => output);
}

/** @param {any} options */
const agentOf = (options) =>
  new Agent({ id: "mender", name: "Mender", instructions: INSTRUCTIONS, ...options });

/** @param {any} sandbox @param {string} mark */
async function isRunning(sandbox, mark) {
  // The brackets keep it from finding itself.
  const { exitCode } = await sandbox.commands.run(`pgrep -f '[${mark[0]}]${mark.slice(1)}'`);
  return exitCode === 0;
}

test("the task is done, call by call", async (t) => {
  const sandbox = await sandboxFor(t);
  const port = await freePort();
  const script = turns(port);
  const model = modelOf(script);
  const { text, steps } = await run({ model, sandbox });
  assert.equal(text, script.at(-1).text);
  const results = steps.flatMap((/** @type {any} */ step) =>
    step.toolResults.map(({ payload }) => payload.result),
  );
  assert.equal(results.length, answers(port).length);
  answers(port).forEach((expected, index) => assert.match(JSON.stringify(results[index]), expected));
  // The model sees texts, and a mistake as an error.
  assert.deepEqual(
    told(model).map(({ type }) => type),
    ["text", "text", "text", "error-text", "text", "text", "text", "text"],
  );
});

test("it is streamed, output while a command runs included", async (t) => {
  const sandbox = await sandboxFor(t);
  const command = "echo first; until [ -e /tmp/seen ]; do sleep 0.05; done; echo last";
  const model = modelOf([{ calls: [{ name: "bash", input: { command } }] }, { text: "Done." }]);
  const agent = agentOf({ model, tools: sandboxTools(sandbox) });
  const { fullStream, text } = await agent.stream(TASK);
  const pieces = [];
  for await (const chunk of fullStream) {
    if (chunk.type !== "data-sandbox-stdout") continue;
    assert.equal(chunk.data.toolCallId, "1.0");
    pieces.push(chunk.data.output);
    // The command ends only once its first output was here.
    if (pieces.length === 1) await sandbox.files.write("/tmp/seen", "");
  }
  assert.equal(pieces.join(""), "first\nlast\n");
  assert.equal(await text, "Done.");
});

test("an abort ends the command in the sandbox", async (t) => {
  const sandbox = await sandboxFor(t);
  const model = modelOf([{ calls: [{ name: "bash", input: { command: "echo on; exec sleep 54321" } }] }]);
  const agent = agentOf({ model, tools: sandboxTools(sandbox) });
  const abort = new AbortController();
  const { fullStream } = await agent.stream(TASK, { abortSignal: abort.signal });
  const types = [];
  for await (const { type } of fullStream) {
    types.push(type);
    if (type === "data-sandbox-stdout") {
      assert.ok(await isRunning(sandbox, "sleep 54321"));
      abort.abort();
    }
  }
  assert.ok(types.includes("data-sandbox-stdout"));
  while (await isRunning(sandbox, "sleep 54321"));
  assert.equal(model.doStreamCalls.length, 1);
});

test("a bad input is an error that the model sees, and the run goes on", async (t) => {
  const sandbox = await sandboxFor(t);
  // `[what the model sends, what it is told]`
  const bad = [
    [{ name: "bash", input: {} }, /`command` is missing/],
    [{ name: "bash", input: { command: 7 } }, /`command` /],
    [{ name: "bash", input: { command: "ls", shell: "zsh" } }, /There is no `shell`/],
    [{ name: "bash", input: '{"comm' }, /`command` is missing/],
    [{ name: "bash", input: { command: `: ${"x".repeat(1_000_000)}` } }, /too long/],
    [{ name: "read_file", input: { path: "../../../etc/passwd" } }, /leads out of/],
    [{ name: "read_file", input: { path: "a\0b" } }, /NUL/],
    [{ name: "read_file", input: { path: "none" } }, /none/],
  ];
  const model = modelOf([...bad.map(([call]) => ({ calls: [call] })), { text: "I give up." }]);
  const log = t.mock.method(console, "error", () => {});
  const agent = agentOf({ model, tools: sandboxTools(sandbox, { root: HOME }) });
  const { text } = await agent.generate(TASK, { maxSteps: 20 });
  assert.equal(text, "I give up.");
  // Of half a JSON it tells the console.
  assert.equal(log.mock.callCount(), 1);
  const outputs = told(model);
  assert.equal(outputs.length, bad.length);
  bad.forEach(([, says], index) => {
    assert.equal(outputs[index].type, "error-text");
    assert.match(outputs[index].value, says);
    assert.ok(outputs[index].value.length < 1_000);
  });
});

test("an image is shown to the model", async (t) => {
  const sandbox = await sandboxFor(t);
  const png =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
  await sandbox.files.write("/tmp/dot.png", Buffer.from(png, "base64"));
  const calls = [{ name: "read_file", input: { path: "/tmp/dot.png" } }];
  const model = modelOf([{ calls }, { text: "A dot." }]);
  await agentOf({ model, tools: sandboxTools(sandbox) }).generate(TASK);
  const [{ type, value }] = told(model);
  assert.equal(type, "content");
  assert.ok(JSON.stringify(value[1]).includes(png));
  assert.ok(JSON.stringify(value[1]).includes("image/png"));
});

test("what changes something waits for an approval", async (t) => {
  const sandbox = await sandboxFor(t);
  const tools = sandboxTools(sandbox, { requireApproval: true });
  assert.equal(tools.read_file.requireApproval, false);
  const write = (/** @type {string} */ content) => ({
    calls: [{ name: "write_file", input: { path: "/tmp/approved", content } }],
  });
  const model = modelOf([write("one"), { text: "Written." }, write("two"), { text: "Not written." }]);
  const mastra = new Mastra({
    agents: { mender: agentOf({ model, tools }) },
    storage: new InMemoryStore(),
    logger: false,
  });
  const agent = mastra.getAgent("mender");

  const first = await agent.generate(TASK);
  assert.equal(first.finishReason, "suspended");
  assert.equal(await sandbox.files.exists("/tmp/approved"), false);
  const { toolCallId } = first.suspendPayload;
  const approved = await agent.approveToolCallGenerate({ runId: first.runId, toolCallId });
  assert.equal(approved.text, "Written.");
  assert.equal(await sandbox.files.readText("/tmp/approved"), "one");

  const second = await agent.generate(TASK);
  const declined = await agent.declineToolCallGenerate({
    runId: second.runId,
    toolCallId: second.suspendPayload.toolCallId,
  });
  assert.equal(declined.text, "Not written.");
  assert.equal(await sandbox.files.readText("/tmp/approved"), "one");
});

/** @param {any} sandbox */
const workspaceOf = (sandbox) =>
  new Workspace({
    sandbox: new SuperserveSandbox({ sandbox, workingDirectory: HOME, env: { SHOP: "open" } }),
    filesystem: new SuperserveFilesystem({ sandbox, basePath: HOME }),
  });

test("a workspace: the task is done with Mastra's own tools", async (t) => {
  const sandbox = await sandboxFor(t);
  const port = await freePort();
  const tool = (/** @type {string} */ name, /** @type {any} */ input) => ({
    calls: [{ name: `mastra_workspace_${name}`, input }],
  });
  // `[the call, what it comes to]`
  const steps = [
    [tool("list_files", { path: "." }), /price\.test\.mjs/],
    [tool("execute_command", { command: "node --test; echo $SHOP" }), /fail 1[\s\S]*open/],
    [tool("read_file", { path: "price.mjs" }), /cents > 10_000/],
    [tool("grep", { pattern: "10_000" }), /price\.mjs:10:\d+: .*10_000/],
    [tool("grep", { pattern: "cents\\s>\\s\\d+" }), /price\.mjs:10:/],
    [tool("read_file", { path: "../../etc/passwd" }), /Permission denied/],
    [tool("read_file", { path: "none.mjs" }), /File not found/],
    [
      tool("edit_file", { path: "price.mjs", old_string: "cents > 10_000", new_string: "cents >= 10_000" }),
      /Replaced 1 occurrence/,
    ],
    [tool("execute_command", { command: "node --test" }), /fail 0/],
    [tool("execute_command", { command: `node server.mjs ${port}`, background: true }), /PID: \w+/],
    [tool("execute_command", { command: "exit 3" }), /Exit code: 3/],
    [tool("file_stat", { path: "price.mjs" }), /Type: file Size: \d+ bytes/],
    [
      tool("write_file", { path: "deep/down/note.txt", content: "x".repeat(1_000_000) }),
      /Wrote 1000000 bytes/,
    ],
    [tool("delete", { path: "deep", recursive: true }), /Deleted deep/],
    [tool("execute_command", {}), /command/],
  ];
  const model = modelOf([...steps.map(([call]) => call), { text: "Mended." }]);
  const workspace = workspaceOf(sandbox);
  await workspace.init();
  const { text } = await agentOf({ model, workspace }).generate(TASK, { maxSteps: 30 });
  assert.equal(text, "Mended.");
  const outputs = told(model);
  steps.forEach(([, says], index) => assert.match(JSON.stringify(outputs[index].value), says));
  assert.match(JSON.stringify(model.doGenerateCalls[0].prompt), new RegExp(`Commands start in ${HOME}`));

  // What goes on in the background is found by whoever has its id.
  const [, pid] = /PID: (\w+)/.exec(JSON.stringify(outputs[9].value)) ?? [];
  await sandbox.waitForPort(port);
  const other = workspaceOf(sandbox);
  const found = await other.sandbox.processes.get(pid);
  assert.match(found.command, /node server\.mjs/);
  assert.match(found.stdout, /the shop is open/);
  assert.match(await other.sandbox.networking.getPortUrl(port), new RegExp(`${port}`));
  assert.equal(await other.sandbox.processes.kill(pid), true);
  assert.deepEqual(
    (await sandbox.ports()).filter((one) => one.port === port),
    [],
  );
});

test("a workspace: an abort ends the command in the sandbox", async (t) => {
  const sandbox = await sandboxFor(t);
  const command = "echo on; exec sleep 54322";
  const model = modelOf([{ calls: [{ name: "mastra_workspace_execute_command", input: { command } }] }]);
  const abort = new AbortController();
  const agent = agentOf({ model, workspace: workspaceOf(sandbox) });
  const { fullStream } = await agent.stream(TASK, { abortSignal: abort.signal });
  let isSeen = false;
  for await (const { type } of fullStream) {
    if (type !== "data-sandbox-stdout") continue;
    isSeen = await isRunning(sandbox, "sleep 54322");
    abort.abort();
  }
  assert.ok(isSeen);
  while (await isRunning(sandbox, "sleep 54322"));
});

test("commands and processes of a workspace's sandbox", async (t) => {
  const sandbox = await sandboxFor(t);
  const { sandbox: box } = workspaceOf(sandbox);
  const given = await box.executeCommand("printf '%s|'", ["a b", "$c"], { cwd: ".." });
  assert.deepEqual([given.success, given.stdout, given.stderr], [true, "a b|$c|", ""]);
  const late = await box.executeCommand("echo x; sleep 60", [], { timeout: 1 });
  assert.deepEqual([late.exitCode, late.timedOut, late.stdout], [124, true, "x\n"]);
  const short = await box.executeCommand("echo 0123456789", [], { maxRetainedBytes: 4 });
  assert.deepEqual([short.stdout, short.stdoutTruncated], ["789\n", true]);

  const cat = await box.processes.spawn("cat; echo end");
  await cat.sendStdin("hello\n");
  await cat.closeStdin();
  const ended = await cat.wait({});
  assert.deepEqual([ended.exitCode, ended.stdout], [0, "hello\nend\n"]);
  const deaf = await box.processes.spawn("cat; echo end", { stdinMode: "ignore" });
  assert.equal((await deaf.wait()).stdout, "end\n");
  const lost = await box.processes.spawn("sleep 54323", { timeout: 1 });
  assert.deepEqual((({ exitCode, timedOut }) => [exitCode, timedOut])(await lost.wait()), [124, true]);
  const abort = new AbortController();
  const ends = await box.processes.spawn("sleep 54324", { abortSignal: abort.signal });
  abort.abort();
  assert.equal((await ends.wait()).killed, true);
  assert.equal(await box.processes.get("none"), undefined);
  assert.equal((await box.processes.list()).length, 4);

  await box.writeFiles([{ path: "bin/run", content: "#!/bin/sh\necho ran", mode: 0o755 }]);
  assert.equal((await box.executeCommand("bin/run")).stdout, "ran\n");
});

test("files of a workspace fail as Mastra's do", async (t) => {
  const sandbox = await sandboxFor(t);
  const { filesystem: files } = workspaceOf(sandbox);
  await files.writeFile("src/a.js", "// TODO: é\n", { overwrite: false });
  await sandbox.files.symlink("src", `${HOME}/link`);
  /** @type {[() => Promise<unknown>, string][]} */
  const failures = [
    [() => files.readFile("none"), "ENOENT"],
    [() => files.readFile("src"), "EISDIR"],
    [() => files.readFile("/etc/passwd"), "EACCES"],
    [() => files.readFile("src/../../../etc/passwd"), "EACCES"],
    [() => files.writeFile("src", "x"), "EISDIR"],
    [() => files.writeFile("src/a.js", "x", { overwrite: false }), "EEXIST"],
    [() => files.writeFile("not/a.js", "x", { recursive: false }), "ENOENT"],
    [() => files.writeFile("src/a.js", "x", { expectedMtime: new Date(0) }), "ESTALE"],
    [() => files.deleteFile("src"), "EISDIR"],
    [() => files.copyFile("src", "src2"), "EISDIR"],
    [() => files.copyFile("src/a.js", "price.mjs", { overwrite: false }), "EEXIST"],
    [() => files.moveFile("none", "some"), "ENOENT"],
    [() => files.moveFile("src/a.js", "/etc/a.js"), "EACCES"],
    [() => files.mkdir("price.mjs"), "EEXIST"],
    [() => files.mkdir("x/y/z", { recursive: false }), "ENOENT"],
    [() => files.rmdir("src"), "ENOTEMPTY"],
    [() => files.rmdir("price.mjs"), "ENOTDIR"],
    [() => files.readdir("none"), "ENOENT"],
    [() => files.readdir("price.mjs"), "ENOTDIR"],
  ];
  for (const [call, code] of failures) await assert.rejects(call, { code }, `${call}`);
  await assert.rejects(() => files.stat("none"), FileNotFoundError);
  await assert.rejects(
    () => files.grep({ pattern: "(?=TODO)", path: ".", caseSensitive: true, includeHidden: false }),
    UnsupportedGrepPatternError,
  );

  const found = await files.grep({
    pattern: "todo",
    path: "src",
    caseSensitive: false,
    includeHidden: false,
  });
  assert.deepEqual(found, [{ path: "a.js", matches: [{ line: 1, column: 3, text: "// TODO: é" }] }]);
  assert.equal((await files.stat("link")).type, "directory");
  const { modifiedAt } = await files.stat("src/a.js");
  await files.writeFile("src/a.js", "x", { expectedMtime: modifiedAt });
  await files.appendFile("src/a.js", "y");
  await files.copyFile("src", "deep/copy", { recursive: true });
  await files.moveFile("deep/copy/a.js", "deep/b.js");
  assert.equal(await files.readFile("deep/b.js", { encoding: "utf-8" }), "xy");
  assert.deepEqual(await files.readFile("deep/b.js"), Buffer.from("xy"));
  const names = (/** @type {any[]} */ entries) => entries.map(({ name }) => name);
  assert.deepEqual(names(await files.readdir("deep", { recursive: true, extension: ".js" })), [
    "b.js",
    "copy",
  ]);
  assert.deepEqual(
    (await files.walk(".", { maxDepth: 2 }))
      .filter(({ path }) => path.startsWith("deep"))
      .map(({ path }) => path),
    ["deep", "deep/b.js", "deep/copy"],
  );
  await files.mkdir("deep", { recursive: false });
  await files.rmdir("deep", { recursive: true });
  assert.equal(await files.exists("deep"), false);
  await files.rmdir("deep", { force: true });
  await files.deleteFile("deep", { force: true });

  const fixed = new SuperserveFilesystem({ sandbox, basePath: HOME, readOnly: true });
  await assert.rejects(() => fixed.writeFile("a", "x"), { code: "READ_ONLY" });
  assert.throws(() => new SuperserveFilesystem({ sandbox, basePath: "src" }), TypeError);
  assert.throws(() => new SuperserveSandbox({}), TypeError);
});

test("a workspace pauses and ends what it was given, and lets go of what is shared", async (t) => {
  const sandbox = await sandboxFor(t);
  const workspace = workspaceOf(sandbox);
  await workspace.init();
  const server = await workspace.sandbox.processes.spawn("sleep 54325");
  await workspace.sandbox._stop();
  assert.equal((await sandbox.getInfo()).status, "paused");
  await assert.rejects(server.wait());
  assert.equal((await workspace.sandbox.executeCommand("echo again")).stdout, "again\n");
  await workspace.destroy();
  await assert.rejects(sandbox.getInfo(), { name: "NotFoundError" });

  const shared = lazySandbox({ idle: "kill" });
  const lazy = new Workspace({ sandbox: new SuperserveSandbox({ sandbox: shared }) });
  await lazy.init();
  assert.equal(shared.isStarted, false);
  assert.equal((await lazy.sandbox.executeCommand("echo made")).stdout, "made\n");
  const id = await shared.use((made) => made.id);
  await lazy.destroy();
  assert.equal(shared.isStarted, false);
  const { Sandbox } = await load("@superserve/sdk");
  await assert.rejects(Sandbox.get(id), { name: "NotFoundError" });
});

const { ANTHROPIC_API_KEY, MODEL } = process.env;
test("a real model does the task", {
  skip: !ANTHROPIC_API_KEY && "ANTHROPIC_API_KEY is not set",
}, async (t) => {
  const sandbox = await sandboxFor(t);
  await run({ model: MODEL ?? "anthropic/claude-sonnet-4-5", sandbox });
  const { exitCode } = await sandbox.commands.run("node --test", { cwd: HOME });
  assert.equal(exitCode, 0);
});
