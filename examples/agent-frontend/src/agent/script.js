// The agent: a list of steps, as a model would take them. Each step may be done again from its start: after a reload, after
// an error, when a person says so.
import { SandboxError } from "@superserve/sdk";

import { darts, fix, serve, start } from "./programs.js";

/** @typedef {import("../types.d.ts").Tools} Tools */

/**
 * `run(on)` does a step. `on` has the sandbox, the agent's directory, `say(text)` and `type(text)` for what the agent tells,
 * `write(text, kind)` for what programs print, `memory` for what later steps need, and `signal`.
 *
 * @type {import("../types.d.ts").Scripted[]}
 */
export const script = [
  {
    id: "plan",
    title: "Plan",
    run: (on) =>
      on.type(
        "I will write a program that throws random points and counts those inside the quarter circle. " +
          "I run it and read what it prints. When it works, a small server shows the result, and I publish its port.",
      ),
  },
  {
    id: "write",
    title: "Write darts.py",
    run: (on) => writeFile(on, "darts.py", darts),
  },
  {
    id: "try",
    title: "Run it",
    async run(on) {
      const { exitCode } = await command(on, "python3 -u darts.py");
      if (exitCode === 0) throw new Error("The program ran to its end, which this script did not expect.");
      return { tone: "warn", outcome: `Exit code ${exitCode}` };
    },
  },
  {
    id: "read",
    title: "Read the error",
    run: (on) =>
      on.type(
        "ZeroDivisionError: the percentage divides by the points that are left, and in the last round none are. " +
          "It should divide by all of them.",
      ),
  },
  {
    id: "fix",
    title: "Fix darts.py",
    async run(on) {
      const path = `${on.directory}/darts.py`;
      try {
        await on.sandbox.files.replace(path, fix.before, fix.after, { signal: on.signal });
      } catch (error) {
        // It may have been done before a reload.
        if (!(SandboxError.is(error) && error.code === "count_mismatch")) throw error;
      }
      on.write(`- ${fix.before.trim()}\n`, "removed");
      on.write(`+ ${fix.after.trim()}\n`, "added");
    },
  },
  {
    id: "run",
    title: "Run it again",
    async run(on) {
      const { exitCode } = await command(on, "python3 -u darts.py");
      if (exitCode !== 0) throw new Error(`The program ended with exit code ${exitCode}.`);
    },
  },
  {
    id: "serve",
    title: "Write serve.py and start it",
    async run(on) {
      await on.sandbox.files.write(`${on.directory}/serve.py`, serve, { signal: on.signal });
      const { exitCode } = await command(on, start, "nohup python3 -u serve.py &");
      if (exitCode !== 0) throw new Error("The server did not start.");
    },
  },
  {
    id: "publish",
    title: "Publish the port",
    async run(on) {
      const port = Number(await on.sandbox.files.readText(`${on.directory}/port`, { signal: on.signal }));
      await on.sandbox.publishPreviewPort(port, { access: "private", signal: on.signal });
      on.memory.port = port;
      on.say(`Port ${port} is published, for those who have a link with a token. The preview shows it.`);
      await on.preview.open(port);
    },
  },
];

/**
 * @param {Tools} on
 * @param {string} name
 * @param {string} content
 */
async function writeFile(on, name, content) {
  await on.sandbox.files.write(`${on.directory}/${name}`, content, { signal: on.signal });
  on.write(content, "code");
  return { outcome: `${content.trimEnd().split("\n").length} lines` };
}

/**
 * @param {Tools} on
 * @param {string} text
 */
function command(on, text, shown = text) {
  on.write(`$ ${shown}\n`, "prompt");
  return on.sandbox.commands.run(text, {
    cwd: on.directory,
    timeoutMs: 60_000,
    onStdout: (data) => on.write(data, "stdout"),
    onStderr: (data) => on.write(data, "stderr"),
    signal: on.signal,
  });
}
