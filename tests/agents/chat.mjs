// A chat model of LangChain's that follows a script, and what is common to the tests of its agents.
import assert from "node:assert/strict";

import { load } from "./example.mjs";

// Nothing of a test is told to anybody.
for (const name of ["LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2"]) process.env[name] = "false";

const { BaseChatModel } = await load("@langchain/core/language_models/chat_models");
const { AIMessage, AIMessageChunk } = await load("@langchain/core/messages");
const { ChatGenerationChunk } = await load("@langchain/core/outputs");
const { convertToOpenAITool } = await load("@langchain/core/utils/function_calling");

/** @typedef {import("./script.mjs").Turn} Turn */

/** Takes those turns, whether it is asked for all of an answer or for pieces. */
export class ScriptedModel extends BaseChatModel {
  #turns;
  #turn = 0;
  /** What it was asked, turn by turn. @type {any[][]} */
  asked = [];
  /** What it was told of tools, as a provider is. @type {any[]} */
  told = [];

  /** @param {Turn[]} turns */
  constructor(turns) {
    super({});
    this.#turns = turns;
  }

  _llmType() {
    return "scripted";
  }

  /** @param {any[]} tools */
  bindTools(tools) {
    this.told = tools.map((tool) => convertToOpenAITool(tool));
    return this;
  }

  /** @param {any[]} messages @returns {{ content: string, calls: { id: string, name: string, input: any }[] }} */
  #next(messages) {
    this.asked.push(messages);
    const turn = this.#turns[this.#turn++];
    if (!turn) throw new Error("the script is over");
    if ("text" in turn) return { content: turn.text, calls: [] };
    const calls = turn.calls.map((call, index) => ({ ...call, id: `${this.#turn}.${index}` }));
    return { content: "", calls };
  }

  /** @param {any[]} messages */
  async _generate(messages) {
    const { content, calls } = this.#next(messages);
    const tool_calls = calls.map(({ id, name, input }) => ({ id, name, args: input, type: "tool_call" }));
    const message = new AIMessage({ content, tool_calls });
    return { generations: [{ text: content, message }] };
  }

  /** @param {any[]} messages @param {unknown} _options @param {any} runManager */
  async *_streamResponseChunks(messages, _options, runManager) {
    const { content, calls } = this.#next(messages);
    const half = content.length >> 1;
    const texts = content ? [content.slice(0, half), content.slice(half)] : [];
    const pieces = calls.flatMap(({ id, name, input }, index) => {
      const args = JSON.stringify(input);
      const middle = args.length >> 1;
      return [
        { id, name, args: args.slice(0, middle), index },
        { args: args.slice(middle), index },
      ];
    });
    const chunks = [
      ...texts.map((content) => new AIMessageChunk({ content })),
      ...pieces.map((piece) => new AIMessageChunk({ content: "", tool_call_chunks: [piece] })),
    ];
    for (const message of chunks) {
      const text = String(message.content);
      const chunk = new ChatGenerationChunk({ text, message });
      yield chunk;
      await runManager?.handleLLMNewToken(text, undefined, undefined, undefined, undefined, { chunk });
    }
  }
}

/** The messages of tools, in the order of their calls. @param {{ messages: any[] }} state */
export const results = ({ messages }) =>
  messages
    .filter(({ type }) => type === "tool")
    .sort((one, other) => Number(one.tool_call_id) - Number(other.tool_call_id));

/** @param {string} text */
export const asking = (text) => ({ messages: [{ role: "user", content: text }] });

/** Until a process is gone. @param {any} sandbox @param {string} pid */
export async function gone(sandbox, pid) {
  while ((await sandbox.commands.run(`kill -0 ${pid}`)).exitCode === 0);
}

/** A command that tells the id of its shell, and goes on for long. */
export const LONG = "echo $$; sleep 1000";

/** Aborts an agent's run once its command tells its process, and waits until that is gone. @param {any} agent @param {any} sandbox */
export async function aborted(agent, sandbox) {
  const controller = new AbortController();
  const { signal } = controller;
  let pid = "";
  await assert.rejects(async () => {
    for await (const [, data] of await agent.stream(asking("Go"), { streamMode: ["tools"], signal })) {
      if (data.event !== "on_tool_event") continue;
      pid = data.data.text.trim();
      controller.abort();
    }
  }, /abort/i);
  assert.match(pid, /^\d+$/);
  await gone(sandbox, pid);
  return signal;
}
