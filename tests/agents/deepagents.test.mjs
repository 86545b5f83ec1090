// Deep agents: a sandbox as their backend, alone and in an agent whose chat model follows a script.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";

import { LONG, ScriptedModel, aborted, asking, results } from "./chat.mjs";
import { HOME, example, load, prepare } from "./example.mjs";
import { freePort } from "./script.mjs";
import { onServer, sandboxFor } from "./stage.mjs";

const { run } = await example("deepagents");
const { CompositeBackend, createDeepAgent, isSandboxBackend } = await load("deepagents");
const { SuperserveBackend } = await load("@superserve/sdk/langchain");

/** Where the tests of the backend work. */
const PLACE = "/tmp/place";

onServer();

/** @param {string} path */
const at = (path) => `${PLACE}/${path}`;

/** @param {{ files?: { path: string }[] }} result */
const paths = ({ files }) => files?.map(({ path }) => path);

test("the task is done, call by call", async (t) => {
  const sandbox = await sandboxFor(t);
  const port = await freePort();
  const file_path = `${HOME}/price.mjs`;
  /** @type {[name: string, input: any, says: RegExp][]} */
  const turns = [
    ["ls", { path: HOME }, /price\.test\.mjs \(\d+ bytes\)/],
    ["execute", { command: "node --test" }, /a hundred euros are enough[\s\S]*failed with exit code 1/],
    ["read_file", { file_path }, /cents > 10_000/],
    ["edit_file", { file_path, old_string: "cents", new_string: "c" }, /old_string is in .* times/],
    [
      "edit_file",
      { file_path, old_string: "cents > 10_000", new_string: "cents >= 10_000" },
      /Successfully replaced 1/,
    ],
    ["grep", { pattern: ">= 10_000" }, /price\.mjs/],
    ["execute", { command: "node --test" }, /fail 0[\s\S]*succeeded with exit code 0/],
    ["start_process", { command: `node server.mjs ${port}`, name: "shop", cwd: HOME, port }, /listens/],
    ["preview_url", { port }, new RegExp(`https?://.*${port}`)],
  ];
  const script = turns.map(([name, input]) => ({ calls: [{ name, input }] }));
  const state = await run({ model: new ScriptedModel([...script, { text: "Mended." }]), sandbox });
  const told = results(state).map(({ text }) => text);
  assert.equal(told.length, turns.length);
  turns.forEach(([, , says], index) => assert.match(told[index], says));
  assert.equal(state.messages.at(-1).text, "Mended.");
});

