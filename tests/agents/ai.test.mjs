// The AI SDK, with the model that its package has for tests.
import assert from "node:assert/strict";
import { test } from "node:test";

import { example, load } from "./example.mjs";
import { answers, freePort, turns } from "./script.mjs";
import { onServer, sandboxFor } from "./stage.mjs";

const { run } = await example("ai");
const { MockLanguageModelV4 } = await load("ai/test");

onServer();

/** A model that takes those turns. @param {import("./script.mjs").Turn[]} turns */
function modelOf(turns) {
  let turn = 0;
  const usage = { inputTokens: { total: 1 }, outputTokens: { total: 1 } };
  return new MockLanguageModelV4({
    doGenerate: async () => {
      const next = turns[turn++];
      const calls = "calls" in next ? next.calls : [];
      const content = calls.map(({ name, input }, index) => ({
        type: "tool-call",
        toolCallId: `${turn}.${index}`,
        toolName: name,
        input: JSON.stringify(input),
      }));
      return {
        content: "text" in next ? [{ type: "text", text: next.text }] : content,
        finishReason: { unified: "text" in next ? "stop" : "tool-calls", raw: undefined },
        usage,
        warnings: [],
      };
    },
  });
}

test("the task is done, call by call", async (t) => {
  const sandbox = await sandboxFor(t);
  const port = await freePort();
  const script = turns(port);
  const { text, steps } = await run({ model: modelOf(script), sandbox });
  assert.equal(text, script.at(-1).text);
  const results = steps.flatMap(({ toolResults }) => toolResults.map(({ output }) => output));
  answers(port).forEach((expected, index) => assert.match(JSON.stringify(results[index]), expected));
});
