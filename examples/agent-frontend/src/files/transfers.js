// The list of uploads and downloads, each with its progress, and with what can be done about it.
import { $, announce, make } from "../dom.js";
import { inWords } from "../errors.js";
import { bytes } from "../format.js";

const GONE_AFTER_MS = 8000;

/**
 * Does `work({ signal, ready, onProgress, onRetry })`, and shows how far it is; while the sandbox is not active it waits.
 * Resolves when it has been done, or given up.
 *
 * @param {import("../sandbox/state.js").SandboxState} status
 * @param {string} verb
 * @param {string} name
 * @param {(how: import("../types.d.ts").Transferring) => Promise<void>} work
 */
export function transfer(status, verb, name, work) {
  const list = $("transfers");
  const bar = make("progress", { "aria-label": `${verb} ${name}` });
  const state = make("span", { className: "transfer-state" });
  const action = make("button", { type: "button", className: "button button-small" });
  const item = make(
    "li",
    { className: "transfer" },
    make("span", { className: "transfer-name", title: name }, `${verb} ${name}`),
    action,
    bar,
    state,
  );
  list.append(item);
  list.hidden = false;

  /**
   * @param {string} text
   * @param {string} button
   * @param {() => void} onClick
   */
  function show(text, button, onClick, tone = "") {
    state.textContent = text;
    item.dataset.tone = tone;
    action.textContent = button;
    action.setAttribute("aria-label", `${button}: ${name}`);
    action.onclick = onClick;
  }

  function remove() {
    item.remove();
    list.hidden = list.children.length === 0;
  }

  async function run() {
    const stopped = new AbortController();
    const cancel = () => {
      stopped.abort(new DOMException("cancelled", "AbortError"));
      remove();
    };
    bar.hidden = false;
    bar.removeAttribute("value");
    show("Beginning", "Cancel", cancel);
    try {
      await work({
        signal: stopped.signal,
        async ready() {
          if (status.active) return;
          show("Waits until the sandbox is active.", "Cancel", cancel, "warn");
          await status.whenActive();
        },
        onProgress(done, total) {
          if (total) {
            bar.max = total;
            bar.value = done;
          }
          show(total ? `${bytes(done)} of ${bytes(total)}` : bytes(done), "Cancel", cancel);
        },
        onRetry: (error) => show(`${inWords(error)} Trying again.`, "Cancel", cancel, "warn"),
      });
    } catch (error) {
      if (stopped.signal.aborted) return;
      bar.hidden = true;
      announce(`${verb} ${name} failed`);
      show(`It failed. ${inWords(error)}`, "Retry", run, "error");
      return;
    }
    bar.max = bar.value = 1;
    announce(`${verb} ${name} is done`);
    show("Done", "Dismiss", remove, "good");
    setTimeout(() => item.matches(":focus-within") || remove(), GONE_AFTER_MS);
  }
  return run();
}
