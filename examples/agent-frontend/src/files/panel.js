// The files of the sandbox: a tree, uploads into the directory that is selected, downloads of what is selected.
import { $, enable, make } from "../dom.js";
import { inWords } from "../errors.js";
import { markSection } from "../sections.js";
import { download } from "./download.js";
import { isDirectory, listDirectory, parentOf } from "./listing.js";
import { transfer } from "./transfers.js";
import { FileTree } from "./tree.js";
import { upload } from "./upload.js";

const HOME = "/home/user";

/**
 * @param {import("@superserve/sdk").Sandbox} sandbox
 * @param {import("../sandbox/state.js").SandboxState} status
 */
export function startFiles(sandbox, status) {
  const input = $("files-input");
  const body = $("files-body");
  const empty = $("files-empty");
  const tree = new FileTree($("tree"), {
    root: HOME,
    async list(path) {
      // A paused sandbox is not woken for it.
      await status.whenActive();
      return status.sends(listDirectory(sandbox, path));
    },
    onSelect: describe,
    onOpen: get,
  });
  /** @type {import("@superserve/sdk").FileWatcher | undefined} */
  let watcher;

  /** Where uploads go. */
  function target() {
    const { selected } = tree;
    return isDirectory(selected) ? selected.path : parentOf(selected.path);
  }

  function describe() {
    const { active } = status;
    empty.hidden = $("tree").children.length > 0;
    for (const id of ["files-refresh", "files-upload"]) enable($(id), active);
    const { selected } = tree;
    enable($("files-download"), active && selected.path !== HOME);
    $("files-download").textContent =
      isDirectory(selected) && selected.path !== HOME ? "Download as zip" : "Download";
    const where = make("code", {}, target());
    if (active)
      $("files-target").replaceChildren("Uploads go to ", where, ". Dropping files here works too.");
    else $("files-target").replaceChildren("The sandbox is not active: this is what was there before.");
  }

  /** Reads the tree anew; a paused sandbox is not woken for it. */
  async function refresh() {
    if (!status.active || status.problem) return;
    try {
      await tree.refresh();
      empty.textContent = "There are no files yet.";
    } catch (error) {
      empty.hidden = false;
      empty.textContent = `The files cannot be listed. ${inWords(error)}`;
    }
  }

  /** Shows what happens, while somebody looks: a browser has few connections for all its tabs. */
  async function follow() {
    if (document.hidden) {
      watcher?.return();
      watcher = undefined;
    }
    if (document.hidden || watcher || !status.active) return;
    // Another tab may have paused the sandbox a moment ago.
    const mine = sandbox.files.watch(HOME, { recursive: true, wake: false });
    watcher = mine;
    try {
      for await (const event of mine) {
        if (event.type === "ready") refresh();
        else tree.take(event);
      }
    } catch (error) {
      console.warn("the files are not watched any more:", error);
    }
    if (watcher === mine) watcher = undefined;
  }

  /** @param {Iterable<File> | undefined | null} files */
  function put(files) {
    const directory = target();
    markSection("files");
    for (const file of files ?? []) {
      const path = `${directory}/${file.name}`;
      transfer(status, "Upload", file.name, (how) => upload(status, file, path, how));
    }
  }

  /** @param {import("../types.d.ts").Entry} entry */
  function get(entry) {
    transfer(status, "Download", entry.name, (how) => download(sandbox, entry, how));
  }

  $("files-refresh").onclick = refresh;
  $("files-download").onclick = () => get(tree.selected);
  $("files-upload").onclick = () => input.click();
  input.onchange = () => {
    put(input.files);
    // The same file may be chosen again.
    input.value = "";
  };
  for (const name of /** @type {const} */ (["dragenter", "dragover"])) {
    body.addEventListener(name, (event) => {
      if (!status.active || !event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      body.dataset.dropping = "";
    });
  }
  body.addEventListener("dragleave", ({ relatedTarget }) => {
    if (!body.contains(/** @type {Node | null} */ (relatedTarget))) delete body.dataset.dropping;
  });
  body.addEventListener("drop", (event) => {
    event.preventDefault();
    delete body.dataset.dropping;
    if (status.active) put(event.dataTransfer?.files);
  });
  status.addEventListener("change", () => {
    describe();
    refresh();
    follow();
  });
  document.addEventListener("visibilitychange", follow);
  describe();
}
