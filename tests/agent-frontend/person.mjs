// What a person does with the page and sees of it, in a tab of any of the browsers.
import { setTimeout as sleep } from "node:timers/promises";

const LOOK_EVERY_MS = 100;
const WITHIN_MS = 30_000;

/** Looks until `probe` gives something, and resolves to that. */
export async function until(what, probe, withinMs = WITHIN_MS) {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const seen = await probe();
    if (seen) return seen;
    if (Date.now() > deadline) throw new Error(`${what}: not within ${withinMs} ms`);
    await sleep(LOOK_EVERY_MS);
  }
}

export function personAt(tab) {
  /** The text of what a selector finds, as it is shown; undefined for what is not shown. */
  const text = (selector) =>
    tab.evaluate((selector) => {
      const element = document.querySelector(selector);
      return element?.checkVisibility?.() === false ? undefined : element?.innerText;
    }, selector);

  const me = {
    tab,
    text,
    /** Waits until the text there matches. */
    async sees(selector, pattern, withinMs) {
      let last;
      const seen = async () => pattern.exec((last = (await text(selector)) ?? ""));
      return until(`${pattern} in ${selector}`, seen, withinMs).catch((error) => {
        throw new Error(`${error.message}; it says ${JSON.stringify(last?.slice(-600))}`);
      });
    },
    /** Clicks a button once it can be clicked. */
    async click(selector) {
      const click = (selector) => {
        const element = document.querySelector(selector);
        if (!element || element.getAttribute("aria-disabled") === "true" || element.closest("[hidden]"))
          return false;
        element.focus();
        element.click();
        return true;
      };
      await until(`a click on ${selector}`, () => tab.evaluate(click, selector));
    },
    focus: (selector) => tab.evaluate((selector) => document.querySelector(selector).focus(), selector),
    /** What each step of the agent says of itself: `{ id: { state, text } }`. */
    steps: () =>
      tab.evaluate(() =>
        Object.fromEntries(
          [...document.querySelectorAll(".step")].map(({ dataset, innerText, textContent }) => [
            dataset.step,
            { state: dataset.state, text: innerText || textContent },
          ]),
        ),
      ),
    async stepIs(id, state, withinMs) {
      let last;
      const is = async () => (last = (await me.steps())[id])?.state === state;
      await until(`step ${id} to be ${state}`, is, withinMs).catch((error) => {
        throw new Error(`${error.message}; it is ${last?.state}: ${last?.text}`);
      });
      return last;
    },
    /** The names in the tree, as far as it is open. */
    tree: () =>
      tab.evaluate(() => [...document.querySelectorAll("#tree .tree-name")].map((name) => name.textContent)),
    /** The id of the page's sandbox. */
    sandboxId: () =>
      tab.evaluate(() => document.querySelector("#sandbox-name").title.replace("Sandbox ", "")),
    /** Selects a file in the tree. */
    select: (name) =>
      tab.evaluate((name) => {
        const found = [...document.querySelectorAll("#tree .tree-name")].find(
          ({ textContent }) => textContent === name,
        );
        found.click();
      }, name),
    /** What the terminal shows. */
    screen: () => tab.evaluate(() => document.querySelector(".xterm-rows").innerText),
    /** Types into the terminal. `\n` is Enter. */
    async types(keys) {
      await me.focus(".xterm-helper-textarea");
      await tab.press(keys.replaceAll("\n", "\uE007"));
    },
  };
  return me;
}
