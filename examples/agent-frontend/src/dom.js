/** The element with this id. */
export const $ = (id) => document.getElementById(id);

/** Makes an element. Properties are the element's own, `on` its listeners, the rest of the names with a dash attributes. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined) continue;
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else if (name in element && !name.includes("-")) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== undefined && child !== false));
  return element;
}

/**
 * Says whether a button can be used. It keeps the focus either way, which one that is `disabled` loses to nowhere.
 */
export function enable(button, enabled = true) {
  button.setAttribute("aria-disabled", `${!enabled}`);
}

addEventListener(
  "click",
  (event) => {
    if (!event.target.closest?.('[aria-disabled="true"]')) return;
    event.preventDefault();
    event.stopPropagation();
  },
  { capture: true },
);

/** Says something to those who do not see it change. */
export function announce(text) {
  $("announcer").textContent = text;
}

/** Writes to the end of a log, and keeps the end in view unless the reader has scrolled away from it. */
export function appendTo(log, ...nodes) {
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 24;
  log.append(...nodes);
  if (atEnd) log.scrollTop = log.scrollHeight;
}
