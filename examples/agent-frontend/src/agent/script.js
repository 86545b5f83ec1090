// The agent: a list of steps, as a model would take them, which works by the tools that a model has. Each step may be done again
// from its start: after a reload, after an error, when a person says so.
import { NotFoundError } from "@superserve/sdk";

import { darts, fix, serve } from "./programs.js";

/** @typedef {import("../types.d.ts").Tools} Tools */

/**
 * `run(on)` does a step. `on` has `call(tool, input)`, `say(text)` and `type(text)` for what the agent tells, `write(text, kind)` for
 * what programs print, `memory` for what later steps need, and a `name` that no other agent has.
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
    async run(on) {
      await on.call("write_file", { path: "darts.py", content: darts });
      on.write(darts, "code");
      return { outcome: `${darts.trimEnd().split("\n").length} lines` };
    },
  },
  {
    id: "try",
    title: "Run it",
    async run(on) {
      const exitCode = await command(on, "python3 -u darts.py");
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
      const { before, after } = fix;
      // It may have been done before a reload.
      const { matches } = await on.call("grep", { path: "darts.py", pattern: "// TOTAL$" });
      if (matches.length === 0)
        await on.call("edit_file", { path: "darts.py", old_string: before, new_string: after });
      on.write(`- ${before.trim()}\n`, "removed");
      on.write(`+ ${after.trim()}\n`, "added");
    },
  },
  {
    id: "run",
    title: "Run it again",
    async run(on) {
      const exitCode = await command(on, "python3 -u darts.py");
      if (exitCode !== 0) throw new Error(`The program ended with exit code ${exitCode}.`);
    },
  },
  {
    id: "serve",
    title: "Write serve.py and start it",
    async run(on) {
      await on.call("write_file", { path: "serve.py", content: serve });
      await on.call("stop_process", { process_id: on.name }).catch((error) => {
        // There is one where the step was begun before.
        if (!NotFoundError.is(error)) throw error;
      });
      on.write("$ python3 -u serve.py &\n", "prompt");
      await on.call("start_process", { command: "python3 -u serve.py", name: on.name });
      const { output } = await serving(on);
      on.write(`${output}\n`, "stdout");
    },
  },
  {
    id: "publish",
    title: "Publish the port",
    async run(on) {
      const { port } = await serving(on);
      const { access } = await on.call("preview_url", { port });
      on.memory.port = port;
      const whom = access === "private" ? "for those who have a link with a token" : "for everybody";
      on.say(`Port ${port} is published, ${whom}. The preview shows it.`);
      await on.preview.open(port);
    },
  },
];

/**
 * Runs a command, whose output is shown as it comes, and resolves with its exit code.
 *
 * @param {Tools} on
 * @param {string} command
 */
async function command(on, command) {
  on.write(`$ ${command}\n`, "prompt");
  const { exit_code } = await on.call("bash", { command, timeout_ms: 60_000 });
  if (exit_code === null) throw new Error("The program took too long.");
  return exit_code;
}

/**
 * What the server has written by the time it listens, and the port at which it does.
 *
 * @param {Tools} on
 */
async function serving(on) {
  for (;;) {
    const { processes, output } = await on.call("process_output", { process_id: on.name, wait_ms: 200 });
    if (!processes[0].running) throw new Error(`The server has ended. ${output}`.trim());
    const port = Number(/serving on port (\d+)/.exec(output)?.[1]);
    if (port) return { port, output };
  }
}
