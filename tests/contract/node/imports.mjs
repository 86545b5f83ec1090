// Whatever a function that the module imports throws, the call that met it ends, and nothing else does.

import { runChild } from "./child.mjs";

const THROWS = 2000;

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("an import that throws ends its call, and no other", { timeoutMs: 240_000 }, async (ctx) => {
    const { assert } = ctx;
    const input = { throws: THROWS };
    const { rounds, thrown, wrong, unhandled, outcomes, stackMoved } = await runChild(ctx, "imports", input);
    assert.deepEqual(wrong, [], "outcomes");
    assert.deepEqual(unhandled, [], "left unhandled");
    assert.within(rounds, 500, 10_000, "throws, each in another place");
    assert.within(thrown, rounds + THROWS - 100, rounds + THROWS, "throws in all");
    assert.equal(stackMoved, false, "the module's stack is where it was");
    const failing = Object.keys(outcomes).filter((name) => outcomes[name] !== "resolved");
    const expected = [
      "a ticket's renewal that fails",
      "an error answer",
      "an invalid answer",
      "an invalid argument",
      "an abort",
      "a timeout",
      "an abort of a create",
    ];
    assert.deepEqual(failing, expected, "calls that fail by themselves");
  });
}
