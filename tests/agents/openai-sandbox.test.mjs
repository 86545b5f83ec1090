// The SandboxAgent of OpenAI's Agents SDK in a sandbox, with the model that its package has for tests.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { example, HOME, load } from "./example.mjs";
import { freePort } from "./script.mjs";
import { onServer, sandboxFor } from "./stage.mjs";

const { run } = await example("openai-sandbox");
const { Runner, RunState, tool } = await load("@openai/agents");
const { Manifest, SandboxAgent, SandboxUnsupportedFeatureError, shell, urlForExposedPort } =
  await load("@openai/agents/sandbox");
const { assistantMessage, functionCall, modelResponder, ScriptedModel } =
  await load("@openai/agents/testing");
const { Sandbox } = await load("@superserve/sdk");
const { sandboxSession, SuperserveSandboxClient } = await load("@superserve/sdk/openai-sandbox");

/** A picture of one pixel. */
const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const ROOT = "/tmp/openai-workspace";

onServer();

/** @param {any[]} items */
const outputs = (items) =>
  items.filter(({ type }) => type === "tool_call_output_item").map(({ output }) => output);

/** @param {any[][]} steps */
const modelOf = (steps) => new ScriptedModel([...steps, [assistantMessage("Done.")]]);

let calls = 0;

/** @param {string} cmd @param {any} [options] */
const exec = (cmd, options) => functionCall("exec_command", { cmd, ...options }, { callId: `${++calls}` });

/** @param {any} operation */
const patch = (operation) => [
  { type: "apply_patch_call", callId: `${++calls}`, status: "completed", operation },
];

const runner = (sandbox) => new Runner({ tracingDisabled: true, sandbox });

/** A session in a sandbox, for a test. @param {import("node:test").TestContext} t @param {any} [options] */
async function sessionFor(t, options) {
  const sandbox = await sandboxFor(t);
  const session = await sandboxSession(sandbox, { root: HOME, ...options });
  t.after(() => session.close());
  return { sandbox, session };
}

/** Ids of the processes that a sandbox has. @param {any} sandbox */
const running = async (sandbox) => (await sandbox.processes.list()).map(({ id }) => id);

/** The session id that an output tells of. @param {string} output */
const idIn = (output) => Number(/session ID (\d+)/.exec(output)?.[1]);

test("the task is done with the framework's own tools", async (t) => {
  const sandbox = await sandboxFor(t);
  const port = await freePort();
  const model = modelOf([
    [exec("ls"), exec("node --test")],
    patch({ type: "update_file", path: "price.mjs", diff: "@@\n-  return cents > 10_000" }),
    patch({
      type: "update_file",
      path: "price.mjs",
      diff: (await sandbox.files.readText(`${HOME}/price.mjs`))
        .split("\n")
        .filter((line) => line.includes("cents > 10_000"))
        .map((line) => `@@\n-${line}\n+${line.replace(">", ">=")}\n`)
        .join(""),
    }),
    [exec("node --test")],
    [exec(`exec node server.mjs ${port}`, { yield_time_ms: 300 })],
    [exec(`until curl -sf localhost:${port} >/dev/null; do sleep 0.05; done; echo it serves`)],
  ]);
  const { finalOutput, newItems } = await run({ model, sandbox });
  assert.equal(finalOutput, "Done.");
  const results = outputs(newItems);
  const expected = [
    /code 0\nOutput:\n[\s\S]*price\.test\.mjs/,
    /code 1\n[\s\S]*fail 1/,
    /^The diff does not fit/,
    /^Updated price\.mjs/,
    /code 0\n[\s\S]*fail 0/,
    /running with session ID \d+/,
    /it serves/,
  ];
  assert.equal(results.length, expected.length);
  expected.forEach((says, index) => assert.match(results[index], says));
  const { systemInstructions, tools } = model.firstCall.request;
  assert.match(systemInstructions, new RegExp(HOME));
  const names = tools.map(({ name, type }) => name ?? type);
  for (const name of ["exec_command", "write_stdin", "view_image", "apply_patch"])
    assert.ok(names.includes(name));
  // The server is the only one that is left, since the sandbox is not the run's.
  assert.equal((await running(sandbox)).length, 1);
});

test("a run that is streamed has the same", async (t) => {
  const { session } = await sessionFor(t);
  const agent = new SandboxAgent({ name: "Tester", model: modelOf([[exec("echo one")]]) });
  const stream = await runner({ session }).run(agent, "Go on.", { stream: true });
  const names = [];
  for await (const event of stream) {
    if (event.type === "run_item_stream_event") names.push(event.name);
  }
  await stream.completed;
  assert.deepEqual(names, ["tool_called", "tool_output", "message_output_created"]);
  assert.match(outputs(stream.newItems)[0], /\none\n/);
});

