// What the AI SDK, its harnesses and `bash-tool` call a sandbox.
import assert from "node:assert/strict";
import { once } from "node:events";
import { get } from "node:http";
import { text } from "node:stream/consumers";
import { after, before, describe, test } from "node:test";

import { example, HOME, load, prepare } from "./example.mjs";
import { freePort } from "./script.mjs";
import { gone, long, written } from "./processes.mjs";
import { onServer } from "./stage.mjs";

const { generateText, jsonSchema, stepCountIs, tool } = await load("ai");
const { MockLanguageModelV4 } = await load("ai/test");
const { HarnessAgent, HarnessSandboxAuthenticationError } = await load("@ai-sdk/harness/agent");
const { createBashTool } = await load("bash-tool");
const { Sandbox } = await load("@superserve/sdk");
const { lazySandbox } = await load("@superserve/sdk/tools");
const { bashToolSandbox, harnessSandboxProvider, networkSandboxSession, sandboxSession } =
  await load("@superserve/sdk/ai");

const { run } = await example("bash-tool");

onServer();

/**
 * A model that makes these calls, one after another, and is done.
 *
 * @param {...[toolName: string, input: Record<string, any>]} calls
 */
function modelOf(...calls) {
  const usage = { inputTokens: { total: 1 }, outputTokens: { total: 1 } };
  const answer = (unified, content) => ({
    content: [content],
    finishReason: { unified, raw: undefined },
    usage,
    warnings: [],
  });
  return new MockLanguageModelV4({
    doGenerate: [
      ...calls.map(([toolName, input], index) =>
        answer("tool-calls", {
          type: "tool-call",
          toolCallId: `${index}`,
          toolName,
          input: JSON.stringify(input),
        }),
      ),
      answer("stop", { type: "text", text: "Done." }),
    ],
  });
}

/**
 * What the local server answers there: not every machine knows that its names are its own.
 *
 * @param {string} url
 * @param {Record<string, string>} [headers]
 */
async function answer(url, headers) {
  const { host, port, pathname, search } = new URL(url);
  const options = { port, path: `${pathname}${search}`, headers: { ...headers, host } };
  const [response] = await once(get({ host: "127.0.0.1", ...options }), "response");
  return { status: response.statusCode, said: await text(response) };
}

const bytes = (/** @type {string} */ text) => new TextEncoder().encode(text);

/** A harness that runs what it is asked for as a command. */
const harness = {
  specificationVersion: "harness-v1",
  harnessId: "shell",
  builtinTools: {},
  getBootstrap: async () => ({
    harnessId: "shell",
    bootstrapDir: ".shell",
    files: [{ path: ".shell/setup", content: "set up" }],
    commands: [{ command: "cp setup done; echo once >>runs" }],
  }),
  async doStart({ sessionId, sandboxSession, sessionWorkDir, resumeFrom }) {
    const state = {
      type: "resume-session",
      harnessId: "shell",
      specificationVersion: "harness-v1",
      data: {},
    };
    const usage = { inputTokens: { total: 1 }, outputTokens: { total: 1 } };
    const finishReason = { unified: "stop", raw: undefined };
    return {
      sessionId,
      isResume: resumeFrom !== undefined,
      async doPromptTurn({ prompt, emit, abortSignal }) {
        const command = typeof prompt === "string" ? prompt : prompt.content;
        const { stdout } = await sandboxSession.run({
          command,
          workingDirectory: sessionWorkDir,
          abortSignal,
        });
        emit({ type: "stream-start" });
        emit({ type: "text-start", id: "1" });
        emit({ type: "text-delta", id: "1", delta: stdout });
        emit({ type: "text-end", id: "1" });
        emit({ type: "finish-step", finishReason, usage });
        emit({ type: "finish", finishReason, totalUsage: usage });
        return { submitToolResult: async () => {}, done: Promise.resolve() };
      },
      doDetach: async () => state,
      doStop: async () => state,
      doDestroy: async () => {},
    };
  },
};

