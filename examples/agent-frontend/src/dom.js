/** @typedef {import("./types.d.ts").Elements} Elements */

/**
 * The element with this id, which the page has.
 *
 * @template {string} Id
 * @param {Id} id
 * @returns {Id extends keyof Elements ? Elements[Id] : HTMLElement}
 */
export const $ = (id) => /** @type {any} */ (document.getElementById(id));

/**
 * Makes an element. Properties are the element's own, `on` its listeners, the rest of the names with a dash attributes.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, any>} properties
 * @param {(Node | string | false | undefined)[]} children
 */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  /** @type {Record<string, any>} */
  const own = element;
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined) continue;
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else if (name in element && !name.includes("-")) own[name] = value;
    else element.setAttribute(name, value);
  }
  for (const child of children) if (child !== undefined && child !== false) element.append(child);
  return element;
}

/**
 * Says whether a button can be used. It keeps the focus either way, which one that is `disabled` loses to nowhere.
 *
 * @param {HTMLElement} button
 */
export function enable(button, enabled = true) {
  button.setAttribute("aria-disabled", `${!enabled}`);
}

addEventListener(
  "click",
  (event) => {
    const target = /** @type {Partial<Element>} */ (event.target);
    if (!target.closest?.('[aria-disabled="true"]')) return;
    event.preventDefault();
    event.stopPropagation();
  },
  { capture: true },
);

/**
 * Says something to those who do not see it change.
 *
 * @param {string} text
 */
export function announce(text) {
  $("announcer").textContent = text;
}

/**
 * Writes to the end of a log, and keeps the end in view unless the reader has scrolled away from it.
 *
 * @param {Element} log
 * @param {Node[]} nodes
 */
export function appendTo(log, ...nodes) {
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 24;
  log.append(...nodes);
  if (atEnd) log.scrollTop = log.scrollHeight;
}
