import "./style/index.css";

import { AgentPanel } from "./agent/panel.js";
import { startBuilds } from "./build.js";
import { $ } from "./dom.js";
import { inWords } from "./errors.js";
import { startFiles } from "./files/panel.js";
import { startPreview } from "./preview.js";
import { notify, showBar } from "./sandbox/bar.js";
import { openSandbox } from "./sandbox/session.js";
import { SandboxState } from "./sandbox/state.js";
import { startSections } from "./sections.js";
import { startTerminal } from "./terminal.js";

startSections();
open();

async function open() {
  notify();
  let sandbox;
  try {
    sandbox = await openSandbox();
  } catch (error) {
    $("state").dataset.state = "failed";
    $("state").textContent = "Not connected";
    notify(`There is no sandbox. ${inWords(error)}`, { tone: "error", action: "Try again", onAction: open });
    return;
  }
  const status = new SandboxState(sandbox);
  showBar(sandbox, status, { onFresh: startAnother });
  const preview = startPreview(sandbox, status);
  startFiles(sandbox, status);
  startTerminal(sandbox, status);
  startBuilds(sandbox);
  new AgentPanel({ sandbox, status, preview });
}

/** What the page knows of the old sandbox goes with it. */
async function startAnother() {
  try {
    await openSandbox({ fresh: true });
    sessionStorage.clear();
    location.reload();
  } catch (error) {
    notify(`No sandbox could be made. ${inWords(error)}`, {
      tone: "error",
      action: "Try again",
      onAction: startAnother,
    });
  }
}
