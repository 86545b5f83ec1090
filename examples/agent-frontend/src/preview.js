// The preview: a frame with the page that a port of the sandbox serves.
import { $, enable, make } from "./dom.js";
import { inWords } from "./errors.js";
import { markSection } from "./sections.js";

const GOOD_FOR_SECONDS = 3600;
const EMPTY = "Nothing is published yet. The page that the agent serves will show up here.";

/**
 * @param {import("@superserve/sdk").Sandbox} sandbox
 * @param {import("./sandbox/state.js").SandboxState} status
 * @returns {import("./types.d.ts").Preview}
 */
export function startPreview(sandbox, status) {
  const frame = make("iframe", {
    title: "What the sandbox serves",
    // It is a program's page of another origin: it may run, and that is all.
    sandbox: "allow-scripts allow-same-origin allow-forms",
    referrerPolicy: "no-referrer",
  });
  const reload = $("preview-reload");
  const link = $("preview-open");
  const empty = $("preview-empty");
  /** @type {number | undefined} */
  let port;

  async function show() {
    if (port === undefined) return;
    const shown = port;
    try {
      const url = await sandbox.getSignedPreviewUrl(shown, { expiresInSeconds: GOOD_FOR_SECONDS });
      if (port !== shown) return;
      frame.src = url;
      link.href = url;
      if (!frame.isConnected) $("preview-frame").append(frame);
    } catch (error) {
      if (port !== shown) return;
      empty.textContent = `The preview cannot be opened. ${inWords(error)}`;
      frame.remove();
    }
    describe();
  }

  function describe() {
    enable(reload, port !== undefined && status.active);
    frame.inert = !status.active;
    if (port === undefined) $("preview-note").textContent = "";
    else $("preview-note").textContent = status.active ? `Port ${port}` : `Port ${port}, paused`;
    link.hidden = !frame.isConnected || !status.active;
    empty.hidden = frame.isConnected;
  }

  reload.onclick = show;
  status.addEventListener("change", describe);
  return {
    /** Shows what a published port serves. */
    async open(opened) {
      port = opened;
      await show();
      markSection("preview");
    },
    close() {
      port = undefined;
      empty.textContent = EMPTY;
      frame.remove();
      describe();
    },
  };
}
