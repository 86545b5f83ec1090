// A sandbox to live with: a program to talk to, a terminal, a secret it cannot see, and a page it serves.
//
// Settings come from the environment: SUPERSERVE_API_KEY, and SUPERSERVE_BASE_URL for a server of your own.
// Sessions need a global WebSocket: Node.js has one from version 22 on.

import assert from "node:assert/strict";
import http from "node:http";
import https from "node:https";
import { text } from "node:stream/consumers";

import { Sandbox, SandboxError, Secret } from "@superserve/sdk";

let step = 0;
const say = (text) => console.log(`\n${++step}. ${text}`);
const note = (text) => console.log(`    ${text}`);

// Answers each line with a number: its length, and how many lines there have been.
const CALCULATOR = `python3 -u -c "
import sys
for count, line in enumerate(sys.stdin, 1):
    print(count, len(line.strip()))
print('goodbye', file=sys.stderr)
sys.exit(7)
"`;

async function talk(sandbox) {
  say("Talk to a program");
  let output = "";
  const session = await sandbox.commands.spawn(CALCULATOR, {
    // Pieces as they come, cut anywhere.
    onStdout: (text) => (output += text),
  });
  for (const line of ["hello", "schönes Wetter", "🦀"]) session.stdin.write(`${line}\n`);
  session.stdin.close();
  const { exitCode, stderr } = await session.wait();
  const answers = output.trim().split("\n");
  for (const answer of answers) note(answer);
  assert.deepEqual(answers, ["1 5", "2 14", "3 1"]);
  assert.deepEqual([exitCode, stderr], [7, "goodbye\n"]);
}

async function type(sandbox) {
  say("Type into a terminal");
  const decoder = new TextDecoder();
  let screen = "";
  const terminal = await sandbox.terminal({
    cols: 100,
    rows: 30,
    onData: (bytes) => (screen += decoder.decode(bytes, { stream: true })),
  });
  terminal.write("stty size; exit\n");
  const { reason } = await terminal.wait();
  assert.match(screen, /30 100/);
  note(`it has 30 rows of 100 columns; ${reason}`);
}

async function keepSecret(sandbox, name) {
  say("Keep a secret from it");
  const secret = await Secret.create({ name, value: "a key worth hiding", provider: "anthropic" });
  try {
    await sandbox.attachSecret("ANTHROPIC_API_KEY", name);
    const { stdout } = await sandbox.commands.run("printenv ANTHROPIC_API_KEY");
    note(`the sandbox sees ${stdout.trim().slice(0, 14)}…`);
    assert.doesNotMatch(stdout, /worth hiding/);
    const [binding] = await secret.getSandboxes();
    assert.equal(binding.sandboxId, sandbox.id);
    await sandbox.detachSecret("ANTHROPIC_API_KEY");
  } finally {
    await secret.delete();
  }
}

/** Opens a URL as a browser does, which takes every `*.localhost` for this machine: Node.js leaves that to the system. */
function visit(url) {
  const { protocol, hostname, host } = new URL(url);
  const client = protocol === "https:" ? https : http;
  const here = hostname.endsWith(".localhost") ? { hostname: "127.0.0.1", headers: { host } } : {};
  return new Promise((resolve, reject) => {
    const request = client.get(url, here, async (response) =>
      resolve({ status: response.statusCode, body: await text(response) }),
    );
    request.on("error", reject);
  });
}

async function serve(sandbox) {
  say("Look at a page that it serves");
  const port = 20_000 + (process.pid % 20_000);
  await sandbox.files.write("/srv/page/index.html", "<h1>Hello from the sandbox</h1>");
  const server = await sandbox.commands.spawn(`cd /srv/page && exec python3 -m http.server ${port}`);
  try {
    await sandbox.publishPreviewPort(port, { access: "private" });
    const url = await sandbox.getSignedPreviewUrl(port, { expiresInSeconds: 60 });
    let page = await visit(url);
    for (let i = 0; i < 100 && page.status !== 200; i++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      page = await visit(url);
    }
    note(page.body);
    assert.match(page.body, /Hello from the sandbox/);
    const uninvited = await visit(sandbox.getPreviewUrl(port));
    note(`without the token: ${uninvited.status}`);
    assert.ok([401, 403].includes(uninvited.status));
  } finally {
    await server.close();
  }
}

const name = `example-${Date.now().toString(36)}`;
try {
  const sandbox = await Sandbox.create({ name, timeoutSeconds: 600 });
  try {
    await talk(sandbox);
    await type(sandbox);
    await keepSecret(sandbox, name);
    await serve(sandbox);
  } finally {
    await sandbox.kill();
  }
  console.log("\nAll of it worked.");
} catch (error) {
  const at = error instanceof SandboxError && error.statusCode ? ` (HTTP ${error.statusCode})` : "";
  console.error(`\nThe example failed in step ${step}${at}:`);
  console.error(error);
  process.exitCode = 1;
}