test("commands go on after a while, and are written to", async (t) => {
  const { sandbox, session } = await sessionFor(t, { environment: { GREETING: "hello" } });
  const first = await session.execCommand({
    cmd: 'read line; echo "$GREETING $line"; read line; echo bye; exit 4',
    yieldTimeMs: 50,
  });
  const sessionId = idIn(first);
  assert.ok(sessionId > 0, first);
  let told = await session.writeStdin({ sessionId, chars: "world\n" });
  while (!told.includes("hello")) told = await session.writeStdin({ sessionId });
  assert.match(told, /Output:\nhello world\n$/);
  const last = await session.writeStdin({ sessionId, chars: "\n", yieldTimeMs: 30_000 });
  assert.match(last, /exited with code 4\nOutput:\nbye\n$/);
  assert.match(await session.writeStdin({ sessionId }), /^Error: No process runs with session ID/);
  assert.deepEqual(await running(sandbox), []);
});

for (const tty of [false, true]) {
  test(`Ctrl-C interrupts a command ${tty ? "with" : "without"} a terminal`, async (t) => {
    const { sandbox, session } = await sessionFor(t);
    const cmd =
      "trap 'echo interrupted; exit 7' INT; if [ -t 1 ]; then echo tty; else echo pipe; fi; while :; do sleep 0.05; done";
    let told = await session.execCommand({ cmd, tty, login: false, yieldTimeMs: 50 });
    const sessionId = idIn(told);
    while (!/^(tty|pipe)/m.test(told)) told = await session.writeStdin({ sessionId });
    assert.match(told, tty ? /^tty/m : /^pipe/m);
    told = await session.writeStdin({ sessionId, chars: "\u0003", yieldTimeMs: 30_000 });
    assert.match(told, /exited with code 7\n[\s\S]*interrupted/);
    assert.deepEqual(await running(sandbox), []);
  });
}

