// One run of the script: which step it is at, what each has told, kept for the tab so that a reload goes on where it was.
import { sandboxTools } from "@superserve/sdk/tools";

import { inWords } from "../errors.js";
import { retrying, sleep } from "../retry.js";
import { store, stored } from "../storage.js";
import { script } from "./script.js";

const KEY = "agent";
const SAVE_EVERY_MS = 300;
/** Of what a step prints, so that a tab's storage is enough for all. */
const KEPT_CHARS = 40_000;
const WORD_MS = matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 45;

/** @typedef {import("../types.d.ts").Step} Step */

/**
 * Dispatches `change` with the index of a step as its `detail`, or none for the run as a whole, and `output` with `{ index, text, kind }`. A step is
 * `waiting`, `running`, `done` or `failed`.
 */
export class AgentRun extends EventTarget {
  /** @type {Step[]} */
  steps = [];
  /** @type {import("../types.d.ts").Memory} */
  memory = {};
  running = false;
  #sandbox;
  #status;
  #preview;
  /** @type {AbortController | undefined} */
  #stopped;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #saving;
  #directory = "";

  /** @param {import("../types.d.ts").Stage} stage */
  constructor({ sandbox, status, preview }) {
    super();
    this.#sandbox = sandbox;
    this.#status = status;
    this.#preview = preview;
    this.#restore(stored(KEY));
    addEventListener("pagehide", () => this.#save());
  }

  get begun() {
    return this.steps.some(({ state }) => state !== "waiting");
  }

  get finished() {
    return this.steps.every(({ state }) => state === "done");
  }

  /** Whether a reload interrupted it. */
  get interrupted() {
    return this.steps.some(({ state }) => state === "running");
  }

  /** Forgets all, for another run. */
  reset() {
    this.#restore(null);
    this.#save();
    this.steps.forEach((_, index) => this.#tell(index));
  }

  stop() {
    this.#stopped?.abort(new DOMException("stopped", "AbortError"));
  }

  /** Does the steps that are not done, until one fails or somebody stops it. */
  async start() {
    if (this.running) return;
    this.running = true;
    const stopped = (this.#stopped = new AbortController());
    for (const [index, step] of this.steps.entries()) {
      if (step.state === "done") continue;
      await this.#do(index, stopped.signal);
      if (step.state === "failed") break;
    }
    this.running = false;
    this.#tell();
  }

  /**
   * @param {number} index
   * @param {AbortSignal} signal
   */
  async #do(index, signal) {
    const step = this.steps[index];
    const again = step.state === "running";
    /** @param {string} [note] */
    const begin = (note) => {
      Object.assign(step, {
        state: "running",
        note,
        output: [],
        outcome: undefined,
        tone: undefined,
        error: undefined,
      });
      this.#tell(index);
    };
    begin(again ? "The page was reloaded while this step ran, so it began again." : undefined);
    try {
      // A step would wake a paused sandbox, which is for the person to decide.
      const ready = async () => {
        if (this.#status.active) return;
        const { note } = step;
        begin("Waits until the sandbox is active.");
        await this.#status.whenActive(signal);
        begin(note);
      };
      await ready();
      const began = performance.now();
      const result = await retrying(() => script[index].run(this.#tools(index, signal)), {
        signal,
        ready,
        onRetry: (error) => begin(`${inWords(error)} The step began again.`),
      });
      Object.assign(step, { ...result, state: "done", ms: Math.round(performance.now() - began) });
    } catch (error) {
      const why = signal.aborted ? "It was stopped." : inWords(error);
      Object.assign(step, { state: "failed", error: why });
    }
    this.#tell(index);
  }

  /**
   * @param {number} index
   * @param {AbortSignal} signal
   * @returns {import("../types.d.ts").Tools}
   */
  #tools(index, signal) {
    /**
     * @param {string} text
     * @param {string} kind
     */
    const write = (text, kind) => this.#write(index, text, kind);
    /** What a tool failed by: what it tells of that is for a model. @type {unknown} */
    let failure;
    const tools = sandboxTools(
      {
        use: async (work) => {
          try {
            return await work(this.#sandbox);
          } catch (error) {
            failure = error;
            throw error;
          }
        },
      },
      { root: this.#directory },
    );
    return {
      preview: this.#preview,
      name: this.#directory.slice(this.#directory.lastIndexOf("/") + 1),
      memory: this.memory,
      async call(name, input) {
        failure = undefined;
        const tool = tools.find((tool) => tool.name === name);
        if (!tool) throw new Error(`There is no tool ${name}.`);
        const { content, structured, isError } = await tool.execute(input, {
          signal,
          onProgress: ({ stream, text }) => write(text, stream),
        });
        if (isError)
          throw failure ?? new Error(content.map((part) => "text" in part && part.text).join("\n"));
        return /** @type {any} */ (structured);
      },
      write,
      say: (text) => write(text, "said"),
      /** Word by word, as it comes from a model; at once where nobody looks. */
      async type(text) {
        for (const word of text.match(/\S+\s*/g) ?? []) {
          write(word, "said");
          if (WORD_MS > 0 && !document.hidden) await sleep(WORD_MS, signal);
        }
      },
    };
  }

  /**
   * @param {number} index
   * @param {string} text
   * @param {string} kind
   */
  #write(index, text, kind) {
    const { output } = this.steps[index];
    const length = output.reduce((sum, piece) => sum + piece.text.length, 0);
    // What is shown goes on; what is kept ends.
    if (length < KEPT_CHARS) {
      const last = output.at(-1);
      if (last?.kind === kind) last.text += text;
      else output.push({ text, kind });
    }
    this.dispatchEvent(new CustomEvent("output", { detail: { index, text, kind } }));
    this.#saveSoon();
  }

  /** @param {number} [index] */
  #tell(index) {
    this.#save();
    this.dispatchEvent(new CustomEvent("change", { detail: index }));
  }

  /** @param {{ sandbox: string, directory: string, memory: import("../types.d.ts").Memory, steps: Step[] } | null} saved */
  #restore(saved) {
    const mine =
      saved?.sandbox === this.#sandbox.id && saved.steps.length === script.length ? saved : undefined;
    // Two tabs are two agents: each has a directory of its own.
    this.#directory = mine?.directory ?? `/home/user/agent-${crypto.randomUUID().slice(0, 4)}`;
    this.memory = mine?.memory ?? {};
    this.steps = mine?.steps ?? script.map(({ id, title }) => ({ id, title, state: "waiting", output: [] }));
  }

  #saveSoon() {
    this.#saving ??= setTimeout(() => this.#save(), SAVE_EVERY_MS);
  }

  #save() {
    clearTimeout(this.#saving);
    this.#saving = undefined;
    const { steps, memory } = this;
    store(KEY, { sandbox: this.#sandbox.id, directory: this.#directory, memory, steps });
  }
}
