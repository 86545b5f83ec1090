// Commands that go on, and whether they do.
import assert from "node:assert/strict";

/** A command that goes on, with a child, and writes to a file who they are. @param {string} path */
export const long = (path) => `sleep 300 & echo $$ $! >${path}; wait; echo never`;

/**
 * Resolves once the file has something in it, with that.
 *
 * @param {any} sandbox
 * @param {string} path
 */
export async function written(sandbox, path) {
  const { stdout } = await sandbox.commands.run(`until [ -s ${path} ]; do sleep 0.05; done; cat ${path}`);
  return stdout.trim();
}

/**
 * Resolves once none of these processes is there.
 *
 * @param {any} sandbox
 * @param {string} pids
 */
export async function gone(sandbox, pids) {
  const looks = `for p in ${pids}; do while kill -0 $p 2>/dev/null; do sleep 0.05; done; done`;
  const { exitCode } = await sandbox.commands.run(looks);
  assert.equal(exitCode, 0, `${pids} go on`);
}
