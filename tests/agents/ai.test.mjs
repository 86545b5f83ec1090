// The AI SDK in both of its majors, with the models that its packages have for tests, and what else takes a sandbox of it.
import assert from "node:assert/strict";
import { cpSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";

import { example, HOME, load, prepare } from "./example.mjs";
import { gone, long, written } from "./processes.mjs";
import { answers, freePort, turns } from "./script.mjs";
import { onServer, sandboxFor } from "./stage.mjs";

const { run } = await example("ai");
const { lazySandbox } = await load("@superserve/sdk/tools");

onServer();

/** The major before the newest, in a project of its own. */
async function older() {
  const home = mkdtempSync(join(process.env.SUPERSERVE_AGENTS, "ai-6-"));
  after(() => rmSync(home, { recursive: true }));
  const modules = join(home, "node_modules");
  mkdirSync(join(modules, "@superserve"), { recursive: true });
  const ours = join(process.env.SUPERSERVE_AGENTS, "node_modules/@superserve/sdk");
  cpSync(ours, join(modules, "@superserve/sdk"), { recursive: true });
  symlinkSync(fileURLToPath(new URL("node_modules/ai-6", import.meta.url)), join(modules, "ai"));
  copyFileSync(fileURLToPath(new URL("load.mjs", import.meta.url)), join(home, "load.mjs"));
  const { load } = await import(pathToFileURL(join(home, "load.mjs")).href);
  const [ai, { MockLanguageModelV3 }, adapter] = await Promise.all(
    ["ai", "ai/test", "@superserve/sdk/ai"].map(load),
  );
  return { ai, adapter, Model: MockLanguageModelV3 };
}

const newest = {
  ai: await load("ai"),
  adapter: await load("@superserve/sdk/ai"),
  Model: (await load("ai/test")).MockLanguageModelV4,
};

/**
 * A model that takes those turns. An input that is a text is what it has written, whole or not.
 *
 * @param {any} Model
 * @param {import("./script.mjs").Turn[]} turns
 */
function modelOf(Model, turns) {
  let turn = 0;
  const usage = { inputTokens: { total: 1 }, outputTokens: { total: 1 } };
  function next() {
    const next = turns[turn++];
    const content = (next.calls ?? []).map(({ name, input }, index) => ({
      type: "tool-call",
      toolCallId: `${turn}.${index}`,
      toolName: name,
      input: typeof input === "string" ? input : JSON.stringify(input),
    }));
    const finishReason = { unified: next.calls ? "tool-calls" : "stop", raw: undefined };
    return { content, text: next.text, finishReason, usage };
  }
  return new Model({
    doGenerate: async () => {
      const { text, content, ...rest } = next();
      return { content: text ? [{ type: "text", text }] : content, ...rest, warnings: [] };
    },
    doStream: async () => {
      const { text, content, ...end } = next();
      const words = (text ?? "").split(/(?<= )/);
      const said = [
        { type: "text-start", id: "1" },
        ...words.map((delta) => ({ type: "text-delta", id: "1", delta })),
        { type: "text-end", id: "1" },
      ];
      const parts = [{ type: "stream-start", warnings: [] }, ...(text ? said : content)];
      return { stream: ReadableStream.from([...parts, { type: "finish", ...end }]) };
    },
  });
}

/** @param {string} name @param {Record<string, any>} input */
const call = (name, input) => ({ calls: [{ name, input }] });
const DONE = { text: "That is all." };

/** What the model was told of the tools' results, call by call. */
const toldOf = (/** @type {any} */ model, calls = model.doGenerateCalls) =>
  calls
    .at(-1)
    .prompt.filter(({ role }) => role === "tool")
    .flatMap(({ content }) => content.map(({ output }) => output));

const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

test("the task is done, call by call", async (t) => {
  const sandbox = await sandboxFor(t);
  const port = await freePort();
  const script = turns(port);
  const { text, steps } = await run({ model: modelOf(newest.Model, script), sandbox });
  assert.equal(text, script.at(-1).text);
  const results = steps.flatMap(({ toolResults }) => toolResults.map(({ output }) => output));
  assert.equal(results.length, answers(port).length);
  answers(port).forEach((expected, index) => assert.match(JSON.stringify(results[index]), expected));
});

test("the task is done by a real model", {
  skip: !process.env.AI_GATEWAY_API_KEY && "AI_GATEWAY_API_KEY is not set",
}, async (t) => {
  const sandbox = await sandboxFor(t);
  await run({ model: process.env.MODEL ?? "anthropic/claude-sonnet-4.5", sandbox });
  const { exitCode } = await sandbox.commands.run("node --test", { cwd: HOME });
  assert.equal(exitCode, 0);
});

for (const [major, { ai, adapter, Model }] of Object.entries({ 7: newest, 6: await older() })) {
  const { sandboxTools } = adapter;
  const settings = { prompt: "Go on.", stopWhen: ai.stepCountIs(20), maxRetries: 0 };

  describe(`ai ${major}`, () => {
    /** @type {any} */
    let sandbox;
    before(async () => {
      sandbox = await prepare();
    });
    after(() => sandbox.kill());

    test("tools say what they are", async () => {
      const tools = sandboxTools(lazySandbox(), { strict: true, exclude: ["glob"] });
      const { glob, bash, computer } = tools;
      assert.equal(glob, undefined);
      assert.equal(computer, undefined);
      const model = modelOf(Model, [DONE]);
      await ai.generateText({ ...settings, model, tools });
      const told = model.doGenerateCalls[0].tools.find(({ name }) => name === "bash");
      assert.equal(told.description, bash.description);
      assert.equal(told.strict, true);
      assert.deepEqual(told.inputSchema.required, ["command", "cwd", "timeout_ms"]);
      assert.deepEqual(bash.outputSchema.jsonSchema.required, ["content"]);
      assert.equal("strict" in sandboxTools(lazySandbox()).bash, false);
    });

    test("a stream has the calls, what they write as they go on, and the text", async () => {
      // It ends once somebody has seen that it has begun.
      const command = "echo one; until [ -e /tmp/seen ]; do sleep 0.05; done; echo two";
      const script = [
        call("bash", { command, cwd: null, timeout_ms: null }),
        call("list_files", { path: HOME, depth: null }),
        DONE,
      ];
      const tools = sandboxTools(sandbox, { preliminary: true });
      const result = ai.streamText({ ...settings, model: modelOf(Model, script), tools });
      const seen = [];
      let text = "";
      for await (const part of result.fullStream) {
        if (part.type === "text-delta") text += part.text;
        if (part.type === "tool-result") {
          seen.push(part);
          if (part.preliminary) await sandbox.files.write("/tmp/seen", "");
        }
        assert.notEqual(part.type, "tool-error");
      }
      assert.equal(text, DONE.text);
      assert.equal(seen[0].preliminary, true);
      assert.deepEqual(seen[0].output, { content: [{ type: "text", text: "one\n" }] });
      const [first, second] = seen.filter(({ preliminary }) => !preliminary);
      assert.equal(first.output.structured.output, "one\ntwo");
      assert.match(second.output.content[0].text, /price\.mjs/);
      assert.equal((await result.steps).length, 3);
    });

    for (const [way, preliminary] of [
      ["generateText", false],
      ["streamText", true],
    ]) {
      test(`an abort ends ${way} and the command`, async () => {
        const control = new AbortController();
        const script = [call("bash", { command: long(`/tmp/${way}`), cwd: null, timeout_ms: 300_000 }), DONE];
        const model = modelOf(Model, script);
        const tools = sandboxTools(sandbox, { preliminary });
        const options = { ...settings, model, tools, abortSignal: control.signal };
        const types = [];
        const over = (async () => {
          if (way === "generateText") return ai.generateText(options);
          for await (const { type } of ai.streamText(options).fullStream) types.push(type);
        })();
        const pids = await written(sandbox, `/tmp/${way}`);
        control.abort();
        if (way === "generateText") await assert.rejects(over, { name: "AbortError" });
        else await over;
        await gone(sandbox, pids);
        if (way === "streamText") assert.equal(types.at(-1), "abort");
        assert.equal(model.doGenerateCalls.length + model.doStreamCalls.length, 1);
      });
    }

    test("what a model gets wrong it is told, and the run goes on", async () => {
      const million = "x".repeat(1_000_000);
      const text = { offset: null, limit: null };
      const bad = [
        { name: "read_file", input: {}, says: /path.*missing/ },
        { name: "bash", input: { command: 7, cwd: null, timeout_ms: null }, says: /has to be a string/ },
        { name: "read_file", input: { path: "price.mjs", ...text, more: 1 }, says: /no `more`/ },
        { name: "read_file", input: { path: "../../etc/passwd", ...text }, says: /leads out/ },
        { name: "read_file", input: { path: "/etc/passwd", ...text }, says: /leads out/ },
        { name: "bash", input: { command: million, cwd: null, timeout_ms: null }, says: /too long/ },
        { name: "write_file", input: '{"path": "a.txt", "cont', says: /JSON/ },
        { name: "no_such_tool", input: {}, says: /no_such_tool/ },
      ];
      const script = [{ calls: bad }, call("write_file", { path: "big.txt", content: million }), DONE];
      const model = modelOf(Model, script);
      const tools = sandboxTools(sandbox, { root: HOME });
      const result = await ai.generateText({ ...settings, model, tools });
      assert.equal(result.text, DONE.text);
      const told = toldOf(model);
      bad.forEach(({ says }, index) => {
        assert.equal(told[index].type, "error-text", JSON.stringify(told[index]).slice(0, 300));
        assert.match(told[index].value, says);
      });
      assert.equal(told[bad.length].type, "text");
      assert.equal((await sandbox.files.stat(`${HOME}/big.txt`)).size, million.length);
    });

    test("a model sees images", async () => {
      await sandbox.files.write("/tmp/dot.png", PNG);
      const model = modelOf(Model, [
        call("read_file", { path: "/tmp/dot.png", offset: null, limit: null }),
        DONE,
      ]);
      const { steps } = await ai.generateText({ ...settings, model, tools: sandboxTools(sandbox) });
      const [{ type, value }] = toldOf(model);
      assert.equal(type, "content");
      assert.equal(value[0].type, "text");
      const data = PNG.toString("base64");
      assert.partialDeepStrictEqual(
        value[1],
        major === "6"
          ? { type: "image-data", data, mediaType: "image/png" }
          : { type: "file", data: { type: "data", data }, mediaType: "image/png" },
      );
      assert.deepEqual(
        steps.flatMap(({ warnings }) => warnings ?? []),
        [],
      );
    });

    test("a conversation that was kept is told to a model as it was", async () => {
      const tools = sandboxTools(lazySandbox());
      const part = (toolCallId, output) => ({
        type: "tool-read_file",
        toolCallId,
        state: "output-available",
        input: {},
        output,
      });
      const image = { type: "image", data: PNG.toString("base64"), mimeType: "image/png" };
      const parts = [
        part("1", { content: [{ type: "text", text: "no" }], isError: true }),
        part("2", { content: [{ type: "text", text: "an image" }, image] }),
      ];
      const messages = await ai.convertToModelMessages([{ id: "1", role: "assistant", parts }], { tools });
      const outputs = messages
        .filter(({ role }) => role === "tool")
        .flatMap(({ content }) => content.map(({ output }) => output));
      assert.deepEqual(outputs[0], { type: "error-text", value: "no" });
      assert.equal(outputs[1].value[1].type, major === "6" ? "image-data" : "file");
    });

    test("a person is asked before something is changed", async () => {
      const input = { path: "/tmp/a.txt", content: "a" };
      const calls = [
        { name: "list_files", input: { path: HOME, depth: null } },
        { name: "write_file", input },
      ];
      const messages = [{ role: "user", content: "Go on." }];
      const asked = [];
      const needsApproval = ({ name, input, annotations }) => {
        asked.push({ name, input, readOnly: annotations.readOnlyHint });
        return true;
      };
      const tools = sandboxTools(sandbox, { needsApproval });
      assert.equal("needsApproval" in tools.list_files, false);
      assert.equal(sandboxTools(sandbox, { needsApproval: true }).bash.needsApproval, true);
      const { prompt, ...rest } = settings;
      const model = modelOf(Model, [{ calls }, DONE]);
      const first = await ai.generateText({ ...rest, model, tools, messages });
      const request = first.content.find(({ type }) => type === "tool-approval-request");
      assert.equal(request.toolCall.toolName, "write_file");
      assert.deepEqual(asked, [{ name: "write_file", input, readOnly: false }]);
      assert.equal(first.toolResults.length, 1);
      assert.equal(await sandbox.files.exists("/tmp/a.txt"), false);
      const { approvalId } = request;
      const answer = { type: "tool-approval-response", approvalId, approved: true };
      messages.push(...first.response.messages, { role: "tool", content: [answer] });
      const { text } = await ai.generateText({ ...rest, model, tools, messages });
      assert.equal(text, DONE.text);
      assert.equal(await sandbox.files.readText("/tmp/a.txt"), "a");
    });
  });
}
