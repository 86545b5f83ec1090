// The bar at the top: the sandbox's state in a word, the button that pauses and resumes, and the notice below it.
import { $, announce, enable } from "../dom.js";
import { inWords } from "../errors.js";

/** @type {Record<string, string>} */
const WORDS = {
  connecting: "Connecting",
  active: "Active",
  pausing: "Pausing",
  paused: "Paused",
  resuming: "Resuming",
  failed: "Failed",
  gone: "Gone",
};

/**
 * Shows a line below the bar, with a button if there is something to do about it.
 *
 * @param {string} [text]
 * @param {{ action?: string, onAction?: () => void, tone?: string }} [how]
 */
export function notify(text, { action, onAction, tone = "info" } = {}) {
  const notice = $("notice");
  notice.hidden = !text;
  notice.dataset.tone = tone;
  if ($("notice-text").textContent !== (text ?? "")) $("notice-text").textContent = text ?? "";
  const button = $("notice-action");
  // The focus of a button that goes would fall to nowhere.
  if (!action && document.activeElement === button) $("pause").focus();
  button.hidden = !action;
  button.textContent = action ?? "";
  button.onclick = onAction ?? null;
}

/**
 * @param {import("@superserve/sdk").Sandbox} sandbox
 * @param {import("./state.js").SandboxState} status
 * @param {{ onFresh: () => void }} listeners
 */
export function showBar(sandbox, status, { onFresh }) {
  $("sandbox-name").textContent = sandbox.id.slice(0, 8);
  $("sandbox-name").title = `Sandbox ${sandbox.id}`;
  const button = $("pause");
  /**
   * The change that failed: the state that it was to lead to, and what to say of it.
   *
   * @type {{ wanted: string, text: string } | undefined}
   */
  let failure;

  /** @param {string} wanted */
  async function change(wanted) {
    failure = undefined;
    const resumes = wanted === "active";
    try {
      await (resumes ? status.resume() : status.pause());
    } catch (error) {
      const text = `The sandbox could not be ${resumes ? "resumed" : "paused"}. ${inWords(error)}`;
      failure = { wanted, text };
      show();
    }
  }

  function show() {
    const { state, problem } = status;
    // Only the answer was lost.
    if (failure?.wanted === state) failure = undefined;
    const word = problem ? "No connection" : (WORDS[state] ?? state);
    const pill = $("state");
    if (pill.textContent !== word) {
      pill.textContent = word;
      announce(`Sandbox: ${word.toLowerCase()}`);
    }
    pill.dataset.state = problem ? "unreachable" : state;
    document.body.dataset.sandbox = state;
    button.textContent = state === "paused" || state === "resuming" ? "Resume" : "Pause";
    enable(button, ["active", "paused"].includes(state));
    button.classList.toggle("button-primary", state === "paused");

    if (problem) notify(`${problem} Trying again.`, { tone: "error" });
    else if (state === "gone") {
      const text = "This sandbox was deleted, and its files with it.";
      notify(text, { tone: "error", action: "Start another", onAction: onFresh });
    } else if (state === "failed") {
      notify("The sandbox has failed.", { tone: "error", action: "Start another", onAction: onFresh });
    } else if (failure) {
      const { text, wanted } = failure;
      notify(text, { tone: "error", action: "Try again", onAction: () => change(wanted) });
    } else if (state === "paused") {
      notify("The sandbox is paused. Its files and processes are kept as they are.");
    } else notify();
  }

  button.onclick = () => change(status.state === "paused" ? "active" : "paused");
  status.addEventListener("change", show);
  show();
}
