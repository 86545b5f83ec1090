// OpenAI's own client, without a framework: node openai-api.mjs
//
// SUPERSERVE_API_KEY and OPENAI_API_KEY are its settings, and MODEL. `runChat` does the same by Chat Completions, which many other
// providers have, too.
import OpenAI from "openai";

import { chatTools, responsesTools } from "@superserve/sdk/openai-api";

import { INSTRUCTIONS, TASK, whenRun } from "./task.mjs";

/** @typedef {{ client: OpenAI, model: string, sandbox: import("@superserve/sdk").Sandbox, signal?: AbortSignal }} Settings */

/** @param {Settings} settings */
export async function run({ client, model, sandbox, signal }) {
  const { tools, execute } = responsesTools(sandbox);
  /** @type {OpenAI.Responses.ResponseInput} */
  let input = [{ role: "user", content: TASK }];
  /** @type {string | undefined} */
  let previous;
  for (;;) {
    const response = await client.responses.create(
      { model, instructions: INSTRUCTIONS, tools, input, previous_response_id: previous },
      { signal },
    );
    input = await execute(response, { signal });
    if (input.length === 0) return response.output_text;
    previous = response.id;
  }
}

/** @param {Settings} settings */
export async function runChat({ client, model, sandbox, signal }) {
  const { tools, execute } = chatTools(sandbox);
  /** @type {OpenAI.Chat.ChatCompletionMessageParam[]} */
  const messages = [
    { role: "system", content: INSTRUCTIONS },
    { role: "user", content: TASK },
  ];
  for (;;) {
    const { choices } = await client.chat.completions.create({ model, tools, messages }, { signal });
    const { message } = choices[0];
    const answers = await execute(message, { signal });
    if (answers.length === 0) return message.content ?? "";
    messages.push(message, ...answers);
  }
}

await whenRun(import.meta.url, (sandbox) =>
  run({ client: new OpenAI(), model: process.env.MODEL ?? "gpt-5.2", sandbox }),
);
