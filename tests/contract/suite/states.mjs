// What each state of a sandbox means to a call. Through a relay it means the same: there `ctx.held` makes the sandbox of a
// ticket, and tests/relay runs this file once more.

import { FRESH, TOKEN, failure, json, result, wireSandbox } from "../support/fixtures.mjs";
import { stubbedSandbox } from "../support/stub-fetch.mjs";
import { virtualTime } from "../support/virtual-time.mjs";

/** How long a transition takes, and one that another caller's call began. */
const LASTS_MS = 5_000;
const FOREVER = Infinity;

/**
 * A service with one sandbox, which is in `status` and after a while in the `next`. A paused one may be resumed, with
 * another token.
 */
function serviceIn(status, next, lastsMs = LASTS_MS) {
  let token = status === "active" ? TOKEN : FRESH;
  let until;
  const now = () => {
    until ??= performance.now() + lastsMs;
    if (next && performance.now() >= until) [status, next] = [next];
    return status;
  };
  const sandbox = () => wireSandbox({ status, access_token: status === "active" ? token : undefined });
  return ({ method, url, headers }) => {
    const { pathname } = new URL(url);
    const state = now();
    if (!pathname.startsWith("/sandboxes/")) {
      const isAwake = state === "active" && headers["x-access-token"] === token;
      if (!isAwake) return failure(state === "active" ? 401 : 503, "asleep", "no running sandbox");
      return pathname === "/exec" ? json(200, result({ stdout: "ok" })) : json(200, {});
    }
    if (state === "gone") return failure(404, "not_found", "no such sandbox");
    if (method === "GET") return json(200, sandbox());
    const isActivate = pathname.endsWith("/activate");
    if (state !== "paused" && !(isActivate && state === "active")) {
      return failure(409, "conflict", `the sandbox is ${state}`);
    }
    if (state === "paused") [status, token] = ["active", `${token}-again`];
    return json(200, sandbox());
  };
}

const TO_THE_SANDBOX = {
  "commands.run": (sandbox) => sandbox.commands.run("x"),
  "files.read": (sandbox) => sandbox.files.read("/a"),
  "files.write": (sandbox) => sandbox.files.write("/a", "b"),
  // Too large for a relay to keep, and so to send again.
  "files.write, 2 MB": (sandbox) => sandbox.files.write("/a", new Uint8Array(2_000_000)),
};
const RESUME = { resume: (sandbox) => sandbox.resume() };
const ALL = { ...TO_THE_SANDBOX, ...RESUME };

export default function ({ test }) {
  /** The outcome of each call, each with a service of its own: how it failed, and how long that took. */
  async function outcomes(ctx, calls, state) {
    const time = virtualTime(ctx);
    const all = [];
    for (const [name, call] of Object.entries(calls)) {
      const service = serviceIn(...state);
      const held = ctx.held ?? (async (...args) => (await stubbedSandbox(...args)).sandbox);
      const sandbox = await held(ctx, service);
      const before = time.elapsed();
      const error = await time.run(
        call(sandbox).then(
          () => undefined,
          (error) => error,
        ),
      );
      all.push({ name, error, ms: time.elapsed() - before });
    }
    return all;
  }

  for (const [status, next] of [
    ["active"],
    ["paused"],
    ["pausing", "paused"],
    ["resuming", "active"],
    ["migrating", "active"],
    ["migrating", "paused"],
  ]) {
    test(`${status}${next ? `, then ${next}` : ""}: calls reach it`, async (ctx) => {
      const { assert } = ctx;
      const calls = status === "active" ? TO_THE_SANDBOX : ALL;
      for (const { name, error, ms } of await outcomes(ctx, calls, [status, next])) {
        assert.equal(error, undefined, name);
        assert.within(ms, next ? LASTS_MS : 0, next ? LASTS_MS + 1_000 : 0, `${name}: milliseconds`);
      }
    });
  }

  test("active: it cannot be resumed", async (ctx) => {
    const { assert, sdk } = ctx;
    const [{ error }] = await outcomes(ctx, RESUME, ["active"]);
    assert.isError(error, sdk.ConflictError, "resume");
    assert.deepEqual([error.statusCode, error.code], [409, "conflict"]);
    assert.equal(error.message, "the sandbox is active");
  });

  for (const state of [["failed"], ["starting"], ["pausing", "failed"], ["resuming", "failed"]]) {
    const [status, next] = state;
    test(`${state.join(", then ")}: a conflict`, async (ctx) => {
      const { assert, sdk } = ctx;
      for (const { name, error, ms } of await outcomes(ctx, ALL, state)) {
        assert.isError(error, sdk.ConflictError, name);
        assert.deepEqual([error.statusCode, error.code], [409, "conflict"], name);
        assert.equal(error.message, `the sandbox is ${status}`, name);
        assert.within(ms, next ? LASTS_MS : 0, next ? LASTS_MS + 1_000 : 0, `${name}: milliseconds`);
      }
    });
  }

  for (const status of ["pausing", "resuming", "migrating"]) {
    const most = status === "pausing" ? "5 minutes" : "30 s";
    test(`${status} without end: a conflict after ${most}`, async (ctx) => {
      const { assert, sdk } = ctx;
      for (const { name, error, ms } of await outcomes(ctx, ALL, [status, "gone", FOREVER])) {
        assert.isError(error, sdk.ConflictError, name);
        assert.equal(error.message, `the sandbox is ${status}`, name);
        // A relay does not let pages wait as long for what wakes a sandbox by the way.
        const isPatient = status === "pausing" && (!ctx.held || name === "resume");
        const expected = isPatient ? 300_000 : 30_000;
        assert.within(ms, expected - 1_000, expected + 1_000, `${name}: milliseconds`);
      }
    });
  }

  for (const state of [["gone"], ["pausing", "gone"]]) {
    test(`${state.join(", then ")}: not found`, async (ctx) => {
      const { assert, sdk } = ctx;
      for (const { name, error } of await outcomes(ctx, ALL, state)) {
        assert.isError(error, sdk.NotFoundError, name);
        assert.deepEqual([error.statusCode, error.code], [404, "not_found"], name);
        assert.equal(error.message, "no such sandbox", name);
      }
    });
  }
}
