// A template from its definition to its end: built before your eyes, then started three times over.
//
// Settings come from the environment: SUPERSERVE_API_KEY, and SUPERSERVE_BASE_URL for a server of your own.

import assert from "node:assert/strict";

import { BuildError, NotFoundError, Sandbox, SandboxError, Template } from "@superserve/sdk";

const started = Date.now();
let step = 0;

/** Announces what comes next. */
function say(text) {
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  console.log(`\n${String(++step).padStart(2)}. ${text}  (${seconds} s)`);
}

const note = (text) => console.log(`    ${text}`);

// What every sandbox of the template serves.
const SERVER = `
import http.server, os

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(os.environ["GREETING"].encode())

    def log_message(self, *args):
        pass

server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
with open("/tmp/port", "w") as file:
    file.write(str(server.server_port))
server.serve_forever()
`;

const FETCH = `python3 -c "
import urllib.request
port = open('/tmp/port').read()
print(urllib.request.urlopen('http://127.0.0.1:' + port).read().decode())
"`;

/** One line for each event of a build log. */
function show({ stream, text }) {
  const mark = { stdout: "|", stderr: "!", system: "·" }[stream] ?? "?";
  note(`${mark} ${text}`);
}

async function tour(template) {
  say("Watch it being built");
  const events = [];
  const ready = await template.waitUntilReady({
    pollIntervalMs: 500,
    onLog(event) {
      events.push(event);
      show(event);
    },
  });
  note(`${ready.name} is ${ready.status}, built at ${ready.builtAt.toLocaleTimeString()}`);
  assert.equal(ready.status, "ready");
  const lines = events.filter(({ stream }) => stream === "stdout").map(({ text }) => text);
  assert.deepEqual(
    lines.filter((text) => text.startsWith("packing")),
    ["packing 1 of 3", "packing 2 of 3", "packing 3 of 3"],
  );
  assert.equal(events.at(-1).status, "ready");

  say("Start sandboxes from the object, the name and the id");
  for (const fromTemplate of [template, template.name, template.id]) {
    const sandbox = await Sandbox.create({ name: "from-template", fromTemplate, timeoutSeconds: 600 });
    try {
      const { stdout } = await sandbox.commands.run(`cat parcel.txt && ${FETCH}`);
      const [parcel, greeting] = stdout.trim().split("\n");
      note(`${sandbox.id}: ${parcel}; its server says "${greeting}"`);
      assert.equal(parcel, "packed by hand");
      assert.equal(greeting, "Hello from the template");
    } finally {
      await sandbox.kill();
    }
  }

  say("Read the log again: it is told from its start");
  let count = 0;
  await template.streamBuildLogs({ onEvent: () => void (count += 1) });
  note(`${count} events, as many as before`);
  assert.equal(count, events.length);

  say("Build it anew, and think better of it");
  const build = await template.rebuild();
  await template.cancelBuild(build.id);
  const builds = await template.listBuilds();
  for (const { id, status } of builds) note(`${id}: ${status}`);
  assert.deepEqual(
    builds.map(({ status }) => status),
    ["cancelled", "ready"],
  );

  say("Find it in the list");
  const found = await Template.list({ namePrefix: template.name });
  for (const { name, status, vcpu, memoryMib } of found)
    note(`${name}: ${status}, ${vcpu} CPU, ${memoryMib} MiB`);
  assert.deepEqual(
    found.map(({ id }) => id),
    [template.id],
  );
}

/** A build that fails says in which stage, and why. */
async function failure(name) {
  say("Build something that cannot work");
  const template = await Template.create({
    name: `${name}-broken`,
    from: "python:3.11",
    steps: [{ run: "echo 'so far, so good'" }, { run: "echo 'no such luck' >&2; exit 3" }],
  });
  try {
    const error = await template.waitUntilReady({ onLog: show, pollIntervalMs: 500 }).catch((error) => error);
    assert.ok(error instanceof BuildError, `a BuildError, not ${error}`);
    note(`${error.name} ${error.code}: ${error.message}`);
    assert.equal(error.code, "step_failed");
    assert.match(error.message, /step 2\/2 .*code 3/);
  } finally {
    await template.delete();
  }
}

async function main() {
  const name = `example-${Date.now().toString(36)}`;
  say("Define a template");
  const template = await Template.create({
    name,
    vcpu: 1,
    memoryMib: 512,
    from: "python:3.11",
    steps: [
      { workdir: "/srv/app" },
      { env: { key: "GREETING", value: "Hello from the template" } },
      { run: "for i in 1 2 3; do echo packing $i of 3; sleep 0.2; done; echo packed by hand > parcel.txt" },
      { run: `cat > server.py << 'END'\n${SERVER}END` },
    ],
    startCmd: "python3 /srv/app/server.py",
    readyCmd: "test -s /tmp/port",
  });
  note(`${template.name} is ${template.status}: ${template.id}`);
  try {
    await tour(template);
  } finally {
    say("Delete it");
    await template.delete();
  }
  const gone = await template.getInfo().catch((error) => error);
  assert.ok(gone instanceof NotFoundError, "a deleted template is gone");
  note("gone");

  await failure(name);
}

try {
  await main();
  console.log("\nAll of it worked.");
} catch (error) {
  const at = error instanceof SandboxError && error.statusCode ? ` (HTTP ${error.statusCode})` : "";
  console.error(`\nThe example failed in step ${step}${at}:`);
  console.error(error);
  process.exitCode = 1;
}
