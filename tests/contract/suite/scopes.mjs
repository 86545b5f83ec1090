// A sandbox that ends with its scope: `await using`, or whoever calls the method that this calls.

import { ID, KEY, failure, json, noContent, wireSandbox } from "../support/fixtures.mjs";
import { eventually, live, liveSandbox } from "../support/live.mjs";
import { stubFetch, stubbedSandbox } from "../support/stub-fetch.mjs";
import { ticketOf, ticketSandbox } from "../support/tickets.mjs";
import { virtualTime } from "../support/virtual-time.mjs";

const connection = { apiKey: KEY, baseUrl: "http://localhost:9" };
const end = (sandbox) => sandbox[Symbol.asyncDispose]();
const conflict = (status) => failure(409, "conflict", `the sandbox is ${status}`);
const gone = () => failure(404, "not_found", "no such sandbox");
const asked = (calls) => calls.map(({ method, url }) => `${method} ${new URL(url).pathname.split(ID)[1]}`);

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("the symbol is there, whatever the engine", ({ sdk, assert }) => {
    assert.equal(typeof Symbol.asyncDispose, "symbol");
    assert.equal(typeof sdk.Sandbox.prototype[Symbol.asyncDispose], "function");
  });

  test("a sandbox is deleted at the end, unless it is to be paused", async (ctx) => {
    const { sdk, assert } = ctx;
    const { Sandbox } = sdk;
    for (const [onDispose, requests] of [
      [undefined, ["DELETE "]],
      ["kill", ["DELETE "]],
      ["pause", ["POST /pause"]],
    ]) {
      for (const make of [
        () => Sandbox.create({ name: "x", onDispose, ...connection }),
        () => Sandbox.connect(ID, { onDispose, ...connection }),
      ]) {
        const made = stubFetch(ctx, () => json(200, wireSandbox()));
        const sandbox = await make();
        assert.excludes(`${made[0].init.body}`, "ispose", "it stays on this side");
        const calls = stubFetch(ctx, noContent);
        assert.equal(await end(sandbox), undefined);
        assert.deepEqual(asked(calls), requests, `${onDispose}`);
      }
      const { sandbox, calls } = ticketSandbox(ctx, noContent, { onDispose });
      await end(sandbox);
      assert.deepEqual(asked(calls), requests, `${onDispose}, through a relay`);
    }
  });

  test("one that is gone already is no error", async (ctx) => {
    for (const onDispose of ["kill", "pause"]) {
      const { sandbox } = await stubbedSandbox(ctx, gone, { options: { onDispose } });
      await end(sandbox);
      const relayed = ticketSandbox(ctx, gone, { onDispose });
      await end(relayed.sandbox);
    }
  });

  test("one that is paused already, or is pausing, needs no pause", async (ctx) => {
    const { assert } = ctx;
    const time = virtualTime(ctx);
    for (const states of [["paused"], ["pausing", "paused"], ["gone"]]) {
      const left = [...states];
      const { sandbox, calls } = await stubbedSandbox(
        ctx,
        ({ method }) => {
          if (method === "POST") return conflict(states[0]);
          const status = left.length > 1 ? left.shift() : left[0];
          return status === "gone" ? gone() : json(200, wireSandbox({ status }));
        },
        { options: { onDispose: "pause" } },
      );
      await time.run(end(sandbox));
      assert.equal(calls.filter(({ method }) => method === "POST").length, 1, `${states}`);
    }
    const { sandbox } = ticketSandbox(ctx, () => conflict("paused"), { onDispose: "pause" });
    await end(sandbox);
  });

  test("what fails is an error of the scope's", async (ctx) => {
    const { sdk, assert } = ctx;
    for (const onDispose of ["kill", "pause"]) {
      const { sandbox } = await stubbedSandbox(ctx, () => failure(500, "internal", "no"), {
        options: { onDispose },
      });
      const error = await assert.rejects(end(sandbox), sdk.ServerError);
      assert.deepEqual([error.operation, error.sandboxId], ["Sandbox.asyncDispose", ID]);
    }
    const resuming = await stubbedSandbox(
      ctx,
      ({ method }) =>
        method === "POST" ? conflict("resuming") : json(200, wireSandbox({ status: "resuming" })),
      { options: { onDispose: "pause" } },
    );
    await assert.rejects(end(resuming.sandbox), sdk.ConflictError);
  });

  test("a ticket has to allow it", async (ctx) => {
    const { sdk, assert } = ctx;
    const { sandbox, calls } = ticketSandbox(ctx, noContent, { ticket: ticketOf({ allow: ["exec"] }) });
    assert.equal((await assert.rejects(end(sandbox), sdk.AuthenticationError)).code, "not_allowed");
    assert.equal(calls.length, 0);
  });

  test("on the local server", async (ctx) => {
    const { sdk, assert } = ctx;
    const { id } = await liveSandbox(ctx);
    const sandbox = await sdk.Sandbox.connect(id, { ...live(ctx), onDispose: "pause" });
    await end(sandbox);
    assert.equal((await sandbox.getInfo()).status, "paused");
    await end(sandbox);
    const other = await sdk.Sandbox.connect(id, live(ctx));
    await end(other);
    await end(other);
    await end(sandbox);
    const missing = () => sandbox.getInfo().catch((error) => error);
    assert.isError(await eventually(missing, "the deletion"), sdk.NotFoundError);
  });
}
