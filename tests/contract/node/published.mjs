// A program for the published TypeScript package, unchanged, on that and on this one.

import { fileURLToPath } from "node:url";

import { runChild } from "./child.mjs";
import { startProgram } from "./programs.mjs";

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("one program gets the same from both packages", { timeoutMs: 60_000 }, async (ctx) => {
    const { assert } = ctx;
    const results = {};
    const theirs = fileURLToPath(import.meta.resolve("superserve-peer"));
    for (const [side, sdkPath] of Object.entries({ ours: ctx.sdkPath, theirs })) {
      // Each with a server of its own, in which nothing else happens.
      const server = startProgram(ctx.serverPath, "--port", "0");
      ctx.defer(server.stop);
      const { base_url: baseUrl, api_key: apiKey } = await server.ready;
      results[side] = (await runChild(ctx, "published", { sdkPath, baseUrl, apiKey })).got;
    }
    const { ours, theirs: wanted } = results;
    // Members that the package has only since a later release than this one.
    const later = (key, value) => (["truncated", "previewAccess"].includes(key) ? undefined : value);
    assert.deepEqual(Object.keys(ours), Object.keys(wanted));
    const show = (value) => JSON.stringify(value, later);
    const unequal = Object.keys(wanted).filter((what) => show(ours[what]) !== show(wanted[what]));
    const shown = (what) => `${what}: ${assert.show(ours[what], 9)}, theirs ${assert.show(wanted[what], 9)}`;
    if (unequal.length > 0) assert.fail(unequal.map(shown).join("\n"));
  });
}
