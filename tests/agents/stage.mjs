// The local server, and a sandbox with the repository in it.
import { after, before } from "node:test";

import { startProgram } from "../contract/node/programs.mjs";
import { prepare } from "./example.mjs";

const API_KEY = "ss_live_key-of-the-agents-0001";

/** For the tests of a file: a server while they run, which the environment names as it does for any program. */
export function onServer() {
  /** @type {ReturnType<typeof startProgram>} */
  let server;
  before(async () => {
    server = startProgram(process.env.SUPERSERVE_LOCAL, "--port", "0", "--api-key", API_KEY);
    process.env.SUPERSERVE_API_KEY = API_KEY;
    process.env.SUPERSERVE_BASE_URL = (await server.ready).base_url;
  });
  after(() => server.stop());
}

/** A sandbox with the repository in it, for a test. @param {import("node:test").TestContext} t */
export async function sandboxFor(t) {
  const sandbox = await prepare();
  t.after(() => sandbox.kill());
  return sandbox;
}
