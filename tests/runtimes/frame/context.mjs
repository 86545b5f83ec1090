// What an entry gets.

import { appendFile, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { startProgram } from "../../contract/node/programs.mjs";
import { npmCi } from "./install.mjs";
import * as program from "./program.mjs";

const FAULT_SERVER = fileURLToPath(new URL("../../contract/fault-server.mjs", import.meta.url));

/** @import { Context, Exec, ExecOptions, Log, Options, Shared } from "./types.js" */

/**
 * Makes a `ctx`; `close()` ends what it started.
 *
 * @param {string} name
 * @param {Shared & { workDir: string, logDir: string }} shared What is the same for all.
 * @returns {Promise<{ ctx: Context, logFile: string, close(): Promise<void> }>}
 */
export async function makeContext(name, { tarball, server, filter, installTarball, workDir, logDir }) {
  const scratch = join(workDir, name);
  const logFile = join(logDir, `${name}.log`);
  await mkdir(scratch, { recursive: true });
  await rm(logFile, { force: true });

  /** @type {(() => unknown)[]} */
  const cleanups = [() => rm(scratch, { recursive: true, force: true, maxRetries: 3 })];
  const defer = (/** @type {() => unknown} */ cleanup) => cleanups.push(cleanup);
  let writing = Promise.resolve();
  /** @type {Log} */
  const log = (text) => {
    writing = writing.then(() => appendFile(logFile, `${text}\n`)).catch(() => {});
  };

  /** @type {Context["spawn"]} */
  function spawn(command, args = [], options = {}) {
    const child = program.spawn(command, args, { cwd: scratch, ...options });
    defer(child.stop);
    return child;
  }
  /** @type {Exec} */
  const exec = (command, args = [], options = {}) =>
    program.exec(spawn(command, args, options), `${command} ${args.join(" ")}`.slice(0, 200), options);

  let made = 0;
  /** @type {Context["servers"]} */
  async function servers({ args = [] } = {}) {
    const number = ++made;
    /** @type {(name: string, command: string, ...more: string[]) => Promise<any>} */
    const start = async (name, command, ...more) => {
      const started = startProgram(command, ...more);
      defer(async () => {
        await started.stop();
        if (started.complaints()) log(`${name}: ${started.complaints()}`);
      });
      return started.ready;
    };
    // As in tests/contract/run-node.mjs.
    const always = ["--port", "0", "--max-sockets-per-address", "1000"];
    const local = (/** @type {string} */ name, /** @type {string[]} */ ...more) =>
      start(name, server, ...always, "--data-dir", join(scratch, `${name}-${number}`), ...more, ...args);
    const [fast, slow, fault] = await Promise.all([
      local("fast", "--ready-lag-ms", "150"),
      local("slow", "--resume-delay-ms", "1500", "--ready-lag-ms", "2500"),
      start("fault", process.execPath, FAULT_SERVER),
    ]);
    /** @param {{ base_url: string, api_key: string }} started */
    const connection = ({ base_url, api_key }) => ({ baseUrl: base_url, apiKey: api_key });
    return { ...connection(fast), slow: connection(slow), fault: fault.origin };
  }

  return {
    ctx: {
      tarball,
      server,
      scratch,
      filter,
      servers,
      npmCi: (directory) => npmCi(directory, exec),
      installTarball,
      spawn,
      exec,
      defer,
      log,
    },
    logFile,
    async close() {
      for (const cleanup of cleanups.splice(0).reverse()) {
        await Promise.resolve()
          .then(cleanup)
          .catch((error) => log(`in a clean-up: ${error}`));
      }
      await writing;
    },
  };
}
