// What many objects and sessions leave behind.

import { fuzzRounds } from "../support/generator.mjs";
import { runChild } from "./child.mjs";

const MIB = 1024 * 1024;
const mib = (bytes) => `${(bytes / MIB).toFixed(1)} MiB`;

/** @type {import("../support/types.d.ts").Define} */
export default function ({ test }) {
  test("200,000 sandboxes made and dropped: both memories reach a plateau", {
    timeoutMs: 240_000,
  }, async (ctx) => {
    const { assert } = ctx;
    const input = { objects: 200_000, sampleEvery: 20_000 };
    const { memories, samples, waves } = await runChild(ctx, "memory", input, ["--expose-gc"]);
    assert.equal(memories, 1, "wasm memories seen");
    assert.equal(samples.length, 10, "samples");
    const wasm = samples.map(({ wasmBytes }) => wasmBytes);
    const heap = samples.map(({ heapBytes }) => heapBytes);
    // In the second half nothing grows any more, but for a page here and there.
    const heapThen = heap[4];
    const [before, after] = [wasm.slice(0, 5), wasm.slice(5)].map((half) => Math.max(...half));
    assert.within(after, 0, before * 1.1, `wasm memory of ${wasm.map(mib).join(", ")}`);
    assert.within(wasm.at(-1), 0, 16 * MIB, "wasm memory in all");
    assert.within(heap.at(-1), 0, heapThen + 2 * MIB, `JS heap of ${heap.map(mib).join(", ")}`);

    const [first, ...later] = waves;
    const last = later.at(-1);
    assert.within(last.full.wasmBytes, 0, first.full.wasmBytes * 1.1, "wasm memory of 10,000 held again");
    assert.within(last.empty.heapBytes, 0, heapThen + 4 * MIB, "JS heap after the last of them");
    assert.ok(first.full.heapBytes > first.empty.heapBytes, "the measure sees what is held");
  });

  test("a sandbox whose ticket a closure beside it renews is let go", async (ctx) => {
    const { alive } = await runChild(ctx, "memory-tickets", { sandboxes: 50 }, ["--expose-gc"]);
    // The last one may still be on the stack.
    ctx.assert.within(alive, 0, 1, "sandboxes that are still there");
  });

  test("the largest screenshots stay out of the module's memory", { timeoutMs: 60_000 }, async (ctx) => {
    const input = { pictures: 3, bytes: 24 * MIB - 2 };
    const { memories, grown, sent } = await runChild(ctx, "memory-screenshot", input);
    ctx.assert.equal(memories, 1, "wasm memories seen");
    ctx.assert.within(sent, 31 * MIB, 33 * MIB, "characters of an answer");
    ctx.assert.equal(grown, 0, "growth of the wasm memory");
  });

  test("5,000 sessions opened and ended: the heap reaches a plateau", { timeoutMs: 240_000 }, async (ctx) => {
    const input = { rounds: 5, sessions: 1000 };
    const { samples } = await runChild(ctx, "memory-sessions", input, ["--expose-gc"]);
    ctx.assert.within(samples.at(-1), 0, samples[1] + MIB, `JS heap of ${samples.map(mib).join(", ")}`);
  });

  test("many streams at once leave the module's memory small, and old tokens none there", {
    timeoutMs: 240_000,
  }, async (ctx) => {
    const { assert } = ctx;
    const input = { streams: Math.min(fuzzRounds(ctx, 1000), 5000), calls: 2000 };
    const { memories, opened, before, after, rotated, copies } = await runChild(ctx, "memory-streams", input);
    assert.equal(memories, 1, "wasm memories seen");
    assert.equal(opened, input.streams, "streams");
    // Of each stream there is the call and what it holds of an event, and no more for large events.
    assert.within(after - before, 0, input.streams * 4096, "growth of the wasm memory");
    assert.within(rotated, 900, 1000, "tokens that were replaced");
    // The configuration holds the key, and the sandbox its token; the scan sees them.
    assert.within(copies.key, 1, 4, "copies of the key");
    assert.within(copies.current, 1, 4, "copies of the token");
    assert.within(copies.old, 0, 2, "copies of old tokens");
    assert.equal(copies.first, 0, "copies of the first token");
  });
}