test("long output is cut, both outputs are in order, and directories are the workspace's", async (t) => {
  const { session } = await sessionFor(t);
  const told = await session.execCommand({ cmd: "pwd; echo wrong >&2; seq 1 100000", maxOutputTokens: 50 });
  assert.match(
    told,
    new RegExp(`Output:\n${HOME}\nwrong\n1\n[\\d\n]+\\[\\d+ characters are left out\\][\\d\n]+100000\n$`),
  );
  assert.ok(told.length < 400);
  const quotes = await session.execCommand({ cmd: `echo "it's" '$HOME'`, shell: "/bin/sh", login: false });
  assert.match(quotes, /Output:\nit's \$HOME\n$/);
  assert.match(
    await session.execCommand({ cmd: "pwd", workdir: "docs/.." }),
    new RegExp(`Output:\n${HOME}\n`),
  );
  assert.match(await session.execCommand({ cmd: "pwd", workdir: ".." }), /^Error: .*leads out of/);
});

test("a signal ends what goes on, and what is awaited", async (t) => {
  const abort = new AbortController();
  const { sandbox, session } = await sessionFor(t, { signal: abort.signal });
  await session.execCommand({ cmd: "echo $$ >/tmp/one; exec sleep 600", yieldTimeMs: 50 });
  const reason = new Error("enough");
  const ended = assert.rejects(session.execCommand({ cmd: "echo $$ >/tmp/two; exec sleep 600" }), reason);
  for (const name of ["one", "two"]) {
    await sandbox.commands.run(`until [ -s /tmp/${name} ]; do sleep 0.05; done`);
  }
  abort.abort(reason);
  await ended;
  for (const name of ["one", "two"]) {
    const gone = `while kill -0 $(cat /tmp/${name}); do sleep 0.05; done 2>/dev/null`;
    assert.equal((await sandbox.commands.run(gone)).exitCode, 0);
  }
});

test("an aborted run of a client's sandbox leaves none", async () => {
  const abort = new AbortController();
  /** @type {any} */
  let made;
  const Watched = {
    async create(options) {
      made = await Sandbox.create(options);
      return made;
    },
  };
  const client = new SuperserveSandboxClient({ Sandbox: Watched, root: ROOT, create: { name: "openai" } });
  const agent = new SandboxAgent({
    name: "Tester",
    model: new ScriptedModel([
      modelResponder(() => {
        abort.abort();
        return [exec("sleep 600")];
      }),
    ]),
  });
  await assert.rejects(runner({ client }).run(agent, "Go on.", { signal: abort.signal }), {
    name: "AbortError",
  });
  await assert.rejects(Sandbox.connect(made.id), { name: "NotFoundError" });
});

test("bad inputs are answered as errors, and the run goes on", async (t) => {
  const { session } = await sessionFor(t);
  const inputs = [
    ["exec_command", {}, /error/i],
    ["exec_command", { cmd: 7 }, /error/i],
    ["exec_command", { cmd: "pwd", workdir: "../.." }, /leads out of/],
    ["exec_command", { cmd: "x".repeat(2 ** 20) }, /^Error: The command is too long/],
    ["exec_command", '{"cmd": "ec', /error/i],
    ["write_stdin", { session_id: 99 }, /No process runs/],
    ["view_image", { path: "../../etc/passwd" }, /unable to read image/],
    ["view_image", { path: "price.mjs" }, /not a supported image/],
    ["view_image", { path: "none.png" }, /`none\.png` was not found/],
  ];
  const calls = inputs.map(([name, input], index) => functionCall(name, input, { callId: `${index}` }));
  const agent = new SandboxAgent({ name: "Tester", model: modelOf([calls]) });
  const { finalOutput, newItems } = await runner({ session }).run(agent, "Go on.");
  assert.equal(finalOutput, "Done.");
  const results = outputs(newItems);
  inputs.forEach(([name, , expected], index) => assert.match(results[index], expected, `${name} ${index}`));
});

test("files are read, listed, shown, and kept in the workspace", async (t) => {
  const { sandbox, session } = await sessionFor(t);
  await sandbox.files.write(`${HOME}/docs/one.png`, Buffer.from(PNG, "base64"));
  await sandbox.files.symlink("/etc", `${HOME}/docs/etc`);
  assert.deepEqual(await session.listDir({ path: "docs" }), [
    { name: "etc", path: "docs/etc", type: "other" },
    { name: "one.png", path: "docs/one.png", type: "file" },
  ]);
  assert.ok(
    (await session.listDir({ path: "." })).some(({ name, type }) => name === "docs" && type === "dir"),
  );
  const image = await session.viewImage({ path: "docs/one.png" });
  assert.equal(image.image.mediaType, "image/png");
  assert.equal(Buffer.from(image.image.data).toString("base64"), PNG);
  assert.deepEqual(
    [...(await session.readFile({ path: "docs/one.png", maxBytes: 4 }))],
    [0x89, 0x50, 0x4e, 0x47],
  );
  await assert.rejects(session.readFile({ path: "docs/etc/hostname" }), /leads out of/);
  await assert.rejects(session.readFile({ path: "none" }), { code: "ENOENT" });
  assert.deepEqual(await Promise.all(["docs", "price.mjs", "none"].map((path) => session.pathExists(path))), [
    true,
    true,
    false,
  ]);
  assert.deepEqual(
    await Promise.all(["docs", "price.mjs", "none"].map((path) => session.directoryExists(path))),
    [true, false, false],
  );
  assert.throws(() => session.createEditor("root"), SandboxUnsupportedFeatureError);
  assert.equal(await session.running(), true);
});

test("a run has a directory of its own in the workspace", async (t) => {
  const { sandbox, session } = await sessionFor(t);
  await sandbox.files.mkdir(`${HOME}/docs`);
  const agent = new SandboxAgent({
    name: "Tester",
    model: modelOf([[exec("pwd")], patch({ type: "create_file", path: "new.txt", diff: "+one\n" })]),
  });
  const { newItems } = await runner({ session, cwd: "docs" }).run(agent, "Go on.");
  assert.match(outputs(newItems)[0], new RegExp(`${HOME}/docs\n`));
  assert.equal(await sandbox.files.readText(`${HOME}/docs/new.txt`), "one");
});

test("the workspace is taken along as an archive", async (t) => {
  const { sandbox, session } = await sessionFor(t);
  const tar = await session.persistWorkspace();
  assert.ok(tar instanceof Uint8Array);
  const other = await sandboxSession(sandbox, { root: `${ROOT}-copy` });
  await other.hydrateWorkspace(tar);
  assert.equal(
    new TextDecoder().decode(await other.readFile({ path: "price.mjs" })),
    await sandbox.files.readText(`${HOME}/price.mjs`),
  );
  await assert.rejects(other.hydrateWorkspace("no archive"), /could not be unpacked/);
  const left = await sandbox.files.find("/tmp", { pattern: "superserve-workspace-*" });
  assert.deepEqual(left.entries, []);
});

test("a port's address is told", async (t) => {
  const { sandbox, session } = await sessionFor(t);
  const port = await freePort();
  const endpoint = await session.resolveExposedPort(port);
  assert.equal(endpoint.url, new URL(sandbox.getPreviewUrl(port)).href);
  assert.equal(new URL(urlForExposedPort(endpoint, "http")).host, new URL(endpoint.url).host);
});

test("a client makes what a manifest wants, and ends the sandbox with the run", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "openai-sandbox-"));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "inner"));
  writeFileSync(join(folder, "inner/local.txt"), "local");
  const manifest = new Manifest({
    root: ROOT,
    environment: { COLOUR: "red", SHADE: async () => "dark" },
    extraPathGrants: [{ path: folder }],
    entries: {
      "docs/readme.md": { type: "file", content: "read me" },
      "run.sh": { type: "file", content: new TextEncoder().encode("echo run"), permissions: "-rwxr-x---" },
      tree: { type: "dir", children: { "leaf.txt": { type: "file", content: "leaf" } } },
      local: { type: "local_dir", src: folder },
      repo: { type: "git_repo", repo: "file:///tmp/upstream", ref: "next", subpath: "part" },
    },
  });
  /** @type {string[]} */
  const ids = [];
  const repository = `git init -qb main /tmp/upstream && cd /tmp/upstream && mkdir part
    commit() { git add . && git -c user.name=a -c user.email=a@b.c commit -qm one; }
    echo old >part/file.txt && commit && git checkout -qb next && echo cloned >part/file.txt && commit && git checkout -q main`;
  const Watched = {
    async create(options) {
      const sandbox = await Sandbox.create(options);
      ids.push(sandbox.id);
      if (ids.length === 1) await sandbox.commands.run(repository);
      return sandbox;
    },
  };
  const client = new SuperserveSandboxClient({ Sandbox: Watched, create: { name: "openai" } });
  const cmd =
    'pwd; cat docs/readme.md tree/leaf.txt local/inner/local.txt repo/file.txt; stat -c %a run.sh; echo "$SHADE $COLOUR"; ls -a';
  const agent = new SandboxAgent({
    name: "Tester",
    model: modelOf([[exec(cmd)]]),
    defaultManifest: manifest,
  });
  const { newItems } = await runner({ client }).run(agent, "Go on.");
  const [told] = outputs(newItems);
  assert.match(told, new RegExp(`Output:\n${ROOT}\nread meleaflocalcloned\n750\ndark red\n`));
  assert.ok(!told.includes(".git"));
  assert.equal(ids.length, 1);
  await assert.rejects(Sandbox.connect(ids[0]), { name: "NotFoundError" });

  const refused = {
    user: { users: [{ name: "bob" }] },
    mount: { entries: { data: { type: "s3_mount", bucket: "b" } } },
    group: { entries: { a: { type: "file", content: "", group: { name: "staff" } } } },
    local_file: { entries: { a: { type: "local_file", src: "package.json" } } },
    above: { entries: { a: { type: "local_dir", src: "../.." } } },
    environment: { environment: { SHADE: () => Promise.reject(new SandboxUnsupportedFeatureError("none")) } },
    absolute: { entries: { a: { type: "local_dir", src: "/etc" } } },
  };
  for (const [name, init] of Object.entries(refused)) {
    const args = { manifest: new Manifest({ root: ROOT, ...init }) };
    await assert.rejects(client.create(args), SandboxUnsupportedFeatureError, name);
    await assert.rejects(Sandbox.connect(ids.at(-1)), { name: "NotFoundError" }, name);
  }
  await assert.rejects(client.create({ snapshot: { type: "local" } }), SandboxUnsupportedFeatureError);
});

