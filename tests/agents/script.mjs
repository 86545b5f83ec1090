// What a model that knows the task would do, turn by turn: the calls of each, and the text that ends it.
import { createServer } from "node:net";

import { HOME } from "./example.mjs";

/**
 * @typedef {{ name: string, input: Record<string, any> }} Call
 * @typedef {{ calls: Call[] } | { text: string }} Turn
 */

/** A port that nothing listens at. @returns {Promise<number>} */
export const freePort = () =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });

/** @param {number} port @returns {Turn[]} */
export const turns = (port) => [
  // Two at once, as models ask.
  {
    calls: [
      { name: "list_files", input: { path: HOME, depth: null } },
      { name: "bash", input: { command: "node --test", cwd: HOME, timeout_ms: null } },
    ],
  },
  { calls: [{ name: "read_file", input: { path: `${HOME}/price.mjs`, offset: null, limit: null } }] },
  // A mistake: it stands there twice.
  {
    calls: [
      {
        name: "edit_file",
        input: { path: `${HOME}/price.mjs`, old_string: "cents", new_string: "c", replace_all: null },
      },
    ],
  },
  {
    calls: [
      {
        name: "edit_file",
        input: {
          path: `${HOME}/price.mjs`,
          old_string: "cents > 10_000",
          new_string: "cents >= 10_000",
          replace_all: null,
        },
      },
    ],
  },
  { calls: [{ name: "bash", input: { command: "node --test", cwd: HOME, timeout_ms: null } }] },
  {
    calls: [
      {
        name: "start_process",
        input: { command: `node server.mjs ${port}`, name: "shop", cwd: HOME, port },
      },
    ],
  },
  { calls: [{ name: "preview_url", input: { port } }] },
  { text: "The discount began above a hundred euros; now it begins at them, and the page is up." },
];

/** What each call's result must say, in the order of the calls. @param {number} port @returns {RegExp[]} */
export const answers = (port) => [
  /price\.test\.mjs/,
  /a hundred euros are enough for the discount[\s\S]*fail 1/,
  /cents > 10_000/,
  /old_string/,
  /price\.mjs/,
  /fail 0/,
  /shop/,
  new RegExp(`https?://.*${port}`),
];