describe("sandboxes of the AI SDK", () => {
  /** @type {any} */
  let sandbox;
  before(async () => {
    sandbox = await prepare();
  });
  after(() => sandbox.kill());

  describe("a session", () => {
    const workingDirectory = "/tmp/a folder/of it";
    /** @type {any} */
    let session;
    before(() => {
      session = sandboxSession(sandbox, { workingDirectory });
    });

    test("is what a tool of the AI SDK works in", async () => {
      const shell = tool({
        description: ({ experimental_sandbox }) => experimental_sandbox.description,
        inputSchema: jsonSchema({ type: "object" }),
        execute: ({ command }, { experimental_sandbox, abortSignal }) =>
          experimental_sandbox.run({ command, abortSignal }),
      });
      const model = modelOf(["shell", { command: "pwd; echo no >&2; [[ a == a ]] && exit 3" }]);
      const { steps } = await generateText({
        model,
        tools: { shell },
        prompt: "Go on.",
        stopWhen: stepCountIs(3),
        experimental_sandbox: session,
      });
      const [{ output }] = steps[0].toolResults;
      assert.deepEqual(output, { exitCode: 3, stdout: `${workingDirectory}\n`, stderr: "no\n" });
      assert.match(model.doGenerateCalls[0].tools[0].description, /start at \/tmp\/a folder\/of it/);
    });

    test("runs commands where and with what it is told to", async () => {
      await sandbox.files.mkdir("/tmp/a folder/below");
      const { stdout } = await session.run({
        command: 'pwd; echo "$A"; cat',
        workingDirectory: "../below",
        env: { A: "a b" },
      });
      assert.equal(stdout, "/tmp/a folder/below\na b\n");
    });

    test("an abort rejects with its reason, and ends what the command has started", async () => {
      const control = new AbortController();
      const running = session.run({ command: long("/tmp/run"), abortSignal: control.signal });
      running.catch(() => {});
      const pids = await written(sandbox, "/tmp/run");
      const reason = new Error("enough");
      control.abort(reason);
      await assert.rejects(running, reason);
      await gone(sandbox, pids);
      await assert.rejects(session.run({ command: "true", abortSignal: control.signal }), reason);
    });

    test("writes and reads files", async () => {
      await session.writeTextFile({ path: "x/a.txt", content: "one\ntwo\nthree é" });
      assert.equal(await sandbox.files.readText(`${workingDirectory}/x/a.txt`), "one\ntwo\nthree é");
      const read = (/** @type {any} */ more) => session.readTextFile({ path: "./x/../x/a.txt", ...more });
      assert.equal(await read({}), "one\ntwo\nthree é");
      assert.equal(await read({ startLine: 2 }), "two\nthree é");
      assert.equal(await read({ startLine: 2, endLine: 2 }), "two");
      assert.equal(await read({ endLine: 99 }), "one\ntwo\nthree é");
      assert.equal(await read({ startLine: 9 }), "");
      await session.writeTextFile({ path: "/tmp/wide", content: "é", encoding: "utf-16le" });
      assert.deepEqual([...(await session.readBinaryFile({ path: "/tmp/wide" }))], [0xe9, 0]);
      assert.equal(await session.readTextFile({ path: "/tmp/wide", encoding: "utf-16le" }), "é");
      await assert.rejects(session.writeTextFile({ path: "/tmp/y", content: "", encoding: "no" }), TypeError);
      await assert.rejects(session.readTextFile({ path: "/tmp/wide", encoding: "no" }), RangeError);

      const binary = Uint8Array.from({ length: 100_000 }, (_, index) => index % 251);
      await session.writeBinaryFile({ path: "b.bin", content: binary });
      assert.deepEqual(await session.readBinaryFile({ path: "b.bin" }), binary);
      await session.writeFile({ path: "c.bin", content: new Blob([binary]).stream() });
      const stream = await session.readFile({ path: "c.bin" });
      assert.deepEqual(new Uint8Array(await new Response(stream).arrayBuffer()), binary);
      await session.writeTextFile({ path: "empty", content: "" });
      assert.equal(await session.readTextFile({ path: "empty" }), "");
      await assert.rejects(session.writeTextFile({ path: "x", content: "" }), /directory/i);
    });

    test("tells what is there, and removes it", async () => {
      await session.writeTextFile({ path: "d/file", content: "12345" });
      await sandbox.commands.run("mkdir e; ln -s file link; ln -s e far; ln -s nowhere dead; mkfifo pipe", {
        cwd: `${workingDirectory}/d`,
      });
      const stat = (/** @type {string} */ path) => session.stat({ path });
      assert.deepEqual(await stat("d/file"), { type: "file", size: 5 });
      assert.deepEqual(await stat("d/link"), { type: "file", size: 5 });
      assert.equal((await stat("d/far")).type, "directory");
      assert.equal((await stat("d/pipe")).type, "other");
      assert.equal(await stat("d/dead"), null);
      assert.equal(await stat("d/none"), null);
      const entries = await session.listDirectory({ path: "d" });
      assert.deepEqual(Object.fromEntries(entries.map(({ name, type }) => [name, type])), {
        dead: "symlink",
        e: "directory",
        far: "symlink",
        file: "file",
        link: "symlink",
        pipe: "other",
      });
      assert.equal(await session.listDirectory({ path: "none" }), null);
      await assert.rejects(session.listDirectory({ path: "d/file" }));
      assert.equal(await session.deleteFile({ path: "d/far" }), true);
      assert.equal(await session.deleteFile({ path: "d/far" }), false);
      await assert.rejects(session.deleteFile({ path: "d/e" }), /directory/);
      assert.equal((await stat("d/e")).type, "directory");
      for (const name of ["readFile", "readBinaryFile", "readTextFile"]) {
        assert.equal(await session[name]({ path: "none" }), null, name);
      }
    });

    test("says no that there is no file, where there is no sandbox", async () => {
      const other = await Sandbox.create({ name: "gone" });
      const session = sandboxSession(other);
      await other.kill();
      for (const name of ["readFile", "readTextFile", "stat", "listDirectory", "deleteFile"]) {
        await assert.rejects(session[name]({ path: "/tmp/a" }), { name: "NotFoundError" }, name);
      }
    });

    test("spawns processes, whose outputs come as they are written", async () => {
      const process = await session.spawn({ command: "echo one; cat; echo two >&2; exit 5" });
      assert.equal("stdin" in process, false);
      const told = await Promise.all([text(process.stdout), text(process.stderr), process.wait()]);
      assert.deepEqual(told, ["one\n", "two\n", { exitCode: 5 }]);
      await process.kill();
    });

    test("writes to a process that is to be written to, and ends it", async () => {
      const process = await session.spawn({
        command: 'while read line; do echo "<$line>"; done; sleep 300',
        stdin: true,
        env: { A: "b" },
      });
      const writer = process.stdin.getWriter();
      const reader = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
      await writer.write(bytes("a\n"));
      assert.deepEqual(await reader.read(), { value: "<a>\n", done: false });
      await writer.write(bytes("b\n"));
      assert.deepEqual(await reader.read(), { value: "<b>\n", done: false });
      await writer.close();
      await process.kill();
      assert.deepEqual(await process.wait(), { exitCode: 143 });
      assert.equal((await reader.read()).done, true);
      await process.kill();
    });

    test("an abort ends a process and all that it has started, and leaves nothing", async () => {
      const control = new AbortController();
      const process = await session.spawn({ command: long("/tmp/spawn"), abortSignal: control.signal });
      const pids = await written(sandbox, "/tmp/spawn");
      const waiting = process.wait();
      waiting.catch(() => {});
      const reason = new Error("enough");
      control.abort(reason);
      await assert.rejects(waiting, reason);
      await gone(sandbox, pids);
      await assert.rejects(session.spawn({ command: "true", abortSignal: control.signal }), reason);
    });

    test("of a sandbox that is made when it is needed, a process keeps it from being paused", async () => {
      const lazy = lazySandbox({ idle: "kill", idleMs: 1 });
      const session = sandboxSession(lazy);
      assert.equal(lazy.isStarted, false);
      const process = await session.spawn({ command: "read line; exit 4", stdin: true });
      const own = await lazy.use((sandbox) => sandbox);
      await lazy.release();
      assert.equal((await own.getInfo()).status, "active");
      await process.stdin.getWriter().write(bytes("go\n"));
      assert.deepEqual(await process.wait(), { exitCode: 4 });
      await lazy.release();
      for (;;) {
        if (
          await own.getInfo().then(
            () => false,
            () => true,
          )
        )
          break;
      }
    });

    test("takes an absolute directory alone", () => {
      assert.throws(() => sandboxSession(sandbox, { workingDirectory: "a" }), TypeError);
      assert.throws(() => bashToolSandbox(sandbox, { workingDirectory: "a" }), TypeError);
    });
  });

  describe("a harness", () => {
    test("has a sandbox for each session, finds it again, and deletes it", async () => {
      const sandbox = harnessSandboxProvider({
        create: { name: "harness", timeoutSeconds: 3600, envVars: { A: "b" }, metadata: { of: "harness" } },
      });
      const agent = new HarnessAgent({ harness, sandbox });
      const sessionId = "conversation-1";
      const first = await agent.createSession({ sessionId });
      const { text } = await agent.generate({
        session: first,
        prompt: "pwd; cat ../.shell/done; echo 1 >kept",
      });
      assert.equal(text, `/home/user/shell-${sessionId}\nset up`);
      const [{ id, metadata }] = await Sandbox.list({ metadata: { of: "harness" } });
      assert.equal(metadata.harness_session, sessionId);
      const resumeFrom = await first.stop();
      assert.equal((await (await Sandbox.get(id)).getInfo()).status, "paused");

      const second = await agent.createSession({ sessionId, resumeFrom });
      const again = await agent.generate({ session: second, prompt: "cat kept ../.shell/runs" });
      assert.equal(again.text, "1\nonce\n");
      await second.destroy();
      assert.deepEqual(await Sandbox.list({ metadata: { of: "harness" } }), []);
      await assert.rejects(agent.createSession({ sessionId, resumeFrom }), /was deleted/);
    });

    test("what fails at first leaves no sandbox", async () => {
      const provider = harnessSandboxProvider({ create: { metadata: { of: "failure" } } });
      const onFirstCreate = async (/** @type {any} */ session) => {
        assert.equal((await session.run({ command: "echo hi" })).stdout, "hi\n");
        assert.equal("destroy" in session, false);
        throw new Error("no");
      };
      await assert.rejects(provider.createSession({ onFirstCreate }), /^Error: no$/);
      assert.deepEqual(await Sandbox.list({ metadata: { of: "failure" } }), []);
    });

    test("is told when the key is none", async () => {
      const sandbox = harnessSandboxProvider({ create: { apiKey: "ss_live_another" } });
      for (const work of [() => sandbox.createSession(), () => sandbox.resumeSession({ sessionId: "a" })]) {
        await assert.rejects(work, (error) => {
          assert.ok(HarnessSandboxAuthenticationError.isInstance(error));
          assert.equal(error.sandboxProviderId, sandbox.providerId);
          assert.equal(error.cause.name, "AuthenticationError");
          return true;
        });
      }
    });

    test("works in a sandbox that is there, and leaves it", async () => {
      const sandboxSession = await networkSandboxSession(sandbox, { workingDirectory: "/tmp/harness" });
      const session = await new HarnessAgent({ harness }).createSession({ sessionId: "2", sandboxSession });
      const { text } = await new HarnessAgent({ harness }).generate({ session, prompt: "pwd" });
      assert.equal(text, "/tmp/harness/shell-2\n");
      await session.destroy();
      assert.equal((await sandbox.getInfo()).status, "active");
    });

    test("reaches what listens at its ports, and nobody else does", async () => {
      const [port, other] = [await freePort(), await freePort()];
      const session = await networkSandboxSession(sandbox, { ports: [port, other] });
      assert.equal(session.id, sandbox.id);
      assert.deepEqual(session.ports, [port, other]);
      const serves = `require("http").createServer((_, r) => r.end("hi")).listen(${port}, () => console.log("up"))`;
      const process = await session.spawn({ command: `exec node -e '${serves}'` });
      const reader = process.stdout.getReader();
      await reader.read();
      const { url, headers } = await session.getPortEndpoint({ port });
      assert.deepEqual(await answer(url, headers), { status: 200, said: "hi" });
      assert.equal((await answer(url)).status, 401);
      assert.deepEqual(await answer(await session.getPortUrl({ port })), { status: 200, said: "hi" });
      assert.match((await session.getPortEndpoint({ port, protocol: "ws" })).url, /^wss?:/);
      await session.getPortEndpoint({ port: other });
      await session.setPorts([other]);
      const published = (await sandbox.listPreviewPorts()).ports.map(({ port }) => port);
      assert.deepEqual([published.includes(port), published.includes(other)], [false, true]);
      await assert.rejects(session.getPortEndpoint({ port }), /none of the session's/);
      await process.kill();
    });

    test("sets what the sandbox may reach", async () => {
      const session = await networkSandboxSession(sandbox);
      const network = async () => (await sandbox.getInfo()).network;
      await session.setNetworkPolicy({ mode: "deny-all" });
      assert.deepEqual((await network()).denyOut, ["0.0.0.0/0", "::/0"]);
      const allowed = { allowedHosts: ["*.github.com"], allowedCIDRs: ["10.0.0.0/8"] };
      await session.setNetworkPolicy({ mode: "custom", ...allowed });
      assert.deepEqual((await network()).allowOut, ["*.github.com", "10.0.0.0/8"]);
      const denied = { mode: "custom", ...allowed, deniedCIDRs: ["10.1.0.0/16"] };
      await assert.rejects(session.setNetworkPolicy(denied), /deniedCIDRs/);
      await session.setNetworkPolicy({ mode: "allow-all" });
      assert.equal((await network())?.denyOut?.length ?? 0, 0);
    });

    test("stops and destroys its sandbox as often as it likes", async () => {
      const own = await Sandbox.create({ name: "own" });
      const session = await networkSandboxSession(own);
      await session.stop();
      await session.stop();
      assert.equal((await own.getInfo()).status, "paused");
      await session.destroy();
      await session.stop();
      await session.destroy();
      await assert.rejects(own.getInfo(), { name: "NotFoundError" });
    });
  });

  describe("bash-tool", () => {
    test("does the task", async () => {
      const model = modelOf(
        ["bash", { command: "node --test" }],
        ["readFile", { path: "price.mjs" }],
        ["bash", { command: "sed -i 's/cents > 10_000/cents >= 10_000/' price.mjs && node --test" }],
      );
      const { text, steps } = await run({ model, sandbox });
      assert.equal(text, "Done.");
      const [before, file, after] = steps.flatMap(({ toolResults }) =>
        toolResults.map(({ output }) => output),
      );
      assert.equal(before.exitCode, 1);
      assert.match(file.content, /cents > 10_000/);
      assert.equal(after.exitCode, 0);
      assert.match(await sandbox.files.readText(`${HOME}/price.mjs`), />= 10_000/);
    });

    test("has its tools in a sandbox", async () => {
      const destination = "/tmp/bash-tool";
      const { tools } = await createBashTool({
        sandbox: bashToolSandbox(sandbox),
        destination,
        files: { "src/a.txt": "a\n" },
      });
      const model = modelOf(["bash", { command: "cat src/a.txt; echo no >&2; exit 3" }]);
      const { steps } = await generateText({ model, tools, prompt: "Go on.", stopWhen: stepCountIs(3) });
      assert.deepEqual(steps[0].toolResults[0].output, { stdout: "a\n", stderr: "no\n", exitCode: 3 });
      await tools.writeFile.execute({ path: "b/c.txt", content: "é" }, {});
      assert.equal(await sandbox.files.readText(`${destination}/b/c.txt`), "é");
      assert.deepEqual(await tools.readFile.execute({ path: "b/c.txt" }, {}), { content: "é" });
      await assert.rejects(async () => tools.readFile.execute({ path: "none" }, {}), {
        name: "NotFoundError",
      });
    });

    test("starts where it is told, and takes bytes", async () => {
      const own = bashToolSandbox(sandbox, { workingDirectory: "/tmp/bash here" });
      assert.equal((await own.executeCommand("pwd")).stdout, "/tmp/bash here\n");
      await own.writeFiles([{ path: "a/b", content: Buffer.from([1, 255]) }]);
      assert.deepEqual([...(await sandbox.files.read("/tmp/bash here/a/b"))], [1, 255]);
    });

    test("ends what takes too long, and what is aborted", async () => {
      const late = await bashToolSandbox(sandbox, { timeoutMs: 1000 }).executeCommand(long("/tmp/late"));
      assert.equal(late.exitCode, 124);
      assert.equal(late.stdout.includes("never"), false);
      await gone(sandbox, await written(sandbox, "/tmp/late"));
      const control = new AbortController();
      const running = bashToolSandbox(sandbox, { signal: control.signal }).executeCommand(long("/tmp/bash"));
      running.catch(() => {});
      const pids = await written(sandbox, "/tmp/bash");
      control.abort(new Error("enough"));
      await assert.rejects(running, /enough/);
      await gone(sandbox, pids);
    });
  });
});
