// Pauses and resumes a sandbox in the middle of each operation on what outlives a call, at moments of chance:
// node paused-operations.mjs <module>
import { setTimeout as pause } from "node:timers/promises";

import "../../contract/node/websocket.mjs";

const ROUNDS = 10;
/** All of such an operation's time, mostly. */
const MOST_MS = 40;

const { BENCH_BASE_URL: baseUrl, BENCH_API_KEY: apiKey } = process.env;
const { ConflictError, Sandbox, SandboxError } = await import(process.argv[2]);
const sandbox = await Sandbox.create({ name: "bench", apiKey, baseUrl });
const { processes, code, commands, terminals } = sandbox;

/** @param {AsyncIterable<{ text: string }>} pieces */
async function textOf(pieces) {
  let all = "";
  for await (const { text } of pieces) all += text;
  return all;
}

/** @param {unknown} error */
function unlessConflict(error) {
  if (!(error instanceof ConflictError)) throw error;
}

/** @param {any} process What reads its standard input. */
async function ended(process) {
  await process.closeStdin().catch(unlessConflict);
  await process.wait();
}

let count = 0;
const unique = () => `p${count++}`;
const COUNTING = 'i=0; while [ $i -lt 200 ]; do i=$((i+1)); echo "line $i"; done';
const COUNTED = Array.from({ length: 200 }, (_, index) => `line ${index + 1}\n`).join("");

/**
 * Each prepares what it takes, and gives what is done, what that must come to, and what must hold afterwards.
 *
 * @type {Record<string, () => Promise<{ act: () => Promise<any>, fits?: (value: any) => boolean, after?: () => Promise<unknown> }>>}
 */
const OPERATIONS = {
  "processes.start": async () => {
    const name = unique();
    return {
      act: () => processes.start("exec sleep 1000", { name }),
      // All of it, or nothing.
      async after() {
        const all = (await processes.list()).filter((/** @type {any} */ one) => one.name === name);
        if (all.some((/** @type {any} */ { status }) => status !== "running"))
          throw new Error(`${name} is ${all[0].status}`);
        if (all.length > 0) await processes.remove(name);
      },
    };
  },
  "processes.list": async () => ({ act: () => processes.list(), fits: Array.isArray }),
  "processes.get and info": async () => {
    const { id } = await processes.start("exec sleep 1000");
    return {
      act: async () => (await processes.get(id)).info(),
      fits: ({ status }) => status === "running",
      after: () => processes.remove(id),
    };
  },
  logs: async () => {
    const one = await processes.start(COUNTING);
    await one.wait();
    return { act: () => one.logs(), fits: ({ stdout }) => stdout === COUNTED, after: () => one.remove() };
  },
  follow: async () => {
    const one = await processes.start(COUNTING);
    return { act: () => textOf(one.follow()), fits: (text) => text === COUNTED, after: () => one.remove() };
  },
  wait: async () => {
    const one = await processes.start("sleep 0.02; exit 3");
    return { act: () => one.wait(), fits: ({ exitCode }) => exitCode === 3, after: () => one.remove() };
  },
  kill: async () => {
    const one = await processes.start("exec sleep 1000");
    return {
      act: () => one.kill("SIGKILL"),
      async after() {
        await one.kill("SIGKILL");
        const { exitCode } = await one.wait();
        if (exitCode !== 137) throw new Error(`it ended with ${exitCode}`);
        await one.remove();
      },
    };
  },
  write: async () => {
    const one = await processes.start("cat");
    return {
      act: () => one.write("one line\n"),
      async after() {
        // Once, or where the call failed not at all.
        await ended(one);
        const { stdout } = await one.logs();
        if (!["", "one line\n"].includes(stdout)) throw new Error(`it got ${JSON.stringify(stdout)}`);
        await one.remove();
      },
    };
  },
  closeStdin: async () => {
    const one = await processes.start("cat");
    return {
      act: () => one.closeStdin(),
      async after() {
        await ended(one);
        await one.remove();
      },
    };
  },
  remove: async () => {
    const one = await processes.start("exec sleep 1000");
    return {
      act: () => one.remove(),
      async after() {
        const left = (await processes.list()).filter((/** @type {any} */ { id }) => id === one.id);
        if (left.length > 0) await one.remove();
      },
    };
  },
  waitForLine: async () => {
    const one = await processes.start("sleep 0.02; echo here; exec sleep 1000");
    return { act: () => one.waitForLine("here"), fits: (line) => line === "here", after: () => one.remove() };
  },
  waitForPort: async () => {
    const port = 20_000 + Math.floor(Math.random() * 9_000);
    const one = await processes.start(`python3 -m http.server ${port}`);
    return { act: () => one.waitForPort(port), after: () => one.remove() };
  },
  ports: async () => ({ act: () => sandbox.ports(), fits: Array.isArray }),
  "code.run": async () => ({
    act: () => code.run("import time; time.sleep(0.02); 6 * 7", { language: "python" }),
    fits: ({ results }) => results[0]?.["text/plain"] === "42",
  }),
  "code.contexts": async () => ({ act: () => code.contexts(), fits: Array.isArray }),
  "code.restart": async () => {
    const { context } = await code.run("1", { language: "bash" });
    return { act: () => code.restart(context), after: () => code.remove(context) };
  },
  "code.interrupt": async () => {
    const { context } = await code.run("1", { language: "bash" });
    return { act: () => code.interrupt(context), after: () => code.remove(context) };
  },
  "code.remove": async () => {
    const { context } = await code.run("1", { language: "bash" });
    return {
      act: () => code.remove(context),
      async after() {
        const left = (await code.contexts()).filter((/** @type {any} */ { id }) => id === context);
        if (left.length > 0) await code.remove(context);
      },
    };
  },
  "commands.stream": async () => ({
    act: () => textOf(commands.stream(COUNTING)),
    fits: (text) => text === COUNTED,
  }),
  terminal: async () => {
    const name = unique();
    return {
      act: async () => (await sandbox.terminal({ name })).close(),
      async after() {
        const { length } = (await terminals.list()).filter((/** @type {any} */ one) => one.name === name);
        if (length > 0) await terminals.kill(name);
      },
    };
  },
  "terminals.list": async () => ({ act: () => terminals.list(), fits: Array.isArray }),
  "terminals.kill": async () => {
    const name = unique();
    (await sandbox.terminal({ name })).close();
    return {
      act: () => terminals.kill(name),
      async after() {
        const { length } = (await terminals.list()).filter((/** @type {any} */ one) => one.name === name);
        if (length > 0) await terminals.kill(name);
      },
    };
  },
};

let operations = 0;
/** Those that failed with an error of the package; any other ends this program. @type {string[]} */
const failed = [];
try {
  for (const [name, prepare] of Object.entries(OPERATIONS)) {
    for (let round = 0; round < ROUNDS; round++) {
      const { act, fits = () => true, after } = await prepare();
      const acted = act().then(
        (value) => {
          if (!fits(value)) throw new TypeError(`${name}: ${JSON.stringify(value)}`);
        },
        (error) => {
          if (!(error instanceof SandboxError)) throw error;
          failed.push(`${name}: ${error}`);
        },
      );
      await pause(Math.random() * MOST_MS);
      // What goes on may wake it again.
      for (const step of ["pause", "resume"]) await sandbox[step]().catch(unlessConflict);
      await acted;
      operations += 1;
      await after?.();
    }
  }
  console.log(JSON.stringify({ operations, failed }));
} finally {
  await sandbox.kill();
}
