// The page by the rules of axe-core: names, roles, order, contrast; by light and in the dark, wide and narrow.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, describe, it } from "node:test";

import { personAt } from "./person.mjs";
import { setStage } from "./stage.mjs";

const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const SECTIONS = ["agent", "preview", "terminal", "files", "build"];

describe("the page by the rules of accessibility", () => {
  let stage;
  let person;
  before(async () => {
    stage = await setStage("chromium");
    person = personAt(stage.browser);
    await stage.browser.open(stage.url);
    await person.sees("#state", /^Active$/);
    await person.sees("#terminal-note", /^Connected$/);
  });
  after(() => stage?.close());

  const scheme = (value) =>
    stage.browser.cdp("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value }] });
  const width = (width) =>
    stage.browser.cdp("Emulation.setDeviceMetricsOverride", {
      width,
      height: 844,
      deviceScaleFactor: 1,
      mobile: false,
    });

  /** What breaks a rule, by the rule and the elements. The terminal's inside is xterm.js's own, frames are others' pages. */
  const violations = () =>
    stage.browser.evaluate(`async () => {
      ${axe};
      const context = { exclude: [[".xterm"], ["iframe"]] };
      const { violations } = await axe.run(context, { iframes: false });
      return violations.map(({ id, nodes }) => id + ": " + nodes.map(({ html }) => html.slice(0, 160)).join(" "));
    }`);

  async function keepsTheRules() {
    for (const value of ["light", "dark"]) {
      await scheme(value);
      await width(1440);
      assert.deepEqual(await violations(), [], `wide, ${value}`);
      await width(390);
      for (const id of SECTIONS) {
        await stage.browser.evaluate(
          (id) => document.querySelector(`#switch [data-section=${id}]`).click(),
          id,
        );
        assert.deepEqual(await violations(), [], `narrow, ${value}, ${id}`);
        const wider = await stage.browser.evaluate(() => document.documentElement.scrollWidth > innerWidth);
        assert.equal(wider, false, `${id} is wider than a narrow screen`);
      }
    }
  }

  it("as it begins", keepsTheRules);

  it("with everything on it, and paused", async () => {
    await width(1440);
    await person.click("#agent-start");
    await person.stepIs("publish", "done", 60_000);
    await stage.browser.evaluate(() => (document.querySelector("#build-recipe").value = "broken"));
    await person.click("#build-start");
    await person.sees("#build-state", /failed/);
    await stage.browser.evaluate(() => document.querySelector("#tree [role=treeitem]").click());
    await person.click("#agent-over");
    await person.stepIs("try", "running");
    await person.click("#agent-stop");
    await person.stepIs("try", "failed");
    await keepsTheRules();
    await person.click("#pause");
    await person.sees("#state", /^Paused$/);
    await keepsTheRules();
    await person.click("#pause");
    await person.sees("#state", /^Active$/);
  });

  it("moves nothing for those who do not want it", async () => {
    await width(1440);
    const feature = { name: "prefers-reduced-motion", value: "reduce" };
    await stage.browser.cdp("Emulation.setEmulatedMedia", { features: [feature] });
    await stage.browser.reload();
    await person.sees("#terminal-note", /^Connected$/);
    await person.click("#agent-start");
    await person.stepIs("try", "running");
    assert.equal(await stage.browser.evaluate(() => document.getAnimations().length), 0);
  });
});