describe("in one sandbox", () => {
  /** @type {any} */
  let sandbox;
  /** @type {any} */
  let backend;
  before(async () => {
    sandbox = await prepare();
    backend = new SuperserveBackend(sandbox);
    const made = await backend.execute(
      `mkdir -p ${PLACE}/src/node_modules && cd ${PLACE} && ln -s src link && ln -s nowhere dead && ` +
        "printf 'one\\ntwo\\nthree\\n' > text.txt && printf 'a\\0b' > blob && : > empty && " +
        "echo 'one.' > src/one.js && echo 'one.' > src/node_modules/two.js",
    );
    assert.deepEqual(made, { output: "", exitCode: 0, truncated: false });
  });
  after(() => sandbox.kill());

  /** @param {[name: string, input: any][]} calls */
  function agentOf(calls, options = {}) {
    const script = calls.map(([name, input]) => ({ calls: [{ name, input }] }));
    const model = new ScriptedModel([...script, { text: "Done." }]);
    return { model, agent: createDeepAgent({ model, backend, ...options }) };
  }

  test("it is a sandbox for deepagents, by its id", () => {
    assert.ok(isSandboxBackend(backend));
    assert.equal(backend.id, sandbox.id);
    const provider = { use: (/** @type {(sandbox: any) => unknown} */ work) => work(sandbox) };
    const [one, other] = [new SuperserveBackend(provider), new SuperserveBackend(provider)];
    assert.ok(isSandboxBackend(one));
    assert.notEqual(one.id, other.id);
    assert.equal(new SuperserveBackend(provider, { id: "mine" }).id, "mine");
    assert.throws(() => new SuperserveBackend(sandbox, { cwd: "here" }), TypeError);
    assert.throws(() => new SuperserveBackend({}), TypeError);
  });

  test("commands", async () => {
    const { output, ...ended } = await backend.execute("echo out; echo err >&2; exit 3");
    assert.deepEqual(ended, { exitCode: 3, truncated: false });
    // They are two pipes: which is read first nobody can say.
    assert.deepEqual(output.split("\n").sort(), ["err", "out"]);
    const short = new SuperserveBackend(sandbox, { cwd: PLACE, limits: { chars: 100, commandMs: 100 } });
    assert.equal((await short.execute("pwd")).output, PLACE);
    const long = await short.execute("seq 1 1000");
    assert.equal(long.truncated, true);
    const [file] = /\/\S+\.txt/.exec(long.output) ?? [];
    assert.equal((await backend.read(file, 499, 1)).content, "500");
    const late = await short.execute("sleep 1000");
    assert.equal(late.exitCode, null);
    assert.match(late.output, /its time was over/);
    const nowhere = await new SuperserveBackend(sandbox, { cwd: "/nowhere" }).execute("pwd");
    assert.equal(nowhere.exitCode, null);
    assert.match(nowhere.output, /does not exist/);
  });

  test("directories, and links to them", async () => {
    const { files } = await backend.ls(PLACE);
    assert.deepEqual(
      files.map(({ path, is_dir }) => [path, is_dir]),
      [
        [at("blob"), false],
        [at("dead"), false],
        [at("empty"), false],
        [at("link/"), true],
        [at("src/"), true],
        [at("text.txt"), false],
      ],
    );
    assert.equal(files.at(-1).size, 14);
    assert.equal(new Date(files.at(-1).modified_at).toISOString(), files.at(-1).modified_at);
    assert.match((await backend.ls(at("none"))).error, /no such file/);
    assert.match((await backend.ls("place")).error, /start with/);
  });

  test("files are read", async () => {
    const text = { mimeType: "text/plain", totalLines: 3 };
    assert.deepEqual(await backend.read(at("text.txt")), {
      content: "one\ntwo\nthree\n",
      ...text,
      startLine: 1,
      endLine: 3,
    });
    assert.deepEqual(await backend.read(at("text.txt"), 1, 1), {
      content: "two",
      ...text,
      startLine: 2,
      endLine: 2,
      nextOffset: 2,
    });
    assert.deepEqual(await backend.read(at("text.txt"), 0, 0), { content: "", mimeType: "text/plain" });
    assert.match((await backend.read(at("text.txt"), 3)).error, /exceeds file length \(3 lines\)/);
    assert.match((await backend.read(at("empty"))).content, /empty contents/);
    assert.match((await backend.read(at("blob"))).error, /is a binary file/);
    assert.match((await backend.read(at("none"))).error, /none: no such file/);
    assert.match((await backend.read(PLACE)).error, /is a directory/);
    assert.match((await backend.read(at("../../etc/passwd"))).error, /\.\./);
    const small = new SuperserveBackend(sandbox, { limits: { fileBytes: 5 } });
    assert.ok((await small.read(at("text.txt"))).error);

    const { data } = await backend.readRaw(at("text.txt"));
    assert.deepEqual([data.content, data.mimeType], ["one\ntwo\nthree\n", "text/plain"]);
    assert.ok(Date.parse(data.modified_at) > 0 && data.created_at);
    const blob = (await backend.readRaw(at("blob"))).data;
    assert.deepEqual([[...blob.content], blob.mimeType], [[97, 0, 98], "application/octet-stream"]);
    assert.match((await backend.readRaw(at("none"))).error, /no such file/);
  });

  test("files are searched", async () => {
    const one = { path: at("text.txt"), line: 1, text: "one" };
    assert.deepEqual(await backend.grep("one", PLACE), {
      matches: [{ path: at("src/one.js"), line: 1, text: "one." }, one],
      truncated: false,
    });
    // As it stands there: it is no expression.
    assert.deepEqual((await backend.grep("one.", PLACE)).matches.length, 1);
    assert.deepEqual((await backend.grep("one", PLACE, "*.txt")).matches, [one]);
    assert.deepEqual((await backend.grep("one", at("text.txt"))).matches, [one]);
    const first = await backend.grep("o", PLACE, null, 1);
    assert.deepEqual([first.matches.length, first.truncated], [1, true]);
    assert.match((await backend.grep("one", at("none"))).error, /no such file/);

    assert.deepEqual(paths(await backend.glob("**/*.js", PLACE)), [at("src/one.js")]);
    assert.deepEqual(paths(await backend.glob(`${PLACE}/**/one.js`)), [at("src/one.js")]);
    assert.deepEqual(paths(await backend.glob(at("text.txt"), "/")), [at("text.txt")]);
    assert.deepEqual(paths(await backend.glob("*.js", PLACE)), []);
    assert.deepEqual(paths(await backend.glob("*.txt", PLACE)), [at("text.txt")]);
    assert.deepEqual(paths(await backend.glob("**/node_modules/*.js", PLACE)), [
      at("src/node_modules/two.js"),
    ]);
    assert.ok((await backend.glob("[", PLACE)).error);

    // What deepagents says where a model names no directory.
    const here = new SuperserveBackend(sandbox, { cwd: at("src") });
    assert.deepEqual(
      (await here.grep("one", "/")).matches.map(({ path }) => path),
      [at("src/one.js")],
    );
    assert.deepEqual(paths(await here.glob("**/*.js")), [at("src/one.js")]);
  });

  test("files are written, changed and removed", async () => {
    const path = at("new/a.txt");
    assert.deepEqual(await backend.write(path, "å, å"), { path, filesUpdate: null });
    assert.deepEqual(await backend.edit(path, ", å", ", ä"), { path, filesUpdate: null, occurrences: 1 });
    assert.equal((await backend.read(path)).content, "å, ä");
    assert.match((await backend.edit(path, "ö", "o")).error, /old_string is not in/);
    assert.match((await backend.edit(at("none"), "a", "b")).error, /no such file.* ls or glob/);
    await backend.write(path, "a a");
    assert.match((await backend.edit(path, "a", "b")).error, /2 times/);
    assert.equal((await backend.edit(path, "a", "b", true)).occurrences, 2);
    assert.match((await backend.write(PLACE, "")).error, /directory/);

    const image = at("new/a.PNG");
    assert.equal((await backend.write(image, "AAEC")).path, image);
    const { content, mimeType } = await backend.read(image);
    assert.deepEqual([[...content], mimeType], [[0, 1, 2], "image/png"]);
    assert.match((await backend.write(image, "no base64!")).error, /base64/);

    assert.deepEqual(await backend.delete(at("new")), { path: at("new"), filesUpdate: null });
    assert.match((await backend.delete(at("new"))).error, /not found/);
  });

  test("many files go and come, and each has its own error", async () => {
    const many = Array.from({ length: 20 }, (_, index) => [at(`many/${index}`), Uint8Array.of(index)]);
    const wrong = [PLACE, "relative", at("text.txt/below")].map((path) => [path, new Uint8Array(1)]);
    const sent = await backend.uploadFiles([...many, ...wrong]);
    assert.deepEqual(
      sent.map(({ error }) => error),
      [...many.map(() => null), "is_directory", "invalid_path", "invalid_path"],
    );
    const names = [...many.map(([path]) => path), PLACE, "relative", at("none")];
    const got = await backend.downloadFiles(names);
    assert.deepEqual(
      got.map(({ path, content, error }) => [path, content && [...content], error]),
      [
        ...many.map(([path], index) => [path, [index], null]),
        [PLACE, null, "is_directory"],
        ["relative", null, "invalid_path"],
        [at("none"), null, "file_not_found"],
      ],
    );
  });

  test("what is no fault of a file is told as such, and shows nothing of others' errors", async () => {
    const provider = { use: () => Promise.reject(new Error("the key is sk-secret")) };
    const broken = new SuperserveBackend(provider);
    for (const { error, output } of [
      await broken.ls("/"),
      await broken.read("/a"),
      await broken.write("/a", ""),
      await broken.edit("/a", "a", "b"),
      await broken.grep("a"),
      await broken.glob("*"),
      await broken.delete("/a"),
      await broken.execute("ls"),
    ])
      assert.match(error ?? output, /^The (?!.*secret)/);
    await assert.rejects(broken.downloadFiles(["/a"]), /secret/);
    await assert.rejects(broken.uploadFiles([["/a", new Uint8Array(1)]]), /secret/);
  });

  test("several backends are one, memories and skills lie in the sandbox", async () => {
    await sandbox.files.write(at("AGENTS.md"), "Be polite.");
    await sandbox.files.write(
      at("skills/greeting/SKILL.md"),
      "---\nname: greeting\ndescription: How to greet\n---\nSay hello.\n",
    );
    const both = new CompositeBackend(backend, { "/place/": new SuperserveBackend(sandbox) });
    const { model, agent } = agentOf(
      [
        ["read_file", { file_path: at("skills/greeting/SKILL.md") }],
        ["delete", { file_path: at("skills") }],
        ["execute", { command: `ls ${PLACE}` }],
      ],
      { backend: both, memory: [at("AGENTS.md")], skills: [at("skills/")] },
    );
    const told = results(await agent.invoke(asking("Hello"))).map(({ text }) => text);
    const [[system]] = model.asked;
    assert.match(system.text, /Be polite\./);
    assert.match(system.text, /How to greet/);
    assert.match(told[0], /Say hello/);
    assert.match(told[1], /Deleted/);
    assert.doesNotMatch(told[2], /skills/);
  });

  test("what a command writes is told as it comes", async () => {
    const command = "echo first; while [ ! -e /tmp/go ]; do sleep 0.05; done; echo second >&2";
    const { agent } = agentOf([["execute", { command }]]);
    const events = [];
    for await (const [, data] of await agent.stream(asking("Go"), { streamMode: ["tools"] })) {
      events.push([data.event, data.name, data.data]);
      // It waits for this, so the first was told while it ran.
      if (data.data?.text === "first\n") await sandbox.files.write("/tmp/go", "");
    }
    assert.deepEqual(events, [
      ["on_tool_start", "execute", undefined],
      ["on_tool_event", "execute", { stream: "stdout", text: "first\n" }],
      ["on_tool_event", "execute", { stream: "stderr", text: "second\n" }],
      ["on_tool_end", "execute", undefined],
    ]);
  });

  test("a run that is aborted ends its command", async () => {
    const { agent, model } = agentOf([["execute", { command: LONG }]]);
    await aborted(agent, sandbox);
    assert.equal(model.asked.length, 1);
  });

  test("what is wrong with an input is told to the model, and the agent goes on", async () => {
    // As long as an agent bears without a summary, for which it would ask the model.
    const long = "x".repeat(130_000);
    /** @type {[name: string, input: any, says: RegExp][]} */
    const wrong = [
      ["execute", {}, /schema/],
      ["execute", { command: 1 }, /schema/],
      ["execute", { command: " " }, /command is empty/],
      ["execute", { command: `: ${long}` }, /command is too long/],
      ["read_file", { file_path: "text.txt" }, /start with/],
      ["read_file", { file_path: at("../../etc/passwd") }, /\.\./],
      ["write_file", { file_path: "a\0b", content: "" }, /./],
      ["ls", { path: long }, /./],
      ["edit_file", { file_path: at("text.txt"), old_string: long, new_string: "" }, /old_string is not in/],
    ];
    /** @type {[name: string, input: any]} */
    const right = ["write_file", { file_path: at("long.txt"), content: long }];
    const { agent } = agentOf([...wrong.map(([name, input]) => /** @type {any} */ ([name, input])), right]);
    const state = await agent.invoke(asking("Try"));
    const told = results(state);
    wrong.forEach(([, , says], index) => assert.match(told[index].text, says));
    assert.match(told.at(-1).text, /Successfully wrote/);
    assert.equal((await sandbox.files.stat(at("long.txt"))).size, long.length);
    assert.equal(state.messages.at(-1).text, "Done.");

    const longer = "x".repeat(1_000_000);
    assert.match((await backend.execute(`: ${longer}`)).output, /command is too long/);
    assert.ok((await backend.read(`/${longer}`)).error);
    assert.deepEqual(await backend.write(at("long.txt"), longer), {
      path: at("long.txt"),
      filesUpdate: null,
    });
  });
});

const { ANTHROPIC_API_KEY } = process.env;
test("a real model does the task", {
  skip: !ANTHROPIC_API_KEY && "ANTHROPIC_API_KEY is not set",
}, async (t) => {
  const sandbox = await sandboxFor(t);
  await run({ model: process.env.MODEL ?? "anthropic:claude-sonnet-4-5", sandbox });
  assert.match(await sandbox.files.readText(`${HOME}/price.mjs`), />= ?10_000|> ?9_999/);
});
