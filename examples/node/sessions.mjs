// Talking to a program that runs. Needs a global WebSocket, which Node.js has from version 22 on.
import { Sandbox } from "@superserve/sdk";

const sandbox = await Sandbox.create({ name: "example-sessions", timeoutSeconds: 600 });
try {
  let answers = "";
  const session = await sandbox.commands.spawn("while read -r line; do echo ${#line}; done; exit 7", {
    onStdout: (text) => (answers += text),
  });
  for (const line of ["one", "three", "seventeen"]) session.stdin.write(`${line}\n`);
  session.stdin.close();
  const { exitCode } = await session.wait();
  console.log(`lengths ${answers.trim().split("\n").join(", ")}; ended with ${exitCode}`);

  // A terminal gives bytes, for xterm.js or any other.
  const decoder = new TextDecoder();
  let screen = "";
  const terminal = await sandbox.terminal({
    cols: 100,
    rows: 30,
    onData: (bytes) => (screen += decoder.decode(bytes, { stream: true })),
  });
  terminal.write("stty size; exit\n");
  const { reason } = await terminal.wait();
  console.log(`rows and columns are ${/30 100/.exec(screen)}; ${reason}`);
} finally {
  await sandbox.kill();
}
