// Templates where it takes a server with limits of its own, or a process that ends.

import { eventually, live } from "../support/live.mjs";
import {
  liveTemplate,
  logEnd,
  logEvent,
  logReply,
  removed,
  soon,
  withTemplate,
} from "../support/templates.mjs";
import { startChild } from "./child.mjs";
import { startProgram } from "./programs.mjs";

/** A test's own local server, as a context. */
async function limited(ctx, ...flags) {
  const program = startProgram(ctx.serverPath, "--port", "0", "--ready-lag-ms", "50", ...flags);
  ctx.defer(() => program.stop());
  const { base_url: baseUrl, api_key: apiKey } = await program.ready;
  return { ...ctx, baseUrl, apiKey };
}

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("too_many_templates", async (ctx) => {
    const { sdk, assert } = ctx;
    const there = await limited(ctx, "--max-templates", "2");
    const [first] = [await liveTemplate(there), await liveTemplate(there)];
    const error = await assert.rejects(() => liveTemplate(there), sdk.RateLimitError);
    assert.deepEqual([error.statusCode, error.code], [429, "too_many_templates"]);
    assert.equal((await sdk.Template.list({ ...live(there), namePrefix: "contract-" })).length, 2);
    await soon(first);
    await first.delete();
    await liveTemplate(there);
  });

  test("too_many_builds, of a create and of a rebuild", async (ctx) => {
    const { sdk, assert } = ctx;
    const there = await limited(ctx, "--max-builds", "1");
    const done = await liveTemplate(there);
    await soon(done);
    const running = await liveTemplate(there, { steps: [{ run: "sleep 30" }] });
    for (const call of [() => liveTemplate(there), () => done.rebuild()]) {
      const error = await assert.rejects(call, sdk.RateLimitError);
      assert.deepEqual([error.statusCode, error.code], [429, "too_many_builds"]);
    }
    await running.cancelBuild(running.latestBuildId);
    await done.rebuild();
    await soon(done);
  });

  test("ready_cmd_failed", async (ctx) => {
    const { sdk, assert } = ctx;
    const there = await limited(ctx, "--ready-timeout-s", "1");
    const template = await liveTemplate(there, { startCmd: "sleep 60", readyCmd: "echo not yet; false" });
    const seen = [];
    const error = await assert.rejects(
      soon(template, { onLog: ({ text }) => seen.push(text) }),
      sdk.BuildError,
    );
    assert.equal(error.code, "ready_cmd_failed");
    assert.ok(error.message.length > 0 && !error.message.includes("ready_cmd_failed"), error.message);
    assert.deepEqual([error.buildId, error.templateId], [template.latestBuildId, template.id]);
    assert.ok(seen.includes("not yet"), "what readyCmd wrote is in the log");
  });

  test("build_failed, where builds are impossible", async (ctx) => {
    const { sdk, assert } = ctx;
    const there = await limited(ctx, "--no-isolation");
    const template = await liveTemplate(there);
    const error = await assert.rejects(soon(template), sdk.BuildError);
    assert.equal(error.code, "build_failed");
    assert.match(error.message, /isolation/);
  });

  test("a queued build says so every two seconds, and is built in its turn", async (ctx) => {
    const { assert } = ctx;
    const there = await limited(ctx, "--build-slots", "1");
    const first = await liveTemplate(there, { steps: [{ run: "sleep 2.3" }] });
    await eventually(async () => (await first.getInfo()).status === "building", "the start of the first");
    const second = await liveTemplate(there, { steps: [{ run: "echo my turn" }] });
    assert.equal(second.status, "pending");
    const seen = [];
    const ready = await soon(second, { onLog: ({ text }) => seen.push(text) });
    assert.equal(ready.status, "ready");
    assert.equal(seen[0], "build queued, waiting for dispatch");
    assert.ok(seen.includes("my turn"));
    assert.equal((await first.getInfo()).status, "ready", "the first was first");
    await removed(there, first);
  });

  const ways = [
    "a wait",
    "a wait with a log that does not end",
    "a wait that is aborted",
    "a log whose server does not close",
    "a log that times out",
    "a callback that throws",
  ];
  test("a program ends by itself, however its wait ended", async (ctx) => {
    const { assert, fault } = ctx;
    const ends = ways.map(async (how) => {
      const aborted = how === "a wait that is aborted";
      const ended = how === "a wait" || how === "a log whose server does not close";
      const server = await fault.serve(
        ctx,
        withTemplate({
          builds: [aborted ? "building" : "ready"],
          logs: [logReply(logEvent("a"), ...(ended ? [logEnd()] : []), { stall: true })],
        }),
      );
      const connection = { apiKey: "k", baseUrl: server.origin };
      const child = startChild(ctx, "end-template", { connection, how });
      const done = Number(await child.line("done "));
      const { code, stderr, at } = await child.exit;
      assert.equal(code, 0, `${how}: ${stderr}`);
      assert.equal(stderr, "", how);
      assert.within(at - done, 0, 2500, `${how}: milliseconds from the last call to the end of the process`);
    });
    await Promise.all(ends);
  });
}
