// The sandbox as the tools of an agent, on the local server: what each comes to, and what a model's mistakes come to.

import { eventually, freshName, live, liveSandbox } from "../support/live.mjs";

/** @typedef {import("../support/types.d.ts").Ctx} Ctx */

/** Tools by their names, which are called with the input alone. @param {Ctx} ctx @param {any} sandbox @param {object} [options] */
function called({ tools }, sandbox, options) {
  const list = tools.sandboxTools(sandbox, options);
  return Object.fromEntries(list.map((tool) => [tool.name, (input, how) => tool.execute(input, how)]));
}

/** The text of a result. */
const textOf = ({ content }) => content[0].text;

/** A port at which nothing listens, as a rule. */
const freePort = () => 20_000 + Math.floor(Math.random() * 10_000);

/** Nothing that a test may ask. */
const NO_SANDBOX = {
  commands: {},
  files: {},
  desktop: {},
};

const NAMES = [
  "bash",
  "read_file",
  "write_file",
  "edit_file",
  "list_files",
  "glob",
  "grep",
  "start_process",
  "process_output",
  "stop_process",
  "preview_url",
  "run_code",
];

/** A PNG of one pixel. */
const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("which tools there are, and what is told of them", ({ assert, tools }) => {
    const names = (options) => tools.sandboxTools(NO_SANDBOX, options).map(({ name }) => name);
    assert.deepEqual(names(), NAMES);
    assert.deepEqual(names({ screen: true }), [...NAMES, "computer"]);
    assert.deepEqual(names({ include: ["grep", "bash"] }), ["bash", "grep"]);
    assert.deepEqual(names({ include: ["computer"] }), ["computer"]);
    assert.deepEqual(names({ exclude: NAMES.slice(1) }), ["bash"]);
    const writes = [
      "bash",
      "write_file",
      "edit_file",
      "start_process",
      "stop_process",
      "preview_url",
      "run_code",
    ];
    const list = tools.sandboxTools(NO_SANDBOX, { root: "/app" });
    assert.deepEqual(
      list.filter(({ annotations }) => !annotations.readOnlyHint).map(({ name }) => name),
      writes,
    );
    for (const { name, title, description, inputSchema } of list) {
      assert.ok(title.length > 3 && description.endsWith("Paths start at /app."), name);
      const { type, properties, required, additionalProperties } = inputSchema;
      assert.deepEqual(
        [type, additionalProperties, required],
        ["object", false, Object.keys(properties)],
        name,
      );
    }
    list[0].inputSchema.properties.command.description = "Changed.";
    const [{ inputSchema }] = tools.sandboxTools(NO_SANDBOX);
    assert.notEqual(inputSchema.properties.command.description, "Changed.");
    for (const [wrong, options] of [
      [{}, {}],
      [undefined, {}],
      [NO_SANDBOX, { include: ["bash", "sh"] }],
      [NO_SANDBOX, { root: "app" }],
      [NO_SANDBOX, { limits: { chars: 0 } }],
      [NO_SANDBOX, { limits: { characters: 1 } }],
    ]) {
      assert.throws(() => tools.sandboxTools(wrong, options), TypeError);
    }
  });

  test("what a model gets wrong is told to it, and nothing is asked of the sandbox", async (ctx) => {
    const { assert, tools } = ctx;
    const all = called(ctx, NO_SANDBOX, { screen: true });
    /** @type {[name: string, input: unknown, says: RegExp][]} */
    const wrong = [
      ["bash", {}, /^`command` is missing\. It takes `command`, `cwd`, `timeout_ms`\.$/],
      ["bash", { command: null }, /`command` is missing/],
      ["bash", { command: 5 }, /`command` has to be a string/],
      ["bash", { command: "" }, /empty/],
      ["bash", { command: "x".repeat(1_000_000) }, /write_file/],
      ["bash", { command: "ls", timeout: 5 }, /There is no `timeout`/],
      ["bash", { command: "ls", timeout_ms: "5" }, /`timeout_ms` has to be an integer/],
      ["bash", { command: "ls", timeout_ms: 0.5 }, /`timeout_ms` has to be an integer/],
      [
        "bash",
        { command: "ls", timeout_ms: 600_001 },
        /`timeout_ms` has to be an integer, 1 or more, 600000 at most\./,
      ],
      ["bash", '{"command": "ls', /not complete JSON/],
      ["bash", "[]", /has to be an object/],
      ["bash", null, /has to be an object/],
      ["bash", undefined, /has to be an object/],
      ["bash", 7, /has to be an object/],
      ["bash", JSON.parse('{"command": "ls", "__proto__": {"cwd": "/"}}'), /There is no `__proto__`/],
      ["bash", { command: "ls", toString: "ls" }, /There is no `toString`/],
      ["bash", { [`x${"y".repeat(1_000_000)}`]: 1 }, /There is no `xy+`/],
      ["read_file", { path: "" }, /empty/],
      ["read_file", { path: "~/a" }, /absolute path/],
      ["read_file", { path: "/a\0b" }, /NUL/],
      ["read_file", { path: ["/a"] }, /`path` has to be a string/],
      ["read_file", { path: "/a", offset: 0 }, /`offset` has to be an integer, 1 or more\./],
      ["write_file", { path: "/a/", content: "" }, /directory/],
      ["edit_file", { path: "/a", old_string: "", new_string: "b" }, /old_string is empty/],
      ["edit_file", { path: "/a", old_string: "b", new_string: "b" }, /the same/],
      ["edit_file", { path: "/a", old_string: "b", new_string: "c", replace_all: "yes" }, /true or false/],
      ["run_code", { code: "1", language: "ruby" }, /has to be one of python, javascript, bash\./],
      ["preview_url", { port: 80 }, /1024 or more/],
      ["computer", { action: "dance" }, /has to be one of screenshot/],
      [
        "computer",
        { action: "left_click", coordinate: [1] },
        /`coordinate` has to be an array of 2 integers\./,
      ],
      [
        "computer",
        { action: "left_click", coordinate: [1, "2"] },
        /`coordinate` has to be an array of 2 integers\./,
      ],
      ["computer", { action: "left_click" }, /takes coordinate/],
    ];
    for (const [name, input, says] of wrong) {
      const what = `${name} ${JSON.stringify(input)?.slice(0, 100)}`;
      const result = await all[name](input);
      assert.equal(result.isError, true, what);
      assert.match(textOf(result), says, what);
      assert.ok(textOf(result).length < 600, what);
      assert.deepEqual(Object.keys(result), ["content", "isError"], what);
    }
    // What it gives is told back to it, though not at any length.
    const fenced = called(ctx, NO_SANDBOX, { root: "/app" });
    const path = `/${"a".repeat(1_000_000)}`;
    for (const [name, more] of [["read_file"], ["write_file", { content: "" }]]) {
      const result = await fenced[name]({ path, ...more });
      assert.match(textOf(result), /^\/a+ \[\d+ more characters\]$/);
      assert.ok(textOf(result).length < 2100, name);
    }
    const provider = { use: () => Promise.reject(new Error("the key is sk-123")) };
    const [{ execute }] = tools.sandboxTools(provider, { include: ["bash"] });
    const result = await execute({ command: "ls" });
    assert.equal(result.isError, true);
    assert.ok(!textOf(result).includes("sk-123"), "what strangers say is not told");
  });

  test("commands: output, exit codes, times, and what is long", { timeoutMs: 60_000 }, async (ctx) => {
    const { assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    const { bash, read_file, grep } = called(ctx, sandbox, { limits: { chars: 1000, lines: 100 } });
    const pieces = [];
    const onProgress = (piece) => pieces.push(piece);
    const both = await bash('{"command": "echo out; [[ a == a ]] && echo in bash; exit 3"}', { onProgress });
    assert.deepEqual(both, {
      content: [{ type: "text", text: "out\nin bash\nExit code: 3" }],
      structured: { output: "out\nin bash", exit_code: 3, truncated: false, output_path: null },
    });
    assert.equal(pieces.map(({ text }) => text).join(""), "out\nin bash\n");
    assert.equal(textOf(await bash({ command: "pwd", cwd: "/tmp", timeout_ms: null })), "/tmp");
    assert.equal(textOf(await bash({ command: "true" })), "(no output)");

    const late = await bash({ command: "echo begun; sleep 600", timeout_ms: 1000 });
    assert.equal(late.structured.exit_code, null);
    assert.match(textOf(late), /^begun\n[\s\S]*Ended after 1 second, .*start_process\.$/);

    const long = await bash({ command: "seq 1 100000" });
    const { output, truncated, output_path: path } = long.structured;
    assert.ok(truncated && output.length < 1400, `${output.length} characters`);
    assert.ok(output.startsWith("1\n2\n") && output.endsWith("99999\n100000"), output);
    assert.ok(output.includes(`The whole is in ${path}: `), output);
    assert.equal(
      await sandbox.files.readText(path),
      `${Array.from({ length: 100_000 }, (_, i) => i + 1).join("\n")}\n`,
    );
    assert.match(
      textOf(await read_file({ path, offset: 50_000, limit: 1 })),
      /^50000\t50000\n\n\[.*offset 50001\.\]$/,
    );
    assert.equal(textOf(await grep({ path, pattern: "^77777$" })), `${path}:77777:77777`);
    const lines = await bash({ command: "yes | head -200" });
    assert.equal(lines.structured.output.match(/^y$/gm).length, 100);

    const wrong = new Error("the caller's own");
    const thrown = await assert.rejects(() =>
      bash(
        { command: "echo; sleep 600" },
        {
          onProgress: () => {
            throw wrong;
          },
        },
      ),
    );
    assert.ok(thrown === wrong, "what a callback throws");
  });

  test("files: lines, pieces, images, and what is refused", { timeoutMs: 60_000 }, async (ctx) => {
    const { assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    const all = called(ctx, sandbox, {
      limits: { fileBytes: 100_000, imageBytes: 70_000, lineChars: 20, chars: 2000 },
    });
    const { read_file, write_file, edit_file } = all;
    const path = "/tmp/files/a.txt";
    assert.deepEqual((await write_file({ path, content: "één\ntwee\ndrie\n" })).structured, {
      path,
      size: 16,
    });
    assert.deepEqual(await read_file({ path }), {
      content: [{ type: "text", text: "1\téén\n2\ttwee\n3\tdrie" }],
      structured: {
        path,
        text: "1\téén\n2\ttwee\n3\tdrie",
        first_line: 1,
        last_line: 3,
        total_lines: 3,
        size: 16,
      },
    });
    assert.match(
      textOf(await read_file({ path, offset: 2, limit: 1 })),
      /^2\ttwee\n\n\[.* has 3 lines: go on with offset 3\.\]$/,
    );
    assert.match(textOf(await read_file({ path, offset: 4 })), /has 3 lines: give an offset of at most 3/);

    const edit = (old_string, new_string, more) => edit_file({ path, old_string, new_string, ...more });
    assert.match(textOf(await edit("vier", "4")), /is not in \/tmp\/files\/a\.txt: read it again/);
    assert.match(textOf(await edit("n\n", "N\n")), /^Replaced 1 place in/);
    assert.match(textOf(await edit("i", "I")), /^Replaced 1 place in/);
    assert.match(textOf(await edit("\n", "\r\n")), /is in .* 3 times: .*replace_all/);
    assert.equal((await edit("\n", "\r\n", { replace_all: true })).structured.count, 3);
    assert.equal(await sandbox.files.readText(path), "ééN\r\ntwee\r\ndrIe\r\n");

    await sandbox.files.writeMany([
      { path: "/tmp/files/empty", content: "" },
      { path: "/tmp/files/binary", content: new Uint8Array(300_000) },
      { path: "/tmp/files/long", content: "x".repeat(100) },
      { path: "/tmp/files/huge", content: "line\n".repeat(30_000) },
      { path: "/tmp/files/large", content: "line\n".repeat(15_000) },
      { path: "/tmp/files/one.png", content: Uint8Array.from(atob(PIXEL), (one) => one.charCodeAt(0)) },
      { path: "/tmp/files/big.gif", content: `GIF89a${"x".repeat(80_000)}` },
    ]);
    const read = (name, more) => read_file({ path: `/tmp/files/${name}`, ...more });
    assert.match(textOf(await read("empty")), /is empty/);
    assert.match(textOf(await read("binary")), /binary file.*bash/);
    assert.equal(textOf(await read("long")), `1\t${"x".repeat(20)} [80 more characters]`);
    assert.match(textOf(await read("huge")), /more than 100000 bytes.*grep/);
    assert.match(textOf(await read("large")), /^1\tline\n[\s\S]*has 15000 lines: go on with offset \d+\.\]$/);
    assert.equal(textOf(await read("large", { offset: 15_000 })), "15000\tline");
    const image = await read("one.png");
    assert.deepEqual(image.content[1], { type: "image", data: PIXEL, mimeType: "image/png" });
    assert.match(textOf(await read("big.gif")), /more than 70000 bytes.*smaller/);
    assert.match(textOf(await read("none")), /no such file.*glob/);
    assert.match(textOf(await read("")), /directory.*list_files/);
    const megabyte = "é".repeat(500_000);
    assert.equal((await write_file({ path, content: megabyte })).structured.size, 1_000_000);
  });

  test("lists, names and lines", { timeoutMs: 60_000 }, async (ctx) => {
    const { assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    const root = "/tmp/look";
    await sandbox.files.writeMany([
      { path: `${root}/a.ts`, content: "one\ntwo 2\nthree\n" },
      { path: `${root}/src/b.ts`, content: "TWO 2\n" },
      { path: `${root}/src/c.md`, content: "two 2\n" },
      { path: `${root}/node_modules/d.ts`, content: "two 2\n" },
    ]);
    const { list_files, glob, grep } = called(ctx, sandbox, { root });
    assert.equal(textOf(await list_files({})), `${root}/a.ts\t16\n${root}/node_modules/\n${root}/src/`);
    assert.equal((await list_files({ path: "src" })).structured.files.length, 2);
    assert.match(textOf(await list_files({ path: "none" })), /no such file/);
    const found = await glob({ pattern: "**/*.ts" });
    assert.deepEqual([...found.structured.paths].sort(), [`${root}/a.ts`, `${root}/src/b.ts`]);
    assert.deepEqual((await glob({ pattern: "*.ts", path: "node_modules" })).structured.paths, [
      `${root}/node_modules/d.ts`,
    ]);
    assert.match(textOf(await glob({ pattern: "*.rs" })), /^No file fits/);
    assert.deepEqual((await grep({ pattern: "two [0-9]" })).structured, {
      matches: [
        { path: `${root}/a.ts`, line: 2, text: "two 2" },
        { path: `${root}/src/c.md`, line: 1, text: "two 2" },
      ],
      truncated: false,
    });
    const around = await grep({ pattern: "two", glob: "*.ts", ignore_case: true, context: 1, limit: 10 });
    assert.equal(
      textOf(around),
      `${root}/a.ts-1-one\n${root}/a.ts:2:two 2\n${root}/a.ts-3-three\n--\n${root}/src/b.ts:1:TWO 2\n--`,
    );
    assert.match(textOf(await grep({ pattern: "two", limit: 1 })), /\[There is more: .*narrower/);
    assert.match(textOf(await grep({ pattern: "(" })), /regular expression/);
    assert.match(textOf(await grep({ pattern: "four" })), /^Nothing fits four in/);
    for (const look of [glob, grep]) {
      const { length } = textOf(await look({ pattern: "x".repeat(10_000) }));
      assert.ok(length < 300, `${length} characters`);
    }
  });

  test("no path leads out of the root", { timeoutMs: 60_000 }, async (ctx) => {
    const { assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    const root = "/tmp/fence/root";
    const all = called(ctx, sandbox, { root });
    // The root is made by the first that needs it.
    assert.equal(textOf(await all.bash({ command: "pwd" })), root);
    await sandbox.files.write("/tmp/fence/secret", "secret");
    await sandbox.files.write("/tmp/fence/rooted", "secret");
    const links =
      "ln -s /tmp/fence out; ln -s ../secret file; ln -s /tmp/fence/new dangling; mkdir in; ln -s in inner";
    await sandbox.commands.run(links, { cwd: root });
    const outside = [
      "/tmp/fence/secret",
      "../secret",
      "a/../../secret",
      "/tmp/fence/rooted",
      "/tmp/fence/root/../secret",
      "out/secret",
      "out/made/file",
      "file",
      "dangling",
      "/",
    ];
    const refused = async (name, input) => {
      const result = await all[name](input);
      assert.match(textOf(result), /leads out of \/tmp\/fence\/root/, `${name} ${JSON.stringify(input)}`);
    };
    for (const path of outside) await refused("write_file", { path, content: "changed" });
    const path = "out/secret";
    await refused("read_file", { path });
    await refused("edit_file", { path, old_string: "secret", new_string: "changed" });
    for (const name of ["grep", "glob"]) await refused(name, { path, pattern: "secret" });
    await refused("list_files", { path });
    for (const name of ["bash", "start_process"]) await refused(name, { command: "true", cwd: path });
    assert.equal(await sandbox.files.readText("/tmp/fence/secret"), "secret");
    assert.equal(await sandbox.files.exists("/tmp/fence/new"), false);
    await all.write_file({ path: "inner/deep/er", content: "fine" });
    assert.equal(await sandbox.files.readText(`${root}/in/deep/er`), "fine");
    assert.equal(textOf(await all.read_file({ path: `${root}/./inner//deep/er` })), "1\tfine");

    // Outputs that were kept may be read, and nothing by way of them.
    const { bash } = called(ctx, sandbox, { root, limits: { chars: 100 } });
    const kept = (await bash({ command: "seq 1000" })).structured.output_path;
    assert.match(textOf(await all.read_file({ path: kept, offset: 1000 })), /^1000\t1000$/);
    await refused("write_file", { path: kept, content: "changed" });
    await sandbox.commands.run("ln -sf /tmp/fence/secret link", {
      cwd: kept.slice(0, kept.lastIndexOf("/")),
    });
    await refused("read_file", { path: `${kept}/../link` });
  });

  test("processes: started, looked at, ended; a server's URL", { timeoutMs: 60_000 }, async (ctx) => {
    const { assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    const { start_process, process_output, stop_process, preview_url } = called(ctx, sandbox);
    assert.match(textOf(await process_output({})), /^There are no processes/);
    const started = await start_process({ command: "echo one; echo two >&2; sleep 600", name: "web" });
    const { process_id } = started.structured;
    await eventually(async () => {
      const { structured } = await process_output({ process_id: "web" });
      return structured.output === "one\n[standard error]\ntwo";
    }, "the output");
    assert.match(textOf(await process_output({ process_id })), /\(web\): running: echo one/);
    assert.equal(
      (await process_output({ process_id: null })).structured.processes[0].command,
      "echo one; echo two >&2; sleep 600",
    );
    assert.match(textOf(await stop_process({ process_id })), /has ended with exit code \d+\.$/);
    const [one] = (await process_output({ process_id, wait_ms: 10_000 })).structured.processes;
    assert.equal(one.running, false);
    assert.match(
      textOf(await stop_process({ process_id: "none" })),
      /^there is no process none\. .*processes with process_output\.$/,
    );
    const long = `sleep 600 # ${"x".repeat(100_000)}`;
    const { process_id: id } = (await start_process({ command: long })).structured;
    const { command } = (await process_output({ process_id: id })).structured.processes[0];
    assert.match(command, /^sleep 600 # x+ \[\d+ more characters\]$/);
    await stop_process({ process_id: id });
    const port = freePort();
    const failing = await start_process({ command: "echo bad luck; exit 4", port });
    assert.equal(failing.isError, true);
    assert.match(textOf(failing), /bad luck/);
    const preview = await preview_url({ port });
    assert.match(textOf(preview), /^https?:\/\/[\s\S]*Nothing listens at port \d+ yet/);
    assert.ok(!/token/.test(preview.structured.url), preview.structured.url);
  });

  test("code keeps its state", { timeoutMs: 60_000 }, async (ctx) => {
    const { assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    const { run_code } = called(ctx, sandbox);
    const run = (code) => run_code({ code, language: "bash" });
    assert.equal(textOf(await run("x=20; echo set")), "set");
    assert.deepEqual((await run("echo $((x + 1))")).structured, { output: "21", error: null, images: 0 });
    const failed = await run("f() { return 4; }\nf");
    assert.match(failed.structured.error, /^ExitStatus: /);
    assert.equal(failed.isError, undefined);
  });

  test("what code shows is told, whatever its form", async (ctx) => {
    const { assert } = ctx;
    const results = [
      { "text/plain": "4" },
      { "text/html": "<b>4</b>" },
      { "text/plain": "<Figure>", "image/png": PIXEL },
      { "image/jpeg": PIXEL.repeat(20) },
    ];
    const code = { run: async () => ({ results }) };
    const { run_code } = called(ctx, { ...NO_SANDBOX, code }, { limits: { imageBytes: 1000 } });
    const { content, structured } = await run_code({ code: "4" });
    assert.deepEqual(content, [
      { type: "text", text: '4\n{"text/html":"<b>4</b>"}' },
      { type: "image", data: PIXEL, mimeType: "image/png" },
      { type: "text", text: "[An image is left out, which has more than 1000 bytes: make a smaller one.]" },
    ]);
    assert.equal(structured.images, 2);
  });

  test("each action of the screen is one of its methods", async (ctx) => {
    const { assert } = ctx;
    const calls = [];
    const method =
      (name) =>
      async (...args) => {
        const { signal, ...options } = args.pop();
        if (name !== "screenshot") calls.push([name, ...args, ...Object.values(options)]);
        return { data: new Uint8Array([1, 2, 3]), width: 4, height: 3 };
      };
    const desktop = new Proxy({}, { get: (_, name) => method(name) });
    const { computer } = called(ctx, { ...NO_SANDBOX, desktop }, { screen: true });
    const coordinate = [1, 2];
    for (const [input, ...expected] of [
      [{ action: "screenshot" }],
      [{ action: "left_click", coordinate }, ["click", 1, 2]],
      [{ action: "right_click", coordinate }, ["rightClick", 1, 2]],
      [{ action: "middle_click", coordinate }, ["middleClick", 1, 2]],
      [{ action: "double_click", coordinate }, ["doubleClick", 1, 2]],
      [{ action: "mouse_move", coordinate }, ["moveMouse", 1, 2]],
      [{ action: "left_click_drag", start_coordinate: [3, 4], coordinate }, ["drag", [3, 4], [1, 2]]],
      [{ action: "scroll", scroll_direction: "up" }, ["scroll", 0, -3]],
      [
        { action: "scroll", scroll_direction: "right", scroll_amount: 1, coordinate },
        ["moveMouse", 1, 2],
        ["scroll", 1, 0],
      ],
      [{ action: "type", text: "a" }, ["write", "a"]],
      [{ action: "key", text: "ctrl+s" }, ["press", "ctrl+s"]],
      [{ action: "wait", duration: 1 }],
    ]) {
      calls.length = 0;
      const { content, structured } = await computer(input);
      assert.deepEqual(calls, expected, input.action);
      assert.deepEqual(structured, { width: 4, height: 3 });
      assert.deepEqual(content[1], { type: "image", data: "AQID", mimeType: "image/png" });
    }
    const controller = new AbortController();
    const waiting = computer({ action: "wait", duration: 30 }, controller).catch((error) => error);
    controller.abort("enough");
    assert.equal(await waiting, "enough");
  });

  test("the screen is seen and used", { timeoutMs: 60_000 }, async (ctx) => {
    const { assert } = ctx;
    const none = called(ctx, await liveSandbox(ctx), { screen: true });
    const without = await none.computer({ action: "screenshot" });
    assert.equal(without.isError, true);
    assert.match(textOf(without), /superserve\/desktop/);

    const sandbox = await liveSandbox(ctx, { fromTemplate: "superserve/desktop" });
    const { computer } = called(ctx, sandbox, { screen: true });
    const { content, structured, isError } = await computer({ action: "screenshot" });
    // Not every machine has the programs for one.
    if (isError) return assert.match(content[0].text, /not installed|not running/);
    assert.match(atob(content[1].data), /^\x89PNG/);
    assert.equal(
      content[0].text,
      `screenshot: done. The screen has ${structured.width} × ${structured.height} pixels.`,
    );
    // xev, of x11-utils, writes down what happens to its window. Without it there is nothing more to see.
    if ((await sandbox.commands.run("command -v xev")).exitCode !== 0) return;
    await sandbox.commands.run(`(DISPLAY=:0 stdbuf -oL xev -geometry 300x200+100+50 >/tmp/events 2>&1 &)
      until grep -q 'Expose event' /tmp/events; do sleep 0.05; done`);
    assert.equal((await computer({ action: "left_click", coordinate: [150, 90] })).isError, undefined);
    await computer({ action: "key", text: "ctrl+s" });
    const happened = async () => {
      const { stdout } = await sandbox.commands.run("cat /tmp/events");
      return /ButtonPress event[\s\S]*?root:\(150,90\)[\s\S]*?button 1,[\s\S]*KeyPress event[\s\S]*?keysym 0x73, s\)/.test(
        stdout,
      );
    };
    await eventually(happened, "a click and a key");
  });

  test("nothing is changed that was not approved", async (ctx) => {
    const { assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    const asked = [];
    let verdict = () => true;
    const approve = (call) => {
      asked.push(call);
      return verdict();
    };
    const { bash, read_file, write_file } = called(ctx, sandbox, { approve });
    assert.equal(textOf(await bash({ command: "echo yes" })), "yes");
    const annotations = {
      readOnlyHint: false,
      destructiveHint: true,
      idempotentHint: false,
      openWorldHint: true,
    };
    assert.deepEqual(asked, [
      { name: "bash", input: { command: "echo yes", cwd: null, timeout_ms: null }, annotations },
    ]);
    const path = "/tmp/approved";
    for (const [no, says] of [
      [() => false, /not approved/],
      [() => "Never on Sundays.", /^Never on Sundays\.$/],
      [async () => undefined, /not approved/],
      [() => ({ approved: false }), /not approved/],
      [() => Promise.reject(new Error("secret")), /not approved/],
    ]) {
      verdict = no;
      const result = await write_file({ path, content: "x" });
      assert.equal(result.isError, true);
      assert.match(textOf(result), says);
    }
    await bash({});
    await read_file({ path });
    assert.equal(asked.length, 6, "neither wrong input nor what reads is asked about");
    assert.equal(await sandbox.files.exists(path), false);
    const controller = new AbortController();
    verdict = () => new Promise(() => controller.abort("enough"));
    assert.equal(await write_file({ path, content: "x" }, controller).catch((error) => error), "enough");
  });

  test("an abort ends a call, and leaves nothing", { timeoutMs: 60_000 }, async (ctx) => {
    const { assert } = ctx;
    const sandbox = await liveSandbox(ctx);
    const { bash, start_process, process_output } = called(ctx, sandbox);
    const early = await bash({ command: "true" }, { signal: AbortSignal.abort("early") }).catch(
      (error) => error,
    );
    assert.equal(early, "early");
    const controller = new AbortController();
    const onProgress = () => controller.abort("enough");
    // Another run may be on the same machine.
    const long = `${freePort()}1`;
    const command = `echo begun; exec sleep ${long}`;
    const { signal } = controller;
    assert.equal(await bash({ command }, { signal, onProgress }).catch((error) => error), "enough");
    const left = async () => (await sandbox.commands.run(`ps -ef | grep '[s]leep ${long}'`)).stdout === "";
    await eventually(left, "the end of the command");
    const waiting = new AbortController();
    const work = start_process({ command: `exec sleep ${long}`, port: freePort() }, waiting).catch(
      (error) => error,
    );
    const running = async () => (await process_output({})).structured.processes.length === 1;
    await eventually(running, "a process");
    waiting.abort("enough");
    assert.equal(await work, "enough");
    await eventually(async () => !(await running()) && (await left()), "the end of the process");

    // A call that is given up holds the sandbox until what it began is gone, and makes nobody wait for that.
    let isHeld = true;
    let gone = () => {};
    const removed = new Promise((resolve) => (gone = resolve));
    const process = {
      waitForPort: (_, { signal }) =>
        new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
      remove: () => removed,
    };
    const processes = { start: async () => process };
    const provider = {
      use: async (work) => {
        try {
          return await work({ ...NO_SANDBOX, processes });
        } finally {
          isHeld = false;
        }
      },
    };
    const tried = new AbortController();
    const given = called(ctx, provider).start_process({ command: "true", port: 5000 }, tried);
    setTimeout(() => tried.abort("enough"));
    assert.equal(await given.catch((error) => error), "enough");
    assert.equal(isHeld, true);
    gone();
    await eventually(async () => !isHeld, "the end of the use");
  });

  test("a lazy sandbox is made once, shared, and paused when nobody uses it", {
    timeoutMs: 60_000,
  }, async (ctx) => {
    const { assert, sdk, tools } = ctx;
    if (ctx.relay) return;
    const { Sandbox } = sdk;
    let made = 0;
    const create = async () => {
      made += 1;
      return liveSandbox(ctx);
    };
    const lazy = tools.lazySandbox({ create, idleMs: 0 });
    const { bash } = called(ctx, lazy);
    assert.equal(lazy.isStarted, false);
    const texts = await Promise.all(
      ["a", "b", "c"].map((word) => bash({ command: `echo ${word} | tee -a /tmp/words` })),
    );
    assert.deepEqual(texts.map(textOf), ["a", "b", "c"]);
    assert.equal(made, 1);
    const { id } = await lazy.use((sandbox) => sandbox);
    const is = (status) => async () => (await Sandbox.get(id, live(ctx))).status === status;
    await eventually(is("paused"), "the pause");
    assert.equal(textOf(await bash({ command: "wc -l < /tmp/words" })).trim(), "3");
    assert.equal(made, 1);
    await lazy.release();
    await eventually(is("paused"), "the pause by release");

    const key = freshName();
    const options = { key, create: { ...live(ctx), name: key }, idle: "kill", Sandbox };
    const [one, other] = [tools.lazySandbox(options), tools.lazySandbox(options)];
    let go = () => {};
    const held = one.use(({ id }) => new Promise((resolve) => (go = () => resolve(id))));
    const same = await other.use(({ id }) => id);
    await other.release();
    assert.equal((await Sandbox.get(same, live(ctx))).metadata.agent, key, "it is used, and stays");
    go();
    assert.equal(await held, same);
    const gone = () =>
      Sandbox.get(same, live(ctx)).then(() => false, sdk.NotFoundError.is.bind(sdk.NotFoundError));
    await eventually(gone, "the end");

    const again = tools.lazySandbox({ create, idle: "kill" });
    const before = made;
    const first = await again.use(async (sandbox) => {
      await sandbox.kill();
      return sandbox.id;
    });
    const tool = called(ctx, again);
    assert.match(textOf(await tool.bash({ command: "true" })), /not found/);
    // A file that is missing is no sandbox that is.
    const second = await again.use(({ id }) => id);
    assert.notEqual(second, first, "another in the place of one that was deleted");
    assert.equal((await tool.edit_file({ path: "/none", old_string: "a", new_string: "b" })).isError, true);
    assert.equal(await again.use(({ id }) => id), second);
    assert.equal(made, before + 2);
    await again.release();

    let tries = 0;
    const failing = tools.lazySandbox({ create: () => Promise.reject(new Error(`try ${++tries}`)) });
    for (const message of ["try 1", "try 2"]) {
      assert.equal((await assert.rejects(() => failing.use(() => 1))).message, message);
    }
    const stuck = tools.lazySandbox({ create: () => new Promise(() => {}) });
    const controller = new AbortController();
    const waiting = stuck.use(() => 1, controller).catch((error) => error);
    controller.abort("enough");
    assert.equal(await waiting, "enough");
    for (const wrong of [
      { id: "a", key: "b" },
      { key: "" },
      { idle: "sleep" },
      { idleMs: -1 },
      { id: "a", create: {} },
    ]) {
      assert.throws(() => tools.lazySandbox(wrong), TypeError);
    }
  });
}
