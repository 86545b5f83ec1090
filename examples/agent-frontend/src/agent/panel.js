// The list of the agent's steps as they run, and the buttons that start and stop it.
import { $, announce, appendTo, enable, make } from "../dom.js";
import { duration } from "../format.js";
import { markSection } from "../sections.js";
import { AgentRun } from "./run.js";

const STATES = { waiting: "Waiting", running: "Running", done: "Done", failed: "Failed" };
/** What is not a program's output is no log. */
const PROSE = "said";

/** @typedef {{ element: HTMLElement, state: HTMLElement, body: HTMLElement }} Item */

export class AgentPanel {
  #run;
  /** @type {Item[]} */
  #items = [];

  /** @param {import("../types.d.ts").Stage} stage */
  constructor({ sandbox, status, preview }) {
    this.#run = new AgentRun({ sandbox, status, preview });
    /** @param {Event} event */
    const detailOf = (event) => /** @type {CustomEvent} */ (event).detail;
    this.#run.addEventListener("change", (event) => this.#changed(detailOf(event) ?? undefined));
    this.#run.addEventListener("output", (event) => this.#append(detailOf(event).index, detailOf(event)));
    $("agent-start").onclick = () => this.#start();
    $("agent-stop").onclick = () => this.#run.stop();
    $("agent-over").onclick = () => {
      this.#run.reset();
      preview.close();
      this.#render();
      this.#start();
    };
    this.#render();
    const { port } = this.#run.memory;
    if (port !== undefined) status.whenActive().then(() => preview.open(port));
    if (this.#run.interrupted) this.#start();
  }

  #start() {
    this.#run.start();
    this.#describe();
  }

  #render() {
    this.#items = this.#run.steps.map((_, index) => this.#item(index));
    $("steps").replaceChildren(...this.#items.map(({ element }) => element));
    this.#run.steps.forEach((_, index) => this.#update(index));
    this.#describe();
  }

  /** @param {number} index */
  #item(index) {
    const { title } = this.#run.steps[index];
    const state = make("span", { className: "step-state" });
    const body = make("div", { className: "step-body" });
    const head = make("h3", { className: "step-title" }, title);
    const element = make(
      "li",
      { className: "step" },
      make("div", { className: "step-head" }, head, state),
      body,
    );
    return { element, state, body };
  }

  /**
   * Shows a step as it is now.
   *
   * @param {number} index
   */
  #update(index) {
    const step = this.#run.steps[index];
    const { element, state, body } = this.#items[index];
    element.dataset.state = step.state;
    element.dataset.tone = step.tone ?? "";
    element.dataset.step = step.id;
    if (step.state === "running") element.setAttribute("aria-current", "step");
    else element.removeAttribute("aria-current");
    const took = step.state === "done" && step.ms !== undefined ? `${duration(step.ms)}` : STATES[step.state];
    state.textContent = [step.outcome, took].filter(Boolean).join(", ");
    body.replaceChildren();
    if (step.note) body.append(make("p", { className: "step-note" }, step.note));
    for (const piece of step.output) this.#append(index, piece);
    if (step.state !== "failed") return;
    const retry = make(
      "button",
      { type: "button", className: "button", on: { click: () => this.#start() } },
      "Retry",
    );
    body.append(make("div", { className: "step-error", role: "alert" }, make("p", {}, step.error), retry));
  }

  /**
   * @param {number} index
   * @param {import("../types.d.ts").Piece} piece
   */
  #append(index, { text, kind }) {
    const { body } = this.#items[index];
    const prose = kind === PROSE;
    let last = body.lastElementChild;
    if (!last || last.matches(".step-note") || last.matches(".prose") !== prose) {
      const title = this.#run.steps[index].title;
      last = prose
        ? make("p", { className: "prose" })
        : make("pre", {
            className: kind === "code" ? "log is-code" : "log",
            tabIndex: 0,
            role: "group",
            "aria-label": `Output of: ${title}`,
          });
      body.append(last);
    }
    const piece = make("span", { className: `from-${kind}` }, text);
    // A program is read from its beginning, what it prints from the end.
    if (kind === "code") last.append(piece);
    else appendTo(last, piece);
  }

  /** @param {number} [index] */
  #changed(index) {
    if (index === undefined) return this.#describe();
    const step = this.#run.steps[index];
    this.#update(index);
    this.#describe();
    if (["running", "done"].includes(step.state))
      this.#items[index].element.scrollIntoView({ block: "nearest" });
    if (step.state === "running")
      announce(`Step ${index + 1} of ${this.#run.steps.length}, ${step.title}: running`);
    if (step.state === "failed") announce(`${step.title} failed. ${step.error}`);
    if (this.#run.finished) announce("The agent has done all its steps.");
    if (step.state !== "running") markSection("agent");
  }

  #describe() {
    const { steps, begun, running, finished } = this.#run;
    const done = steps.filter(({ state }) => state === "done").length;
    const buttons = [$("agent-start"), $("agent-stop"), $("agent-over")];
    const focused = buttons.some((button) => button === document.activeElement);
    $("agent-note").textContent = !begun ? `${steps.length} steps` : `${done} of ${steps.length} done`;
    $("agent-start").hidden = running || finished;
    $("agent-start").textContent = begun ? "Go on" : "Start";
    $("agent-stop").hidden = !running;
    $("agent-over").hidden = running || !begun;
    enable($("agent-start"));
    // The button that was pressed may be gone now.
    if (focused) buttons.find(({ hidden }) => !hidden)?.focus();
  }
}
