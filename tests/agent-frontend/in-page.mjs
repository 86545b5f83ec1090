// What tests do in the page beside what a person does: files of any size, and looking at what passes too quickly.

/** Bytes that a seed makes, the same here and in the page. */
export function bytesOf(size, seed) {
  const bytes = new Uint8Array(size);
  for (let at = 0, state = seed * 2654435761; at < size; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[at] = state >>> 24;
  }
  return bytes;
}

/** Gives the page's file input a file, as a person who chooses one does. */
export const upload = (tab, name, size, seed) =>
  // The page's policy forbids to make functions of texts there.
  tab.evaluate(`(...args) => (${choose})(${bytesOf}, ...args)`, name, size, seed);

function choose(bytesOf, name, size, seed) {
  const files = new DataTransfer();
  files.items.add(new File([bytesOf(size, seed)], name));
  const input = document.querySelector("#files-input");
  input.files = files.files;
  input.dispatchEvent(new Event("change"));
}

/** From now on each position of a progress bar is noted. */
export const progressIsWatched = (tab, selector = ".transfer progress") =>
  tab.evaluate((selector) => {
    window.seenProgress = [];
    window.progressObserver?.disconnect();
    window.progressObserver = new MutationObserver((changes) => {
      for (const { target } of changes)
        if (target.matches(selector)) window.seenProgress.push(target.position);
    });
    window.progressObserver.observe(document.body, { subtree: true, attributeFilter: ["value"] });
  }, selector);

export const seenProgress = (tab) => tab.evaluate(() => window.seenProgress);

/** From now on what the page hands to the browser to be saved is kept here instead. */
export const downloadsAreKept = (tab) =>
  tab.evaluate(() => {
    const { createObjectURL } = URL;
    URL.createObjectURL = (blob) => {
      window.keptBlob = blob;
      return createObjectURL(blob);
    };
    HTMLAnchorElement.prototype.click = function () {
      window.keptName = this.download;
    };
  });

export const keptDownload = (tab) =>
  tab.evaluate(async () => {
    const content = await window.keptBlob.arrayBuffer();
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", content));
    const sha256 = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return { size: content.byteLength, sha256, name: window.keptName };
  });