test("a state that waits for approval is resumed in the same sandbox, by another program", async (t) => {
  const made = [];
  const Watched = {
    async create(options) {
      const sandbox = await Sandbox.create(options);
      made.push(sandbox);
      t.after(() => sandbox.kill());
      return sandbox;
    },
    connect: (id) => Sandbox.connect(id),
  };
  const ask = tool({
    name: "ask",
    description: "Asks.",
    parameters: { type: "object", properties: {}, required: [], additionalProperties: false },
    needsApproval: true,
    execute: async () => "yes",
  });
  const settings = { Sandbox: Watched, root: ROOT, onClose: "pause", create: { name: "openai" } };
  const agentOf = (steps) =>
    new SandboxAgent({ name: "Tester", model: modelOf(steps), tools: [ask], capabilities: [shell()] });
  const first = await runner({ client: new SuperserveSandboxClient(settings) }).run(
    agentOf([[exec("echo kept >file.txt")], [functionCall("ask", {}, { callId: "ask" })]]),
    "Go on.",
  );
  assert.equal(first.interruptions.length, 1);
  const text = JSON.stringify(first.state);
  assert.ok(text.includes(made[0].id));

  const agent = agentOf([[exec("cat file.txt")]]);
  const state = await RunState.fromString(agent, text);
  state.approve(state.getInterruptions()[0]);
  const { finalOutput, newItems } = await runner({ client: new SuperserveSandboxClient(settings) }).run(
    agent,
    state,
  );
  assert.equal(finalOutput, "Done.");
  assert.match(outputs(newItems).at(-1), /Output:\nkept\n/);
  assert.equal(made.length, 1);
  assert.equal((await made[0].getInfo()).status, "paused");
});
