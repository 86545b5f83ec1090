// Sends 64 MB through a command's input and output: node --experimental-websocket session-echo.mjs <module>
import { randomBytes } from "node:crypto";

import { sandboxOn } from "../sandbox.mjs";

const SIZE = 64 * 1024 * 1024;
const PIECE = 1024 * 1024;

const sandbox = await sandboxOn(process.argv[2] ?? "");
try {
  // Four characters to three bytes; all are ASCII, so that both sides have as much to decode.
  const input = randomBytes((SIZE / 4) * 3).toString("base64");
  const bytes = new TextEncoder().encode(input);
  let length = 0;
  const start = performance.now();
  const session = await sandbox.commands.spawn("cat", {
    /** @param {string} data */
    onStdout(data) {
      length += data.length;
    },
  });
  for (let at = 0; at < SIZE; at += PIECE) session.stdin.write(bytes.subarray(at, at + PIECE));
  session.stdin.close();
  const { stdout, exitCode } = await session.wait();
  const ms = performance.now() - start;
  const intact = length === SIZE && stdout === input && exitCode === 0;
  if (!intact) throw new Error(`${length} of ${SIZE} bytes came back, or not those sent`);
  console.log(JSON.stringify({ ms }));
} finally {
  await sandbox.kill();
}
