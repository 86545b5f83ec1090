// Drives the page in Chromium as a person would, and leaves pictures: node screenshots.mjs <directory>
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { upload } from "./in-page.mjs";
import { personAt, until } from "./person.mjs";
import { setStage } from "./stage.mjs";

const directory = process.argv[2];
await rm(directory, { recursive: true, force: true });
await mkdir(directory, { recursive: true });

const DESKTOP = { width: 1440, height: 900, deviceScaleFactor: 1, mobile: false };
const PHONE = { width: 390, height: 844, deviceScaleFactor: 2, mobile: true };
const TABLET = { width: 1024, height: 768, deviceScaleFactor: 1, mobile: false };
const SECTIONS = ["agent", "preview", "terminal", "files", "build"];

const stage = await setStage("chromium");
try {
  const { browser } = stage;
  const person = personAt(browser);
  const screen = (metrics) => browser.cdp("Emulation.setDeviceMetricsOverride", metrics);
  const scheme = (value) =>
    browser.cdp("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value }] });

  async function picture(name) {
    // What was changed last is drawn, and the terminal has taken its size.
    await browser.evaluate(
      () => new Promise((resolve) => setTimeout(() => requestAnimationFrame(resolve), 400)),
    );
    await writeFile(join(directory, `${name}.png`), await browser.screenshot());
    console.log(`${name}.png`);
  }
  /** The same moment by light and in the dark. */
  async function both(name) {
    for (const value of ["light", "dark"]) {
      await scheme(value);
      await picture(`${name}-${value}`);
    }
    await scheme("light");
  }

  await screen(DESKTOP);
  await scheme("light");
  await browser.open(stage.url);
  await person.sees("#state", /Active/);
  await person.sees("#terminal-note", /Connected/);
  await both("desktop-1-begin");

  await person.click("#agent-start");
  await person.stepIs("try", "running");
  await until("output", async () => /round {2}6/.test((await person.steps()).try.text));
  await picture("desktop-2-running-light");

  await person.types("ls --color=always /\n");
  await person.click("#build-start");
  await person.stepIs("publish", "done", 60_000);
  await until("the preview", async () =>
    /Estimate of pi/.test(await browser.evaluateInFrame(() => document.body.innerText)),
  );
  await person.sees("#build-state", /Ready/);
  await both("desktop-3-done");

  // Slow enough to be seen on its way.
  await browser.cdp("Network.enable", {});
  await network(6_000_000);
  await upload(
    browser,
    "measurements with a name that is much longer than the column is wide.bin",
    50_000_000,
    1,
  );
  await person.sees(".transfer-state", /(1\d|2\d|3\d)\.\d MB of 50/);
  await browser.evaluate(() => document.querySelector("#tree [role=treeitem]").click());
  await both("desktop-4-upload");
  await network(-1);
  await person.sees(".transfer-state", /Done/);

  await browser.evaluate(() => {
    document.querySelector("#build-recipe").value = "broken";
  });
  await person.click("#build-start");
  await person.sees("#build-state", /failed/);
  await person.click("#pause");
  await person.sees("#state", /Paused/);
  await both("desktop-5-paused");
  await screen(TABLET);
  await picture("tablet-5-paused-light");
  await screen(PHONE);
  await picture("phone-5-paused-light");
  await person.click("#pause");
  await person.sees("#state", /Active/);

  await stage.backend.stop();
  await person.sees("#notice", /cannot be reached/);
  await both("phone-6-unreachable");
  await screen(DESKTOP);
  await picture("desktop-6-unreachable-light");
  await stage.backend.start();
  await person.sees("#terminal-note", /Connected/);

  await screen(PHONE);
  for (const id of SECTIONS) {
    await browser.evaluate((id) => document.querySelector(`#switch [data-section=${id}]`).click(), id);
    await both(`phone-7-${id}`);
  }

  function network(bytesPerSecond) {
    const throughput = { downloadThroughput: -1, uploadThroughput: bytesPerSecond };
    return browser.cdp("Network.emulateNetworkConditions", { offline: false, latency: 0, ...throughput });
  }
} finally {
  await stage.close();
}
