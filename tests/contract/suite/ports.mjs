// What listens in a sandbox, and waiting for it: on the local server, and over connections that are cut.

import { EVENT_STREAM, event, finished, json, wireSandbox } from "../support/fixtures.mjs";
import { liveSandbox } from "../support/live.mjs";
import { quickTimers } from "../support/quick-timers.mjs";
import { stubbedSandbox } from "../support/stub-fetch.mjs";
import { NOT_COUNTS, NOT_OPTIONS, NOT_STRINGS, withoutNull } from "../support/wrong-values.mjs";

const SERVER = `import http.server as h
class Handler(h.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response({"/": 200, "/moved": 302, "/broken": 500}.get(self.path, 404))
        self.send_header("Location", "http://127.0.0.1:1/")
        self.end_headers()
s = h.HTTPServer(("127.0.0.1", 0), Handler)
print(s.server_port, flush=True)
s.serve_forever()`;

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("one that listens is listed, and waited for", async (ctx) => {
    const { assert, sdk } = ctx;
    const sandbox = await liveSandbox(ctx);
    await assert.rejects(sandbox.waitForPort(2, { timeoutMs: 200 }), sdk.TimeoutError);
    const { exitCode } = await sandbox.commands.run("command -v python3");
    if (exitCode !== 0) return console.log("# skipped: this machine has no python3");
    const server = await sandbox.processes.start("python3", { args: ["-c", SERVER] });
    const port = Number(await server.waitForLine(/^\d+$/));
    await sandbox.waitForPort(port);
    const [found, ...more] = (await sandbox.ports()).filter((one) => one.port === port);
    const { pid } = await server.info();
    assert.deepEqual([found.address, found.pid, more.length], ["127.0.0.1", pid, 0]);
    assert.match(found.command, /python3? -c import http/);
    for (const options of [{ path: "/" }, { path: "/moved" }, { path: "/broken", status: 500 }]) {
      await sandbox.waitForPort(port, options);
    }
    for (const options of [{ path: "/broken" }, { path: "/", status: 201 }]) {
      const error = await assert.rejects(
        sandbox.waitForPort(port, { ...options, timeoutMs: 300 }),
        sdk.TimeoutError,
      );
      assert.deepEqual([error.code, error.operation], ["timeout", "Sandbox.waitForPort"]);
    }
    await server.remove();
  });

  test("a path is asked for by each tool that the sandbox may have, and by none that is an error", async (ctx) => {
    const { assert } = ctx;
    const bin = "/tmp/some-tools";
    const sandbox = await liveSandbox(ctx, { envVars: { PATH: bin } });
    const path = { env: { PATH: "/usr/local/bin:/usr/bin:/bin" } };
    const python = (await sandbox.commands.run("command -v python3", path)).stdout.trim();
    if (!python) return console.log("# skipped: this machine has no python3");
    const tools =
      "cat id sed head sleep timeout setsid flock mkfifo dd base64 date mkdir rm mv wc tail env grep sh";
    const links = `mkdir -p ${bin} && for tool in ${tools}; do ln -s "$(command -v $tool)" ${bin}/$tool; done`;
    await sandbox.commands.run(links, path);
    const server = await sandbox.processes.start(python, { args: ["-c", SERVER] });
    const port = Number(await server.waitForLine(/^\d+$/));
    const error = await assert.rejects(sandbox.waitForPort(port, { path: "/" }));
    assert.deepEqual([error.code, error.operation], ["tool_missing", "Sandbox.waitForPort"]);
    assert.match(error.message, /curl, python3, bash, wget or node/);
    for (const tool of ["curl", "python3", "bash", "wget", "node"]) {
      const { stdout } = await sandbox.commands.run(
        `command -v ${tool} && ln -s "$(command -v ${tool})" ${bin}`,
        path,
      );
      if (!stdout) continue;
      await sandbox.waitForPort(port, { path: "/moved", status: 302 });
      await sandbox.commands.run(`rm ${bin}/${tool}`, path);
    }
    await server.remove();
  });

  test("a sandbox that is paused meanwhile is not resumed, and gone on with when it is", async (ctx) => {
    const { assert } = ctx;
    const states = ["pausing", "paused", "active"];
    let streams = 0;
    const { sandbox, calls } = await stubbedSandbox(ctx, ({ method, path }) => {
      if (method === "GET") return json(200, wireSandbox({ status: states.shift() }));
      if (path !== "/exec/stream") return json(200, wireSandbox());
      const body = streams++ ? event({ stdout: "!open\n" }) + finished() : "";
      return new Response(body, { headers: EVENT_STREAM });
    });
    quickTimers(ctx, 100);
    await sandbox.waitForPort(3000);
    assert.deepEqual([streams, states.length], [2, 0]);
    assert.deepEqual(
      calls.filter(({ path }) => /activate|resume/.test(path)),
      [],
    );
  });

  test("what cannot be is refused before anything is sent", async (ctx) => {
    const { assert, sdk } = ctx;
    const { sandbox, calls } = await stubbedSandbox(ctx, () => json(200, {}));
    for (const port of [0, 65_536, null, undefined, ...NOT_COUNTS]) {
      await assert.rejects(() => sandbox.waitForPort(port), sdk.ValidationError, assert.show(port));
    }
    for (const options of [
      ...NOT_OPTIONS,
      ...["", "health", "/a b", "/é", "/\n", ...withoutNull(NOT_STRINGS)].map((path) => ({ path })),
      ...[99, 600, ...withoutNull(NOT_COUNTS)].map((status) => ({ path: "/", status })),
      { status: 200 },
    ]) {
      await assert.rejects(() => sandbox.waitForPort(1, options), sdk.ValidationError, assert.show(options));
    }
    for (const options of NOT_OPTIONS) {
      await assert.rejects(() => sandbox.ports(options), sdk.ValidationError, assert.show(options));
    }
    assert.equal(calls.length, 0);
  });
}
