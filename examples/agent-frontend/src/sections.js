// One section at a time on a narrow screen, and F6 from one to the next on any.
import { $ } from "./dom.js";

const main = /** @type {HTMLElement} */ (document.querySelector("main"));
const panels = /** @type {HTMLElement[]} */ ([...main.querySelectorAll(".panel")]);
const buttons = [...$("switch").querySelectorAll("button")];

/**
 * Brings a section into view where only one is.
 *
 * @param {string} id
 */
export function showSection(id) {
  main.dataset.shown = id;
  for (const button of buttons) {
    if (button.dataset.section === id) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
}

/**
 * A mark at a section's button: something has happened there.
 *
 * @param {string} id
 */
export function markSection(id) {
  if (main.dataset.shown === id) return;
  const button = buttons.find(({ dataset }) => dataset.section === id);
  if (button) button.dataset.news = "";
}

/** Moves the focus to the next section, or the one before. */
export function leaveSection(backwards = false) {
  const at = panels.findIndex((panel) => panel.contains(document.activeElement));
  const step = backwards ? panels.length - 1 : 1;
  const next = panels[(Math.max(at, 0) + step) % panels.length];
  showSection(next.id);
  next.focus();
}

export function startSections() {
  for (const button of buttons) {
    button.onclick = () => {
      delete button.dataset.news;
      showSection(button.dataset.section ?? "");
    };
  }
  document.addEventListener("keydown", (event) => {
    if (event.key !== "F6" || event.defaultPrevented) return;
    event.preventDefault();
    leaveSection(event.shiftKey);
  });
}
